//! Worlds drawn at random: two systems whose reports are lost, doubled, late and out of order, kept by two machines and
//! asked of two others whose clocks are apart; calls that are announced, unannounced, transferred, of nobody knows whom, and
//! ids that two systems use at once. In none of them is a call of the enterprise's denied, and no announced call vouches for
//! two questions.

use std::collections::BTreeMap;

use countersign::contact::{CallVerdict, Introduction, Report, Status};
use countersign::id::FeedId;
use countersign::random::{Random as _, SeededRandom};
use countersign::time::ManualClock;
use countersign::{Channel, Interaction, InteractionId, Policy, Timestamp, Verifier};

use crate::lines::*;
use crate::support::depth::either;
use crate::support::*;

/// What is not announced may be on its way for the lag, and for what the clocks differ.
const ON_ITS_WAY: u64 = 4;
const LAST: u64 = 60;

/// Numbers of a seed.
struct Dice(SeededRandom);

impl Dice {
    /// Below `most`.
    fn roll(&mut self, most: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes).unwrap();
        u64::from_be_bytes(bytes) % most
    }

    fn one_in(&mut self, chances: u64) -> bool {
        self.roll(chances) == 0
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Announced,
    ByHand,
    Unidentified,
    /// Somebody rings the enterprise as Alice.
    Inbound,
    Chat,
}

#[derive(Debug, Clone)]
struct Call {
    kind: Kind,
    of: usize,
    id: String,
    rings: u64,
    answered: u64,
    ends: u64,
    transferred: Option<u64>,
    /// Whether it is really made: an announced one only once its announcement was kept.
    made: bool,
}

impl Call {
    fn interaction(&self) -> Interaction {
        let id = InteractionId::new(&self.id).unwrap();
        match self.kind {
            Kind::Inbound => Interaction::inbound(id, alice(), agent("carol"), Channel::Voice),
            Kind::Chat => Interaction::outbound(id, alice(), agent("bob"), Channel::Chat),
            _ => Interaction::outbound(id, alice(), agent("bob"), Channel::Voice),
        }
    }

    /// Whether the enterprise is calling by it, and everybody must know of it.
    fn is_known_at(&self, second: u64) -> bool {
        let from = match self.kind {
            Kind::Announced => self.rings,
            _ => self.rings + ON_ITS_WAY + 1,
        };
        self.made && self.kind != Kind::Inbound && (from..self.ends).contains(&second)
    }

    fn rings_at(&self, second: u64) -> bool {
        let rings = matches!(self.kind, Kind::Announced | Kind::ByHand | Kind::Unidentified);
        self.made && rings && (self.rings..self.answered).contains(&second)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Beat,
    Announce,
    Began,
    Transferred,
    Ended,
}

/// A report as it was made, and what becomes of it.
#[derive(Debug, Clone)]
struct Sent {
    of: usize,
    report: Report,
    what: What,
    call: Option<usize>,
    /// When it arrives, each time.
    arrives: Vec<u64>,
}

struct World {
    home: Bank,
    /// Two machines that keep reports, two that are asked, with what their clocks are ahead.
    machines: Vec<(Verifier, ManualClock, i64)>,
    calls: Vec<Call>,
    sent: Vec<Sent>,
    next: [u64; 2],
    acknowledged: [Timestamp; 2],
    /// Of so many reports of each feed one or two have trouble on their way.
    trouble: [u64; 2],
}

fn feed(n: usize) -> FeedId {
    if n == 0 { dialler() } else { pbx() }
}

impl World {
    fn of(dice: &mut Dice, seed: u64) -> Self {
        let home = bank_of(Policy::default());
        let ahead: Vec<i64> = (0..4).map(|_| [-1, 0, 1][dice.roll(3) as usize]).collect();
        let machines = ahead.into_iter().enumerate().map(|(n, ahead)| {
            let clock = ManualClock::new(START);
            let seed = 1000 + 10 * seed + n as u64;
            (process_at(&home, Policy::default(), seed, &clock), clock, ahead)
        });
        let machines = machines.collect();
        let mut before = None;
        let calls = (0..1 + dice.roll(4)).map(|n| {
            let kind = match dice.roll(8) {
                0..3 => Kind::Announced,
                3..5 => Kind::ByHand,
                5 => Kind::Unidentified,
                6 => Kind::Inbound,
                _ => Kind::Chat,
            };
            let rings = 6 + dice.roll(30);
            let answered = rings + 1 + dice.roll(12);
            let ends = answered + dice.roll(14);
            // A chat or an inbound call may have the id of a call of ours.
            let is_ours = matches!(kind, Kind::Announced | Kind::ByHand);
            let same = before.take().filter(|_| !is_ours && kind != Kind::Unidentified);
            let id = same.unwrap_or_else(|| format!("id-{n}"));
            before = is_ours.then(|| id.clone());
            let transferred =
                dice.one_in(3).then(|| answered + dice.roll(5)).filter(|at| *at < ends);
            let of = if kind == Kind::Announced { 0 } else { dice.roll(2) as usize };
            Call { kind, of, id, rings, answered, ends, transferred, made: kind != Kind::Announced }
        });
        let calls = calls.collect();
        let (next, acknowledged) = ([1; 2], [Timestamp::EPOCH; 2]);
        let trouble = [0; 2].map(|_| [8, 60, u64::MAX][dice.roll(3) as usize]);
        Self { home, machines, calls, sent: Vec::new(), next, acknowledged, trouble }
    }

    fn at(&self, machine: usize, second: u64) -> Timestamp {
        at(second.saturating_add_signed(self.machines[machine].2))
    }

    /// A feed makes a report. Most come at once; some late, some twice, some only when they are repeated, some never.
    fn makes(&mut self, dice: &mut Dice, of: usize, what: What, call: Option<usize>, second: u64) {
        let report = Report::new(feed(of), self.next[of], self.acknowledged[of]);
        self.next[of] += 1;
        let first = match dice.roll(self.trouble[of]) {
            0 => second + 1 + dice.roll(4),
            1 => second + 3 + dice.roll(12),
            2 if dice.one_in(6) => u64::MAX,
            _ => second,
        };
        let mut arrives = vec![first];
        if dice.one_in(4) {
            arrives.push(first.saturating_add(dice.roll(15)));
        }
        self.sent.push(Sent { of, report, what, call, arrives });
    }

    /// Whether it is kept.
    fn deliver(&mut self, dice: &mut Dice, n: usize) -> bool {
        let Sent { of, report, what, call, .. } = self.sent[n].clone();
        let contact = self.machines[dice.roll(2) as usize].0.contact();
        let call = call.map(|call| self.calls[call].clone());
        let interaction = call.as_ref().map(Call::interaction);
        let (name, none) = (bob(), Introduction::none());
        let number = Some(ours()).filter(|_| n.is_multiple_of(2));
        let unidentified = call.as_ref().is_some_and(|call| call.kind == Kind::Unidentified);
        let kept = match (what, interaction.as_ref()) {
            (What::Began, Some(one)) if unidentified => {
                soon(contact.began_unidentified(&report, &one.id, number.as_ref()))
            }
            (What::Ended, Some(one)) if unidentified => {
                soon(contact.ended_unidentified(&report, &one.id))
            }
            (What::Announce, Some(one)) => soon(contact.announce(&report, one, &showing(ours()))),
            (What::Began, Some(one)) => soon(contact.began(&report, one, &name)),
            (What::Transferred, Some(one)) => soon(contact.transferred(&report, one, &none)),
            (What::Ended, Some(one)) => soon(contact.ended(&report, one)),
            _ => soon(contact.heartbeat(&report)),
        };
        if let Ok(kept) = &kept {
            self.acknowledged[of] = self.acknowledged[of].max(kept.at);
        }
        kept.is_ok()
    }

    /// What the feeds report in this second.
    fn reports(&mut self, dice: &mut Dice, second: u64) {
        for n in 0..self.calls.len() {
            let Call { kind, of, rings, answered, ends, transferred, .. } = self.calls[n].clone();
            let begins = if kind == Kind::Announced { answered } else { rings };
            if kind == Kind::Announced && second == rings {
                // The dialler waits for the answer, or does not ring: so it is made at once, or never.
                self.makes(dice, of, What::Announce, Some(n), second);
                let last = self.sent.len() - 1;
                let comes_again = self.sent[last].arrives.get(1).copied();
                self.sent[last].arrives =
                    [Some(second), comes_again].into_iter().flatten().collect();
                self.calls[n].made = self.deliver(dice, last);
                self.sent[last].arrives.remove(0);
                continue;
            }
            if !self.calls[n].made {
                continue;
            }
            if second == begins {
                self.makes(dice, of, What::Began, Some(n), second);
            }
            if Some(second) == transferred && kind != Kind::Unidentified {
                let by = dice.roll(2) as usize;
                self.makes(dice, by, What::Transferred, Some(n), second);
            }
            if second == ends {
                self.makes(dice, of, What::Ended, Some(n), second);
            }
        }
        for of in 0..2 {
            self.makes(dice, of, What::Beat, None, second);
        }
        for n in 0..self.sent.len() {
            for _ in self.sent[n].arrives.clone().into_iter().filter(|at| *at == second) {
                self.deliver(dice, n);
            }
        }
    }

    fn play(&mut self, dice: &mut Dice) -> BTreeMap<&'static str, u64> {
        let mut seen = BTreeMap::new();
        let mut vouched: BTreeMap<u64, u64> = BTreeMap::new();
        for second in 1..LAST {
            for machine in 0..4 {
                self.machines[machine].1.set(self.at(machine, second));
            }
            self.home.clock.set(at(second));
            self.reports(dice, second);
            let machine = 2 + dice.roll(2) as usize;
            let (asked, now) = (&self.machines[machine].0, self.at(machine, second));
            let told = soon(status(asked, now));
            let calling = self.calls.iter().any(|call| call.is_known_at(second));
            let denied = matches!(told, Status::NotUs | Status::Scheduled);
            assert!(!(denied && calling), "second {second}: {told:?}\n{:#?}", self.calls);
            *seen.entry(if denied { "not us" } else { "other" }).or_insert(0) += 1;
            // Each call that rings is asked about by one question, and an impostor's with each second another one.
            let ringing = self.calls.iter().enumerate().filter(|(_, call)| call.rings_at(second));
            let genuine = ringing.map(|(n, call)| (n as u64, call.rings));
            let spoofed = (1000 + second, second.saturating_sub(dice.roll(6)));
            for (query, since) in genuine.chain([spoofed]).collect::<Vec<_>>() {
                let since = now.before(SECOND * u32::try_from(second - since).unwrap());
                let verdict = soon(Ringing::of(ours(), query, since).asked(asked, now));
                let of_ours = query < 1000;
                if verdict == CallVerdict::Legitimate {
                    *vouched.entry(query).or_insert(0) += 1;
                }
                assert!(
                    !(of_ours && verdict == CallVerdict::NotLegitimate),
                    "second {second}: a call of ours is denied\n{:#?}",
                    self.calls
                );
                let name = match verdict {
                    CallVerdict::Legitimate => "legitimate",
                    CallVerdict::NotLegitimate => "denied",
                    _ => "undetermined",
                };
                *seen.entry(name).or_insert(0) += 1;
            }
        }
        // Each call that was announced vouches for one question, however often that was asked.
        let announced = self.calls.iter().filter(|call| call.kind == Kind::Announced);
        assert!(vouched.len() <= announced.count(), "{vouched:?}\n{:#?}", self.calls);
        seen
    }
}

#[test]
fn in_no_world_is_a_call_of_ours_denied() {
    let mut all: BTreeMap<&str, u64> = BTreeMap::new();
    for seed in 0..either(40, 1500) {
        let mut dice = Dice(SeededRandom::new(seed));
        let mut world = World::of(&mut dice, seed);
        let seen = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| world.play(&mut dice)));
        let seen = seen.unwrap_or_else(|_| panic!("world {seed}"));
        for (name, count) in seen {
            *all.entry(name).or_insert(0) += count;
        }
    }
    for name in ["not us", "other", "legitimate", "denied", "undetermined"] {
        assert!(all.get(name).is_some_and(|count| *count > 20), "{name}: {all:?}");
    }
}
