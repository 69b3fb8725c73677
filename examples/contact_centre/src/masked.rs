//! Card data in chats and transcripts, masked before anything keeps or shows them.

use countersign::redact::{Conversation, Options, Turn};

/// Masks card data in what was said, turn by turn and over turns: speakers, and what they said.
pub fn mask<'a>(lines: impl Iterator<Item = (&'a str, &'a mut String)>) {
    let mut conversation = Conversation::new(&Options::new());
    let (mut masked, mut texts) = (Vec::new(), Vec::new());
    for (speaker, text) in lines {
        masked.extend(conversation.push(Turn { speaker, at: None, text }));
        texts.push(text);
    }
    masked.extend(conversation.finish());
    for (text, masked) in texts.into_iter().zip(masked) {
        masked.text.as_str().clone_into(text);
    }
}
