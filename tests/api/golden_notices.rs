//! What a release wrote of notices opens for ever, and their tokens read the same.
//!
//! The files under `tests/golden/notices/` are only ever added to; see `golden.rs` for how the file of a format that was
//! never released is written anew.

use countersign::challenge::{Channels, PostsFrom};
use countersign::device::{KnownNotices, NoticeCheck, NoticeError, NoticeStanding};
use countersign::notice::{Addressee, NoticeBoard, NoticeKind, NoticeRequest};
use countersign::token::{Purpose, TrustedKeys};
use countersign::{Channel, Device};
use serde::{Deserialize, Serialize};

use crate::support::challenges::{signing, signing_bank};
use crate::support::golden;
use crate::support::golden_bank::Kept;
use crate::support::*;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Golden {
    #[serde(flatten)]
    kept: Kept,
    /// What is on everyone's board, and on Alice's.
    lists: [String; 2],
    notices: Vec<String>,
    /// One of Alice's that was taken back.
    withdrawn: String,
}

fn phone() -> Device {
    let mut keys = TrustedKeys::new(issuer());
    for purpose in [Purpose::Notice, Purpose::NoticeList] {
        keys.trust(*signing().public_key(), purpose).unwrap();
    }
    Device::new(keys, alice())
}

fn boards() -> [Addressee; 2] {
    [Addressee::Everyone, Addressee::Customer(alice())]
}

fn notice(id: &str, kind: NoticeKind) -> NoticeRequest {
    let (headline, text) = ("A headline".parse().unwrap(), "What to know".parse().unwrap());
    NoticeRequest::new(request(id), kind, headline, text, START.after(DAY))
}

async fn scene() -> Golden {
    let bank = signing_bank();
    let [everyone, to_alice] = boards();
    let notices = bank.verifier.notices();
    let posted = notice("n-1", NoticeKind::Scam)
        .posted_on(Channels::new(&[Channel::Chat, Channel::Sms]).unwrap())
        .posting_from([PostsFrom::new(Channel::Sms, "BANK".parse().unwrap())]);
    notices.issue(&everyone, &posted).await.unwrap();
    bank.clock.advance(MINUTE);
    notices.issue(&to_alice, &notice("n-2", NoticeKind::Disruption)).await.unwrap();
    let taken = notices.issue(&to_alice, &notice("n-3", NoticeKind::General)).await.unwrap();
    notices.withdraw(&to_alice, &taken.notice.id).await.unwrap();
    let mut all = Vec::new();
    let mut lists = Vec::new();
    for to in boards() {
        let NoticeBoard { list, notices: tokens, .. } = notices.board(&to).await.unwrap();
        lists.push(list);
        all.extend(tokens);
    }
    Golden {
        kept: Kept::of(&bank, "Record format 2: notices; notice and notice_list tokens v1"),
        lists: lists.try_into().unwrap(),
        notices: all,
        withdrawn: taken.token,
    }
}

#[tokio::test]
async fn the_current_format_is_the_one_in_the_file() {
    let now = scene().await;
    golden::is_current("notices", &now);
}

#[tokio::test]
async fn every_released_format_opens() {
    for (_, golden) in golden::released::<Golden>("notices", 1) {
        let kept = golden.kept.verifier().await.signing_key(signing());
        let verifier = kept.build().unwrap();
        let mut known = KnownNotices::new();
        for list in &golden.lists {
            phone().learn_notices(&mut known, list, golden.kept.now).unwrap();
        }
        let mut again = Vec::new();
        for to in boards() {
            let board = verifier.notices().board(&to).await.unwrap();
            phone().learn_notices(&mut known, &board.list, golden.kept.now).unwrap();
            again.extend(board.notices);
        }
        assert_eq!(again, golden.notices, "the same tokens");
        let mut kinds = Vec::new();
        for token in &golden.notices {
            let opened = phone().open_board_notice(token, &known, golden.kept.now).unwrap();
            let NoticeCheck::ForYou(notice) = opened else { panic!("{opened:?}") };
            assert_eq!(notice.standing(), NoticeStanding::InForce);
            kinds.push(notice.data().kind());
        }
        assert_eq!(kinds, [NoticeKind::Scam, NoticeKind::Disruption]);
        let withdrawn = phone().open_board_notice(&golden.withdrawn, &known, golden.kept.now);
        assert_eq!(withdrawn, Err(NoticeError::Withdrawn));
    }
}
