//! What can be wrong with an indicator's parameters.

use thiserror::Error;

/// Longest period that an indicator accepts; it bounds the memory that one indicator can take.
pub const PERIOD_MAX: u32 = 1_000_000;

/// A parameter that an indicator refuses.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum IndicatorError {
    /// A period outside its range.
    #[error("{indicator}: {parameter} must be between {minimum} and {PERIOD_MAX}, got {given}")]
    Period {
        /// Name of the indicator.
        indicator: &'static str,
        /// Name of the parameter.
        parameter: &'static str,
        /// Smallest period that makes sense.
        minimum: u32,
        /// What was given.
        given: i64,
    },
    /// A quick line that is not quicker than the slow one.
    #[error("MACD: fast ({fast}) must be less than slow ({slow})")]
    FastNotBelowSlow {
        /// Period of the quick line.
        fast: u32,
        /// Period of the slow line.
        slow: u32,
    },
    /// A width of bands that is not a number of deviations.
    #[error("Bollinger: width must be a finite number above 0, got {given}")]
    Width {
        /// What was given.
        given: f64,
    },
}

/// Checks one period and narrows it.
///
/// # Errors
/// [`IndicatorError::Period`] outside `minimum..=PERIOD_MAX`.
pub(super) fn period(
    indicator: &'static str,
    parameter: &'static str,
    minimum: u32,
    given: i64,
) -> Result<u32, IndicatorError> {
    match u32::try_from(given) {
        Ok(period) if (minimum..=PERIOD_MAX).contains(&period) => Ok(period),
        _ => Err(IndicatorError::Period {
            indicator,
            parameter,
            minimum,
            given,
        }),
    }
}
