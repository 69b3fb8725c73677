//! The schema: its versions, and its name, which becomes part of statements and is checked for that.

/// The migrations, oldest first. What was released is never changed; what is new is appended.
pub(super) const MIGRATIONS: [&str; 1] = [include_str!("migrations/1.sql")];
/// The version of the schema that this program needs.
pub(super) const LATEST: u32 = 1;
const _: () = assert!(MIGRATIONS.len() == 1, "the latest version is the number of migrations");
/// What PostgreSQL allows for a name.
const LONGEST_NAME: usize = 63;

/// A name that may stand in a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Schema(String);

impl Schema {
    pub(super) fn usual() -> Self {
        Self("countersign".to_owned())
    }

    /// `None` if it may not be called so.
    pub(super) fn named(name: &str) -> Option<Self> {
        let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        let begins = name.bytes().next().is_some_and(|b| !b.is_ascii_digit());
        let reserved = name.starts_with("pg_") || name == "information_schema";
        (plain && begins && !reserved && name.len() <= LONGEST_NAME).then(|| Self(name.to_owned()))
    }

    pub(super) fn name(&self) -> &str {
        &self.0
    }

    /// The name in quotes, so that it may be a key word too.
    pub(super) fn fill(&self, statement: &str) -> String {
        statement.replace("{schema}", &format!("\"{}\"", self.0))
    }

    /// What instances that migrate this schema lock: FNV-1a of a label and the name.
    pub(super) fn lock(&self) -> i64 {
        let bytes = b"countersign/store/postgres/".iter().copied().chain(self.0.bytes());
        let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        hash.cast_signed()
    }
}
