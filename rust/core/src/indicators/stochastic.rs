//! The stochastic oscillator.

use serde::{Deserialize, Serialize};

use super::error::{IndicatorError, period};
use super::highest::Highest;
use super::mean::Sma;
use super::{Indicator, PriceRange};

/// Where in an empty range a price stands.
const MIDDLE: f64 = 50.0;

/// The lines of a stochastic oscillator, 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Oscillator {
    /// Where the close stands in the range of the bars, smoothed.
    pub k: f64,
    /// Mean of `k`.
    pub d: f64,
}

/// Where the close stands between the lowest low and the highest high of the last bars.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stochastic {
    highs: Highest,
    lows_negated: Highest,
    smooth: Sma,
    mean: Sma,
    value: Option<Oscillator>,
}

impl Stochastic {
    /// An oscillator over `period` bars, smoothed over `smooth`, with a mean over `signal`; 14, 3 and 3 are customary.
    ///
    /// # Errors
    /// [`IndicatorError::Period`] if one of them is not in `1..=PERIOD_MAX`.
    pub fn new(bars: i64, smooth: i64, signal: i64) -> Result<Self, IndicatorError> {
        let bars = period("Stochastic", "period", 1, bars)?;
        Ok(Self {
            highs: Highest::new(bars),
            lows_negated: Highest::new(bars),
            smooth: Sma::over(period("Stochastic", "smooth", 1, smooth)?),
            mean: Sma::over(period("Stochastic", "signal", 1, signal)?),
            value: None,
        })
    }

    fn standing(&mut self, bar: PriceRange) -> Option<f64> {
        let (high, low) = self.highs.update(bar.high).zip(self.lows_negated.update(-bar.low))?;
        let range = high + low;
        Some(if range > 0.0 {
            100.0 * ((bar.close + low) / range)
        } else {
            MIDDLE
        })
    }
}

impl Indicator for Stochastic {
    type Input = PriceRange;
    type Output = Oscillator;

    fn update(&mut self, bar: PriceRange) -> Option<Oscillator> {
        if bar.is_finite() {
            let k = self.standing(bar).and_then(|standing| self.smooth.update(standing));
            let d = k.and_then(|k| self.mean.update(k));
            self.value = k.zip(d).map(|(k, d)| Oscillator { k, d });
        }
        self.value
    }

    fn value(&self) -> Option<Oscillator> {
        self.value
    }

    fn reset(&mut self) {
        self.highs.reset();
        self.lows_negated.reset();
        self.smooth.reset();
        self.mean.reset();
        self.value = None;
    }
}
