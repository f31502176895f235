//! Indicators: one definition each, streamed value by value.
//!
//! Everything here uses only `+ - * /` and `sqrt` on `f64` in a fixed order, so a value is the same double on every
//! machine, and a column computed in one call is the same doubles as the values streamed one at a time.
//! Inputs that are not finite are not counted: the indicator keeps the value that it had. So an indicator can be fed
//! with another one's output while that one still warms up.
//!
//! ```
//! use triplebar_core::indicators::{Indicator, Sma};
//!
//! let mut mean = Sma::new(2)?;
//! assert_eq!(mean.update(1.0), None);
//! assert_eq!(mean.update(3.0), Some(2.0));
//! # Ok::<(), triplebar_core::indicators::IndicatorError>(())
//! ```

mod average_true_range;
mod bollinger;
mod convergence;
mod deviation;
mod directional;
mod donchian;
mod error;
mod exponential_mean;
mod highest;
mod mean;
mod means;
mod rate_of_change;
mod relative_strength;
mod ring;
mod running_sum;
mod smoother;
mod stochastic;
#[cfg(test)]
mod tests;
mod true_range;
mod volume_price;
mod weighted_mean;
mod window;
mod z_score;

pub use average_true_range::Atr;
pub use bollinger::Bollinger;
pub use convergence::{Convergence, Macd};
pub use deviation::RollingStd;
pub use directional::{Adx, Directional};
pub use donchian::Donchian;
pub use error::{IndicatorError, PERIOD_MAX};
pub use exponential_mean::Ema;
pub use mean::Sma;
pub use means::{REGISTERS_MAX, TOGETHER, means};
pub use rate_of_change::Roc;
pub use relative_strength::Rsi;
pub use stochastic::{Oscillator, Stochastic};
pub use true_range::TrueRange;
pub use volume_price::{VolumePrice, Vwap};
pub use weighted_mean::Wma;
pub use z_score::ZScore;

/// Something that takes one input at a time and has a value once it has seen enough of them.
pub trait Indicator {
    /// What one step takes.
    type Input: Copy;
    /// What one step gives.
    type Output: Copy;

    /// Takes one input and returns the value now; `None` until enough inputs were seen.
    fn update(&mut self, input: Self::Input) -> Option<Self::Output>;

    /// The value after the last input.
    fn value(&self) -> Option<Self::Output>;

    /// Forgets every input; the parameters stay.
    fn reset(&mut self);

    /// Whether there is a value.
    fn ready(&self) -> bool {
        self.value().is_some()
    }
}

/// The prices of a bar that range indicators look at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PriceRange {
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
}

impl PriceRange {
    fn is_finite(self) -> bool {
        self.high.is_finite() && self.low.is_finite() && self.close.is_finite()
    }
}

/// Three lines around a price.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Bands {
    /// The line above.
    pub upper: f64,
    /// The line between.
    pub middle: f64,
    /// The line below.
    pub lower: f64,
}
