//! How data is written and read: CBOR in records, and JSON that has one form.

pub(crate) mod cbor;
pub(crate) mod one_form;
pub(crate) mod table;
pub(crate) mod variant_name;
