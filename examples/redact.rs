//! Masks card data in what passes through: standard input to standard output, as it comes, everything
//! else unchanged byte for byte. It keeps no more than a piece of the text.
//!
//! ```sh
//! cargo run --example redact < transcript.txt
//! cargo run --example redact -- --keep-last-four --no-spoken < access.log
//! cargo run --example redact -- --spans < chat.txt    # where, and what, as JSON lines
//! cargo run --example redact -- --format vtt < call.vtt    # or srt, words, chat
//! ```

#[path = "tool/mod.rs"]
mod tool;

use std::io::{self, Read, Write};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use countersign::redact::{Format, Mode, Options, Span};
use zeroize::Zeroizing;

use tool::Answer;

/// So much is read at a time, in bytes.
const CHUNK: usize = 64 * 1024;

/// Masks card data in standard input.
#[derive(Parser)]
#[command(name = "redact")]
struct Tool {
    /// Leaves the last four digits of each card number.
    #[arg(long)]
    keep_last_four: bool,
    /// Writes where card data stands, as JSON lines, instead of the text.
    #[arg(long)]
    spans: bool,
    /// Finds numbers of unusual lengths, too, where other digits are glued to them.
    #[arg(long)]
    glued_in_any_length: bool,
    /// Looks for written numbers alone.
    #[arg(long)]
    no_spoken: bool,
    /// What the input is.
    #[arg(long, value_enum, default_value_t = Input::Text)]
    format: Input,
}

/// What passes through.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Input {
    /// Any text.
    Text,
    /// What machines print.
    Log,
    /// WebVTT subtitles.
    Vtt,
    /// SubRip subtitles.
    Srt,
    /// JSON of a speech engine or a chat, which is read to its end first.
    Words,
    /// Lines of a chat or a transcript.
    Chat,
}

fn main() -> ExitCode {
    tool::main("redact", run)
}

fn run(tool: Tool) -> Answer {
    let options = Options::new().keep_last_four(tool.keep_last_four).spoken(!tool.no_spoken);
    let options = options.glued_in_any_length(tool.glued_in_any_length);
    let options = if tool.format == Input::Log { options.mode(Mode::Logs) } else { options };
    let format = match tool.format {
        Input::Text | Input::Log => None,
        Input::Vtt => Some(Format::Vtt),
        Input::Srt => Some(Format::Srt),
        Input::Words => Some(Format::Words),
        Input::Chat => Some(Format::Chat),
    };
    let done = match format {
        _ if tool.spans => spans(&options),
        Some(format) => transcript(&options, format),
        None => text(&options),
    };
    // What was read must not be in the message, and an error of the system has none of it.
    done.map_err(|error| format!("the text could not be passed on: {}", error.kind()))?;
    Ok(Zeroizing::new(String::new()))
}

/// Passes each chunk of standard input to `take`, and wipes it.
fn each_chunk(mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut chunk = Zeroizing::new(vec![0; CHUNK]);
    let mut from = io::stdin().lock();
    loop {
        match from.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(read) => take(chunk.get(..read).unwrap_or_default())?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn text(options: &Options) -> io::Result<()> {
    let mut writer = options.writer(io::stdout().lock());
    each_chunk(|chunk| writer.write_all(chunk).and_then(|()| writer.flush()))?;
    writer.finish()?.flush()
}

fn transcript(options: &Options, format: Format) -> io::Result<()> {
    let mut to = options.transcript(format, io::stdout().lock());
    each_chunk(|chunk| to.write_all(chunk).and_then(|()| to.flush()))?;
    to.finish()?.flush()
}

fn spans(options: &Options) -> io::Result<()> {
    let mut to = io::stdout().lock();
    let mut say = |found: &mut Vec<Span>| {
        for span in found.drain(..) {
            serde_json::to_writer(&mut to, &span)?;
            writeln!(to)?;
        }
        to.flush()
    };
    let (mut finder, mut found) = (options.finder(), Vec::new());
    each_chunk(|chunk| {
        finder.push(chunk, &mut found);
        say(&mut found)
    })?;
    finder.finish(&mut found);
    say(&mut found)
}
