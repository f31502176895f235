//! Exponential smoothing that starts from a plain mean.

use serde::{Deserialize, Serialize};

use super::running_sum::RunningSum;

/// Follows its input by a fixed share of the distance. Its first value is the mean of the first `period` inputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Smoother {
    period: u32,
    rate: f64,
    state: State,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum State {
    Starting { sum: RunningSum, seen: u32 },
    Following(f64),
}

const EMPTY: State = State::Starting {
    sum: RunningSum::ZERO,
    seen: 0,
};

impl Smoother {
    /// The rate of an exponential moving average, `2 / (period + 1)`.
    pub(super) fn exponential(period: u32) -> Self {
        Self {
            period,
            rate: 2.0 / (f64::from(period) + 1.0),
            state: EMPTY,
        }
    }

    /// The rate of Wilder's averages, `1 / period`.
    pub(super) fn wilder(period: u32) -> Self {
        Self {
            period,
            rate: 1.0 / f64::from(period),
            state: EMPTY,
        }
    }

    pub(super) fn update(&mut self, value: f64) -> Option<f64> {
        self.state = match self.state {
            State::Following(level) => State::Following(level + self.rate * (value - level)),
            State::Starting { mut sum, seen } => {
                sum.add(value);
                if seen + 1 == self.period {
                    State::Following(sum.total() / f64::from(self.period))
                } else {
                    State::Starting { sum, seen: seen + 1 }
                }
            }
        };
        self.value()
    }

    pub(super) fn value(&self) -> Option<f64> {
        match self.state {
            State::Following(level) => Some(level),
            State::Starting { .. } => None,
        }
    }

    pub(super) fn reset(&mut self) {
        self.state = EMPTY;
    }
}
