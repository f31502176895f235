//! Simple means of several lengths over one column, eight at a time: the same doubles as one by one.

#![expect(
    clippy::inline_always,
    reason = "what is inlined is compiled for the caller's instructions, what is not is not"
)]

use super::running_sum::RunningSum;
use crate::lanes::{Wide, Work};

/// Columns that are computed together: as many doubles as the widest registers hold.
pub const TOGETHER: usize = 8;

type Lanes = [f64; TOGETHER];

/// The means over at most [`TOGETHER`] lengths; NaN until a window is full. `None` if a value is not finite, which a window
/// passes over: such a column is for [`super::Sma`].
pub fn means(wide: impl Wide, values: &[f64], periods: &[usize]) -> Option<Vec<Vec<f64>>> {
    if periods.is_empty() || !values.iter().all(|value| value.is_finite()) {
        return None;
    }
    let padded: [usize; TOGETHER] = std::array::from_fn(|lane| periods[lane.min(periods.len() - 1)]);
    let mut columns = vec![vec![f64::NAN; values.len()]; TOGETHER];
    wide.run(Means {
        values,
        periods: padded,
        columns: &mut columns,
    });
    columns.truncate(periods.len());
    Some(columns)
}

struct Means<'a> {
    values: &'a [f64],
    periods: [usize; TOGETHER],
    columns: &'a mut [Vec<f64>],
}

impl Work for Means<'_> {
    type Output = ();

    #[inline(always)]
    fn go(self) {
        let Self {
            values,
            periods,
            columns,
        } = self;
        let full = periods.iter().copied().max().unwrap_or(0).min(values.len());
        let begun: [Begun; TOGETHER] =
            std::array::from_fn(|lane| begin(&values[..full], periods[lane], &mut columns[lane]));
        let (mut high, mut low) = (begun.map(|one| one.sum.parts().0), begun.map(|one| one.sum.parts().1));
        let mut left = begun.map(|one| one.left);
        let counts = periods.map(count);
        let [c0, c1, c2, c3, c4, c5, c6, c7] = columns else {
            return;
        };
        let rows = c0.iter_mut().zip(c1).zip(c2).zip(c3).zip(c4).zip(c5).zip(c6).zip(c7);
        for (row, (((((((r0, r1), r2), r3), r4), r5), r6), r7)) in rows.enumerate().skip(full) {
            let old: Lanes = std::array::from_fn(|lane| values[row - periods[lane]]);
            let found = step(values[row], &old, &mut high, &mut low, &mut left, &counts);
            [*r0, *r1, *r2, *r3, *r4, *r5, *r6, *r7] = found;
        }
    }
}

/// Takes one value in and one out of every window, as [`RunningSum::replace`] does; settles those that come round.
#[inline(always)]
fn step(new: f64, old: &Lanes, high: &mut Lanes, low: &mut Lanes, left: &mut Lanes, counts: &Lanes) -> Lanes {
    let mut found = [0.0; TOGETHER];
    for lane in 0..TOGETHER {
        let (difference, lost) = exact_sum(new, -old[lane]);
        let (sum, more) = exact_sum(high[lane], difference);
        let rest = (low[lane] + more) + lost;
        let (settled, remains) = exact_sum(sum, rest);
        let turns = left[lane] <= 1.0;
        high[lane] = if turns { settled } else { sum };
        low[lane] = if turns { remains } else { rest };
        left[lane] = if turns { counts[lane] } else { left[lane] - 1.0 };
        found[lane] = (high[lane] + low[lane]) / counts[lane];
    }
    found
}

#[inline(always)]
fn exact_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let b_kept = sum - a;
    let a_kept = sum - b_kept;
    (sum, (a - a_kept) + (b - b_kept))
}

/// A window after its first values.
#[derive(Clone, Copy)]
struct Begun {
    sum: RunningSum,
    /// Values until it comes round.
    left: f64,
}

/// The first rows of one column, one after the other.
fn begin(values: &[f64], period: usize, column: &mut [f64]) -> Begun {
    let mut sum = RunningSum::ZERO;
    for (row, (value, mean)) in values.iter().zip(column).enumerate() {
        match row.checked_sub(period) {
            Some(leaving) => sum.replace(values[leaving], *value),
            None => sum.add(*value),
        }
        if (row + 1) % period == 0 {
            sum.settle();
        }
        if row + 1 >= period {
            *mean = sum.total() / count(period);
        }
    }
    Begun {
        sum,
        left: count(period - values.len() % period),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a period is far below 2^53")]
fn count(period: usize) -> f64 {
    period as f64
}

#[cfg(test)]
mod tests {
    use super::{TOGETHER, means};
    use crate::indicators::{Indicator, Sma};
    use crate::lanes::Baseline;

    fn one_by_one(values: &[f64], period: usize) -> Vec<u64> {
        let mut mean = Sma::new(i64::try_from(period).expect("small")).expect("a period");
        let found = values
            .iter()
            .map(|value| mean.update(*value).unwrap_or(f64::NAN).to_bits());
        found.collect()
    }

    #[test]
    fn together_they_are_what_they_are_alone() {
        let mut state = 7_u64;
        let mut walk = 100.0;
        let values: Vec<f64> = (0..3_000)
            .map(|row| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                walk += f64::from(u32::try_from(state >> 40).expect("24 bits")) / 1e6 - 8.0;
                if row % 997 == 0 { walk * 1e9 } else { walk }
            })
            .collect();
        for rows in [0, 1, 5, 60, 3_000] {
            for periods in [
                &[1_usize, 2, 3, 5, 8, 13, 21, 34][..],
                &[55],
                &[4_000, 7],
                &[60, 59, 61],
            ] {
                let found = means(Baseline, &values[..rows], periods).expect("finite values");
                assert_eq!(found.len(), periods.len());
                for (column, period) in found.iter().zip(periods) {
                    let bits: Vec<u64> = column.iter().map(|value| value.to_bits()).collect();
                    assert_eq!(
                        bits,
                        one_by_one(&values[..rows], *period),
                        "{rows} rows, period {period}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_not_finite_is_for_somebody_else() {
        assert!(means(Baseline, &[1.0, f64::NAN, 2.0], &[2]).is_none());
        assert!(means(Baseline, &[1.0], &[]).is_none());
        assert_eq!(TOGETHER, 8);
    }
}
