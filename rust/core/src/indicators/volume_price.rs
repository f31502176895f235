//! The volume-weighted average price.

use serde::{Deserialize, Serialize};

use super::Indicator;
use super::error::{IndicatorError, period};
use super::running_sum::RunningSum;
use super::window::Window;

/// A price, what traded at it, and in which session.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VolumePrice {
    /// Price.
    pub price: f64,
    /// Volume; a negative one is not counted.
    pub volume: f64,
    /// Number of the session; a change starts over.
    pub session: Option<i64>,
}

/// Price weighted by volume: over all since the start (or the session's start), or over the last `period` inputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Vwap {
    reach: Reach,
    amount: RunningSum,
    volume: RunningSum,
    session: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Reach {
    SinceStart,
    Rolling { amounts: Window, volumes: Window },
}

impl Vwap {
    /// An average price over the last `period` inputs, or over all of them.
    ///
    /// # Errors
    /// [`IndicatorError::Period`] if a period is given that is not in `1..=PERIOD_MAX`.
    pub fn new(given: Option<i64>) -> Result<Self, IndicatorError> {
        let reach = match given {
            None => Reach::SinceStart,
            Some(given) => {
                let period = period("VWAP", "period", 1, given)?;
                Reach::Rolling {
                    amounts: Window::new(period),
                    volumes: Window::new(period),
                }
            }
        };
        Ok(Self {
            reach,
            amount: RunningSum::ZERO,
            volume: RunningSum::ZERO,
            session: None,
        })
    }

    fn count(&mut self, amount: f64, volume: f64) {
        let leaving = match &mut self.reach {
            Reach::SinceStart => None,
            Reach::Rolling { amounts, volumes } => amounts.push(amount).zip(volumes.push(volume)),
        };
        if let Some((amount_old, volume_old)) = leaving {
            self.amount.replace(amount_old, amount);
            self.volume.replace(volume_old, volume);
        } else {
            self.amount.add(amount);
            self.volume.add(volume);
        }
        self.amount.settle();
        self.volume.settle();
    }
}

impl Indicator for Vwap {
    type Input = VolumePrice;
    type Output = f64;

    fn update(&mut self, print: VolumePrice) -> Option<f64> {
        if print.session.is_some() && print.session != self.session {
            self.reset();
            self.session = print.session;
        }
        if print.price.is_finite() && print.volume.is_finite() && print.volume >= 0.0 {
            self.count(print.price * print.volume, print.volume);
        }
        self.value()
    }

    /// `None` as long as nothing has traded.
    fn value(&self) -> Option<f64> {
        let complete = match &self.reach {
            Reach::SinceStart => true,
            Reach::Rolling { volumes, .. } => volumes.is_full(),
        };
        let volume = self.volume.total();
        (complete && volume > 0.0).then(|| self.amount.total() / volume)
    }

    fn reset(&mut self) {
        if let Reach::Rolling { amounts, volumes } = &mut self.reach {
            amounts.clear();
            volumes.clear();
        }
        self.amount = RunningSum::ZERO;
        self.volume = RunningSum::ZERO;
        self.session = None;
    }
}
