//! What lies in the past costs a list of live rows nothing, by the server's own count of commands.

use std::collections::BTreeMap;

use countersign::Timestamp;
use countersign::store::redis::RedisStore;
use countersign::store::{Expected, News, Place, Put, Range, Store, Which};

use crate::rows::{NOW, first, later, open, place, record};
use crate::server::Server;

/// Writes a row on which nothing depends; of each tenth something did before.
async fn ended(store: &RedisStore, id: u32) {
    let at = place(4, 1, id);
    let created = u64::from(id) * 2;
    let mut end = record(2, created);
    end.head.live_until = Timestamp::EPOCH;
    if !id.is_multiple_of(10) {
        return first(store, &at, &end).await;
    }
    first(store, &at, &record(1, created)).await;
    let expected = Expected::Head(record(1, created).head);
    let put = store.put_if(&at, expected, &end, News::NONE, NOW).await.unwrap();
    assert_eq!(put, Put::Stored);
}

/// How often each command was called since the count was begun.
fn counted(server: &Server) -> BTreeMap<String, u64> {
    let mut raw = server.raw();
    let stats: String = redis::cmd("INFO").arg("commandstats").query(&mut raw).unwrap();
    let line = |line: &str| {
        let (name, rest) = line.strip_prefix("cmdstat_")?.split_once(":calls=")?;
        Some((name.to_owned(), rest.split(',').next()?.parse().ok()?))
    };
    let mut all: BTreeMap<String, u64> = stats.lines().filter_map(line).collect();
    all.retain(|name, _| !["info", "config|resetstat", "client|setinfo"].contains(&&**name));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_live_rows_reads_no_others() {
    let server = Server::start();
    let store = open(&server).await;
    // The newest of all, one amid what is past, and the oldest.
    let lives: [(u32, u64); 3] = [(20_003, 50_000), (20_002, 9), (20_001, 0)];
    for (id, created) in lives {
        first(&store, &place(4, 1, id), &record(1, created)).await;
    }
    let range = Range { which: Which::Live, after: None, limit: 100 };
    let mut costs = Vec::new();
    for past in [0..10, 10..10_000] {
        let writers = (0..16).map(|writer| {
            let (store, past) = (store.clone(), past.clone());
            tokio::spawn(async move {
                for id in past.skip(writer).step_by(16) {
                    ended(&store, id).await;
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        // The first call sends the script.
        store.list(4, &[1; 16], range, NOW).await.unwrap();
        server.ask(&["CONFIG", "RESETSTAT"]);
        let listed = store.list(4, &[1; 16], range, NOW).await.unwrap();
        costs.push(counted(&server));
        let found: Vec<Place> = listed.rows.iter().map(|(at, _)| *at).collect();
        assert_eq!(found, lives.map(|(id, _)| place(4, 1, id)));
        assert_eq!(listed.next, None);
    }
    assert_eq!(costs[0], costs[1], "with 10 past rows, and with 10 000");
    assert_eq!(costs[1].get("get"), Some(&3), "{:?}", costs[1]);
    assert_eq!(server.ask(&["ZCARD", "{countersign:04}:live"]), "3");
}

/// Writes rows that lapse at later(10), newest last, and three that do not.
async fn lapsed(store: &RedisStore, owner: u8, ids: core::ops::Range<u32>) {
    let writers = (0..16).map(|writer| {
        let (store, ids) = (store.clone(), ids.clone());
        tokio::spawn(async move {
            for id in ids.skip(writer).step_by(16) {
                let mut row = record(1, u64::from(id));
                row.head.live_until = later(10);
                first(&store, &place(5, owner, id), &row).await;
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
}

/// Nothing was written since: they lapsed by time alone.
#[tokio::test(flavor = "multi_thread")]
async fn what_has_lapsed_costs_a_list_of_live_rows_nothing() {
    let server = Server::start();
    let store = open(&server).await;
    let lives: [(u32, u64); 3] = [(20_003, 50_000), (20_002, 9), (20_001, 0)];
    for (id, created) in lives {
        first(&store, &place(5, 1, id), &record(1, created)).await;
    }
    let now = later(10);
    let mut range = Range { which: Which::Live, after: None, limit: 2 };
    for past in [0..10, 10..4000] {
        lapsed(&store, 1, past).await;
        // The first call sends the script.
        store.list(5, &[1; 16], range, now).await.unwrap();
        server.ask(&["CONFIG", "RESETSTAT"]);
        let listed = store.list(5, &[1; 16], range, now).await.unwrap();
        let costs = counted(&server);
        let rows = |listed: &[(Place, countersign::store::Record)]| {
            listed.iter().map(|(at, _)| *at).collect::<Vec<_>>()
        };
        let expected = lives.map(|(id, _)| place(5, 1, id));
        assert_eq!(rows(&listed.rows), expected[..2]);
        let expected_costs = [("evalsha", 1), ("get", 2), ("persist", 1), ("zrangebylex", 1)]
            .map(|(name, calls)| (name.to_owned(), calls));
        assert_eq!(costs, BTreeMap::from(expected_costs));
        range.after = listed.next;
        let rest = store.list(5, &[1; 16], range, now).await.unwrap();
        assert_eq!((rows(&rest.rows), rest.next), (expected[2..].to_vec(), None));
        range.after = None;
    }
    // A moment before, all are live.
    let before = store.list(5, &[1; 16], range, later(9)).await.unwrap();
    let ids: Vec<_> = before.rows.iter().map(|(at, _)| *at).collect();
    assert_eq!(ids, [place(5, 1, 20_003), place(5, 1, 3999)]);
}

/// The index is in another order than the list: by when rows lapse.
#[tokio::test(flavor = "multi_thread")]
async fn live_rows_are_listed_newest_first_whenever_they_lapse() {
    let server = Server::start();
    let store = open(&server).await;
    // Some share their `created`, and ids have a byte above 0x7F.
    let rows = (0..300_u32).map(|n| {
        let id = (n * 7919 % 300) << 24 | n;
        let mut row = record(1, u64::from(n * 31 % 100));
        row.head.live_until = later(100 + u64::from(n * 17 % 50));
        (place(6, 1, id), row)
    });
    let mut rows: Vec<_> = rows.collect();
    for (at, row) in &rows {
        first(&store, at, row).await;
    }
    // Another owner's.
    first(&store, &place(6, 0, 1), &record(1, 0)).await;
    first(&store, &place(6, 2, 1), &record(1, 0)).await;
    let now = later(120);
    rows.retain(|(_, row)| row.head.live_until > now);
    rows.sort_by_key(|(at, row)| std::cmp::Reverse((row.head.created, at.id)));
    for limit in [1, 7, 100, 1000] {
        let mut range = Range { which: Which::Live, after: None, limit };
        let mut listed = Vec::new();
        loop {
            let part = store.list(6, &[1; 16], range, now).await.unwrap();
            assert!(part.rows.len() <= limit);
            listed.extend(part.rows);
            assert!(listed.len() <= rows.len());
            range.after = part.next;
            if range.after.is_none() {
                break;
            }
        }
        assert_eq!(listed, rows, "{limit}");
    }
    // What stands in the index by mistake is not listed twice.
    let (at, row) = &rows[0];
    let head = row.head;
    let stale = [
        &at.owner[..],
        &now.unix().wrapping_add(1).to_be_bytes(),
        &head.created.unix().to_be_bytes(),
        &at.id,
    ]
    .concat();
    let mut file = redis::cmd("ZADD");
    file.arg("{countersign:06}:live").arg(0).arg(stale).exec(&mut server.raw()).unwrap();
    let range = Range { which: Which::Live, after: None, limit: 1000 };
    let listed = store.list(6, &[1; 16], range, now).await.unwrap();
    assert_eq!(listed.rows, rows);
}

/// A row that lapses at another time than before is found by that.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_live_by_its_last_write() {
    let server = Server::start();
    let store = open(&server).await;
    let at = place(7, 1, 1);
    let range = Range { which: Which::Live, after: None, limit: 10 };
    let mut expected = Expected::Absent;
    let ends = [later(10), later(500), later(20), Timestamp::EPOCH, Timestamp::MAX, later(5)];
    for (version, end) in (1..).zip(ends) {
        let mut row = record(version, 0);
        row.head.live_until = end;
        let put = store.put_if(&at, expected, &row, News::NONE, NOW).await.unwrap();
        assert_eq!(put, Put::Stored);
        expected = Expected::Head(row.head);
        for now in [NOW, later(5), later(10), later(20), later(500)] {
            let listed = store.list(7, &[1; 16], range, now).await.unwrap();
            assert_eq!(listed.rows.len(), usize::from(now < end), "{version} {now}");
        }
    }
    assert_eq!(server.ask(&["ZCARD", "{countersign:07}:live"]), "1");
    assert_eq!(store.purge(later(1000), 10).await.unwrap(), 1);
    assert_eq!(server.ask(&["EXISTS", "{countersign:07}:live"]), "0");
}

/// The server does nothing else meanwhile, so it sorts no more than a thousand: the rest it takes from among all rows.
#[tokio::test(flavor = "multi_thread")]
async fn of_very_many_live_rows_a_part_is_listed_at_once() {
    let server = Server::start();
    let store = open(&server).await;
    lapsed(&store, 1, 0..1400).await;
    for (end, sorted) in [(1000, true), (1001, false)] {
        // From now on, 1400 are live, less those that lapse at once.
        let moved = if sorted { 0..400 } else { 0..1 };
        for id in moved {
            let at = place(5, 1, id);
            let held = store.load(&at, NOW).await.unwrap().unwrap();
            let mut row = record(held.head.version + 1, u64::from(id));
            row.head.live_until = if sorted { later(1) } else { later(10) };
            let expected = Expected::Head(held.head);
            let put = store.put_if(&at, expected, &row, News::NONE, NOW).await.unwrap();
            assert_eq!(put, Put::Stored);
        }
        let mut range = Range { which: Which::Live, after: None, limit: 100 };
        let mut ids = Vec::new();
        server.ask(&["CONFIG", "RESETSTAT"]);
        loop {
            let part = store.list(5, &[1; 16], range, later(1)).await.unwrap();
            ids.extend(part.rows.iter().map(|(at, _)| *at));
            assert!(ids.len() <= end);
            range.after = part.next;
            if range.after.is_none() {
                break;
            }
        }
        let mut expected: Vec<_> = (400..1400).rev().map(|id| place(5, 1, id)).collect();
        if !sorted {
            expected.push(place(5, 1, 0));
        }
        assert_eq!(ids, expected);
        assert_eq!(counted(&server).contains_key("zrevrangebylex"), !sorted);
    }
}
