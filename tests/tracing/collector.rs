//! Keeps everything that a subscriber can be told, thread by thread, and what a formatter writes of it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

/// Something that was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) kind: Kind,
    pub(crate) target: &'static str,
    /// The name of a span; of an event the name of the span around it.
    pub(crate) span: Option<&'static str>,
    /// Which span that is.
    pub(crate) id: Option<u64>,
    pub(crate) fields: BTreeMap<&'static str, Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Span,
    Recorded,
    Event,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Number(u64),
    Text(String),
    /// Neither: something that was formatted.
    Other(String),
}

impl Told {
    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        match self.fields.get(field) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn number(&self, field: &str) -> Option<u64> {
        match self.fields.get(field) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        }
    }
}

thread_local! {
    static TOLD: RefCell<Vec<Told>> = const { RefCell::new(Vec::new()) };
    static WRITTEN: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

#[derive(Default)]
struct Fields(BTreeMap<&'static str, Value>);

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name(), Value::Number(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), Value::Text(value.to_owned()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), Value::Other(format!("{value:?}")));
    }
}

struct Collector;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Collector {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let (target, span) = (attributes.metadata().target(), Some(attributes.metadata().name()));
        let id = Some(id.into_u64());
        push(Told { kind: Kind::Span, target, span, id, fields: fields.0 });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        values.record(&mut fields);
        let id = Some(id.into_u64());
        push(Told { kind: Kind::Recorded, target: "", span: None, id, fields: fields.0 });
    }

    fn on_event(&self, event: &Event<'_>, cx: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let span = cx.event_span(event);
        let id = span.as_ref().map(|span| span.id().into_u64());
        let (target, span) = (event.metadata().target(), span.map(|span| span.name()));
        push(Told { kind: Kind::Event, target, span, id, fields: fields.0 });
    }
}

fn push(told: Told) {
    TOLD.with_borrow_mut(|all| all.push(told));
}

struct Writer;

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        WRITTEN.with_borrow_mut(|all| all.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Listens from now on, and forgets what this thread was told before.
pub(crate) fn listen() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        let log = tracing_subscriber::fmt::layer().with_span_events(FmtSpan::FULL);
        let subscriber =
            tracing_subscriber::registry().with(Collector).with(log.json().with_writer(|| Writer));
        tracing::subscriber::set_global_default(subscriber).unwrap();
    });
    drop(told());
}

/// What this thread was told since.
pub(crate) fn told() -> Vec<Told> {
    WRITTEN.with_borrow_mut(Vec::clear);
    TOLD.with_borrow_mut(std::mem::take)
}

/// What a formatter wrote since.
pub(crate) fn written() -> String {
    WRITTEN.with_borrow(|all| String::from_utf8(all.clone()).unwrap())
}
