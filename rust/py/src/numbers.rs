//! What a strategy gives where a number belongs: anything else is an `OrderError`, as in the reference engine.

use crate::faults::order_error;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyFloat, PyString};

const NUMBER: &str = "a number; give a plain number such as 1.5";
const WHOLE: &str = "a whole number; give an int";
const ID: &str = "the number of an order; use what buy() or sell() returned";

/// A size, a price or an amount, by the name of its argument.
#[inline]
pub fn number(value: &Bound<'_, PyAny>, name: &str) -> PyResult<f64> {
    if let Ok(float) = value.cast_exact::<PyFloat>() {
        return Ok(float.value());
    }
    let text = value.is_instance_of::<PyString>()
        || value.is_instance_of::<PyBytes>()
        || value.is_instance_of::<PyByteArray>();
    if text || is_truth_value(value) {
        return Err(refused(value, name, NUMBER));
    }
    value.extract().map_err(|_| refused(value, name, NUMBER))
}

/// The same where nothing may be given.
#[inline]
pub fn maybe(value: Option<&Bound<'_, PyAny>>, name: &str) -> PyResult<Option<f64>> {
    value.map(|value| number(value, name)).transpose()
}

/// A count of nanoseconds.
pub fn whole(value: &Bound<'_, PyAny>, name: &str) -> PyResult<i64> {
    let found = if is_truth_value(value) {
        None
    } else {
        value.extract().ok()
    };
    found.ok_or_else(|| refused(value, name, WHOLE))
}

/// The number of an order.
#[inline]
pub fn order_id(value: &Bound<'_, PyAny>, name: &str) -> PyResult<u32> {
    let found = if is_truth_value(value) {
        None
    } else {
        value.extract().ok()
    };
    found.ok_or_else(|| refused(value, name, ID))
}

/// A truth value where a size should be is a slip, though Python would count it as 0 or 1.
fn is_truth_value(value: &Bound<'_, PyAny>) -> bool {
    let kind = value.get_type();
    kind.name().is_ok_and(|name| name == "bool" || name == "bool_")
}

#[cold]
fn refused(value: &Bound<'_, PyAny>, name: &str, what: &str) -> PyErr {
    let shown = value.repr().map_or_else(|_| "this".to_owned(), |text| text.to_string());
    order_error(value.py(), &format!("{name} = {shown} is not {what}"))
}
