//! Simple means of many lengths over one column, for sweeps.

use crate::faults::fault;
use crate::lanes::floats;
use crate::leave::leave;
use pyo3::buffer::PyBuffer;
use pyo3::prelude::*;
use pyo3_arrow::PyArray;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use triplebar_columns::wide::Level;
use triplebar_core::indicators::{REGISTERS_MAX, TOGETHER, means};

/// Fills a table with one row of means for each length, in their order; false, and nothing, if a value is not finite, which
/// needs the indicator itself.
#[pyfunction]
#[pyo3(name = "means")]
#[expect(clippy::needless_pass_by_value, reason = "pyo3 hands arguments over")]
pub fn py_means(
    py: Python<'_>,
    values: PyArray,
    periods: Vec<usize>,
    table: &Bound<'_, PyAny>,
    threads: usize,
) -> PyResult<bool> {
    if periods.contains(&0) {
        return Err(fault(py, "ParameterError", "a period must be at least 1"));
    }
    let values = floats(py, &values)?;
    let mut rows = Rows::lent(py, table, periods.len() * values.len())?;
    let rows = rows.cells();
    leave(py, || computed(values.values(), &periods, rows, threads))
}

/// A table of somebody's, to be written.
struct Rows(PyBuffer<f64>);

impl Rows {
    /// Takes a table of so many numbers that may be written, as they lie in memory.
    fn lent(py: Python<'_>, table: &Bound<'_, PyAny>, count: usize) -> PyResult<Self> {
        let buffer = PyBuffer::<f64>::get(table)?;
        if buffer.readonly() || !buffer.is_c_contiguous() || buffer.item_count() != count {
            let problem = "the table of means must be float64, writable, with a row of all bars for each period";
            return Err(fault(py, "ParameterError", problem));
        }
        Ok(Self(buffer))
    }

    #[expect(unsafe_code, reason = "buffers are pointers")]
    fn cells(&mut self) -> &mut [f64] {
        if self.0.item_count() == 0 {
            return &mut [];
        }
        // SAFETY: `lent` has seen that so many doubles lie there, aligned and writable; the buffer keeps them there; and who
        // lends a table to be filled looks at it afterwards.
        unsafe { std::slice::from_raw_parts_mut(self.0.buf_ptr().cast::<f64>(), self.0.item_count()) }
    }
}

/// Groups of lengths, each some registers wide, taken by threads until there are none; every thread gets at least two, if
/// there are enough lengths.
fn computed(values: &[f64], periods: &[usize], rows: &mut [f64], threads: usize) -> bool {
    let registers = periods.len() / TOGETHER / (2 * threads.max(1));
    let width = TOGETHER * registers.clamp(1, REGISTERS_MAX);
    let groups = periods
        .chunks(width)
        .zip(rows.chunks_mut((width * values.len()).max(1)));
    let workers = threads.clamp(1, groups.len().max(1));
    let (left, all) = (Mutex::new(groups), AtomicBool::new(true));
    let work = || {
        loop {
            let group = left.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((periods, rows)) = group else {
                return;
            };
            if !means(Level::widest(), values, periods, rows) {
                all.store(false, Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..workers {
            scope.spawn(work);
        }
        work();
    });
    all.into_inner()
}
