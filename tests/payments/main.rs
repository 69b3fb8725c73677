//! Payments through the public API: from the agent's request to the card token, every refusal, and what
//! is left after a crash at any step.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_in_result,
    clippy::panic_in_result_fn
)]

mod absence;
mod acted;
mod acts_in_doubt;
mod agent_safe;
mod answers;
mod any_order;
mod cards;
mod clocks;
mod concurrency;
mod crashes;
mod crashes_twice;
mod crossing;
mod crossing_acts;
mod due;
mod echoes;
mod erasure;
mod follow_ups;
mod forged_receipts;
mod given_up_whole;
mod golden;
mod habits;
mod hostile;
mod key_times;
mod keys;
mod late;
mod late_parts;
mod lost_receipts;
mod lost_rows;
mod matrix;
mod non_interference;
mod observers;
mod outbox;
mod pay;
mod pending;
mod pinned;
mod random_player;
mod receipts;
mod refusals;
mod requests;
mod resolved;
mod resolved_late;
mod response_codes;
mod restored;
mod restored_acts;
mod scripted;
mod signers;
mod soft_declines;
#[path = "../support/payments.rs"]
mod support;
mod sweep_reach;
mod sweep_tells;
mod three_ds;
mod told_in_doubt;
mod two_cards;
mod two_cards_challenged;
mod two_cards_found;
mod two_cards_given_up;
mod vanishing;
mod voided_beside;
mod wire;
