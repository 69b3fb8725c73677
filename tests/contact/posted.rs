//! Notices: what is refused before anything is kept, and by whose clock one begins.

use countersign::error::{ConfigError, Invalid};
use countersign::notice::{Addressee, NoticeKind, NoticeRequest};
use countersign::{Error, Timestamp, Verifier};

use crate::lines::bank;
use crate::lines::*;
use crate::support::*;

fn notice(id: &str, text: &str, until: Timestamp) -> NoticeRequest {
    let headline = "False text messages".parse().unwrap();
    NoticeRequest::new(request(id), NoticeKind::Scam, headline, text.parse().unwrap(), until)
}

#[tokio::test]
async fn a_notice_that_cannot_be_signed_is_not_kept() {
    let bank = bank();
    let unsigned: Verifier =
        part(keyring(), &bank.store, &bank.clock, &bank.seen, 9).build().unwrap();
    let to = Addressee::Everyone;
    let no = unsigned.notices().issue(&to, &notice("n-1", "Hang up.", START.after(DAY))).await;
    assert!(matches!(no, Err(Error::Config(ConfigError::NoSigningKey))), "{no:?}");
    assert_eq!(bank.store.records(), []);
}

#[tokio::test]
async fn no_card_number_is_posted_in_a_text_either() {
    let bank = bank();
    let card = notice("n-1", "Yours is 4111 1111 1111 1111.", START.after(DAY));
    let no = bank.verifier.notices().issue(&Addressee::Everyone, &card).await;
    assert!(matches!(no, Err(Error::Invalid(Invalid::CardInText))), "{no:?}");
}

/// A machine that was ahead posted before: a phone would take the next notice for one from the future.
#[tokio::test]
async fn a_notice_begins_by_the_clock_of_the_machine_that_posts_it() {
    let (bank, to) = (bank(), Addressee::Everyone);
    let notices = bank.verifier.notices();
    bank.clock.set(at(600));
    notices.issue(&to, &notice("n-1", "Hang up.", START.after(DAY))).await.unwrap();
    bank.clock.set(START);
    let next = notices.issue(&to, &notice("n-2", "Hang up.", START.after(DAY))).await.unwrap();
    assert_eq!(next.notice.since, START);
}
