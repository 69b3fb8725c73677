//! JSON of speech engines: lists of words, of segments, and whole texts; and of chats.
//!
//! Nothing here is made for one engine. A string is text if its key is one of [`TEXTS`]. Texts with the same path are read
//! in order as one conversation, whatever lists they stand in; a text of one word goes with those after it. Who speaks is
//! said by a key of [`SPEAKERS`] in the same object or around it. What was found in one list is looked for in the others.

use std::collections::HashMap;

use zeroize::Zeroizing;

use crate::redact::conversation::{Decided, Elsewhere, Machine};
use crate::redact::formats::json::{Json, read_string, values};
use crate::redact::formats::source::{Cut, Source, cut};
use crate::redact::{Options, edits, steps};

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
    "sendername",
    "senderid",
    "speakername",
    "username",
    "displayname",
    "participantname",
    "party",
    "actor",
    "name",
    "nick",
];
/// What tells who it is in an object that is somebody: the first that is there counts.
const IDS: &[&str] = &["id", "userid", "email", "username", "name", "displayname", "label", "role"];
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
    let mut document = Document {
        text,
        options,
        streams: Vec::new(),
        paths: HashMap::new(),
        speakers: HashMap::new(),
    };
    for value in &values {
        document.walk(value, ROOT, "", NOBODY);
    }
    let mut cuts = document.cuts();
    cuts.sort_unstable_by_key(|cut| (cut.start, cut.end));
    let (_, _, mask) = options.reading();
    cut(bytes, &cuts, mask, out);
}

/// Paths and speakers by number: names may be long and come again a million times.
type Path = usize;
type Speaker = usize;
const ROOT: Path = 0;
const NOBODY: Speaker = 0;

/// A step from one path to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Step<'d> {
    Key(&'d str),
    Item,
    /// One of several readings.
    Alternative(usize),
    /// A string by itself, by its place.
    Place(usize),
}

/// What stands at one path.
struct Stream {
    machine: Machine,
    /// The turn that goes on: who, how many words.
    turn: Source,
    speaker: Speaker,
    words: usize,
    /// Those that were pushed, and those that are decided.
    pushed: Vec<Source>,
    decided: Vec<Decided>,
}

impl Stream {
    fn push(&mut self) {
        if self.words > 0 {
            let turn = core::mem::take(&mut self.turn);
            let speaker = self.speaker.to_string();
            self.decided.extend(self.machine.push(&speaker, None, &turn.text));
            self.pushed.push(turn);
            self.words = 0;
        }
    }
}

struct Document<'d> {
    text: &'d str,
    options: &'d Options,
    /// In the order in which they begin.
    streams: Vec<Stream>,
    /// Each path by the one that it goes on, and which stream stands there.
    paths: HashMap<(Path, Step<'d>), (Path, Option<usize>)>,
    speakers: HashMap<&'d str, Speaker>,
}

impl<'d> Document<'d> {
    /// Takes the texts in a value that stands at `path`, under `key`, in what `speaker` says.
    fn walk(&mut self, value: &'d Json, path: Path, key: &str, speaker: Speaker) {
        steps::count(1);
        match value {
            Json::Other(_) => {}
            Json::String(place) => {
                let mut source = Source::default();
                read_string(self.text, place.clone(), &mut source);
                // What is no text is looked at by itself.
                let step = if TEXTS.contains(&key) { Step::Item } else { Step::Place(place.start) };
                self.add((path, step), speaker, place.clone(), &source.text);
            }
            Json::Array(items) => {
                let several = ALTERNATIVES.contains(&key);
                for (n, item) in items.iter().enumerate() {
                    let step = if several { Step::Alternative(n) } else { Step::Item };
                    let path = self.path(path, step);
                    self.walk(item, path, key, speaker);
                }
            }
            Json::Object(entries) => {
                let keys: Vec<String> = entries.iter().map(|(name, _)| plain(name)).collect();
                let speaker = self.speaker(entries, &keys).unwrap_or(speaker);
                for ((name, value), key) in entries.iter().zip(&keys) {
                    let path = self.path(path, Step::Key(name));
                    self.walk(value, path, key, speaker);
                }
            }
        }
    }

    fn path(&mut self, path: Path, step: Step<'d>) -> Path {
        if let Step::Key(name) = step {
            steps::count(name.len());
        }
        let next = self.paths.len().saturating_add(1);
        self.paths.entry((path, step)).or_insert((next, None)).0
    }

    /// Who speaks in an object, if it says so.
    fn speaker(&mut self, entries: &'d [(String, Json)], keys: &[String]) -> Option<Speaker> {
        steps::count(keys.iter().map(String::len).sum());
        let named = |wanted: &&str| {
            let mut named = entries.iter().zip(keys).filter(|(_, key)| *key == wanted);
            named.find_map(|((_, value), _)| match value {
                Json::String(place) | Json::Other(place) => self.text.get(place.clone()),
                // {"from":{"id":"1","name":"Alice"}}
                Json::Object(of) => IDS.iter().find_map(|id| {
                    let said = of.iter().find_map(|(key, value)| match value {
                        Json::String(place) | Json::Other(place) if plain(key) == *id => {
                            self.text.get(place.clone())
                        }
                        _ => None,
                    });
                    said.filter(|said| *said != "null")
                }),
                Json::Array(_) => None,
            })
        };
        let name = SPEAKERS.iter().find_map(named).filter(|name| *name != "null")?;
        steps::count(name.len());
        let next = self.speakers.len().saturating_add(1);
        Some(*self.speakers.entry(name).or_insert(next))
    }

    fn add(
        &mut self,
        at: (Path, Step<'d>),
        speaker: Speaker,
        place: core::ops::Range<usize>,
        text: &str,
    ) {
        steps::count(text.len());
        let _ = self.path(at.0, at.1);
        let next = self.streams.len();
        let stream = self.paths.get_mut(&at).map(|(_, stream)| *stream.get_or_insert(next));
        if stream == Some(next) {
            self.streams.push(Stream {
                machine: Machine::new(self.options),
                turn: Source::default(),
                speaker: NOBODY,
                words: 0,
                pushed: Vec::new(),
                decided: Vec::new(),
            });
        }
        let Some(stream) = stream.and_then(|at| self.streams.get_mut(at)) else { return };
        let single = !text.trim().contains(char::is_whitespace);
        if !single || stream.speaker != speaker || stream.words >= MOST_WORDS {
            stream.push();
        }
        if stream.words > 0 {
            stream.turn.part(" ");
        }
        stream.speaker = speaker;
        read_string(self.text, place, &mut stream.turn);
        stream.words = stream.words.saturating_add(1);
        if !single {
            stream.push();
        }
    }

    /// What is to be cut out.
    fn cuts(&mut self) -> Vec<Cut> {
        let mut found: Vec<Zeroizing<Vec<u8>>> = Vec::new();
        for stream in &mut self.streams {
            stream.push();
            stream.decided.extend(stream.machine.finish());
            found.extend_from_slice(stream.machine.found());
        }
        let elsewhere = Elsewhere::new(found);
        let mut cuts = Vec::new();
        for stream in &mut self.streams {
            for (source, decided) in stream.pushed.iter().zip(&mut stream.decided) {
                let mut all = core::mem::take(&mut decided.edits);
                let repeated = elsewhere.repeated(self.options, &decided.text);
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
