//! Whether agents can be reached: as it was reported, signed for seconds, and callbacks booked from that.

use core::time::Duration;

use countersign::callback::{BookingRequest, Callback};
use countersign::contact::StatusNonce;
use countersign::device::{NotVerified, ReachableShown, StatusQuestion};
use countersign::error::{Invalid, Reason};
use countersign::history::{Action, Outcome};
use countersign::id::SkillId;
use countersign::page::Page;
use countersign::policy::REACHABLE_SKILLS;
use countersign::random::SeededRandom;
use countersign::reachability::{Reach, SkillReport};
use countersign::token::{Leeway, Purpose, TrustedKeys};
use countersign::{Channel, CustomerId, Device, Error, Policy, Timestamp};

use crate::support::challenges::{bank_of, signing, signing_bank};
use crate::support::*;

const VOICE: Channel = Channel::Voice;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn skill(name: &str) -> SkillId {
    name.parse().unwrap()
}

/// Cards by voice: 12 agents, 3 of them free, four minutes to wait.
fn cards(at: Timestamp) -> SkillReport {
    SkillReport::open(skill("cards"), VOICE, at).agents(12, 3).wait(seconds(240))
}

fn phone_of(customer: CustomerId) -> Device {
    let mut keys = TrustedKeys::new(issuer());
    keys.trust(*signing().public_key(), Purpose::Reachable).unwrap();
    Device::new(keys, customer).with_leeway(Leeway::NONE)
}

fn asks(at: Timestamp) -> StatusQuestion {
    StatusQuestion::new(&SeededRandom::new(at.unix()), at).unwrap()
}

impl Bank {
    async fn reports(&self, reports: &[SkillReport]) {
        self.verifier.reachability().report(reports).await.unwrap();
    }

    /// The answer's token, and what Alice's phone makes of it.
    async fn answers(&self) -> (String, ReachableShown) {
        let question = asks(self.now());
        let answer = self.verifier.reachability().answer(&alice(), question.nonce()).await.unwrap();
        let shown = phone_of(alice()).open_reachable(&answer, &question, self.now()).unwrap();
        (answer, shown)
    }

    async fn reach(&self, name: &str) -> Reach {
        self.answers().await.1.reach(&skill(name), VOICE, self.now())
    }

    async fn books(&self, answer: &str, name: &str, id: &str) -> Result<Callback, Error> {
        let booking = booking_at(self.now(), id);
        self.verifier.reachability().book(&alice(), answer, &skill(name), booking).await
    }
}

fn booking_at(now: Timestamp, id: &str) -> BookingRequest {
    let window = countersign::Window::new(now, now.after(HOUR)).unwrap();
    BookingRequest::new(request(id), window, VOICE, "anana".parse().unwrap())
}

#[tokio::test]
async fn the_customer_is_told_what_was_reported_and_how_old_it_is() {
    let bank = signing_bank();
    assert_eq!(bank.reach("cards").await, Reach::Unknown, "nothing was reported");
    let loans = SkillReport::closed(skill("loans"), VOICE, START);
    bank.reports(&[cards(START), loans]).await;
    bank.clock.advance(seconds(12));
    let wait = |age_seconds| Reach::Wait { seconds: 240, free: true, age_seconds };
    let (_, shown) = bank.answers().await;
    assert_eq!(shown.reach(&skill("cards"), VOICE, bank.now()), wait(12));
    assert_eq!(shown.reach(&skill("loans"), VOICE, bank.now()), Reach::Closed);
    assert_eq!(shown.reach(&skill("cards"), Channel::Chat, bank.now()), Reach::Unknown);
    assert_eq!(shown.reach(&skill("other"), VOICE, bank.now()), Reach::Unknown);
    // It grows older on the phone, and then it tells nothing.
    let later = |by| shown.reach(&skill("cards"), VOICE, bank.now().after(seconds(by)));
    assert_eq!(later(29), wait(41));
    assert_eq!(shown.until(), bank.now().after(seconds(30)));
    assert_eq!(later(30), Reach::Unknown);
    let before = shown.reach(&skill("cards"), VOICE, bank.now().before(seconds(1)));
    assert_eq!(before, Reach::Unknown, "a clock that was set back");
}

#[tokio::test]
async fn a_stale_report_is_unknown_and_never_a_number() {
    let bank = signing_bank();
    bank.reports(&[cards(START)]).await;
    bank.clock.advance(seconds(59));
    assert!(matches!(bank.reach("cards").await, Reach::Wait { age_seconds: 59, .. }));
    bank.clock.advance(seconds(1));
    assert_eq!(bank.reach("cards").await, Reach::Unknown);
    // One that was measured by a clock that is ahead is refused, or it would stay fresh for longer.
    let ahead = bank.now().after(seconds(31));
    let refused = bank.verifier.reachability().report(&[cards(ahead)]).await;
    assert!(matches!(refused, Err(Error::Invalid(Invalid::ReportFromFuture))));
    assert_eq!(bank.reach("cards").await, Reach::Unknown);
}

/// Whatever the order of the reports is, the one that was measured last counts.
#[tokio::test]
async fn reports_out_of_order_leave_the_one_that_was_measured_last() {
    let at = |second: u32| {
        let report = SkillReport::open(skill("cards"), VOICE, START.after(seconds(second.into())));
        report.agents(12, 3).wait(seconds(second.into()))
    };
    for order in [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]] {
        let bank = signing_bank();
        bank.clock.advance(seconds(5));
        for second in order {
            bank.reports(&[at(second)]).await;
            bank.reports(&[at(second)]).await;
        }
        assert!(matches!(bank.reach("cards").await, Reach::Wait { seconds: 3, .. }), "{order:?}");
    }
}

#[tokio::test]
async fn of_few_agents_no_number_leaves() {
    let bank = signing_bank();
    let of = |name: &str, on, free| {
        SkillReport::open(skill(name), VOICE, START).agents(on, free).wait(seconds(240))
    };
    bank.reports(&[of("welsh", 2, 1), of("cards", 3, 0), of("quiet", 0, 0)]).await;
    assert_eq!(bank.reach("welsh").await, Reach::Open);
    assert_eq!(bank.reach("quiet").await, Reach::Open);
    let three = Reach::Wait { seconds: 240, free: false, age_seconds: 0 };
    assert_eq!(bank.reach("cards").await, three);
    // The same whether the one agent is free or not, and no number of agents stands in any answer.
    let question = StatusNonce::from_bytes([1; 16]);
    let mut answers = Vec::new();
    for free in [0, 1, 2] {
        bank.reports(&[of("welsh", 2, free), of("cards", 77, 55)]).await;
        let answer = bank.verifier.reachability().answer(&alice(), question).await.unwrap();
        answers.push(data(&answer));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert!(!answers[0].contains("77") && !answers[0].contains("55"), "{answers:?}");
    let mut policy = Policy::default();
    policy.reachability.fewest_agents = 1;
    assert!(policy.check().is_err());
}

/// The claim `data` of a token, which anyone can read.
fn data(token: &str) -> String {
    use base64ct::Encoding as _;
    let body = token.split('.').nth(2).unwrap();
    let body = base64ct::Base64UrlUnpadded::decode_vec(body).unwrap();
    let text = String::from_utf8_lossy(&body[..body.len() - 64]).into_owned();
    text.split_once("\"data\":").unwrap().1.to_owned()
}

#[tokio::test]
async fn an_answer_is_for_one_customer_one_question_and_seconds() {
    let bank = signing_bank();
    bank.reports(&[cards(START)]).await;
    let question = asks(START);
    let answer = bank.verifier.reachability().answer(&alice(), question.nonce()).await.unwrap();
    let open =
        |device: Device, asked: &StatusQuestion, at| device.open_reachable(&answer, asked, at);
    assert!(open(phone_of(alice()), &question, START).is_ok());
    let other = asks(START.after(seconds(1)));
    assert_eq!(
        open(phone_of(alice()), &other, START.after(seconds(1))),
        Err(NotVerified::OtherQuestion)
    );
    assert_eq!(open(phone_of(mallory()), &question, START), Err(NotVerified::NotGenuine));
    let over = START.after(seconds(30));
    assert_eq!(open(phone_of(alice()), &question, over), Err(NotVerified::Stale));
    // A status is no such answer, though it answers the same nonce.
    let status = bank.verifier.contact().status(&alice(), question.nonce()).await.unwrap();
    let as_answer = phone_of(alice()).open_reachable(&status, &question, START);
    assert_eq!(as_answer, Err(NotVerified::NotGenuine));
}

#[tokio::test]
async fn a_callback_is_booked_from_the_answer_that_was_shown() {
    let bank = signing_bank();
    bank.reports(&[cards(START)]).await;
    let (answer, shown) = bank.answers().await;
    let booked = bank.books(&answer, "cards", "b-1").await.unwrap();
    let from = booked.from_answer.clone().unwrap();
    assert_eq!((from.skill, from.digest), (skill("cards"), shown.digest()));
    // Repeated after the answer's seconds, because its result was lost: the same booking.
    bank.clock.advance(5 * MINUTE);
    let again = {
        let window = booked.window;
        let same = BookingRequest::new(request("b-1"), window, VOICE, "anana".parse().unwrap());
        bank.verifier.reachability().book(&alice(), &answer, &skill("cards"), same).await.unwrap()
    };
    assert_eq!(again, booked);
    let listed = bank.verifier.callbacks().list(&alice(), Page::first()).await.unwrap();
    assert_eq!(listed.items, [booked]);
}

#[tokio::test]
async fn a_booking_is_bound_to_the_answer_by_content() {
    let bank = signing_bank();
    bank.reports(&[cards(START)]).await;
    let (answer, _) = bank.answers().await;
    let (other, _) = bank.answers().await;
    assert_ne!(answer, other, "each answer is signed anew");
    bank.books(&answer, "cards", "b-1").await.unwrap();
    for again in [
        bank.books(&other, "cards", "b-1").await,
        bank.verifier.callbacks().book(&alice(), &booking_at(START, "b-1")).await,
    ] {
        assert!(matches!(again, Err(Error::Invalid(Invalid::RequestReused))), "{again:?}");
    }
    bank.verifier.callbacks().book(&alice(), &booking_at(START, "b-2")).await.unwrap();
    let from_plain = bank.books(&answer, "cards", "b-2").await;
    assert!(matches!(from_plain, Err(Error::Invalid(Invalid::RequestReused))));
}

#[tokio::test]
async fn nothing_is_booked_from_what_was_not_told() {
    let bank = signing_bank();
    bank.reports(&[cards(START)]).await;
    let (answer, _) = bank.answers().await;
    let question = asks(START).nonce();
    let reachability = bank.verifier.reachability();
    let of_mallory = reachability.answer(&mallory(), question).await.unwrap();
    let status = bank.verifier.contact().status(&alice(), question).await.unwrap();
    let mut forged = answer.clone();
    forged.replace_range(40..41, if &forged[40..41] == "A" { "B" } else { "A" });
    bank.seen.take();
    for (id, (answer, name, why)) in [
        (of_mallory.as_str(), "cards", Reason::NotGenuine),
        (&status, "cards", Reason::NotGenuine),
        (&forged, "cards", Reason::NotGenuine),
        ("", "cards", Reason::NotGenuine),
        (&answer, "loans", Reason::NotTold),
    ]
    .into_iter()
    .enumerate()
    {
        let refused = bank.books(answer, name, &format!("b-{id}")).await;
        assert!(matches!(refused, Err(Error::Refused(_))), "{name}: {refused:?}");
        let told = bank.seen.take();
        let told: Vec<_> = told.iter().map(|one| (one.action, one.outcome)).collect();
        assert_eq!(told, [(Action::Book, Outcome::Refused(why))]);
    }
    // Over, give or take the leeway of the enterprise's own clocks.
    bank.clock.advance(seconds(60));
    let over = bank.books(&answer, "cards", "b-over").await;
    assert!(matches!(over, Err(Error::Refused(_))));
    // Nor from one that told "unknown".
    let (unknown, _) = bank.answers().await;
    let refused = bank.books(&unknown, "cards", "b-unknown").await;
    assert!(matches!(refused, Err(Error::Refused(_))));
    let listed = bank.verifier.callbacks().list(&alice(), Page::first()).await.unwrap();
    assert!(listed.items.is_empty());
}

#[tokio::test]
async fn so_many_skills_and_no_more() {
    let bank = signing_bank();
    let of = |number: usize, at| SkillReport::closed(skill(&format!("s-{number}")), VOICE, at);
    let all: Vec<_> = (0..REACHABLE_SKILLS).map(|number| of(number, START)).collect();
    bank.reports(&all).await;
    let more = bank.verifier.reachability().report(&[of(99, START)]).await;
    assert!(matches!(more, Err(Error::Invalid(Invalid::TooManySkills))));
    assert_eq!(bank.reach("s-0").await, Reach::Closed);
    // Those that nobody has reported for two minutes make room.
    bank.clock.advance(2 * MINUTE);
    bank.reports(&[of(99, bank.now())]).await;
    assert_eq!(bank.reach("s-99").await, Reach::Closed);
}

/// Names as long as they can be fit into an answer, or the answer says what to mend.
#[tokio::test]
async fn long_names_are_told_or_refused() {
    let bank = signing_bank();
    let long = |number: usize| skill(&format!("{number:03}{}", "x".repeat(125)));
    let all: Vec<_> = (0..REACHABLE_SKILLS)
        .map(|number| SkillReport::closed(long(number), VOICE, START))
        .collect();
    bank.reports(&all).await;
    assert_eq!(bank.answers().await.1.skills().len(), REACHABLE_SKILLS);
}

#[tokio::test]
async fn the_policy_bounds_how_long_a_report_and_an_answer_count() {
    let mut policy = Policy::default();
    policy.reachability.stale_after = seconds(5);
    policy.reachability.answer_valid_for = seconds(5);
    let bank = bank_of(policy.clone());
    bank.reports(&[cards(START)]).await;
    let (_, shown) = bank.answers().await;
    assert_eq!(shown.until(), START.after(seconds(5)));
    bank.clock.advance(seconds(5));
    assert_eq!(bank.reach("cards").await, Reach::Unknown);
    for (stale_after, answer) in [(4, 5), (601, 5), (5, 4), (5, 61)] {
        policy.reachability.stale_after = seconds(stale_after);
        policy.reachability.answer_valid_for = seconds(answer);
        assert!(policy.check().is_err(), "{stale_after} {answer}");
    }
}

#[test]
fn a_report_is_read_in_one_form() {
    let json = r#"{"skill":"cards","channel":"voice","at":"2027-01-15T08:00:00Z","open":true,
                   "agents_on":12,"agents_free":3,"wait_seconds":240}"#;
    let read: SkillReport = serde_json::from_str(json).unwrap();
    assert_eq!(read, cards(START));
    for wrong in [json.replace("true", "1"), json.replace("agents_on", "agent"), "[]".into()] {
        assert!(serde_json::from_str::<SkillReport>(&wrong).is_err(), "{wrong}");
    }
}
