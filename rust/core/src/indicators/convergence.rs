//! Moving average convergence and divergence.

use serde::{Deserialize, Serialize};

use super::Indicator;
use super::error::{IndicatorError, period};
use super::exponential_mean::Ema;

/// The lines of a MACD.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Convergence {
    /// Quick mean less slow mean.
    pub line: f64,
    /// Mean of the line.
    pub signal: f64,
    /// Line less signal.
    pub histogram: f64,
}

/// Difference of two exponential means, and the exponential mean of it.
///
/// All three lines begin together, after `slow + signal - 1` values. The quick mean starts late, so that both
/// means have their first value at the same bar.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Macd {
    fast: Ema,
    slow: Ema,
    signal: Ema,
    fast_delay: u32,
    seen: u32,
    value: Option<Convergence>,
}

impl Macd {
    /// A MACD of these periods; 12, 26 and 9 are customary.
    ///
    /// # Errors
    /// [`IndicatorError::Period`] if a period is not in `1..=PERIOD_MAX`; [`IndicatorError::FastNotBelowSlow`].
    pub fn new(fast: i64, slow: i64, signal: i64) -> Result<Self, IndicatorError> {
        let fast = period("MACD", "fast", 1, fast)?;
        let slow = period("MACD", "slow", 2, slow)?;
        let signal = period("MACD", "signal", 1, signal)?;
        if fast >= slow {
            return Err(IndicatorError::FastNotBelowSlow { fast, slow });
        }
        Ok(Self {
            fast: Ema::over(fast),
            slow: Ema::over(slow),
            signal: Ema::over(signal),
            fast_delay: slow - fast,
            seen: 0,
            value: None,
        })
    }
}

impl Indicator for Macd {
    type Input = f64;
    type Output = Convergence;

    fn update(&mut self, value: f64) -> Option<Convergence> {
        if !value.is_finite() {
            return self.value;
        }
        let slow = self.slow.update(value);
        if self.seen == self.fast_delay {
            self.fast.update(value);
        } else {
            self.seen += 1;
        }
        if let Some((fast, slow)) = self.fast.value().zip(slow) {
            let line = fast - slow;
            self.value = self.signal.update(line).map(|signal| Convergence {
                line,
                signal,
                histogram: line - signal,
            });
        }
        self.value
    }

    fn value(&self) -> Option<Convergence> {
        self.value
    }

    fn reset(&mut self) {
        self.fast.reset();
        self.slow.reset();
        self.signal.reset();
        self.seen = 0;
        self.value = None;
    }
}
