//! The overlay for Python.

use super::lent::Lent;
use super::{done, money};
use crate::faults::fault;
use crate::leave::{guard, leave};
use arrow_array::RecordBatch;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};
use pyo3_arrow::{PyArray, PyRecordBatch};
use std::sync::OnceLock;
use triplebar_columns::risk::money::Money;
use triplebar_columns::risk::overlay::{Answer, Settings, apply, rank, with_results};
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
    fn apply<'py>(&self, targets: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = targets.py();
        let Ok(export) = targets.getattr(intern!(py, "__arrow_c_array__")) else {
            return self.apply_batch(py, targets.extract()?);
        };
        let Ok((schema, array)) = export
            .call0()?
            .extract::<(Bound<'py, PyCapsule>, Bound<'py, PyCapsule>)>()
        else {
            return self.apply_batch(py, targets.extract()?);
        };
        let lent = Lent {
            schema: &schema,
            array: &array,
        };
        if let Some(answer) = guard(py, || Ok(lent.capped(&self.settings, ROWS_FEW)))? {
            let capped = PyCapped {
                answer,
                money: self.settings.money,
                schema: schema.unbind(),
                array: array.unbind(),
                batch: OnceLock::new(),
            };
            return Ok(Bound::new(py, capped)?.into_any());
        }
        self.apply_batch(py, PyRecordBatch::from_arrow_pycapsule(&schema, &array)?)
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

impl PyOverlay {
    /// The general way: every kind of column, any number of rows, and what is wrong with them.
    #[expect(clippy::needless_pass_by_value, reason = "the table ends here")]
    fn apply_batch<'py>(&self, py: Python<'py>, targets: PyRecordBatch) -> PyResult<Bound<'py, PyAny>> {
        let batch = targets.as_ref();
        let capped = if batch.num_rows() < ROWS_FEW {
            guard(py, || Ok(apply(batch, &self.settings)))?
        } else {
            leave(py, || apply(batch, &self.settings))?
        };
        Ok(Bound::new(py, PyRecordBatch::new(done(py, capped)?))?.into_any())
    }
}

/// A small table and what may be of its rows; put together when somebody asks for it.
#[pyclass(frozen, name = "Capped", module = "triplebar._native")]
pub struct PyCapped {
    answer: Answer,
    money: Money,
    schema: Py<PyCapsule>,
    array: Py<PyCapsule>,
    batch: OnceLock<RecordBatch>,
}

#[pymethods]
impl PyCapped {
    /// The capsules of schema and data.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let batch = Bound::new(py, PyRecordBatch::new(self.whole(py)?))?;
        let capsules = batch.call_method1(intern!(py, "__arrow_c_array__"), (requested_schema,))?;
        Ok(capsules.cast_into()?)
    }
}

impl PyCapped {
    fn whole(&self, py: Python<'_>) -> PyResult<RecordBatch> {
        if let Some(found) = self.batch.get() {
            return Ok(found.clone());
        }
        // The capsule of the columns gives them away, so this happens once; nothing below lets go of the interpreter.
        let rows = PyRecordBatch::from_arrow_pycapsule(self.schema.bind(py), self.array.bind(py))?;
        let whole = done(py, with_results(rows.as_ref(), self.money, &self.answer))?;
        Ok(self.batch.get_or_init(|| whole).clone())
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
