//! The conformance suite: on what conforms, in use by others or not, and on stores that are broken.

use countersign::MemoryStore;
use countersign::store::conformance;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_memory_store_conforms() {
    let begun = std::time::Instant::now();
    conformance::check(async || MemoryStore::new()).await.unwrap();
    eprintln!("{:?}", begun.elapsed());
}
