//! Limits on risk. [`pretrade`] stands between an order and the market; [`approval`] is the only pass through it.

pub mod approval;
pub mod pretrade;

pub use approval::{Approval, Proposal, Refusal, Rule, Verdict};
