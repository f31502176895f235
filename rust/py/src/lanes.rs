//! Lanes: columns and parameter sets in, one row a set out, no interpreter in between.

use crate::facts::stream;
use crate::faults::{Stop, fault, raise};
use crate::leave::leave;
use crate::market::PyMarket;
use crate::pulse::Pulse;
use arrow_array::{Array, Float64Array, UInt32Array};
use pyo3::prelude::*;
use pyo3_arrow::PyArray;
use std::collections::BTreeMap;
use triplebar_columns::summaries::summaries;
use triplebar_columns::wide::Level;
use triplebar_core::lanes::{Outcome, Rule, Sets, Sources, Sweep};
use triplebar_core::settings::Settings;

/// A rule over columns of one market, ready for parameter sets.
#[pyclass(frozen, name = "Lanes", module = "triplebar._native")]
pub struct PyLanes {
    market: Py<PyMarket>,
    settings: Settings,
    rule: Rule,
    columns: Vec<Vec<Float64Array>>,
    numbers: Vec<f64>,
    periods_per_year: f64,
}

#[pymethods]
impl PyLanes {
    /// `columns` holds the float64 columns of each instrument; a rule is JSON as the core reads it.
    #[new]
    #[expect(clippy::needless_pass_by_value, reason = "pyo3 hands arguments over")]
    fn new(
        py: Python<'_>,
        market: Py<PyMarket>,
        settings: &str,
        rule: &str,
        columns: Vec<Vec<PyArray>>,
        numbers: Vec<f64>,
        periods_per_year: f64,
    ) -> PyResult<Self> {
        let read = |columns: &Vec<PyArray>| {
            let arrays = columns.iter().map(|column| floats(py, column));
            arrays.collect::<PyResult<Vec<_>>>()
        };
        Ok(Self {
            market,
            settings: Settings::from_json(settings).map_err(|error| raise(py, &error))?,
            rule: serde_json::from_str(rule).map_err(|problem| fault(py, "ConfigError", &problem.to_string()))?,
            columns: columns.iter().map(read).collect::<PyResult<_>>()?,
            numbers,
            periods_per_year,
        })
    }

    /// Runs parameter sets: a table of one row a set, the first so many if it was stopped, and how many sets the engine ran, by
    /// reason. `operands` holds the places of each set's operands, columns first, then numbers. `meanwhile` is called once,
    /// while all threads but one are at work.
    #[pyo3(signature = (
        operands, width, sizes, threads, level=None, by_engine=false, progress=None, interrupted=None, meanwhile=None
    ))]
    #[expect(
        clippy::too_many_arguments,
        clippy::needless_pass_by_value,
        reason = "pyo3 hands arguments over"
    )]
    fn run(
        &self,
        py: Python<'_>,
        operands: PyArray,
        width: usize,
        sizes: PyArray,
        threads: usize,
        level: Option<&str>,
        by_engine: bool,
        progress: Option<Py<PyAny>>,
        interrupted: Option<Py<PyAny>>,
        meanwhile: Option<Py<PyAny>>,
    ) -> PyResult<(Py<PyAny>, BTreeMap<&'static str, usize>)> {
        let level = self::level(py, level)?;
        let sizes = floats(py, &sizes)?;
        let operands = operands.array().as_any().downcast_ref::<UInt32Array>().cloned();
        let operands = operands.ok_or_else(|| fault(py, "ConfigError", "operands must be uint32"))?;
        let sets = Sets {
            operands: operands.values(),
            width,
            sizes: sizes.values(),
        };
        let mut pulse = Pulse::new(progress, interrupted);
        let columns = &self.market.get().columns;
        let found = leave(py, || {
            self.evaluate(
                &columns.columns(),
                &sets,
                threads,
                level,
                by_engine,
                meanwhile.as_ref(),
                &mut pulse,
            )
        })?;
        let found = found.map_err(|stop| match stop {
            Stop::Core(error) => raise(py, &error),
            Stop::Python(error) | Stop::Strategy(error, _) => error,
        })?;
        let mut doubts = BTreeMap::new();
        for doubt in found.iter().filter_map(|outcome| outcome.doubt) {
            *doubts.entry(doubt.text()).or_insert(0) += 1;
        }
        let rows = found.iter().map(|outcome| &outcome.summary);
        Ok((stream(py, summaries(rows))?, doubts))
    }

    /// The sets of instructions that this machine has, widest last.
    #[staticmethod]
    fn levels() -> Vec<&'static str> {
        let here = Level::ALL.into_iter().filter(|level| level.is_here());
        here.map(Level::text).collect()
    }
}

impl PyLanes {
    #[expect(clippy::too_many_arguments, reason = "what was handed over is handed on")]
    fn evaluate(
        &self,
        market: &triplebar_core::market::Market,
        sets: &Sets,
        threads: usize,
        level: Level,
        by_engine: bool,
        meanwhile: Option<&Py<PyAny>>,
        pulse: &mut Pulse,
    ) -> Result<Vec<Outcome>, Stop> {
        let sources = Sources {
            columns: self.columns.iter().map(|columns| slices(columns)).collect(),
            numbers: self.numbers.clone(),
        };
        let sweep = Sweep::new(
            &self.rule,
            &sources,
            market,
            &self.settings,
            self.periods_per_year,
            by_engine,
        )?;
        let total = sets.sizes.len();
        let besides = || match meanwhile {
            Some(called) => Python::attach(|py| called.call0(py).map(drop)).map_err(Stop::Python),
            None => Ok(()),
        };
        sweep.run(level, sets, threads, besides, |done| pulse.goes_on(done, total))
    }
}

fn slices(columns: &[Float64Array]) -> Vec<&[f64]> {
    columns.iter().map(|column| &column.values()[..]).collect()
}

fn level(py: Python<'_>, name: Option<&str>) -> PyResult<Level> {
    let Some(name) = name else {
        return Ok(Level::widest());
    };
    let found = Level::ALL
        .into_iter()
        .find(|level| level.text() == name && level.is_here());
    found.ok_or_else(|| fault(py, "ConfigError", &format!("this machine has no instructions {name:?}")))
}

pub fn floats(py: Python<'_>, column: &PyArray) -> PyResult<Float64Array> {
    let found = column.array().as_any().downcast_ref::<Float64Array>().cloned();
    found
        .filter(|array| array.null_count() == 0)
        .ok_or_else(|| fault(py, "DataQualityError", "a column must be float64 without nulls"))
}
