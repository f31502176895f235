//! What the Python side needs to know to compile for this build: functions with their addresses, structs with their offsets.

use crate::compiled::{calls, many, view};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The functions that compiled handlers may call, by name, with their addresses.
#[pyfunction]
fn compiled_functions(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let found = PyDict::new(py);
    for (name, address) in calls::table().into_iter().chain(crate::indicators::table()) {
        found.set_item(name, address)?;
    }
    Ok(found)
}

/// The structs that compiled handlers read: name → (size, {field: offset}).
#[pyfunction]
fn compiled_layout(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let found = PyDict::new(py);
    for (name, size, fields) in view::layout() {
        let offsets = PyDict::new(py);
        for (field, offset) in fields {
            offsets.set_item(field, offset)?;
        }
        found.set_item(name, (size, offsets))?;
    }
    Ok(found)
}

/// The indicators whose step compiled code takes by itself: name → {field: offset}.
#[pyfunction]
fn compiled_gauges(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let found = PyDict::new(py);
    if let Some(fields) = crate::indicators::mean_fields() {
        let offsets = PyDict::new(py);
        for (field, offset) in fields {
            offsets.set_item(field, offset)?;
        }
        found.set_item("SMA", offsets)?;
    }
    Ok(found)
}

/// Adds all of it to the module.
///
/// # Errors
/// Only if Python itself fails.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("COMPILED_LAYOUT_VERSION", view::LAYOUT_VERSION)?;
    module.add_function(wrap_pyfunction!(many::run_compiled_many, module)?)?;
    module.add_function(wrap_pyfunction!(compiled_functions, module)?)?;
    module.add_function(wrap_pyfunction!(compiled_gauges, module)?)?;
    module.add_function(wrap_pyfunction!(compiled_layout, module)?)
}
