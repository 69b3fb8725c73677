//! The manual. Read pages 1 and 2 first; of the others each stands by itself.
//!
//! | pages | for |
//! | --- | --- |
//! | 1 tutorial, 2 concepts | the first hour |
//! | 3 callbacks, 4 challenges, 5 contact, 6 step-ups, 7 credentials, 8 payments | one page per capability |
//! | 36 signed approvals, 37 prompts | keys of phones and passkeys; approvals that no impostor provokes |
//! | 38 actions without money, 39 several approvers | the help desk, video identification, joint accounts |
//! | 40 evidence, 41 CIBA and RAR | disputes; an authorisation server in front |
//! | 42 calls, 43 tickets and legs, 46 a real telephone call | which call rings, and over which line one talks |
//! | 44 notices, 45 agents reachable | what customers are told without a call |
//! | 9 vault, 10 PCI DSS, 31 acquirers | running the vault apart, what an assessor asks, connecting an acquirer |
//! | 11 stores, 12 keys | what the host brings |
//! | 25 deploying stores, 26 Redis, 27 PostgreSQL, 28 redb | running the database; one page per back end |
//! | 24 outbox, 29 customers as a whole, 30 metrics and traces | other systems; lost records, erasure, export; what is measured |
//! | 32 the app, 33 building it | what a customer's app keeps and shows, and builds of [`Device`](crate::Device) for it |
//! | 13 tokens, 14 wire, 15 records, 16 spoken codes, 17 sealing | formats, byte by byte |
//! | 18 redaction, 34 conversations, 35 languages, 47 in the browser | card data in texts, calls and pages |
//! | 19 relays, 20 threats | what stops whom, and what stays open |
//! | 21 glossary, 22 comparison, 23 deployment | to look up, to decide, to go live |
//!
//! Pages 8, 9, 10, 17 and 31 are there with the feature `cards`; 26, 27 and 28 with those of their back ends; 30
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

#[cfg(feature = "cards")]
#[doc = include_str!("_09_vault.md")]
pub mod _09_vault {}

#[cfg(feature = "cards")]
#[doc = include_str!("_10_pci.md")]
pub mod _10_pci {}

#[doc = include_str!("_11_stores.md")]
pub mod _11_stores {}

#[doc = include_str!("_12_keys.md")]
pub mod _12_keys {}

#[doc = include_str!("_13_tokens.md")]
pub mod _13_tokens {}

#[doc = include_str!("_14_wire.md")]
pub mod _14_wire {}

#[doc = include_str!("_15_records.md")]
pub mod _15_records {}

#[doc = include_str!("_16_spoken.md")]
pub mod _16_spoken {}

#[cfg(feature = "cards")]
#[doc = include_str!("_17_sealing.md")]
pub mod _17_sealing {}

#[doc = include_str!("_18_redaction.md")]
pub mod _18_redaction {}

#[doc = include_str!("_19_relay.md")]
pub mod _19_relay {}

#[doc = include_str!("_20_threats.md")]
pub mod _20_threats {}

#[doc = include_str!("_21_glossary.md")]
pub mod _21_glossary {}

#[doc = include_str!("_22_comparison.md")]
pub mod _22_comparison {}

#[doc = include_str!("_23_deployment.md")]
pub mod _23_deployment {}

/// The quick start of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub mod readme {}

#[doc = include_str!("_24_outbox.md")]
pub mod _24_outbox {}

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

#[doc = include_str!("_29_customers.md")]
pub mod _29_customers {}

#[cfg(feature = "tracing")]
#[doc = include_str!("_30_tracing.md")]
pub mod _30_tracing {}

#[cfg(feature = "cards")]
#[doc = include_str!("_31_acquirers.md")]
pub mod _31_acquirers {}

#[doc = include_str!("_32_app.md")]
pub mod _32_app {}

#[doc = include_str!("_33_building.md")]
pub mod _33_building {}

#[doc = include_str!("_34_conversations.md")]
pub mod _34_conversations {}

#[doc = include_str!("_35_languages.md")]
pub mod _35_languages {}

#[doc = include_str!("_36_signed_approvals.md")]
pub mod _36_signed_approvals {}

#[doc = include_str!("_37_prompts.md")]
pub mod _37_prompts {}

#[doc = include_str!("_38_actions.md")]
pub mod _38_actions {}

#[doc = include_str!("_39_approvers.md")]
pub mod _39_approvers {}

#[doc = include_str!("_40_evidence.md")]
pub mod _40_evidence {}

#[doc = include_str!("_41_ciba.md")]
pub mod _41_ciba {}

#[doc = include_str!("_42_calls.md")]
pub mod _42_calls {}

#[doc = include_str!("_43_tickets.md")]
pub mod _43_tickets {}

#[doc = include_str!("_44_notices.md")]
pub mod _44_notices {}

#[doc = include_str!("_45_reachable.md")]
pub mod _45_reachable {}

#[doc = include_str!("_46_telephone.md")]
pub mod _46_telephone {}

#[doc = include_str!("_47_browser.md")]
pub mod _47_browser {}
