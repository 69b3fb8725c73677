//! The layers, lowest first. A file may import from its own layer and from those beneath it.

/// Each layer: folders and files of the root, and names that files of every capability share.
const LAYERS: [(&str, &[&str], &[&str]); 8] = [
    ("values", &["values", "codec", "crypto"], &[]),
    (
        "standards and formats",
        &["token", "otp", "card", "signature", "spoken", "redact", "webauthn"],
        &[],
    ),
    (
        "what is asked, shown and kept",
        &[
            "policy",
            "store",
            "record",
            "error::config",
            "error::reason",
            "error::record",
            "vault::acquirer",
            "contact::feed::unidentified",
        ],
        &[
            "request",
            "view",
            "token",
            "appointment_token",
            "ground_rules_token",
            "method",
            "secret",
            "outcome",
            "reference",
            "response_code",
            "totals",
            "opening_key",
            "detail",
            "found_on",
            "consent",
            "bound",
            "attestation",
            "evidence",
            "possession",
            "answer",
            "question",
            "provisioning",
            "statement",
            "delivery",
            "who_rang",
            "number_match",
            "step_answer",
            "action",
            "event",
            "chain",
            "ceremony",
            "mandate",
        ],
    ),
    ("errors and the observer", &["error", "observer"], &[]),
    ("the engine", &["engine"], &[]),
    (
        "states and rules",
        &["vault::charge", "vault::stored_card", "vault::opening_keys", "contact::feed::reported"],
        &[
            "state",
            "encoding",
            "rules",
            "limit",
            "said",
            "held",
            "count",
            "anchor",
            "prompts",
            "decline_rules",
            "prompt_rules",
            "prompting",
            "transfer",
        ],
    ),
    ("halves and facets", &CAPABILITIES, &[]),
    ("the doors", &["verifier", "fuzzing", "manual", "old_records_open"], &[]),
];

const CAPABILITIES: [&str; 15] = [
    "callback",
    "challenge",
    "ciba",
    "contact",
    "credential",
    "customer",
    "notice",
    "reachability",
    "step_up",
    "payment",
    "vault",
    "device",
    "history",
    "outbox",
    "pending",
];

/// The number of the layer of a module; the root is above all.
pub(crate) fn of(module: &str) -> Option<usize> {
    if module.is_empty() {
        return Some(LAYERS.len());
    }
    let is_in = |folder: &str| {
        module.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    let capability = CAPABILITIES.into_iter().find(|folder| is_in(folder));
    // A file that every capability has, or a folder of such files.
    let role = capability.and_then(|folder| module[folder.len()..].strip_prefix("::"));
    // What the app and the vault have of their own is on top, whatever it is called.
    let role = role.filter(|_| !is_in("device"));
    let by_role = role.and_then(|role| {
        let mut parts = role.split("::");
        let (first, last) = (parts.next(), role.rsplit("::").next());
        LAYERS.iter().position(|(_, _, roles)| {
            first.is_some_and(|first| roles.contains(&first))
                || last.is_some_and(|last| roles.contains(&last))
        })
    });
    let named = |wanted: &dyn Fn(&str) -> bool| {
        LAYERS.iter().position(|(_, folders, _)| folders.iter().any(|folder| wanted(folder)))
    };
    // The longest name of a folder that fits says more than a shorter one.
    named(&|folder| folder.contains("::") && is_in(folder) && by_role.is_none())
        .or(by_role)
        .or_else(|| named(&|folder| is_in(folder)))
}
