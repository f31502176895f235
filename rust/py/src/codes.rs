//! The vocabularies of the core, so that a test can hold Python's against them.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use triplebar_core::codes::{
    AccountKind, Cause, EventKind, FillConvention, FlowKind, Ledger, Moment, OrderKind, OrderStatus, PathRule, Reason,
    Role, TimeInForce,
};
use triplebar_core::random::{draw, stream_key};
use triplebar_core::risk::Rule as RiskRule;

macro_rules! table {
    ($py:ident, $($name:ident),+ $(,)?) => {{
        let codes = PyDict::new($py);
        $(codes.set_item(stringify!($name), $name::ALL.iter().map(|code| code.text()).collect::<Vec<_>>())?;)+
        codes
    }};
}

/// Every vocabulary: its texts in the order of their codes.
#[pyfunction]
#[pyo3(name = "codes")]
pub fn py_codes(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    Ok(table!(
        py,
        OrderKind,
        TimeInForce,
        OrderStatus,
        EventKind,
        Moment,
        Role,
        Cause,
        FlowKind,
        AccountKind,
        FillConvention,
        PathRule,
        Ledger,
        Reason,
        RiskRule,
    ))
}

/// Draw `n` of a named stream (S-56).
#[pyfunction]
#[pyo3(name = "draw")]
pub fn py_draw(seed: u64, stream: &str, n: u64) -> u64 {
    draw(stream_key(seed, stream), n)
}
