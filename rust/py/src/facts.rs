//! The facts of a run as canonical Arrow tables, made when asked for.

use crate::faults::{fault, raise};
use crate::leave::leave;
use crate::spare;
use arrow_array::{Int64Array, RecordBatch};
use arrow_schema::ArrowError;
use pyo3::prelude::*;
use pyo3_arrow::PyTable;
use std::sync::{Mutex, OnceLock, PoisonError};
use triplebar_columns::bars::MarketColumns;
use triplebar_columns::tables;
use triplebar_core::engine::{Engine, Memory};
use triplebar_core::error::Error;
use triplebar_core::fold::{Folded, fold};
use triplebar_core::orders::Orders;
use triplebar_core::record::Record;
use triplebar_core::settings::Settings;

/// What a run leaves behind.
#[pyclass(frozen, name = "Facts", module = "triplebar._native")]
pub struct PyFacts {
    equity: OnceLock<Result<RecordBatch, ArrowError>>,
    /// The column of that name until the table is asked for, which takes it.
    rows: Mutex<Vec<i64>>,
    clock_ns: Int64Array,
    orders: Orders,
    record: Record,
    settings: Settings,
    labels: Vec<String>,
    folded: OnceLock<Result<Folded, Error>>,
}

impl Drop for PyFacts {
    fn drop(&mut self) {
        let rows = self.rows.get_mut().unwrap_or_else(PoisonError::into_inner);
        self.record.equity = std::mem::take(rows);
        let facts = (std::mem::take(&mut self.record), std::mem::take(&mut self.orders));
        spare::keep(Memory::of(facts));
    }
}

impl PyFacts {
    /// Moves the facts out of an engine.
    pub fn take(py: Python<'_>, engine: &mut Engine, columns: &MarketColumns) -> PyResult<Self> {
        let labels = engine.labels().texts().to_vec();
        let settings = engine.settings().clone();
        engine.settle(&columns.view()).map_err(|error| raise(py, &error))?;
        let (mut record, orders) = engine.take_facts();
        Ok(Self {
            equity: OnceLock::new(),
            rows: Mutex::new(std::mem::take(&mut record.equity)),
            clock_ns: columns.clock_ns.clone(),
            orders,
            record,
            settings,
            labels,
            folded: OnceLock::new(),
        })
    }

    fn equity(&self, py: Python<'_>) -> PyResult<RecordBatch> {
        let table = || {
            let rows = std::mem::take(&mut *self.rows.lock().unwrap_or_else(PoisonError::into_inner));
            tables::equity(rows, &self.record, &self.clock_ns)
        };
        match leave(py, || self.equity.get_or_init(table))? {
            Ok(equity) => Ok(equity.clone()),
            Err(error) => Err(broken(py, error)),
        }
    }

    fn folded(&self, py: Python<'_>) -> PyResult<&Folded> {
        let folded = leave(py, || self.folded.get_or_init(|| fold(&self.record, &self.settings)))?;
        folded.as_ref().map_err(|error| raise(py, error))
    }
}

fn broken(py: Python<'_>, error: &ArrowError) -> PyErr {
    fault(
        py,
        "InternalError",
        &format!("a canonical table could not be put together: {error}"),
    )
}

/// A batch as an object that speaks the Arrow stream capsule.
pub fn stream(py: Python<'_>, batch: Result<RecordBatch, ArrowError>) -> PyResult<Py<PyAny>> {
    let batch = batch.map_err(|error| broken(py, &error))?;
    let schema = batch.schema();
    Ok(Bound::new(py, PyTable::try_new(vec![batch], schema)?)?
        .into_any()
        .unbind())
}

#[pymethods]
impl PyFacts {
    /// A canonical table by name, as an object that speaks the Arrow stream capsule.
    fn table(&self, py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
        let batch = match name {
            "equity" => Ok(self.equity(py)?),
            "orders" => leave(py, || tables::orders(&self.orders))?,
            "fills" => leave(py, || tables::fills(&self.record.fills))?,
            "events" => leave(py, || tables::events(&self.record.events))?,
            "flows" => leave(py, || tables::flows(&self.record.flows))?,
            "refusals" => leave(py, || tables::refusals(&self.record.refusals))?,
            "positions" => tables::positions(self.folded(py)?),
            "trades" => tables::trades(self.folded(py)?),
            "postings" => tables::postings(self.folded(py)?),
            _ => {
                return Err(fault(
                    py,
                    "TradingError",
                    &format!("there is no canonical table {name:?}"),
                ));
            }
        };
        stream(py, batch)
    }

    /// The texts of tags, client ids and groups; number 1 first.
    #[getter]
    fn labels(&self) -> Vec<String> {
        self.labels.clone()
    }

    /// Bytes kept per order: orders, fills and events together.
    #[getter]
    fn bytes_kept(&self) -> usize {
        self.orders.bytes_used()
            + size_of_val(self.record.fills.as_slice())
            + size_of_val(self.record.events.as_slice())
    }
}
