//! The exact bar engine of triplebar. `docs/semantics.md` holds the rules by number; this crate follows them.
//!
//! Integers only (prices in ticks, sizes in lots, money in minor units), no clock, no unseeded randomness, no hash-order
//! iteration: the same input gives the same facts on every machine.
#![forbid(unsafe_code)]

pub mod account;
pub mod book;
pub mod canonical;
pub mod checkpoint;
pub mod codes;
pub mod costs;
pub mod drive;
pub mod engine;
pub mod error;
pub mod fold;
pub mod grid;
pub mod indicators;
pub mod labels;
pub mod ladder;
pub mod lanes;
pub mod market;
pub mod order;
pub mod orders;
pub mod position;
pub mod random;
pub mod record;
pub mod request;
pub mod risk;
pub mod settings;
pub mod signals;
pub mod stretch;
pub mod summary;
pub mod units;
