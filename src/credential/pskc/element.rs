//! The elements of a container.

use base64ct::{Base64, Encoding};
use roxmltree::{Document, Node, ParsingOptions};
use zeroize::Zeroizing;

use crate::credential::pskc::error::PskcError;
use crate::credential::pskc::scan::is_within_bounds;
use crate::values::secret::SecretBytes;

const PSKC: &str = "urn:ietf:params:xml:ns:keyprov:pskc";
/// More than a hundred thousand keys have.
const MAX_NODES: u32 = 8_000_000;
/// The longest base64 that is read: a seed, a key, encrypted.
const MAX_BASE64: usize = 4096;

/// Without document types, whose entities could grow without end or be fetched from elsewhere.
pub(super) fn document(xml: &str) -> Result<Document<'_>, PskcError> {
    if !is_within_bounds(xml) {
        return Err(PskcError::Xml);
    }
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..Default::default() };
    Document::parse_with_options(xml, options).map_err(|_| PskcError::Xml)
}

/// The container itself.
pub(super) fn of_container<'d, 'x>(document: &'d Document<'x>) -> Result<Node<'d, 'x>, PskcError> {
    let root = document.root_element();
    let named =
        root.tag_name().name() == "KeyContainer" && root.tag_name().namespace() == Some(PSKC);
    if named && root.attribute("Version") == Some("1.0") {
        Ok(root)
    } else {
        Err(PskcError::NotPskc)
    }
}

/// The children of this name. RFC 6030 takes names from five namespaces, in none of which one means another thing.
pub(super) fn children<'d, 'x: 'd>(
    of: Node<'d, 'x>,
    name: &'static str,
) -> impl Iterator<Item = Node<'d, 'x>> {
    of.children().filter(move |child| child.is_element() && child.tag_name().name() == name)
}

/// The only child of this name: of two, neither is it.
pub(super) fn child<'d, 'x: 'd>(of: Node<'d, 'x>, name: &'static str) -> Option<Node<'d, 'x>> {
    let mut all = children(of, name);
    all.next().filter(|_| all.next().is_none())
}

/// There are two of what there may be one of.
pub(super) struct Twice;

/// The child of this name, if there is one. For what has a default: two must not count as none.
pub(super) fn at_most_one<'d, 'x: 'd>(
    of: Node<'d, 'x>,
    name: &'static str,
) -> Result<Option<Node<'d, 'x>>, Twice> {
    let mut all = children(of, name);
    let first = all.next();
    if all.next().is_some() { Err(Twice) } else { Ok(first) }
}

/// Whether there is any of this name.
pub(super) fn has(of: Node<'_, '_>, name: &'static str) -> bool {
    children(of, name).next().is_some()
}

/// The text in an element, without white space around it; nothing if anything else is in it.
pub(super) fn text<'d>(of: Node<'d, '_>) -> Option<&'d str> {
    let mut parts = of.children();
    let text = parts.next()?;
    (text.is_text() && parts.next().is_none()).then(|| text.text().unwrap_or_default().trim())
}

/// The bytes in an element, in base64 with any white space.
pub(super) fn bytes(of: Node<'_, '_>) -> Option<SecretBytes> {
    let text = text(of).filter(|text| text.len() <= MAX_BASE64)?;
    let mut packed = Zeroizing::new(Vec::with_capacity(text.len()));
    packed.extend(text.bytes().filter(|byte| !byte.is_ascii_whitespace()));
    let mut room = Zeroizing::new([0; MAX_BASE64]);
    let decoded = Base64::decode(packed.as_slice(), room.as_mut_slice()).ok()?;
    Some(SecretBytes::copy_of(decoded))
}

/// The whole number in an element.
pub(super) fn number(of: Node<'_, '_>) -> Option<u64> {
    let text = text(of)?;
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}
