//! The statements, one for each call. Each is a call of a function that the migrations made, which keeps its
//! plan in the server.

use super::schema::Schema;

#[derive(Debug)]
pub(super) struct Statements {
    pub(super) load: String,
    pub(super) put_if: String,
    pub(super) delete_if: String,
    pub(super) list: String,
    pub(super) scan: String,
    pub(super) purge: String,
    pub(super) lease: String,
    pub(super) acknowledge: String,
    pub(super) release: String,
    pub(super) backlog: String,
    pub(super) entries: String,
}

impl Statements {
    pub(super) fn of(schema: &Schema) -> Self {
        let call = |before: &str, name: &str, parameters: u8| {
            let list: Vec<_> = (1..=parameters).map(|number| format!("${number}")).collect();
            schema.fill(&format!("SELECT {before}{{schema}}.{name}({})", list.join(", ")))
        };
        let value = |name: &str, parameters| call("", name, parameters);
        let rows = |name: &str, parameters| call("* FROM ", name, parameters);
        Self {
            load: rows("load", 4),
            put_if: value("put_if", 12),
            delete_if: value("delete_if", 4),
            list: rows("list", 8),
            scan: rows("scan", 4),
            purge: value("purge", 2),
            lease: rows("lease", 4),
            acknowledge: value("acknowledge", 8),
            release: value("release", 2),
            backlog: rows("backlog", 0),
            entries: rows("entries", 3),
        }
    }
}
