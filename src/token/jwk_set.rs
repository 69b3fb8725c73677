//! Trusted keys as a JWK set (RFC 7517 §5), each with its purposes and times: what an enterprise publishes and
//! an app fetches.

use serde_json::{Map, Value};

use crate::token::trusted::{Entry, TrustedKeys};
use crate::token::{KeyError, PublicKey, Purpose, strict_json};
use crate::values::id::Issuer;
use crate::values::time::Timestamp;

/// The longest set that is read, in bytes.
const MAX_LEN: usize = 64 * 1024;

impl TrustedKeys {
    /// Writes the keys as a JWK set. Beside what [`PublicKey::to_jwk`] writes, each has `purposes`, and where
    /// they are limited `nbf` and `exp`, in seconds since 1970. A key whose purposes have different times stands
    /// once for each.
    #[must_use]
    pub fn to_jwk_set(&self) -> String {
        let mut keys: Vec<(&Entry, Vec<&str>)> = Vec::new();
        for entry in &self.entries {
            let alike = |(other, _): &&mut (&Entry, Vec<&str>)| {
                (other.key, other.from, other.until) == (entry.key, entry.from, entry.until)
            };
            match keys.iter_mut().find(alike) {
                Some((_, purposes)) => purposes.push(entry.purpose.name()),
                None => keys.push((entry, vec![entry.purpose.name()])),
            }
        }
        let write = |(entry, purposes): (&Entry, Vec<&str>)| {
            let mut jwk = entry.key.to_jwk();
            jwk.pop();
            let quoted: Vec<_> = purposes.iter().map(|purpose| format!("\"{purpose}\"")).collect();
            jwk.push_str(&format!(",\"purposes\":[{}]", quoted.join(",")));
            for (name, at) in [("nbf", entry.from), ("exp", entry.until)] {
                jwk.extend(at.map(|at| format!(",\"{name}\":{}", at.unix())));
            }
            jwk + "}"
        };
        let keys: Vec<_> = keys.into_iter().map(write).collect();
        format!("{{\"keys\":[{}]}}", keys.join(","))
    }

    /// Reads what [`to_jwk_set`](Self::to_jwk_set) writes, fetched from `issuer` over a connection that proves
    /// whose it is. Keys of other kinds, and purposes of later versions, are left out (RFC 7517 §5); a key
    /// without purposes is trusted for nothing.
    ///
    /// # Errors
    ///
    /// [`KeyError::NotJwkSet`] if it is no set, or longer than 64 KiB, or a time is none, or a key stands twice
    /// for one purpose; [`KeyError`] as [`PublicKey::from_jwk`] says for a key of ours.
    pub fn from_jwk_set(issuer: Issuer, json: &str) -> Result<Self, KeyError> {
        if json.len() > MAX_LEN {
            return Err(KeyError::NotJwkSet);
        }
        let set: Map<String, Value> =
            strict_json::from_slice(json.as_bytes()).ok_or(KeyError::NotJwkSet)?;
        let keys = set.get("keys").and_then(Value::as_array).ok_or(KeyError::NotJwkSet)?;
        let mut trusted = Self::new(issuer);
        for jwk in keys.iter().filter(|jwk| jwk.get("crv").is_some_and(|crv| crv == "Ed25519")) {
            if jwk.get("d").is_some() {
                return Err(KeyError::SecretGivenAsPublic);
            }
            let purposes = jwk.get("purposes").and_then(Value::as_array).into_iter().flatten();
            let known = |name: &str| name.parse::<Purpose>().ok();
            let purposes: Vec<_> = purposes.filter_map(Value::as_str).filter_map(known).collect();
            if purposes.is_empty() {
                // Another protocol's, in which the rest may be as it likes.
                continue;
            }
            let key = PublicKey::from_jwk(&jwk.to_string())?;
            let time = |name| match jwk.get(name) {
                None => Ok(None),
                Some(at) => {
                    at.as_u64().map(Timestamp::from_unix).map(Some).ok_or(KeyError::NotJwkSet)
                }
            };
            let (from, until) = (time("nbf")?, time("exp")?);
            for purpose in purposes {
                trusted
                    .trust_between(key, purpose, from, until)
                    .map_err(|_| KeyError::NotJwkSet)?;
            }
        }
        Ok(trusted)
    }
}
