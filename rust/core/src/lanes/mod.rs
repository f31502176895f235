//! Lanes: many parameter sets of a column rule over one market in one pass.
//!
//! A rule compares columns (indicators, prices, numbers) and says at each bar whether to be long, short or flat. Two things
//! make it cheap to run a thousand times. The comparisons of a block of bars become bits, eight bars an instruction; and between
//! two changes of the position an equity curve is a straight function of the price, so that its extremes come from the price's
//! own, and only where it makes a new high is it looked at point by point.
//!
//! A lane counts in doubles that hold whole numbers, and only as long as they do ([`Doubt`]): a set that leaves that
//! range, or meets anything that a lane does not know (a refusal), is run by the engine instead. So a lane's summary is
//! that of the engine, bit for bit.

#![expect(
    clippy::inline_always,
    reason = "what is inlined is compiled for the caller's instructions, what is not is not"
)]

mod bits;
mod crew;
mod events;
mod lane;
mod reach;
mod rule;
mod sets;
#[cfg(test)]
mod tests;
mod tracks;
mod wide;

pub use reach::Doubt;
pub use rule::{Condition, Rule, Token};
pub use sets::{Outcome, Sets, Sources, Sweep};
pub use wide::{Baseline, Wide, Work};
