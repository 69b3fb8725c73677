//! Setting a store up: migrations, and errors that say what to do.

use std::collections::BTreeMap;
use std::time::Duration;

use countersign::store::postgres::{PostgresError, PostgresOptions, PostgresStore};
use countersign::store::{Expected, News, Put, Store};

use crate::server::{Bouncer, Cluster, PASSWORD};
use crate::support::{NOW, options, place, pool, record, store, told};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_eight_instances_that_migrate_at_once_one_does() {
    let cluster = Cluster::shared();
    let bouncer = Bouncer::before(&cluster);
    // Also where a server's transactions see what stood before they waited for the lock.
    let strict = "options=-c%20default_transaction_isolation%3Dserializable";
    let strict = format!("{}?{strict}", cluster.url());
    for url in [cluster.url(), bouncer.url(), strict] {
        let options = options();
        let instances: Vec<_> = (0..8)
            .map(|_| {
                let (clients, options) = (pool(&url, 1), options.clone());
                tokio::spawn(async move {
                    let applied = PostgresStore::migrate(&clients, &options).await.unwrap();
                    let store = PostgresStore::new(clients, options).await.unwrap();
                    (applied, store)
                })
            })
            .collect();
        let mut applied = BTreeMap::<u32, u32>::new();
        for (id, instance) in (0..).zip(instances) {
            let (by, store) = instance.await.unwrap();
            *applied.entry(by).or_default() += 1;
            let at = place(1, 1, id);
            let put = store.put_if(&at, Expected::Absent, &record(1), News::NONE, NOW).await;
            assert_eq!(put.unwrap(), Put::Stored);
        }
        assert_eq!(applied, BTreeMap::from([(0, 7), (1, 1)]));
        // Once more, with rows in it.
        assert_eq!(PostgresStore::migrate(&pool(&url, 1), &options).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn stores_of_two_schemas_do_not_see_each_other() {
    let cluster = Cluster::shared();
    let (one, other) = (options(), options());
    let (one, other) = (store(&cluster.url(), one).await, store(&cluster.url(), other).await);
    let put = one.put_if(&place(1, 1, 1), Expected::Absent, &record(1), News::NONE, NOW).await;
    assert_eq!(put.unwrap(), Put::Stored);
    assert_eq!(one.load(&place(1, 1, 1), NOW).await.unwrap(), Some(record(1)));
    assert_eq!(other.load(&place(1, 1, 1), NOW).await.unwrap(), None);
}

#[test]
fn a_schema_has_a_plain_name() {
    let long = "a".repeat(63);
    for good in ["a", "_", "select", "bank_2", long.as_str()] {
        assert!(PostgresOptions::new().with_schema(good).is_ok(), "{good}");
    }
    let longer = "a".repeat(64);
    let bad = [
        "",
        "2a",
        "A",
        "a-b",
        "a\"b",
        "a;b",
        "a b",
        "ä",
        "pg_catalog",
        "information_schema",
        "a.b",
        "a\0",
    ];
    for bad in bad.into_iter().chain([longer.as_str()]) {
        let refused = PostgresOptions::new().with_schema(bad);
        assert!(matches!(refused, Err(PostgresError::SchemaName(name)) if name == bad));
    }
}

/// A key word is quoted wherever the name stands.
#[tokio::test]
async fn a_schema_may_be_called_as_a_key_word() {
    let cluster = Cluster::shared();
    let options = PostgresOptions::new().with_schema("select").unwrap();
    let store = store(&cluster.url(), options.with_deadline(Duration::from_secs(20))).await;
    let put = store.put_if(&place(1, 1, 1), Expected::Absent, &record(1), News::NONE, NOW).await;
    assert_eq!(put.unwrap(), Put::Stored);
}

async fn refusal(url: &str, options: &PostgresOptions) -> (PostgresError, String) {
    let error = PostgresStore::connect(url, 1, options.clone()).await.unwrap_err();
    let text = told(&error);
    (error, text)
}

#[tokio::test]
async fn a_schema_that_is_missing_older_or_newer_is_told() {
    let cluster = Cluster::shared();
    let (url, options) = (cluster.url(), options());
    let (error, text) = refusal(&url, &options).await;
    assert!(matches!(error, PostgresError::Missing { .. }), "{text}");
    assert!(text.contains("run PostgresStore::migrate"), "{text}");
    let clients = pool(&url, 1);
    PostgresStore::migrate(&clients, &options).await.unwrap();
    let store = PostgresStore::new(clients.clone(), options.clone()).await.unwrap();
    let schema = format!("{options:?}");
    let schema = schema.split('"').nth(1).unwrap();
    let set = async |version: u32| {
        let set = format!("UPDATE {schema}.schema_version SET version = {version}");
        clients.get().await.unwrap().batch_execute(&set).await.unwrap();
    };
    set(0).await;
    let (error, text) = refusal(&url, &options).await;
    assert!(matches!(error, PostgresError::Older { found: 0, .. }), "{text}");
    assert!(
        text.contains("has version 0") && text.contains("run PostgresStore::migrate"),
        "{text}"
    );
    set(2).await;
    let (error, text) = refusal(&url, &options).await;
    assert!(matches!(error, PostgresError::Newer { found: 2, .. }), "{text}");
    assert!(text.contains("has version 2") && text.contains("update the program"), "{text}");
    let error = PostgresStore::migrate(&clients, &options).await.unwrap_err();
    assert!(matches!(error, PostgresError::Newer { found: 2, .. }), "{error}");
    // The schema is taken away beneath a store that runs.
    let gone = format!("DROP SCHEMA {schema} CASCADE");
    clients.get().await.unwrap().batch_execute(&gone).await.unwrap();
    let text = told(&store.load(&place(1, 1, 1), NOW).await.unwrap_err());
    assert!(text.contains("see PostgresStore::migrate"), "{text}");
}

#[tokio::test]
async fn wrong_urls_users_and_passwords_are_told() {
    let cluster = Cluster::shared();
    let options = options();
    for url in [
        "",
        "rosebud-5512",
        "postgres://",
        "http://user:rosebud-5512@host/",
        "postgres://user:rosebud-5512@host:port/",
        "host=127.0.0.1 rosebud-5512=1",
    ] {
        let (error, text) = refusal(url, &options).await;
        assert!(matches!(error, PostgresError::Url), "{url}: {text}");
    }
    let (error, text) = refusal(&cluster.url_of("postgres", "not-the-password"), &options).await;
    assert!(matches!(error, PostgresError::Refused(_)), "{text}");
    assert!(text.contains("refused the user or the password"), "{text}");
    let (error, text) = refusal(&cluster.url_of("nobody", PASSWORD), &options).await;
    assert!(matches!(error, PostgresError::Refused(_)), "{text}");
    let (error, text) = refusal(&format!("{}_of_nobody", cluster.url()), &options).await;
    assert!(matches!(error, PostgresError::NoDatabase(_)), "{text}");
    assert!(text.contains("no such database"), "{text}");
    // A port where nobody listens.
    let unused =
        std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let url = format!("postgres://postgres:{PASSWORD}@127.0.0.1:{unused}/postgres");
    let (error, text) = refusal(&url, &options).await;
    assert!(matches!(error, PostgresError::Unreachable(_)), "{text}");
    assert!(text.contains("check host and port"), "{text}");
}

#[tokio::test]
async fn a_server_that_requires_tls_is_told() {
    let cluster = Cluster::start(&[]);
    let options = options();
    cluster.set_access("hostssl all all 127.0.0.1/32 scram-sha-256\n");
    // The server reads its rules when it gets to it.
    let mut last = String::new();
    for _ in 0..200 {
        let (error, text) = refusal(&cluster.url(), &options).await;
        last = text;
        if matches!(error, PostgresError::TlsRequired(_)) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(last.contains("make the pool with a TLS connector"), "{last}");
    // And a URL that asks for TLS, of the constructor that has none.
    let (error, text) = refusal(&format!("{}?sslmode=require", cluster.url()), &options).await;
    assert!(matches!(error, PostgresError::TlsRequired(_)), "{text}");
}

#[tokio::test]
async fn a_user_without_privileges_is_told_and_the_manuals_grants_suffice() {
    let cluster = Cluster::shared();
    let options = PostgresOptions::new()
        .with_schema("granted")
        .unwrap()
        .with_deadline(Duration::from_secs(20));
    let owner = pool(&cluster.url(), 1);
    PostgresStore::migrate(&owner, &options).await.unwrap();
    let admin = owner.get().await.unwrap();
    let made = format!("CREATE ROLE service LOGIN PASSWORD '{PASSWORD}'");
    admin.batch_execute(&made).await.unwrap();
    let url = cluster.url_of("service", PASSWORD);
    let (error, text) = refusal(&url, &options).await;
    assert!(matches!(error, PostgresError::Forbidden(_)), "{text}");
    assert!(text.contains("grant it what the manual lists"), "{text}");
    let grants = include_str!("../../src/manual/_27_postgres.md");
    let grants = grants.split("```sql grants\n").nth(1).unwrap().split("```").next().unwrap();
    let grants = grants.replace("countersign", "granted").replace("verification", "service");
    admin.batch_execute(&grants).await.unwrap();
    let store = PostgresStore::connect(&url, 2, options.clone()).await.unwrap();
    countersign::store::conformance::check(async || store.clone()).await.unwrap();
    // It finds nothing to migrate, and could not.
    assert_eq!(PostgresStore::migrate(&pool(&url, 1), &options).await.unwrap(), 0);
    let other = PostgresOptions::new().with_schema("not_granted").unwrap();
    let error = PostgresStore::migrate(&pool(&url, 1), &other).await.unwrap_err();
    assert!(matches!(error, PostgresError::Forbidden(_)), "{error}");
}
