//! Taking apart what the server answers.

use ::redis::Value;

use crate::store::StoreError;
use crate::store::redis::link::foreign;

/// A count, never negative.
pub(super) fn count(answer: &Value) -> Result<u64, StoreError> {
    match answer {
        Value::Int(count) => u64::try_from(*count).map_err(|_| foreign()),
        _ => Err(foreign()),
    }
}

/// Bytes, if there are any.
pub(super) fn bytes(answer: Value) -> Result<Option<Vec<u8>>, StoreError> {
    match answer {
        Value::BulkString(bytes) => Ok(Some(bytes)),
        Value::Nil => Ok(None),
        _ => Err(foreign()),
    }
}

/// Several answers in a row, to be taken one by one.
pub(super) struct Parts(std::vec::IntoIter<Value>);

impl Parts {
    pub(super) fn of(answer: Value) -> Result<Self, StoreError> {
        match answer {
            Value::Array(parts) => Ok(Self(parts.into_iter())),
            _ => Err(foreign()),
        }
    }

    pub(super) fn count(&mut self) -> Result<u64, StoreError> {
        count(&self.0.next().ok_or_else(foreign)?)
    }

    pub(super) fn flag(&mut self) -> Result<bool, StoreError> {
        Ok(self.count()? != 0)
    }

    pub(super) fn bytes(&mut self) -> Result<Vec<u8>, StoreError> {
        self.0.next().map(bytes).transpose()?.flatten().ok_or_else(foreign)
    }

    /// The rest as pairs, each read by `read`.
    pub(super) fn pairs<T>(
        mut self,
        read: impl Fn(&[u8], Vec<u8>) -> Option<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut pairs = Vec::with_capacity(self.0.len().div_ceil(2));
        while self.0.len() > 0 {
            let (name, body) = (self.bytes()?, self.bytes()?);
            pairs.push(read(&name, body).ok_or_else(foreign)?);
        }
        Ok(pairs)
    }
}
