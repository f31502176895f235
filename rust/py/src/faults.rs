//! Every error of the core as the exception of `triplebar.contracts.errors` that fits.

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use triplebar_core::error::{Error, Fault};

/// An exception of our own tree, by name.
pub fn fault(py: Python<'_>, class: &str, message: &str) -> PyErr {
    let built = py
        .import("triplebar.contracts.errors")
        .and_then(|module| module.getattr(class)?.call1((message,)));
    match built {
        Ok(value) => PyErr::from_value(value),
        Err(_) => PyRuntimeError::new_err(format!("{class}: {message}")),
    }
}

/// The total match from the core's errors to exceptions.
pub fn raise(py: Python<'_>, error: &Error) -> PyErr {
    let class = match error.fault() {
        Fault::Overflow { .. } => "ExecutionError",
        Fault::Settings { .. } | Fault::Checkpoint { .. } => "ConfigError",
        Fault::Market { .. } | Fault::Rows { .. } => "DataQualityError",
        Fault::Order { .. } => "OrderError",
    };
    fault(py, class, &error.to_string())
}

/// A panic of the core.
pub fn internal(py: Python<'_>, text: &str) -> PyErr {
    let message = format!(
        "the core stopped unexpectedly ({text}); this is a bug in triplebar, please report it with the data and strategy"
    );
    fault(py, "InternalError", &message)
}

/// An impossible order.
pub fn order_error(py: Python<'_>, message: &str) -> PyErr {
    fault(py, "OrderError", message)
}

/// What ends a run before its end.
pub enum Stop {
    /// The strategy raised, in this handler.
    Strategy(PyErr, &'static str),
    /// The core failed.
    Core(Error),
    /// Something of Python's own.
    Python(PyErr),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}
