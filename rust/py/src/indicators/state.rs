//! What a pickle holds, and how values are shown.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use triplebar_core::indicators::{Bands, Convergence, Directional, IndicatorError, Oscillator};

/// Several lines of one indicator.
pub(super) type Three = (f64, f64, f64);

pub(super) fn refused(error: IndicatorError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

pub(super) fn pack<'py>(py: Python<'py>, core: &impl Serialize) -> PyResult<Bound<'py, PyBytes>> {
    let bytes = postcard::to_stdvec(core).map_err(|error| PyValueError::new_err(error.to_string()))?;
    Ok(PyBytes::new(py, &bytes))
}

pub(super) fn unpack<T: DeserializeOwned>(name: &str, state: &[u8]) -> PyResult<T> {
    postcard::from_bytes(state)
        .map_err(|error| PyValueError::new_err(format!("{name}: this is not a stored state: {error}")))
}

/// `name(first=1, second=2, value=3.0)`.
pub(super) fn describe(name: &str, parts: &[(&str, Bound<'_, PyAny>)]) -> PyResult<String> {
    let shown = parts
        .iter()
        .map(|(label, value)| Ok(format!("{label}={}", value.repr()?)))
        .collect::<PyResult<Vec<_>>>()?;
    Ok(format!("{name}({})", shown.join(", ")))
}

pub(super) fn or_nan(value: Option<f64>) -> f64 {
    value.unwrap_or(f64::NAN)
}

/// Line, signal, histogram.
pub(super) fn convergence(value: Option<Convergence>) -> Three {
    value.map_or((f64::NAN, f64::NAN, f64::NAN), |lines| {
        (lines.line, lines.signal, lines.histogram)
    })
}

/// Upper, middle, lower.
pub(super) fn bands(value: Option<Bands>) -> Three {
    value.map_or((f64::NAN, f64::NAN, f64::NAN), |lines| {
        (lines.upper, lines.middle, lines.lower)
    })
}

/// Strength, plus, minus.
pub(super) fn directional(value: Option<Directional>) -> Three {
    value.map_or((f64::NAN, f64::NAN, f64::NAN), |lines| {
        (lines.adx, lines.plus, lines.minus)
    })
}

/// K and d.
pub(super) fn oscillator(value: Option<Oscillator>) -> (f64, f64) {
    value.map_or((f64::NAN, f64::NAN), |lines| (lines.k, lines.d))
}
