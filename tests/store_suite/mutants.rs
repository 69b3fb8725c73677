//! Each broken store is caught, by the rule that it breaks, and what the suite wrote is gone all the same.

use std::sync::Arc;

use countersign::store::conformance;

use crate::broken::{Broken, Flaw};
use crate::depth::either;

const MUTANTS: &[(&str, &[Flaw])] = &[
    (
        "a list ends only with `next: None`, and by then every record was listed once",
        &[
            Flaw::LimitBeforeExpiry,
            Flaw::LimitBeforeLive,
            Flaw::Pages(8),
            Flaw::Pages(10),
            Flaw::Pages(40),
            Flaw::Pages(100),
            Flaw::Pages(250),
            Flaw::AfterByCreatedAlone,
        ],
    ),
    (
        "records are listed by falling created and falling id, byte by byte",
        &[
            Flaw::Base64Order,
            Flaw::GuidOrder,
            Flaw::SignedOrder,
            Flaw::FirstEightOrder,
            Flaw::OldestFirst,
            Flaw::RisingIds,
            Flaw::IdsAlone,
            Flaw::LiveByEnd,
        ],
    ),
    ("a list holds records of its owner and lane alone", &[Flaw::OwnerPrefix]),
    (
        "places with another lane, owner or id are others",
        &[
            Flaw::OwnerKeyPrefix,
            Flaw::TrimmedKeys,
            Flaw::LaneIgnored,
            Flaw::CaseFolded,
            Flaw::Base64Folded,
        ],
    ),
    ("a list is answered", &[Flaw::Trimmed(0x20), Flaw::Trimmed(0x00)]),
    (
        "live are those records that are retained and whose `live_until` is after now",
        &[Flaw::LiveIgnored],
    ),
    ("no record is listed that is not retained", &[Flaw::LiveUnretained, Flaw::ListsUnretained]),
    ("from its end of retention on a record counts as absent", &[Flaw::ServersClock]),
    ("a refused write adds no news", &[Flaw::ConflictTells]),
    (
        "a record and the news of it are one write",
        &[Flaw::NewsLost, Flaw::EntriesCap(8), Flaw::NewsOfLastWrite],
    ),
    ("each of the news of a write has its own index", &[Flaw::NewsIndexByte]),
    (
        "news of a record that is no longer retained stay when another takes its place",
        &[Flaw::TakeOverDropsNews],
    ),
    ("news of a record that is purged stay in the outbox", &[Flaw::PurgeDropsNews]),
    ("a record in place of one that was purged is listed once", &[Flaw::PurgeLeavesIndex]),
    (
        "a lane's news are leased oldest first, in the order of their writes",
        &[Flaw::NewsReversed, Flaw::NewsById, Flaw::NewsByPlaceAlone],
    ),
    ("purging goes by the retention of the newest version", &[Flaw::PurgeByOldEntries]),
    ("purging deletes nothing that is retained", &[Flaw::PurgeHourEarly]),
    (
        "purging deletes what is no longer retained",
        &[Flaw::PurgeKeepsBoundary, Flaw::PurgeSaysNone],
    ),
    ("purging deletes at most its limit", &[Flaw::PurgeWithoutLimit]),
    ("purging has an end", &[Flaw::PurgeNeverEnds]),
    ("what was stored is loaded", &[Flaw::CreatedNotKept]),
    ("the new record is loaded", &[Flaw::CreatedOnUpdate]),
    ("a record is not deleted by expecting another version", &[Flaw::DeleteIgnoresVersion]),
    (
        "a record in place of another is listed once",
        &[Flaw::DeleteLeavesIndex, Flaw::TakeOverLeavesIndex, Flaw::CreatedOfFirst],
    ),
    ("news of a record that is deleted stay in the outbox", &[Flaw::DeleteDropsNews]),
    (
        "versions up to 2^63-1 are kept and compared exactly",
        &[Flaw::VersionWraps, Flaw::VersionAsText, Flaw::VersionAsFloat],
    ),
    (
        "times from 1970 to the end of 9999 come back unchanged",
        &[Flaw::MaxOverflows, Flaw::SkipsSameBytes],
    ),
    ("sealed bytes come back unchanged", &[Flaw::SealedAsText, Flaw::EmptyAsNull]),
    ("a record of 512 KiB is stored, listed, and comes back unchanged", &[Flaw::HundredKilobytes]),
    ("a record is live until its last write says", &[Flaw::LiveUntilOfFirstWrite]),
    ("a record on which nothing depended is live once a write says so", &[Flaw::LiveByFirstWrite]),
    (
        "a record is listed until the end of retention that its last write says",
        &[Flaw::RetainedUntilOfFirstWrite],
    ),
    (
        "each of several lists is its owner's, to its end",
        &[Flaw::EachInAnotherOrder, Flaw::EachSharesTheLimit, Flaw::EachLosesItsEnd],
    ),
    ("there is a list for each of several owners", &[Flaw::EachLeavesOutTheEmpty]),
    ("each of several lists goes on behind a position", &[Flaw::EachFromTheNewest]),
    ("a scan gives every record", &[Flaw::ScanCap(8), Flaw::ScanCap(100)]),
    ("a scan has an end", &[Flaw::ScanNeverEnds, Flaw::ScanEmptyForever]),
    ("a record that stands throughout a scan is given", &[Flaw::ScanByOffset]),
    (
        "a lane that is leased is leased to nobody else",
        &[Flaw::SingleEntries, Flaw::LeaseByServersClock],
    ),
    ("a lease ends at its `until`", &[Flaw::LeaseNeverEnds]),
    ("a lane that has entries and is not leased is leased", &[Flaw::OneLeaseForAll]),
    (
        "a lease that has ended acknowledges nothing",
        &[Flaw::LateAcknowledge, Flaw::EmptyAcknowledged, Flaw::AnyoneAcknowledges],
    ),
    ("a lease is released by its holder alone", &[Flaw::AnyoneReleases]),
    (
        "what is acknowledged is deleted, and no other entry",
        &[Flaw::AcknowledgesUpTo, Flaw::AcknowledgesByIndex, Flaw::AcknowledgeEndsLease],
    ),
    ("a lease acknowledges entries of its lane alone", &[Flaw::AcknowledgesAnyLane]),
    ("what was acknowledged never comes back", &[Flaw::ComeBack]),
    (
        "the backlog counts entries, and lanes that have some",
        &[Flaw::BacklogWithoutLeased, Flaw::BacklogOfEntriesAsLanes],
    ),
    ("over many calls every lane has its turn", &[Flaw::FirstLaneAlways]),
    (
        "a lease says where to read on in its lane, if it did not give all of it",
        &[Flaw::LeaseSaysAll, Flaw::LeaseReadsTwice, Flaw::EntriesByTime],
    ),
    ("a lease that ends far ahead keeps nobody out", &[Flaw::FarLeaseHolds]),
    ("`entries` gives each entry, and has an end", &[Flaw::EntriesCap(100)]),
];

/// How many entries the outbox of a bounded store takes.
const BOUND: usize = 40;

/// Of stores that are bounded.
const BOUNDED: &[(&str, &[Flaw])] = &[
    ("an outbox takes as many entries as it is said to", &[Flaw::SmallerThanSaid]),
    (
        "news for which there is no room are refused as full",
        &[
            Flaw::Unbounded,
            Flaw::ReserveForAll,
            Flaw::TellsWhatFits,
            Flaw::FullIsConflict,
            Flaw::FullIsUnavailable,
        ],
    ),
    (
        "of a write that is refused as full nothing is written",
        &[Flaw::WritesBeforeFull, Flaw::TellsBeforeFull],
    ),
    ("a write without news needs no room in the outbox", &[Flaw::FullStopsAll]),
    ("what takes authority away has room when the outbox is full", &[Flaw::NoReserve]),
    ("the room that is kept has an end", &[Flaw::EndlessReserve]),
    ("what was acknowledged makes room", &[Flaw::NeverRoomAgain]),
];

/// Caught by threads that meet in a gap of some instructions.
const RACES: &[(&str, &[Flaw])] = &[
    (
        "of all that expect the same exactly one is stored",
        &[
            Flaw::TakeOverTwoLocks,
            Flaw::FirstTwoLocks,
            Flaw::TwoLocks,
            Flaw::VersionReadApart,
            Flaw::DeleteTwoLocks,
        ],
    ),
    (
        "every write that was made is told once, in order, and no other",
        &[Flaw::LoserTells, Flaw::AcknowledgeRewrites],
    ),
    ("a lane that is leased is leased to nobody else", &[Flaw::LeaseTwoLocks]),
    ("a record that is written anew meanwhile is listed once", &[Flaw::IndexApart]),
    ("a record that is written while others purge is kept", &[Flaw::PurgeWithoutSecondLook]),
];

/// What stays, as no call can delete it: entries of an index, news that come back.
const fn stays(flaw: Flaw) -> bool {
    matches!(
        flaw,
        Flaw::DeleteLeavesIndex
            | Flaw::TakeOverLeavesIndex
            | Flaw::PurgeLeavesIndex
            | Flaw::ComeBack
            | Flaw::AcknowledgeRewrites
    )
}

/// How often a race is run that nobody lost: on a machine that does other things too, threads may never meet.
const TRIES: usize = 8;

async fn all_caught(mutants: &[(&'static str, &[Flaw])], tries: usize) {
    let mut wrong = Vec::new();
    for (rule, flaws) in mutants {
        for flaw in *flaws {
            for more in (0..tries).rev() {
                let store = Arc::new(Broken::new(*flaw));
                let checked = conformance::check(async || Arc::clone(&store)).await;
                if checked.is_ok() && more > 0 {
                    continue;
                }
                let caught = checked.map_err(|caught| caught.rule);
                let left = if stays(*flaw) { [0; 3] } else { store.left() };
                if (caught, left) != (Err(*rule), [0; 3]) {
                    wrong.push((flaw, caught, left));
                }
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_is_caught_by_the_rule_it_breaks() {
    all_caught(MUTANTS, 1).await;
}

#[tokio::test]
async fn each_bounded_one_is_caught_by_the_rule_it_breaks() {
    let mut wrong = Vec::new();
    for (rule, flaws) in BOUNDED {
        for flaw in *flaws {
            let store = Arc::new(Broken::bounded(*flaw, BOUND));
            let checked = conformance::check_bounded(async || Arc::clone(&store), BOUND).await;
            let (caught, left) = (checked.map_err(|caught| caught.rule), store.left());
            if (caught, left) != (Err(*rule), [0; 3]) {
                wrong.push((flaw, caught, left));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_race_is_lost() {
    for _ in 0..either(1, 3) {
        all_caught(RACES, TRIES).await;
    }
}
