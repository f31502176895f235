//! The grid check of imported columns: one pass, without the interpreter.

use crate::faults::fault;
use crate::leave::leave;
use arrow_array::{Array, Float64Array, Int64Array};
use pyo3::prelude::*;
use pyo3_arrow::PyArray;
use std::sync::Arc;

/// Ticks of a float column, how many values moved, and the largest move in ticks.
#[pyfunction]
#[pyo3(name = "snap")]
pub fn py_snap(py: Python<'_>, values: PyArray, precision: u32) -> PyResult<(Py<PyAny>, usize, f64)> {
    let column = values.array().as_any().downcast_ref::<Float64Array>().cloned();
    let column = column.filter(|column| column.null_count() == 0 && precision <= 18);
    let column = column.ok_or_else(|| fault(py, "DataQualityError", "snap takes a float64 column without nulls and a precision up to 18"))?;
    let (ticks, moved, largest) = leave(py, || snap(column.values(), precision))?;
    let ticks = PyArray::from_array_ref(Arc::new(Int64Array::from(ticks))).to_pyarrow(py)?.unbind();
    Ok((ticks, moved, largest))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "magnitudes are checked; the caller refuses what is not finite")]
fn snap(values: &[f64], precision: u32) -> (Vec<i64>, usize, f64) {
    let factor = 10_i64.pow(precision) as f64;
    let (mut moved, mut largest) = (0, 0.0_f64);
    let ticks = values
        .iter()
        .map(|value| {
            let nearest = (value * factor).round_ties_even();
            if nearest / factor != *value {
                moved += 1;
                largest = largest.max((value * factor - nearest).abs());
            }
            nearest as i64
        })
        .collect();
    (ticks, moved, largest)
}
