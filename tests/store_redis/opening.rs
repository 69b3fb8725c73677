//! What a store says of servers that it cannot use.

use std::time::Duration;

use countersign::store::redis::{RedisConfigError, RedisDurability, RedisOptions, RedisStore};
use countersign::store::{Expected, News, Put, Store};

use crate::rows::{NOW, place, record, whole};
use crate::server::{Cluster, Server, sentinel};

const PASSWORD: &str = "correct-horse-4711";
const WRONG: &str = "battery-staple-0815";

async fn refused(url: &str) -> RedisConfigError {
    let options = RedisOptions::new().deadline(Duration::from_secs(2));
    RedisStore::connect(url, options).await.expect_err("it cannot be used")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_without_it() {
    let server = Server::with(&[("requirepass", PASSWORD)]);
    let port = server.port;
    for user in [format!(":{WRONG}@"), format!("nobody:{WRONG}@"), String::new()] {
        let error = refused(&format!("redis://{user}127.0.0.1:{port}/")).await;
        assert!(matches!(error, RedisConfigError::Credentials(_)), "{user} {error:?}");
        let text = whole(&error);
        assert!(text.contains("check both in the URL") && !text.contains(WRONG), "{text}");
    }
    let url = format!("redis://:{PASSWORD}@127.0.0.1:{port}/");
    let store = RedisStore::connect(&url, RedisOptions::new()).await.unwrap();
    assert_eq!(store.durability(), RedisDurability::Always);
    assert!(!format!("{store:?}").contains(PASSWORD));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_url_is_told_without_its_password() {
    for url in [
        "".to_owned(),
        "127.0.0.1:6379".to_owned(),
        format!("http://u:{WRONG}@127.0.0.1/"),
        format!("redis://u:{WRONG}@127.0.0.1:port/"),
        format!("redis://u:{WRONG}@127.0.0.1/many"),
    ] {
        let error = refused(&url).await;
        assert!(matches!(error, RedisConfigError::Url), "{url} {error:?}");
        assert!(!whole(&error).contains(WRONG));
    }
    if cfg!(not(feature = "tls-tests")) {
        let error = refused(&format!("rediss://u:{WRONG}@127.0.0.1/")).await;
        assert!(matches!(error, RedisConfigError::Tls), "{error:?}");
    }
    // Nobody listens on the port of discarding.
    let error = refused(&format!("redis://u:{WRONG}@127.0.0.1:9/")).await;
    assert!(matches!(error, RedisConfigError::Unreachable(_)), "{error:?}");
    assert!(!whole(&error).contains(WRONG));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_would_lose_records_is_refused_unless_losses_are_accepted() {
    let server = Server::with(&[("appendonly", "no")]);
    let error = refused(&server.url()).await;
    assert!(matches!(error, RedisConfigError::Volatile), "{error:?}");
    assert!(error.to_string().contains("set appendonly yes"));
    let options = RedisOptions::new().allow_volatile();
    let store = RedisStore::connect(&server.url(), options.clone()).await.unwrap();
    assert_eq!(store.durability(), RedisDurability::Volatile);

    server.ask(&["CONFIG", "SET", "appendonly", "yes"]);
    for (policy, durability) in [
        ("everysec", RedisDurability::EverySecond),
        ("no", RedisDurability::System),
        ("always", RedisDurability::Always),
    ] {
        server.ask(&["CONFIG", "SET", "appendfsync", policy]);
        let store = RedisStore::connect(&server.url(), RedisOptions::new()).await.unwrap();
        assert_eq!(store.durability(), durability);
    }

    for policy in ["allkeys-lru", "volatile-ttl"] {
        server.ask(&["CONFIG", "SET", "maxmemory-policy", policy]);
        match refused(&server.url()).await {
            RedisConfigError::Evicts { policy: found } => assert_eq!(found, policy),
            error => panic!("{error:?}"),
        }
    }
    RedisStore::connect(&server.url(), options).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_and_a_sentinel_are_refused() {
    let primary = Server::start();
    let replica = Server::with(&[("replicaof", &format!("127.0.0.1 {}", primary.port))]);
    let error = refused(&replica.url()).await;
    assert!(matches!(error, RedisConfigError::Replica), "{error:?}");
    let options = RedisOptions::new().allow_volatile();
    let error = RedisStore::connect(&replica.url(), options).await.unwrap_err();
    assert!(matches!(error, RedisConfigError::Replica), "{error:?}");
    let sentinel = sentinel();
    let error = refused(&sentinel.url()).await;
    assert!(matches!(error, RedisConfigError::Sentinel), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_the_user_may_not_read_are_told() {
    let server = Server::start();
    server.ask(&["ACL", "SETUSER", "app", "on", &format!(">{PASSWORD}"), "~*", "+@all", "-info"]);
    let url = format!("redis://app:{PASSWORD}@127.0.0.1:{}/", server.port);
    let error = refused(&url).await;
    assert!(matches!(error, RedisConfigError::Forbidden(_)), "{error:?}");
    assert!(!whole(&error).contains(PASSWORD));
    let options = RedisOptions::new().allow_volatile();
    let store = RedisStore::connect(&url, options).await.unwrap();
    assert_eq!(store.durability(), RedisDurability::Unknown);
    server.ask(&["ACL", "SETUSER", "app", "+info", "-config"]);
    let store = RedisStore::connect(&url, RedisOptions::new()).await.unwrap();
    assert_eq!(store.durability(), RedisDurability::Unknown);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_a_cluster_is_no_single_server() {
    let cluster = Cluster::start();
    let client = redis::Client::open(cluster.url()).unwrap();
    let single = client.get_multiplexed_async_connection().await.unwrap();
    let error = RedisStore::new(single, RedisOptions::new()).await.unwrap_err();
    assert!(matches!(error, RedisConfigError::Cluster), "{error:?}");
    // One server that would lose records is enough.
    cluster.0[2].ask(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]);
    let error = refused(&cluster.url()).await;
    assert!(matches!(error, RedisConfigError::Evicts { .. }), "{error:?}");
    cluster.0[2].ask(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    cluster.0[1].ask(&["CONFIG", "SET", "appendfsync", "everysec"]);
    let urls: Vec<String> = cluster.0.iter().map(Server::url).collect();
    let urls = urls.iter().map(String::as_str);
    let store = RedisStore::connect_cluster(urls, RedisOptions::new()).await.unwrap();
    assert_eq!(store.durability(), RedisDurability::EverySecond);
    for server in &cluster.0 {
        server.ask(&["CONFIG", "SET", "requirepass", PASSWORD]);
    }
    let url = format!("redis://:{WRONG}@127.0.0.1:{}/", cluster.0[0].port);
    let error = RedisStore::connect_cluster([url.as_str()], RedisOptions::new()).await.unwrap_err();
    assert!(matches!(error, RedisConfigError::Credentials(_)), "{error:?}");
    assert!(!whole(&error).contains(WRONG));
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_of_other_prefixes_and_formats_are_apart() {
    let server = Server::start();
    let at = place(0, 1, 1);
    for prefix in ["one", "two", "one:two"] {
        let options = RedisOptions::new().prefix(prefix);
        let client = redis::Client::open(server.url()).unwrap();
        let connection = client.get_multiplexed_async_connection().await.unwrap();
        let store = RedisStore::new(connection, options).await.unwrap();
        let put = store.put_if(&at, Expected::Absent, &record(1, 0), News::NONE, NOW).await;
        assert_eq!(put.unwrap(), Put::Stored);
    }
    for prefix in ["", "a b", "{a}", &"x".repeat(65)] {
        let options = RedisOptions::new().prefix(prefix);
        let error = RedisStore::connect(&server.url(), options).await.unwrap_err();
        assert!(matches!(error, RedisConfigError::Prefix), "{error:?}");
    }
    for other in ["2", "4"] {
        server.ask(&["SET", "{countersign:format}", other]);
        match refused(&server.url()).await {
            RedisConfigError::Format { found, expected } => {
                assert_eq!((found.as_str(), expected.as_str()), (other, "3"));
            }
            error => panic!("{error:?}"),
        }
    }
}
