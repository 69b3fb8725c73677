//! Conversations without a card in them, drawn from a seed: orders, telephone numbers read out and repeated, dates, sums,
//! addresses, accounts, meters, parcels. Written for these tests; what follows `KEPT` was not looked at when the crate was
//! made.

use crate::numbers::Drawn;
use crate::talk::forms::Talk;
use crate::talk::tongues::TONGUES;

fn digits(drawn: &mut Drawn, count: usize) -> String {
    (0..count).map(|_| char::from(b'0' + u8::try_from(drawn.below(10)).unwrap())).collect()
}

fn in_words(text: &str) -> String {
    TONGUES[0].each(text)
}

/// A topic: what is asked, and a number in pieces, each of which the other repeats or nods to.
const TOPICS: &[(&str, &[usize])] = &[
    ("What's the order number?", &[8]),
    ("Could I have your telephone number?", &[5, 3, 3]),
    ("And a mobile, in case we get cut off?", &[4, 7]),
    ("What's the account number and sort code?", &[2, 2, 2, 8]),
    ("Can you read me the meter?", &[5]),
    ("The serial number is on the back of the router.", &[4, 4, 2]),
    ("And your date of birth?", &[2, 2, 4]),
    ("Which parcel is it?", &[4, 4, 4, 4, 4, 2]),
    ("What is the booking reference?", &[3, 3]),
    ("Do you have the policy number?", &[4, 6]),
    ("Your national insurance number, please?", &[2, 2, 2]),
    ("And the postcode and house number?", &[2]),
    ("What does the invoice say?", &[6, 2]),
    // KEPT
    ("The number of the ticket, please?", &[3, 4, 3]),
    ("And the membership number?", &[3, 3, 3]),
    ("What is the tracking number?", &[6, 6]),
];

const SMALL_TALK: &[(&str, &str)] = &[
    (
        "Thanks for calling, you're through to Sam, how can I help?",
        "Hi, it's about an order from the 14th of March.",
    ),
    ("One moment while I bring that up.", "No worries, take your time."),
    ("I can see two items, one at 24.99 and one at 7.50.", "Yes, that's the one, 32.49 in total."),
    (
        "It should be with you by 5 pm on Tuesday the 17th.",
        "Great, so about three or four days then.",
    ),
    ("Is there anything else I can help with today?", "No, that's everything, thank you."),
    ("We're open from 9 to 5, Monday to Friday.", "Okay, I'll call before 4.30."),
    ("I've put a note on the file for you.", "Lovely, thanks so much."),
    ("It says twenty five percent off until the first.", "Two hundred and forty pounds, right?"),
    ("Which flat is it?", "Flat 12, 48 High Street, opposite the bank."),
    (
        "I waited forty minutes in the queue yesterday.",
        "I'm so sorry about that, we had four people off.",
    ),
    ("The last payment was 120 pounds on 01/11/2026.", "And the one before that was 118.40."),
    ("Could you spell the surname?", "B for Bravo, O for Oscar, two Ns, E, R."),
];

/// A conversation of some thirty lines.
pub(crate) fn conversation(drawn: &mut Drawn) -> Talk {
    let mut talk = Talk::new();
    for _ in 0..6 {
        let (one, other) = SMALL_TALK[drawn.below(SMALL_TALK.len())];
        talk.push(("Agent", one.to_owned()));
        talk.push(("Caller", other.to_owned()));
        if drawn.below(2) == 0 {
            continue;
        }
        let (asked, sizes) = TOPICS[drawn.below(TOPICS.len())];
        talk.push(("Agent", asked.to_owned()));
        let pieces: Vec<String> = sizes.iter().map(|size| digits(drawn, *size)).collect();
        let spoken = drawn.below(2) == 0;
        let say = |text: &str| if spoken { in_words(text) } else { text.to_owned() };
        match drawn.below(3) {
            0 => talk.push((
                "Caller",
                format!("It's {}", pieces.iter().map(|p| say(p)).collect::<Vec<_>>().join(" ")),
            )),
            1 => {
                for piece in &pieces {
                    talk.push(("Caller", say(piece)));
                    talk.push((
                        "Agent",
                        ["mm-hm", "yes", "okay", "got it"][drawn.below(4)].to_owned(),
                    ));
                }
            }
            _ => {
                for piece in &pieces {
                    talk.push(("Caller", say(piece)));
                    talk.push(("Agent", say(piece)));
                }
            }
        }
    }
    talk
}
