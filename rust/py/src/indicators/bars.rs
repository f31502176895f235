//! Indicators of bars: high, low and close, or price and volume.

use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyType};
use triplebar_core::indicators::{Adx, Atr, Donchian, Indicator, PriceRange, Stochastic, TrueRange, VolumePrice, Vwap};

use super::columns::{one, run};
use crate::guarded::Guarded;

use super::state::{Three, bands, directional, or_nan, oscillator, refused};

type Array<'py> = Bound<'py, PyAny>;

fn range([high, low, close]: [f64; 3]) -> PriceRange {
    PriceRange { high, low, close }
}

indicator_class! {
    /// True range of a bar: from the close before, if that lies outside.
    PyTrueRange, "TrueRange", TrueRange, (), or_nan => f64, {
        #[new]
        fn new() -> Self {
            Self { core: Guarded::new(TrueRange::new()) }
        }

        /// Takes one bar and returns the value now; NaN until ready.
        fn update(&self, py: Python<'_>, high: f64, low: f64, close: f64) -> f64 {
            or_nan(self.core.with(py, |core| core.update(range([high, low, close]))))
        }

        /// The indicator over whole columns, as an array.
        #[staticmethod]
        fn column<'py>(high: &Array<'py>, low: &Array<'py>, close: &Array<'py>) -> PyResult<Array<'py>> {
            run(high.py(), [high, low, close], TrueRange::new(), range, one).map(|[line]| line)
        }
    }
}

indicator_class! {
    /// Wilder's average true range over `period` bars.
    PyAtr, "ATR", Atr, (period: i64), or_nan => f64, {
        #[new]
        #[pyo3(signature = (period=14))]
        fn new(period: i64) -> PyResult<Self> {
            Ok(Self { core: Guarded::new(Atr::new(period).map_err(refused)?), period })
        }

        /// Takes one bar and returns the value now; NaN until ready.
        fn update(&self, py: Python<'_>, high: f64, low: f64, close: f64) -> f64 {
            or_nan(self.core.with(py, |core| core.update(range([high, low, close]))))
        }

        /// The indicator over whole columns, as an array.
        #[staticmethod]
        #[pyo3(signature = (high, low, close, period=14))]
        fn column<'py>(
            high: &Array<'py>,
            low: &Array<'py>,
            close: &Array<'py>,
            period: i64,
        ) -> PyResult<Array<'py>> {
            let core = Atr::new(period).map_err(refused)?;
            run(high.py(), [high, low, close], core, range, one).map(|[line]| line)
        }
    }
}

indicator_class! {
    /// Wilder's average directional index: `(adx, plus, minus)`.
    PyAdx, "ADX", Adx, (period: i64), directional => Three, {
        #[new]
        #[pyo3(signature = (period=14))]
        fn new(period: i64) -> PyResult<Self> {
            Ok(Self { core: Guarded::new(Adx::new(period).map_err(refused)?), period })
        }

        /// Takes one bar and returns `(adx, plus, minus)`; NaN until ready.
        fn update(&self, py: Python<'_>, high: f64, low: f64, close: f64) -> Three {
            directional(self.core.with(py, |core| core.update(range([high, low, close]))))
        }

        /// Strength of the trend.
        #[getter]
        fn adx(&self, py: Python<'_>) -> f64 {
            directional(self.core.with(py, |core| core.value())).0
        }

        /// Share of upward movement.
        #[getter]
        fn plus(&self, py: Python<'_>) -> f64 {
            directional(self.core.with(py, |core| core.value())).1
        }

        /// Share of downward movement.
        #[getter]
        fn minus(&self, py: Python<'_>) -> f64 {
            directional(self.core.with(py, |core| core.value())).2
        }

        /// Strength, plus and minus over whole columns, as arrays.
        #[staticmethod]
        #[pyo3(signature = (high, low, close, period=14))]
        fn column<'py>(
            high: &Array<'py>,
            low: &Array<'py>,
            close: &Array<'py>,
            period: i64,
        ) -> PyResult<(Array<'py>, Array<'py>, Array<'py>)> {
            let core = Adx::new(period).map_err(refused)?;
            run(high.py(), [high, low, close], core, range, |lines| directional(lines).into()).map(Into::into)
        }
    }
}

indicator_class! {
    /// Donchian channel of the last `period` bars, the newest included: `(upper, middle, lower)`.
    PyDonchian, "Donchian", Donchian, (period: i64), bands => Three, {
        #[new]
        #[pyo3(signature = (period=20))]
        fn new(period: i64) -> PyResult<Self> {
            Ok(Self { core: Guarded::new(Donchian::new(period).map_err(refused)?), period })
        }

        /// Takes the high and low of one bar and returns `(upper, middle, lower)`; NaN until ready.
        fn update(&self, py: Python<'_>, high: f64, low: f64) -> Three {
            bands(self.core.with(py, |core| core.update(range([high, low, low]))))
        }

        /// Highest high.
        #[getter]
        fn upper(&self, py: Python<'_>) -> f64 {
            bands(self.core.with(py, |core| core.value())).0
        }

        /// Half way.
        #[getter]
        fn middle(&self, py: Python<'_>) -> f64 {
            bands(self.core.with(py, |core| core.value())).1
        }

        /// Lowest low.
        #[getter]
        fn lower(&self, py: Python<'_>) -> f64 {
            bands(self.core.with(py, |core| core.value())).2
        }

        /// Upper, middle and lower over whole columns, as arrays.
        #[staticmethod]
        #[pyo3(signature = (high, low, period=20))]
        fn column<'py>(
            high: &Array<'py>,
            low: &Array<'py>,
            period: i64,
        ) -> PyResult<(Array<'py>, Array<'py>, Array<'py>)> {
            let core = Donchian::new(period).map_err(refused)?;
            let input = |[high, low]: [f64; 2]| range([high, low, low]);
            run(high.py(), [high, low], core, input, |lines| bands(lines).into()).map(Into::into)
        }
    }
}

indicator_class! {
    /// Stochastic oscillator: `(k, d)`, 0 to 100.
    PyStochastic, "Stochastic", Stochastic, (period: i64, smooth: i64, signal: i64), oscillator => (f64, f64), {
        #[new]
        #[pyo3(signature = (period=14, smooth=3, signal=3))]
        fn new(period: i64, smooth: i64, signal: i64) -> PyResult<Self> {
            Ok(Self { core: Guarded::new(Stochastic::new(period, smooth, signal).map_err(refused)?), period, smooth, signal })
        }

        /// Takes one bar and returns `(k, d)`; NaN until ready.
        fn update(&self, py: Python<'_>, high: f64, low: f64, close: f64) -> (f64, f64) {
            oscillator(self.core.with(py, |core| core.update(range([high, low, close]))))
        }

        /// Where the close stands in the range, smoothed.
        #[getter]
        fn k(&self, py: Python<'_>) -> f64 {
            oscillator(self.core.with(py, |core| core.value())).0
        }

        /// Mean of `k`.
        #[getter]
        fn d(&self, py: Python<'_>) -> f64 {
            oscillator(self.core.with(py, |core| core.value())).1
        }

        /// K and d over whole columns, as arrays.
        #[staticmethod]
        #[pyo3(signature = (high, low, close, period=14, smooth=3, signal=3))]
        fn column<'py>(
            high: &Array<'py>,
            low: &Array<'py>,
            close: &Array<'py>,
            period: i64,
            smooth: i64,
            signal: i64,
        ) -> PyResult<(Array<'py>, Array<'py>)> {
            let core = Stochastic::new(period, smooth, signal).map_err(refused)?;
            run(high.py(), [high, low, close], core, range, |lines| oscillator(lines).into()).map(Into::into)
        }
    }
}

indicator_class! {
    /// Volume-weighted average price: over the last `period` updates, or over all since the start (or session).
    PyVwap, "VWAP", Vwap, (period: Option<i64>), or_nan => f64, {
        #[new]
        #[pyo3(signature = (period=None))]
        fn new(period: Option<i64>) -> PyResult<Self> {
            Ok(Self { core: Guarded::new(Vwap::new(period).map_err(refused)?), period })
        }

        /// Takes a price and its volume and returns the value now; NaN until something has traded. A new session
        /// number starts over.
        #[pyo3(signature = (price, volume, session=None))]
        fn update(&self, py: Python<'_>, price: f64, volume: f64, session: Option<i64>) -> f64 {
            or_nan(self.core.with(py, |core| core.update(VolumePrice { price, volume, session })))
        }

        /// The indicator over whole columns, as an array.
        #[staticmethod]
        #[pyo3(signature = (price, volume, period=None, session=None))]
        fn column<'py>(
            price: &Array<'py>,
            volume: &Array<'py>,
            period: Option<i64>,
            session: Option<&Array<'py>>,
        ) -> PyResult<Array<'py>> {
            let core = Vwap::new(period).map_err(refused)?;
            match session {
                Some(session) => run(price.py(), [price, volume, session], core, in_session, one).map(|[line]| line),
                None => run(price.py(), [price, volume], core, without_session, one).map(|[line]| line),
            }
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "session numbers are small whole numbers")]
fn in_session([price, volume, session]: [f64; 3]) -> VolumePrice {
    VolumePrice {
        price,
        volume,
        session: Some(session as i64),
    }
}

fn without_session([price, volume]: [f64; 2]) -> VolumePrice {
    VolumePrice {
        price,
        volume,
        session: None,
    }
}
