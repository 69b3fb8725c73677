//! What the command-line examples share: the answer alone on standard output, or status 1 and one line
//! on standard error that never repeats what was typed.

use std::error::Error;
use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use zeroize::Zeroizing;

/// What a command answers, or the line that says why it doesn't.
pub(crate) type Answer = Result<Zeroizing<String>, Box<dyn Error>>;

/// Reads the arguments, has them answered, and writes the answer. `commands` lists the tool's commands
/// for whoever named none of them.
pub(crate) fn main<C: Parser>(commands: &str, run: impl FnOnce(C) -> Answer) -> ExitCode {
    let answer = match C::try_parse() {
        Ok(cli) => run(cli).map_err(|error| error.to_string()),
        Err(error) if error.kind() == ErrorKind::DisplayHelp => {
            Ok(Zeroizing::new(error.to_string()))
        }
        Err(error) => Err(usage(&error, commands)),
    };
    let written = answer.and_then(|answer| {
        // A tool that has written by itself has nothing to answer.
        if answer.is_empty() {
            return Ok(());
        }
        let mut stdout = std::io::stdout().lock();
        writeln!(stdout, "{}", answer.trim_end())
            .and_then(|()| stdout.flush())
            .map_err(|_| "the answer could not be written".to_owned())
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(line) => {
            // If standard error is closed as well, the status says it.
            let _closed = writeln!(std::io::stderr(), "{}: {line}", C::command().get_name());
            ExitCode::FAILURE
        }
    }
}

/// Puts the name of the option before what is wrong with its value.
#[allow(dead_code, reason = "not every tool has values that can be wrong")]
pub(crate) fn bad<E: Display>(option: &str) -> impl FnOnce(E) -> String {
    move |error| format!("{option}: {error}")
}

/// clap's error in one line. It names this tool's options alone: what was typed may be a key in the
/// wrong place.
fn usage(error: &clap::Error, commands: &str) -> String {
    let options = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::Strings(options)) => options.join(", "),
        Some(ContextValue::String(option)) => option.clone(),
        _ => String::new(),
    };
    match error.kind() {
        ErrorKind::MissingRequiredArgument => format!("missing {options}"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => format!("bad value for {options}"),
        ErrorKind::ArgumentConflict => {
            format!("{options} is given twice or beside what it stands for")
        }
        ErrorKind::InvalidUtf8 => "the arguments must be UTF-8".to_owned(),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            format!("name a command: {commands} (see --help)")
        }
        ErrorKind::InvalidSubcommand => format!("unknown command: expected {commands}"),
        _ => "unknown or misplaced argument (see --help)".to_owned(),
    }
}
