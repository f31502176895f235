//! The only crate that names pyo3: capsules in and out, and the loop that calls a Python strategy.

mod call;
mod canonical;
mod codes;
mod compiled;
mod desk;
mod facts;
mod faults;
mod guarded;
mod indicators;
mod lanes;
mod leave;
mod market;
mod means;
mod numbers;
mod orders;
mod pulse;
mod risk;
mod run;
mod signals;
mod spare;
mod summary;
mod trading;
mod views;
mod wish;

use pyo3::prelude::*;

/// The native part of triplebar. Documented Python modules wrap everything in here.
#[pymodule(gil_used = true)]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("RULES_VERSION", triplebar_core::settings::RULES_VERSION)?;
    module.add_class::<market::PyMarket>()?;
    module.add_class::<desk::PyDesk>()?;
    module.add_class::<facts::PyFacts>()?;
    module.add_class::<lanes::PyLanes>()?;
    module.add_class::<views::PyBar>()?;
    module.add_class::<views::PyFill>()?;
    module.add_class::<views::PyOrderEvent>()?;
    module.add_class::<views::PyTimer>()?;
    module.add_class::<views::PyOrderView>()?;
    module.add_function(wrap_pyfunction!(codes::py_codes, module)?)?;
    module.add_function(wrap_pyfunction!(canonical::py_canonical_bytes, module)?)?;
    module.add_function(wrap_pyfunction!(codes::py_draw, module)?)?;
    module.add_function(wrap_pyfunction!(leave::py_panic, module)?)?;
    module.add_function(wrap_pyfunction!(summary::py_summary, module)?)?;
    module.add_function(wrap_pyfunction!(means::py_means, module)?)?;
    compiled::register(module)?;
    risk::register(module)?;
    indicators::register(module)
}
