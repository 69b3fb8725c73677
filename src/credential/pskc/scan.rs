//! What is looked at before a container is parsed. The parser compares each attribute of an element with every other one,
//! and the namespaces in force with every one declared: a small file with thousands of either would hold a machine for
//! minutes.

/// The most attributes of one element, namespaces included. Containers have about five.
const MAX_ATTRIBUTES: usize = 64;
/// The most different declarations of namespaces in a container. RFC 6030 takes names from five.
const MAX_NAMESPACES: usize = 16;

/// A name with what surrounds it, and its value.
type Declaration<'a> = (&'a [u8], &'a [u8]);

/// Whether no element has more attributes, and the container no more namespaces, than a container has use for. The same
/// declaration may stand at every key, as some writers have it. Says nothing of whether this is XML.
pub(super) fn is_within_bounds(xml: &str) -> bool {
    let mut declared = Vec::new();
    let mut rest = xml.as_bytes();
    while let Some(markup) = after(rest, b"<") {
        let behind = if let Some(comment) = markup.strip_prefix(b"!--") {
            after(comment, b"-->")
        } else if let Some(data) = markup.strip_prefix(b"![CDATA[") {
            after(data, b"]]>")
        // The declaration at the beginning has values in quotes, like a tag.
        } else if markup.starts_with(b"?") && !markup.starts_with(b"?xml ") {
            after(markup, b"?>")
        } else {
            match after_tag(markup, &mut declared) {
                Some(behind) => Some(behind),
                None => return false,
            }
        };
        rest = behind.unwrap_or_default();
    }
    true
}

/// What comes after the tag that begins here, or nothing if it does not end. `None` if too much is in it.
fn after_tag<'a>(tag: &'a [u8], declared: &mut Vec<Declaration<'a>>) -> Option<&'a [u8]> {
    let mut rest = tag;
    for _ in 0..=MAX_ATTRIBUTES {
        let stop = rest.iter().position(|byte| matches!(byte, b'"' | b'\'' | b'>'));
        let Some((before, [mark, behind @ ..])) = stop.and_then(|at| rest.split_at_checked(at))
        else {
            return Some(&[]);
        };
        if *mark == b'>' {
            return Some(behind);
        }
        let end = behind.iter().position(|byte| byte == mark).unwrap_or(behind.len());
        let (value, behind) = behind.split_at_checked(end)?;
        rest = behind.get(1..).unwrap_or_default();
        if let Some(name) = after(before, b"xmlns") {
            if !declared.contains(&(name, value)) {
                declared.push((name, value));
            }
            if declared.len() > MAX_NAMESPACES {
                return None;
            }
        }
    }
    None
}

/// What comes after the first `mark`.
fn after<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<&'a [u8]> {
    let at = bytes.windows(mark.len()).position(|window| window == mark)?;
    bytes.get(at.saturating_add(mark.len())..)
}
