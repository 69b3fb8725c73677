//! Clocks that are wrong for a moment, or differ: no key outlives its day, and no charge is lost.

use countersign::ManualClock;

use crate::support::*;

#[tokio::test]
async fn a_key_drawn_while_the_clock_was_ahead_is_drawn_anew() {
    for ahead in [MINUTE, 13 * HOUR, 365 * 24 * HOUR] {
        let scene = scene();
        let first = scene.vault.public_key().await.unwrap();
        scene.clock.set(START.after(13 * HOUR).after(ahead));
        let second = scene.vault.public_key().await.unwrap();
        assert_ne!(first, second);
        // A card sealed while the clock was ahead.
        let asked = scene.asked("p-1").await;
        let sealed = scene.sealed(&asked, &card(), 3);
        scene.clock.set(START.after(13 * HOUR));
        scene.vault.purge(100).await.unwrap();
        let third = scene.vault.public_key().await.unwrap();
        assert_ne!(third, second, "{ahead:?} ahead");
        // It was destroyed, and not only left out: nothing opens with it when its time comes.
        scene.clock.set(START.after(13 * HOUR).after(ahead));
        let acquirer = Recording::<true>::new(true);
        refused(scene.vault.pay(&asked.token, &sealed, &acquirer).await);
        assert_eq!(acquirer.book().authorised, 0);
    }
}

#[tokio::test]
async fn a_clock_that_is_ahead_by_less_than_the_leeway_destroys_no_key() {
    let scene = scene();
    scene.clock.set(START.after(std::time::Duration::from_secs(30)));
    let first = scene.vault.public_key().await.unwrap();
    let behind = vault_on(&scene.store, &ManualClock::new(START), &scene.seen, 9).build().unwrap();
    assert_eq!(behind.public_key().await.unwrap(), first);
    behind.purge(100).await.unwrap();
    assert_eq!(scene.vault.public_key().await.unwrap(), first);
}
