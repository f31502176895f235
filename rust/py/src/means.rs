//! Simple means of many lengths over one column, for sweeps.

use crate::facts::stream;
use crate::faults::fault;
use crate::lanes::floats;
use crate::leave::leave;
use arrow_array::{ArrayRef, Float64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use pyo3::prelude::*;
use pyo3_arrow::PyArray;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use triplebar_columns::wide::Level;
use triplebar_core::indicators::{REGISTERS_MAX, TOGETHER, means};

type Columns = Vec<Vec<f64>>;

/// A table of one column for each length, in their order; `None` if a value is not finite, which needs the indicator itself.
#[pyfunction]
#[pyo3(name = "means")]
#[expect(clippy::needless_pass_by_value, reason = "pyo3 hands arguments over")]
pub fn py_means(py: Python<'_>, values: PyArray, periods: Vec<usize>, threads: usize) -> PyResult<Option<Py<PyAny>>> {
    if periods.contains(&0) {
        return Err(fault(py, "ParameterError", "a period must be at least 1"));
    }
    let values = floats(py, &values)?;
    let Some(columns) = leave(py, || computed(values.values(), &periods, threads))? else {
        return Ok(None);
    };
    let fields: Vec<Field> = (0..columns.len())
        .map(|place| Field::new(place.to_string(), DataType::Float64, false))
        .collect();
    let arrays: Vec<ArrayRef> = columns
        .into_iter()
        .map(|column| Arc::new(Float64Array::from(column)) as ArrayRef)
        .collect();
    stream(py, RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)).map(Some)
}

/// Groups of lengths, each some registers wide, taken by threads until there are none; every thread gets at least two, if
/// there are enough lengths.
fn computed(values: &[f64], periods: &[usize], threads: usize) -> Option<Columns> {
    let registers = periods.len() / TOGETHER / (2 * threads.max(1));
    let groups: Vec<&[usize]> = periods.chunks(TOGETHER * registers.clamp(1, REGISTERS_MAX)).collect();
    let (next, found) = (AtomicUsize::new(0), Mutex::new(vec![None; groups.len()]));
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, groups.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(group) = groups.get(place) else {
                        return;
                    };
                    let columns = means(Level::widest(), values, group);
                    found.lock().unwrap_or_else(PoisonError::into_inner)[place] = columns;
                }
            });
        }
    });
    let parts: Option<Vec<Columns>> = found
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
        .into_iter()
        .collect();
    parts.map(|parts| parts.into_iter().flatten().collect())
}
