//! One action to be approved: its kind and its fields, and their one encoding.

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::codec::cbor::Malformed;
use crate::codec::one_form::OneForm;
use crate::codec::table::{kept_as_bytes, record};
use crate::crypto::pae;
use crate::values::action::name::{ActionKind, FieldName, MAX_FIELDS};
use crate::values::agent_safe::agent_safe;
use crate::values::secret::{deserialize_text, silent_serde};
use crate::values::text::ShortText;

/// The longest text of a field, in characters (the incumbents' limit).
pub const MAX_VALUE_CHARS: usize = 128;
/// The largest number of a field: 2⁵³ − 1, which every JSON reader takes (RFC 7493 §2.2).
pub const MAX_ACTION_NUMBER: u64 = 9_007_199_254_740_991;

/// The SHA-256 digest of a document.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Digest(pub(crate) [u8; 32]);

kept_as_bytes!(Digest);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "a digest of 64 hexadecimal digits", |text| {
            read_hex(text).map(Self).ok_or(InvalidAction::Digest)
        })
    }
}

fn read_hex(text: &str) -> Option<[u8; 32]> {
    let digit = |c: u8| match c {
        b'0'..=b'9' => Some(c.wrapping_sub(b'0')),
        b'a'..=b'f' => Some(c.wrapping_sub(b'a').wrapping_add(10)),
        _ => None,
    };
    let digits: &[u8; 64] = text.as_bytes().try_into().ok()?;
    let mut read = [0; 32];
    for (byte, [high, low]) in read.iter_mut().zip(digits.as_chunks::<2>().0) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(read)
}

/// What stands in a field of an action. [`text`](Self::text), [`number`](Self::number) and
/// [`digest`](Self::digest) make one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ActionValue(pub(crate) Value);

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Value {
    Text(ShortText),
    Number(u64),
    Digest(Digest),
}

/// Why something is no action. Nothing of it is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidAction {
    /// There are more fields than [`MAX_FIELDS`].
    #[error("an action has at most {MAX_FIELDS} fields")]
    TooManyFields,
    /// Two fields have one name.
    #[error("no two fields of an action have one name")]
    FieldTwice,
    /// A text is longer than [`MAX_VALUE_CHARS`].
    #[error("the text of a field has at most {MAX_VALUE_CHARS} characters")]
    TextTooLong,
    /// A number is larger than [`MAX_ACTION_NUMBER`].
    #[error("the number of a field is at most {MAX_ACTION_NUMBER}")]
    NumberTooLarge,
    /// A digest is not 64 lower-case hexadecimal digits.
    #[error("a digest is written in 64 lower-case hexadecimal digits")]
    Digest,
}

impl ActionValue {
    /// A text, which the customer reads.
    ///
    /// # Errors
    ///
    /// [`InvalidAction::TextTooLong`].
    pub fn text(text: ShortText) -> Result<Self, InvalidAction> {
        Self::checked(Value::Text(text))
    }

    /// A whole number.
    ///
    /// # Errors
    ///
    /// [`InvalidAction::NumberTooLarge`].
    pub fn number(number: u64) -> Result<Self, InvalidAction> {
        Self::checked(Value::Number(number))
    }

    /// The SHA-256 digest of a document that the customer is shown elsewhere, or shows.
    #[must_use]
    pub const fn digest(digest: [u8; 32]) -> Self {
        Self(Value::Digest(Digest(digest)))
    }

    fn checked(value: Value) -> Result<Self, InvalidAction> {
        match &value {
            Value::Text(text) if text.as_str().chars().nth(MAX_VALUE_CHARS).is_some() => {
                Err(InvalidAction::TextTooLong)
            }
            Value::Number(number) if *number > MAX_ACTION_NUMBER => {
                Err(InvalidAction::NumberTooLarge)
            }
            _ => Ok(Self(value)),
        }
    }

    /// What people read in it. A digest is nothing to read.
    pub(crate) fn to_read(&self) -> Option<String> {
        match &self.0 {
            Value::Text(_) | Value::Number(_) => Some(self.to_string()),
            Value::Digest(_) => None,
        }
    }

    const fn number_of_type(&self) -> u8 {
        match self.0 {
            Value::Text(_) => 1,
            Value::Number(_) => 2,
            Value::Digest(_) => 3,
        }
    }

    fn bytes(&self) -> Vec<u8> {
        match &self.0 {
            Value::Text(text) => text.as_str().as_bytes().to_vec(),
            Value::Number(number) => number.to_be_bytes().to_vec(),
            Value::Digest(digest) => digest.0.to_vec(),
        }
    }
}

/// As a person reads it: the text, the number in decimal digits, the digest in hexadecimal ones.
impl fmt::Display for ActionValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Value::Text(text) => text.fmt(f),
            Value::Number(number) => number.fmt(f),
            Value::Digest(digest) => digest.fmt(f),
        }
    }
}

impl Serialize for ActionValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ActionValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(OneForm(deserializer)).ok();
        let value = value.and_then(|value| Self::checked(value).ok());
        value.ok_or_else(|| serde::de::Error::custom("expected the value of a field"))
    }
}

/// One field of an action.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
#[non_exhaustive]
pub struct ActionField {
    /// Which field. The app has the label that is shown for it.
    pub name: FieldName,
    /// What stands in it.
    pub value: ActionValue,
}

impl ActionField {
    /// `value` under `name`.
    #[must_use]
    pub const fn new(name: FieldName, value: ActionValue) -> Self {
        Self { name, value }
    }
}

silent_serde!(ActionField: "a field of an action");

/// One action to be approved: of which kind, and what stands in its fields, in the order in which the kind has them
/// ([`ActionForm`](crate::action::ActionForm)).
///
/// ```
/// use countersign::action::{ActionDetails, ActionField, ActionValue};
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let street = ActionValue::text("1 Station Road, York".parse()?)?;
/// let fields = vec![ActionField::new("street".parse()?, street)];
/// let action = ActionDetails::new("address_change".parse()?, fields)?;
/// assert_eq!(action.to_string(), "address_change: street=1 Station Road, York");
/// # Ok(())
/// # }
/// # example().unwrap();
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ActionDetails {
    kind: ActionKind,
    fields: Vec<ActionField>,
}

impl ActionDetails {
    /// The action of this kind. Whether the kind has these fields is looked at when it is asked for.
    ///
    /// # Errors
    ///
    /// [`InvalidAction`].
    pub fn new(kind: ActionKind, fields: Vec<ActionField>) -> Result<Self, InvalidAction> {
        if fields.len() > MAX_FIELDS {
            return Err(InvalidAction::TooManyFields);
        }
        let mut names: Vec<_> = fields.iter().map(|field| &field.name).collect();
        names.sort_unstable();
        names.dedup();
        if names.len() < fields.len() {
            return Err(InvalidAction::FieldTwice);
        }
        Ok(Self { kind, fields })
    }

    /// Of which kind.
    #[must_use]
    pub const fn kind(&self) -> &ActionKind {
        &self.kind
    }

    /// The fields, in order.
    #[must_use]
    pub fn fields(&self) -> &[ActionField] {
        &self.fields
    }

    /// What stands in the field of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&ActionValue> {
        let found = self.fields.iter().find(|field| field.name.as_str() == name);
        found.map(|field| &field.value)
    }

    /// The one encoding that codes and records stand for.
    ///
    /// All integers before a piece are 64-bit little-endian: the number of pieces, two and three for each field, and
    /// before each piece its length.
    ///
    /// | bytes | |
    /// | --- | --- |
    /// | 8 | the number of pieces |
    /// | 8 + 21 | the ASCII text `countersign action v1` |
    /// | 8 + n | the kind |
    /// | 8 + n | of each field: the name |
    /// | 8 + 1 | the type: 1 text, 2 number, 3 digest |
    /// | 8 + n | the text in UTF-8, the number as 8 bytes, big-endian, or the 32 bytes of the digest |
    ///
    /// No two different actions are encoded alike (PASETO's PAE is injective), nor is an action encoded as a
    /// transaction. Texts are taken byte by byte: nothing is normalised.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        let values: Vec<_> = self
            .fields
            .iter()
            .map(|field| (&field.name, [field.value.number_of_type()], field.value.bytes()))
            .collect();
        let mut pieces = vec![b"countersign action v1".as_slice(), self.kind.as_str().as_bytes()];
        for (name, kind, value) in &values {
            pieces.extend([name.as_str().as_bytes(), kind.as_slice(), value.as_slice()]);
        }
        pae::encode(&pieces)
    }
}

/// For logs and desktops: names and values. What the customer reads has labels, from the kind's form.
impl fmt::Display for ActionDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)?;
        for (index, field) in self.fields.iter().enumerate() {
            let before = if index == 0 { ": " } else { ", " };
            write!(f, "{before}{}={}", field.name, field.value)?;
        }
        Ok(())
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    kind: ActionKind,
    fields: Vec<ActionField>,
}

impl Serialize for ActionDetails {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Members { kind: self.kind.clone(), fields: self.fields.clone() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ActionDetails {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = Members::deserialize(OneForm(deserializer)).ok();
        let action = members.and_then(|of| Self::new(of.kind, of.fields).ok());
        action.ok_or_else(|| serde::de::Error::custom("expected an action"))
    }
}

record! {
    ActionDetails as action {
        0 => kind: ActionKind = &action.kind,
        1 => fields: Vec<ActionField> = &action.fields,
    } {
        Self::new(kind, fields).map_err(|_| Malformed)
    }
}
record! { ActionField { 0 => name, 1 => value } }
record! {
    ActionValue as value {
        let (text, number, digest) = match &value.0 {
            Value::Text(text) => (Some(text.clone()), None, None),
            Value::Number(number) => (None, Some(*number), None),
            Value::Digest(digest) => (None, None, Some(*digest)),
        };
        0 => text: Option<ShortText> = text,
        1 => number: Option<u64> = number,
        2 => digest: Option<Digest> = digest,
    } {
        match (text, number, digest) {
            (Some(text), None, None) => Ok(Self(Value::Text(text))),
            (None, Some(number), None) => Ok(Self(Value::Number(number))),
            (None, None, Some(digest)) => Ok(Self(Value::Digest(digest))),
            _ => Err(Malformed),
        }
    }
}

agent_safe!(ActionDetails, ActionField, ActionValue);
