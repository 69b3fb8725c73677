//! A proxy that cuts, delays and doubles what passes through it, and loses answers.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Listens on a port of its own, and passes on to another.
pub struct Proxy {
    port: u16,
    modes: Arc<Modes>,
}

#[derive(Default)]
struct Modes {
    open: Mutex<Vec<TcpStream>>,
    lose: AtomicBool,
    double: AtomicBool,
    delay: AtomicU64,
    doubled: AtomicU64,
    /// How often those that were open were made silent.
    silenced: AtomicU64,
}

impl Proxy {
    pub fn before(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let modes = Arc::new(Modes::default());
        let shared = Arc::clone(&modes);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let modes = Arc::clone(&shared);
                thread::spawn(move || serve(client, server, &modes));
            }
        });
        Self { port, modes }
    }

    pub const fn port(&self) -> u16 {
        self.port
    }

    pub fn cut(&self) {
        for stream in self.modes.open.lock().unwrap().drain(..) {
            drop(stream.shutdown(Shutdown::Both));
        }
    }

    /// Whatever is open passes nothing on any more, and stays open. What is opened from now on does.
    pub fn silence(&self) {
        self.modes.silenced.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether answers get lost.
    pub fn lose(&self, on: bool) {
        self.modes.lose.store(on, Ordering::Relaxed);
    }

    /// Whether requests are sent twice. Only for a protocol in which a request stands for itself.
    pub fn double(&self, on: bool) {
        self.modes.double.store(on, Ordering::Relaxed);
    }

    pub fn delay(&self, by: Duration) {
        self.modes.delay.store(by.as_millis().try_into().unwrap_or(0), Ordering::Relaxed);
    }

    /// How many requests were sent twice.
    pub fn doubled(&self) -> u64 {
        self.modes.doubled.load(Ordering::Relaxed)
    }
}

fn serve(client: TcpStream, port: u16, modes: &Arc<Modes>) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else { return };
    for stream in [&client, &server] {
        drop(stream.set_nodelay(true));
        modes.open.lock().unwrap().push(stream.try_clone().unwrap());
    }
    let born = modes.silenced.load(Ordering::Relaxed);
    let (back, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let shared = Arc::clone(modes);
    thread::spawn(move || {
        pass(server, back, |_| {
            shared.wait();
            shared.hold(born);
            !shared.lose.load(Ordering::Relaxed)
        });
    });
    // A request begins where the one before ended.
    let mut whole = true;
    pass(client, to, |request| {
        modes.wait();
        modes.hold(born);
        if modes.double.load(Ordering::Relaxed) && whole && request.starts_with(b"*") {
            ask_once(request, port);
            modes.doubled.fetch_add(1, Ordering::Relaxed);
        }
        whole = request.ends_with(b"\r\n");
        true
    });
}

impl Modes {
    /// Holds what came on a connection that was made silent since.
    fn hold(&self, born: u64) {
        while self.silenced.load(Ordering::Relaxed) > born {
            thread::sleep(Duration::from_secs(60));
        }
    }

    fn wait(&self) {
        match self.delay.load(Ordering::Relaxed) {
            0 => {}
            delay => thread::sleep(Duration::from_millis(delay)),
        }
    }
}

/// Sends a request on a connection of its own, and hears the beginning of the answer.
fn ask_once(request: &[u8], port: u16) {
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", port)) else { return };
    drop(server.set_read_timeout(Some(Duration::from_millis(200))));
    if server.write_all(request).is_ok() {
        drop(server.read(&mut [0; 1024]));
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, mut saw: impl FnMut(&[u8]) -> bool) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        if !saw(&buffer[..read]) || to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    drop(from.shutdown(Shutdown::Both));
    drop(to.shutdown(Shutdown::Both));
}
