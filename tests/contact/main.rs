//! Who is on the line: reports with watermarks, the verdict on a ringing call, tickets, legs.
#![allow(
    dead_code,
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

mod agents;
mod budget;
mod cost;
mod defences;
mod each_act;
mod each_defence;
mod hostile;
mod ids;
mod inbound;
mod kept;
mod last_contact;
mod legs;
mod lines;
mod meanwhile;
mod numbers;
mod posted;
mod relay_by_leg;
mod reports;
mod restarts;
mod restored;
mod schedules;
mod second_call;
mod ticket_defences;
mod tickets;
mod unidentified;
mod verdicts;
mod vouching;
