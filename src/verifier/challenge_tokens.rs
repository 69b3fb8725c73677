//! What the tokens of challenges and appointments say, and their signing.

use core::time::Duration;

use super::Verifier;
use crate::ceremony::challenge::{Asked, IssueChallenge};
use crate::error::Invalid;
use crate::ground_rules::NeverAsked;
use crate::time::Timestamp;
use crate::token::{Audience, ChallengeData, Claims, IssueError, SigningKey, TokenData, TokenId};

/// What the token of `challenge` says, and what the state remembers of the request.
pub(super) fn said_by(challenge: &IssueChallenge) -> Result<(ChallengeData, Asked), Invalid> {
    let exposed = challenge.channels.as_slice().iter().any(|channel| channel.is_exposed());
    let data = ChallengeData::new(challenge.purpose.clone(), challenge.channels.clone())
        .from_handles(challenge.handles.iter().cloned())?
        .with_details(challenge.details.clone())
        .with_ground_rules(&NeverAsked::ALL)
        .under_pseudonym(exposed);
    let json = serde_json::to_vec(&data).map_err(|_| Invalid::TokenTooLong)?;
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

/// Signs `data`. What fails is in the request: a time that is over, or texts that are too long.
pub(super) fn sign<D: TokenData>(
    signing: &SigningKey,
    verifier: &Verifier,
    audience: Audience,
    id: TokenId,
    now: Timestamp,
    valid_for: Duration,
    data: D,
) -> Result<String, Invalid> {
    let issuer = verifier.0.issuer.clone();
    Claims::new(issuer, audience, id, now, valid_for, data)
        .and_then(|claims| signing.issue(&claims))
        .map_err(|error| match error {
            IssueError::TooLong | IssueError::Data => Invalid::TokenTooLong,
            _ => Invalid::WindowOver,
        })
}
