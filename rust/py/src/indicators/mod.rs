//! Indicators as Python classes: `update` once per bar, or a whole column in one call, the same doubles either way.
//!
//! `update` returns NaN until there is a value: comparing with NaN is false, so a strategy that forgets to ask `ready`
//! does nothing rather than something wrong.

#[macro_use]
mod class;
mod bars;
mod calls;
mod columns;
mod single;
mod state;

pub use calls::{mean_fields, table};
use pyo3::prelude::*;

/// Adds the classes to the module.
///
/// # Errors
/// Only if Python itself fails.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<single::PySma>()?;
    module.add_class::<single::PyEma>()?;
    module.add_class::<single::PyWma>()?;
    module.add_class::<single::PyRsi>()?;
    module.add_class::<single::PyRoc>()?;
    module.add_class::<single::PyRollingStd>()?;
    module.add_class::<single::PyZScore>()?;
    module.add_class::<single::PyMacd>()?;
    module.add_class::<single::PyBollinger>()?;
    module.add_class::<bars::PyTrueRange>()?;
    module.add_class::<bars::PyAtr>()?;
    module.add_class::<bars::PyAdx>()?;
    module.add_class::<bars::PyDonchian>()?;
    module.add_class::<bars::PyStochastic>()?;
    module.add_class::<bars::PyVwap>()
}
