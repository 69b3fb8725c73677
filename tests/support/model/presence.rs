// An independent model of the open interactions, and a player that runs reports, questions, clock jumps,
// rotations and store faults, decoded from bytes, against the crate and the model side by side. Shared by
// the property tests and the fuzz target.

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use countersign::contact::Status;
use countersign::device::StatusQuestion;
use countersign::error::{Invalid, Reason};
use countersign::history::{Action, Outcome};
use countersign::observer::Observed;
use countersign::policy::{CLOSED_REMEMBERED, OPEN_EACH_WAY};
use countersign::random::SeededRandom;
use countersign::store::{Fault, FaultStore};
use countersign::time::{Clock, ManualClock};
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::{
    Agent, AgentId, Channel, CustomerId, Device, Direction, Error, Interaction, InteractionId,
    Issuer, Keyring, MemoryStore, Observer, Policy, Timestamp, Verifier,
};

const START: Timestamp = Timestamp::from_unix(1_800_000_000);
const MAX_AGE: Duration = Duration::from_secs(600);

#[derive(Debug, Clone)]
struct Open {
    id: usize,
    inbound: bool,
    voice: bool,
    agent: usize,
    since: Timestamp,
}

#[derive(Debug, Clone)]
struct Closed {
    id: usize,
    /// A call of the enterprise's by voice.
    rang: bool,
    at: Timestamp,
}

/// What was reported, kept in the plainest way.
#[derive(Debug, Default)]
struct Model {
    open: Vec<Open>,
    closed: Vec<Closed>,
}

#[derive(Debug, PartialEq)]
enum Told {
    Nothing,
    New { warned: bool },
    Reused,
    Full,
}

impl Model {
    /// Both lists as they stand at `now`.
    fn at(&self, now: Timestamp) -> (Vec<Open>, Vec<Closed>) {
        let young = |since: Timestamp| now.unix() < since.unix() + MAX_AGE.as_secs();
        let open = self.open.iter().filter(|open| young(open.since)).cloned().collect();
        (open, self.closed.iter().filter(|closed| young(closed.at)).cloned().collect())
    }

    fn open(&mut self, new: Open) -> Told {
        let now = new.since;
        let (mut open, closed) = self.at(now);
        let ends = |rang: bool| closed.iter().any(|one| (one.id, one.rang) == (new.id, rang));
        if ends(!new.inbound && new.voice) {
            return Told::Nothing;
        }
        let mut warned = false;
        match open.iter_mut().find(|open| open.id == new.id) {
            Some(old) if (old.inbound, old.voice) != (new.inbound, new.voice) => {
                return Told::Reused;
            }
            Some(old) if old.agent == new.agent => return Told::Nothing,
            Some(old) => old.agent = new.agent,
            // One of the other kind ended under this id.
            None if ends(new.inbound || !new.voice) => return Told::Reused,
            None => {
                let ways = open.iter().filter(|open| open.inbound == new.inbound).count();
                if ways == OPEN_EACH_WAY {
                    return Told::Full;
                }
                warned = new.voice
                    && open.iter().any(|open| open.voice && (open.inbound || new.inbound));
                open.push(new);
            }
        }
        (self.open, self.closed) = (open, closed);
        Told::New { warned }
    }

    fn close(&mut self, id: usize, inbound: bool, voice: bool, at: Timestamp) {
        let (mut open, mut closed) = self.at(at);
        let (rang, before) = (!inbound && voice, open.len());
        open.retain(|open| (open.id, open.inbound, open.voice) != (id, inbound, voice));
        let same = |one: &Closed| (one.id, one.rang) == (id, rang);
        if open.len() == before && closed.iter().any(same) {
            return;
        }
        closed.retain(|one| !same(one));
        if closed.len() == CLOSED_REMEMBERED {
            closed.remove(closed.iter().position(|one| !one.rang).unwrap_or(0));
        }
        closed.push(Closed { id, rang, at });
        (self.open, self.closed) = (open, closed);
    }

    fn status(&self, now: Timestamp) -> Status {
        let (open, _) = self.at(now);
        match open.iter().find(|open| open.inbound) {
            Some(open) => Status::TalkingToYou {
                channel: if open.voice { Channel::Voice } else { Channel::Chat },
                direction: Direction::Inbound,
                since: open.since.min(now),
            },
            // No feed says that nothing is missing.
            None if open.is_empty() => Status::Undetermined,
            None => Status::Calling,
        }
    }
}

/// Decodes events; an exhausted source yields zeros.
struct Source<'a>(&'a [u8]);

impl Source<'_> {
    fn byte(&mut self) -> u8 {
        match self.0.split_first() {
            Some((first, rest)) => {
                self.0 = rest;
                *first
            }
            None => 0,
        }
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::from(self.byte()) % bound
    }
}

#[derive(Debug, Clone, Default)]
struct Recorder(Arc<Mutex<Vec<Observed>>>);

impl Recorder {
    fn take(&self) -> Vec<Observed> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl Observer for Recorder {
    fn observe(&self, event: &Observed) {
        self.0.lock().unwrap().push(event.clone());
    }
}

/// Nothing here waits for longer than a few polls.
fn soon<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..1000 {
        if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return value;
        }
    }
    panic!("the future waits for something");
}

fn issuer() -> Issuer {
    Issuer::new("bank.example").unwrap()
}

fn alice() -> CustomerId {
    CustomerId::new("alice").unwrap()
}

fn interaction(id: usize, inbound: bool, voice: bool, by: usize) -> Interaction {
    let id = InteractionId::new(format!("call-{id}")).unwrap();
    let channel = if voice { Channel::Voice } else { Channel::Chat };
    let by = Agent::new(AgentId::new(["bob", "carol"][by]).unwrap());
    if inbound {
        Interaction::inbound(id, alice(), by, channel)
    } else {
        Interaction::outbound(id, alice(), by, channel)
    }
}

struct Player {
    ids: usize,
    model: Model,
    keyring: Keyring,
    store: FaultStore<MemoryStore>,
    clock: ManualClock,
    seen: Recorder,
    verifier: Verifier,
    phone: Device,
    seed: u64,
}

fn start(
    keyring: &Keyring,
    store: &FaultStore<MemoryStore>,
    clock: &ManualClock,
    seen: &Recorder,
    seed: u64,
) -> Verifier {
    let mut policy = Policy::default();
    policy.presence.max_age = MAX_AGE;
    Verifier::builder(issuer(), Keyring::from_bytes(&keyring.to_bytes()).unwrap())
        .store(store.clone())
        .clock(clock.clone())
        .observer(seen.clone())
        .policy(policy)
        .random(SeededRandom::new(seed))
        .signing_key(SigningKey::from_seed(&[5; 32]).unwrap())
        .build()
        .unwrap()
}

impl Player {
    fn new(ids: usize) -> Self {
        let keyring = Keyring::generate(&SeededRandom::new(7)).unwrap();
        let store = FaultStore::new(MemoryStore::new());
        let (clock, seen) = (ManualClock::new(START), Recorder::default());
        let verifier = start(&keyring, &store, &clock, &seen, 1);
        let mut keys = TrustedKeys::new(issuer());
        for key in verifier.public_keys() {
            keys.trust(*key, Purpose::Status).unwrap();
        }
        let (phone, model) = (Device::new(keys, alice()), Model::default());
        Self { ids, model, keyring, store, clock, seen, verifier, phone, seed: 1 }
    }

    /// The first answer that is not a failure of the store. A call that failed may have been carried
    /// out; repeating it gives its result.
    fn insist<T>(&self, call: impl AsyncFn() -> Result<T, Error>) -> Result<T, Error> {
        match soon(call()) {
            Err(Error::Store(_) | Error::Record(_)) => {
                self.store.heal();
                soon(call())
            }
            answer => answer,
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now().unwrap()
    }

    fn open(&mut self, from: &mut Source<'_>) {
        let (id, bits) = (from.below(self.ids), from.below(8));
        let (inbound, voice, agent) = (bits & 1 == 0, bits & 2 == 0, bits >> 2);
        let reported = interaction(id, inbound, voice, agent);
        self.seen.take();
        let answer = self.insist(async || self.verifier.contact().open(&reported).await);
        let seen = self.seen.take();
        let warned = seen.iter().any(|seen| seen.action == Action::WarnOfRelay);
        let since = self.now();
        match (self.model.open(Open { id, inbound, voice, agent, since }), answer) {
            (Told::New { warned: wanted }, Ok(())) => {
                // A call whose answer was lost does not tell; the repeated one tells it again.
                // (So does one whose first call only changed the agent.)
                let again = seen.iter().all(|seen| seen.repeated);
                assert!(warned == wanted || (warned && again), "{seen:?}");
            }
            // Or it is one that has ended, which the host hears of.
            (Told::Nothing, Ok(())) => assert!(
                seen.iter().all(|seen| {
                    seen.repeated || seen.outcome == Outcome::Refused(Reason::Ended)
                }),
                "{seen:?}"
            ),
            (Told::Reused, Err(Error::Invalid(Invalid::InteractionReused)))
            | (Told::Full, Err(Error::Refused(_))) => {}
            (told, answer) => panic!("{told:?}: {answer:?}"),
        }
    }

    fn close(&mut self, from: &mut Source<'_>) {
        let (id, bits) = (from.below(self.ids), from.below(16));
        let now = self.now();
        // Mostly of the one that is open, or else of any kind.
        let (open, _) = self.model.at(now);
        let known = open.iter().find(|open| open.id == id).filter(|_| bits >= 4);
        let (inbound, voice) =
            known.map_or((bits & 1 == 0, bits & 2 == 0), |open| (open.inbound, open.voice));
        let ended = interaction(id, inbound, voice, 0);
        self.insist(async || self.verifier.contact().close(&ended).await).unwrap();
        self.model.close(id, inbound, voice, now);
    }

    fn ask(&mut self) {
        let now = self.now();
        self.seed += 1;
        let asks = StatusQuestion::new(&SeededRandom::new(self.seed), now).unwrap();
        let before = self.store.records();
        self.seen.take();
        let status = async || self.verifier.contact().status(&alice(), asks.nonce()).await;
        let token = self.insist(status).unwrap();
        let shown = self.phone.open_status(&token, &asks, now).unwrap().status();
        assert_eq!(shown, self.model.status(now));
        assert_eq!(self.store.records(), before);
        let warned = self.seen.take().iter().any(|seen| seen.action == Action::WarnOfRelay);
        assert_eq!(warned, matches!(shown, Status::TalkingToYou { .. }));
    }

    /// Time passes, or the clock is set back.
    fn wait(&mut self, from: &mut Source<'_>) {
        let (by, back) = (Duration::from_secs(2 * u64::from(from.byte())), from.below(4) == 0);
        let clock = self.clock.now().unwrap();
        self.clock.set(if back { clock.before(by) } else { clock.after(by) });
    }

    /// The process ends and another one starts, with a new root key.
    fn restart(&mut self) {
        self.seed += 1;
        if self.keyring.root_keys().count() < 8 {
            self.keyring.rotate(&SeededRandom::new(1000 + self.seed)).unwrap();
        }
        self.verifier = start(&self.keyring, &self.store, &self.clock, &self.seen, self.seed);
    }
}

/// Plays the events that `bytes` encode and compares every answer.
pub fn play(bytes: &[u8]) {
    let mut from = Source(bytes);
    let mut player = Player::new([3, 8, 60][from.below(3)]);
    let mut steps = 0;
    while !from.0.is_empty() && steps < 300 {
        match from.below(16) {
            0..=5 => player.open(&mut from),
            6 | 7 => player.close(&mut from),
            8..=10 => player.ask(),
            11 | 12 => player.wait(&mut from),
            13 | 14 => player.store.plan(from.below(4), Fault::ALL[from.below(Fault::ALL.len())]),
            _ => player.restart(),
        }
        steps += 1;
    }
    player.store.heal();
    player.ask();
}
