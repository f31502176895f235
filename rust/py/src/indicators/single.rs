//! Indicators of one series of values.

use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyType};
use triplebar_core::indicators::{Bollinger, Ema, Indicator, Macd, Roc, RollingStd, Rsi, Sma, Wma, ZScore};

use super::columns::{one, run};
use crate::guarded::Guarded;

use super::state::{Three, bands, convergence, or_nan, refused};

/// An indicator whose only parameter is its period.
macro_rules! period_class {
    ($(#[$about:meta])* $class:ident, $name:literal, $core:ident) => {
        indicator_class! {
            $(#[$about])*
            $class, $name, $core, (period: i64), or_nan => f64, {
                #[new]
                fn new(period: i64) -> PyResult<Self> {
                    Ok(Self { core: Guarded::new($core::new(period).map_err(refused)?), period })
                }

                /// Takes one value and returns the value now; NaN until ready.
                fn update(&self, py: Python<'_>, value: f64) -> f64 {
                    or_nan(self.core.with(py, |core| core.update(value)))
                }

                /// The indicator over a whole column, as an array.
                #[staticmethod]
                fn column<'py>(values: &Bound<'py, PyAny>, period: i64) -> PyResult<Bound<'py, PyAny>> {
                    let core = $core::new(period).map_err(refused)?;
                    run(values.py(), [values], core, |[value]| value, one).map(|[line]| line)
                }
            }
        }
    };
}

/// An indicator of a period that can treat its values as a sample.
macro_rules! deviation_class {
    ($(#[$about:meta])* $class:ident, $name:literal, $core:ident) => {
        indicator_class! {
            $(#[$about])*
            $class, $name, $core, (period: i64, sample: bool), or_nan => f64, {
                #[new]
                #[pyo3(signature = (period, sample=false))]
                fn new(period: i64, sample: bool) -> PyResult<Self> {
                    Ok(Self { core: Guarded::new($core::new(period, sample).map_err(refused)?), period, sample })
                }

                /// Takes one value and returns the value now; NaN until ready.
                fn update(&self, py: Python<'_>, value: f64) -> f64 {
                    or_nan(self.core.with(py, |core| core.update(value)))
                }

                /// The indicator over a whole column, as an array.
                #[staticmethod]
                #[pyo3(signature = (values, period, sample=false))]
                fn column<'py>(values: &Bound<'py, PyAny>, period: i64, sample: bool) -> PyResult<Bound<'py, PyAny>> {
                    let core = $core::new(period, sample).map_err(refused)?;
                    run(values.py(), [values], core, |[value]| value, one).map(|[line]| line)
                }
            }
        }
    };
}

period_class! {
    /// Simple moving average: the mean of the last `period` values.
    PySma, "SMA", Sma
}

period_class! {
    /// Exponential moving average at rate `2 / (period + 1)`, begun with the mean of the first `period` values.
    PyEma, "EMA", Ema
}

period_class! {
    /// Weighted moving average: the newest value weighs `period`, the oldest 1.
    PyWma, "WMA", Wma
}

period_class! {
    /// Wilder's relative strength index, 0 to 100; 50 if nothing moved.
    PyRsi, "RSI", Rsi
}

period_class! {
    /// Rate of change against `period` steps ago, in percent.
    PyRoc, "ROC", Roc
}

deviation_class! {
    /// Standard deviation of the last `period` values; `sample=True` divides by one less.
    PyRollingStd, "RollingStd", RollingStd
}

deviation_class! {
    /// Distance of the newest value from the mean of the last `period`, in standard deviations.
    PyZScore, "ZScore", ZScore
}

indicator_class! {
    /// Moving average convergence and divergence: `(line, signal, histogram)`.
    PyMacd, "MACD", Macd, (fast: i64, slow: i64, signal_period: i64), convergence => Three, {
        #[new]
        #[pyo3(signature = (fast=12, slow=26, signal_period=9))]
        fn new(fast: i64, slow: i64, signal_period: i64) -> PyResult<Self> {
            Ok(Self { core: Guarded::new(Macd::new(fast, slow, signal_period).map_err(refused)?), fast, slow, signal_period })
        }

        /// Takes one value and returns `(line, signal, histogram)`; NaN until ready.
        fn update(&self, py: Python<'_>, value: f64) -> Three {
            convergence(self.core.with(py, |core| core.update(value)))
        }

        /// Quick mean less slow mean.
        #[getter]
        fn line(&self, py: Python<'_>) -> f64 {
            convergence(self.core.with(py, |core| core.value())).0
        }

        /// Mean of the line.
        #[getter]
        fn signal(&self, py: Python<'_>) -> f64 {
            convergence(self.core.with(py, |core| core.value())).1
        }

        /// Line less signal.
        #[getter]
        fn histogram(&self, py: Python<'_>) -> f64 {
            convergence(self.core.with(py, |core| core.value())).2
        }

        /// Line, signal and histogram over a whole column, as arrays.
        #[staticmethod]
        #[pyo3(signature = (values, fast=12, slow=26, signal_period=9))]
        fn column<'py>(
            values: &Bound<'py, PyAny>,
            fast: i64,
            slow: i64,
            signal_period: i64,
        ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>, Bound<'py, PyAny>)> {
            let core = Macd::new(fast, slow, signal_period).map_err(refused)?;
            run(values.py(), [values], core, |[value]| value, |lines| convergence(lines).into()).map(Into::into)
        }
    }
}

indicator_class! {
    /// Bollinger bands: `(upper, middle, lower)`.
    PyBollinger, "Bollinger", Bollinger, (period: i64, width: f64), bands => Three, {
        #[new]
        #[pyo3(signature = (period=20, width=2.0))]
        fn new(period: i64, width: f64) -> PyResult<Self> {
            Ok(Self { core: Guarded::new(Bollinger::new(period, width).map_err(refused)?), period, width })
        }

        /// Takes one value and returns `(upper, middle, lower)`; NaN until ready.
        fn update(&self, py: Python<'_>, value: f64) -> Three {
            bands(self.core.with(py, |core| core.update(value)))
        }

        /// The band above.
        #[getter]
        fn upper(&self, py: Python<'_>) -> f64 {
            bands(self.core.with(py, |core| core.value())).0
        }

        /// The mean.
        #[getter]
        fn middle(&self, py: Python<'_>) -> f64 {
            bands(self.core.with(py, |core| core.value())).1
        }

        /// The band below.
        #[getter]
        fn lower(&self, py: Python<'_>) -> f64 {
            bands(self.core.with(py, |core| core.value())).2
        }

        /// Upper, middle and lower over a whole column, as arrays.
        #[staticmethod]
        #[pyo3(signature = (values, period=20, width=2.0))]
        fn column<'py>(
            values: &Bound<'py, PyAny>,
            period: i64,
            width: f64,
        ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>, Bound<'py, PyAny>)> {
            let core = Bollinger::new(period, width).map_err(refused)?;
            run(values.py(), [values], core, |[value]| value, |lines| bands(lines).into()).map(Into::into)
        }
    }
}
