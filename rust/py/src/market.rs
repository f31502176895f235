//! A market handed over as Arrow columns, once, without copying.

use crate::faults::{fault, raise};
use arrow_array::{Array, Float64Array, Int32Array, Int64Array};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};
use pyo3_arrow::PyArray;
use triplebar_columns::bars::{BarColumns, MarketColumns};

/// What the core reads, and the names it goes by.
#[pyclass(frozen, name = "Market", module = "triplebar._native")]
pub struct PyMarket {
    pub columns: MarketColumns,
    pub symbols: Vec<Py<PyString>>,
}

impl PyMarket {
    /// The symbols as texts of Rust.
    pub fn symbol_texts(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        self.symbols.iter().map(|symbol| symbol.extract(py)).collect()
    }
}

#[pymethods]
impl PyMarket {
    /// `series` holds, an instrument: clock index or None, time, open, high, low, close (ticks), lots, and the five float columns.
    #[new]
    #[expect(clippy::needless_pass_by_value, reason = "pyo3 hands arguments over")]
    fn new(
        symbols: Vec<Py<PyString>>,
        clock: PyArray,
        sessions: PyArray,
        series: &Bound<'_, PyList>,
    ) -> PyResult<Self> {
        let py = series.py();
        let clock_ns = typed::<Int64Array>(py, &clock, "clock")?;
        let sessions = typed::<Int32Array>(py, &sessions, "sessions")?;
        let series = series
            .iter()
            .map(|one| bar_columns(&one))
            .collect::<PyResult<Vec<_>>>()?;
        if series.len() != symbols.len() || series.len() >= usize::from(u16::MAX) {
            return Err(fault(
                py,
                "DataQualityError",
                "a market needs one symbol a series, and fewer than 65 535 of them",
            ));
        }
        let columns = MarketColumns::new(clock_ns, sessions, series).map_err(|error| raise(py, &error))?;
        Ok(Self { columns, symbols })
    }

    /// Number of ticks of the clock.
    fn __len__(&self) -> usize {
        self.columns.clock_ns.len()
    }

    /// Addresses of the memory of a column, by instrument and name: the proof that nothing was copied.
    fn address(&self, instrument: usize, column: &str) -> Option<usize> {
        let series = self.columns.series.get(instrument)?;
        let place = ["open", "high", "low", "close", "volume"]
            .iter()
            .position(|name| *name == column)?;
        Some(series.shown[place].values().as_ptr() as usize)
    }
}

fn typed<A: Array + Clone + 'static>(py: Python<'_>, array: &PyArray, name: &str) -> PyResult<A> {
    let typed = array.array().as_any().downcast_ref::<A>().cloned();
    typed.ok_or_else(|| {
        fault(
            py,
            "DataQualityError",
            &format!("column {name} has the type {}", array.array().data_type()),
        )
    })
}

fn bar_columns(one: &Bound<'_, PyAny>) -> PyResult<BarColumns> {
    let py = one.py();
    let parts = one.cast::<PyTuple>()?;
    let places = parts.get_item(0)?;
    let clock_index = if places.is_none() {
        None
    } else {
        Some(typed::<Int32Array>(py, &places.extract()?, "clock index")?)
    };
    let whole = |at: usize, name: &str| typed::<Int64Array>(py, &parts.get_item(at)?.extract()?, name);
    let shown = |at: usize, name: &str| typed::<Float64Array>(py, &parts.get_item(at)?.extract()?, name);
    Ok(BarColumns {
        clock_index,
        time_ns: whole(1, "time")?,
        ticks: [
            whole(2, "open ticks")?,
            whole(3, "high ticks")?,
            whole(4, "low ticks")?,
            whole(5, "close ticks")?,
        ],
        volume: whole(6, "lots")?,
        shown: [
            shown(7, "open")?,
            shown(8, "high")?,
            shown(9, "low")?,
            shown(10, "close")?,
            shown(11, "volume")?,
        ],
    })
}
