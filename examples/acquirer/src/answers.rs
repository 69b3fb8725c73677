//! What the server's objects mean: payments (`payment_intent`) and charges.

use countersign::card_number::Brand;
use countersign::payment::{DeclineReason, Meaning, ResponseCode, Retry};
use countersign::vault::{
    AcquirerAnswer, AcquirerError, AuthenticationChallenge, AvsResult, ChallengeFlow, CodeResult,
};
use serde_json::Value;

use crate::units;

/// What a charge is noted with before it is undone.
pub(crate) const REVERSED: &str = "reversed";

/// How far a payment or a charge has come, from what counts least to what counts most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// Nothing was taken, and nothing will be: cancelled, or given up.
    Nothing,
    /// Declined.
    Declined,
    /// Nobody has confirmed it yet.
    Unconfirmed,
    /// The customer has to authenticate.
    Waiting,
    /// The server will decide.
    Deciding,
    /// Money is held, and not taken.
    Held,
    /// Money was taken.
    Paid,
}

/// Whether the server did what it was asked to, by the status of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Did {
    Done,
    Refused,
    Unknown,
}

pub(crate) const fn did(status: u16) -> Did {
    match status {
        200 => Did::Done,
        // Too slow, too early, too many, in conflict with another one: no answer to this.
        408 | 409 | 425 | 429 => Did::Unknown,
        400..=499 => Did::Refused,
        // What it took and may do later, what stands elsewhere, what broke, and what comes to be.
        _ => Did::Unknown,
    }
}

/// A text of an object's.
pub(crate) fn text<'a>(of: &'a Value, name: &str) -> Result<&'a str, AcquirerError> {
    of[name].as_str().ok_or(AcquirerError::InDoubt)
}

/// A number of an object's.
pub(crate) fn number(of: &Value, name: &str) -> Result<u64, AcquirerError> {
    of[name].as_u64().ok_or(AcquirerError::InDoubt)
}

/// Whether all of a charge was given back because of us: what was undone was never paid.
fn is_undone(charge: &Value) -> bool {
    let noted = !charge["metadata"][REVERSED].is_null();
    noted && charge["amount_refunded"].as_u64() >= charge["amount"].as_u64()
}

pub(crate) fn state(of: &Value) -> State {
    let charge = if of["object"] == "charge" { of } else { &of["latest_charge"] };
    match (of["object"].as_str(), of["status"].as_str()) {
        (_, Some("succeeded")) if is_undone(charge) => State::Nothing,
        (_, Some("succeeded")) => State::Paid,
        (Some("charge"), Some("failed")) => State::Declined,
        (Some("charge"), _) if of["captured"] == true => State::Deciding,
        (Some("charge"), _) if of["refunded"] == true => State::Nothing,
        (Some("charge"), _) => State::Held,
        (_, Some("canceled")) => State::Nothing,
        (_, Some("requires_confirmation")) => State::Unconfirmed,
        (_, Some("requires_action")) => State::Waiting,
        (_, Some("requires_capture")) => State::Held,
        (_, Some("requires_payment_method")) if of["last_payment_error"].is_object() => {
            State::Declined
        }
        // "processing", and whatever comes to be.
        _ => State::Deciding,
    }
}

/// What an object answers, if it is an answer. `address` is the server's.
pub(crate) fn answer(of: &Value, address: &str, brand: Option<Brand>) -> Option<AcquirerAnswer> {
    let id = of["id"].as_str()?;
    match state(of) {
        State::Paid | State::Held => {
            // It has no code of the issuer's.
            let currency = of["currency"].as_str()?.to_ascii_uppercase().parse().ok()?;
            let amount = units::from_server(currency, of["amount"].as_u64()?)?;
            let answer = AcquirerAnswer::approved("", id).for_amount(amount);
            let charge = if of["object"] == "charge" { of } else { &of["latest_charge"] };
            Some(checked(answer, &charge["payment_method_details"]["card"]["checks"]))
        }
        State::Declined => {
            let (error, charge) = (&of["last_payment_error"], &of["latest_charge"]);
            let code = error["code"].as_str().or_else(|| of["failure_code"].as_str());
            let network = [error, &charge["outcome"], &of["outcome"]];
            let network = network.iter().find_map(|at| at["network_decline_code"].as_str());
            Some(declined(code, network, brand).transaction_id(id))
        }
        State::Waiting => {
            let page = &of["next_action"]["redirect_to_url"]["url"];
            // localstripe has no page: the address that its page would call.
            let own = || {
                let secret = of["client_secret"].as_str()?;
                Some(format!(
                    "{address}/v1/payment_intents/{id}/_authenticate?client_secret={secret}"
                ))
            };
            let url = page.as_str().map(str::to_owned).or_else(own)?;
            let challenge = AuthenticationChallenge::new(id, ChallengeFlow::Redirect { url })?;
            Some(AcquirerAnswer::challenge(challenge).transaction_id(id))
        }
        State::Deciding => Some(AcquirerAnswer::pending().transaction_id(id)),
        State::Nothing | State::Unconfirmed => None,
    }
}

/// With what the issuer said of code and address, if the server tells.
fn checked(answer: AcquirerAnswer, checks: &Value) -> AcquirerAnswer {
    let check = |name: &str| checks[name].as_str();
    let answer = match (check("address_line1_check"), check("address_postal_code_check")) {
        (None, None) => answer,
        (Some("pass"), Some("pass")) => answer.avs(AvsResult::Match),
        (_, Some("pass")) => answer.avs(AvsResult::PostcodeOnly),
        (Some("pass"), _) => answer.avs(AvsResult::AddressOnly),
        (Some("fail"), _) | (_, Some("fail")) => answer.avs(AvsResult::NoMatch),
        _ => answer.avs(AvsResult::NotChecked),
    };
    match check("cvc_check") {
        Some("pass") => answer.code_result(CodeResult::Match),
        Some("fail") => answer.code_result(CodeResult::NoMatch),
        Some(_) => answer.code_result(CodeResult::NotChecked),
        None => answer,
    }
}

/// A decline, by the server's own code and by the scheme's, if it hands that on.
pub(crate) fn declined(
    code: Option<&str>,
    network: Option<&str>,
    brand: Option<Brand>,
) -> AcquirerAnswer {
    if code == Some("payment_intent_authentication_failure") {
        return AcquirerAnswer::declined(DeclineReason::NotAuthenticated);
    }
    let Some(network) = network else {
        return AcquirerAnswer::declined(DeclineReason::Other);
    };
    let meaning = network.parse().map(|code: ResponseCode| code.meaning(brand));
    let answer = match meaning {
        Ok(Meaning::Declined { reason, retry: Retry::Never }) => AcquirerAnswer::declined(reason),
        Ok(Meaning::Declined { reason, .. }) => AcquirerAnswer::soft_declined(reason),
        // The server says that it failed, and the scheme does not.
        _ => AcquirerAnswer::not_approved(),
    };
    answer.response_code(network)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What localstripe never says, and Stripe does.
    #[test]
    fn a_schemes_own_code_says_whether_it_may_be_tried_again() {
        let of = |code: &str| declined(Some("card_declined"), Some(code), Some(Brand::Visa));
        let soft = AcquirerAnswer::soft_declined(DeclineReason::InsufficientFunds);
        assert_eq!(of("51"), soft.response_code("51"));
        let stolen = AcquirerAnswer::declined(DeclineReason::Other);
        assert_eq!(of("43"), stolen.response_code("43"));
        // A duplicate, an approval, and what nobody knows: no declines.
        for code in ["94", "00", "ZZ", "card_declined"] {
            assert_eq!(of(code), AcquirerAnswer::not_approved().response_code(code), "{code}");
        }
        let reason = DeclineReason::NotAuthenticated;
        let failed = declined(Some("payment_intent_authentication_failure"), None, None);
        assert_eq!(failed, AcquirerAnswer::declined(reason));
    }

    #[test]
    fn only_a_plain_refusal_says_that_nothing_was_done() {
        assert_eq!(did(200), Did::Done);
        for status in [400, 401, 402, 403, 404, 405, 410, 413, 422, 451] {
            assert_eq!(did(status), Did::Refused, "{status}");
        }
        for status in
            [0, 100, 102, 201, 202, 204, 206, 299, 301, 304, 408, 409, 425, 429, 500, 503, 599, 999]
        {
            assert_eq!(did(status), Did::Unknown, "{status}");
        }
    }

    #[test]
    fn an_approval_is_for_minor_units() {
        for (currency, amount, minor_units) in
            [("gbp", 4_200, 4_200), ("isk", 500, 5), ("mga", 5, 500), ("jpy", 500, 500)]
        {
            let charge = json!({
                "object": "charge", "id": "ch_1", "status": "succeeded", "currency": currency,
                "amount": amount, "captured": true, "metadata": {},
            });
            let approved = AcquirerAnswer::approved("", "ch_1").for_amount(minor_units);
            assert_eq!(answer(&charge, "", None), Some(approved), "{currency}");
        }
    }

    #[test]
    fn how_far_a_payment_has_come() {
        let intent = |status: &str| json!({ "object": "payment_intent", "status": status });
        for (status, expected) in [
            ("requires_confirmation", State::Unconfirmed),
            ("requires_action", State::Waiting),
            ("requires_capture", State::Held),
            ("processing", State::Deciding),
            ("canceled", State::Nothing),
            ("succeeded", State::Paid),
            // No error stands there: nothing was declined.
            ("requires_payment_method", State::Deciding),
            ("what comes to be", State::Deciding),
        ] {
            assert_eq!(state(&intent(status)), expected, "{status}");
        }
        let mut paid = intent("succeeded");
        paid["latest_charge"] = json!({ "amount": 5, "amount_refunded": 5, "metadata": {} });
        // Given back by a refund: it was paid all the same. By a reversal: it never was.
        assert_eq!(state(&paid), State::Paid);
        paid["latest_charge"]["metadata"]["reversed"] = json!("1796018064");
        assert_eq!(state(&paid), State::Nothing);
        paid["latest_charge"]["amount_refunded"] = json!(4);
        assert_eq!(state(&paid), State::Paid);
    }

    #[test]
    fn what_the_issuer_says_of_address_and_code() {
        let of = |line: &str, postcode: &str, code: &str| {
            let checks = json!({
                "address_line1_check": line,
                "address_postal_code_check": postcode,
                "cvc_check": code,
            });
            checked(AcquirerAnswer::approved("", "ch_1"), &checks)
        };
        let said = |avs, code| AcquirerAnswer::approved("", "ch_1").avs(avs).code_result(code);
        let (matches, differs) = (CodeResult::Match, CodeResult::NoMatch);
        assert_eq!(of("pass", "pass", "pass"), said(AvsResult::Match, matches));
        assert_eq!(of("fail", "pass", "fail"), said(AvsResult::PostcodeOnly, differs));
        assert_eq!(of("pass", "fail", "pass"), said(AvsResult::AddressOnly, matches));
        assert_eq!(of("fail", "fail", "pass"), said(AvsResult::NoMatch, matches));
        let unchecked = said(AvsResult::NotChecked, CodeResult::NotChecked);
        assert_eq!(of("unchecked", "unavailable", "unchecked"), unchecked);
        let silent = checked(AcquirerAnswer::approved("", "ch_1"), &Value::Null);
        assert_eq!(silent, AcquirerAnswer::approved("", "ch_1"));
    }
}
