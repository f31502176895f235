//! Arrow on one side, core slices on the other.
//!
//! [`bars`] lends a caller's own Arrow columns to the core; [`tables`] puts the record of a run into the canonical tables,
//! [`summaries`] the summaries of many runs into one. [`wide`] hands work of the core to wider instructions.
//! [`risk`] runs the risk kernels over columns.

pub mod bars;
pub mod risk;
pub mod summaries;
pub mod tables;
pub mod wide;
