//! Hundreds of calls at once, of all four ceremonies, on the store in a file.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use contact_centre::script::Straight;
use contact_centre::script::phone::Phone;
use contact_centre::script::stories::play;
use contact_centre::service::start;

use crate::{Folder, options};

const CEREMONIES: [&str; 4] = ["callback", "conversation", "transfer", "payment"];

fn share(sorted: &[Duration], of_hundred: usize) -> Duration {
    let at = sorted.len().saturating_sub(1) * of_hundred / 100;
    sorted.get(at).copied().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_of_calls_at_once_finish_without_an_error() {
    // Fewer in a quick run: the phones alone are half a minute of Argon2.
    let deep = std::env::var("COUNTERSIGN_DEPTH").as_deref() == Ok("full");
    let usual = if deep { 500 } else { 60 };
    let calls: usize = std::env::var("CALLS").map_or(usual, |calls| calls.parse().unwrap());
    let folder = Folder::new();
    let running = start(&options(&folder)).await.unwrap();
    let mut phones = Vec::new();
    for _ in 0..calls {
        phones.push(Phone::set_up(&running.host, &running.vault).await.unwrap());
    }
    let answers = Arc::new(Mutex::new(Vec::new()));
    let begun = Instant::now();
    let playing: Vec<_> = phones
        .into_iter()
        .zip(CEREMONIES.into_iter().cycle())
        .map(|(mut phone, name)| {
            phone.client.took = Some(answers.clone());
            tokio::spawn(async move {
                let begun = Instant::now();
                play(name, &mut phone, &mut Straight)
                    .await
                    .map_err(|fault| format!("{name}: {fault}"))?;
                Ok::<_, String>(begun.elapsed())
            })
        })
        .collect();
    let mut took = Vec::new();
    for call in playing {
        took.push(call.await.unwrap().unwrap());
    }
    assert_eq!(took.len(), calls);
    took.sort();
    let mut answers = std::mem::take(&mut *answers.lock().unwrap());
    answers.sort();
    println!("{calls} calls at once, in {:?}", begun.elapsed());
    println!("a call:    p50 {:?}, p99 {:?}", share(&took, 50), share(&took, 99));
    println!(
        "an answer: p50 {:?}, p99 {:?}, of {}",
        share(&answers, 50),
        share(&answers, 99),
        answers.len()
    );
}
