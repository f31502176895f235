//! The Donchian channel.

use serde::{Deserialize, Serialize};

use super::error::{IndicatorError, period};
use super::highest::Highest;
use super::{Bands, Indicator, PriceRange};

/// Highest high and lowest low of the last `period` bars, the newest included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Donchian {
    highs: Highest,
    lows_negated: Highest,
}

impl Donchian {
    /// A channel over `period` bars.
    ///
    /// # Errors
    /// [`IndicatorError::Period`] if the period is not in `1..=PERIOD_MAX`.
    pub fn new(given: i64) -> Result<Self, IndicatorError> {
        let period = period("Donchian", "period", 1, given)?;
        Ok(Self {
            highs: Highest::new(period),
            lows_negated: Highest::new(period),
        })
    }
}

impl Indicator for Donchian {
    type Input = PriceRange;
    type Output = Bands;

    fn update(&mut self, bar: PriceRange) -> Option<Bands> {
        if bar.is_finite() {
            self.highs.update(bar.high);
            self.lows_negated.update(-bar.low);
        }
        self.value()
    }

    fn value(&self) -> Option<Bands> {
        let (upper, lower) = (self.highs.value()?, -self.lows_negated.value()?);
        Some(Bands {
            upper,
            middle: f64::midpoint(upper, lower),
            lower,
        })
    }

    fn reset(&mut self) {
        self.highs.reset();
        self.lows_negated.reset();
    }
}
