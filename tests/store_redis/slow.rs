//! A way to the server that takes its time.

use std::time::Duration;

use countersign::store::redis::{RedisOptions, RedisStore};
use countersign::store::{Expected, News, Put, Store};

use crate::chaos::proxy::Proxy;
use crate::rows::{NOW, entries, open, place, record};
use crate::server::Server;

/// Every lane holds some. What reads them all gives what it has in time, and goes on from there.
#[tokio::test(flavor = "multi_thread")]
async fn reading_all_entries_over_a_slow_way_goes_on() {
    let server = Server::start();
    let near = open(&server).await;
    let told = entries(2);
    let news = News { entries: &told, reserve: false };
    for lane in 0..=u8::MAX {
        let put = near.put_if(&place(lane, 1, 1), Expected::Absent, &record(1, 0), news, NOW).await;
        assert_eq!(put.unwrap(), Put::Stored);
    }
    let proxy = Proxy::before(server.port);
    let url = format!("redis://127.0.0.1:{}/", proxy.port());
    let options = RedisOptions::new().deadline(Duration::from_millis(1600));
    let far = RedisStore::connect(&url, options).await.unwrap();
    proxy.delay(Duration::from_millis(5));
    let (mut all, mut parts, mut after) = (Vec::new(), 0, None);
    loop {
        let part = far.entries(after.as_ref(), 1000).await.unwrap();
        assert!(!part.rows.is_empty());
        all.extend(part.rows.into_iter().map(|entry| (entry.id.place.lane, entry.id.index)));
        parts += 1;
        after = part.next;
        if after.is_none() {
            break;
        }
    }
    let expected: Vec<_> = (0..=u8::MAX).flat_map(|lane| [(lane, 0), (lane, 1)]).collect();
    assert_eq!(all, expected);
    assert!(parts > 1);
}
