//! Wilder's directional movement.

use serde::{Deserialize, Serialize};

use super::error::{IndicatorError, period};
use super::smoother::Smoother;
use super::true_range::TrueRange;
use super::{Indicator, PriceRange};

/// The lines of a directional movement, 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Directional {
    /// Strength of the trend, whichever way it goes.
    pub adx: f64,
    /// Share of upward movement.
    pub plus: f64,
    /// Share of downward movement.
    pub minus: f64,
}

/// Average directional index: how much of the range is movement in one direction; it takes `2·period` bars to be ready.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adx {
    range: TrueRange,
    before: Option<(f64, f64)>,
    ranges: DecayingSum,
    rises: DecayingSum,
    falls: DecayingSum,
    strength: Smoother,
    value: Option<Directional>,
}

impl Adx {
    /// A directional index over `period` bars; 14 is customary.
    ///
    /// # Errors
    /// [`IndicatorError::Period`] if the period is not in `2..=PERIOD_MAX`.
    pub fn new(given: i64) -> Result<Self, IndicatorError> {
        let period = period("ADX", "period", 2, given)?;
        let sum = DecayingSum::new(period);
        Ok(Self {
            range: TrueRange::new(),
            before: None,
            ranges: sum,
            rises: sum,
            falls: sum,
            strength: Smoother::wilder(period),
            value: None,
        })
    }

    fn follow(&mut self, range: f64, rise: f64, fall: f64) {
        // Only the larger of two opposite moves counts.
        let ranges = self.ranges.add(range);
        let rises = self.rises.add(if rise > fall && rise > 0.0 { rise } else { 0.0 });
        let falls = self.falls.add(if fall > rise && fall > 0.0 { fall } else { 0.0 });
        if let (Some(ranges), Some(rises), Some(falls)) = (ranges, rises, falls) {
            let (plus, minus) = (percent(rises, ranges), percent(falls, ranges));
            let adx = self.strength.update(percent((plus - minus).abs(), plus + minus));
            self.value = adx.map(|adx| Directional { adx, plus, minus });
        }
    }
}

impl Indicator for Adx {
    type Input = PriceRange;
    type Output = Directional;

    fn update(&mut self, bar: PriceRange) -> Option<Directional> {
        if !bar.is_finite() {
            return self.value;
        }
        let range = self.range.update(bar);
        if let Some(((high, low), range)) = self.before.replace((bar.high, bar.low)).zip(range) {
            self.follow(range, bar.high - high, low - bar.low);
        }
        self.value
    }

    fn value(&self) -> Option<Directional> {
        self.value
    }

    fn reset(&mut self) {
        self.range.reset();
        self.before = None;
        self.ranges.reset();
        self.rises.reset();
        self.falls.reset();
        self.strength.reset();
        self.value = None;
    }
}

/// Wilder's running sum: plain for `period - 1` values, from then on it loses one part in `period` each time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct DecayingSum {
    period: u32,
    seen: u32,
    sum: f64,
}

impl DecayingSum {
    const fn new(period: u32) -> Self {
        Self {
            period,
            seen: 0,
            sum: 0.0,
        }
    }

    fn add(&mut self, value: f64) -> Option<f64> {
        if self.seen + 1 < self.period {
            self.seen += 1;
            self.sum += value;
            return None;
        }
        self.sum = self.sum - self.sum / f64::from(self.period) + value;
        Some(self.sum)
    }

    fn reset(&mut self) {
        *self = Self::new(self.period);
    }
}

fn percent(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { 100.0 * (part / whole) } else { 0.0 }
}
