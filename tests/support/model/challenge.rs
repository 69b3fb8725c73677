// An independent model of the challenge ceremony, and a player that runs a sequence of events, decoded
// from bytes, against the crate over a store that fails, and the model side by side. Shared by the
// property tests and the fuzz target.

use std::collections::{BTreeMap, HashMap};
use std::pin::pin;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use countersign::callback::Verdict;
use countersign::challenge::Channels;
use countersign::challenge::{
    Acceptance, Answer, ChallengeRequest, ChallengeStatus, Slot, SpokenProof,
};
use countersign::credential::EnrolmentRequest;
use countersign::device::{CodeAttempts, CodeCheck, DeviceCredential};
use countersign::history::{Action, Outcome, Subject};
use countersign::observer::Observed;
use countersign::otp::OtpSeed;
use countersign::page::Page;
use countersign::random::SeededRandom;
use countersign::store::{Fault, FaultStore};
use countersign::time::ManualClock;
use countersign::token::{Purpose, SigningKey, TokenId, TrustedKeys};
use countersign::{
    Agent, AgentId, Assignee, ChallengeId, Channel, CredentialId, CustomerId, Device, Error,
    Interaction, InteractionId, Issuer, Keyring, MemoryStore, Observer, Policy, RequestId, TeamId,
    Timestamp, Verifier, Window,
};

const START: u64 = 1_800_000_000;
const MINUTE: u64 = 60;
const DAY: u64 = 24 * 3600;
const WORDS: [&str; 3] = ["anana", "banana", "damson plum"];
const CHANNELS: [Channel; 2] = [Channel::Voice, Channel::Chat];
const PRESENTATIONS: usize = 2;
const APPOINTMENTS: usize = 8;

/// What an operation answers.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Said {
    Status(ChallengeStatus),
    Word(usize),
    /// The code of the appointment with this number.
    Code(usize),
    Refused,
    Invalid,
}

/// Which appointment a token is for.
fn appointment(token: &str, whose: u8, now: u64) -> TokenId {
    let mut keys = TrustedKeys::new(Issuer::new("bank.example").unwrap());
    keys.trust(*signing().public_key(), Purpose::Appointment).unwrap();
    let device = Device::new(keys, customer(whose));
    device.open_appointment(token, Timestamp::from_unix(now)).unwrap().id()
}

/// A slot by its numbers: when it starts, over which channel, to whom.
type SlotNumbers = (u64, usize, usize);

#[derive(Debug, Clone)]
struct Appointment {
    request: u8,
    slot: SlotNumbers,
    number: usize,
    word: bool,
    token: String,
    id: TokenId,
}

/// What the model knows of one challenge. Times are seconds.
#[derive(Debug, Clone)]
struct Challenge {
    id: ChallengeId,
    content: (bool, Option<SlotNumbers>),
    until: u64,
    /// Request, wish, word, and until when it may be confirmed.
    answer: Option<(u8, Option<u64>, Option<usize>, u64)>,
    word: Option<usize>,
    agreed: Option<Appointment>,
    replaced: Vec<(u8, SlotNumbers, TokenId)>,
    shown: Vec<(u8, u8)>,
    reported: bool,
    /// About which appointments a false caller was reported.
    false_callers: Vec<TokenId>,
    /// And about which after the end.
    late_callers: Vec<TokenId>,
    end: Option<ChallengeStatus>,
    /// How often it was shown, and reported, in all.
    presentations: usize,
    reports: usize,
}

const fn slot_ends(from: u64) -> u64 {
    START + from * 10 * MINUTE + 20 * MINUTE
}

impl Challenge {
    fn apply_receipt(&mut self, now: u64) {
        let deadline = match (&self.agreed, &self.answer) {
            (Some(agreed), _) if self.shown.is_empty() => slot_ends(agreed.slot.0),
            (Some(agreed), _) => slot_ends(agreed.slot.0) + DAY,
            (None, Some(answer)) => answer.3,
            (None, None) => self.until,
        };
        if self.end.is_none() && deadline <= now {
            self.finish(ChallengeStatus::Expired);
        }
    }

    fn finish(&mut self, end: ChallengeStatus) {
        self.end = Some(end);
        self.word = None;
    }

    fn status(&self) -> ChallengeStatus {
        match self.end {
            Some(end) => end,
            None if !self.shown.is_empty() => ChallengeStatus::Presented,
            None if self.agreed.is_some() => ChallengeStatus::Confirmed,
            None if self.answer.is_some() => ChallengeStatus::Answered,
            None => ChallengeStatus::Issued,
        }
    }

    fn said(&self) -> Said {
        Said::Status(self.status())
    }
}

/// Decodes events; an exhausted source yields zeros.
struct Source<'a>(&'a [u8]);

impl Source<'_> {
    fn byte(&mut self, below: u8) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        first % below
    }

    fn flag(&mut self) -> bool {
        self.byte(2) == 1
    }
}

#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<Observed>>>);

impl Observer for Seen {
    fn observe(&self, event: &Observed) {
        self.0.lock().unwrap().push(event.clone());
    }
}

/// Polls until it is ready: nothing here waits for anything outside.
fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

struct World {
    verifier: Verifier,
    store: FaultStore<MemoryStore>,
    clock: ManualClock,
    seen: Seen,
    device: DeviceCredential,
    credential: bool,
    now: u64,
    challenges: BTreeMap<(u8, u8), Challenge>,
    appointments: usize,
    codes: HashMap<usize, String>,
}

fn customer(number: u8) -> CustomerId {
    CustomerId::new(["alice", "mallory"][usize::from(number)]).unwrap()
}

fn request(kind: &str, number: u8) -> RequestId {
    RequestId::new(format!("{kind}-{number}")).unwrap()
}

fn window(from: u64) -> Window {
    let start = START + from * 10 * MINUTE;
    Window::new(Timestamp::from_unix(start), Timestamp::from_unix(slot_ends(from))).unwrap()
}

fn slot((from, channel, to): SlotNumbers) -> Slot {
    let assignee = match to {
        0 => Assignee::Agent(AgentId::new("agent-0").unwrap()),
        _ => Assignee::Team(TeamId::new(format!("team-{}", to - 1)).unwrap()),
    };
    Slot::new(window(from), CHANNELS[channel], assignee, "Bob".parse().unwrap())
}

fn signing() -> SigningKey {
    SigningKey::from_seed(&[5; 32]).unwrap()
}

/// The device's bytes and first code: the same each time, and slow to make.
fn enrolled(id: CredentialId, seed: &OtpSeed) -> (DeviceCredential, String) {
    static MADE: OnceLock<(Vec<u8>, String)> = OnceLock::new();
    let (bytes, code) = MADE.get_or_init(|| {
        let pin = "2468".parse().unwrap();
        let random = SeededRandom::new(3);
        let device = DeviceCredential::enrol(id, seed, &pin, None, &random).unwrap();
        let code = device.confirm(&pin).unwrap().expose().to_owned();
        (device.to_bytes().to_vec(), code)
    });
    (DeviceCredential::from_bytes(bytes).unwrap(), code.clone())
}

impl World {
    fn new() -> Self {
        let store = FaultStore::new(MemoryStore::new());
        let clock = ManualClock::new(Timestamp::from_unix(START));
        let seen = Seen::default();
        let mut policy = Policy::default();
        policy.challenges.presentations = u8::try_from(PRESENTATIONS).unwrap();
        policy.challenges.per_customer = 20;
        let keyring = Keyring::generate(&SeededRandom::new(7)).unwrap();
        let verifier = Verifier::builder(Issuer::new("bank.example").unwrap(), keyring)
            .store(store.clone())
            .clock(clock.clone())
            .observer(seen.clone())
            .random(SeededRandom::new(1))
            .signing_key(signing())
            .policy(policy)
            .build()
            .unwrap();
        let enrolment = EnrolmentRequest::ocra(request("app", 0));
        let given = ready(verifier.credentials().enrol(&customer(0), &enrolment)).unwrap();
        let seed = OtpSeed::from_base32(given.base32().unwrap()).unwrap();
        let (device, code) = enrolled(given.credential.id, &seed);
        let code = code.parse().unwrap();
        ready(verifier.credentials().confirm(&customer(0), &device.id(), &code)).unwrap();
        Self {
            verifier,
            store,
            clock,
            seen,
            device,
            credential: true,
            now: START,
            challenges: BTreeMap::new(),
            appointments: 0,
            codes: HashMap::new(),
        }
    }

    /// Repeats a call until the store has said what became of it.
    fn settled<T, F: Future<Output = Result<T, Error>>>(
        &self,
        call: impl Fn() -> F,
    ) -> Result<T, Error> {
        for _ in 0..12 {
            match ready(call()) {
                Err(Error::Store(_) | Error::Record(_)) => {}
                settled => {
                    self.store.heal();
                    return settled;
                }
            }
        }
        panic!("the planned faults are used up by now");
    }

    fn id(&self, at: (u8, u8)) -> ChallengeId {
        let unknown = || "00000000000000000000000000".parse().unwrap();
        self.challenges.get(&at).map_or_else(unknown, |one| one.id)
    }

    fn issue(&mut self, at: (u8, u8), other: bool, fixed: Option<SlotNumbers>) {
        let channels = Channels::new(&CHANNELS).unwrap();
        let purpose = format!("{} {}", at.0, at.1).parse().unwrap();
        let mut challenge = ChallengeRequest::new(request("i", at.1), purpose, channels)
            .valid_for(Duration::from_secs(if other { 600 } else { 1800 }));
        if let Some(numbers) = fixed {
            challenge = challenge.at(slot(numbers));
        }
        let who = customer(at.0);
        let found = self.settled(|| self.verifier.challenges().issue(&who, &challenge));
        let content = (other, fixed);
        let has_credential = at.0 == 0 && self.credential;
        if let Some(one) = self.challenges.get_mut(&at) {
            one.apply_receipt(self.now);
            let wanted = if one.content == content { one.said() } else { Said::Invalid };
            assert_eq!(said(found.map(|issued| issued.challenge.status)), wanted);
            return;
        }
        let over = fixed.is_some_and(|(from, ..)| slot_ends(from) <= self.now);
        let wanted = match fixed {
            Some(_) if over => Said::Invalid,
            Some(_) if !has_credential => Said::Refused,
            Some(_) => Said::Status(ChallengeStatus::Confirmed),
            None => Said::Status(ChallengeStatus::Issued),
        };
        let issued = match found {
            Ok(issued) => issued,
            Err(error) => return assert_eq!(said(Err(error)), wanted),
        };
        assert_eq!(Said::Status(issued.challenge.status), wanted);
        let agreed = fixed.map(|slot| {
            let token = issued.appointment.clone().unwrap();
            let id = appointment(&token, at.0, self.now);
            Appointment {
                request: u8::MAX,
                slot,
                number: self.appointments,
                word: false,
                token,
                id,
            }
        });
        self.appointments += usize::from(agreed.is_some());
        let one = Challenge {
            id: issued.challenge.id,
            content,
            until: self.now + if other { 600 } else { 1800 },
            answer: None,
            word: None,
            agreed,
            replaced: Vec::new(),
            shown: Vec::new(),
            reported: false,
            false_callers: Vec::new(),
            late_callers: Vec::new(),
            end: None,
            presentations: 0,
            reports: 0,
        };
        self.challenges.insert(at, one);
    }

    fn accept(&mut self, at: (u8, u8), name: u8, wish: Option<u64>, word: Option<usize>) {
        let mut acceptance = Acceptance::new(request("a", name));
        if let Some(wish) = wish {
            acceptance = acceptance.proposing_slot(window(wish));
        }
        if let Some(word) = word {
            acceptance = acceptance.with_word(WORDS[word].parse().unwrap());
        }
        let (who, id, answer) = (customer(at.0), self.id(at), Answer::Accept(acceptance));
        let found = self.settled(|| self.verifier.challenges().answer(&who, &id, &answer));
        let now = self.now;
        let wanted = match self.challenges.get_mut(&at) {
            None => Said::Refused,
            Some(one) => {
                one.apply_receipt(now);
                match &one.answer {
                    Some((first, wished, with, _)) if *first == name => {
                        let same_word = one.word.is_none() || one.word == word;
                        let same = *wished == wish && with.is_some() == word.is_some() && same_word;
                        if same { one.said() } else { Said::Invalid }
                    }
                    _ if one.end.is_some() || one.answer.is_some() || one.agreed.is_some() => {
                        Said::Refused
                    }
                    _ if wish.is_some_and(|from| slot_ends(from) <= now) => Said::Invalid,
                    _ => {
                        let until = wish.map_or(now, slot_ends).max(now + DAY);
                        one.answer = Some((name, wish, word, until));
                        one.word = word;
                        one.said()
                    }
                }
            }
        };
        assert_eq!(said(found.map(|challenge| challenge.status)), wanted);
    }

    /// Decline, report, revoke, conclude.
    fn simple(&mut self, at: (u8, u8), what: u8) {
        let (who, id) = (customer(at.0), self.id(at));
        let challenges = self.verifier.challenges();
        // From the fifth on about an appointment that there is not, and from the seventh about the last that was
        // replaced.
        let one = self.challenges.get(&at);
        let agreed = one.and_then(|one| one.agreed.as_ref()).filter(|_| what < 5).map(|one| one.id);
        let replaced =
            one.and_then(|one| one.replaced.last()).filter(|_| what > 6).map(|one| one.2);
        let of = agreed.or(replaced).unwrap_or(TokenId::from_bytes([0; 16]));
        let found = self.settled(|| async {
            match what {
                0 => challenges.answer(&who, &id, &Answer::Decline).await,
                1 => challenges.answer(&who, &id, &Answer::Report).await,
                2 => challenges.revoke(&who, &id).await,
                3 | 5 | 7 => challenges.conclude(&who, &id, of, Verdict::Recognised).await,
                _ => challenges.conclude(&who, &id, of, Verdict::NotRecognised).await,
            }
        });
        let now = self.now;
        let wanted = match self.challenges.get_mut(&at) {
            None => Said::Refused,
            Some(one) => {
                one.apply_receipt(now);
                let end = match what {
                    0 => ChallengeStatus::Declined,
                    1 => ChallengeStatus::Reported,
                    2 => ChallengeStatus::Revoked,
                    3 | 5 | 7 => ChallengeStatus::Recognised,
                    _ => ChallengeStatus::NotRecognised,
                };
                // The customer's own word is the same in each.
                let word = one.agreed.as_ref().is_some_and(|agreed| agreed.word);
                let in_force = what < 5 || word;
                let unshown = (one.shown.is_empty() || !in_force) && one.end.is_none();
                // After the end a caller is reported, unless that was the verdict.
                let late = one.end.is_some_and(|ended| ended != end || !in_force);
                if what == 1 && !one.reported {
                    one.reported = true;
                    one.reports += 1;
                }
                let callers = if late { &mut one.late_callers } else { &mut one.false_callers };
                let known = callers.contains(&of) || callers.len() >= APPOINTMENTS;
                if matches!(what, 4 | 6 | 8) && (unshown || late) && !known {
                    callers.push(of);
                    one.reports += 1;
                }
                match one.end {
                    _ if what == 1 => {
                        if one.end.is_none() {
                            one.finish(end);
                        }
                        one.said()
                    }
                    Some(ended) if ended == end && in_force => one.said(),
                    Some(_) if matches!(what, 4 | 6 | 8) && late => one.said(),
                    Some(_) => Said::Refused,
                    None if matches!(what, 3 | 5 | 7) && unshown => Said::Refused,
                    None if matches!(what, 4 | 6 | 8) && unshown => one.said(),
                    None => {
                        one.finish(end);
                        one.said()
                    }
                }
            }
        };
        assert_eq!(said(found.map(|challenge| challenge.status)), wanted);
    }

    fn agree(&mut self, at: (u8, u8), name: u8, numbers: SlotNumbers, reassign: bool) {
        let (who, id, name_id, slot) =
            (customer(at.0), self.id(at), request("c", name), slot(numbers));
        let found = self.settled(|| async {
            let challenges = self.verifier.challenges();
            if reassign {
                challenges.reassign(&who, &id, &name_id, &slot).await
            } else {
                challenges.confirm(&who, &id, &name_id, &slot).await
            }
        });
        let has_credential = at.0 == 0 && self.credential;
        let (now, number) = (self.now, self.appointments);
        let wanted = match self.challenges.get_mut(&at) {
            None => Said::Refused,
            Some(one) => {
                one.apply_receipt(now);
                let current = one.agreed.as_ref().filter(|agreed| agreed.request == name);
                let earlier = one.replaced.iter().find(|(request, ..)| *request == name);
                let proven = one.word.is_some() || has_credential;
                let total = one.replaced.len() + usize::from(one.agreed.is_some());
                if let Some(current) = current {
                    if current.slot == numbers { one.said() } else { Said::Invalid }
                } else if let Some((_, slot, _)) = earlier {
                    if *slot == numbers { Said::Refused } else { Said::Invalid }
                } else if one.end.is_some()
                    || reassign != one.agreed.is_some()
                    || (one.agreed.is_none() && one.answer.is_none())
                    || !proven
                {
                    Said::Refused
                } else if slot_ends(numbers.0) <= now
                    || total >= APPOINTMENTS
                    || (one.word.is_some() && !one.shown.is_empty())
                {
                    Said::Invalid
                } else {
                    one.replaced
                        .extend(one.agreed.take().map(|one| (one.request, one.slot, one.id)));
                    one.shown.clear();
                    let token = found.as_ref().unwrap().token.clone();
                    let word = one.word.is_some();
                    let id = appointment(&token, at.0, now);
                    let (request, slot) = (name, numbers);
                    one.agreed = Some(Appointment { request, slot, number, word, token, id });
                    self.appointments += 1;
                    one.said()
                }
            }
        };
        assert_eq!(said(found.map(|confirmed| confirmed.challenge.status)), wanted);
    }

    fn present(&mut self, at: (u8, u8), call: u8, agent: u8, team: u8, channel: usize, out: bool) {
        let (who, id) = (customer(at.0), self.id(at));
        let by = Agent::new(AgentId::new(format!("agent-{agent}")).unwrap())
            .in_team(TeamId::new(format!("team-{team}")).unwrap());
        let name = InteractionId::new(format!("call-{call}")).unwrap();
        let over = CHANNELS[channel];
        let interaction = match out {
            true => Interaction::outbound(name, who, by, over),
            false => Interaction::inbound(name, who, by, over),
        };
        let found = self.settled(|| self.verifier.challenges().present(&interaction, &id));
        let (now, credential) = (self.now, self.credential);
        let mut token = None;
        let wanted = match self.challenges.get_mut(&at) {
            None => Said::Refused,
            Some(one) => {
                one.apply_receipt(now);
                match one.agreed.clone().filter(|_| one.end.is_none()) {
                    None => Said::Refused,
                    Some(agreed) => {
                        let (from, over, to) = agreed.slot;
                        let during = START + from * 10 * MINUTE <= now && now < slot_ends(from);
                        let assigned =
                            if to == 0 { agent == 0 } else { usize::from(team) == to - 1 };
                        let same = one.shown.iter().find(|(shown, _)| *shown == call);
                        let room = match same {
                            Some((_, to)) => *to == agent,
                            None => one.shown.len() < PRESENTATIONS,
                        };
                        let usable = agreed.word || credential;
                        if out && over == channel && assigned && during && room && usable {
                            if same.is_none() {
                                one.shown.push((call, agent));
                                one.presentations += 1;
                            }
                            token = Some(agreed.token.clone());
                            match one.word {
                                Some(word) => Said::Word(word),
                                None => Said::Code(agreed.number),
                            }
                        } else {
                            Said::Refused
                        }
                    }
                }
            }
        };
        let found = match found {
            Ok(SpokenProof::Word(word)) => {
                Said::Word(WORDS.iter().position(|one| *one == word.as_str()).unwrap())
            }
            Ok(SpokenProof::Code(code)) => {
                let Said::Code(number) = wanted else { panic!("a code, and not {wanted:?}") };
                self.heard(&token.unwrap(), &code.words());
                let before = self.codes.insert(number, code.digits().to_string());
                assert!(before.is_none_or(|before| before == *code.digits()));
                wanted.clone()
            }
            Ok(other) => panic!("{other:?}"),
            Err(error) => said(Err(error)),
        };
        assert_eq!(found, wanted);
    }

    /// What was shown to the agent is what Alice's app takes for genuine, once.
    fn heard(&self, token: &str, code: &str) {
        let mut keys = TrustedKeys::new(Issuer::new("bank.example").unwrap());
        keys.trust(*signing().public_key(), Purpose::Appointment).unwrap();
        let now = Timestamp::from_unix(self.now);
        let shown = Device::new(keys, customer(0)).open_appointment(token, now).unwrap();
        let mut attempts = CodeAttempts::new();
        let mut hear = || shown.check_spoken_code(&self.device, code, &mut attempts, now);
        assert_eq!(hear(), Ok(CodeCheck::Genuine));
        assert_eq!(hear(), Ok(CodeCheck::HangUpAndReport));
    }

    fn event(&mut self, from: &mut Source<'_>) {
        let what = from.byte(24);
        let mut at = (from.byte(2), from.byte(8));
        let open: Vec<_> = self.challenges.iter().filter(|(_, one)| one.end.is_none()).collect();
        let one = open.get(usize::from(from.byte(8)) % open.len().max(1));
        // Mostly one that has not ended.
        if let (Some((one, _)), 3..) = (one, from.byte(12)) {
            at = **one;
        }
        for _ in 0..from.byte(4).saturating_sub(1) {
            // Not the one that shows an older record: nobody can tell it from the newest.
            let faults = Fault::ALL.iter().filter(|fault| !matches!(fault, Fault::Older));
            let fault = faults.clone().nth(usize::from(from.byte(9))).unwrap();
            self.store.plan(usize::from(from.byte(8)), *fault);
        }
        // Slots about now: one that is over, two that have begun, and later ones.
        let base = (self.now - START) / (10 * MINUTE);
        let about_now = |from: &mut Source<'_>| (base + u64::from(from.byte(5))).saturating_sub(2);
        let slot = |from: &mut Source<'_>| {
            (about_now(from), from.byte(2).into(), usize::from(from.byte(3)))
        };
        match what {
            0..3 => {
                let fixed = from.byte(3) == 1;
                let (other, slot) = (from.byte(8) == 1, slot(from));
                self.issue(at, other, fixed.then_some(slot));
            }
            3..6 => {
                let wish = from.flag().then(|| about_now(from));
                let word = from.flag().then(|| from.byte(3).into());
                self.accept(at, from.byte(2), wish, word);
            }
            6..10 => {
                let slot = slot(from);
                self.agree(at, from.byte(12), slot, what > 8);
            }
            10..17 => {
                let (call, agent, team) = (from.byte(4), from.byte(2), from.byte(2));
                let (mut channel, mut out) = (usize::from(from.byte(2)), from.byte(5) > 0);
                let (mut agent, mut team) = (agent, team);
                let agreed = self.challenges.get(&at).and_then(|one| one.agreed.as_ref());
                // Mostly as agreed.
                if let (Some(agreed), true) = (agreed, from.byte(4) > 0) {
                    (channel, out) = (agreed.slot.1, true);
                    match agreed.slot.2 {
                        0 => agent = 0,
                        to => team = u8::try_from(to - 1).unwrap(),
                    }
                }
                self.present(at, call, agent, team, channel, out);
            }
            17..19 => {
                // Mostly a verdict.
                let all = [0, 1, 2, 3, 3, 3, 3, 4, 4, 4, 5, 6, 7, 8];
                self.simple(at, all[usize::from(from.byte(14))]);
            }
            19..22 => {
                self.store.heal();
                let minutes = [1, 1, 5, 5, 10, 10, 10, 20, 60, 24 * 60];
                self.now += minutes[usize::from(from.byte(10))] * MINUTE;
                self.clock.set(Timestamp::from_unix(self.now));
            }
            _ => {
                self.store.heal();
                if from.byte(16) == 1 {
                    let id = self.device.id();
                    ready(self.verifier.credentials().revoke(&customer(0), &id)).unwrap();
                    self.credential = false;
                }
            }
        }
        self.store.heal();
    }

    /// Everything that can be seen is as the model has it.
    fn check(&mut self) {
        for number in 0..2 {
            let who = customer(number);
            let listed = ready(self.verifier.challenges().list(&who, Page::first())).unwrap().items;
            let all = Page::first().at_most(core::num::NonZeroU16::MAX);
            let mut histories = ready(self.verifier.history(&who, all)).unwrap().items;
            histories.retain(|one| matches!(one.subject, Subject::Challenge(_)));
            let now = self.now;
            let mine: Vec<_> =
                self.challenges.iter_mut().filter(|(at, _)| at.0 == number).collect();
            assert_eq!((listed.len(), histories.len()), (mine.len(), mine.len()));
            for (_, one) in mine {
                one.apply_receipt(now);
                let shown = listed.iter().find(|shown| shown.id == one.id).unwrap();
                assert_eq!(shown.status, one.status());
                let callers = one.false_callers.len() + one.late_callers.len();
                assert_eq!(shown.reported, one.reported || callers > 0);
                assert_eq!(usize::from(shown.presentations), one.shown.len());
                let subject = Subject::Challenge(one.id);
                let history = histories.iter().find(|one| one.subject == subject).unwrap();
                history.verify().unwrap();
                let done = |action| {
                    let events = history.events.iter();
                    events
                        .filter(|event| event.action == action && event.outcome == Outcome::Done)
                        .count()
                };
                assert_eq!(done(Action::Present), one.presentations);
                assert_eq!(done(Action::ReportChallenge), one.reports);
                let seen = self.seen.0.lock().unwrap();
                let told = seen.iter().filter(|seen| {
                    seen.subject == subject && seen.action == Action::ReportChallenge
                });
                assert!(told.count() >= one.reports, "a report did not reach the observer");
            }
        }
        let mut codes: Vec<_> = self.codes.values().collect();
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), self.codes.len(), "two appointments have one code");
    }
}

fn said(found: Result<ChallengeStatus, Error>) -> Said {
    match found {
        Ok(status) => Said::Status(status),
        Err(Error::Refused(_)) => Said::Refused,
        Err(Error::Invalid(_)) => Said::Invalid,
        Err(other) => panic!("{other:?}"),
    }
}

/// What a play came to see.
#[derive(Debug, Default)]
pub struct Reached {
    pub codes: usize,
    pub words: usize,
    pub statuses: Vec<ChallengeStatus>,
}

/// Plays the events that `bytes` encode.
pub fn play(bytes: &[u8]) -> Reached {
    let mut world = World::new();
    let mut source = Source(bytes);
    let (mut reached, mut events) = (Reached::default(), 0_usize);
    while !source.0.is_empty() {
        world.event(&mut source);
        events += 1;
        if events % 8 == 0 {
            world.check();
        }
        reached.statuses.extend(world.challenges.values().map(Challenge::status));
    }
    world.check();
    reached.codes = world.codes.len();
    let shown: usize = world.challenges.values().map(|one| one.presentations).sum();
    reached.words = shown.saturating_sub(reached.codes);
    reached
}
