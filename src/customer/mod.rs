//! What there must be of a customer, and the end of it: standing, reconciliation after rows were lost, erasure and
//! export.

pub(crate) mod anchor;
pub(crate) mod export;
pub(crate) mod facet;
pub(crate) mod rules;
pub(crate) mod state;
pub(crate) mod token;
pub(crate) mod view;

pub use self::export::{Export, ExportedCeremony};
pub use self::facet::Customers;
pub use self::token::{ErasureData, MAX_ERASURE_LIFETIME};
pub use self::view::{Erasure, Standing};
