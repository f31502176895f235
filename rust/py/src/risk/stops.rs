//! Stops for Python: one position, or columns of them.

use super::{done, floats, shared, table, wholes};
use pyo3::prelude::*;
use pyo3_arrow::{PyArray, PyRecordBatch};
use triplebar_columns::risk::sides;
use triplebar_columns::risk::stops::{Positions, look, look_once};
use triplebar_core::risk::stops::StopRules;

/// When a position has to go.
#[pyclass(frozen, name = "StopRules", module = "triplebar._native")]
pub struct PyStopRules {
    rules: StopRules,
}

/// Why it has to go, its best price, its stop, its trailing level.
type Found = (Option<&'static str>, f64, Option<f64>, Option<f64>);

#[pymethods]
impl PyStopRules {
    #[new]
    fn new(loss_ppb: Option<i64>, trailing_ppb: Option<i64>, duration_ns: Option<i64>, in_profit: bool) -> Self {
        let rules = StopRules {
            loss_ppb,
            trailing_ppb,
            duration_ns,
            in_profit,
        };
        Self { rules }
    }

    /// One position: why it has to go (or None), its best price, its stop and its trailing level.
    #[expect(clippy::too_many_arguments, reason = "one argument a column of the kernel")]
    fn look(
        &self,
        py: Python<'_>,
        side: i8,
        entry: f64,
        best: f64,
        mark: f64,
        since_ns: i64,
        now_ns: i64,
    ) -> PyResult<Found> {
        let given = Positions {
            side: &[side],
            entry: &[entry],
            best: &[best],
            mark: &[mark],
            since_ns: &[since_ns],
        };
        let seen = done(py, look_once(&given, &self.rules, now_ns))?;
        Ok((seen.exit, seen.best, seen.stop, seen.trailing))
    }

    /// Columns of positions: side, entry, best, mark, since.
    #[expect(clippy::needless_pass_by_value, reason = "pyo3 hands arguments over")]
    fn look_at_all<'py>(
        &self,
        py: Python<'py>,
        columns: [PyArray; 5],
        now_ns: i64,
    ) -> PyResult<Bound<'py, PyRecordBatch>> {
        let [side, entry, best, mark, since] = &columns;
        let given = Positions {
            side: &done(py, sides(side.array().as_ref(), "side"))?,
            entry: floats(py, entry, "entry_price")?,
            best: floats(py, best, "best_price")?,
            mark: floats(py, mark, "mark")?,
            since_ns: wholes(py, since, "since")?,
        };
        let found = done(py, look(&given, &self.rules, now_ns))?;
        table(
            py,
            vec![
                ("exit", shared(found.exit)),
                ("best_price", shared(found.best)),
                ("stop_price", shared(found.stop)),
                ("trailing_price", shared(found.trailing)),
            ],
        )
    }
}
