//! More ways in which programs write a conversation down: subtitles, lists of words, chats. Each text stands between two
//! characters of private use, so that what stands around it can be compared.

use countersign::redact::Format::{self, Chat, Srt, Vtt, Words};
use serde_json::{Value, json};

use crate::talk::forms::Talk;

/// Before and after a text.
pub(crate) const OPEN: char = '\u{e000}';
pub(crate) const CLOSE: char = '\u{e001}';

/// A way to write a conversation down.
pub(crate) struct Layout {
    pub(crate) name: &'static str,
    pub(crate) format: Format,
    pub(crate) write: fn(&Talk) -> String,
}

fn marked(text: &str) -> String {
    format!("{OPEN}{text}{CLOSE}")
}

fn clock(n: usize, point: char) -> String {
    format!("{:02}:{:02}{point}{:03}", n * 2 / 60, n * 2 % 60, 125)
}

/// Pieces of at most so many words.
fn cues(talk: &Talk, words: usize) -> Vec<(&'static str, String)> {
    let pieces = |(who, text): &(&'static str, String)| {
        let all: Vec<&str> = text.split_whitespace().collect();
        all.chunks(words).map(|words| (*who, words.join(" "))).collect::<Vec<_>>()
    };
    talk.iter().flat_map(pieces).collect()
}

fn lines(talk: &Talk, line: impl Fn(usize, &str, String) -> String) -> String {
    talk.iter().enumerate().map(|(n, (who, text))| line(n, who, marked(text))).collect()
}

fn each_word<T>(talk: &Talk, mut word: impl FnMut(usize, &'static str, String) -> T) -> Vec<T> {
    let words =
        talk.iter().flat_map(|(who, text)| text.split_whitespace().map(|word| (*who, word)));
    words.enumerate().map(|(n, (who, text))| word(n, who, marked(text))).collect()
}

pub(crate) const LAYOUTS: &[Layout] = &[
    Layout {
        name: "WebVTT without numbers, with classes",
        format: Vtt,
        write: |talk| {
            let cue = |(n, (who, text)): (usize, (&str, String))| {
                let (from, to) = (clock(n, '.'), clock(n + 1, '.'));
                format!("{from} --> {to}\n<v.loud.en {who}><c.yellow>{}</c></v>\n\n", marked(&text))
            };
            let cues: String = cues(talk, 4).into_iter().enumerate().map(cue).collect();
            format!("WEBVTT\n\n{cues}")
        },
    },
    Layout {
        name: "WebVTT of a meeting",
        format: Vtt,
        write: |talk| {
            let cue = |(n, (who, text)): (usize, (&str, String))| {
                let id = format!("91f7c2aa-{:04x}-4e24-b0a1-0d2f4f6b3c5e/{}-0", 4242 + n, n + 10);
                let (from, to) = (clock(n, '.'), clock(n + 1, '.'));
                format!(
                    "{id}\r\n00:{from} --> 00:{to} line:90% position:42%\r\n<v {who} Jones>{}</v>\r\n\r\n",
                    marked(&text)
                )
            };
            let cues: String = cues(talk, 7).into_iter().enumerate().map(cue).collect();
            format!(
                "\u{feff}WEBVTT\r\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000\r\n\r\n{cues}"
            )
        },
    },
    Layout {
        name: "WebVTT with a name before each text",
        format: Vtt,
        write: |talk| {
            let cue = |(n, (who, text)): (usize, (&str, String))| {
                let (from, to) = (clock(n, '.'), clock(n + 1, '.'));
                format!("{}\n00:{from} --> 00:{to}\n{who} Jones: {}\n\n", n + 1, marked(&text))
            };
            let cues: String = cues(talk, 6).into_iter().enumerate().map(cue).collect();
            format!("WEBVTT\n\nNOTE Zoom 4242\n\n{cues}")
        },
    },
    Layout {
        name: "WebVTT with a time for each word",
        format: Vtt,
        write: |talk| {
            let cue = |(n, (who, text)): (usize, (&str, String))| {
                let (from, to) = (clock(n, '.'), clock(n + 1, '.'));
                let words: Vec<String> = text.split(' ').map(marked).collect();
                format!(
                    "00:{from} --> 00:{to}\n<v {who}>{}\n\n",
                    words.join(&format!("<00:{from}> "))
                )
            };
            let cues: String = cues(talk, 5).into_iter().enumerate().map(cue).collect();
            format!("WEBVTT\n\n{cues}")
        },
    },
    Layout {
        name: "SRT with colours",
        format: Srt,
        write: |talk| {
            let cue = |(n, (who, text)): (usize, (&str, String))| {
                let (from, to) = (clock(n, ','), clock(n + 1, ','));
                format!(
                    "{}\n00:{from} --> 00:{to}\n<font color=\"#00ff00\">{who}: {}</font>\n\n",
                    n + 1,
                    marked(&text)
                )
            };
            cues(talk, 5).into_iter().enumerate().map(cue).collect()
        },
    },
    Layout {
        name: "SRT with places",
        format: Srt,
        write: |talk| {
            let cue = |(n, (who, text)): (usize, (&str, String))| {
                let (from, to) = (clock(n, ','), clock(n + 1, ','));
                format!(
                    "{}\n00:{from} --> 00:{to}  X1:40 X2:600 Y1:20 Y2:50\n{{\\an8}}{who}: {}\n\n",
                    n + 1,
                    marked(&text)
                )
            };
            cues(talk, 6).into_iter().enumerate().map(cue).collect()
        },
    },
    Layout {
        name: "SRT with marks for who speaks",
        format: Srt,
        write: |talk| {
            let cue = |(n, (who, text)): (usize, (&str, String))| {
                let (from, to) = (clock(n, ','), clock(n + 1, ','));
                format!(
                    "{}\n0:{from} --> 0:{to}\n>> {}: {}\n\n",
                    n + 1,
                    who.to_uppercase(),
                    marked(&text)
                )
            };
            cues(talk, 5).into_iter().enumerate().map(cue).collect()
        },
    },
    Layout {
        name: "SRT with names in brackets",
        format: Srt,
        write: |talk| {
            let cue = |(n, (who, text)): (usize, (&str, String))| {
                let (from, to) = (clock(n, ','), clock(n + 1, ','));
                format!("{}\n00:{from} --> 00:{to}\n[{who}] {}\n\n", n + 1, marked(&text))
            };
            cues(talk, 5).into_iter().enumerate().map(cue).collect()
        },
    },
    Layout {
        name: "Rev.ai",
        format: Words,
        write: |talk| {
            let monologue = |(who, text): &(&str, String)| {
                let mut elements = Vec::new();
                for word in text.split_whitespace() {
                    elements.push(json!({"type": "text", "value": marked(word), "ts": 0.5, "end_ts": 0.9, "confidence": 1.0}));
                    elements.push(json!({"type": "punct", "value": " "}));
                }
                json!({"speaker": usize::from(*who == "Agent"), "elements": elements})
            };
            json!({"monologues": talk.iter().map(monologue).collect::<Vec<_>>()}).to_string()
        },
    },
    Layout {
        name: "Speechmatics",
        format: Words,
        write: |talk| {
            let results = each_word(talk, |n, who, word| {
                let speaker = if who == "Agent" { "S1" } else { "S2" };
                json!({"alternatives": [{"confidence": 1.0, "content": word, "language": "en", "speaker": speaker}],
                    "end_time": n as f64 + 0.4, "start_time": n as f64, "type": "word"})
            });
            json!({"format": "2.9", "job": {"id": "a1b2c3d4e5", "duration": 42}, "results": results}).to_string()
        },
    },
    Layout {
        name: "Watson",
        format: Words,
        write: |talk| {
            let result = |(_, text): &(&str, String)| {
                let times: Vec<Value> =
                    text.split_whitespace().map(|word| json!([marked(word), 1.25, 1.5])).collect();
                json!({"final": true, "alternatives": [{"transcript": marked(text), "confidence": 0.9, "timestamps": times}]})
            };
            json!({"result_index": 0, "results": talk.iter().map(result).collect::<Vec<_>>()})
                .to_string()
        },
    },
    Layout {
        name: "Whisper, verbose",
        format: Words,
        write: |talk| {
            let words = each_word(
                talk,
                |n, _, word| json!({"word": format!(" {word}"), "start": n, "end": n + 1}),
            );
            let segments: Vec<Value> = talk
                .iter()
                .enumerate()
                .map(|(n, (_, text))| {
                    json!({"id": n, "seek": 0, "start": n, "end": n + 1, "text": marked(text),
                    "tokens": [50364, 4242, 4242, 11], "avg_logprob": -0.2, "no_speech_prob": 0.01})
                })
                .collect();
            json!({"task": "transcribe", "language": "english", "duration": 61.2, "segments": segments, "words": words}).to_string()
        },
    },
    Layout {
        name: "Call analytics",
        format: Words,
        write: |talk| {
            let turn = |(who, text): &(&str, String)| {
                let items: Vec<Value> = text
                    .split_whitespace()
                    .map(|word| json!({"Type": "pronunciation", "Content": marked(word), "Confidence": "0.99", "BeginOffsetMillis": 120}))
                    .collect();
                json!({"ParticipantRole": if *who == "Agent" { "AGENT" } else { "CUSTOMER" }, "Content": marked(text),
                    "Items": items, "Id": "d9c8a4a1-1f7e-4bb5-8a53-0c4242424242"})
            };
            json!({"Transcript": talk.iter().map(turn).collect::<Vec<_>>(), "LanguageCode": "en-GB", "AccountId": "111122223333"})
                .to_string()
        },
    },
    Layout {
        name: "Scribe",
        format: Words,
        write: |talk| {
            let mut all = Vec::new();
            for (who, text) in talk {
                for word in text.split_whitespace() {
                    let speaker = if *who == "Agent" { "speaker_0" } else { "speaker_1" };
                    all.push(json!({"text": marked(word), "start": 0.1, "end": 0.3, "type": "word", "speaker_id": speaker}));
                    all.push(json!({"text": " ", "start": 0.3, "end": 0.4, "type": "spacing", "speaker_id": speaker}));
                }
            }
            json!({"language_code": "eng", "words": all}).to_string()
        },
    },
    Layout {
        name: "speakers as objects",
        format: Words,
        write: |talk| {
            let message = |(n, (who, text)): (usize, &(&str, String))| {
                json!({"id": n, "startTime": "2026-11-30T10:32:01.000Z", "from": {"id": who, "name": format!("{who} Jones")},
                    "payload": {"contentType": "text/plain", "content": marked(text)}})
            };
            json!({"messages": talk.iter().enumerate().map(message).collect::<Vec<_>>()})
                .to_string()
        },
    },
    Layout {
        name: "an export of a messenger",
        format: Words,
        write: |talk| {
            let message = |(n, (who, text)): (usize, &(&str, String))| {
                json!({"type": "message", "sender_name": who, "user_profile": {"real_name": "A"},
                    "ts": format!("17645{:05}.000{:03}", n * 42, n), "text": marked(text)})
            };
            Value::from(talk.iter().enumerate().map(message).collect::<Vec<_>>()).to_string()
        },
    },
    Layout {
        name: "a line of JSON for each turn",
        format: Words,
        write: |talk| {
            lines(talk, |n, who, text| {
                json!({"role": who, "n": n, "content": text}).to_string() + "\n"
            })
        },
    },
    Layout {
        name: "a name and a time in brackets",
        format: Chat,
        write: |talk| lines(talk, |n, who, text| format!("{who} (10:{n:02}): {text}\n")),
    },
    Layout {
        name: "a time in ISO 8601",
        format: Chat,
        write: |talk| {
            lines(talk, |n, who, text| format!("2026-11-30T10:32:{n:02}Z {who}: {text}\n"))
        },
    },
    Layout {
        name: "a time in ISO 8601 in brackets, a name in angle brackets",
        format: Chat,
        write: |talk| {
            lines(talk, |n, who, text| format!("[2026-11-30 10:32:{n:02}] <{who}> {text}\n"))
        },
    },
    Layout {
        name: "fields by bars",
        format: Chat,
        write: |talk| lines(talk, |n, who, text| format!("10:32:{n:02} | {who} | {text}\n")),
    },
    Layout {
        name: "fields by tabs",
        format: Chat,
        write: |talk| lines(talk, |n, who, text| format!("10:32:{n:02}\t{who}\t{text}\n")),
    },
    Layout {
        name: "a month by name",
        format: Chat,
        write: |talk| {
            lines(talk, |n, who, text| format!("Nov 30, 2026 10:{n:02} AM - {who}: {text}\n"))
        },
    },
    Layout {
        name: "a name with a number",
        format: Chat,
        write: |talk| lines(talk, |n, who, text| format!("({n:02}:15) {who} 42: {text}\n")),
    },
    Layout {
        name: "names in brackets",
        format: Chat,
        write: |talk| lines(talk, |_, who, text| format!("[{who}] {text}\n")),
    },
    Layout {
        name: "names in bold",
        format: Chat,
        write: |talk| lines(talk, |_, who, text| format!("**{who}:** {text}\n")),
    },
    Layout {
        name: "a name, then the text on the next line",
        format: Chat,
        write: |talk| lines(talk, |n, who, text| format!("{who}, 10:{n:02}\n{text}\n\n")),
    },
    Layout {
        name: "names in capitals, quoted",
        format: Chat,
        write: |talk| lines(talk, |_, who, text| format!("> {}: {text}\n", who.to_uppercase())),
    },
    Layout {
        name: "numbered lines",
        format: Chat,
        write: |talk| lines(talk, |n, who, text| format!("{:>3}  {who}: {text}\n", n + 1)),
    },
    Layout {
        name: "somebody says",
        format: Chat,
        write: |talk| lines(talk, |n, who, text| format!("{who} says (10:32:{n:02} AM): {text}\n")),
    },
];
