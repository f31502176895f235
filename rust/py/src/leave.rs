//! The one way out of Python: let the interpreter go, do the work, turn a panic into an exception.

use crate::faults::internal;
use pyo3::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `work` without the interpreter; a panic becomes `InternalError`, pending signals are raised afterwards.
pub fn leave<R: Send>(py: Python<'_>, work: impl FnOnce() -> R + Send) -> PyResult<R> {
    let result = py.detach(|| catch_unwind(AssertUnwindSafe(work)));
    py.check_signals()?;
    result.map_err(|panic| internal(py, &panic_text(&*panic)))
}

/// Runs `work` inside Python; a panic becomes `InternalError`.
pub fn guard<R>(py: Python<'_>, work: impl FnOnce() -> PyResult<R>) -> PyResult<R> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(internal(py, &panic_text(&*panic))))
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "unknown".into())
}

/// Panics inside the core, on purpose: the proof that a panic reaches Python as an exception.
#[pyfunction]
#[pyo3(name = "_panic")]
pub fn py_panic(py: Python<'_>, message: String) -> PyResult<()> {
    leave(py, move || std::panic::panic_any(message))
}
