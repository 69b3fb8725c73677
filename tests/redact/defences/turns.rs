//! Numbers over turns: each rule with a conversation that it decides.
//!
//! Turns are parted by bars; `3 * ` is three of the same. `Caller@5` speaks in the fifth second.

use core::time::Duration;

use countersign::redact::{Conversation, Turn};

use super::How::{Host, LastFour, People};
use super::{Row, SAME};

const ROWS: &[Row] = &[
    (
        "an echo may have a mistake",
        People,
        "Caller: 4556 7375 8689 9855 | Agent: so that was 7376 then",
        "**** **** **** **** | so that was **** then",
    ),
    (
        "an echo of what was not said yet has no mistake",
        People,
        "Caller: room 7376 was it | Caller: my card is 4556 7375 8689 9855",
        "room 7376 was it | my card is **** **** **** ****",
    ),
    (
        "an echo within a number",
        People,
        "Caller: 4556 7375 | Agent: 75 | Caller: 8689 9855",
        "**** **** | ** | **** ****",
    ),
    (
        "an echo of few digits is a group",
        People,
        "Caller: 4556 7375 | Agent: 759 | Caller: 8689 9855",
        "**** **** | 759 | **** ****",
    ),
    (
        "an echo is near",
        People,
        "Caller: 4556 7375 8689 9855 | 17 * Agent: a word or two | Agent: that was 7375",
        "**** **** **** **** | 17 * a word or two | that was 7375",
    ),
    (
        "an echo of few digits is nearer",
        People,
        "Caller: 4556 7375 8689 9855 | 3 * Agent: a word or two | Agent: 55",
        "**** **** **** **** | 3 * a word or two | 55",
    ),
    (
        "an echo of a code",
        People,
        "Caller: 4556 7375 8689 9855 | Agent: and the security code? | Caller: 123 | Agent: 123, thanks",
        "**** **** **** **** | and the security code? | *** | ***, thanks",
    ),
    (
        "an echo of few digits in a long turn",
        People,
        "Caller: my card is 4242 4242 4242 4242 and apart from that I would like to know when the parcel that I ordered comes, it was to be here between 2 and 4 on Tuesday",
        "my card is **** **** **** **** and apart from that I would like to know when the parcel that I ordered comes, it was to be here between 2 and 4 on Tuesday",
    ),
    (
        "last digits are no echo",
        LastFour,
        "Caller: my card is 4556 7375 8689 9855",
        "my card is **** **** **** 9855",
    ),
    (
        "last digits stay over turns",
        LastFour,
        "Caller: 4556 7375 | Agent: yes | Caller: 8689 9855 | Agent: 9855",
        "**** **** | yes | **** 9855 | ****",
    ),
    (
        "last digits within a word over turns",
        LastFour,
        "Caller: four five five six seven three seven five | Agent: yes | Caller: eight six eight twelve nine eight one",
        "* * * * * * * * | yes | * * * ** nine eight one",
    ),
    (
        "two say a number where somebody speaks of cards",
        People,
        "Agent: your card number please | Caller: 4556 7375 | Agent: 8689 9855",
        "your card number please | **** **** | **** ****",
    ),
    (
        "somebody spoke of cards long ago",
        People,
        "Agent: your card number please | 18 * Agent: a word or two | Caller: 4556 7375 that is what I see here | Caller: 8689 9855",
        SAME,
    ),
    (
        "ten words stand within a number where somebody speaks of cards",
        People,
        "Agent: your card? | Caller: 4556 7375 that is what I see here on that thing of yours you know | Caller: 8689 9855",
        "your card? | **** **** that is what I see here on that thing of yours you know | **** ****",
    ),
    (
        "a code is asked for near a card",
        People,
        "Caller: 4556 7375 8689 9855 | 16 * Agent: a word or two | Agent: and the security code? | Caller: 123",
        "**** **** **** **** | 16 * a word or two | and the security code? | 123",
    ),
    (
        "a code is answered soon",
        People,
        "Caller: 4556 7375 8689 9855 | Agent: and the security code? | 4 * Caller: let me look | Caller: 123",
        "**** **** **** **** | and the security code? | 4 * let me look | 123",
    ),
    (
        "a code that is asked for has three or four digits",
        People,
        "Caller: 4556 7375 8689 9855 | Agent: and the security code? | Caller: 12345",
        "**** **** **** **** | and the security code? | 12345",
    ),
    (
        "a code is answered once",
        People,
        "Caller: 4556 7375 8689 9855 | Agent: and the security code? | Caller: 123 | Caller: 456",
        "**** **** **** **** | and the security code? | *** | 456",
    ),
    (
        "an expiry that is answered for a code",
        People,
        "Caller: 4556 7375 8689 9855 | Agent: and the security code? | Caller: 122027",
        "**** **** **** **** | and the security code? | ******",
    ),
    (
        "an expiry that is asked for has eight digits at most",
        People,
        "Caller: 4556 7375 8689 9855 | Agent: and the expiry date? | Caller: 123456789",
        "**** **** **** **** | and the expiry date? | 123456789",
    ),
    (
        "eight numbers are remembered",
        People,
        "Caller: card 4000000012345676 | Caller: card 4000000088888880 | Caller: card 4000000165432099 | Caller: card 4000000241975301 | Caller: card 4000000318518513 | Caller: card 4000000395061726 | Caller: card 4000000471604936 | Caller: card 4000000548148149 | Caller: card 4000000624691350 | Agent: that was 12345",
        "card **************** | card **************** | card **************** | card **************** | card **************** | card **************** | card **************** | card **************** | card **************** | that was 12345",
    ),
    (
        "of many numbers in a turn the last eight are remembered",
        People,
        "Caller: 7375 8689 | Caller: x 4556737586899855, y 4000000012345676, y 4000000088888880, y 4000000165432099, y 4000000241975301, y 4000000318518513, y 4000000395061726, y 4000000471604936, y 4000000548148149 thing other more",
        "7375 8689 | x ****************, y ****************, y ****************, y ****************, y ****************, y ****************, y ****************, y ****************, y **************** thing other more",
    ),
    (
        "what all said is forgotten where nobody speaks of cards",
        People,
        "Agent: your card | Caller: 4556 7375 | 20 * Agent: mm-hm | Agent: card | Agent: 8689 9855",
        SAME,
    ),
    ("a long pause ends a number", People, "Caller@5: 4556 7375 | Caller@186: 8689 9855", SAME),
    (
        "words end a number",
        People,
        "Caller: 4556 7375 | Agent: see this thing | Caller: 8689 9855",
        SAME,
    ),
    (
        "two words end no number",
        People,
        "Caller: 4556 7375 what is | Caller: 8689 9855",
        "**** **** what is | **** ****",
    ),
    (
        "turns of others end a number",
        People,
        "Caller: 4556 7375 | 11 * Agent: mm-hm | Caller: 8689 9855",
        SAME,
    ),
    (
        "a word for tens goes on in the next turn",
        People,
        "Caller: forty five fifty six seventy three seventy | Caller: five eighty six eighty nine ninety eight fifty five",
        "* * * * * * ** | * * * * * * * * *",
    ),
    (
        "a hash in a turn is no number over turns",
        People,
        "Caller: the id f4556737586899855aa of it",
        SAME,
    ),
    (
        "a number over turns begins or ends with a group",
        People,
        "Agent: your card? | Caller: 9 4556 7375 | Caller: 8689 9855 9",
        SAME,
    ),
    ("nobody repeats where one speaks", People, "X: 4556 7375 | X: 7375 | X: 8689 9855", SAME),
    (
        "a repetition in words begins a group",
        People,
        "X: four five six one six one | X: seven three eight five nine two zero three six",
        SAME,
    ),
    (
        "a number over turns is all that was said",
        People,
        "Caller: 12 34 | Caller: 4556 7375 | Caller: 8689 9855",
        SAME,
    ),
    (
        "nothing but an expiry and a code follows a number over turns",
        People,
        "Caller: 4556 7375 | Caller: 8689 9855 1234 5678 9012",
        SAME,
    ),
    (
        "last digits are repeated in one breath",
        People,
        "Caller: 4556 7375 | Caller: 8689 9855 9855",
        "**** **** | **** **** ****",
    ),
    (
        "a breath repeats six digits at most",
        People,
        "Caller: 4556 7375 | Caller: 8689 9855 8689 9855",
        SAME,
    ),
    (
        "a number between nods",
        People,
        "Caller: 4556 7375 | Agent: yes | Caller: 8689 9855 | Agent: ok",
        "**** **** | yes | **** **** | ok",
    ),
    (
        "a number over turns begins near",
        People,
        "Agent: your card? | Caller: 9 4556 | Caller: 7375 8689 9855 thing 1 2 3 4 5 6 7 8 9 0 1 2",
        SAME,
    ),
    ("masks hold nothing back", People, "Caller: **** **** | Caller: hello", SAME),
    (
        "masks are the digits that they stand for",
        People,
        "Caller: 4556 7375 | Caller: **** | Caller: 8689 9855",
        SAME,
    ),
    (
        "bold is no mask",
        People,
        "Caller: *4556 7375* | Caller: *8689 9855*",
        "***** ***** | ***** *****",
    ),
    (
        "a digit begins no filler of two turns",
        People,
        "Caller: four five five six seven three one | Caller: eight six eight nine nine eight five five zero",
        "* * * * * * * | * * * * * * * * *",
    ),
    (
        "fillers over turns",
        People,
        "Caller: 4556 7375 | Agent: yep, thank | Agent: you very | Agent: much, got | Agent: it | Caller: 8689 9855",
        "**** **** | yep, thank | you very | much, got | it | **** ****",
    ),
    (
        "the rest of a long word is no word",
        People,
        "Caller: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaafour five five six seven three seven five | Caller: eight six eight nine nine eight five five",
        SAME,
    ),
    (
        "a filler over turns that begins with a digit",
        People,
        "Agent: la carta? | Caller: quattro cinque cinque sei un | Caller: attimo sette tre sette cinque | Caller: otto sei otto nove nove otto cinque cinque",
        "la carta? | * * * * * | attimo * * * * | * * * * * * * *",
    ),
    (
        "a digit that is a filler elsewhere begins what is said",
        People,
        "Caller: quatro cinco cinco seis sete três sete | Caller: um oito seis oito nove nove oito cinco nove",
        "* * * * * * * | * * * * * * * * *",
    ),
    (
        "many fillers are no digits",
        People,
        "Caller: quatro cinco cinco seis sete três sete | Caller: um um um um um um oito nove um",
        SAME,
    ),
    (
        "thirteen digits over turns are in words",
        People,
        "Caller: four two two two two two two | Caller: two two two two two two",
        "* * * * * * * | * * * * * *",
    ),
    ("thirteen digits over turns in figures", People, "Caller: 4222222 | Caller: 222222", SAME),
    ("a number that is told twice over turns", People, "2 * X: 4000 1000", SAME),
    (
        "twelve digits over turns are in words",
        People,
        "Caller: five zero one eight zero zero | Caller: zero zero zero zero zero nine",
        "* * * * * * | * * * * * *",
    ),
    (
        "a pause before each group",
        People,
        "Agent: ¿su tarjeta? | Caller: un momentito cuatro cinco cinco seis | Caller: un momentito, espere un momento \
         siete tres siete cinco | Caller: espere un momento ocho seis ocho nueve | Caller: un momentito, un momentito \
         nueve ocho cinco cinco",
        "¿su tarjeta? | * momentito * * * * | * momentito, espere * momento * * * * | espere * momento * * * * | \
         * momentito, * momentito * * * *",
    ),
    (
        "a digit that is a filler in another language",
        People,
        "Agent: o cartão? | Caller: três um um nove | Caller: três um um nove, zero um um nove | Caller: zero um um nove, \
         um um três cinco | Caller: um um três cinco, dois um um sete | Caller: dois um um sete, um zero cinco",
        "o cartão? | * * * * | * * * *, * * * * | * * * *, * * * * | * * * *, * * * * | * * * *, * * *",
    ),
    (
        "what one speaker is told twice is not read once in part",
        People,
        "All: five seven zero six | All: five seven zero six | All: seven six eight zero | All: seven six eight zero | \
         All: three two one five",
        SAME,
    ),
    (
        "a correction over turns",
        People,
        "Agent: card? | Caller: 4556 7375 8688 no sorry wait | Caller: 8689 9855",
        "card? | **** **** **** no sorry wait | **** ****",
    ),
    (
        "a host's own numbers over turns",
        Host,
        "Caller: 9826 1600 | Caller: 1234 | Caller: 0000",
        "**** **** | **** | ****",
    ),
    (
        "masks are no digits of a host's own numbers",
        Host,
        "Caller: 9826 1600 | Caller: **** | Caller: 0000",
        SAME,
    ),
];

/// The turns of a conversation, or their texts, each as often as it is there.
fn turns(all: &str) -> Vec<&str> {
    let each = all.split(" | ").flat_map(|turn| match turn.split_once(" * ") {
        Some((times, turn)) if times.parse::<usize>().is_ok() => vec![turn; times.parse().unwrap()],
        _ => vec![turn],
    });
    each.collect()
}

/// Each rule of echoes, of who speaks, of what ends a number, and of what is asked for after one.
#[test]
fn turns_are_joined_by_rules() {
    let mut wrong = String::new();
    for (name, how, talk, wanted) in ROWS {
        let mut conversation = Conversation::new(&how.options());
        let (mut said, mut out) = (Vec::new(), Vec::new());
        for turn in turns(talk) {
            let (who, text) = turn.split_once(": ").unwrap();
            let (speaker, at) = match who.split_once('@') {
                Some((who, at)) => (who, Some(Duration::from_secs(at.parse().unwrap()))),
                None => (who, None),
            };
            said.push(text);
            out.extend(conversation.push(Turn { speaker, at, text }));
        }
        out.extend(conversation.finish());
        let out: Vec<&str> = out.iter().map(|turn| turn.text.as_str()).collect();
        if out != if *wanted == SAME { said } else { turns(wanted) } {
            wrong += &format!("{name}:\n  {talk}\n  gives {out:?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
