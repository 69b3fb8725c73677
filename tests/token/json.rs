//! JSON as a tree that keeps the order of members, and the trees beside it that say the same in other forms.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Object(Vec<(String, Json)>),
    Array(Vec<Json>),
    /// Anything else, as it is written.
    Other(String),
}

impl Json {
    pub(crate) fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap()
    }

    pub(crate) fn write(&self) -> String {
        match self {
            Self::Object(members) => {
                let member = |(name, value): &(String, Self)| {
                    format!("{}:{}", serde_json::to_string(name).unwrap(), value.write())
                };
                format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(","))
            }
            Self::Array(items) => {
                format!("[{}]", items.iter().map(Self::write).collect::<Vec<_>>().join(","))
            }
            Self::Other(text) => text.clone(),
        }
    }

    /// The tree with one of its objects as the array of its members' values, for each object.
    pub(crate) fn as_arrays(&self) -> Vec<Self> {
        self.each(&|members| Self::Array(members.iter().map(|member| member.1.clone()).collect()))
    }

    /// The tree with one member standing twice, for the first member of each object.
    pub(crate) fn with_doubled_members(&self) -> Vec<Self> {
        self.each(&|members| Self::Object(members.iter().take(1).chain(members).cloned().collect()))
    }

    /// The tree with one of its objects changed, for each object.
    fn each(&self, change: &impl Fn(&[(String, Self)]) -> Self) -> Vec<Self> {
        match self {
            Self::Object(members) => {
                let mut all = vec![change(members)];
                for at in 0..members.len() {
                    for value in members[at].1.each(change) {
                        let mut members = members.clone();
                        members[at].1 = value;
                        all.push(Self::Object(members));
                    }
                }
                all
            }
            Self::Array(items) => {
                let mut all = Vec::new();
                for at in 0..items.len() {
                    for value in items[at].each(change) {
                        let mut items = items.clone();
                        items[at] = value;
                        all.push(Self::Array(items));
                    }
                }
                all
            }
            Self::Other(_) => Vec::new(),
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Tree)
    }
}

struct Tree;

impl<'de> Visitor<'de> for Tree {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Other(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Other(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Other(serde_json::to_string(value).unwrap()))
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Other("null".to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = from.next_element()? {
            items.push(item);
        }
        Ok(Json::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Json, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = from.next_entry()? {
            members.push(member);
        }
        Ok(Json::Object(members))
    }
}
