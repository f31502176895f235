//! What a strategy gives where a number belongs: anything else is an `OrderError`, as in the reference engine.

use crate::faults::order_error;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyFloat, PyString};

/// A size, a price or an amount.
#[derive(Clone, Copy)]
pub struct Number(pub f64);

/// A count of nanoseconds.
#[derive(Clone, Copy)]
pub struct Whole(pub i64);

/// The number of an order; 0, which no order has, for what cannot be one.
#[derive(Clone, Copy)]
pub struct Id(pub u32);

/// A truth value where a size should be is a slip, though Python would count it as 0 or 1.
fn is_truth_value(value: Borrowed<'_, '_, PyAny>) -> bool {
    let kind = value.get_type();
    kind.name().is_ok_and(|name| name == "bool" || name == "bool_")
}

fn refused(value: Borrowed<'_, '_, PyAny>, what: &str, fix: &str) -> PyErr {
    let shown = value.repr().map_or_else(|_| "this".to_owned(), |text| text.to_string());
    order_error(value.py(), &format!("{shown} is not {what}; {fix}"))
}

impl<'a, 'py> FromPyObject<'a, 'py> for Number {
    type Error = PyErr;

    #[inline]
    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(float) = value.cast_exact::<PyFloat>() {
            return Ok(Self(float.value()));
        }
        let text = value.is_instance_of::<PyString>()
            || value.is_instance_of::<PyBytes>()
            || value.is_instance_of::<PyByteArray>();
        if text || is_truth_value(value) {
            return Err(refused(value, "a number", "give a plain number such as 1.5"));
        }
        let found = value.extract::<f64>();
        found
            .map(Self)
            .map_err(|_| refused(value, "a number", "give a plain number such as 1.5"))
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Whole {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let found = if is_truth_value(value) {
            None
        } else {
            value.extract::<i64>().ok()
        };
        found
            .map(Self)
            .ok_or_else(|| refused(value, "a whole number", "give an int"))
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Id {
    type Error = PyErr;

    #[inline]
    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let found = if is_truth_value(value) {
            None
        } else {
            value.extract::<u32>().ok()
        };
        found
            .map(Self)
            .ok_or_else(|| refused(value, "the number of an order", "use what buy() or sell() returned"))
    }
}
