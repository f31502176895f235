//! What all runs of a sweep share: the clock, its days, the scale of money.

use crate::account::Account;
use crate::error::Result;
use crate::market::Market;
use crate::settings::Settings;

const DAY_NS: i64 = 86_400_000_000_000;
/// Up to here every integer is a double, so that one division rounds once.
const EXACT_MAX: i128 = 1 << 53;

/// The frame in which equity curves are measured.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The first tick that has an equity row.
    pub first: usize,
    /// Rows of equity.
    pub rows: usize,
    /// Rows of equity (from 0) that are the last of their calendar day; a bar that closes at midnight ends its day.
    pub day_ends: Vec<usize>,
    /// From the initial capital to the last row.
    pub elapsed_ns: i64,
    /// Initial capital, minor units of the base currency.
    pub initial: i64,
    /// Daily returns in a year.
    pub periods_per_year: f64,
    money: f64,
    clock_ns: Vec<i64>,
}

impl Frame {
    /// The frame of runs with these settings on this market.
    ///
    /// # Errors
    /// A currency has no rate at the first tick, or the initial capital does not fit 64 bits.
    pub fn new(market: &Market, settings: &Settings, periods_per_year: f64) -> Result<Self> {
        let clock = market.clock_ns;
        let first = settings
            .start_ns
            .map_or(0, |start| clock.partition_point(|time| *time < start));
        let days = clock[first..].iter().map(|time| (time - 1).div_euclid(DAY_NS));
        let days: Vec<i64> = days.collect();
        let day_ends = (0..days.len())
            .filter(|&row| days.get(row + 1) != Some(&days[row]))
            .collect();
        #[expect(clippy::cast_precision_loss, reason = "a power of ten under 10^19 is a double")]
        let money = 10_i64.pow(settings.cash_precision) as f64;
        Ok(Self {
            first,
            rows: days.len(),
            day_ends,
            elapsed_ns: elapsed(clock, first, settings),
            initial: Account::new(settings, market)?.equity()?,
            periods_per_year,
            money,
            clock_ns: clock.to_vec(),
        })
    }

    /// Minor units as money: the nearest double.
    #[inline]
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "that is what it is for")]
    pub fn money(&self, minor: i64) -> f64 {
        minor as f64 / self.money
    }

    /// Minor units in one unit of money.
    #[inline]
    pub(crate) const fn money_unit(&self) -> f64 {
        self.money
    }

    /// A sum of minor units as money.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "that is what it is for")]
    pub fn money_wide(&self, minor: i128) -> f64 {
        if minor.abs() <= EXACT_MAX {
            return minor as f64 / self.money;
        }
        // Whole and rest apart: the rounding of the whole part is all that is lost.
        #[expect(clippy::cast_possible_truncation, reason = "a power of ten under 10^19")]
        let unit = self.money as i128;
        (minor / unit) as f64 + (minor % unit) as f64 / self.money
    }

    /// The time of a tick; of the first one for what came before it.
    #[inline]
    pub(super) fn time_of(&self, clock: i32) -> i64 {
        let at = usize::try_from(clock).unwrap_or(0);
        self.clock_ns.get(at).copied().unwrap_or(0)
    }
}

/// From the start of the window, or of the first bar, to the last row.
fn elapsed(clock: &[i64], first: usize, settings: &Settings) -> i64 {
    let (Some(&begin), Some(&last)) = (clock.get(first), clock.last()) else {
        return 0;
    };
    let shortest = settings
        .instruments
        .iter()
        .map(|one| one.interval_ns)
        .min()
        .unwrap_or(0);
    let start = settings
        .start_ns
        .map_or_else(|| begin.saturating_sub(shortest), |start| start.min(begin));
    last.saturating_sub(start)
}
