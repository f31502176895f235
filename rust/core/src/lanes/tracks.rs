//! Prices laid out for lanes: one value a tick of the clock, and what stretches of them add up to.

use super::events::BARS_MAX;
use super::reach::Doubt;
use crate::market::Series;
use crate::summary::Frame;

/// Whole numbers up to here are doubles.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The marks of one instrument.
#[derive(Debug)]
pub(super) struct Track {
    /// Last close, ticks; 0 before the first bar (nothing is held then).
    pub(super) mark: Vec<f64>,
    /// The marks at the rows of equity that end a day.
    pub(super) ends: Vec<f64>,
    /// Sums of marks before each tick.
    sums: Vec<i64>,
    /// Bars up to each tick; empty if every tick has one.
    seen: Vec<u32>,
    /// Highest price of all.
    pub(super) highest: i64,
}

impl Track {
    #[expect(clippy::cast_precision_loss, reason = "checked: prices are under 2^53")]
    pub(super) fn new(series: &Series, frame: &Frame, ticks: usize) -> Result<Self, Doubt> {
        let highest = series.high.iter().copied().max().unwrap_or(0);
        if series.len() >= BARS_MAX || ticks >= BARS_MAX || highest as f64 >= EXACT {
            return Err(Doubt::Range);
        }
        let mut mark = Vec::with_capacity(ticks);
        let mut sums = Vec::with_capacity(ticks + 1);
        let mut seen = Vec::new();
        let (mut row, mut last, mut total) = (0, 0_i64, 0_i64);
        for tick in 0..ticks {
            if row < series.len() && usize::try_from(series.tick_of(row)) == Ok(tick) {
                last = series.close[row];
                row += 1;
            }
            mark.push(last as f64);
            sums.push(total);
            total = total.checked_add(last).ok_or(Doubt::Range)?;
            if series.clock_index.is_some() {
                seen.push(u32::try_from(row).map_err(|_| Doubt::Range)?);
            }
        }
        sums.push(total);
        let ends = frame.day_ends.iter().map(|row| mark[frame.first + row]).collect();
        Ok(Self {
            mark,
            ends,
            sums,
            seen,
            highest,
        })
    }

    /// The sum of the marks of some ticks.
    #[inline]
    pub(super) fn sum(&self, from: usize, to: usize) -> i128 {
        i128::from(self.sums[to]) - i128::from(self.sums[from])
    }

    /// The mark once the bars of a tick have opened (S-03).
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "marks were made of whole numbers")]
    pub(super) fn opened(&self, series: &Series, tick: usize) -> i64 {
        let seen = self.seen.get(tick).map_or(tick + 1, |seen| *seen as usize);
        let here = |row: usize| usize::try_from(series.tick_of(row)) == Ok(tick);
        match seen.checked_sub(1) {
            Some(row) if here(row) => series.open[row],
            _ => self.mark[tick] as i64,
        }
    }

    /// The mark once they have closed.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "marks were made of whole numbers")]
    pub(super) fn closed(&self, tick: usize) -> i64 {
        self.mark[tick] as i64
    }
}

/// Whether an amount is a whole number that a double holds.
#[inline]
pub(super) fn is_exact(amount: f64) -> bool {
    amount < EXACT
}

/// Lowest and highest of some values, of which there is at least one.
#[inline(always)]
pub(super) fn extremes(values: &[f64]) -> (f64, f64) {
    const WIDTH: usize = 8;
    let Some(last) = values.last_chunk::<WIDTH>() else {
        let first = values[0];
        return values.iter().fold((first, first), |(low, high), value| {
            (least(low, *value), most(high, *value))
        });
    };
    // The last eight overlap with the ones before: that changes no extreme, and leaves no rest.
    let (mut low, mut high) = (*last, *last);
    let (rows, _) = values.as_chunks::<WIDTH>();
    for row in rows {
        for lane in 0..WIDTH {
            low[lane] = least(low[lane], row[lane]);
            high[lane] = most(high[lane], row[lane]);
        }
    }
    for lane in 0..WIDTH / 2 {
        low[lane] = least(low[lane], low[lane + WIDTH / 2]);
        high[lane] = most(high[lane], high[lane + WIDTH / 2]);
    }
    (
        least(least(low[0], low[2]), least(low[1], low[3])),
        most(most(high[0], high[2]), most(high[1], high[3])),
    )
}

#[inline(always)]
fn least(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

#[inline(always)]
fn most(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}
