//! The public API, topic by topic.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::panic_in_result_fn,
    clippy::string_slice,
    clippy::indexing_slicing,
    clippy::missing_errors_doc,
    clippy::cast_possible_truncation,
    missing_docs,
    unreachable_pub
)]

#[path = "../support/api.rs"]
mod support;

mod absence;
mod actions;
mod agreed;
mod anchor;
mod anchor_attacks;
mod anchor_unseen;
mod approval_defences;
mod approvers;
mod attacks;
mod bad_input;
mod binding;
mod binding_proofs;
mod callbacks;
mod challenge_attacks;
mod challenge_clocks;
mod challenge_limits;
mod challenge_model;
mod challenges;
mod ciba;
mod clocks;
mod concurrency;
mod counting;
mod credentials;
mod derived_words;
mod desktop;
mod device_keys;
mod erasure;
mod evidence;
mod evidence_answers;
mod evidence_others;
mod faults;
mod first_keys;
mod floors;
mod fobs;
mod free_text;
mod golden;
mod golden_actions;
mod golden_challenges;
mod golden_derived;
mod golden_device_keys;
mod golden_notices;
mod golden_presence;
mod golden_reachable;
mod golden_step_ups;
mod ground_rules;
mod guessing;
mod hearing;
mod held_meanwhile;
mod history;
mod integrators;
mod joint;
mod joint_mandates;
mod joint_model;
mod joint_prompts;
mod lapsed;
mod late_reports;
mod leaks;
mod limits;
mod listing;
mod model;
mod notices;
mod observers;
mod outbox;
mod outbox_dying;
mod outbox_gaps;
mod outbox_lanes;
mod outbox_unreadable;
mod overtaken;
mod parked;
mod passkeys;
mod passkeys_unverified;
mod pending;
mod policy;
mod presence;
mod presence_model;
mod prompts;
mod prompts_held;
mod prompts_mistyped;
mod pskc;
mod reachable;
mod reached;
mod receipts;
mod rechecked;
mod recognised;
mod reserved;
mod restored;
mod resync;
mod retry_at;
mod reveals;
mod room;
mod rotation;
mod same_fob;
mod signers;
mod signing;
mod sizes;
mod spoken;
mod spoken_code;
mod statements;
mod status_answers;
mod step_up_model;
mod step_up_refusals;
mod step_ups;
mod stores;
mod sweeps;
mod sweeps_in_steps;
mod tampering;
mod transfers;
mod typed;
mod used_codes;
mod vanishing;
mod who_rang_told;
mod wire;
mod wrapped_keys;
