//! How many round trips each call takes, counted on the wire.

use countersign::store::redis::{RedisOptions, RedisStore};
use countersign::store::{Expected, News, Put, Range, Store, Which};

use crate::proxy::Proxy;
use crate::rows::{NOW, entries, later, place, record};
use crate::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn each_call_is_one_round_trip() {
    let server = Server::start();
    let proxy = Proxy::to(server.port);
    let store = RedisStore::connect(&proxy.url(), RedisOptions::new()).await.unwrap();
    let at = place(7, 1, 1);
    let (one, two) = (record(1, 0), record(2, 0));
    let news = entries(3);
    let news = News { entries: &news, reserve: false };
    // The first call of each script gives the server its text.
    for warm in [true, false] {
        proxy.trips();
        let taken = |call: &str| {
            let trips = proxy.trips();
            assert!(trips == 1 || (warm && trips == 2), "{call}: {trips} round trips");
        };
        assert_eq!(
            store.put_if(&at, Expected::Absent, &one, news, NOW).await.unwrap(),
            Put::Stored
        );
        taken("a first write with news");
        let put = store.put_if(&at, Expected::Head(one.head), &two, News::NONE, NOW).await.unwrap();
        assert_eq!(put, Put::Stored);
        taken("a write");
        let put = store.put_if(&at, Expected::Absent, &one, news, NOW).await.unwrap();
        assert_eq!(put, Put::Conflict);
        taken("a conflict");
        assert_eq!(store.load(&at, NOW).await.unwrap(), Some(two.clone()));
        taken("a load");
        let range = Range { which: Which::Live, after: None, limit: 10 };
        assert_eq!(store.list(7, &at.owner, range, NOW).await.unwrap().rows.len(), 1);
        taken("a list");
        let lease = store.lease(&[1; 16], 10, NOW, later(10)).await.unwrap().unwrap();
        assert_eq!((lease.lane, lease.entries.len()), (7, 3));
        taken("a lease");
        let ids: Vec<_> = lease.entries.iter().map(|entry| entry.id).collect();
        assert!(store.acknowledge(&lease, &ids, NOW).await.unwrap());
        taken("acknowledging");
        store.release(&lease).await.unwrap();
        taken("a release");
        assert_eq!(store.lease(&[1; 16], 10, NOW, later(10)).await.unwrap(), None);
        taken("a lease of nothing");
        assert_eq!(store.backlog().await.unwrap().entries, 0);
        taken("the backlog");
        assert_eq!(store.delete(&at, two.head).await.unwrap(), Put::Stored);
        taken("deleting");
        assert_eq!(store.purge(NOW, 10).await.unwrap(), 0);
        taken("purging nothing");
    }
}
