//! The overlay for Python.

use super::{done, money};
use crate::faults::fault;
use crate::leave::{guard, leave};
use pyo3::prelude::*;
use pyo3_arrow::{PyArray, PyRecordBatch};
use triplebar_columns::risk::overlay::{Settings, apply, rank};
use triplebar_core::risk::{Caps, CapsConfig, Step, Steps};

/// Below this many rows, letting go of the interpreter costs more than it gives.
const ROWS_FEW: usize = 1_000;

/// Caps, steps and units, checked once.
#[pyclass(frozen, name = "Overlay", module = "triplebar._native")]
pub struct PyOverlay {
    settings: Settings,
}

#[pymethods]
impl PyOverlay {
    /// `caps` holds, each or None: per position (share, minor units), per token, long, short, total, positions, leverage.
    #[new]
    #[expect(clippy::type_complexity, reason = "a tuple is the cheapest record of Python")]
    #[expect(clippy::needless_pass_by_value, reason = "pyo3 hands arguments over")]
    fn new(
        py: Python<'_>,
        caps: (
            Option<i64>,
            Option<i64>,
            Option<i64>,
            Option<i64>,
            Option<i64>,
            Option<i64>,
            Option<u32>,
            Option<i64>,
        ),
        steps: Vec<String>,
        decimals: u32,
        by: Vec<String>,
    ) -> PyResult<Self> {
        let (position_ppb, position_minor, token_ppb, long_ppb, short_ppb, total_ppb, positions, leverage_ppb) = caps;
        let config = CapsConfig {
            position_ppb,
            position_minor,
            token_ppb,
            long_ppb,
            short_ppb,
            total_ppb,
            positions,
            leverage_ppb,
        };
        let settings = Settings {
            caps: done(py, Caps::new(config))?,
            steps: named(py, &steps)?,
            money: money(py, decimals)?,
            by,
        };
        Ok(Self { settings })
    }

    /// The rows with what may be of them.
    #[expect(clippy::needless_pass_by_value, reason = "pyo3 hands arguments over")]
    fn apply<'py>(&self, py: Python<'py>, targets: PyRecordBatch) -> PyResult<Bound<'py, PyRecordBatch>> {
        let batch = targets.as_ref();
        let capped = if batch.num_rows() < ROWS_FEW {
            guard(py, || Ok(apply(batch, &self.settings)))?
        } else {
            leave(py, || apply(batch, &self.settings))?
        };
        Bound::new(py, PyRecordBatch::new(done(py, capped)?))
    }

    /// The rank of each row's position, 1 for the largest.
    #[expect(clippy::needless_pass_by_value, reason = "pyo3 hands arguments over")]
    fn rank<'py>(&self, py: Python<'py>, targets: PyRecordBatch) -> PyResult<Bound<'py, PyArray>> {
        let ranks = leave(py, || rank(targets.as_ref(), &self.settings))?;
        Bound::new(py, PyArray::from_array_ref(super::shared(done(py, ranks)?)))
    }

    /// The steps there are, in the order in which they are taken.
    #[staticmethod]
    fn steps() -> Vec<&'static str> {
        Step::ALL.iter().map(|step| step.text()).collect()
    }
}

fn named(py: Python<'_>, names: &[String]) -> PyResult<Steps> {
    let one = |name: &String| {
        let found = Step::ALL.iter().find(|step| step.text() == name);
        found
            .copied()
            .ok_or_else(|| fault(py, "ConfigError", &format!("{name} is no step")))
    };
    Ok(Steps::of(&names.iter().map(one).collect::<PyResult<Vec<_>>>()?))
}
