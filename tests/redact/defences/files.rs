//! Files of conversations: each rule with a file that it decides.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use countersign::redact::Format::{self, Chat, Srt, Vtt, Words};
use countersign::redact::{MAX_LINE_BYTES, Options};

use super::SAME;
use crate::formats::through;

/// A rule, a format, a file, and what it becomes.
const ROWS: &[(&str, Format, &str, &str)] = &[
    (
        "what nearly is a number elsewhere in a file",
        Words,
        r#"{"a": [{"text": "4556737586899855"}], "display": "ref 4556737586890000 and 4556737"}"#,
        r#"{"a": [{"text": "****************"}], "display": "ref ************0000 and *******"}"#,
    ),
    (
        "seven digits of a number elsewhere in a file",
        Words,
        r#"{"a": [{"text": "4556737586899855"}], "display": "ref 4556737"}"#,
        r#"{"a": [{"text": "****************"}], "display": "ref 4556737"}"#,
    ),
    (
        "four digits of a number elsewhere in another",
        Words,
        r#"{"a": [{"text": "4556737586899855", "ts": "1764586800.000003"}]}"#,
        r#"{"a": [{"text": "****************", "ts": "1764586800.000003"}]}"#,
    ),
    (
        "each of several readings is a conversation",
        Words,
        r#"{"alternatives":[{"text":"4556 7375"},{"text":"8689 9855"}]}"#,
        SAME,
    ),
    (
        "strings that are no text are each by itself",
        Words,
        r#"[{"id":"4556 7375"},{"id":"8689 9855"}]"#,
        SAME,
    ),
    (
        "texts under one key are a conversation",
        Words,
        r#"[{"text":"4556 7375"},{"text":"8689 9855"}]"#,
        r#"[{"text":"**** ****"},{"text":"**** ****"}]"#,
    ),
    (
        "who speaks in a list",
        Words,
        r#"[{"speaker":"A","text":"4556 7375"},{"speaker":"B","text":"8689 9855"}]"#,
        SAME,
    ),
    (
        "nobody is called null",
        Words,
        r#"{"speaker":"A","words":[{"speaker":null,"text":"4556 7375"},{"speaker":"B","text":"mm-hm"},{"text":"8689 9855"}]}"#,
        r#"{"speaker":"A","words":[{"speaker":null,"text":"**** ****"},{"speaker":"B","text":"mm-hm"},{"text":"**** ****"}]}"#,
    ),
    (
        "a pair of escapes is a character",
        Words,
        r#"{"text":"\ud835\udfd2556 7375 8689 9855"}"#,
        r#"{"text":"**** **** **** ****"}"#,
    ),
    (
        "half a pair of escapes swallows nothing",
        Words,
        r#"{"text":"\ud83d\u0034556 7375 8689 9855"}"#,
        r#"{"text":"\ud83d**** **** **** ****"}"#,
    ),
    (
        "a string of JSON has no control characters",
        Words,
        "{\"id\":[\"4556 7375\",\"8689 98\t55\"]}",
        "{\"id\":[\"**** ****\",\"**** **\t**\"]}",
    ),
    (
        "nothing but values is JSON",
        Words,
        r#"{"id":["4556 7375","8689 9855"],"x":nul}"#,
        r#"{"id":["**** ****","**** ****"],"x":nul}"#,
    ),
    (
        "a tag has few digits",
        Vtt,
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v4556737586899855>\n",
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v****************>\n",
    ),
    (
        "a tag begins with a letter",
        Vtt,
        "WEBVTT\n\n00:01.000 --> 00:02.000\n4556 7375 <3>8689 9855\n",
        SAME,
    ),
    (
        "a tag with a time",
        Vtt,
        "WEBVTT\n\n00:01.000 --> 00:02.000\n4556 7375 <00:01.500>8689 9855\n",
        "WEBVTT\n\n00:01.000 --> 00:02.000\n**** **** <00:01.500>**** ****\n",
    ),
    (
        "styles are no text",
        Vtt,
        "WEBVTT\n\nSTYLE\n::cue(.x4556 7375 8689 9855) {}\n4556 7375 8689 9855\n\n00:01.000 --> 00:02.000\nhi\n",
        SAME,
    ),
    (
        "styles are of WebVTT alone",
        Srt,
        "1\n00:00:01,000 --> 00:00:02,000\nhi\n\nSTYLE\n4556 7375 8689 9855\n",
        "1\n00:00:01,000 --> 00:00:02,000\nhi\n\nSTYLE\n**** **** **** ****\n",
    ),
    (
        "a comment that times follow",
        Vtt,
        "WEBVTT\n\nNOTE 4556737586899855\n00:01.000 --> 00:02.000\nhi\n",
        "WEBVTT\n\nNOTE ****************\n00:01.000 --> 00:02.000\nhi\n",
    ),
    (
        "comments are of WebVTT alone",
        Srt,
        "NOTE 4556737586899855\n00:00:01,000 --> 00:00:02,000\nhi\n",
        SAME,
    ),
    ("a number of a cue", Srt, "4556737586899855\n00:00:01,000 --> 00:00:02,000\nhi\n", SAME),
    (
        "a number of a cue without a line before it",
        Srt,
        "1\n00:00:01,000 --> 00:00:02,000\nhi\n4556737586899855\n00:00:03,000 --> 00:00:04,000\nho\n",
        SAME,
    ),
    (
        "a line of digits in a cue",
        Srt,
        "1\n00:00:01,000 --> 00:00:02,000\n45567375\n86899855\n",
        "1\n00:00:01,000 --> 00:00:02,000\n********\n********\n",
    ),
    (
        "dashes are speakers",
        Srt,
        "1\n00:00:01,000 --> 00:00:02,000\n- 4556 7375\n- 8689 9855\n",
        SAME,
    ),
    (
        "angle brackets are speakers",
        Srt,
        "1\n00:00:01,000 --> 00:00:02,000\n>> 4556 7375\n>> 8689 9855\n",
        SAME,
    ),
    (
        "no escape of a file is cut",
        Words,
        r#"{"text":"4556 7375\u0020868\u0039 98\u00355"}"#,
        r#"{"text":"**** ****\u0020**** ****"}"#,
    ),
    (
        "no entity of a cue is cut",
        Vtt,
        "WEBVTT\n\n00:01.000 --> 00:02.000\n45&#53;6 7375&nbsp;8689 985&#x35;\n",
        "WEBVTT\n\n00:01.000 --> 00:02.000\n**** ****&nbsp;**** ****\n",
    ),
    (
        "a label that announces is text",
        Chat,
        "4556 7375\nsecurity 8689: 9855\n",
        "**** ****\nsecurity ****: ****\n",
    ),
    (
        "a label that is a number is text",
        Chat,
        "four: five five six seven three seven five eight six eight nine nine eight five five\n",
        "*: * * * * * * * * * * * * * * *\n",
    ),
    ("a label has few digits", Chat, "x4556737586899855: hi\n", "x****************: hi\n"),
    (
        "a name in angle brackets has few digits",
        Chat,
        "<a45567375 8689> 9855\n",
        "<a******** ****> ****\n",
    ),
    (
        "a name in angle brackets is no card",
        Chat,
        "<a4556737586899855> hi\n",
        "<a****************> hi\n",
    ),
    (
        "a name in angle brackets begins with no digit",
        Chat,
        "<4556> 7375 8689 9855\n",
        "<****> **** **** ****\n",
    ),
    (
        "a heading has no number words",
        Chat,
        "four five five 10:32\n689912341\n",
        "* * * **:**\n*********\n",
    ),
    (
        "a heading has three words at most",
        Chat,
        "my card is: 45567375\nis it then what 10:32\n86899855\n",
        SAME,
    ),
    (
        "a heading has a time",
        Chat,
        "Bo: 4556 7375\nAl\n8689 9855\n",
        "Bo: **** ****\nAl\n**** ****\n",
    ),
    ("a heading has letters", Chat, "a4556737586899855 10:32\n", "a**************** 10:32\n"),
    ("a heading names a speaker", Chat, "Bo: 4556 7375\nAl 10:32\n8689 9855\n", SAME),
    (
        "what is in brackets is a time",
        Chat,
        "[4556 7375 8689 9855 10:32] hi\n",
        "[**** **** **** **** 10:32] hi\n",
    ),
    (
        "a time in brackets is short",
        Chat,
        "[10:32 10:32 10:32 10:32 10:32 10:32 10:32 10:32 10:32 ] Al: 4556 7375\n[10:32 10:32 10:32 10:32 10:32 10:32 10:32 10:32 10:32 ] Al: 8689 9855\n",
        SAME,
    ),
    ("a time has several parts", Chat, "4556: 7375 8689 9855\n", "****: **** **** ****\n"),
    (
        "a date has two marks",
        Chat,
        "10:32 4556-7375 8689-9855 hi\n",
        "10:32 ****-**** ****-**** hi\n",
    ),
    (
        "a label has six words at most",
        Chat,
        "Bo: 4556 7375 8689\nyes so then well right ok 9855: thanks\n",
        "Bo: **** **** ****\nyes so then well right ok ****: thanks\n",
    ),
    ("a date alone is no time", Chat, "Bo: 4556 7375\n8689-98-55\n", "Bo: **** ****\n****-**-**\n"),
    (
        "a label begins with a letter",
        Chat,
        "Bo: 4556 7375\n=x: 8689 9855\n",
        "Bo: **** ****\n=x: **** ****\n",
    ),
    (
        "a label is a name",
        Chat,
        "Bo: 4556 7375\na=b: 8689 9855\n",
        "Bo: **** ****\na=b: **** ****\n",
    ),
    (
        "a number in groups is no date of a heading",
        Chat,
        "Visa 4556-7375-8689-9855\n",
        "Visa ****-****-****-****\n",
    ),
    (
        "a number in pairs is no date of a heading",
        Chat,
        "Visa 45-56-73-75-86-89-98-55\n",
        "Visa **-**-**-**-**-**-**-**\n",
    ),
    (
        "twelve digits are no date of a heading",
        Chat,
        "Visa 5018.0000.0009\n",
        "Visa ****.****.****\n",
    ),
    (
        "a number in groups is no date before a text",
        Chat,
        "10:32 4556.7375.8689.9855 hi\n",
        "10:32 ****.****.****.**** hi\n",
    ),
    (
        "a number in groups is no date in brackets",
        Chat,
        "[10:32 4556/7375/8689/9855] hi\n",
        "[10:32 ****/****/****/****] hi\n",
    ),
    (
        "a number with colons is no time",
        Chat,
        "45:56:73:75:86:89:98:55 hi\n",
        "**:**:**:**:**:**:**:** hi\n",
    ),
    (
        "dates and times stand before texts",
        Chat,
        "[2026-11-30T23:45:01.123Z] Al: 4556 7375\n[30/11/2026, 23:45:07] Al: 8689 9855\n",
        "[2026-11-30T23:45:01.123Z] Al: **** ****\n[30/11/2026, 23:45:07] Al: **** ****\n",
    ),
    ("a time has short parts", Chat, "Bo: 4556 7375\n868998:55\n", "Bo: **** ****\n******:**\n"),
];

fn masked(format: Format, file: &str) -> String {
    String::from_utf8(through(format, file.as_bytes(), 64 * 1024)).unwrap()
}

/// Each rule of cues, tags, labels, times and lists.
#[test]
fn what_is_text_in_a_file_is_told_by_rules() {
    let mut wrong = String::new();
    for (name, format, file, wanted) in ROWS {
        let wanted = if *wanted == SAME { file } else { wanted };
        let is = masked(*format, file);
        if is != **wanted {
            wrong += &format!("{name}:\n{file}\n  gives\n{is}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Of what is nested deeper than 128 levels nobody knows what belongs together: it is a chat.
#[test]
fn json_has_128_levels() {
    let nested = |depth: usize, text: &str| {
        format!("{{\"id\":{}{text}{}}}", "[".repeat(depth), "]".repeat(depth))
    };
    let (halves, masks) = ("\"4556 7375\",\"8689 9855\"", "\"**** ****\",\"**** ****\"");
    // Strings that are no text are each by itself.
    assert_eq!(masked(Words, &nested(120, halves)), nested(120, halves));
    assert_eq!(masked(Words, &nested(130, halves)), nested(130, masks));
}

/// A list of words is read as turns of 48.
#[test]
fn a_list_of_words_has_turns() {
    let list = |words: &[&str]| {
        let words: Vec<String> = words.iter().map(|word| format!("{{\"w\":\"{word}\"}}")).collect();
        format!("[{}]", words.join(","))
    };
    let with = |number: [&'static str; 4], last: &'static str| {
        let mut words = number.to_vec();
        words.extend(["hello"; 46]);
        words.push(last);
        list(&words)
    };
    // In one turn, which is long, so few digits are no echo.
    let file = with(["4556", "7375", "8689", "9855"], "55");
    assert_eq!(masked(Words, &file), with(["****"; 4], "**"));
}

/// No more than 256 numbers of a list are looked for elsewhere.
#[test]
fn numbers_that_are_looked_for_elsewhere_have_a_bound() {
    let all = crate::numbers::numbers();
    let all: Vec<&String> =
        all.iter().filter(|number| number.len() == 16).skip(62).take(270).collect();
    let texts: Vec<String> =
        all.iter().map(|number| format!("{{\"text\":\"{number}\"}}")).collect();
    let file = |number: &str| {
        masked(Words, &format!("{{\"a\":[{}],\"display\":\"ref {number}\"}}", texts.join(",")))
    };
    assert!(file(&all[0][..10]).ends_with("ref **********\"}"));
    let last = &all[269][..10];
    assert!(file(last).ends_with(&format!("ref {last}\"}}")));
}

/// A tag and a name end: what is longer is text.
#[test]
fn what_is_no_text_is_short() {
    let cue = |text: &str| format!("WEBVTT\n\n00:01.000 --> 00:02.000\n{text}\n");
    let tag = |halves: [&str; 2], length: usize| {
        cue(&format!("{} <c.{}>{}", halves[0], "a".repeat(length), halves[1]))
    };
    let (halves, masks) = (["4556 7375", "8689 9855"], ["**** ****"; 2]);
    assert_eq!(masked(Vtt, &tag(halves, 400)), tag(masks, 400));
    assert_eq!(masked(Vtt, &tag(halves, 600)), tag(halves, 600));
    let label =
        |halves: [&str; 2], name: &str| format!("Bo: {}\n{name} {}\n", halves[0], halves[1]);
    for (name, length) in [("a:", 60), ("<a>", 60)] {
        let long = name.replace('a', &"a".repeat(length));
        assert_eq!(masked(Chat, &label(halves, &long)), label(masks, &long));
        let short = name.replace('a', "Al");
        assert_eq!(masked(Chat, &label(halves, &short)), label(halves, &short));
    }
}

/// What was written on, as it is written.
#[derive(Clone, Default)]
struct Written(Rc<RefCell<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A line that does not end comes out in pieces, and so does what waits for nothing but empty lines.
#[test]
fn what_waits_in_a_file_has_a_bound() {
    let written = Written::default();
    let mut chat = Options::new().transcript(Chat, written.clone());
    chat.write_all("a".repeat(MAX_LINE_BYTES + 1).as_bytes()).unwrap();
    assert_eq!(written.0.borrow().len(), MAX_LINE_BYTES);

    let written = Written::default();
    let mut cues = Options::new().transcript(Vtt, written.clone());
    let half = "WEBVTT\n\n00:01.000 --> 00:02.000\n4556 7375\n";
    cues.write_all(half.as_bytes()).unwrap();
    cues.write_all("\n".repeat(1_530).as_bytes()).unwrap();
    assert_eq!(written.0.borrow().len(), half.len() - "4556 7375\n".len());
    cues.write_all("\n".repeat(10).as_bytes()).unwrap();
    assert!(written.0.borrow().len() > half.len());
    cues.write_all(b"00:05.000 --> 00:06.000\n8689 9855\n").unwrap();
    cues.finish().unwrap();
    assert!(written.0.borrow().ends_with(b"8689 9855\n"));
}

/// A heading that is longer than 96 bytes is what somebody says, and words end a number.
#[test]
fn a_heading_is_short() {
    let before = |name: &str| {
        let written = Written::default();
        let mut chat = Options::new().transcript(Chat, written.clone());
        chat.write_all(format!("Bo: 45567375\n{name} 10:32\n").as_bytes()).unwrap();
        written.0.borrow().len()
    };
    assert_eq!(before("Al Bell"), 0);
    assert_eq!(before(&format!("{} {}", "a".repeat(80), "b".repeat(40))), "Bo: 45567375\n".len());
}

/// A mask that means something in a file is an asterisk there.
#[test]
fn a_mask_of_a_file_means_nothing() {
    let cue = |text: &str| format!("1\n00:00:01,000 --> 00:00:02,000\n{text}\n");
    for mask in ['<', '>', '"', '[', ']', '(', ')'] {
        let options = Options::new().mask(mask).unwrap();
        let mut file = options.transcript(Srt, Vec::new());
        file.write_all(cue("4556 7375 8689 9855").as_bytes()).unwrap();
        assert_eq!(file.finish().unwrap(), cue("**** **** **** ****").as_bytes());
    }
}
