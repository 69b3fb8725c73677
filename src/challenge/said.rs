//! What the token of a challenge says.

use crate::challenge::request::{Asked, ChallengeRequest};
use crate::challenge::token::ChallengeData;
use crate::error::{Error, Invalid};
use crate::values::never_asked::NeverAsked;

/// What the token of `challenge` says, and what the state remembers of the request.
pub(crate) fn said_by(challenge: &ChallengeRequest) -> Result<(ChallengeData, Asked), Error> {
    let exposed = challenge.channels.as_slice().iter().any(|channel| channel.is_exposed());
    let data = ChallengeData::new(challenge.purpose.clone(), challenge.channels.clone())
        .from_handles(challenge.handles.iter().cloned())
        .map_err(Invalid::from)?
        .with_details(challenge.details.clone())
        .with_ground_rules(&NeverAsked::ALL)
        .under_pseudonym(exposed);
    let json = serde_json::to_vec(&data).map_err(|_| Error::Internal)?;
    let valid_for = challenge.valid_for.map_or(u64::MAX, |valid_for| valid_for.as_secs());
    let slot = challenge.slot.as_ref().map(|slot| slot.asked_by(&challenge.request).content);
    let asked = Asked::of(
        &challenge.request,
        &[
            b"countersign challenge v1",
            &json,
            &valid_for.to_be_bytes(),
            slot.as_ref().map_or(&[], |content| content.as_slice()),
        ],
    );
    Ok((data, asked))
}
