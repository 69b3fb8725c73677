//! Signed notices: for all or for one customer, with an end, and where a copy is told.

use countersign::challenge::{Channels, FoundOn, Handle, PostsFrom};
use countersign::device::{
    KnownNotices, NoticeCheck, NoticeError, NoticeListError, NoticeStanding, VerifiedNotice,
};
use countersign::error::{ConfigError, Invalid};
use countersign::history::{Action, Subject};
use countersign::id::NoticeId;
use countersign::notice::{
    Addressee, MAX_NOTICE_LIFETIME, NoticeBoard, NoticeData, NoticeIssued, NoticeKind,
    NoticeListData, NoticeRequest,
};
use countersign::observer::View;
use countersign::policy::NOTICES_AT_ONCE;
use countersign::token::{Audience, Claims, Purpose, Rejection, TokenId, TrustedKeys};
use countersign::{Channel, CustomerId, Device, Error, Policy, Timestamp};
use serde_json::json;

use crate::support::challenges::{bank_of, signing, signing_bank};
use crate::support::*;

const WEEK: std::time::Duration = std::time::Duration::from_secs(7 * 24 * 3600);

fn phone_of(customer: CustomerId) -> Device {
    let mut keys = TrustedKeys::new(issuer());
    for purpose in [Purpose::Notice, Purpose::NoticeList] {
        keys.trust(*signing().public_key(), purpose).unwrap();
    }
    Device::new(keys, customer)
}

fn phone() -> Device {
    phone_of(alice())
}

fn to_alice() -> Addressee {
    Addressee::Customer(alice())
}

fn text(text: &str) -> countersign::text::ShortText {
    text.parse().unwrap()
}

fn scam(id: &str) -> NoticeRequest {
    let (headline, body) = ("False text messages about parcels", "We send no links. Hang up.");
    let until = START.after(WEEK);
    NoticeRequest::new(request(id), NoticeKind::Scam, text(headline), text(body), until)
}

fn from(channel: Channel, handle: &str) -> PostsFrom {
    PostsFrom::new(channel, handle.parse().unwrap())
}

/// By text message from BANK, and on a social network from @bank.
fn posted(id: &str) -> NoticeRequest {
    scam(id)
        .posted_on(Channels::new(&[Channel::Sms, Channel::Social]).unwrap())
        .posting_from([from(Channel::Sms, "BANK"), from(Channel::Social, "@bank")])
}

fn found(text: &str) -> FoundOn {
    text.parse().unwrap()
}

impl Bank {
    async fn posts(&self, to: &Addressee, notice: &NoticeRequest) -> NoticeIssued {
        self.verifier.notices().issue(to, notice).await.unwrap()
    }

    async fn board(&self, to: &Addressee) -> NoticeBoard {
        self.verifier.notices().board(to).await.unwrap()
    }

    async fn learns(&self, known: &mut KnownNotices, to: &Addressee) {
        let list = self.board(to).await.list;
        phone().learn_notices(known, &list, self.now()).unwrap();
    }

    fn opens(
        &self,
        token: &str,
        at: &str,
        known: &KnownNotices,
    ) -> Result<NoticeCheck, NoticeError> {
        phone().open_notice(token, &found(at), known, self.now())
    }
}

fn for_you(check: Result<NoticeCheck, NoticeError>) -> VerifiedNotice {
    match check {
        Ok(NoticeCheck::ForYou(notice)) => notice,
        other => panic!("{other:?}"),
    }
}

fn rejected(check: Result<NoticeCheck, NoticeError>) -> Rejection {
    match check {
        Err(NoticeError::Token(error)) => error.reason(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn everyone_reads_a_notice_where_it_was_posted() {
    let bank = signing_bank();
    let issued = bank.posts(&Addressee::Everyone, &posted("n-1")).await;
    let mut known = KnownNotices::new();
    bank.learns(&mut known, &Addressee::Everyone).await;
    for at in ["sms:BANK", "sms:bank", "social:@bank"] {
        let notice = for_you(bank.opens(&issued.token, at, &known));
        assert_eq!(notice.id(), issued.notice.id);
        assert_eq!(notice.headline(), "Beware: a scam is going round.");
        assert_eq!(notice.headline_id(), "scam");
        assert_eq!(notice.data().headline().as_str(), "False text messages about parcels");
        assert_eq!(notice.data().text().as_str(), "We send no links. Hang up.");
        assert_eq!((notice.since(), notice.until()), (START, START.after(WEEK)));
        assert_eq!(notice.standing(), NoticeStanding::InForce);
        assert!(notice.data().is_for_everyone());
    }
    let another = phone_of(mallory());
    let mut learnt = KnownNotices::new();
    let board = bank.board(&Addressee::Everyone).await;
    another.learn_notices(&mut learnt, &board.list, START).unwrap();
    assert_eq!(board.notices, std::slice::from_ref(&issued.token), "the same token");
    let opened = another.open_board_notice(&issued.token, &learnt, START);
    assert_eq!(for_you(opened).standing(), NoticeStanding::InForce);
}

#[tokio::test]
async fn a_copy_on_a_look_alike_account_is_told() {
    let bank = signing_bank();
    let issued = bank.posts(&Addressee::Everyone, &posted("n-1")).await;
    let known = KnownNotices::new();
    // A Cyrillic letter, another sender, no sender, a channel that was not named.
    for at in ["social:@bаnk", "sms:BANK-INFO", "sms", "social", "chat", "email:help@bank.example"]
    {
        let check = bank.opens(&issued.token, at, &known);
        assert!(matches!(check, Err(NoticeError::FoundElsewhere(_))), "{at}: {check:?}");
    }
    let in_app = bank.posts(&Addressee::Everyone, &scam("n-2")).await;
    for at in ["sms:BANK", "chat", "social:@bank"] {
        let check = bank.opens(&in_app.token, at, &known);
        assert!(matches!(check, Err(NoticeError::FoundElsewhere(_))), "in the app alone, {at}");
    }
}

#[tokio::test]
async fn a_notice_that_was_taken_back_is_told_once_a_later_list_is_learnt() {
    let bank = signing_bank();
    let everyone = Addressee::Everyone;
    let issued = bank.posts(&everyone, &posted("n-1")).await;
    let mut known = KnownNotices::new();
    let nothing_known = for_you(bank.opens(&issued.token, "sms:BANK", &known));
    assert_eq!(nothing_known.standing(), NoticeStanding::NotConfirmed);
    bank.learns(&mut known, &everyone).await;
    let old_list = bank.board(&everyone).await.list;
    bank.clock.advance(MINUTE);
    let notices = bank.verifier.notices();
    let withdrawn = notices.withdraw(&everyone, &issued.notice.id).await.unwrap();
    assert_eq!(withdrawn.withdrawn, Some(bank.now()));
    let stale = for_you(bank.opens(&issued.token, "sms:BANK", &known));
    assert_eq!(stale.standing(), NoticeStanding::InForce, "the list of before still holds");
    bank.learns(&mut known, &everyone).await;
    assert_eq!(bank.opens(&issued.token, "sms:BANK", &known), Err(NoticeError::Withdrawn));
    let session = phone().open_board_notice(&issued.token, &known, bank.now());
    assert_eq!(session, Err(NoticeError::Withdrawn));
    // Whoever shows the list of before brings nothing back.
    let replayed = phone().learn_notices(&mut known, &old_list, bank.now());
    assert_eq!(replayed, Err(NoticeListError::Older));
    assert_eq!(bank.opens(&issued.token, "sms:BANK", &known), Err(NoticeError::Withdrawn));
    // Nor is it forgotten over a restart of the app, or once the list has run out.
    let kept = serde_json::to_string(&known).unwrap();
    let known: KnownNotices = serde_json::from_str(&kept).unwrap();
    bank.clock.advance(DAY);
    assert_eq!(bank.opens(&issued.token, "sms:BANK", &known), Err(NoticeError::Withdrawn));
    assert_eq!(bank.board(&everyone).await.notices, Vec::<String>::new());
}

#[tokio::test]
async fn a_list_that_has_run_out_confirms_nothing_and_a_newer_notice_is_not_missing_on_it() {
    let bank = signing_bank();
    let everyone = Addressee::Everyone;
    let first = bank.posts(&everyone, &posted("n-1")).await;
    let mut known = KnownNotices::new();
    bank.learns(&mut known, &everyone).await;
    let second = bank.posts(&everyone, &posted("n-2")).await;
    let newer = for_you(bank.opens(&second.token, "sms:BANK", &known));
    assert_eq!(newer.standing(), NoticeStanding::NotConfirmed);
    bank.clock.advance(HOUR);
    let old = for_you(bank.opens(&first.token, "sms:BANK", &known));
    assert_eq!(old.standing(), NoticeStanding::NotConfirmed);
    bank.learns(&mut known, &everyone).await;
    for token in [&first.token, &second.token] {
        let notice = for_you(bank.opens(token, "sms:BANK", &known));
        assert_eq!(notice.standing(), NoticeStanding::InForce);
    }
    assert_eq!(bank.board(&everyone).await.notices, [second.token, first.token], "newest first");
}

#[tokio::test]
async fn a_notice_ends() {
    let bank = signing_bank();
    let everyone = Addressee::Everyone;
    let issued = bank.posts(&everyone, &posted("n-1")).await;
    let mut known = KnownNotices::new();
    bank.clock.set(START.after(WEEK));
    bank.learns(&mut known, &everyone).await;
    assert!(bank.board(&everyone).await.notices.is_empty());
    bank.clock.advance(MINUTE);
    assert_eq!(rejected(bank.opens(&issued.token, "sms:BANK", &known)), Rejection::Expired);
    let notices = bank.verifier.notices();
    assert!(notices.list(&everyone).await.unwrap().is_empty());
    let refused = notices.withdraw(&everyone, &issued.notice.id).await;
    assert!(matches!(refused, Err(Error::Refused(_))));
    let over = notices.issue(&everyone, &scam("n-2")).await;
    assert!(matches!(over, Err(Error::Invalid(Invalid::WindowOver))));
}

#[tokio::test]
async fn a_customers_notice_names_nobody_where_others_read_it() {
    let bank = signing_bank();
    let issued = bank.posts(&to_alice(), &posted("n-1")).await;
    let plain = String::from_utf8_lossy(&claims_text(&issued.token)).into_owned();
    assert!(!plain.contains("alice"), "{plain}");
    let known = KnownNotices::new();
    let someone = bank.opens(&issued.token, "sms:BANK", &known);
    assert!(matches!(someone, Ok(NoticeCheck::ForSomeone(_))), "{someone:?}");
    let knows = |customer: &CustomerId| {
        phone_of(customer.clone()).with_pseudonym(bank.verifier.challenges().pseudonym(customer))
    };
    let mine = knows(&alice()).open_notice(&issued.token, &found("sms:BANK"), &known, START);
    assert_eq!(for_you(mine).id(), issued.notice.id);
    let theirs = knows(&mallory()).open_notice(&issued.token, &found("sms:BANK"), &known, START);
    assert_eq!(rejected(theirs), Rejection::Audience);
    // In the app alone it names her, and nobody else opens it.
    let own = bank.posts(&to_alice(), &scam("n-2")).await;
    let mut known = KnownNotices::new();
    let list = bank.board(&to_alice()).await.list;
    phone().learn_notices(&mut known, &list, START).unwrap();
    let mine = phone().open_board_notice(&own.token, &known, START);
    assert_eq!(for_you(mine).standing(), NoticeStanding::InForce);
    let theirs = phone_of(mallory()).open_board_notice(&own.token, &known, START);
    assert_eq!(rejected(theirs), Rejection::Audience);
    let mut other = KnownNotices::new();
    let theirs = phone_of(mallory()).learn_notices(&mut other, &list, START).unwrap_err();
    assert!(
        matches!(theirs, NoticeListError::Token(error) if error.reason() == Rejection::Audience)
    );
}

/// The claims of a token, which anyone can read.
fn claims_text(token: &str) -> Vec<u8> {
    use base64ct::Encoding as _;
    let body = token.split('.').nth(2).unwrap();
    let decoded = base64ct::Base64UrlUnpadded::decode_vec(body).unwrap();
    decoded[..decoded.len() - 64].to_vec()
}

/// A customer whose id is `everyone` gets no more and no less than any other.
#[tokio::test]
async fn a_customer_called_everyone_speaks_for_nobody_else() {
    let bank = signing_bank();
    let called = CustomerId::new("everyone").unwrap();
    let to = Addressee::Customer(called.clone());
    let issued = bank.posts(&to, &scam("n-1")).await;
    let list = bank.board(&to).await.list;
    let mut known = KnownNotices::new();
    let learnt = phone().learn_notices(&mut known, &list, START).unwrap_err();
    assert!(
        matches!(learnt, NoticeListError::Token(error) if error.reason() == Rejection::Audience)
    );
    let opened = phone().open_board_notice(&issued.token, &known, START);
    assert_eq!(rejected(opened), Rejection::Audience);
    let own = phone_of(called).open_board_notice(&issued.token, &known, START);
    assert_eq!(for_you(own).id(), issued.notice.id);
}

#[tokio::test]
async fn repeating_a_call_gives_the_first_notice_and_nothing_more() {
    let bank = signing_bank();
    let first = bank.posts(&to_alice(), &posted("n-1")).await;
    bank.clock.advance(MINUTE);
    assert_eq!(bank.posts(&to_alice(), &posted("n-1")).await, first);
    let notices = bank.verifier.notices();
    let other = notices.issue(&to_alice(), &scam("n-1")).await;
    assert!(matches!(other, Err(Error::Invalid(Invalid::RequestReused))));
    let withdrawn = notices.withdraw(&to_alice(), &first.notice.id).await.unwrap();
    bank.clock.advance(MINUTE);
    assert_eq!(notices.withdraw(&to_alice(), &first.notice.id).await.unwrap(), withdrawn);
    let again = bank.posts(&to_alice(), &posted("n-1")).await;
    assert_eq!(again.notice, withdrawn, "what was taken back stays so");
    let told = bank.seen.take();
    let told: Vec<_> = told.iter().map(|one| (one.action, one.repeated)).collect();
    let (issue, withdraw) = (Action::IssueNotice, Action::WithdrawNotice);
    assert_eq!(
        told,
        [(issue, false), (issue, true), (withdraw, false), (withdraw, true), (issue, true)]
    );
}

#[tokio::test]
async fn what_a_notice_may_not_be_is_said() {
    let bank = signing_bank();
    let notices = bank.verifier.notices();
    let long = START.after(MAX_NOTICE_LIFETIME).after(std::time::Duration::from_secs(1));
    let made = |headline: &str, until| {
        NoticeRequest::new(request("n"), NoticeKind::General, text(headline), text("x"), until)
    };
    let sms = Channels::new(&[Channel::Sms]).unwrap();
    let week = START.after(WEEK);
    for (notice, why) in [
        (made("x", START), Invalid::WindowOver),
        (made("x", long), Invalid::WindowTooFar(MAX_NOTICE_LIFETIME)),
        (made("4111 1111 1111 1111", week), Invalid::CardInText),
        (made("x", week).posted_on(sms.clone()), Invalid::NoHandle(Channel::Sms)),
    ] {
        let Err(Error::Invalid(invalid)) = notices.issue(&to_alice(), &notice).await else {
            panic!("{why:?}")
        };
        assert_eq!(invalid, why);
    }
    let elsewhere = made("x", week).posted_on(sms).posting_from([from(Channel::Social, "@bank")]);
    let elsewhere = notices.issue(&to_alice(), &elsewhere).await;
    assert!(matches!(elsewhere, Err(Error::Invalid(Invalid::Handles(_)))));
    let mut policy = Policy::default();
    policy.channels = serde_json::from_value(json!({"challenge": ["voice"]})).unwrap();
    let strict = bank_of(policy);
    let refused = strict.verifier.notices().issue(&to_alice(), &posted("n")).await;
    assert!(matches!(refused, Err(Error::Invalid(Invalid::Channel(Channel::Sms)))));
    let unsigned = crate::support::bank();
    let refused = unsigned.verifier.notices().issue(&to_alice(), &scam("n")).await;
    assert!(matches!(refused, Err(Error::Config(ConfigError::NoSigningKey))));
}

#[tokio::test]
async fn a_board_holds_so_many_and_no_more() {
    let bank = signing_bank();
    let everyone = Addressee::Everyone;
    for number in 0..NOTICES_AT_ONCE {
        bank.posts(&everyone, &scam(&format!("n-{number}"))).await;
    }
    let notices = bank.verifier.notices();
    let full = notices.issue(&everyone, &scam("more")).await;
    assert!(matches!(full, Err(Error::Invalid(Invalid::TooManyNotices))));
    // Another board has room, and so has this one after their end.
    bank.posts(&to_alice(), &scam("more")).await;
    bank.clock.set(START.after(WEEK));
    let (headline, until) = (text("x"), START.after(2 * WEEK));
    let later =
        NoticeRequest::new(request("more"), NoticeKind::General, headline.clone(), headline, until);
    bank.posts(&everyone, &later).await;
    assert_eq!(notices.list(&everyone).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_boards_number_goes_on_rising_after_its_record_is_lost() {
    let mut policy = Policy::default();
    policy.retention = DAY;
    let bank = bank_of(policy);
    let everyone = Addressee::Everyone;
    bank.posts(&everyone, &scam("n-1")).await;
    let mut known = KnownNotices::new();
    bank.learns(&mut known, &everyone).await;
    bank.clock.set(START.after(3 * WEEK));
    assert_eq!(bank.verifier.purge(100).await.unwrap(), 1, "its record has come to its end");
    bank.learns(&mut known, &everyone).await;
    let until = START.after(4 * WEEK);
    let later =
        NoticeRequest::new(request("n-2"), NoticeKind::General, text("x"), text("y"), until);
    let issued = bank.posts(&everyone, &later).await;
    let fresh = phone().open_board_notice(&issued.token, &known, bank.now());
    assert_eq!(for_you(fresh).standing(), NoticeStanding::NotConfirmed, "newer than the list");
    bank.learns(&mut known, &everyone).await;
    let fresh = phone().open_board_notice(&issued.token, &known, bank.now());
    assert_eq!(for_you(fresh).standing(), NoticeStanding::InForce);
}

#[tokio::test]
async fn erasure_takes_a_customers_notices_and_refuses_new_ones() {
    let bank = signing_bank();
    bank.posts(&to_alice(), &scam("n-1")).await;
    let export = bank.verifier.customers().export(&alice()).await.unwrap();
    assert!(
        export
            .ceremonies
            .iter()
            .any(|one| matches!(&one.now, View::NoticeBoard(all) if all.len() == 1))
    );
    bank.verifier.customers().erase(&alice()).await.unwrap();
    let notices = bank.verifier.notices();
    assert!(notices.list(&to_alice()).await.unwrap().is_empty());
    let refused = notices.issue(&to_alice(), &scam("n-2")).await;
    assert!(matches!(refused, Err(Error::Refused(_))));
}

#[tokio::test]
async fn the_observer_hears_of_a_customers_notices_and_of_nobodys_else() {
    let bank = signing_bank();
    bank.posts(&Addressee::Everyone, &scam("n-1")).await;
    assert!(bank.seen.take().is_empty());
    let issued = bank.posts(&to_alice(), &scam("n-1")).await;
    let told = bank.seen.take();
    assert_eq!(told.len(), 1);
    assert!(matches!(told[0].subject, Subject::NoticeBoard(_)));
    assert_eq!(told[0].view, Some(View::NoticeBoard(vec![issued.notice])));
}

fn sign<D: countersign::token::TokenData>(to: &str, data: D, from: Timestamp) -> String {
    let id = TokenId::from_bytes([9; 16]);
    let audience = Audience::new(to).unwrap();
    let claims = Claims::new(issuer(), audience, id, from, HOUR, data).unwrap();
    signing().issue(&claims).unwrap()
}

#[tokio::test]
async fn a_notice_is_no_list_and_no_challenge() {
    let bank = signing_bank();
    let issued = bank.posts(&Addressee::Everyone, &posted("n-1")).await;
    let list = bank.board(&Addressee::Everyone).await.list;
    let mut known = KnownNotices::new();
    let as_list = phone().learn_notices(&mut known, &issued.token, START).unwrap_err();
    assert!(
        matches!(as_list, NoticeListError::Token(error) if error.reason() == Rejection::Signature)
    );
    assert_eq!(rejected(bank.opens(&list, "sms:BANK", &known)), Rejection::Signature);
    let challenges = crate::support::challenges::phone();
    let error = challenges.open_challenge(&issued.token, &found("sms:BANK"), START).unwrap_err();
    let countersign::device::ChallengeError::Token(error) = error else { panic!("{error:?}") };
    assert_eq!(error.reason(), Rejection::Signature);
}

/// The bytes that the manual shows, and what a reader makes of what it does not know.
#[test]
fn the_data_read_as_the_manual_has_them() {
    let data = NoticeData::new(NoticeKind::Scam, text("h"), text("t"), 7)
        .found_on(
            Some(Channels::new(&[Channel::Sms]).unwrap()),
            [PostsFrom::new(Channel::Sms, Handle::new("BANK").unwrap())],
        )
        .unwrap()
        .for_everyone();
    let written = json!({
        "kind": "scam", "headline": "h", "text": "t", "number": 7, "channels": ["sms"],
        "handles": [{"channel": "sms", "handle": "BANK"}], "for_everyone": true,
    });
    assert_eq!(serde_json::to_value(&data).unwrap(), written);
    let newer = json!({"kind": "weather", "headline": "h", "text": "t", "number": 7, "more": 1});
    let read: NoticeData = serde_json::from_value(newer).unwrap();
    assert_eq!(read, NoticeData::new(NoticeKind::General, text("h"), text("t"), 7));
    let id = "04hmasw9nf6yy0938nkrkaycxw";
    let list: NoticeListData =
        serde_json::from_value(json!({"number": 8, "in_force": [id], "for_everyone": true}))
            .unwrap();
    assert_eq!(
        (list.number, list.in_force.as_slice()),
        (8, &[id.parse::<NoticeId>().unwrap()][..])
    );
    for missing in ["kind", "headline", "text", "number"] {
        let mut part = written.clone();
        part.as_object_mut().unwrap().remove(missing);
        assert!(serde_json::from_value::<NoticeData>(part).is_err(), "{missing}");
    }
    let token = sign("everyone", data, START);
    let opened = phone().open_notice(&token, &found("sms:BANK"), &KnownNotices::new(), START);
    assert_eq!(for_you(opened).headline_id(), "scam");
}
