//! The feature `tracing`: nothing that a subscriber formats gets around the redaction.

use std::io;
use std::sync::{Arc, Mutex};

use countersign::card_number::{Brand, BrandRange, BrandTable};
use countersign::redact::{Mode, NameKind, Options, Redacted};

use tracing_subscriber::fmt::MakeWriter;

/// Keeps what is written, and for each writer that was made whether it was for a warning.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<(Vec<u8>, Vec<bool>)>>);

impl Log {
    fn keep(&self, bytes: &[u8]) {
        self.0.lock().unwrap().0.extend_from_slice(bytes);
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().0.clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.keep(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }

    fn make_writer_for(&'a self, meta: &tracing::Metadata<'_>) -> Self {
        self.0.lock().unwrap().1.push(*meta.level() == tracing::Level::WARN);
        self.clone()
    }
}

/// What a host might log without a thought: its `Debug` prints the number in a form of its own.
struct Payment(u64);

impl std::fmt::Debug for Payment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Payment").field("number", &self.0).field("cvv", &"123").finish()
    }
}

fn log_everything() {
    let span = tracing::info_span!("chat", number = "4242-4242-4242-4242", order = 20451);
    let _entered = span.enter();
    tracing::info!(
        said = "four two four two four two four two four two four two four two four two"
    );
    tracing::warn!(payment = ?Payment(5_555_555_555_554_444), "declined 378282246310005");
    tracing::info!(plain = 4_242_424_242_424_242_u64, text = %"6011 1111 1111 1117");
    tracing::info!("error: {:?}", Err::<(), _>(String::from("bad\n4242\t4242\u{a0}4242 4242")));
}

const DIGITS: [&str; 8] = ["4242", "5555", "4444", "3782", "310005", "6011", "1117", "four two"];

#[test]
fn nothing_that_is_formatted_gets_around_it() {
    let log = Log::default();
    let redacted = Redacted::new(Options::new(), log.clone());
    let subscriber =
        tracing_subscriber::fmt().with_ansi(false).without_time().with_writer(redacted).finish();
    tracing::subscriber::with_default(subscriber, log_everything);
    let text = log.text();
    assert!(DIGITS.iter().all(|digits| !text.contains(digits)), "{text}");
    assert!(text.contains(r#"number="****-****-****-****" order=20451"#), "{text}");
    assert!(text.contains(r#"cvv: "***""#) && text.contains("declined ***************"), "{text}");
    assert_eq!(text.lines().count(), 4);
    assert_eq!(log.0.lock().unwrap().1, [false, true, false, false]);
}

#[test]
fn json_and_other_formats_neither() {
    let (json, compact) = (Log::default(), Log::default());
    let to = |log: &Log| Redacted::new(Options::new().mask('#').unwrap(), log.clone());
    let subscriber = tracing_subscriber::fmt().json().with_writer(to(&json)).finish();
    tracing::subscriber::with_default(subscriber, log_everything);
    let subscriber =
        tracing_subscriber::fmt().compact().with_ansi(false).with_writer(to(&compact)).finish();
    tracing::subscriber::with_default(subscriber, log_everything);
    for text in [json.text(), compact.text()] {
        assert!(DIGITS.iter().all(|digits| !text.contains(digits)), "{text}");
        assert!(text.contains("####-####-####-####") && text.contains("20451"), "{text}");
    }
}

/// In the mode for logs, too, and with names, ranges and escapes of the host's own.
#[test]
fn options_count_there_as_elsewhere() {
    let log = Log::default();
    let range = BrandRange::new("982616", "982616", &[16], &[Brand::PrivateLabel]).unwrap();
    let table = BrandTable::new([range.without_check_digit()]).unwrap();
    let options = Options::new().mode(Mode::Logs).ranges(&table);
    let options = options.names(NameKind::Code, &["secret digits"]).unwrap();
    let subscriber =
        tracing_subscriber::fmt().json().with_writer(Redacted::new(options, log.clone()));
    tracing::subscriber::with_default(subscriber.finish(), || {
        tracing::info!(
            pan = "4242424242424242",
            secret_digits = 123,
            seq = 4_242_424_242_424_242_u64
        );
        tracing::info!(
            body = "\"pan\":\"9826160000000000\"",
            query = "card%5Bnumber%5D=4242+4242+4242+4242"
        );
    });
    let text = log.text();
    for line in text.lines() {
        serde_json::from_str::<serde_json::Value>(line)
            .unwrap_or_else(|error| panic!("{error}: {line}"));
    }
    assert!(text.contains(r#""pan":"****************""#), "{text}");
    assert!(text.contains(r#""seq":4242424242424242"#), "{text}");
    assert!(!text.contains("98261600") && text.contains("****+****+****+****"), "{text}");
}

/// Without it the same events show all: the tests above would notice.
#[test]
fn without_it_everything_shows() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(log.clone()).finish();
    tracing::subscriber::with_default(subscriber, log_everything);
    let text = log.text();
    assert!(DIGITS.iter().all(|digits| text.contains(digits)), "{text}");
}
