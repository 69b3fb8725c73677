//! Netstrings, which baresip's control port speaks: `5:hello,`.

/// The longest that is taken: baresip's events have a few hundred bytes.
const MOST: usize = 64 * 1024;

/// What was read of a connection so far.
#[derive(Debug, Default)]
pub struct Netstrings(Vec<u8>);

/// The bytes are no netstrings.
#[derive(Debug, PartialEq, Eq)]
pub struct NoNetstring;

impl std::fmt::Display for NoNetstring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the control port says something else than netstrings")
    }
}

impl std::error::Error for NoNetstring {}

impl Netstrings {
    /// Takes bytes as they come, and gives the texts that are whole by now.
    ///
    /// # Errors
    ///
    /// [`NoNetstring`]; nothing more can be made of the connection.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, NoNetstring> {
        self.0.extend_from_slice(bytes);
        let mut whole = Vec::new();
        while let Some(one) = self.next()? {
            whole.push(one);
        }
        Ok(whole)
    }

    fn next(&mut self) -> Result<Option<Vec<u8>>, NoNetstring> {
        let Some(colon) = self.0.iter().position(|byte| *byte == b':') else {
            return if self.0.len() > 5 { Err(NoNetstring) } else { Ok(None) };
        };
        let (length, rest) = self.0.split_at(colon);
        let length = std::str::from_utf8(length).ok().and_then(|text| text.parse::<usize>().ok());
        let length = length.filter(|length| *length <= MOST).ok_or(NoNetstring)?;
        let rest = &rest[1..];
        match rest.get(length) {
            None => Ok(None),
            Some(b',') => {
                let one = rest[..length].to_vec();
                self.0.drain(..colon + length + 2);
                Ok(Some(one))
            }
            Some(_) => Err(NoNetstring),
        }
    }
}

/// `text` as a netstring.
#[must_use]
pub fn netstring(text: &str) -> Vec<u8> {
    format!("{}:{text},", text.len()).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_whole_however_they_are_cut() {
        let all = [netstring("hello"), netstring(""), netstring("a:b,c")].concat();
        for size in 1..=all.len() {
            let mut read = Netstrings::default();
            let parts = all.chunks(size).map(|part| read.take(part).unwrap());
            let texts: Vec<Vec<u8>> = parts.flatten().collect();
            assert_eq!(texts, [b"hello".to_vec(), Vec::new(), b"a:b,c".to_vec()], "{size}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for wrong in
            ["HTTP/1.1", "5:hello;", "-1:a,", "x:a,", "99999999999999999999:a,", "100000:a"]
        {
            assert_eq!(Netstrings::default().take(wrong.as_bytes()), Err(NoNetstring), "{wrong}");
        }
    }
}
