//! Limits on risk: pure functions of numbers (`docs/risk.md` numbers their rules).
//!
//! [`pretrade`] stands between an order and the market, and [`approval`] is the only pass through it; [`overlay`] puts a
//! portfolio of targets under [`caps`], step by step
//! ([`steps`]); [`rebalance`] and [`weights`] say what to trade, [`stops`] when to leave.

pub mod approval;
pub mod bound;
pub mod caps;
pub mod overlay;
pub mod pretrade;
pub mod rebalance;
pub mod steps;
pub mod stops;
pub mod weights;

pub use approval::{Approval, Proposal, Refusal, Rule, Verdict};
pub use bound::{Bound, Step, Steps};
pub use caps::{Budget, Caps, CapsConfig};
pub use overlay::{Capped, Names, Overlay, Targets};
