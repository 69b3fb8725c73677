//! Conversations as files: how each program writes them, and how they are read again.

use serde_json::{Value, json};

use crate::talk::forms::Talk;

/// A way to write a conversation down, and to read its texts again.
pub(crate) struct File {
    pub(crate) name: &'static str,
    pub(crate) format: countersign::redact::Format,
    /// Whether each text in it tells who speaks.
    pub(crate) told: bool,
    pub(crate) write: fn(&Talk) -> String,
    /// The texts; panics if the file is none of its format.
    pub(crate) read: fn(&str) -> Vec<String>,
}

fn time(seconds: usize, point: char) -> String {
    format!("{:02}:{:02}:{:02}{point}{:03}", seconds / 3600, seconds / 60 % 60, seconds % 60, 250)
}

/// Cues of four words or fewer.
fn cues(talk: &Talk) -> Vec<(&'static str, String)> {
    let pieces = |(who, text): &(&'static str, String)| {
        let words: Vec<&str> = text.split(' ').collect();
        words.chunks(5).map(|words| (*who, words.join(" "))).collect::<Vec<_>>()
    };
    talk.iter().flat_map(pieces).filter(|(_, text)| !text.trim().is_empty()).collect()
}

fn vtt(talk: &Talk) -> String {
    let mut file = "WEBVTT - a call\n\nNOTE of the 3rd call\n\n".to_owned();
    for (n, (who, text)) in cues(talk).into_iter().enumerate() {
        let (from, to) = (time(n * 2, '.'), time(n * 2 + 2, '.'));
        file += &format!("{}\n{from} --> {to} align:start\n<v {who}>{text}</v>\n\n", n + 1);
    }
    file
}

fn srt(talk: &Talk) -> String {
    let mut file = String::new();
    for (n, (who, text)) in cues(talk).into_iter().enumerate() {
        let (from, to) = (time(n * 2, ','), time(n * 2 + 2, ','));
        file += &format!("{}\r\n{from} --> {to}\r\n{who}: {text}\r\n\r\n", n + 1);
    }
    file
}

/// The texts of subtitles, after each number and time was looked at.
fn read_subtitles(file: &str) -> Vec<String> {
    let file = file.replace("\r\n", "\n");
    let blocks = file.trim_end().split("\n\n").filter(|block| block.contains("-->"));
    let mut texts = Vec::new();
    for (n, block) in blocks.enumerate() {
        let mut lines = block.lines();
        assert_eq!(lines.next().unwrap(), (n + 1).to_string());
        let times = lines.next().unwrap().replace(',', ".");
        let from = time(n * 2, '.');
        assert!(times.starts_with(&format!("{from} --> {}", time(n * 2 + 2, '.'))), "{times}");
        let text: String = lines.collect::<Vec<_>>().join("\n");
        let text = text.trim_end_matches("</v>");
        let text = text.trim_start_matches("<v Agent>").trim_start_matches("<v Caller>");
        texts.push(text.trim_start_matches("Agent: ").trim_start_matches("Caller: ").to_owned());
    }
    texts
}

fn words(talk: &Talk) -> impl Iterator<Item = (usize, &'static str, &str)> {
    let words =
        talk.iter().flat_map(|(who, text)| text.split_whitespace().map(move |word| (*who, word)));
    words.enumerate().map(|(n, (who, word))| (n, who, word))
}

/// As WhisperX writes it.
fn whisperx(talk: &Talk) -> String {
    let segment = |(who, text): &(&str, String)| {
        let words = text.split_whitespace().enumerate().map(|(n, word)| {
            json!({"word": word, "start": n as f64 * 0.3, "end": n as f64 * 0.3 + 0.2, "score": 0.93, "speaker": who})
        });
        json!({"start": 0.5, "end": 2.25, "text": text, "speaker": who, "words": words.collect::<Vec<_>>()})
    };
    let segments: Vec<Value> = talk.iter().map(segment).collect();
    json!({"segments": segments, "language": "en"}).to_string()
}

/// As AWS Transcribe writes it.
fn aws(talk: &Talk) -> String {
    let all: Vec<&str> = talk.iter().map(|(_, text)| text.as_str()).collect();
    let items: Vec<Value> = words(talk)
        .map(|(n, who, word)| {
            json!({
                "id": n, "type": "pronunciation", "start_time": format!("{n}.09"), "end_time": format!("{n}.9"),
                "speaker_label": if who == "Agent" { "spk_0" } else { "spk_1" },
                "alternatives": [{"confidence": "0.998", "content": word}],
            })
        })
        .collect();
    json!({
        "jobName": "call-20261130-0001", "accountId": "111122223333", "status": "COMPLETED",
        "results": {"transcripts": [{"transcript": all.join(" ")}], "items": items},
    })
    .to_string()
}

/// As Google Speech-to-Text writes it.
fn google(talk: &Talk) -> String {
    let results: Vec<Value> = talk
        .iter()
        .map(|(who, text)| {
            let words: Vec<Value> = text
                .split_whitespace()
                .map(|word| {
                    json!({"startTime": "1.200s", "endTime": "1.400s", "word": word,
                        "speakerTag": if *who == "Agent" { 1 } else { 2 }})
                })
                .collect();
            json!({"alternatives": [{"transcript": text, "confidence": 0.94, "words": words}],
                "channelTag": if *who == "Agent" { 1 } else { 2 }, "languageCode": "en-gb"})
        })
        .collect();
    json!({"results": results, "totalBilledTime": "45s", "requestId": "8152347912345678901"})
        .to_string()
}

/// As Azure writes it: several readings of each phrase.
fn azure(talk: &Talk) -> String {
    let phrases: Vec<Value> = talk
        .iter()
        .map(|(who, text)| {
            let reading = |confidence: f64| {
                let words: Vec<Value> = text
                    .split_whitespace()
                    .map(|word| json!({"word": word, "offsetInTicks": 6_700_000.0, "durationInTicks": 4_800_000.0}))
                    .collect();
                json!({"confidence": confidence, "lexical": text, "itn": text, "maskedITN": text, "display": text,
                    "words": words})
            };
            json!({"recognitionStatus": "Success", "channel": 0, "speaker": if *who == "Agent" { 1 } else { 2 },
                "offset": "PT0.67S", "offsetInTicks": 6_700_000.0, "nBest": [reading(0.95), reading(0.82)]})
        })
        .collect();
    json!({"source": "https://example.org/call.wav", "timestamp": "2026-11-30T09:15:00Z", "recognizedPhrases": phrases})
        .to_string()
}

/// As Deepgram writes it.
fn deepgram(talk: &Talk) -> String {
    let all: Vec<&str> = talk.iter().map(|(_, text)| text.as_str()).collect();
    let words: Vec<Value> = words(talk)
        .map(|(n, who, word)| {
            json!({"word": word, "start": n as f64, "end": n as f64 + 0.4, "confidence": 0.99,
                "speaker": u8::from(who == "Caller"), "punctuated_word": word})
        })
        .collect();
    let channels = json!([{"alternatives": [{"transcript": all.join(" "), "confidence": 0.99, "words": words}]}]);
    json!({"metadata": {"request_id": "a847f427-4ad5-4d67-9b95-db801e58251c", "duration": 61.2},
        "results": {"channels": channels}})
    .to_string()
}

/// As AssemblyAI writes it.
fn assemblyai(talk: &Talk) -> String {
    let all: Vec<&str> = talk.iter().map(|(_, text)| text.as_str()).collect();
    let speaker = |who: &str| if who == "Agent" { "A" } else { "B" };
    let utterances: Vec<Value> = talk
        .iter()
        .map(|(who, text)| {
            let words: Vec<Value> = text
                .split_whitespace()
                .map(|word| json!({"text": word, "start": 250, "end": 650, "confidence": 0.97, "speaker": speaker(who)}))
                .collect();
            json!({"confidence": 0.97, "text": text, "speaker": speaker(who), "words": words})
        })
        .collect();
    json!({"id": "5551722-f677-48a6-9287-39c0aafd9ac1", "text": all.join(" "), "utterances": utterances}).to_string()
}

/// As Vosk writes it: a value for each turn, one after another.
fn vosk(talk: &Talk) -> String {
    let turn = |(_, text): &(&str, String)| {
        let words: Vec<Value> = text
            .split_whitespace()
            .map(|word| json!({"conf": 1.0, "start": 0.87, "end": 1.11, "word": word}))
            .collect();
        serde_json::to_string_pretty(&json!({"result": words, "text": text})).unwrap() + "\n"
    };
    talk.iter().map(turn).collect()
}

/// One word with its time each.
fn plain_words(talk: &Talk) -> String {
    let words: Vec<Value> =
        words(talk).map(|(n, _, word)| json!({"w": word, "s": n as f64 * 0.2 + 1.2})).collect();
    Value::from(words).to_string()
}

/// All strings that are text, from as many values as there are.
fn read_json(file: &str) -> Vec<String> {
    fn texts(value: &Value, key: &str, all: &mut Vec<String>) {
        let other = [
            "jobName",
            "accountId",
            "requestId",
            "id",
            "request_id",
            "startTime",
            "endTime",
            "start_time",
            "end_time",
            "offset",
            "timestamp",
            "source",
            "totalBilledTime",
            "confidence",
            "speaker",
            "speaker_label",
            "language",
            "languageCode",
            "status",
            "type",
            "recognitionStatus",
        ];
        match value {
            Value::String(text) if !other.contains(&key) => all.push(text.clone()),
            Value::Array(items) => items.iter().for_each(|item| texts(item, key, all)),
            Value::Object(entries) => {
                entries.iter().for_each(|(key, value)| texts(value, key, all))
            }
            _ => {}
        }
    }
    let mut all = Vec::new();
    for value in serde_json::Deserializer::from_str(file).into_iter::<Value>() {
        texts(&value.unwrap(), "", &mut all);
    }
    all
}

fn whatsapp(talk: &Talk) -> String {
    let line = |(n, (who, text)): (usize, &(&str, String))| {
        format!("30/11/2026, 10:{n:02} - {who}: {text}\n")
    };
    talk.iter().enumerate().map(line).collect()
}

fn bracketed(talk: &Talk) -> String {
    let line =
        |(n, (who, text)): (usize, &(&str, String))| format!("[10:32:{n:02}] {who}: {text}\n");
    talk.iter().enumerate().map(line).collect()
}

fn labelled(talk: &Talk) -> String {
    talk.iter().map(|(who, text)| format!("{who}: {text}\n")).collect()
}

fn read_lines(file: &str) -> Vec<String> {
    let text = |line: &str| {
        let (before, text) =
            line.split_once("Agent: ").or_else(|| line.split_once("Caller: ")).unwrap();
        assert!(!before.contains('*'), "{line}");
        text.to_owned()
    };
    file.lines().map(text).collect()
}

use countersign::redact::Format::{Chat, Srt, Vtt, Words};

pub(crate) const FILES: &[File] = &[
    File { name: "WebVTT", told: true, format: Vtt, write: vtt, read: read_subtitles },
    File { name: "SRT", told: true, format: Srt, write: srt, read: read_subtitles },
    File { name: "words", told: false, format: Words, write: plain_words, read: read_json },
    File { name: "WhisperX", told: true, format: Words, write: whisperx, read: read_json },
    File { name: "AWS Transcribe", told: false, format: Words, write: aws, read: read_json },
    File { name: "Google", told: true, format: Words, write: google, read: read_json },
    File { name: "Azure", told: true, format: Words, write: azure, read: read_json },
    File { name: "Deepgram", told: false, format: Words, write: deepgram, read: read_json },
    File { name: "AssemblyAI", told: false, format: Words, write: assemblyai, read: read_json },
    File { name: "Vosk", told: false, format: Words, write: vosk, read: read_json },
    File { name: "chat with dates", told: true, format: Chat, write: whatsapp, read: read_lines },
    File { name: "chat with times", told: true, format: Chat, write: bracketed, read: read_lines },
    File { name: "labelled lines", told: true, format: Chat, write: labelled, read: read_lines },
];
