//! Lists of an owner's records, and of several owners' in one round trip.

use tokio_postgres::types::Type;

use super::call::{Caller, Parameter};
use super::error::Failure;
use super::operations::page;
use super::rows::{Columns, seconds};
use crate::store::{Listed, Place, Position, Range, Record, Which};
use crate::values::time::Timestamp;

/// How many rows that are no longer retained one listing of all passes over before it ends its part.
const PASSED_OVER: i64 = 1000;

type Part = Listed<(Place, Record), Position>;

/// Takes in a row of a list: a record, or the position at which the list goes on.
fn take(
    part: &mut Part,
    columns: &mut Columns<'_>,
    lane: u8,
    owner: [u8; 16],
) -> Result<(), Failure> {
    let (id, head) = (columns.name()?, columns.head()?);
    match columns.sealed()? {
        Some(sealed) => part.rows.push((Place { lane, owner, id }, Record { head, sealed })),
        None => part.next = Some(Position { created: head.created, id }),
    }
    Ok(())
}

impl Caller {
    pub(super) async fn list(
        &self,
        lane: u8,
        owner: &[u8; 16],
        range: Range,
        now: Timestamp,
    ) -> Result<Part, Failure> {
        let name: Parameter<'_> = (&&owner[..], Type::BYTEA);
        let answer = self.listed(&self.statements.list, lane, name, range, now).await?;
        let mut part = Listed { rows: Vec::new(), next: None };
        for row in &answer {
            take(&mut part, &mut Columns::of(row), lane, *owner)?;
        }
        Ok(part)
    }

    /// The list of each of these owners, in their order.
    pub(super) async fn list_each(
        &self,
        lane: u8,
        owners: &[[u8; 16]],
        range: Range,
        now: Timestamp,
    ) -> Result<Vec<Part>, Failure> {
        let names: Vec<&[u8]> = owners.iter().map(|owner| &owner[..]).collect();
        let names: Parameter<'_> = (&names, Type::BYTEA_ARRAY);
        let answer = self.listed(&self.statements.list_each, lane, names, range, now).await?;
        let mut parts: Vec<_> =
            owners.iter().map(|owner| (*owner, Listed { rows: Vec::new(), next: None })).collect();
        for row in &answer {
            let mut columns = Columns::of(row);
            // Numbered from one.
            let number = usize::try_from(columns.take::<i64>()?).unwrap_or(0);
            let of = number.checked_sub(1).and_then(|index| parts.get_mut(index));
            let (owner, part) = of.ok_or(Failure::Foreign("an owner"))?;
            take(part, &mut columns, lane, *owner)?;
        }
        Ok(parts.into_iter().map(|(_, part)| part).collect())
    }

    async fn listed(
        &self,
        statement: &str,
        lane: u8,
        owners: Parameter<'_>,
        range: Range,
        now: Timestamp,
    ) -> Result<Vec<tokio_postgres::Row>, Failure> {
        let after = range.after.as_ref();
        let parameters: [Parameter<'_>; 8] = [
            (&i16::from(lane), Type::INT2),
            owners,
            (&(range.which == Which::Live), Type::BOOL),
            (&after.map_or(i64::MAX, |position| seconds(position.created)), Type::INT8),
            (&after.map_or(&[][..], |position| &position.id[..]), Type::BYTEA),
            (&page(range.limit), Type::INT8),
            (&PASSED_OVER, Type::INT8),
            (&seconds(now), Type::INT8),
        ];
        self.call(statement, &parameters).await
    }
}
