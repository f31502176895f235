//! The risk kernels for Python: columns in and out by Arrow capsule, no rule in here.

mod lent;
mod overlay;
mod rebalance;
mod stops;

use crate::faults::{fault, raise};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use pyo3::prelude::*;
use pyo3_arrow::{PyArray, PyRecordBatch};
use std::sync::Arc;
use triplebar_columns::risk::money::Money;
use triplebar_core::error::Result;

/// Adds everything to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<overlay::PyOverlay>()?;
    module.add_class::<overlay::PyCapped>()?;
    module.add_class::<stops::PyStopRules>()?;
    module.add_function(wrap_pyfunction!(rebalance::py_copy_sizes, module)?)?;
    module.add_function(wrap_pyfunction!(rebalance::py_weigh_targets, module)?)?;
    module.add_function(wrap_pyfunction!(rebalance::py_rebalance, module)?)
}

fn money(py: Python<'_>, decimals: u32) -> PyResult<Money> {
    Money::new(decimals).map_err(|error| raise(py, &error))
}

fn done<T>(py: Python<'_>, result: Result<T>) -> PyResult<T> {
    result.map_err(|error| raise(py, &error))
}

/// Columns of doubles and of whole numbers, by name.
fn floats<'a>(py: Python<'_>, array: &'a PyArray, name: &str) -> PyResult<&'a [f64]> {
    let found = array.array().as_primitive_opt::<Float64Type>();
    found
        .map(|found| &found.values()[..])
        .ok_or_else(|| odd(py, name, array))
}

fn wholes<'a>(py: Python<'_>, array: &'a PyArray, name: &str) -> PyResult<&'a [i64]> {
    let found = array.array().as_primitive_opt::<Int64Type>();
    found
        .map(|found| &found.values()[..])
        .ok_or_else(|| odd(py, name, array))
}

fn odd(py: Python<'_>, name: &str, array: &PyArray) -> PyErr {
    let kind = array.array().data_type();
    fault(py, "DataQualityError", &format!("column {name} has the type {kind}"))
}

/// A table of new columns, for whoever speaks Arrow.
fn table<'py>(py: Python<'py>, columns: Vec<(&str, ArrayRef)>) -> PyResult<Bound<'py, PyRecordBatch>> {
    let batch = RecordBatch::try_from_iter(columns).map_err(|error| fault(py, "InternalError", &error.to_string()))?;
    Bound::new(py, PyRecordBatch::new(batch))
}

fn shared<A: Array + 'static>(array: A) -> ArrayRef {
    Arc::new(array)
}
