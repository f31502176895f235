//! What handlers are given: small frozen objects in the user's own numbers.

use crate::market::PyMarket;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};
use std::sync::atomic::{AtomicU32, Ordering};
use triplebar_columns::bars::BarColumns;
use triplebar_core::engine::Present;

/// The aware datetime of a time in nanoseconds.
fn moment(py: Python<'_>, time_ns: i64) -> PyResult<Bound<'_, PyAny>> {
    py.import("triplebar.contracts.time")?
        .getattr("from_ns")?
        .call1((time_ns,))
}

macro_rules! timed {
    ($class:ident) => {
        #[pymethods]
        impl $class {
            /// When it was, as an aware datetime in UTC.
            #[getter]
            fn time<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                moment(py, self.time_ns)
            }

            fn __repr__(&self) -> String {
                self.text()
            }
        }
    };
}

/// A closed bar: a place in the market's columns, so that making one costs nothing.
#[pyclass(frozen, name = "Bar", module = "triplebar._native")]
pub struct PyBar {
    #[pyo3(get)]
    symbol: Py<PyString>,
    market: Py<PyMarket>,
    instrument: u16,
    row: AtomicU32,
}

impl PyBar {
    pub fn new(symbol: Py<PyString>, market: Py<PyMarket>, present: Present) -> Self {
        Self {
            symbol,
            market,
            instrument: present.instrument,
            row: AtomicU32::new(present.row),
        }
    }

    /// Moves on to another bar; only for one who holds the only reference.
    #[inline]
    pub fn move_to(&self, row: u32) {
        self.row.store(row, Ordering::Relaxed);
    }

    #[inline]
    fn row(&self) -> usize {
        self.row.load(Ordering::Relaxed) as usize
    }

    #[inline]
    fn columns(&self) -> &BarColumns {
        &self.market.get().columns.series[usize::from(self.instrument)]
    }

    fn text(&self) -> String {
        let [open, high, low, close, volume] = [self.open(), self.high(), self.low(), self.close(), self.volume()];
        format!(
            "Bar({}, index={}, open={open}, high={high}, low={low}, close={close}, volume={volume})",
            self.symbol,
            self.row()
        )
    }
}

#[pymethods]
impl PyBar {
    /// When the bar closed, in nanoseconds since 1970.
    #[getter]
    fn time_ns(&self) -> i64 {
        self.columns().time_ns.values()[self.row()]
    }

    /// The first price.
    #[getter]
    fn open(&self) -> f64 {
        self.columns().shown[0].values()[self.row()]
    }

    /// The highest price.
    #[getter]
    fn high(&self) -> f64 {
        self.columns().shown[1].values()[self.row()]
    }

    /// The lowest price.
    #[getter]
    fn low(&self) -> f64 {
        self.columns().shown[2].values()[self.row()]
    }

    /// The last price.
    #[getter]
    fn close(&self) -> f64 {
        self.columns().shown[3].values()[self.row()]
    }

    /// What was traded.
    #[getter]
    fn volume(&self) -> f64 {
        self.columns().shown[4].values()[self.row()]
    }

    /// The number of the bar within its instrument, from 0.
    #[getter]
    fn index(&self) -> u32 {
        self.row.load(Ordering::Relaxed)
    }

    /// When the bar closed, as an aware datetime in UTC.
    #[getter]
    fn time<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        moment(py, self.time_ns())
    }

    fn __repr__(&self) -> String {
        self.text()
    }

    /// Pickles as a plain bar of the same numbers, so that a strategy may keep one in a checkpoint.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let plain = py.import("triplebar.contracts.bars")?.getattr("Bar")?;
        let numbers = [self.open(), self.high(), self.low(), self.close(), self.volume()];
        let [open, high, low, close, volume] = numbers;
        let parts = (
            self.symbol.clone_ref(py),
            self.time_ns(),
            open,
            high,
            low,
            close,
            volume,
            self.index(),
        );
        Ok((plain, parts.into_pyobject(py)?))
    }
}

/// An execution.
#[pyclass(frozen, get_all, name = "Fill", module = "triplebar._native")]
pub struct PyFill {
    pub order: u32,
    pub symbol: Py<PyString>,
    pub side: i8,
    pub quantity: f64,
    pub price: f64,
    pub fee: f64,
    pub time_ns: i64,
    pub role: &'static str,
    pub moment: &'static str,
    pub tag: Option<String>,
}

impl PyFill {
    fn text(&self) -> String {
        let Self {
            order,
            symbol,
            side,
            quantity,
            price,
            fee,
            role,
            moment,
            ..
        } = self;
        let side = if *side > 0 { "buy" } else { "sell" };
        format!("Fill(order={order}, {side} {quantity} {symbol} at {price}, fee={fee}, {role}, {moment})")
    }
}

timed!(PyFill);

/// Something that happened to an order.
#[pyclass(frozen, get_all, name = "OrderEvent", module = "triplebar._native")]
pub struct PyOrderEvent {
    pub kind: &'static str,
    pub reason: &'static str,
    pub order: u32,
    pub symbol: Py<PyString>,
    pub time_ns: i64,
    pub tag: Option<String>,
}

impl PyOrderEvent {
    fn text(&self) -> String {
        let Self {
            kind,
            reason,
            order,
            symbol,
            ..
        } = self;
        format!("OrderEvent(order={order}, {symbol}, {kind}, reason={reason})")
    }
}

timed!(PyOrderEvent);

/// A timer that is due.
#[pyclass(frozen, get_all, name = "Timer", module = "triplebar._native")]
pub struct PyTimer {
    pub name: String,
    pub time_ns: i64,
}

impl PyTimer {
    fn text(&self) -> String {
        format!("Timer({}, due={} ns)", self.name, self.time_ns)
    }
}

timed!(PyTimer);

/// An order as it stands.
#[pyclass(frozen, get_all, name = "OrderView", module = "triplebar._native")]
pub struct PyOrderView {
    pub order: u32,
    pub symbol: Py<PyString>,
    pub side: i8,
    pub kind: &'static str,
    pub tif: &'static str,
    pub status: &'static str,
    pub reason: &'static str,
    pub quantity: f64,
    pub filled: f64,
    pub limit: Option<f64>,
    pub stop: Option<f64>,
    pub tag: Option<String>,
}

#[pymethods]
impl PyOrderView {
    fn __repr__(&self) -> String {
        let Self {
            order,
            symbol,
            side,
            kind,
            tif,
            status,
            quantity,
            filled,
            ..
        } = self;
        let side = if *side > 0 { "buy" } else { "sell" };
        format!("OrderView(order={order}, {side} {quantity} {symbol}, {kind}, {tif}, {status}, filled={filled})")
    }
}
