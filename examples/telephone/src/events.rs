//! What baresip and Kamailio tell, read without trust: a caller chose part of it.

use countersign::contact::PhoneNumber;
use countersign::id::{InteractionId, TrunkId};
use serde::Deserialize;

/// Whose telephone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Whose {
    Bank,
    Alice,
    Carol,
}

/// What happened to a call, as one telephone sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// It rings here.
    Incoming,
    /// It rings at the other end.
    Ringing,
    Established,
    Closed,
    /// The other end pressed a key. It has no place in a log: it may be one of a ticket's.
    Digit(char),
}

/// An event of a telephone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallEvent {
    pub what: What,
    /// The call's id on the wire, the same at both ends. Whoever calls chooses it: never the bank's own id.
    pub call: InteractionId,
    /// Whether it was made from here.
    pub outgoing: bool,
    /// The number that the other end shows, if it is one.
    pub number: Option<PhoneNumber>,
}

/// A call that came to the edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arriving {
    pub trunk: TrunkId,
    pub call: InteractionId,
    pub from: Option<PhoneNumber>,
    pub to: Option<PhoneNumber>,
    /// The value of its `User-to-User` header, or nothing.
    pub user_to_user: String,
}

#[derive(Deserialize)]
struct Raw {
    #[serde(default)]
    event: bool,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    direction: String,
    #[serde(default)]
    peeruri: String,
    #[serde(default)]
    id: String,
    #[serde(default)]
    param: String,
}

/// An event of baresip's control port; `None` for what is of no use here.
#[must_use]
pub fn call_event(json: &[u8]) -> Option<CallEvent> {
    let raw: Raw = serde_json::from_slice(json).ok()?;
    let what = match raw.kind.as_str() {
        _ if !raw.event => return None,
        "CALL_INCOMING" => What::Incoming,
        "CALL_RINGING" => What::Ringing,
        "CALL_ESTABLISHED" => What::Established,
        "CALL_CLOSED" => What::Closed,
        "CALL_DTMF_START" => {
            let mut keys = raw.param.chars();
            What::Digit(keys.next().filter(|_| keys.next().is_none())?)
        }
        _ => return None,
    };
    let call = InteractionId::new(&raw.id).ok()?;
    Some(CallEvent {
        what,
        call,
        outgoing: raw.direction == "outgoing",
        number: number_of(&raw.peeruri),
    })
}

/// The number in a SIP address: what stands before the `@`, if it is in the international form.
#[must_use]
pub fn number_of(uri: &str) -> Option<PhoneNumber> {
    let (user, _) = uri.strip_prefix("sip:")?.split_once('@')?;
    user.parse().ok()
}

/// A line of Kamailio's log; `None` if it is another one.
#[must_use]
pub fn arriving(line: &str) -> Option<Arriving> {
    let (_, told) = line.split_once(" ERROR: <script>: ARRIVE|")?;
    let parts: Vec<&str> = told.trim_end().split('|').collect();
    let [trunk, call, from, to, header, ""] = parts.as_slice() else { return None };
    Some(Arriving {
        trunk: TrunkId::new(trunk).ok()?,
        call: InteractionId::new(unescaped(call)?).ok()?,
        from: unescaped(from)?.parse().ok(),
        to: unescaped(to)?.parse().ok(),
        user_to_user: unescaped(header)?,
    })
}

/// Undoes Kamailio's `{s.escape.param}`.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        match (first, after) {
            (b'%', [high, low, after @ ..]) => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16);
                let byte = digit(high)? * 16 + digit(low)?;
                bytes.push(u8::try_from(byte).ok()?);
                rest = after;
            }
            (b'%', _) => return None,
            (other, after) => {
                bytes.push(*other);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Option<PhoneNumber> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn a_telephones_events_are_read() {
        let incoming = r#"{"event":true,"type":"CALL_INCOMING","class":"call","accountaor":"sip:+447700900001@127.0.0.1","direction":"incoming","peeruri":"sip:+442071234567@127.0.0.1:25090","id":"60482b8b95c6e068","param":"x"}"#;
        let read = call_event(incoming.as_bytes()).unwrap();
        let expected = CallEvent {
            what: What::Incoming,
            call: InteractionId::new("60482b8b95c6e068").unwrap(),
            outgoing: false,
            number: number("+442071234567"),
        };
        assert_eq!(read, expected);
        let digit =
            incoming.replace("CALL_INCOMING", "CALL_DTMF_START").replace(r#""x""#, r##""#""##);
        assert_eq!(call_event(digit.as_bytes()).unwrap().what, What::Digit('#'));
        let closed = incoming.replace("CALL_INCOMING", "CALL_CLOSED");
        assert_eq!(call_event(closed.as_bytes()).unwrap().what, What::Closed);
    }

    /// A caller chooses the address that is shown, and the id of the call.
    #[test]
    fn what_a_caller_writes_becomes_no_number_and_no_other_event() {
        for (uri, read) in [
            ("sip:+442071234567@evil.example", number("+442071234567")),
            ("sip:Example Bank@127.0.0.1", None),
            ("sip:+44207@1234567", number("+44207")),
            ("sip:%2B442071234567@127.0.0.1", None),
            ("sip:0442071234567@127.0.0.1", None),
            ("tel:+442071234567", None),
            ("", None),
        ] {
            assert_eq!(number_of(uri), read, "{uri}");
        }
        let event = |id: &str| {
            let json = serde_json::json!({"event": true, "type": "CALL_CLOSED", "id": id});
            call_event(json.to_string().as_bytes())
        };
        assert!(event("a").is_some());
        assert_eq!(event(""), None);
        assert_eq!(event("a b"), None);
        assert_eq!(call_event(br#"{"response":true,"ok":true,"data":"CALL_CLOSED"}"#), None);
        assert_eq!(call_event(b"not json"), None);
    }

    #[test]
    fn a_line_of_the_edge_is_read() {
        let line = " 2(9999) ERROR: <script>: ARRIVE|app|1-10227%40127.0.0.1|+447700900001|+442071234567|abcd%3bencoding%3dhex|";
        let read = arriving(line).unwrap();
        assert_eq!(read.trunk, TrunkId::new("app").unwrap());
        assert_eq!(read.call, InteractionId::new("1-10227@127.0.0.1").unwrap());
        assert_eq!((read.from, read.to), (number("+447700900001"), number("+442071234567")));
        assert_eq!(read.user_to_user, "abcd;encoding=hex");
    }

    /// Kamailio escapes `|`, `%` and what cannot be seen, so a header cannot stand for another part of the line.
    #[test]
    fn a_header_cannot_name_another_trunk() {
        let forged = " 2(1) ERROR: <script>: ARRIVE|public|c|+447700900001|+442071234567|x%7c%0aARRIVE%7capp|";
        let read = arriving(forged).unwrap();
        assert_eq!(read.trunk, TrunkId::new("public").unwrap());
        assert_eq!(read.user_to_user, "x|\nARRIVE|app");
        for wrong in [
            " 2(1) ERROR: <script>: ARRIVE|public|c|+447700900001|+442071234567|x|app|y|",
            " 2(1) ERROR: <script>: ARRIVE|public|c|+447700900001|",
            " 2(1) ERROR: <script>: ARRIVE|public|c%4|a|b|c|",
            "ARRIVE|app|c|a|b|c|",
        ] {
            assert_eq!(arriving(wrong), None, "{wrong}");
        }
    }
}
