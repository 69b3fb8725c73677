//! PostgreSQL: a pool of the host's own, as the manual makes it.

use std::time::Duration;

use countersign::store::postgres::{PostgresError, PostgresOptions, PostgresStore};
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::certificate::Authority;
use crate::clusters::{Cluster, PASSWORD, give};
use crate::{whole, with_ring, works};

/// A server with a certificate for `name`.
fn encrypted(authority: &Authority, name: &str) -> Cluster {
    let issued = authority.issue(name);
    give(&issued.key);
    let file = |setting, path: &std::path::Path| format!("{setting}={}", path.display());
    let files = [file("ssl_cert_file", &issued.certificate), file("ssl_key_file", &issued.key)];
    Cluster::start(&["ssl=on", &files[0], &files[1]])
}

fn pool(url: &str, trusted: &Authority) -> Pool {
    with_ring();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&trusted.pem()).unwrap()).unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let tls = MakeRustlsConnect::new(config);
    let fast = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(url.parse().unwrap(), tls, fast);
    Pool::builder(manager).max_size(8).build().unwrap()
}

fn options() -> PostgresOptions {
    PostgresOptions::new().with_deadline(Duration::from_secs(20))
}

async fn is_encrypted(pool: &Pool) -> bool {
    let asked = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    pool.get().await.unwrap().query_one(asked, &[]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_pool_of_the_host_s_own_brings_tls() {
    let authority = Authority::new();
    let cluster = encrypted(&authority, "IP:127.0.0.1");
    cluster.set_access("hostssl all all 127.0.0.1/32 scram-sha-256\n");
    let url = format!("{}?sslmode=require", cluster.url());
    let clients = pool(&url, &authority);
    PostgresStore::migrate(&clients, &options()).await.unwrap();
    let store = PostgresStore::new(clients.clone(), options()).await.unwrap();
    works(&store).await;
    assert!(is_encrypted(&clients).await);
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_is_told() {
    let authority = Authority::new();
    let trusting = encrypted(&authority, "IP:127.0.0.1");
    let misnamed = encrypted(&authority, "DNS:db.bank.example");
    for (cluster, trusted) in [(&trusting, &Authority::new()), (&misnamed, &authority)] {
        for mode in ["require", "prefer"] {
            let clients = pool(&format!("{}?sslmode={mode}", cluster.url()), trusted);
            let error = PostgresStore::new(clients, options()).await.unwrap_err();
            let text = whole(&error);
            assert!(matches!(error, PostgresError::Tls(_)), "{text}");
            assert!(text.contains("check the authorities") && !text.contains(PASSWORD), "{text}");
        }
    }
}

/// Why the manual has a URL say `sslmode=require`.
#[tokio::test]
async fn a_server_without_tls_is_refused_only_where_the_url_says_so() {
    let (cluster, authority) = (Cluster::start(&[]), Authority::new());
    let clients = pool(&format!("{}?sslmode=require", cluster.url()), &authority);
    let error = PostgresStore::new(clients, options()).await.unwrap_err();
    let text = whole(&error);
    assert!(matches!(error, PostgresError::TlsRequired(_)), "{text}");
    assert!(text.contains("or turn it on in the server"), "{text}");
    assert!(!is_encrypted(&pool(&cluster.url(), &authority)).await);
}
