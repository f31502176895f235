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
            sessions,
            highest: highest.collect(),
            abreast: Abreast::default(),
            adder: &Baseline,
            series,
        })
    }
}

impl Market<'_> {
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
