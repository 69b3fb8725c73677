//! The manual, in reading order. Read pages 1 and 2 first; of the others each stands by itself.
//!
//! | pages | for |
//! | --- | --- |
//! | 1 tutorial, 2 concepts | the first hour |
//! | 3 callbacks, 4 challenges, 5 contact, 6 step-ups, 7 credentials, 8 payments | one page per capability |
//! | 9 signed approvals, 10 prompts | keys of phones and passkeys; approvals that no impostor provokes |
//! | 11 actions without money, 12 several approvers | the help desk, video identification, joint accounts |
//! | 13 evidence, 14 CIBA and RAR | disputes; an authorisation server in front |
//! | 15 calls, 16 tickets and legs, 17 a real telephone call | which call rings, and over which line one talks |
//! | 18 notices, 19 agents reachable | what customers are told without a call |
//! | 20 vault, 21 PCI DSS, 22 acquirers | running the vault apart, what an assessor asks, connecting an acquirer |
//! | 23 stores, 24 keys | what the host brings |
//! | 25 deploying stores, 26 Redis, 27 PostgreSQL, 28 redb | running the database; one page per back end |
//! | 29 outbox, 30 customers as a whole, 31 metrics and traces | other systems; lost records, erasure, export; what is measured |
//! | 32 the app, 33 building it | what a customer's app keeps and shows, and builds of [`Device`](crate::Device) for it |
//! | 34 tokens, 35 wire, 36 records, 37 spoken codes, 38 sealing | formats, byte by byte |
//! | 39 redaction, 40 conversations, 41 languages, 42 in the browser | card data in texts, calls and pages |
//! | 43 relays, 44 threats | what stops whom, and what stays open |
//! | 45 glossary, 46 comparison, 47 deployment | to look up, to decide, to go live |
//!
//! Pages 8, 20, 21, 22 and 38 are there with the feature `cards`; 26, 27 and 28 with those of their back ends; 31
//! with the feature `tracing`.

#[doc = include_str!("_01_tutorial.md")]
pub mod _01_tutorial {}

#[doc = include_str!("_02_concepts.md")]
pub mod _02_concepts {}

#[doc = include_str!("_03_callbacks.md")]
pub mod _03_callbacks {}

#[doc = include_str!("_04_challenges.md")]
pub mod _04_challenges {}

#[doc = include_str!("_05_contact.md")]
pub mod _05_contact {}

#[doc = include_str!("_06_step_ups.md")]
pub mod _06_step_ups {}

#[doc = include_str!("_07_credentials.md")]
pub mod _07_credentials {}

#[cfg(feature = "cards")]
#[doc = include_str!("_08_payments.md")]
pub mod _08_payments {}

#[doc = include_str!("_09_signed_approvals.md")]
pub mod _09_signed_approvals {}

#[doc = include_str!("_10_prompts.md")]
pub mod _10_prompts {}

#[doc = include_str!("_11_actions.md")]
pub mod _11_actions {}

#[doc = include_str!("_12_approvers.md")]
pub mod _12_approvers {}

#[doc = include_str!("_13_evidence.md")]
pub mod _13_evidence {}

#[doc = include_str!("_14_ciba.md")]
pub mod _14_ciba {}

#[doc = include_str!("_15_calls.md")]
pub mod _15_calls {}

#[doc = include_str!("_16_tickets.md")]
pub mod _16_tickets {}

#[doc = include_str!("_17_telephone.md")]
pub mod _17_telephone {}

#[doc = include_str!("_18_notices.md")]
pub mod _18_notices {}

#[doc = include_str!("_19_reachable.md")]
pub mod _19_reachable {}

#[cfg(feature = "cards")]
#[doc = include_str!("_20_vault.md")]
pub mod _20_vault {}

#[cfg(feature = "cards")]
#[doc = include_str!("_21_pci.md")]
pub mod _21_pci {}

#[cfg(feature = "cards")]
#[doc = include_str!("_22_acquirers.md")]
pub mod _22_acquirers {}

#[doc = include_str!("_23_stores.md")]
pub mod _23_stores {}

#[doc = include_str!("_24_keys.md")]
pub mod _24_keys {}

#[doc = include_str!("_25_deploying_stores.md")]
pub mod _25_deploying_stores {}

#[cfg(feature = "redis")]
#[doc = include_str!("_26_redis.md")]
pub mod _26_redis {}

#[cfg(feature = "postgres")]
#[doc = include_str!("_27_postgres.md")]
pub mod _27_postgres {}

#[cfg(feature = "redb")]
#[doc = include_str!("_28_redb.md")]
pub mod _28_redb {}

#[doc = include_str!("_29_outbox.md")]
pub mod _29_outbox {}

#[doc = include_str!("_30_customers.md")]
pub mod _30_customers {}

#[cfg(feature = "tracing")]
#[doc = include_str!("_31_tracing.md")]
pub mod _31_tracing {}

#[doc = include_str!("_32_app.md")]
pub mod _32_app {}

#[doc = include_str!("_33_building.md")]
pub mod _33_building {}

#[doc = include_str!("_34_tokens.md")]
pub mod _34_tokens {}

#[doc = include_str!("_35_wire.md")]
pub mod _35_wire {}

#[doc = include_str!("_36_records.md")]
pub mod _36_records {}

#[doc = include_str!("_37_spoken.md")]
pub mod _37_spoken {}

#[cfg(feature = "cards")]
#[doc = include_str!("_38_sealing.md")]
pub mod _38_sealing {}

#[doc = include_str!("_39_redaction.md")]
pub mod _39_redaction {}

#[doc = include_str!("_40_conversations.md")]
pub mod _40_conversations {}

#[doc = include_str!("_41_languages.md")]
pub mod _41_languages {}

#[doc = include_str!("_42_browser.md")]
pub mod _42_browser {}

#[doc = include_str!("_43_relay.md")]
pub mod _43_relay {}

#[doc = include_str!("_44_threats.md")]
pub mod _44_threats {}

#[doc = include_str!("_45_glossary.md")]
pub mod _45_glossary {}

#[doc = include_str!("_46_comparison.md")]
pub mod _46_comparison {}

#[doc = include_str!("_47_deployment.md")]
pub mod _47_deployment {}

/// The quick start of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub mod readme {}
