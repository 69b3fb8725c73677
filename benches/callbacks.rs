//! A whole `book`, `reveal` and `conclude` on `MemoryStore`, beside the sum of the primitives that
//! each of them needs: randomness, owner tag, HKDF, key set-up, AES-GCM. And two threads beside one.

#[path = "../tests/support/between.rs"]
mod between;

use std::cell::{Cell, RefCell};
use std::hint::black_box;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use between::{Between, Via};
use countersign::callback::{BookingRequest, Verdict};
use countersign::store::{
    Expected, Listed, News, Place, Position, Put, Range, Record, Store, StoreError,
};
use countersign::time::ManualClock;
use countersign::{
    Agent, AgentId, CallbackId, Channel, CustomerId, Interaction, InteractionId, Issuer, Keyring,
    MemoryStore, OsRandom, RequestId, Timestamp, Verifier, Window,
};
use hmac::{Hmac, KeyInit, Mac};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Prk, Salt};
use ring::rand::{SecureRandom, SystemRandom};
use sha2::{Digest, Sha256};
use side_by_side::{case, compare, median, prepared};

const START: Timestamp = Timestamp::from_unix(1_800_000_000);

fn now_or_never<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the memory store never waits"),
    }
}

fn verifier(store: impl Store) -> Verifier {
    let keyring = Keyring::generate(&OsRandom::new()).unwrap();
    Verifier::builder(Issuer::new("bank.example").unwrap(), keyring)
        .store(store)
        .clock(ManualClock::new(START))
        .build()
        .unwrap()
}

fn window() -> Window {
    Window::new(START, START.after(Duration::from_secs(3600))).unwrap()
}

fn booking(n: usize) -> BookingRequest {
    let request = RequestId::new(format!("request-{n}")).unwrap();
    BookingRequest::new(request, window(), Channel::Voice, "anana".parse().unwrap())
}

fn customer(n: usize) -> CustomerId {
    CustomerId::new(format!("customer-{n}")).unwrap()
}

fn call(n: usize) -> Interaction {
    Interaction::outbound(
        InteractionId::new(format!("call-{n}")).unwrap(),
        customer(n),
        Agent::new(AgentId::new("bob").unwrap()),
        Channel::Voice,
    )
}

/// The primitives, set up once as the verifier has them.
struct Primitives {
    random: SystemRandom,
    locator: Hmac<Sha256>,
    root: Prk,
}

impl Primitives {
    fn new() -> Self {
        Self {
            random: SystemRandom::new(),
            locator: Hmac::new_from_slice(&[7; 32]).unwrap(),
            root: Salt::new(HKDF_SHA256, b"countersign root v1").extract(&[9; 32]),
        }
    }

    /// What an operation needs: `tags` HMACs with the locator key, one record key, and the sealing
    /// of `sealed` bytes, after the opening of `opened` bytes if there is a record.
    fn run(&self, tags: usize, opened: Option<&[u8]>, sealed: usize) {
        self.five(tags, opened, sealed);
    }

    /// The same, and the SHA-256 that links an event of usual length into the history.
    fn run_linked(&self, tags: usize, opened: Option<&[u8]>, sealed: usize) {
        self.five(tags, opened, sealed);
        black_box(Sha256::digest(black_box([3; 161])));
    }

    fn five(&self, tags: usize, opened: Option<&[u8]>, sealed: usize) {
        let mut random = [0; 28];
        self.random.fill(&mut random).unwrap();
        for tag in 0..tags {
            let mut mac = self.locator.clone();
            mac.update(&[u8::try_from(tag).unwrap(); 90]);
            black_box(mac.finalize().into_bytes());
        }
        let info = [[3_u8; 103].as_slice()];
        let key = self.root.expand(&info, &AES_256_GCM).unwrap();
        let key = LessSafeKey::new(UnboundKey::from(key));
        let nonce = || Nonce::assume_unique_for_key([5; 12]);
        if let Some(opened) = opened {
            let mut body = opened.to_vec();
            let opened = key.open_in_place(nonce(), Aad::from([1; 163]), &mut body);
            black_box(opened.unwrap());
        }
        let mut body = vec![0; sealed];
        body.reserve(16);
        key.seal_in_place_append_tag(nonce(), Aad::from([1; 163]), &mut body).unwrap();
        black_box(&body);
    }

    /// A body of so many bytes, sealed so that `run` can open it.
    fn sealed(&self, length: usize) -> Vec<u8> {
        let info = [[3_u8; 103].as_slice()];
        let key = self.root.expand(&info, &AES_256_GCM).unwrap();
        let key = LessSafeKey::new(UnboundKey::from(key));
        let mut body = vec![0; length];
        let nonce = Nonce::assume_unique_for_key([5; 12]);
        key.seal_in_place_append_tag(nonce, Aad::from([1; 163]), &mut body).unwrap();
        body
    }
}

/// Counts the calls, and remembers the size of what was last written.
#[derive(Clone)]
struct Counting {
    inner: MemoryStore,
    calls: Arc<AtomicUsize>,
    written: Arc<AtomicUsize>,
}

impl Between for Counting {
    type Under = MemoryStore;

    fn under(&self) -> &MemoryStore {
        &self.inner
    }

    async fn load(&self, at: &Place, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.inner.load(at, now).await
    }

    async fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        news: News<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.written.store(new.sealed.len(), Ordering::Relaxed);
        self.inner.put_if(at, expected, new, news, now).await
    }

    async fn list(
        &self,
        lane: u8,
        owner: &[u8; 16],
        range: Range,
        now: Timestamp,
    ) -> Result<Listed<(Place, Record), Position>, StoreError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.inner.list(lane, owner, range, now).await
    }
}

fn main() {
    // How many store calls each makes, and how large its record is: format, key id, nonce and tag
    // are 37 bytes around the body.
    let counting =
        Counting { inner: MemoryStore::new(), calls: Arc::default(), written: Arc::default() };
    let bank = verifier(Via(counting.clone()));
    let measured = || {
        let size = counting.written.load(Ordering::Relaxed) - 37;
        (counting.calls.swap(0, Ordering::Relaxed), size)
    };
    let id = now_or_never(bank.callbacks().book(&customer(1), &booking(1))).unwrap().id;
    let booked = measured();
    now_or_never(bank.callbacks().reveal(&call(1), &id)).unwrap();
    let revealed = measured();
    now_or_never(bank.callbacks().conclude(&customer(1), &id, Verdict::Recognised)).unwrap();
    let concluded = measured();
    println!(
        "store calls and bytes of the body: book {booked:?}, reveal {revealed:?}, conclude {concluded:?}"
    );
    // A booking looks at its own place, at what is known of the customer, at the open bookings, and at the newest.
    assert_eq!([booked.0, revealed.0, concluded.0], [6, 2, 2]);

    let primitives = Primitives::new();
    let next = Cell::new(0_usize);
    let bank = RefCell::new(None);
    compare(
        "book",
        vec![
            case("sum of the primitives", || primitives.run(4, None, booked.1)),
            case("sum with the history's hash", || primitives.run_linked(4, None, booked.1)),
            prepared(
                "countersign",
                |calls| {
                    next.set(0);
                    bank.replace(Some(Filled::new(calls, 0)));
                },
                || {
                    let n = next.replace(next.get() + 1);
                    let bank = bank.borrow();
                    let Filled { verifier, bookings, calls, .. } = bank.as_ref().unwrap();
                    let customer = &calls[n].customer;
                    let booked = verifier.callbacks().book(customer, &bookings[n]);
                    black_box(now_or_never(booked).unwrap());
                },
            ),
        ],
    );

    let sealed = primitives.sealed(booked.1);
    compare(
        "reveal",
        vec![
            case("sum of the primitives", || primitives.run(2, Some(&sealed), revealed.1)),
            case("sum with the history's hash", || {
                primitives.run_linked(2, Some(&sealed), revealed.1)
            }),
            prepared(
                "countersign",
                |calls| {
                    next.set(0);
                    bank.replace(Some(Filled::new(calls, 1)));
                },
                || {
                    let n = next.replace(next.get() + 1);
                    let bank = bank.borrow();
                    let Filled { verifier, ids, calls, .. } = bank.as_ref().unwrap();
                    let revealed = verifier.callbacks().reveal(&calls[n], &ids[n]);
                    black_box(now_or_never(revealed).unwrap());
                },
            ),
        ],
    );

    let sealed = primitives.sealed(revealed.1);
    compare(
        "conclude",
        vec![
            case("sum of the primitives", || primitives.run(2, Some(&sealed), concluded.1)),
            case("sum with the history's hash", || {
                primitives.run_linked(2, Some(&sealed), concluded.1)
            }),
            prepared(
                "countersign",
                |calls| {
                    next.set(0);
                    bank.replace(Some(Filled::new(calls, 2)));
                },
                || {
                    let n = next.replace(next.get() + 1);
                    let bank = bank.borrow();
                    let Filled { verifier, ids, calls, .. } = bank.as_ref().unwrap();
                    let (customer, verdict) = (&calls[n].customer, Verdict::Recognised);
                    let ended = verifier.callbacks().conclude(customer, &ids[n], verdict);
                    black_box(now_or_never(ended).unwrap());
                },
            ),
        ],
    );

    if std::env::var_os("COUNTED").is_none() {
        threads();
    }
}

/// A bank and so many customers, whose callbacks have come so far.
struct Filled {
    verifier: Verifier,
    bookings: Vec<BookingRequest>,
    calls: Vec<Interaction>,
    ids: Vec<CallbackId>,
}

impl Filled {
    /// `stage` 0: not booked; 1: booked; 2: revealed.
    fn new(customers: u32, stage: u8) -> Self {
        let customers = usize::try_from(customers).unwrap();
        let verifier = verifier(MemoryStore::with_capacity(usize::MAX));
        let bookings: Vec<_> = (0..customers).map(booking).collect();
        let calls: Vec<_> = (0..customers).map(call).collect();
        let mut ids = Vec::new();
        for (booking, call) in bookings.iter().zip(&calls) {
            if stage > 0 {
                let booked = verifier.callbacks().book(&call.customer, booking);
                ids.push(now_or_never(booked).unwrap().id);
            }
            if let (2, Some(id)) = (stage, ids.last()) {
                now_or_never(verifier.callbacks().reveal(call, id)).unwrap();
            }
        }
        Self { verifier, bookings, calls, ids }
    }
}

/// The work of two threads beside that of one, in turns: whole callbacks, and the primitives alone,
/// which share nothing and so show what the machine's second processor is worth.
fn threads() {
    const CALLBACKS: usize = 3_000;
    let timed = |threads: usize, work: &(dyn Fn(usize) + Sync)| {
        let start = Barrier::new(threads + 1);
        let begun = std::thread::scope(|scope| {
            for thread in 0..threads {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    work(thread);
                });
            }
            start.wait();
            Instant::now()
        });
        begun.elapsed().as_secs_f64()
    };
    let whole = |threads: usize| {
        let bank = verifier(MemoryStore::with_capacity(usize::MAX));
        let work: Vec<Vec<(BookingRequest, Interaction)>> = (0..threads)
            .map(|thread| {
                let numbers = (0..CALLBACKS).map(|n| thread * CALLBACKS + n);
                numbers.map(|n| (booking(n), call(n))).collect()
            })
            .collect();
        timed(threads, &|thread| {
            for (booking, call) in &work[thread] {
                let customer = &call.customer;
                let booked = now_or_never(bank.callbacks().book(customer, booking));
                let id = booked.unwrap().id;
                now_or_never(bank.callbacks().reveal(call, &id)).unwrap();
                let ended = bank.callbacks().conclude(customer, &id, Verdict::Recognised);
                black_box(now_or_never(ended).unwrap());
            }
        })
    };
    let shared = Primitives::new();
    let sealed = shared.sealed(200);
    let alone = |threads: usize| {
        timed(threads, &|_| {
            for _ in 0..3 * CALLBACKS {
                shared.run(1, Some(&sealed), 200);
            }
        })
    };
    println!("\nthe work of two threads beside that of one");
    let (mut callbacks, mut primitives) = (Vec::new(), Vec::new());
    for _ in 0..25 {
        callbacks.push(2.0 * whole(1) / whole(2));
        primitives.push(2.0 * alone(1) / alone(2));
    }
    println!("  {:<44} {:>5.2}x", "the primitives alone", median(primitives));
    println!("  {:<44} {:>5.2}x", "whole callbacks", median(callbacks));
}
