//! What stands beside a number: each rule with a text that it decides.

use super::How::People;
use super::{Row, SAME, assert_masked};

const ROWS: &[Row] = &[
    (
        "a code near a run is far from the number in it",
        People,
        "cvv 123 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx 111 111 111 111 111 111 111 4242-4242-4242-4242",
        "cvv 123 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx 111 111 111 111 111 111 111 ****-****-****-****",
    ),
    (
        "a code far before a number",
        People,
        "cvv 123 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx 4556737586899855",
        "cvv 123 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx ****************",
    ),
    (
        "a code far behind a number",
        People,
        "4556737586899855 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx cvv 123",
        "**************** xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx cvv 123",
    ),
    (
        "a code near a number",
        People,
        "4556737586899855 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx cvv 123",
        "**************** xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx cvv ***",
    ),
    (
        "a track of a magnetic stripe",
        People,
        ";4556737586899855=27122010000012300000?",
        ";****************=********************?",
    ),
    ("a track is long", People, ";4556737586899855=271220?", ";****************=271220?"),
    (
        "a percent sign before a track is no escape",
        People,
        "%B4556737586899855^JONES/M^27122011234567?",
        "%B****************^JONES/M^**************?",
    ),
    (
        "a code has three or four digits",
        People,
        "4556737586899855 cvv 12345",
        "**************** cvv 12345",
    ),
    ("a PIN has four digits", People, "4556737586899855 pin 123", "**************** pin 123"),
    (
        "a PIN has eight digits at most",
        People,
        "4556737586899855 pin 123456789",
        "**************** pin 123456789",
    ),
    (
        "a date has eight digits at most",
        People,
        "4556737586899855 exp 123456789",
        "**************** exp 123456789",
    ),
    ("a month and a year", People, "4556737586899855 Sep 2027", "**************** Sep ****"),
    (
        "a month and a year that no card expires in",
        People,
        "4556737586899855 Sep 99",
        "**************** Sep 99",
    ),
    ("a period", People, "4556737586899855 exp 0124 to 1227", "**************** exp **** to ****"),
    (
        "a period is near",
        People,
        "4556737586899855 exp 0124 stamped in the register 1227",
        "**************** exp **** stamped in the register 1227",
    ),
    (
        "three digits in brackets make no card of thirteen digits",
        People,
        "4222222222222 (123)",
        SAME,
    ),
    (
        "an expiry in brackets makes a card of thirteen digits",
        People,
        "4222222222222 (12/27)",
        "************* (**/**)",
    ),
    ("cv alone is a person's papers", People, "4556737586899855 cv 123", "**************** cv 123"),
    (
        "a code follows its name in six words",
        People,
        "4556737586899855 cvv a b c d e f 123",
        "**************** cvv a b c d e f 123",
    ),
    (
        "a word that is glued to digits announces nothing",
        People,
        "4556737586899855 cvv ref123",
        "**************** cvv ref123",
    ),
    (
        "a digit between ends what a name announces",
        People,
        "4556737586899855 cvv is 1 x 123",
        "**************** cvv is 1 x 123",
    ),
    (
        "a digit within braces does not",
        People,
        r#"{"pan":"4556737586899855","cvv":{"x":"1","value":"123"}}"#,
        r#"{"pan":"****************","cvv":{"x":"1","value":"***"}}"#,
    ),
    (
        "a card's number follows its name in six words",
        People,
        "card a b c d e f 4222222222222",
        SAME,
    ),
    (
        "a code that nothing announces is sixteen bytes away at most",
        People,
        "4556737586899855 ((((((((((((((((( 123",
        "**************** ((((((((((((((((( 123",
    ),
    (
        "a code that nothing announces",
        People,
        "4556737586899855 (((((( 123",
        "**************** (((((( ***",
    ),
    (
        "a field of a table that is no expiry",
        People,
        "4556737586899855,Jones,123",
        "****************,Jones,123",
    ),
    (
        "a name in a table has no digits",
        People,
        "4556737586899855,J 12 s,12/27,123",
        "****************,J 12 s,12/27,123",
    ),
    (
        "an expiry behind a name in a table",
        People,
        "4556737586899855,JJJJJJJJJJJJJJJJJJJJJJJJJJJJJJ,1227,123",
        "****************,JJJJJJJJJJJJJJJJJJJJJJJJJJJJJJ,****,***",
    ),
    (
        "a name in a table has forty bytes at most",
        People,
        "4556737586899855,JJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJ,1227,123",
        "****************,JJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJ,1227,123",
    ),
    (
        "a field of a table ends as it begins",
        People,
        "4556737586899855,Jones;1227;123",
        "****************,Jones;1227;123",
    ),
    (
        "an expiry on the line of a number",
        People,
        "4556737586899855 name Maria Jones 12/27 123",
        "**************** name Maria Jones **/** ***",
    ),
    (
        "an expiry on the line of a number is a date",
        People,
        "4556737586899855 name Maria Jones 1227 123",
        "**************** name Maria Jones 1227 123",
    ),
    (
        "an expiry on the line of a number is sixty bytes away at most",
        People,
        "4556737586899855 name Maria Jones who lives in a house that is very far away 12/27 123",
        "**************** name Maria Jones who lives in a house that is very far away 12/27 123",
    ),
    (
        "an expiry on the line of a number has no digits before it",
        People,
        "4556737586899855 order 12 of 12/27 123",
        "**************** order 12 of 12/27 123",
    ),
    (
        "an expiry on another line",
        People,
        "4556737586899855 name\nMaria 12/27 123",
        "**************** name\nMaria 12/27 123",
    ),
    (
        "three counts three digits",
        People,
        "4556737586899855 the last three 123",
        "**************** the last three ***",
    ),
    (
        "three counts no two digits",
        People,
        "4556737586899855 cvv three 12",
        "**************** cvv * **",
    ),
    (
        "a 2 that no name ends with is a digit",
        People,
        "4556737586899855 cvv 2 123",
        "**************** cvv * ***",
    ),
    (
        "a 2 belongs to the name of a code alone",
        People,
        "4556737586899855 exp2 123",
        "**************** exp2 123",
    ),
    ("an expiry has a month", People, "4556 7375 8689 9855 1327 123", SAME),
    ("an expiry is a year of cards", People, "4556 7375 8689 9855 1299 123", SAME),
    (
        "a month of one digit stands alone",
        People,
        "4556 7375 8689 9855 127 123",
        "**** **** **** **** *** 123",
    ),
    (
        "an expiry after a number is a group",
        People,
        "4556 7375 8689 9855 1 2 2 7 9 9 9 9 9",
        "**** **** **** **** 1 2 2 7 9 9 9 9 9",
    ),
    (
        "an expiry after a number ends with a group",
        People,
        "4556 7375 8689 9855 12279 1234567",
        "**** **** **** **** 12279 1234567",
    ),
    (
        "a code after a number is not what is left of something masked",
        People,
        "4556 7375 8689 9855 1 2 3 ****",
        "**** **** **** **** 1 2 3 ****",
    ),
    (
        "an expiry and a code have ten digits at most",
        People,
        "4556737586899855 cvv 12345678901",
        "**************** cvv 12345678901",
    ),
    (
        "a period has words between its dates",
        People,
        "4556737586899855 exp 0124 xx 1227",
        "**************** exp **** xx ****",
    ),
    (
        "a period stands on a line",
        People,
        "4556737586899855 exp 0124 xx\n1227",
        "**************** exp **** xx\n1227",
    ),
    (
        "a code waits for a number that is near",
        People,
        "cvv 123 +4222222222222 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx 4222222222222",
        SAME,
    ),
    (
        "an expiry and a code have ten digits",
        People,
        "4556737586899855 (1227 123 4567",
        "**************** (1227 123 4567",
    ),
    (
        "an expiry and a code in brackets",
        People,
        "4556737586899855 (1227 123",
        "**************** (**** ***",
    ),
    (
        "two digits within braces",
        People,
        r#"{"pan":"4556737586899855","cvv":{"x":"99","value":"345"}}"#,
        r#"{"pan":"****************","cvv":{"x":"99","value":"345"}}"#,
    ),
    (
        "a card's number follows its name without digits between",
        People,
        "card 12 thing 4222222222222",
        SAME,
    ),
    ("a code makes a card of a number alone", People, "4222222222222 1 cvv 123", SAME),
];

/// Each rule of names, distances and lengths.
#[test]
fn codes_and_expiries_are_told_from_others() {
    assert_masked(ROWS);
}
