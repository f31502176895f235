//! From the keywords of `buy` and `sell`, as Python gives them, to a wish.

use crate::desk::PyDesk;
use crate::faults::{order_error, raise};
use crate::wish::{Mistake, Names, Wish, time_in_force};
use pyo3::prelude::*;

/// A mistake as the exception it is.
pub fn mistaken(py: Python<'_>) -> impl Fn(Mistake) -> PyErr + '_ {
    move |mistake| match mistake {
        Mistake::Said(text) => order_error(py, &text),
        Mistake::Core(error) => raise(py, &error),
    }
}

/// Nanoseconds of an aware datetime or of a whole number.
fn time_ns(value: &Bound<'_, PyAny>) -> PyResult<i64> {
    if let Ok(time_ns) = value.extract::<i64>() {
        return Ok(time_ns);
    }
    let py = value.py();
    let found = py
        .import("triplebar.contracts.time")?
        .getattr("to_ns")?
        .call1((value,))
        .and_then(|found| found.extract());
    found.map_err(|error| order_error(py, &format!("expire: {}", error.value(py))))
}

/// The keywords that need Python to be understood.
#[derive(Default)]
pub struct Given<'a, 'py> {
    pub tif: Option<&'a str>,
    pub expire: Option<Bound<'py, PyAny>>,
    pub names: Names<'a>,
}

impl PyDesk {
    pub(crate) fn trade(
        &mut self,
        side: i8,
        symbol: &Bound<'_, PyAny>,
        quantity: f64,
        mut wish: Wish,
        given: &Given<'_, '_>,
    ) -> PyResult<u32> {
        let py = symbol.py();
        self.open(py)?;
        let instrument = self.instrument(symbol)?;
        wish.tif = given.tif.map(time_in_force).transpose().map_err(mistaken(py))?;
        wish.expire_ns = given.expire.as_ref().map(time_ns).transpose()?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a market has fewer than 65 535 instruments"
        )]
        wish.send(&mut self.engine, instrument as u16, side, quantity, given.names)
            .map_err(mistaken(py))
    }
}
