//! A lane with more entries than a server gives at once.

use std::sync::Arc;
use std::time::Duration;

use countersign::Timestamp;
use countersign::store::{Entry, Expected, Head, News, Place, Put, Record, Store};

const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
const LANE: u8 = 77;

/// Whoever leases it reads on to its end, in order, and meets nothing of the lane behind it.
pub async fn is_read_to_its_end(store: &impl Store) {
    const WRITES: u8 = 30;
    const EACH: usize = 50;
    let until = NOW.after(Duration::from_secs(3600));
    let head = |version| Head { version, created: NOW, live_until: until, retain_until: until };
    let mut wanted: Vec<(u64, u16)> = Vec::new();
    for n in 0..WRITES {
        let new = Record { head: head(u64::from(n) + 1), sealed: Arc::from([n]) };
        let news: Vec<Arc<[u8]>> = (0..EACH).map(|_| Arc::from([n; 300])).collect();
        let news = News { entries: &news, reserve: false };
        for lane in [LANE, LANE + 1] {
            let at = Place { lane, owner: [1; 16], id: [n; 16] };
            let put = store.put_if(&at, Expected::Absent, &new, news, NOW).await.unwrap();
            assert_eq!(put, Put::Stored);
        }
        wanted.extend((0..50).map(|index| (new.head.version, index)));
    }
    let named = |entry: &Entry| (entry.id.version, entry.id.index);
    // The other lane's stand behind this one's in whatever order there is.
    let mut leases = Vec::new();
    for token in [[1; 16], [2; 16]] {
        leases.push(store.lease(&token, 2000, NOW, until).await.unwrap().unwrap());
    }
    assert_eq!(leases.iter().map(|lease| usize::from(lease.lane)).sum::<usize>(), 155);
    for lease in &leases {
        let mut found: Vec<_> = lease.entries.iter().map(named).collect();
        let mut next = lease.next.clone();
        while let Some(after) = next {
            let listed = store.entries(Some(&after), 700).await.unwrap();
            let all = listed.rows.len();
            let own = listed.rows.iter().filter(|entry| entry.id.place.lane == lease.lane);
            let before = found.len();
            found.extend(own.map(named));
            next = listed.next.filter(|_| found.len() - before == all);
        }
        assert_eq!(found, wanted, "lane {}", lease.lane);
    }
}
