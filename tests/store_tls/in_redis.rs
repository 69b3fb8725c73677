//! Redis: one server and a cluster.

use std::process::Command;
use std::time::Duration;

use countersign::store::redis::{RedisConfigError, RedisOptions, RedisStore};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::cluster::ClusterClient;
use redis::{Client, ClientTlsConfig, TlsCertificates};

use crate::certificate::{Authority, Issued};
use crate::servers::{Server, free_port};
use crate::{whole, with_ring, works};

const DEADLINE: Duration = Duration::from_secs(20);
/// Names the authority's file to the process that trusts it.
const TRUSTED: &str = "SSL_CERT_FILE";
const URL: &str = "COUNTERSIGN_TLS_URL";

/// A server that also takes TLS, on a port of its own.
struct Encrypted {
    _server: Server,
    port: u16,
}

impl Encrypted {
    fn start(authority: &Authority, issued: &Issued, settings: &[(&str, &str)]) -> Self {
        let port = free_port();
        let [certificate, key, trusted] = [&issued.certificate, &issued.key, &authority.path()]
            .map(|path| path.display().to_string());
        let tls = [
            ("tls-port", &*port.to_string()),
            ("tls-cert-file", &certificate),
            ("tls-key-file", &key),
            ("tls-ca-cert-file", &trusted),
        ];
        Self { _server: Server::with(&[&tls, settings].concat()), port }
    }

    fn url(&self) -> String {
        format!("rediss://127.0.0.1:{}/", self.port)
    }
}

fn options() -> RedisOptions {
    RedisOptions::new().deadline(DEADLINE)
}

/// A store on a connection as a host makes it.
async fn store(url: String, trusted: TlsCertificates) -> Result<RedisStore, RedisConfigError> {
    let client = Client::build_with_tls(url, trusted).unwrap();
    let config = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(DEADLINE))
        .set_response_timeout(Some(DEADLINE))
        .set_number_of_retries(1);
    let manager = ConnectionManager::new_lazy_with_config(client, config).unwrap();
    RedisStore::new(manager, options()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_of_the_host_s_own_brings_tls_and_a_client_certificate() {
    with_ring();
    let authority = Authority::new();
    let issued = authority.issue("IP:127.0.0.1");
    let server = Encrypted::start(&authority, &issued, &[("tls-auth-clients", "yes")]);
    let client_cert = std::fs::read(&issued.certificate).unwrap();
    let client_key = std::fs::read(&issued.key).unwrap();
    let known = Some(ClientTlsConfig { client_cert, client_key });
    let trusted = TlsCertificates { client_tls: known, root_cert: Some(authority.pem()) };
    let known_store = store(server.url(), trusted.clone()).await.unwrap();
    works(&known_store).await;

    // A client without a certificate; an authority that did not issue the server's; no TLS on a port of TLS.
    let unknown = TlsCertificates { client_tls: None, ..trusted.clone() };
    let other = TlsCertificates { root_cert: Some(Authority::new().pem()), ..trusted };
    for trusted in [unknown, other] {
        let error = store(server.url(), trusted).await.unwrap_err();
        assert!(matches!(error, RedisConfigError::Unreachable(_)), "{}", whole(&error));
        assert!(error.to_string().contains("TLS"), "{error}");
    }
    let plain = server.url().replace("rediss", "redis");
    let error = RedisStore::connect(&plain, options()).await.unwrap_err();
    assert!(matches!(error, RedisConfigError::Unreachable(_)), "{}", whole(&error));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_for_another_name_is_refused() {
    with_ring();
    let authority = Authority::new();
    let server = Encrypted::start(
        &authority,
        &authority.issue("IP:127.0.0.2"),
        &[("tls-auth-clients", "no")],
    );
    let trusted = TlsCertificates { client_tls: None, root_cert: Some(authority.pem()) };
    let error = store(server.url(), trusted).await.unwrap_err();
    assert!(matches!(error, RedisConfigError::Unreachable(_)), "{}", whole(&error));
}

/// The store connects by itself to what the system trusts.
#[test]
fn a_url_of_tls_is_enough_where_the_system_trusts_the_authority() {
    let authority = Authority::new();
    let issued = authority.issue("IP:127.0.0.1");
    let server = Encrypted::start(&authority, &issued, &[("tls-auth-clients", "no")]);
    for (trusted, connects) in [(authority.path(), true), (Authority::new().path(), false)] {
        // What a process trusts is read from its environment.
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "in_redis::connects_in_a_child", "--nocapture"])
            .env(TRUSTED, trusted)
            .env(URL, server.url())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stdout);
        assert_eq!(said.contains("it connects"), connects, "{said}");
        assert_eq!(said.contains("it does not connect"), !connects, "{said}");
    }
}

/// What the test above starts; nothing by itself.
#[tokio::test(flavor = "multi_thread")]
async fn connects_in_a_child() {
    let Ok(url) = std::env::var(URL) else { return };
    with_ring();
    match RedisStore::connect(&url, options()).await {
        Ok(store) => {
            works(&store).await;
            println!("it connects");
        }
        Err(error) => println!("it does not connect: {}", whole(&error)),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_s_client_of_the_host_s_own_brings_tls() {
    with_ring();
    let authority = Authority::new();
    let issued = authority.issue("IP:127.0.0.1");
    let settings = [
        ("cluster-enabled", "yes"),
        ("cluster-config-file", "nodes.conf"),
        ("cluster-node-timeout", "5000"),
        ("tls-cluster", "yes"),
        ("tls-auth-clients", "no"),
    ];
    let servers = [(); 3].map(|()| Encrypted::start(&authority, &issued, &settings));
    let made = Command::new("redis-cli")
        .args(["--tls", "--cacert"])
        .arg(authority.path())
        .args(["--cluster", "create"])
        .args(servers.iter().map(|server| format!("127.0.0.1:{}", server.port)))
        .args(["--cluster-replicas", "0", "--cluster-yes"])
        .output()
        .expect("redis-cli is missing: install it (Debian: apt-get install redis-tools)");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stdout));
    let trusted = TlsCertificates { client_tls: None, root_cert: Some(authority.pem()) };
    let client = |trusted| {
        ClusterClient::builder([servers[0].url()])
            .certs(trusted)
            .connection_timeout(DEADLINE)
            .response_timeout(DEADLINE)
            .min_retry_wait(20)
            .max_retry_wait(500)
            .build()
            .unwrap()
    };
    let store = RedisStore::with_cluster(client(trusted), options()).await.unwrap();
    works(&store).await;
    let other = TlsCertificates { client_tls: None, root_cert: Some(Authority::new().pem()) };
    let error = RedisStore::with_cluster(client(other), options()).await.unwrap_err();
    assert!(matches!(error, RedisConfigError::Unreachable(_)), "{}", whole(&error));
}
