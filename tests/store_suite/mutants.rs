//! Each broken store is caught, by the rule that it breaks, and what the suite wrote is gone all the same.

use std::sync::Arc;

use countersign::store::conformance;

use crate::broken::{Broken, Flaw};

const ORDER: &str = "records are listed by falling created and falling id, byte by byte";
const WHOLE: &str = "x";

const MUTANTS: &[(Flaw, &str)] = &[
    (Flaw::LimitBeforeExpiry, WHOLE),
    (Flaw::Pages(8), WHOLE),
    (Flaw::Pages(10), WHOLE),
    (Flaw::Pages(40), WHOLE),
    (Flaw::Pages(100), WHOLE),
    (Flaw::Pages(250), WHOLE),
    (Flaw::Base64Order, ORDER),
    (Flaw::GuidOrder, ORDER),
    (Flaw::SignedOrder, ORDER),
    (Flaw::FirstEightOrder, ORDER),
    (Flaw::OldestFirst, ORDER),
    (Flaw::RisingIds, ORDER),
    (Flaw::IdsAlone, ORDER),
    (Flaw::OwnerPrefix, ""),
    (Flaw::OwnerKeyPrefix, ""),
    (Flaw::Trimmed(0x20), ORDER),
    (Flaw::Trimmed(0x00), ORDER),
    (Flaw::TrimmedKeys, ""),
    (Flaw::LaneIgnored, ""),
    (Flaw::LiveIgnored, ""),
    (Flaw::LiveUnretained, ""),
    (Flaw::ListsUnretained, ""),
    (Flaw::ServersClock, ""),
    (Flaw::ConflictTells, ""),
    (Flaw::NewsLost, ""),
    (Flaw::NewsReversed, ""),
    (Flaw::NewsById, ""),
    (Flaw::NewsByPlaceAlone, ""),
    (Flaw::PurgeByOldEntries, ""),
    (Flaw::PurgeHourEarly, ""),
    (Flaw::PurgeKeepsBoundary, ""),
    (Flaw::PurgeWithoutLimit, ""),
    (Flaw::PurgeNeverEnds, ""),
    (Flaw::CreatedNotKept, ""),
    (Flaw::CreatedOnUpdate, ""),
    (Flaw::DeleteIgnoresVersion, ""),
    (Flaw::DeleteLeavesIndex, ""),
    (Flaw::DeleteDropsNews, ""),
    (Flaw::VersionWraps, ""),
    (Flaw::VersionAsText, ""),
    (Flaw::VersionAsFloat, ""),
    (Flaw::MaxOverflows, ""),
    (Flaw::SealedAsText, ""),
    (Flaw::EmptyAsNull, ""),
    (Flaw::ScanCap(8), ""),
    (Flaw::ScanCap(100), ""),
    (Flaw::ScanNeverEnds, ""),
    (Flaw::ScanEmptyForever, ""),
    (Flaw::ScanByOffset, ""),
    (Flaw::SingleEntries, ""),
    (Flaw::LeaseNeverEnds, ""),
    (Flaw::LeaseByServersClock, ""),
    (Flaw::OneLeaseForAll, ""),
    (Flaw::LateAcknowledge, ""),
    (Flaw::AnyoneReleases, ""),
    (Flaw::AcknowledgesUpTo, ""),
    (Flaw::AcknowledgesByIndex, ""),
    (Flaw::AcknowledgesAnyLane, ""),
    (Flaw::ComeBack, ""),
    (Flaw::BacklogWithoutLeased, ""),
    (Flaw::BacklogOfEntriesAsLanes, ""),
    (Flaw::FirstLaneAlways, ""),
    (Flaw::EntriesCap(8), ""),
    (Flaw::EntriesCap(100), ""),
];

const RACES: &[(Flaw, &str)] = &[
    (Flaw::TakeOverTwoLocks, ""),
    (Flaw::FirstTwoLocks, ""),
    (Flaw::TwoLocks, ""),
    (Flaw::VersionReadApart, ""),
    (Flaw::LoserTells, ""),
    (Flaw::PurgeWithoutSecondLook, ""),
];

async fn caught(flaw: Flaw) -> (String, [usize; 3]) {
    let store = Arc::new(Broken::new(flaw));
    let caught = conformance::check(async || Arc::clone(&store)).await;
    let rule = caught.map_or_else(|wrong| wrong.rule.to_owned(), |()| "not caught".to_owned());
    (rule, store.left())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_is_caught_by_the_rule_it_breaks() {
    let mut wrong = Vec::new();
    for (flaw, rule) in MUTANTS {
        let begun = std::time::Instant::now();
        let (found, left) = caught(*flaw).await;
        eprintln!("{flaw:?} | {found} | {left:?} {:?}", begun.elapsed());
        if found != *rule {
            wrong.push((flaw, found));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_race_is_lost() {
    let mut wrong = Vec::new();
    let times = std::env::var("TIMES").map_or(5, |times| times.parse().unwrap());
    for (flaw, rule) in RACES.iter().cycle().take(RACES.len() * times) {
        let begun = std::time::Instant::now();
        let (found, left) = caught(*flaw).await;
        eprintln!("{flaw:?} | {found} | {left:?} {:?}", begun.elapsed());
        if found != *rule {
            wrong.push((flaw, found));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
