//! Reports lost, doubled, late and out of order, of two systems one of which may be dead, kept by machines whose clocks
//! are apart: in all of these schedules the customer is never told "not us", and no phone "not legitimate", while the
//! enterprise is calling.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use countersign::contact::{CallVerdict, Report, Status};
use countersign::time::ManualClock;
use countersign::{Interaction, Policy, Timestamp, Verifier};

use crate::lines::*;
use crate::support::depth::{either, strided};
use crate::support::*;

const LAG: u64 = 2;
/// How far apart the machines' clocks are at most: they must not differ by more than the lag.
const APART: u64 = 2;

/// What happens to one report on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Late(u64),
    Lost,
}

const WAYS: [Way; 4] = [Way::Late(0), Way::Late(3), Way::Late(11), Way::Lost];

#[derive(Debug, Clone, Copy)]
enum What {
    Beat,
    Began(usize),
    Ended(usize),
}

/// What the second system has to say, and when: its call rings from second 12 to 21, unannounced.
const PBX: [(u64, What); 6] = [
    (9, What::Beat),
    (10, What::Beat),
    (12, What::Began(1)),
    (15, What::Beat),
    (21, What::Ended(1)),
    (23, What::Beat),
];

/// The dialler's call is announced at second 10, is answered at 16 and ends at 26.
const ANNOUNCED: (u64, u64, u64) = (10, 16, 26);
const BY_HAND: (u64, u64) = (12, 21);
const LAST: u64 = 32;

fn calls() -> [Interaction; 2] {
    [rings("announced"), rings("by-hand")]
}

#[derive(Debug)]
struct Schedule {
    ways: [Way; 6],
    /// The dialler's report that the call was answered, and that it ended.
    dialler: [Way; 2],
    /// One of the reports comes once more, so much later.
    doubled: Option<(usize, u64)>,
    pbx_is_dead: bool,
    /// By how much the clock of the machine that keeps the reports is ahead or behind.
    ahead: i64,
    announces: bool,
}

#[derive(Default, Debug, PartialEq, Eq)]
struct Seen {
    not_us: usize,
    undetermined: usize,
    calling: usize,
    not_legitimate: usize,
    legitimate: usize,
    wrong: usize,
}

/// All that a schedule makes happen, and when: two that make the same happen are one.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Happens {
    /// The PBX's reports, and the second copy of one.
    reports: Vec<(u64, usize)>,
    dialler: [Option<u64>; 2],
    beats: Vec<u64>,
    ahead: i64,
    announces: bool,
}

impl Schedule {
    fn happens(&self) -> Happens {
        let seen = |at: &u64| *at < LAST;
        let by_hand = (0..PBX.len()).filter(|_| !self.announces);
        let mut reports: Vec<_> = by_hand
            .flat_map(|n| self.copies(n).into_iter().flatten().filter(seen).map(move |at| (at, n)))
            .collect();
        reports.sort_unstable();
        let dialler = [0, 1].map(|n| self.dialler_arrives(n).filter(seen));
        let beats = (8..LAST).filter(|at| self.announces && self.pbx_beats(*at)).collect();
        Happens { reports, dialler, beats, ahead: self.ahead, announces: self.announces }
    }

    fn play(&self) -> Seen {
        let home = bank_of(Policy::default());
        let kept_by = ManualClock::new(START);
        let reports = process_at(&home, Policy::default(), 2, &kept_by);
        let asked = &home.verifier;
        let mut seen = Seen::default();
        let mut dialler = Feed::new(dialler());
        let mut well = Feed::new(pbx());
        // When the PBX's last report was acknowledged, and its reports as they were made.
        let mut acknowledged = Timestamp::EPOCH;
        let mut made: Vec<Option<Report>> = vec![None; PBX.len()];
        let mut held = [None, None];
        for second in 8..LAST {
            let now = at(second);
            home.clock.set(now);
            kept_by.set(START.after(Duration::from_secs(second.saturating_add_signed(self.ahead))));
            soon(self.dialler_says(second, &mut dialler, &mut held, &reports));
            if self.announces && self.pbx_beats(second) {
                soon(well.beat(&reports));
            }
            let by_hand = PBX.iter().enumerate().filter(|_| !self.announces);
            for (n, (when, what)) in by_hand {
                if *when == second {
                    made[n] = Some(Report::new(pbx(), n as u64 + 1, acknowledged));
                }
                for _ in self.copies(n).into_iter().flatten().filter(|at| *at == second) {
                    let Some(report) = made[n].clone() else { continue };
                    acknowledged = soon(deliver(&reports, &report, *what));
                }
            }
            self.ask(second, asked, &mut seen);
        }
        seen
    }

    /// Beside an announced call the PBX has nothing to report, and says so every second, every fourth or never.
    fn pbx_beats(&self, second: u64) -> bool {
        match self.ways[0] {
            _ if self.pbx_is_dead => false,
            Way::Late(0) => true,
            Way::Late(_) => second.is_multiple_of(4),
            Way::Lost => false,
        }
    }

    /// When the PBX's report `n` arrives.
    fn arrives(&self, n: usize) -> Option<u64> {
        match self.ways[n] {
            _ if self.pbx_is_dead => None,
            Way::Late(by) => Some(PBX[n].0 + by),
            Way::Lost => None,
        }
    }

    /// When it arrives, and when it arrives once more.
    fn copies(&self, n: usize) -> [Option<u64>; 2] {
        [self.arrives(n), self.doubled.filter(|(of, _)| *of == n).map(|(_, at)| at)]
    }

    /// When the dialler's report that the call was answered arrives, or that it ended.
    fn dialler_arrives(&self, n: usize) -> Option<u64> {
        let when = if n == 0 { ANNOUNCED.1 } else { ANNOUNCED.2 };
        match self.dialler[n] {
            _ if !self.announces => None,
            Way::Late(by) => Some(when + by),
            Way::Lost => None,
        }
    }

    /// The dialler announces, and says every second that it has nothing else; two of its reports may be late or lost.
    async fn dialler_says(
        &self,
        second: u64,
        feed: &mut Feed,
        held: &mut [Option<Report>; 2],
        reports: &Verifier,
    ) {
        let (announced, answered, ended) = ANNOUNCED;
        let call = &calls()[0];
        if !self.announces {
            feed.beat(reports).await;
            return;
        }
        if second == announced {
            feed.announce(reports, call, ours()).await;
        }
        for (n, when) in [answered, ended].into_iter().enumerate() {
            if second == when {
                held[n] = Some(feed.report());
            }
            let arrives = self.dialler_arrives(n);
            if let Some(report) = held[n].as_ref().filter(|_| arrives == Some(second)) {
                let contact = reports.contact();
                let kept = if n == 0 {
                    contact.began(report, call, &bob()).await
                } else {
                    contact.ended(report, call).await
                };
                feed.acknowledged = kept.unwrap().at;
            }
        }
        feed.beat(reports).await;
    }

    fn ask(&self, second: u64, asked: &Verifier, seen: &mut Seen) {
        let now = at(second);
        let (from, _, until) = ANNOUNCED;
        let announced = self.announces && (from..until).contains(&second);
        let by_hand = !self.announces && (BY_HAND.0..BY_HAND.1).contains(&second);
        // What is not announced may be on its way for the lag, and for what the clocks differ.
        let shows = second > BY_HAND.0 + LAG + APART;
        let is_calling = announced || (by_hand && shows);
        match soon(status(asked, now)) {
            Status::NotUs | Status::Scheduled => {
                seen.not_us += 1;
                seen.wrong += usize::from(is_calling);
            }
            Status::Undetermined => seen.undetermined += 1,
            _ => seen.calling += 1,
        }
        // The phone that rings.
        let since = if announced { Some(from) } else { by_hand.then_some(BY_HAND.0) };
        let genuine = since.map(|since| Ringing::of(ours(), 7, at(since)));
        for (is_ours, ringing) in [
            (true, genuine),
            (false, Some(Ringing::of(ours(), 100 + second, now.before(4 * SECOND)))),
        ] {
            let Some(ringing) = ringing else { continue };
            match soon(ringing.asked(asked, now)) {
                CallVerdict::NotLegitimate => {
                    seen.not_legitimate += 1;
                    // Or it rings since the enterprise's own did: it may be that one.
                    let is_ours = is_ours || since.is_some_and(|since| ringing.since == at(since));
                    seen.wrong += usize::from(is_ours);
                }
                CallVerdict::Legitimate => seen.legitimate += usize::from(is_ours),
                _ => {}
            }
        }
    }
}

async fn deliver(to: &Verifier, report: &Report, what: What) -> Timestamp {
    let contact = to.contact();
    let kept = match what {
        What::Beat => contact.heartbeat(report).await,
        What::Began(call) => contact.began(report, &calls()[call], &bob()).await,
        What::Ended(call) => contact.ended(report, &calls()[call]).await,
    };
    kept.unwrap().at
}

fn add(all: &mut Seen, seen: &Seen) {
    all.not_us += seen.not_us;
    all.undetermined += seen.undetermined;
    all.calling += seen.calling;
    all.not_legitimate += seen.not_legitimate;
    all.legitimate += seen.legitimate;
    all.wrong += seen.wrong;
}

/// Plays all of them, each once, on as many threads as there are cores. None of them may say anything wrong.
fn played(schedules: impl IntoIterator<Item = Schedule>) -> Seen {
    let mut known = HashSet::new();
    let once: Vec<_> =
        schedules.into_iter().filter(|schedule| known.insert(schedule.happens())).collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let all = Mutex::new(Seen::default());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(schedule) = once.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let seen = schedule.play();
                    assert_eq!(seen.wrong, 0, "{schedule:?}");
                    let is_dead = schedule.announces && schedule.pbx_is_dead;
                    assert!(!is_dead || seen.not_us == 0, "a dead system denies nothing");
                    add(&mut all.lock().unwrap(), &seen);
                }
            });
        }
    });
    all.into_inner().unwrap()
}

/// All ways of the PBX's six reports, of each doubled or none, with the clocks apart or not.
#[test]
fn an_unannounced_call_is_never_denied() {
    let stride = either(251, 1);
    let doubles = [None, Some((2, 13)), Some((2, 30)), Some((4, 24)), Some((3, 29)), Some((5, 30))];
    let every = (0..4_usize.pow(6)).step_by(stride).flat_map(|code| {
        let ways = std::array::from_fn(|n| WAYS[code / 4_usize.pow(n as u32) % 4]);
        doubles.into_iter().enumerate().map(move |(n, doubled)| Schedule {
            ways,
            dialler: [Way::Late(0); 2],
            doubled,
            pbx_is_dead: false,
            ahead: [0, 2, -2][(code + n) % 3],
            announces: false,
        })
    });
    let all = played(every);
    assert!(
        all.not_us > 0 && all.undetermined > 0 && all.calling > 0 && all.not_legitimate > 0,
        "{all:?}"
    );
}

/// All ways of the dialler's reports after the announcement, with a PBX that is well, late or dead.
#[test]
fn an_announced_call_is_never_denied() {
    let pbx = [Way::Late(0), Way::Late(3), Way::Lost];
    let systems = pbx.into_iter().flat_map(|way| {
        [0, 2, -2].into_iter().flat_map(move |ahead| [false, true].map(|dead| (way, ahead, dead)))
    });
    let every = (0..16)
        .flat_map(|code| systems.clone().map(move |of| (WAYS[code % 4], WAYS[code / 4], of)));
    let schedule = |(first, second, (pbx_way, ahead, pbx_is_dead))| Schedule {
        ways: [pbx_way; 6],
        dialler: [first, second],
        doubled: Some((3, 25)),
        pbx_is_dead,
        ahead,
        announces: true,
    };
    let all = played(strided(every, 13).map(schedule));
    assert!(all.legitimate > 0 && all.calling > 0 && all.not_us > 0, "{all:?}");
}
