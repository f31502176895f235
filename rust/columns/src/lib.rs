//! Arrow on one side, core slices on the other.
//!
//! [`bars`] lends a caller's own Arrow columns to the core; [`tables`] puts the record of a run into the canonical tables.

pub mod bars;
pub mod tables;
