//! Redaction of what `tracing` logs.

use tracing::Metadata;
use tracing_subscriber::fmt::MakeWriter;

use crate::redact::{Options, Writer};

/// Redacts what a `tracing_subscriber` formatter writes: messages, the fields of events and of the spans
/// around them, in whatever format (feature `tracing`).
///
/// It stands between the formatter and the log, so nothing gets around it: not a value's `Debug`, not a
/// field that another layer recorded, not text that somebody formatted beforehand. A layer could not do
/// that: layers see fields and cannot change what other layers make of them.
///
/// Each event is a text of its own; a number that is spread over several events is not found. In JSON a
/// number that is masked is no number any more: log card data's neighbours as strings.
///
/// ```
/// use countersign::redact::{Options, Redacted};
///
/// let log = Redacted::new(Options::new(), std::io::stderr);
/// let subscriber = tracing_subscriber::fmt().with_writer(log).finish();
/// tracing::subscriber::with_default(subscriber, || {
///     tracing::info!(chat = "it's 4242 4242 4242 4242", "received"); // chat="it's **** **** **** ****"
/// });
/// ```
#[derive(Debug, Clone)]
pub struct Redacted<M> {
    options: Options,
    to: M,
}

impl<M> Redacted<M> {
    /// What is written to the writers of `to` is redacted with these options.
    #[must_use]
    pub const fn new(options: Options, to: M) -> Self {
        Self { options, to }
    }
}

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for Redacted<M> {
    type Writer = Writer<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        self.options.writer(self.to.make_writer())
    }

    fn make_writer_for(&'a self, meta: &Metadata<'_>) -> Self::Writer {
        self.options.writer(self.to.make_writer_for(meta))
    }
}
