//! What numbers in words are told from, and how they are read: each rule with a text that it decides.

use super::How::{AnyLength, LastFour, People};
use super::{Row, SAME, assert_masked};

const ROWS: &[Row] = &[
    ("a sigh hangs at no digit", People, "4556 7375 8689 98O55", SAME),
    ("an aside has two letters", People, "4556 7375 [x] 8689 9855", SAME),
    (
        "an aside stands within a number",
        People,
        "4556 7375 [pause] 8689 9855",
        "**** **** [pause] **** ****",
    ),
    (
        "two sighs stand within a number",
        People,
        "5555 oh 3412 oh 4444 1115",
        "**** * **** * **** ****",
    ),
    ("no more than two sighs stand within a number", People, "5555 oh 3412 oh 4444 oh 1115", SAME),
    ("a sigh changes nothing about the check digit", People, "5555 oh 3412 4444 1116", SAME),
    (
        "a correction stands in the place of what it is like",
        People,
        "4556 7375 8688, no sorry, 8689 9855",
        "**** **** ****, no sorry, **** ****",
    ),
    (
        "a correction is half the same as what it corrects",
        People,
        "4556 7375 1234, no sorry, 8689 9855",
        SAME,
    ),
    (
        "a repetition goes back twelve digits",
        People,
        "4 5 567 3758 6899 8, sorry, 567 3758 6899 8 55",
        "* * *** **** **** *, sorry, *** **** **** * **",
    ),
    (
        "a repetition goes back no more than twelve digits",
        People,
        "4 5567 3758 6899 8, sorry, 5567 3758 6899 8 55",
        SAME,
    ),
    (
        "twelve, thirteen and more digits with a correction are in words",
        People,
        "4222 2222, sorry, 2222 22222",
        SAME,
    ),
    (
        "other readings have a check digit, but for ranges of the host",
        People,
        "6222 oh 0212 3456 7890",
        SAME,
    ),
    (
        "an article is the one of a hundred and of a thousand",
        People,
        "four thousand a hundred and two, four thousand a hundred and nineteen, a thousand a hundred and eleven, \
         a thousand one hundred and eighteen",
        "* *** *** and *, * *** *** and **, **** *** and **, **** * ** and **",
    ),
    (
        "digits before a number that nothing announces tell nothing",
        People,
        "on the back of the router. two eight five five two eight five five two five one five two five one five \
         eight seven",
        SAME,
    ),
    ("one digit is not repeated", People, "4556 7375 um 5 8689 9855", SAME),
    (
        "a repetition is a group",
        People,
        "4556 7375, yes 7375 8689 9855",
        "**** ****, yes **** **** ****",
    ),
    ("a repetition ends with its group", People, "4556 7375, yes 73758689 9855", SAME),
    (
        "a number ends with its word",
        People,
        "four thousand and forty two four thousand and forty two four thousand and forty two four thousand and forty two",
        "* *** and * * * *** and * * * *** and * * * *** and * two",
    ),
    (
        "zeros give way to digits",
        People,
        "four thousand two hundred and forty two, four thousand two hundred and forty two, four thousand two hundred and forty two, four thousand two hundred and forty two",
        "* *** * ** and * *, * *** * ** and * *, * *** * ** and * *, * *** * ** and * *",
    ),
    ("a number in brackets is no aside", People, "4556 7375 [four] 8689 9855", SAME),
    (
        "an aside has 24 bytes",
        People,
        "4556 7375 [a long aside that goes on and on] 8689 9855",
        SAME,
    ),
    (
        "double counts no first digit of several",
        People,
        "double 4242 4242 4242 4242",
        "double **** **** **** ****",
    ),
    ("double counts no digit before a mask", People, "4556 7375 8689 98 double 5*", SAME),
    (
        "double counts one digit",
        People,
        "4556 double twelve eight six eight nine nine eight five five",
        SAME,
    ),
    (
        "fillers join no words of one number",
        People,
        "forty um two forty um two forty two forty two forty two forty two forty two forty two",
        SAME,
    ),
    (
        "a digit is said right before a number",
        People,
        "nine four two four two four two four two four two four two four two four two ",
        "nine * * * * * * * * * * * * * * * * ",
    ),
    (
        "a code is said after a number",
        People,
        "four two four two four two four two four two four two four two four two one two three four five six",
        "* * * * * * * * * * * * * * * * * * * * * *",
    ),
    (
        "a number in words within a longer one",
        People,
        "three two four two four two four two four two four two four two four two four nine nine",
        SAME,
    ),
    ("a number that is told twice", People, "4000 1000 4000 1000", SAME),
    ("words of a filler are four bytes apart", People, "4556 7375 thank      you 8689 9855", SAME),
    (
        "eighteen corrections stand within a number",
        People,
        "4 1 sorry 1 6 sorry 6 2 sorry 2 7 sorry 7 3 sorry 3 8 sorry 8 4 sorry 4 9 sorry 9 5 sorry 5 0 sorry 0 6 sorry 6 1 sorry 1 7 sorry 7 sorry 7 2 sorry 2 sorry 2 4 sorry 4 sorry 4",
        "* * sorry * * sorry * * sorry * * sorry * * sorry * * sorry * * sorry * * sorry * * sorry * * sorry * * sorry * * sorry * * sorry * sorry * * sorry * sorry * * sorry * sorry *",
    ),
    (
        "eighteen corrections are looked at",
        People,
        "42 sorry 42 sorry 42 sorry 42 sorry 42 sorry 42 sorry 42 sorry 42 sorry 42 sorry 42 sorry 42 sorry 42 sorry 42 sorry 42 sorry 42 sorry 42 sorry 42 sorry 42 sorry 42 sorry 42 sorry 42 sorry 42 sorry 42 sorry 42 sorry 4242",
        "** sorry ** sorry ** sorry ** sorry ** sorry ** sorry ** sorry ** sorry ** sorry ** sorry ** sorry ** sorry ** sorry ** sorry ** sorry ** sorry ** sorry ** sorry ** sorry ** sorry ** sorry ** sorry ** sorry ** sorry ****",
    ),
    (
        "a number begins with a word",
        AnyLength,
        "fourteen five five six seven three seven five eight six eight nine nine eight five five",
        SAME,
    ),
    (
        "a number ends with a word",
        AnyLength,
        "four five five six seven three seven five eight six zero zero nine eight five twelve",
        "four five five * * * * * * * * * * * * **",
    ),
    (
        "a card that is told twice",
        People,
        "4556 7375 8689 9855 4556 7375 8689 9855",
        "**** **** **** **** **** **** **** ****",
    ),
    (
        "a card's name before a number that is told twice",
        People,
        "card 4000 1000 4000 1000",
        "card **** **** **** ****",
    ),
    ("an undivided number that is told twice", People, "4000100040001000", "****************"),
    (
        "fillers stand within no number of a link",
        People,
        "forty and uh two forty two forty two forty two forty two forty two forty two forty two",
        SAME,
    ),
    (
        "corrections stand within no number of a link",
        People,
        "four thousand and sorry forty two six seven three seven five eight six eight nine nine eight four",
        SAME,
    ),
    (
        "last digits within a word",
        LastFour,
        "four five five six seven three seven five eight six eight twelve nine eight one",
        "* * * * * * * * * * * ** nine eight one",
    ),
    (
        "last digits in words",
        LastFour,
        "four two four two four two four two four two four two four two forty two",
        "* * * * * * * * * * * * four two forty two",
    ),
    (
        "groups in words have no expiry that is glued to them",
        People,
        "viertausendfünfhundertsechsundfünfzig 7375 8689 98551227",
        SAME,
    ),
    (
        "five digits are said after a number",
        People,
        "four two four two four two four two four two four two four two four two nine nine nine nine nine",
        SAME,
    ),
    (
        "four digits are said after a number",
        People,
        "four two four two four two four two four two four two four two four two nine nine nine nine",
        "* * * * * * * * * * * * * * * * nine nine nine nine",
    ),
    (
        "a word begins after an escape",
        People,
        "%0Afour five five six seven three seven five eight six eight nine nine eight five five",
        "%0A* * * * * * * * * * * * * * * *",
    ),
    (
        "fillers count no zeros",
        People,
        "four five five six four uh zeros eight six eight nine nine eight five three",
        SAME,
    ),
    (
        "words count zeros",
        People,
        "four five five six four zeros eight six eight nine nine eight five three",
        "* * * * **** * * * * * * * *",
    ),
];

/// Each rule of words, sighs, corrections and repetitions.
#[test]
fn words_are_read_as_numbers() {
    assert_masked(ROWS);
}
