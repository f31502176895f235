//! A market made of Arrow columns: nothing is copied, everything is checked once.

use crate::wide::Level;
use arrow_array::{Array, Float64Array, Int32Array, Int64Array};
use std::sync::Arc;
use triplebar_core::error::{self, Result};
use triplebar_core::market::{Closes, Market, Series};

/// The columns of one instrument.
#[derive(Debug, Clone)]
pub struct BarColumns {
    /// Place of each bar on the clock; `None` if bar `i` stands at `i`.
    pub clock_index: Option<Int32Array>,
    /// Close times.
    pub time_ns: Int64Array,
    /// Ticks: open, high, low, close.
    pub ticks: [Int64Array; 4],
    /// Volume in lots.
    pub volume: Int64Array,
    /// What a strategy sees: open, high, low, close, volume.
    pub shown: [Float64Array; 5],
}

/// All instruments on one clock.
#[derive(Debug, Clone)]
pub struct MarketColumns {
    /// Distinct bar times.
    pub clock_ns: Int64Array,
    /// Session of each tick of the clock.
    pub sessions: Int32Array,
    /// One set of columns an instrument.
    pub series: Vec<BarColumns>,
    /// The highest price of each, ticks.
    highest: Arc<[i64]>,
    /// See [`Market::narrow`].
    narrow: Arc<[Vec<u32>]>,
}

impl MarketColumns {
    /// Checks the columns: no nulls, equal lengths, finite numbers, bars that make sense.
    ///
    /// # Errors
    /// Any of that does not hold.
    pub fn new(clock_ns: Int64Array, sessions: Int32Array, series: Vec<BarColumns>) -> Result<Self> {
        let mut columns = Self {
            clock_ns,
            sessions,
            series,
            highest: Arc::default(),
            narrow: Arc::default(),
        };
        for (at, one) in columns.series.iter().enumerate() {
            let integers = one
                .ticks
                .iter()
                .chain([&one.time_ns, &one.volume])
                .any(|column| column.null_count() > 0);
            let doubles = one
                .shown
                .iter()
                .any(|column| column.null_count() > 0 || column.len() != one.time_ns.len());
            if integers || doubles || one.clock_index.as_ref().is_some_and(|column| column.null_count() > 0) {
                return Err(error::market(format!(
                    "instrument {at}: columns must have equal lengths and no nulls"
                )));
            }
            // Without a way out of the loop many are looked at at once.
            let finite =
                |column: &Float64Array| column.values().iter().fold(true, |all, value| all & value.is_finite());
            if !one.shown.iter().all(finite) {
                return Err(error::market(format!(
                    "instrument {at}: prices and volumes must be finite"
                )));
            }
        }
        let highest = columns.view_checked()?.highest;
        columns.highest = highest;
        columns.narrow = columns.narrowed();
        Ok(columns)
    }

    /// The closing prices in 32 bits, if there are several instruments and none has a higher price.
    fn narrowed(&self) -> Arc<[Vec<u32>]> {
        let fits = self.highest.iter().all(|price| u32::try_from(*price).is_ok());
        if self.series.len() < 2 || !fits {
            return Arc::default();
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "no price is above the highest, or below one"
        )]
        let half = |one: &BarColumns| one.closes().iter().map(|close| *close as u32).collect();
        self.series.iter().map(half).collect()
    }

    fn view_checked(&self) -> Result<Market<'_>> {
        Market::new(
            self.clock_ns.values(),
            self.sessions.values(),
            self.series.iter().map(BarColumns::view).collect(),
        )
    }

    /// What the core reads.
    #[must_use]
    pub fn view(&self) -> Market<'_> {
        Market {
            clock_ns: self.clock_ns.values(),
            sessions: self.sessions.values(),
            series: self.series.iter().map(BarColumns::view).collect(),
            highest: Arc::clone(&self.highest),
            narrow: &self.narrow,
            adder: Level::widest().adder(),
        }
    }
}

impl Closes for MarketColumns {
    #[inline]
    fn close(&self, instrument: usize, row: usize) -> i64 {
        match self.narrow.get(instrument) {
            Some(closes) => i64::from(closes[row]),
            None => self.series[instrument].closes()[row],
        }
    }
}

impl BarColumns {
    #[inline]
    fn closes(&self) -> &[i64] {
        let [_, _, _, close] = &self.ticks;
        close.values()
    }

    fn view(&self) -> Series<'_> {
        let [open, high, low, close] = &self.ticks;
        Series {
            clock_index: self.clock_index.as_ref().map(|column| &column.values()[..]),
            time_ns: self.time_ns.values(),
            open: open.values(),
            high: high.values(),
            low: low.values(),
            close: close.values(),
            volume: self.volume.values(),
        }
    }
}
