//! What the engine reads: borrowed columns, one set an instrument, on one clock.

use crate::error::{self, Result};
use crate::lanes::Baseline;
use crate::stretch::Adder;
use std::ops::Range;
use std::sync::Arc;

/// The bars of one instrument, oldest first.
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    /// Index of each bar on the market's clock; `None` when every tick has a bar.
    pub clock_index: Option<&'a [i32]>,
    /// Close time of each bar.
    pub time_ns: &'a [i64],
    /// Opening prices, ticks.
    pub open: &'a [i64],
    /// Highest prices, ticks.
    pub high: &'a [i64],
    /// Lowest prices, ticks.
    pub low: &'a [i64],
    /// Closing prices, ticks.
    pub close: &'a [i64],
    /// Volumes, lots.
    pub volume: &'a [i64],
}

/// All instruments on one clock.
#[derive(Debug, Clone)]
pub struct Market<'a> {
    /// Distinct bar times, ascending.
    pub clock_ns: &'a [i64],
    /// What the clock's ticks are apart, if all are the same: see [`time_at`].
    pub step_ns: i64,
    /// The session (a day number) of each tick of the clock.
    pub sessions: &'a [i32],
    /// Ordered by symbol.
    pub series: Vec<Series<'a>>,
    /// The highest price of each series, ticks; 0 where there is no bar.
    pub highest: Arc<[i64]>,
    /// Prices of several series once more, if they can stand like that.
    pub abreast: Abreast<'a>,
    /// Who adds up what positions are worth.
    pub adder: &'static dyn Adder,
}

/// Prices of several instruments that all have a bar at every tick, in 32 bits, tick by tick: those of a tick stand side by
/// side. What many positions are worth takes as long as memory takes to bring their prices, and as columns these lie far
/// apart.
#[derive(Debug, Clone, Copy, Default)]
pub struct Abreast<'a> {
    /// Instruments; 0 if prices do not stand like that.
    pub width: usize,
    /// Opening prices, ticks.
    pub open: &'a [i32],
    /// Closing prices, ticks.
    pub close: &'a [i32],
}

impl<'a> Abreast<'a> {
    /// The opening prices at a tick, by instrument.
    #[inline]
    #[must_use]
    pub fn opens(self, tick: usize) -> Option<&'a [i32]> {
        self.of(self.open, tick..tick + 1)
    }

    /// The closing prices at some ticks, by tick and instrument.
    #[inline]
    #[must_use]
    pub fn closes(self, ticks: Range<usize>) -> Option<&'a [i32]> {
        self.of(self.close, ticks)
    }

    #[inline]
    fn of(self, prices: &'a [i32], ticks: Range<usize>) -> Option<&'a [i32]> {
        (self.width > 0).then(|| &prices[ticks.start * self.width..ticks.end * self.width])
    }
}

/// Nanoseconds from each time to the next, if they are always the same; else 0. The times ascend.
#[must_use]
pub fn step_of(clock_ns: &[i64]) -> i64 {
    let mut steps = clock_ns
        .iter()
        .zip(&clock_ns[clock_ns.len().min(1)..])
        .map(|(one, next)| next.wrapping_sub(*one));
    let step = steps.next().unwrap_or(0);
    // One way out at the end: so many are looked at at once.
    let differing = steps.fold(0, |differing, other| differing | (other ^ step));
    if differing == 0 { step } else { 0 }
}

/// The time of a tick, if there is one. Where all are as far apart it is not looked up: who comes by only now and then would
/// wait for memory longer than for anything else that he does.
#[inline]
#[must_use]
#[expect(clippy::cast_possible_wrap, reason = "a clock has fewer than 2^31 ticks")]
pub fn time_at(clock_ns: &[i64], step_ns: i64, tick: usize) -> Option<i64> {
    match clock_ns {
        [first, ..] if step_ns > 0 && tick < clock_ns.len() => Some(first + step_ns * tick as i64),
        _ => clock_ns.get(tick).copied(),
    }
}

/// Where closing prices stand, for whoever has the columns in another form.
pub trait Closes {
    /// Prices tick by tick, if they can stand like that.
    fn abreast(&self) -> Abreast<'_>;

    /// The closing price of an instrument's bar, ticks.
    fn close(&self, instrument: usize, row: usize) -> i64;
}

impl Closes for Market<'_> {
    #[inline]
    fn abreast(&self) -> Abreast<'_> {
        self.abreast
    }

    #[inline]
    fn close(&self, instrument: usize, row: usize) -> i64 {
        self.series[instrument].close[row]
    }
}

impl<'a> Market<'a> {
    /// Puts columns together; everything that the loop relies on is checked here, once.
    ///
    /// # Errors
    /// Lengths differ, times are not ascending, or a bar breaks `0 < low <= open, close <= high`.
    pub fn new(clock_ns: &'a [i64], sessions: &'a [i32], series: Vec<Series<'a>>) -> Result<Self> {
        let fail = |message: String| Err(error::market(message));
        if clock_ns.len() != sessions.len() {
            return fail(format!(
                "the clock has {} ticks, the sessions {}",
                clock_ns.len(),
                sessions.len()
            ));
        }
        if clock_ns.len() > i32::MAX as usize {
            return fail("more than 2^31 - 1 ticks of the clock; split the run".into());
        }
        if !clock_ns.is_sorted_by(|a, b| a < b) {
            return fail("clock times must be distinct and ascending".into());
        }
        for (at, one) in series.iter().enumerate() {
            one.check(clock_ns)
                .map_err(|message| error::market(format!("instrument {at}: {message}")))?;
        }
        let highest = series.iter().map(|one| one.high.iter().copied().max().unwrap_or(0));
        Ok(Self {
            clock_ns,
            step_ns: step_of(clock_ns),
            sessions,
            highest: highest.collect(),
            abreast: Abreast::default(),
            adder: &Baseline,
            series,
        })
    }
}

impl Market<'_> {
    /// The time of a tick of the clock, if there is one.
    #[inline]
    #[must_use]
    pub fn time_at(&self, tick: usize) -> Option<i64> {
        time_at(self.clock_ns, self.step_ns, tick)
    }

    /// The opening price of an instrument at a tick, where every instrument has a bar at every tick.
    #[inline]
    pub(crate) fn open_at(&self, instrument: usize, tick: usize) -> i64 {
        match self.abreast.opens(tick) {
            Some(opens) => i64::from(opens[instrument]),
            None => self.series[instrument].open[tick],
        }
    }
}

impl Series<'_> {
    /// Number of bars.
    #[must_use]
    pub fn len(&self) -> usize {
        self.close.len()
    }

    /// Whether there is no bar.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.close.is_empty()
    }

    /// The tick of the clock at which bar `row` closes.
    #[inline]
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        reason = "Market::new bounds the clock"
    )]
    pub fn tick_of(&self, row: usize) -> i32 {
        self.clock_index.map_or(row as i32, |index| index[row])
    }

    fn check(&self, clock_ns: &[i64]) -> std::result::Result<(), String> {
        let rows = self.len();
        let lengths = [
            self.time_ns.len(),
            self.open.len(),
            self.high.len(),
            self.low.len(),
            self.volume.len(),
        ];
        if lengths.iter().any(|length| *length != rows) {
            return Err(format!("columns differ in length: {rows} closes, {lengths:?} others"));
        }
        if self.clock_index.map_or(clock_ns.len(), <[i32]>::len) != rows {
            return Err("needs one clock index a bar".into());
        }
        self.check_clock(clock_ns)?;
        let broken = (0..rows).find(|&row| {
            let (open, high, low, close) = (self.open[row], self.high[row], self.low[row], self.close[row]);
            low <= 0 || open < low || close < low || open > high || close > high || self.volume[row] < 0
        });
        broken.map_or(Ok(()), |row| {
            Err(format!("bar {row} breaks 0 < low <= open, close <= high, volume >= 0"))
        })
    }

    fn check_clock(&self, clock_ns: &[i64]) -> std::result::Result<(), String> {
        let Some(index) = self.clock_index else {
            return if self.time_ns == clock_ns {
                Ok(())
            } else {
                Err("times differ from the clock".into())
            };
        };
        let placed = |(row, tick): (usize, &i32)| {
            usize::try_from(*tick).ok().and_then(|tick| clock_ns.get(tick)) == Some(&self.time_ns[row])
        };
        if index.is_sorted_by(|a, b| a < b) && index.iter().enumerate().all(placed) {
            return Ok(());
        }
        Err("clock indices must ascend and point at the bars' own times".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_what_the_clock_says_whether_they_are_looked_up_or_not() {
        for (clock, step) in [
            (vec![], 0),
            (vec![7], 0),
            (vec![7, 10], 3),
            (vec![-4, 0, 4, 8], 4),
            (vec![1, 2, 4], 0),
            (vec![i64::MIN, -1, i64::MAX], 0),
        ] {
            assert_eq!(step_of(&clock), step);
            for tick in 0..clock.len() + 2 {
                assert_eq!(time_at(&clock, step_of(&clock), tick), clock.get(tick).copied());
            }
        }
    }
}
