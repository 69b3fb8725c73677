//! JSON of speech engines: lists of words, of segments, and whole texts; and of chats.
//!
//! Nothing here is made for one engine. A string is text if its key is one of [`TEXTS`]. Texts with the same path are read
//! in order as one conversation, whatever lists they stand in; a text of one word goes with those after it. Who speaks is
//! said by a key of [`SPEAKERS`] in the same object or around it. What was found in one list is looked for in the others.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use zeroize::Zeroizing;

use crate::redact::conversation::{Decided, Machine};
use crate::redact::formats::json::{Json, read_string, values};
use crate::redact::formats::source::{Cut, Source, cut};
use crate::redact::{Options, edits};

/// The names of texts in lower case without underscores: those of Whisper and WhisperX (`text`, `word`), AWS Transcribe
/// (`transcript`, `content`), Google (`transcript`, `word`), Azure (`display`, `lexical`, `itn`, `maskedITN`, `word`),
/// Deepgram (`punctuated_word`), AssemblyAI (`text`), Vosk (`word`, `text`, `partial`), Watson (`timestamps`), and of chats.
const TEXTS: &[&str] = &[
    "w",
    "word",
    "words",
    "t",
    "text",
    "texts",
    "transcript",
    "content",
    "punctuatedword",
    "display",
    "displaytext",
    "lexical",
    "itn",
    "maskeditn",
    "value",
    "utterance",
    "body",
    "message",
    "messages",
    "msg",
    "sentence",
    "caption",
    "partial",
    "timestamps",
    "phrase",
    "token",
    "punct",
    "note",
    "notes",
    "comment",
    "subtitle",
];
/// The names of those who speak, alike; the first that is there counts.
const SPEAKERS: &[&str] = &[
    "speaker",
    "speakerlabel",
    "speakerid",
    "speakertag",
    "spk",
    "channel",
    "channeltag",
    "channelid",
    "participant",
    "participantrole",
    "participantid",
    "role",
    "from",
    "fromid",
    "user",
    "userid",
    "author",
    "sender",
    "name",
    "nick",
];
/// Lists of readings of the same speech, each of which is a conversation of its own.
const ALTERNATIVES: &[&str] = &["alternatives", "nbest"];
/// The most words that are one turn.
const MOST_WORDS: usize = 48;

/// Writes `bytes` to `out`, with card data masked. What is no JSON is looked at as a chat.
pub(super) fn redact(options: &Options, bytes: &[u8], out: &mut Vec<u8>) {
    let (Some(values), Ok(text)) = (values(bytes), core::str::from_utf8(bytes)) else {
        let mut lines = super::lines::Lines::new(options, super::Format::Chat);
        lines.push(bytes, out);
        lines.finish(out);
        return;
    };
    let mut document = Document { text, options, streams: BTreeMap::new() };
    for value in &values {
        document.walk(value, "", "", "");
    }
    let mut cuts = document.cuts();
    cuts.sort_unstable_by_key(|cut| (cut.start, cut.end));
    let (_, _, mask) = options.reading();
    cut(bytes, &cuts, mask, out);
}

/// What stands at one path.
struct Stream {
    machine: Machine,
    /// The turn that goes on: who, how many words.
    turn: Source,
    speaker: String,
    words: usize,
    /// Those that were pushed, and those that are decided.
    pushed: Vec<Source>,
    decided: Vec<Decided>,
}

impl Stream {
    fn push(&mut self) {
        if self.words > 0 {
            let turn = core::mem::take(&mut self.turn);
            self.decided.extend(self.machine.push(&self.speaker, None, &turn.text));
            self.pushed.push(turn);
            self.words = 0;
        }
    }
}

struct Document<'d> {
    text: &'d str,
    options: &'d Options,
    streams: BTreeMap<String, Stream>,
}

impl Document<'_> {
    /// Takes the texts in a value that stands at `path`, under `key`, in what `speaker` says.
    fn walk(&mut self, value: &Json, path: &str, key: &str, speaker: &str) {
        match value {
            Json::Other(_) => {}
            Json::String(place) => {
                let mut source = Source::default();
                read_string(self.text, place.clone(), &mut source);
                // What is no text is looked at by itself.
                let path = if TEXTS.contains(&key) {
                    path.to_owned()
                } else {
                    format!("{path}#{}", place.start)
                };
                self.add(path, speaker, place.clone(), &source.text);
            }
            Json::Array(items) => {
                for (n, item) in items.iter().enumerate() {
                    let path = if ALTERNATIVES.contains(&key) {
                        format!("{path}[{n}]")
                    } else {
                        format!("{path}[]")
                    };
                    self.walk(item, &path, key, speaker);
                }
            }
            Json::Object(entries) => {
                let named = |wanted: &&str| {
                    let mut named = entries.iter().filter(|(name, _)| plain(name) == **wanted);
                    named.find_map(|(_, value)| match value {
                        Json::String(place) | Json::Other(place) => self.text.get(place.clone()),
                        _ => None,
                    })
                };
                let own = SPEAKERS.iter().find_map(named).filter(|name| *name != "null");
                let speaker = own.unwrap_or(speaker).to_owned();
                for (name, value) in entries {
                    self.walk(value, &format!("{path}.{name}"), &plain(name), &speaker);
                }
            }
        }
    }

    fn add(&mut self, path: String, speaker: &str, place: core::ops::Range<usize>, text: &str) {
        let stream = match self.streams.entry(path) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(Stream {
                machine: Machine::new(self.options),
                turn: Source::default(),
                speaker: String::new(),
                words: 0,
                pushed: Vec::new(),
                decided: Vec::new(),
            }),
        };
        let single = !text.trim().contains(char::is_whitespace);
        if !single || stream.speaker != speaker || stream.words >= MOST_WORDS {
            stream.push();
        }
        if stream.words > 0 {
            stream.turn.part(" ");
        }
        speaker.clone_into(&mut stream.speaker);
        read_string(self.text, place, &mut stream.turn);
        stream.words = stream.words.saturating_add(1);
        if !single {
            stream.push();
        }
    }

    /// What is to be cut out.
    fn cuts(&mut self) -> Vec<Cut> {
        let mut found: Vec<Zeroizing<Vec<u8>>> = Vec::new();
        for stream in self.streams.values_mut() {
            stream.push();
            stream.decided.extend(stream.machine.finish());
            let new: Vec<_> = stream
                .machine
                .found()
                .iter()
                .filter(|number| !found.contains(number))
                .cloned()
                .collect();
            found.extend(new);
        }
        let mut cuts = Vec::new();
        for stream in self.streams.values_mut() {
            for (source, decided) in stream.pushed.iter().zip(&mut stream.decided) {
                let mut all = core::mem::take(&mut decided.edits);
                let repeated = Machine::repeated(self.options, &found, &decided.text);
                if !repeated.is_empty() {
                    all.extend(repeated);
                    all = edits::settled(self.options, &decided.text, all);
                }
                cuts.extend(source.cuts(&all));
            }
        }
        cuts
    }
}

/// A key in lower case without what parts words.
fn plain(key: &str) -> String {
    key.chars().filter(|c| !matches!(c, '_' | '-')).collect::<String>().to_lowercase()
}
