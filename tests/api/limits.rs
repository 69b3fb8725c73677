//! How often may be asked, on machines whose clocks differ.

use std::time::Duration;

use countersign::credential::ImportRequest;
use countersign::otp::OtpSeed;
use countersign::store::FaultStore;
use countersign::time::ManualClock;
use countersign::{Error, MemoryStore, Policy, Timestamp, Verifier};
use proptest::prelude::*;

use crate::support::step_ups::{asking, change, limits_alone, signing};
use crate::support::*;

const MOST: usize = 5;
const WINDOW: u64 = 600;
const LEEWAY: u64 = 30;
/// By how much clocks may differ without anyone being let off.
const DIFFER: u64 = 3600;

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A machine of the enterprise.
struct Machine {
    verifier: Verifier,
    clock: ManualClock,
}

impl Machine {
    /// Asks once more; whether that was allowed.
    async fn asks(&self, n: usize, at: Timestamp) -> bool {
        self.tries(n, at).await.is_ok()
    }

    /// The same; `Err` says from when on there is room.
    async fn tries(&self, n: usize, at: Timestamp) -> Result<(), Timestamp> {
        self.clock.set(at);
        let call = call(&format!("call-{n}"), &alice(), agent(&format!("agent-{n}")));
        let asked = asking(&format!("s-{n}"), change());
        match self.verifier.step_ups().request(&call, &asked).await {
            Ok(_) => Ok(()),
            Err(error @ Error::Refused(_)) => Err(error.retry_at().unwrap()),
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// Machines on one store, and a customer with a fob.
async fn machines<const N: usize>() -> [Machine; N] {
    let store = FaultStore::new(MemoryStore::new());
    let seen = Recorder::default();
    let machine = |seed| {
        let clock = ManualClock::new(START);
        let builder = part(keyring(), &store, &clock, &seen, seed);
        Machine {
            verifier: builder
                .policy(limits_alone(Policy::default()))
                .signing_key(signing())
                .build()
                .unwrap(),
            clock,
        }
    };
    let mut n = 0;
    let all = [(); N].map(|()| {
        n += 1;
        machine(n)
    });
    let fob = ImportRequest::hotp(OtpSeed::from_bytes(&[7; 20]).unwrap(), 0);
    all[0].verifier.credentials().import(&alice(), &fob).await.unwrap();
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// In each round one machine whose clock is right asks, and after a while one that lags, by more than that
    /// while: in no ten minutes are there more than five, whatever the lag.
    #[test]
    fn no_machine_that_lags_lets_anyone_off(rounds in prop::collection::vec(
        (0..1500_u64, 1..4_usize, 0..1200_u64, 1..2400_u64, 1..8_usize), 1..10,
    )) {
        block_on(async {
            let [right, one, two] = machines().await;
            let (mut time, mut n, mut asked) = (START.after(DAY), 0, Vec::<Timestamp>::new());
            for (round, (wait, by_right, between, more, by_other)) in rounds.iter().enumerate() {
                time = time.after(seconds(*wait));
                let lags = seconds((between + LEEWAY + more).min(DIFFER));
                let other = if round % 2 == 0 { &one } else { &two };
                let plan = [(&right, *by_right, 0, Duration::ZERO), (other, *by_other, *between, lags)];
                for (machine, times, wait, lag) in plan {
                    time = time.after(seconds(wait));
                    for _ in 0..times {
                        n += 1;
                        if machine.asks(n, time.before(lag)).await {
                            asked.push(time);
                        }
                        let lately = asked.iter().filter(|at| time < at.after(seconds(WINDOW)));
                        assert!(lately.count() <= MOST, "{rounds:?}: {asked:?}");
                    }
                }
            }
            // Nobody is shut out by it for long.
            time = time.after(seconds(2 * WINDOW));
            right.asks(n + 1, time).await;
            for more in 0..MOST {
                assert!(right.asks(n + 2 + more, time.after(seconds(WINDOW))).await, "{rounds:?}");
            }
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever other machines with whatever clocks have counted: at the instant that a machine is told there is room by
    /// its clock, and a second before there is none.
    #[test]
    fn there_is_room_at_the_instant_that_was_told(
        asked in prop::collection::vec((0..2_usize, 0..400_u64), 5..30),
        lags in prop::sample::select(vec![0, 31, 240, 3000, 4000]),
        other_is_ahead in any::<bool>(),
        too_early in any::<bool>(),
    ) {
        block_on(async {
            let machines: [Machine; 2] = machines().await;
            let (mut time, lag) = (START.after(DAY), seconds(lags));
            for (n, (machine, wait)) in asked.into_iter().enumerate() {
                time = time.after(seconds(wait));
                let at = match machine {
                    0 => time,
                    _ if other_is_ahead => time.after(lag),
                    _ => time.before(lag),
                };
                let Err(room) = machines[machine].tries(n, at).await else { continue };
                assert!(at < room);
                let at = if too_early { room.before(seconds(1)) } else { room };
                assert_eq!(machines[machine].asks(n, at).await, !too_early, "{room}");
                return;
            }
        });
    }
}

/// Ten instead of five.
#[tokio::test]
async fn what_a_clock_that_lags_has_counted_is_not_older_than_what_was_counted_before() {
    for lag in [MINUTE, MINUTE * 5, MINUTE * 10, MINUTE * 11, MINUTE * 59] {
        let [right, lags] = machines().await;
        let time = START.after(DAY);
        assert!(right.asks(0, time).await);
        for n in 1..MOST {
            assert!(lags.asks(n, time.before(lag)).await);
        }
        for n in 10..13 {
            assert!(!right.asks(n, time).await, "{lag:?}");
            assert!(!lags.asks(n, time.before(lag)).await, "{lag:?}");
        }
        // For as long as a window, from when the right one first saw them.
        assert!(!right.asks(20, time.after(seconds(WINDOW - 1))).await, "{lag:?}");
        for n in 30..30 + MOST {
            assert!(right.asks(n, time.after(seconds(WINDOW))).await, "{lag:?}");
        }
    }
}

/// A refusal writes down when it saw them, or each would begin anew.
#[tokio::test]
async fn whoever_goes_on_asking_is_let_in_when_the_time_is_over() {
    let [right, lags] = machines().await;
    let time = START.after(DAY);
    right.asks(0, time).await;
    for n in 1..MOST {
        lags.asks(n, time.before(MINUTE * 20)).await;
    }
    let mut allowed = Vec::new();
    for minute in 1..=12 {
        if right.asks(100 + minute, time.after(MINUTE * minute as u32)).await {
            allowed.push(minute);
        }
    }
    // The right one's own after ten minutes, and the others ten after it saw them.
    assert_eq!(allowed, [10, 11, 12]);
}

#[tokio::test]
async fn a_clock_that_is_ahead_blocks_nobody_for_long() {
    for ahead in [MINUTE, MINUTE * 25, MINUTE * 59, HOUR * 2, DAY * 400] {
        for visits in 1..=MOST {
            let [right, other] = machines().await;
            let time = START.after(DAY);
            for n in 0..visits {
                assert!(other.asks(n, time.after(ahead)).await);
            }
            // As many in each ten minutes as before, less those that the other has counted.
            let (mut n, mut last, mut most) = (100, 0, 0);
            for minute in 0..160 {
                n += 1;
                if right.asks(n, time.after(MINUTE * minute)).await {
                    most = most.max(minute - last);
                    last = minute;
                }
            }
            let blocked = if visits < MOST || ahead > HOUR { 22 } else { 70 };
            assert!(most <= blocked && last > 150, "{ahead:?} {visits}: {most} minutes");
        }
    }
}

/// One machine's clock is far ahead, and requests go to it and to the others in turn.
#[tokio::test]
async fn a_clock_far_ahead_lifts_no_limit_of_the_others() {
    for ahead in [MINUTE * 61, MINUTE * 62, HOUR * 2, HOUR * 20] {
        for other_first in [false, true] {
            let [right, other] = machines().await;
            let time = START.after(DAY);
            let (mut n, mut by) = (0, [0, 0]);
            for _ in 0..20 {
                for (at, machine) in [(0, &right), (1, &other)] {
                    let (at, machine) =
                        if other_first { (1 - at, [&other, &right][at]) } else { (at, machine) };
                    let now = if at == 1 { time.after(ahead) } else { time };
                    for _ in 0..7 {
                        n += 1;
                        by[at] += usize::from(machine.asks(n, now).await);
                    }
                }
            }
            assert_eq!(by, [MOST, MOST], "{ahead:?} {other_first}");
        }
    }
}

/// What one that lags has counted is not moved out of sight by one that is far ahead.
#[tokio::test]
async fn a_clock_far_ahead_moves_nothing_that_one_that_lags_has_counted() {
    for ahead in [MINUTE * 62, HOUR * 2, HOUR * 20] {
        let [right, lags, other] = machines().await;
        let time = START.after(DAY);
        assert!(right.asks(0, time).await);
        for n in 1..MOST {
            assert!(lags.asks(n, time.before(MINUTE * 5)).await);
        }
        assert!(other.asks(10, time.after(ahead)).await);
        assert!(!right.asks(11, time).await, "{ahead:?}");
        assert!(!lags.asks(12, time.before(MINUTE * 5)).await, "{ahead:?}");
    }
}

/// What one that is far ahead has counted does not come back an hour before its time.
#[tokio::test]
async fn what_a_clock_far_ahead_has_counted_blocks_nobody_later() {
    let [right, other] = machines().await;
    let time = START.after(DAY);
    for n in 0..MOST {
        assert!(other.asks(n, time.after(HOUR * 2)).await);
    }
    assert!(right.asks(10, time).await);
    for n in 20..20 + MOST {
        assert!(right.asks(n, time.after(MINUTE * 61)).await, "{n}");
    }
    assert!(!right.asks(30, time.after(MINUTE * 61)).await);
}

/// Whatever a clock does, a record of requests has room for so many and no more.
#[tokio::test]
async fn a_clock_that_runs_away_fills_no_record() {
    let store = FaultStore::new(MemoryStore::new());
    let (clock, seen) = (ManualClock::new(START), Recorder::default());
    let builder = part(keyring(), &store, &clock, &seen, 1);
    let machine = Machine {
        verifier: builder
            .policy(limits_alone(Policy::default()))
            .signing_key(signing())
            .build()
            .unwrap(),
        clock,
    };
    let fob = ImportRequest::hotp(OtpSeed::from_bytes(&[7; 20]).unwrap(), 0);
    machine.verifier.credentials().import(&alice(), &fob).await.unwrap();
    for n in 0..100 {
        assert!(machine.asks(n, START.after(seconds(WINDOW) * n as u32)).await);
    }
    let longest = store.records().iter().map(|(_, row)| row.sealed.len()).max().unwrap();
    // Of a day there are a hundred, each with where it stands.
    assert!(longest < 10_000, "{longest} bytes");
}

/// Between machines that are all right there are seconds.
#[tokio::test]
async fn clocks_that_differ_by_less_than_the_leeway_delay_nobody() {
    let [one, two] = machines().await;
    let time = START.after(DAY);
    let early = time.before(seconds(LEEWAY));
    assert!(one.asks(0, time).await);
    for n in 1..MOST {
        assert!(two.asks(n, early).await);
    }
    assert!(!one.asks(10, time.after(seconds(WINDOW - LEEWAY - 1))).await);
    for n in 20..20 + MOST {
        assert!(one.asks(n, time.after(seconds(WINDOW))).await, "{n}");
    }
}
