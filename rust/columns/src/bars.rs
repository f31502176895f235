//! A market made of Arrow columns: nothing is copied, everything is checked once.

use crate::wide::Level;
use arrow_array::{Array, Float64Array, Int32Array, Int64Array};
use std::sync::{Arc, OnceLock};
use triplebar_core::error::{self, Result};
use triplebar_core::market::{Abreast, Closes, Market, Series, time_at};

/// Where these prices stand among the ticks of a bar.
const OPEN: usize = 0;
const CLOSE: usize = 3;
/// Ticks that are laid out together: as many prices of a column as the nearest cache brings at once.
const TICKS_TOGETHER: usize = 16;

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
    /// See [`Market::step_ns`].
    step_ns: i64,
    /// The highest price of each, ticks.
    highest: Arc<[i64]>,
    /// See [`Market::abreast`]; made when an engine wants to see it.
    abreast: OnceLock<Prices>,
}

/// Prices tick by tick.
#[derive(Debug, Clone, Default)]
struct Prices {
    width: usize,
    open: Vec<i32>,
    close: Vec<i32>,
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
            step_ns: 0,
            highest: Arc::default(),
            abreast: OnceLock::new(),
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
        let Market { highest, step_ns, .. } = columns.view_checked()?;
        (columns.highest, columns.step_ns) = (highest, step_ns);
        Ok(columns)
    }

    /// Prices tick by tick, if there are several instruments, each has a bar at every tick, and 32 bits hold all prices.
    fn prices(&self) -> Prices {
        let fits = self.highest.iter().all(|price| i32::try_from(*price).is_ok());
        let dense = self.series.iter().all(|one| one.clock_index.is_none());
        if self.series.len() < 2 || !fits || !dense {
            return Prices::default();
        }
        Prices {
            width: self.series.len(),
            open: self.side_by_side(OPEN),
            close: self.side_by_side(CLOSE),
        }
    }

    /// One kind of price, tick by tick.
    fn side_by_side(&self, kind: usize) -> Vec<i32> {
        let width = self.series.len();
        let mut found = vec![0; width * self.clock_ns.len()];
        for (block, rows) in found.chunks_mut(width * TICKS_TOGETHER).enumerate() {
            for (at, one) in self.series.iter().enumerate() {
                let prices = &one.ticks[kind].values()[block * TICKS_TOGETHER..];
                for (row, price) in rows.chunks_exact_mut(width).zip(prices) {
                    #[expect(clippy::cast_possible_truncation, reason = "no price is above the highest")]
                    let half = *price as i32;
                    row[at] = half;
                }
            }
        }
        found
    }

    fn view_checked(&self) -> Result<Market<'_>> {
        Market::new(
            self.clock_ns.values(),
            self.sessions.values(),
            self.series.iter().map(BarColumns::view).collect(),
        )
    }

    /// The time of a tick of the clock, if there is one.
    #[inline]
    #[must_use]
    pub fn time_at(&self, tick: usize) -> Option<i64> {
        time_at(self.clock_ns.values(), self.step_ns, tick)
    }

    /// What an engine reads.
    #[must_use]
    pub fn view(&self) -> Market<'_> {
        Market {
            abreast: self.abreast(),
            ..self.columns()
        }
    }

    /// The same for those who read columns alone, as lanes do, and the engine that runs single sets for them.
    #[must_use]
    pub fn columns(&self) -> Market<'_> {
        Market {
            clock_ns: self.clock_ns.values(),
            step_ns: self.step_ns,
            sessions: self.sessions.values(),
            series: self.series.iter().map(BarColumns::view).collect(),
            highest: Arc::clone(&self.highest),
            abreast: Abreast::default(),
            adder: Level::widest().adder(),
        }
    }
}

impl Closes for MarketColumns {
    #[inline]
    fn abreast(&self) -> Abreast<'_> {
        let prices = self.abreast.get_or_init(|| self.prices());
        Abreast {
            width: prices.width,
            open: &prices.open,
            close: &prices.close,
        }
    }

    #[inline]
    fn close(&self, instrument: usize, row: usize) -> i64 {
        self.series[instrument].closes()[row]
    }
}

impl BarColumns {
    /// Asks memory for the opening price of a bar that is wanted soon.
    #[inline]
    #[cfg_attr(
        target_arch = "x86_64",
        expect(unsafe_code, reason = "the instruction takes an address")
    )]
    pub fn ask_for_open(&self, row: usize) {
        #[cfg(target_arch = "x86_64")]
        if let Some(price) = self.ticks[OPEN].values().get(row) {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            // SAFETY: it reads nothing.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(price).cast()) }
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = row;
    }

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
