//! The statements, one for each call. Each is a call of a function that the migrations made, which keeps its
//! plan in the server; and what is written most, in plain SQL, for connections that keep the plans of statements themselves.
//! The last parameter of each is for how long it may wait for a lock, and holds for its transaction alone.

use super::schema::Schema;

#[derive(Debug)]
pub(super) struct Statements {
    pub(super) load: String,
    pub(super) put_if: String,
    /// As `put_if` without news, over nothing and over something: of a row if it was written.
    pub(super) insert: String,
    pub(super) update: String,
    pub(super) delete_if: String,
    pub(super) list: String,
    /// `list` for each of several owners, whose numbers stand in front.
    pub(super) list_each: String,
    pub(super) scan: String,
    pub(super) purge: String,
    pub(super) lease: String,
    pub(super) acknowledge: String,
    pub(super) release: String,
    pub(super) backlog: String,
    pub(super) entries: String,
}

/// Refused by `NOT EXISTS`, a look alone, it neither writes nor locks.
const INSERT: &str = "INSERT INTO {schema}.records AS r
    (lane, owner, id, version, created, live_until, retain_until, sealed)
SELECT $1, $2, $3, $5, $6, $7, $8, $9
WHERE NOT EXISTS (
    SELECT FROM {schema}.records h
    WHERE h.lane = $1 AND h.owner = $2 AND h.id = $3 AND h.retain_until > $4
) AND set_config('lock_timeout', $10, true) <> ''
ON CONFLICT (lane, owner, id) DO UPDATE SET
    version = excluded.version, created = excluded.created, live_until = excluded.live_until,
    retain_until = excluded.retain_until, sealed = excluded.sealed
WHERE r.retain_until <= $4
RETURNING 1::smallint";
/// The version is part of the condition, so that a writer that waited for another looks again.
const UPDATE: &str = "UPDATE {schema}.records SET
    version = $5, created = $6, live_until = $7, retain_until = $8, sealed = $9
WHERE lane = $1 AND owner = $2 AND id = $3 AND version = $10 AND retain_until > $4
AND set_config('lock_timeout', $11, true) <> ''
RETURNING 1::smallint";

const LIST_EACH: &str =
    "SELECT o.number, l.id, l.version, l.created, l.live_until, l.retain_until, l.sealed
FROM unnest($2::bytea[]) WITH ORDINALITY AS o (owner, number)
CROSS JOIN LATERAL {schema}.list($1, o.owner, $3, $4, $5, $6, $7, $8, $9) WITH ORDINALITY
AS l (id, version, created, live_until, retain_until, sealed, number)
ORDER BY o.number, l.number";

impl Statements {
    pub(super) fn of(schema: &Schema) -> Self {
        let call = |before: &str, name: &str, parameters: u8| {
            let list: Vec<_> = (1..=parameters).map(|number| format!("${number}")).collect();
            schema.fill(&format!("SELECT {before}{{schema}}.{name}({})", list.join(", ")))
        };
        let value = |name: &str, parameters| call("", name, parameters);
        let rows = |name: &str, parameters| call("* FROM ", name, parameters);
        Self {
            load: rows("load", 5),
            put_if: value("put_if", 13),
            insert: schema.fill(INSERT),
            update: schema.fill(UPDATE),
            delete_if: value("delete_if", 5),
            list: rows("list", 9),
            list_each: schema.fill(LIST_EACH),
            scan: rows("scan", 5),
            purge: value("purge", 3),
            lease: rows("lease", 6),
            acknowledge: value("acknowledge", 9),
            release: value("release", 3),
            backlog: rows("backlog", 1),
            entries: rows("entries", 4),
        }
    }
}
