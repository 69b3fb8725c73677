// An independent model of the callback ceremony, and a player that runs a sequence of events, decoded
// from bytes, against the crate and the model side by side. Shared by the property tests and the fuzz
// target.

use std::collections::HashMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use countersign::callback::{AmendmentRequest, BookingRequest, CallbackStatus, Verdict};
use countersign::page::Page;
use countersign::random::SeededRandom;
use countersign::time::ManualClock;
use countersign::{
    Agent, AgentId, Assignee, CallbackId, Channel, CustomerId, Error, Interaction, InteractionId,
    Issuer, Keyring, MemoryStore, Policy, RequestId, TeamId, Timestamp, Verifier, Window,
};

const START: u64 = 1_800_000_000;
const WORDS: [&str; 4] = ["anana", "banana", "cherry", "damson plum"];
const CHANNELS: [Channel; 4] = [Channel::Voice, Channel::Chat, Channel::Email, Channel::Social];
const CONCLUDE_WITHIN: u64 = 24 * 3600;

/// What an amendment asks for: word, end of the window, channel and assignee, where named.
type Change = (Option<usize>, Option<u64>, Option<usize>, Option<usize>);

/// What the model knows of one booking. Times are seconds.
#[derive(Debug, Clone)]
struct Booking {
    booked_as: (u64, u64, usize, usize, usize),
    from: u64,
    until: u64,
    channel: usize,
    assignee: usize,
    word: usize,
    amendments: Vec<(u8, Change)>,
    shown: Vec<(u8, u8)>,
    reported: bool,
    leaked: bool,
    /// Words that had leaked and were replaced.
    leaked_words: Vec<usize>,
    /// A caller was reported after the end.
    late: bool,
    reports: usize,
    end: Option<(CallbackStatus, Option<(u8, u8)>)>,
    touched: u64,
    refusals: u32,
}

/// What an operation answers.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Answer {
    Status(CallbackStatus),
    Word(String),
    Refused,
    Invalid,
}

#[derive(Debug, Default)]
struct Model {
    now: u64,
    /// By customer and request number.
    bookings: Vec<((u8, u8), Booking)>,
    reveals: usize,
    amendments: usize,
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

    fn below(&mut self, bound: u8) -> u8 {
        self.byte() % bound
    }
}

fn assignee(number: usize) -> Option<Assignee> {
    match number {
        1 => AgentId::new("agent-1").ok().map(Assignee::Agent),
        2 => TeamId::new("team-2").ok().map(Assignee::Team),
        _ => None,
    }
}

/// Agent 2 acts for the team 2.
fn agent(number: u8) -> Agent {
    let agent = Agent::new(AgentId::new(format!("agent-{number}")).unwrap());
    if number == 2 { agent.in_team(TeamId::new("team-2").unwrap()) } else { agent }
}

fn customer(number: u8) -> CustomerId {
    CustomerId::new(format!("customer-{number}")).unwrap()
}

impl Booking {
    fn deadline(&self) -> u64 {
        if self.shown.is_empty() { self.until } else { self.until + CONCLUDE_WITHIN }
    }

    fn status(&self) -> CallbackStatus {
        match self.end {
            Some((end, _)) => end,
            None if self.shown.is_empty() => CallbackStatus::Booked,
            None => CallbackStatus::Revealed,
        }
    }

    /// The time as this record knows it, and expiry at that time.
    fn apply_receipt(&mut self, now: u64) -> u64 {
        let now = now.max(self.touched);
        if self.end.is_none() && self.deadline() <= now {
            self.end = Some((CallbackStatus::Expired, None));
            self.touched = now;
        }
        now
    }

    fn may_see(&self, now: u64, clock: u64, call: &Call, reveals: usize) -> bool {
        let assigned = match self.assignee {
            0 => true,
            number => usize::from(call.agent) == number,
        };
        let known = self.shown.iter().find(|(id, _)| *id == call.id);
        self.end.is_none()
            && call.outbound
            && call.channel == self.channel
            && assigned
            && self.from <= now
            && now < self.until
            // A clock that was ahead does not open the window; clocks may differ by 30 seconds.
            && self.from <= clock + 30
            && match known {
                Some((_, agent)) => *agent == call.agent,
                None => self.shown.len() < reveals,
            }
    }

    /// Whoever saw the word may give up until the booking ends.
    fn is_its_call(&self, call: &Call) -> bool {
        self.end.is_none()
            && call.outbound
            && call.channel == self.channel
            && self.shown.contains(&(call.id, call.agent))
    }

    fn end(&mut self, status: CallbackStatus, by: Option<(u8, u8)>, now: u64) -> Answer {
        self.end = Some((status, by));
        self.touched = now;
        Answer::Status(status)
    }
}

impl Model {
    fn find(&mut self, customer: u8, request: u8) -> Option<&mut Booking> {
        let found = self.bookings.iter_mut().find(|(key, _)| *key == (customer, request));
        found.map(|(_, booking)| booking)
    }
}

#[derive(Debug, Clone, Copy)]
struct Call {
    id: u8,
    agent: u8,
    channel: usize,
    outbound: bool,
    customer: u8,
}

impl Call {
    /// Mostly the right one, now and then not.
    fn read(from: &mut Source<'_>) -> Self {
        let odd = from.byte();
        Self {
            id: from.below(4),
            agent: if odd & 1 == 0 { 2 } else { from.below(3) },
            channel: if odd & 6 == 0 { usize::from(from.below(4)) } else { 0 },
            outbound: odd & 0x18 != 0,
            customer: if odd & 0xE0 == 0 { from.below(2) } else { 0 },
        }
    }

    fn interaction(self) -> Interaction {
        let id = InteractionId::new(format!("call-{}", self.id)).unwrap();
        let channel = CHANNELS[self.channel];
        if self.outbound {
            Interaction::outbound(id, customer(self.customer), agent(self.agent), channel)
        } else {
            Interaction::inbound(id, customer(self.customer), agent(self.agent), channel)
        }
    }
}

/// The memory store is always ready.
fn now_or_never<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the memory store never waits"),
    }
}

fn answer<T>(result: Result<T, Error>, of: impl FnOnce(T) -> Answer) -> Answer {
    match result {
        Ok(value) => of(value),
        Err(Error::Refused(_)) => Answer::Refused,
        Err(Error::Invalid(_)) => Answer::Invalid,
        Err(other) => panic!("no store fails here: {other:?}"),
    }
}

struct Player {
    model: Model,
    clock: ManualClock,
    store: MemoryStore,
    keyring: Keyring,
    policy: Policy,
    verifier: Verifier,
    ids: HashMap<(u8, u8), CallbackId>,
    seed: u64,
}

impl Player {
    fn new(reveals: u8, amendments: u8) -> Self {
        let clock = ManualClock::new(Timestamp::from_unix(START));
        let store = MemoryStore::new();
        let keyring = Keyring::generate(&SeededRandom::new(1)).unwrap();
        let mut policy = Policy::default();
        policy.callbacks.reveals = reveals;
        policy.callbacks.amendments = amendments;
        let verifier = restart(&keyring, &store, &clock, &policy, 1);
        let model = Model {
            now: START,
            reveals: usize::from(reveals),
            amendments: usize::from(amendments),
            ..Model::default()
        };
        Self { model, clock, store, keyring, policy, verifier, ids: HashMap::new(), seed: 1 }
    }

    /// The id of a booking, or one that does not exist.
    fn id(&self, customer: u8, request: u8) -> CallbackId {
        let unknown = || "00000000000000000000000000".parse().unwrap();
        self.ids.get(&(customer, request)).copied().unwrap_or_else(unknown)
    }

    fn book(&mut self, from: &mut Source<'_>) {
        let (who, request) = (from.below(2), from.below(3));
        let (start, length) = (u64::from(from.byte()) * 60, u64::from(from.below(200)) * 60);
        let channel = usize::from(from.below(8)).saturating_sub(4);
        let (assignee_number, word) = (usize::from(from.below(3)), usize::from(from.below(4)));
        let now = self.model.now;
        let (since, until) = (now + start, now + start + length + 1);
        let window = Window::new(Timestamp::from_unix(since), Timestamp::from_unix(until)).unwrap();
        let request_id = RequestId::new(format!("request-{request}")).unwrap();
        let word_set = WORDS[word].parse().unwrap();
        let mut new = BookingRequest::new(request_id, window, CHANNELS[channel], word_set);
        if let Some(to) = assignee(assignee_number) {
            new = new.assigned_to(to);
        }
        let booked_as = (since, until, channel, assignee_number, word);
        let wanted = match self.model.find(who, request) {
            Some(booking) => {
                let (since, until, channel, assignee, word) = booking.booked_as;
                let same = (since, until, channel, assignee)
                    == (booked_as.0, booked_as.1, booked_as.2, booked_as.3);
                let comparable = booking.end.is_none() && booking.amendments.is_empty();
                if same && (!comparable || word == booked_as.4) {
                    booking.apply_receipt(now);
                    Answer::Status(booking.status())
                } else {
                    Answer::Invalid
                }
            }
            None if channel >= 2 => Answer::Invalid,
            None => {
                let booking = Booking {
                    booked_as,
                    from: since,
                    until,
                    channel,
                    assignee: assignee_number,
                    word,
                    amendments: Vec::new(),
                    shown: Vec::new(),
                    reported: false,
                    leaked: false,
                    leaked_words: Vec::new(),
                    late: false,
                    reports: 0,
                    end: None,
                    touched: now,
                    refusals: 0,
                };
                self.model.bookings.push(((who, request), booking));
                Answer::Status(CallbackStatus::Booked)
            }
        };
        let result = now_or_never(self.verifier.callbacks().book(&customer(who), &new));
        if let Ok(booked) = &result {
            self.ids.insert((who, request), booked.id);
        }
        assert_eq!(answer(result, |booked| Answer::Status(booked.status)), wanted);
    }

    fn amend(&mut self, from: &mut Source<'_>) {
        let (who, request, amendment) = (from.below(2), from.below(3), from.below(20));
        let what = from.byte();
        let word = usize::from(from.below(4));
        let length = u64::from(from.below(200)) * 60;
        let channel = usize::from(from.below(4));
        let to = usize::from(from.below(3));
        let now = self.model.now;
        let allowed = self.model.amendments;
        let request_id = RequestId::new(format!("amendment-{amendment}")).unwrap();
        let mut change = AmendmentRequest::new(request_id);
        // Few ends, so that the same one is asked for again.
        let until = START + (length / 1800) * 1800;
        if what & 1 != 0 {
            change = change.secret(WORDS[word].parse().unwrap());
        }
        if what & 2 != 0 {
            let ends = [START - 3600, until].map(Timestamp::from_unix);
            change = change.window(Window::new(ends[0], ends[1]).unwrap());
        }
        if what & 4 != 0 {
            change = change.channel(CHANNELS[channel]);
        }
        if what & 8 != 0 {
            change = change.assigned_to(assignee(to));
        }
        let asked = (
            (what & 1 != 0).then_some(word),
            (what & 2 != 0).then_some(until),
            (what & 4 != 0).then_some(channel),
            (what & 8 != 0).then_some(to),
        );
        let wanted = match self.model.find(who, request) {
            None => Answer::Refused,
            Some(booking) => {
                let now = booking.apply_receipt(now);
                let earlier = booking.amendments.iter().position(|(id, _)| *id == amendment);
                if let Some(at) = earlier {
                    let (_, made) = booking.amendments[at];
                    let comparable = booking.end.is_none() && at + 1 == booking.amendments.len();
                    let same_word =
                        made.0.is_some() == asked.0.is_some() && (!comparable || made.0 == asked.0);
                    if same_word && (made.1, made.2, made.3) == (asked.1, asked.2, asked.3) {
                        Answer::Status(booking.status())
                    } else {
                        Answer::Invalid
                    }
                } else if booking.end.is_some() || !booking.shown.is_empty() {
                    Answer::Refused
                } else if what & 15 == 0
                    || booking.amendments.len() >= allowed
                    || (what & 2 != 0 && until <= now)
                    || (what & 4 != 0 && channel >= 2)
                {
                    Answer::Invalid
                } else {
                    if what & 1 != 0 {
                        if booking.word != word {
                            if booking.leaked {
                                booking.leaked_words.push(booking.word);
                            }
                            booking.reported = false;
                            booking.leaked = booking.leaked_words.contains(&word);
                        }
                        booking.word = word;
                    }
                    if what & 2 != 0 {
                        (booking.from, booking.until) = (START - 3600, until);
                    }
                    if what & 4 != 0 {
                        booking.channel = channel;
                    }
                    if what & 8 != 0 {
                        booking.assignee = to;
                    }
                    booking.amendments.push((amendment, asked));
                    booking.touched = now;
                    Answer::Status(CallbackStatus::Booked)
                }
            }
        };
        let id = self.id(who, request);
        let callbacks = self.verifier.callbacks();
        let result = now_or_never(callbacks.amend(&customer(who), &id, &change));
        assert_eq!(answer(result, |booked| Answer::Status(booked.status)), wanted);
    }

    fn cancel(&mut self, from: &mut Source<'_>) {
        let (who, request) = (from.below(2), from.below(3));
        let now = self.model.now;
        let wanted = self.model.find(who, request).map_or(Answer::Refused, |booking| {
            let now = booking.apply_receipt(now);
            match booking.end {
                None => booking.end(CallbackStatus::Cancelled, None, now),
                Some((end @ CallbackStatus::Cancelled, _)) => Answer::Status(end),
                Some(_) => Answer::Refused,
            }
        });
        let id = self.id(who, request);
        let result = now_or_never(self.verifier.callbacks().cancel(&customer(who), &id));
        assert_eq!(answer(result, |booked| Answer::Status(booked.status)), wanted);
    }

    fn conclude(&mut self, from: &mut Source<'_>) {
        let (who, request, recognised) = (from.below(2), from.below(3), from.below(2) == 0);
        let (verdict, status) = if recognised {
            (Verdict::Recognised, CallbackStatus::Recognised)
        } else {
            (Verdict::NotRecognised, CallbackStatus::NotRecognised)
        };
        let now = self.model.now;
        let wanted = self.model.find(who, request).map_or(Answer::Refused, |booking| {
            let now = booking.apply_receipt(now);
            match booking.end {
                Some((end, _)) if end == status => Answer::Status(end),
                Some(_) if recognised => Answer::Refused,
                Some((end, _)) => {
                    if !booking.late {
                        booking.touched = now;
                        booking.reports += 1;
                    }
                    booking.late = true;
                    Answer::Status(end)
                }
                None if !booking.shown.is_empty() => booking.end(status, None, now),
                None if recognised => {
                    if !booking.leaked {
                        booking.refusals += 1;
                        booking.touched = now;
                    }
                    booking.leaked = true;
                    Answer::Refused
                }
                None => {
                    if !booking.reported {
                        booking.touched = now;
                        booking.reports += 1;
                    }
                    booking.reported = true;
                    Answer::Status(CallbackStatus::Booked)
                }
            }
        });
        let id = self.id(who, request);
        let callbacks = self.verifier.callbacks();
        let result = now_or_never(callbacks.conclude(&customer(who), &id, verdict));
        assert_eq!(answer(result, |booked| Answer::Status(booked.status)), wanted);
    }

    fn reveal(&mut self, from: &mut Source<'_>) {
        let call = Call::read(from);
        let (who, request) = (call.customer, from.below(3));
        let (now, reveals) = (self.model.now, self.model.reveals);
        let wanted = self.model.find(who, request).map_or(Answer::Refused, |booking| {
            let (clock, now) = (now, booking.apply_receipt(now));
            if !booking.may_see(now, clock, &call, reveals) {
                booking.refusals += 1;
                booking.touched = now;
                return Answer::Refused;
            }
            if !booking.shown.iter().any(|(id, _)| *id == call.id) {
                booking.shown.push((call.id, call.agent));
                booking.touched = now;
            }
            Answer::Word(WORDS[booking.word].to_owned())
        });
        let id = self.id(who, request);
        let result = now_or_never(self.verifier.callbacks().reveal(&call.interaction(), &id));
        assert_eq!(answer(result, |word| Answer::Word(word.as_str().to_owned())), wanted);
    }

    fn abandon(&mut self, from: &mut Source<'_>) {
        let call = Call::read(from);
        let (who, request) = (call.customer, from.below(3));
        let (now, reveals) = (self.model.now, self.model.reveals);
        let wanted = self.model.find(who, request).map_or(Answer::Refused, |booking| {
            let (clock, now) = (now, booking.apply_receipt(now));
            match booking.end {
                Some((end @ CallbackStatus::NoAnswer, Some(by)))
                    if by == (call.id, call.agent) && call.outbound =>
                {
                    Answer::Status(end)
                }
                _ if booking.is_its_call(&call) || booking.may_see(now, clock, &call, reveals) => {
                    booking.end(CallbackStatus::NoAnswer, Some((call.id, call.agent)), now)
                }
                _ => {
                    booking.refusals += 1;
                    booking.touched = now;
                    Answer::Refused
                }
            }
        });
        let id = self.id(who, request);
        let result = now_or_never(self.verifier.callbacks().abandon(&call.interaction(), &id));
        assert_eq!(answer(result, |booked| Answer::Status(booked.status)), wanted);
    }

    /// Time passes, or the clock is set back.
    fn wait(&mut self, from: &mut Source<'_>) {
        let (minutes, back) = (u64::from(from.byte()) * 5, from.below(4) == 0);
        let now = self.model.now;
        self.model.now = if back { (now - minutes * 60).max(START) } else { now + minutes * 60 };
        self.clock.set(Timestamp::from_unix(self.model.now));
    }

    /// The process ends and another one starts, with a new root key.
    fn restart(&mut self) {
        self.seed += 1;
        if self.keyring.root_keys().count() < 8 {
            self.keyring.rotate(&SeededRandom::new(1000 + self.seed)).unwrap();
        }
        self.verifier = restart(&self.keyring, &self.store, &self.clock, &self.policy, self.seed);
    }

    /// Everything that can be seen is as the model says, and the histories lead to their heads.
    fn compare(&mut self) {
        let now = self.model.now;
        for who in 0..2 {
            let listed =
                now_or_never(self.verifier.callbacks().list(&customer(who), Page::first()));
            let listed = listed.unwrap().items;
            let histories = now_or_never(self.verifier.history(&customer(who), Page::first()));
            let histories = histories.unwrap().items;
            let mine = self.model.bookings.iter_mut().filter(|((owner, _), _)| *owner == who);
            let mut count = 0;
            for ((_, request), booking) in mine {
                booking.apply_receipt(now);
                let id = self.ids[&(who, *request)];
                let callback = listed.iter().find(|callback| callback.id == id).unwrap();
                assert_eq!(callback.status, booking.status());
                assert_eq!(callback.window.from().unix(), booking.from);
                assert_eq!(callback.window.until().unix(), booking.until);
                assert_eq!(callback.channel, CHANNELS[booking.channel]);
                assert_eq!(callback.assignee, assignee(booking.assignee));
                assert_eq!(usize::from(callback.reveals), booking.shown.len());
                assert_eq!(callback.reported, booking.reported || booking.late);
                assert_eq!(callback.leaked, booking.leaked);
                let subject = countersign::history::Subject::Callback(id);
                let history = histories.iter().find(|history| history.subject == subject).unwrap();
                history.verify().unwrap();
                assert_eq!(history.refusals, booking.refusals);
                let done = history
                    .events
                    .iter()
                    .filter(|event| event.outcome == countersign::history::Outcome::Done)
                    .count();
                let events = 1
                    + booking.amendments.len()
                    + booking.shown.len()
                    + booking.reports
                    + usize::from(booking.end.is_some());
                assert_eq!(done, events);
                assert!(history.events.is_sorted_by_key(|event| event.at));
                count += 1;
            }
            assert_eq!(listed.len(), count);
            assert_eq!(histories.len(), count);
        }
    }
}

/// Plays the events that `bytes` encode and compares every answer, and the whole state in the end.
pub fn play(bytes: &[u8]) {
    let mut from = Source(bytes);
    let mut player = Player::new(1 + from.below(3), from.below(4));
    let mut steps = 0;
    while !from.0.is_empty() && steps < 200 {
        match from.below(16) {
            0 | 1 => player.book(&mut from),
            2 | 3 => player.amend(&mut from),
            4 => player.cancel(&mut from),
            5 | 6 => player.conclude(&mut from),
            7..=10 => player.reveal(&mut from),
            11 => player.abandon(&mut from),
            12 | 13 => player.wait(&mut from),
            14 => player.compare(),
            _ => player.restart(),
        }
        steps += 1;
    }
    player.compare();
}

fn restart(
    keyring: &Keyring,
    store: &MemoryStore,
    clock: &ManualClock,
    policy: &Policy,
    seed: u64,
) -> Verifier {
    Verifier::builder(
        Issuer::new("bank.example").unwrap(),
        Keyring::from_bytes(&keyring.to_bytes()).unwrap(),
    )
    .store(store.clone())
    .clock(clock.clone())
    .policy(policy.clone())
    .random(SeededRandom::new(seed))
    .build()
    .unwrap()
}
