//! The stage on which the call is played: who shows or says what, in 80 columns, in colour when
//! standard output is a terminal.

use std::io::{IsTerminal, Write};

const WIDTH: usize = 80;
const LABEL: usize = 16;

/// Who shows or says something.
#[derive(Clone, Copy)]
pub(crate) enum Who {
    /// What the customer's app shows.
    App,
    /// What is said on the line.
    Line,
    /// What the agent's desktop shows.
    Desktop,
    /// What the enterprise's observer is told.
    Observer,
    /// Why it went as it did.
    Why,
}

impl Who {
    const fn colour(self) -> &'static str {
        match self {
            Self::App => "36",
            Self::Line => "1",
            Self::Desktop => "33",
            Self::Observer => "2",
            Self::Why => "35",
        }
    }
}

/// Where the call is played.
pub(crate) struct Stage {
    out: std::io::Stdout,
    colour: bool,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let out = std::io::stdout();
        let colour = out.is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self { out, colour }
    }

    fn paint(&self, colour: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{colour}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// A new act.
    pub(crate) fn act(&mut self, title: &str) -> std::io::Result<()> {
        let line = "═".repeat(WIDTH);
        let heading = self.paint("1", title);
        writeln!(self.out, "\n{line}\n{heading}\n{line}")
    }

    /// A new step within an act.
    pub(crate) fn step(&mut self, title: &str) -> std::io::Result<()> {
        let rule = "─".repeat(WIDTH.saturating_sub(title.chars().count()).saturating_sub(4));
        let heading = self.paint("1", title);
        writeln!(self.out, "\n── {heading} {rule}")
    }

    /// `who`, called `label`, shows or says `text`.
    pub(crate) fn show(&mut self, who: Who, label: &str, text: &str) -> std::io::Result<()> {
        let mut label = label;
        for line in text.lines().flat_map(|line| wrap(line, WIDTH - LABEL - 3)) {
            let name = self.paint(who.colour(), &format!("{label:>LABEL$}"));
            writeln!(self.out, "{name} │ {line}")?;
            label = "";
        }
        Ok(())
    }
}

/// Breaks a line between words; one that begins with spaces stays indented.
fn wrap(line: &str, width: usize) -> Vec<String> {
    if line.chars().count() <= width {
        return vec![line.to_owned()];
    }
    let indent: String = line.chars().take_while(|c| *c == ' ').collect();
    let mut lines = Vec::new();
    let mut now = indent.clone();
    for word in line.split_whitespace() {
        let long = now.chars().chain([' ']).chain(word.chars()).count() > width;
        if long && now.trim() != "" {
            lines.push(std::mem::replace(&mut now, indent.clone()));
        }
        if now.trim() != "" {
            now.push(' ');
        }
        now.push_str(word);
    }
    lines.push(now);
    lines
}
