//! Whole columns: the streaming code in a loop, so the doubles are the same.

use pyo3::buffer::PyBuffer;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use triplebar_core::indicators::Indicator;

/// Runs an indicator over columns of equal length and returns one array per line; NaN until ready.
///
/// Anything that `numpy.ascontiguousarray` takes is a column. Python runs on while the indicator does.
pub(super) fn run<'py, const COLUMNS: usize, const LINES: usize, I: Indicator + Send>(
    py: Python<'py>,
    columns: [&Bound<'py, PyAny>; COLUMNS],
    mut indicator: I,
    input: impl Fn([f64; COLUMNS]) -> I::Input + Sync,
    lines: impl Fn(Option<I::Output>) -> [f64; LINES] + Sync,
) -> PyResult<[Bound<'py, PyAny>; LINES]> {
    let inputs = columns
        .iter()
        .map(|column| read(column))
        .collect::<PyResult<Vec<_>>>()?;
    let rows = equal_length(&inputs)?;
    let mut outputs: [Vec<f64>; LINES] = std::array::from_fn(|_| Vec::with_capacity(rows));
    let (indicator, filled) = (&mut indicator, &mut outputs);
    py.detach(|| {
        (0..rows).for_each(|row| {
            let values = lines(indicator.update(input(std::array::from_fn(|column| inputs[column][row]))));
            for (line, value) in filled.iter_mut().zip(values) {
                line.push(value);
            }
        });
    });
    let arrays = outputs
        .iter()
        .map(|line| write(py, line))
        .collect::<PyResult<Vec<_>>>()?;
    let mut arrays = arrays.into_iter();
    Ok(std::array::from_fn(|_| {
        arrays.next().expect("one array was made per line")
    }))
}

fn read(column: &Bound<'_, PyAny>) -> PyResult<Vec<f64>> {
    let py = column.py();
    let options = PyDict::new(py);
    options.set_item("dtype", "float64")?;
    let array = py
        .import("numpy")?
        .call_method("ascontiguousarray", (column,), Some(&options))?;
    let buffer = PyBuffer::<f64>::get(&array)?;
    if buffer.dimensions() == 1 {
        return buffer.to_vec(py);
    }
    Err(PyValueError::new_err(format!(
        "a column has one dimension, this array has {}",
        buffer.dimensions()
    )))
}

fn equal_length(columns: &[Vec<f64>]) -> PyResult<usize> {
    let rows = columns.first().map_or(0, Vec::len);
    match columns.iter().find(|column| column.len() != rows) {
        None => Ok(rows),
        Some(other) => Err(PyValueError::new_err(format!(
            "columns of {rows} and {} rows: give columns of equal length",
            other.len()
        ))),
    }
}

fn write<'py>(py: Python<'py>, line: &[f64]) -> PyResult<Bound<'py, PyAny>> {
    let array = py.import("numpy")?.call_method1("empty", (line.len(),))?;
    PyBuffer::<f64>::get(&array)?.copy_from_slice(py, line)?;
    Ok(array)
}

pub(super) fn one(value: Option<f64>) -> [f64; 1] {
    [value.unwrap_or(f64::NAN)]
}
