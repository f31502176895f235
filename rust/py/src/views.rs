//! What handlers are given: small frozen objects in the user's own numbers.

use pyo3::prelude::*;
use pyo3::types::PyString;

/// The aware datetime of a time in nanoseconds.
fn moment(py: Python<'_>, time_ns: i64) -> PyResult<Bound<'_, PyAny>> {
    py.import("triplebar.contracts.time")?.getattr("from_ns")?.call1((time_ns,))
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

/// A closed bar.
#[pyclass(frozen, get_all, name = "Bar", module = "triplebar._native")]
pub struct PyBar {
    pub symbol: Py<PyString>,
    pub time_ns: i64,
    pub open: f64,
    pub high: f64,
    pub low: f64,
    pub close: f64,
    pub volume: f64,
    pub index: u32,
}

impl PyBar {
    fn text(&self) -> String {
        let Self { symbol, open, high, low, close, volume, index, .. } = self;
        format!("Bar({symbol}, index={index}, open={open}, high={high}, low={low}, close={close}, volume={volume})")
    }
}

timed!(PyBar);

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
        let Self { order, symbol, side, quantity, price, fee, role, moment, .. } = self;
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
        let Self { kind, reason, order, symbol, .. } = self;
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
        let Self { order, symbol, side, kind, tif, status, quantity, filled, .. } = self;
        let side = if *side > 0 { "buy" } else { "sell" };
        format!("OrderView(order={order}, {side} {quantity} {symbol}, {kind}, {tif}, {status}, filled={filled})")
    }
}
