//! The equity curve of one run, point by point or stretch by stretch; nothing of it is kept but the ends of days.

use super::frame::Frame;

/// Running figures of an equity curve.
#[derive(Debug, Clone)]
pub struct Curve {
    peak: i64,
    /// Lowest point since the peak.
    trough: i64,
    drawdown: f64,
    lowest: i64,
    last: i64,
    sum: i128,
    rows: usize,
    /// The initial capital, then the value at the end of each day, as money.
    daily: Vec<f64>,
}

impl Curve {
    /// A curve that stands at the initial capital.
    #[must_use]
    pub fn new(frame: &Frame) -> Self {
        let mut curve = Self {
            peak: 0,
            trough: 0,
            drawdown: 0.0,
            lowest: 0,
            last: 0,
            sum: 0,
            rows: 0,
            daily: Vec::with_capacity(frame.day_ends.len() + 1),
        };
        curve.restart(frame);
        curve
    }

    /// Back to the initial capital, keeping the memory.
    pub fn restart(&mut self, frame: &Frame) {
        self.peak = frame.initial;
        self.trough = frame.initial;
        self.drawdown = 0.0;
        self.lowest = i64::MAX;
        self.last = frame.initial;
        self.sum = 0;
        self.rows = 0;
        self.daily.clear();
        self.daily.push(frame.money(frame.initial));
    }

    /// The next rows of equity, from the row at which the curve stands.
    pub fn points(&mut self, frame: &Frame, equity: &[i64]) {
        let from = self.rows;
        for &value in equity {
            self.level(frame, value);
        }
        self.sum += equity.iter().map(|value| i128::from(*value)).sum::<i128>();
        for &row in &frame.day_ends[self.daily.len() - 1..] {
            let Some(&value) = equity.get(row - from) else { break };
            self.day(frame.money(value));
        }
        if let Some(&last) = equity.last() {
            self.go(equity.len(), last);
        }
    }

    /// One value that the curve takes; the order matters.
    #[inline]
    pub fn level(&mut self, frame: &Frame, value: i64) {
        self.lowest = self.lowest.min(value);
        if value > self.peak {
            self.drawdown = self.loss(frame);
            self.peak = value;
            self.trough = value;
        } else {
            self.trough = self.trough.min(value);
        }
    }

    /// Several values, none above the peak, of which this is the lowest.
    #[inline]
    pub fn below_peak(&mut self, low: i64) {
        debug_assert!(low <= self.peak);
        self.lowest = self.lowest.min(low);
        self.trough = self.trough.min(low);
    }

    /// The highest value so far, the initial capital included.
    #[inline]
    #[must_use]
    pub const fn peak(&self) -> i64 {
        self.peak
    }

    /// The value at the end of a day, as money.
    #[inline]
    pub fn day(&mut self, value: f64) {
        self.daily.push(value);
    }

    /// Values at the ends of following days; the caller fills the slice.
    pub fn days(&mut self, count: usize) -> &mut [f64] {
        let from = self.daily.len();
        self.daily.resize(from + count, 0.0);
        &mut self.daily[from..]
    }

    /// Days that have ended.
    #[inline]
    #[must_use]
    pub fn days_ended(&self) -> usize {
        self.daily.len() - 1
    }

    /// Moves on by some rows, the last of which has this value.
    #[inline]
    pub fn go(&mut self, rows: usize, last: i64) {
        self.rows += rows;
        self.last = last;
    }

    /// Adds the sum of some rows.
    #[inline]
    pub fn add(&mut self, sum: i128) {
        self.sum += sum;
    }

    /// Largest loss from a peak so far, a share of the peak.
    #[must_use]
    pub fn max_drawdown(&self, frame: &Frame) -> f64 {
        self.loss(frame)
    }

    /// For one peak a lower value is never a smaller loss, so only the lowest one is ever divided.
    fn loss(&self, frame: &Frame) -> f64 {
        if self.trough >= self.peak {
            return self.drawdown;
        }
        let loss = 1.0 - frame.money(self.trough) / frame.money(self.peak);
        self.drawdown.max(loss)
    }

    pub(super) fn daily(&mut self) -> &mut Vec<f64> {
        &mut self.daily
    }

    pub(super) const fn lowest(&self) -> i64 {
        self.lowest
    }

    pub(super) const fn last(&self) -> i64 {
        self.last
    }

    pub(super) const fn sum(&self) -> i128 {
        self.sum
    }

    pub(super) const fn rows(&self) -> usize {
        self.rows
    }
}
