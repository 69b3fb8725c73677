//! A proxy that counts round trips: how often the client speaks after the server did.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

pub struct Proxy {
    port: u16,
    trips: Arc<AtomicUsize>,
}

impl Proxy {
    pub fn before(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let trips = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&trips);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                let server = TcpStream::connect(("127.0.0.1", server)).unwrap();
                let answered = Arc::new(AtomicBool::new(true));
                let (to, back) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                let (asked, trips) = (Arc::clone(&answered), Arc::clone(&counted));
                std::thread::spawn(move || {
                    pass(client, to, || {
                        if asked.swap(false, Ordering::SeqCst) {
                            trips.fetch_add(1, Ordering::SeqCst);
                        }
                    });
                });
                std::thread::spawn(move || {
                    pass(server, back, || answered.store(true, Ordering::SeqCst));
                });
            }
        });
        Self { port, trips }
    }

    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Since it was last asked.
    pub fn trips(&self) -> usize {
        self.trips.swap(0, Ordering::SeqCst)
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, seen: impl Fn()) {
    let mut buffer = [0; 65_536];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        seen();
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    drop(to.shutdown(Shutdown::Both));
}
