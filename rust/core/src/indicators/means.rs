//! Simple means of several lengths over one column, eight at a time: the same doubles as one by one.

#![expect(
    clippy::inline_always,
    reason = "what is inlined is compiled for the caller's instructions, what is not is not"
)]

use super::running_sum::RunningSum;
use crate::lanes::{Wide, Work};

/// Columns that one register holds at its widest.
pub const TOGETHER: usize = 8;
/// Registers of columns that are gone through at once: while a sum waits for its last, the others are added to.
pub const REGISTERS_MAX: usize = 3;
/// Rows that are computed before they are put into their columns.
const ROWS: usize = 64;
/// Values up to this, and not nearer to zero than one through it, have means that a product can find.
const MODERATE: f64 = 1e150;

/// Puts the means over some lengths into columns that lie one behind the other, NaN until a window is full: at most
/// [`TOGETHER`] times [`REGISTERS_MAX`] lengths. Does nothing and says so if a value is not finite, which a window passes over:
/// such a column is for [`super::Sma`].
///
/// # Panics
/// If there is not one column as long as the values for each length.
#[must_use]
pub fn means(wide: impl Wide, values: &[f64], periods: &[usize], columns: &mut [f64]) -> bool {
    assert_eq!(columns.len(), periods.len() * values.len(), "a column for each length");
    if periods.is_empty() || !values.iter().all(|value| value.is_finite()) {
        return false;
    }
    if values.is_empty() {
        return true;
    }
    let moderate = |value: &f64| *value == 0.0 || (1.0 / MODERATE..=MODERATE).contains(&value.abs());
    if wide.fuses() && values.iter().all(moderate) {
        sized::<true>(wide, values, periods, columns);
    } else {
        sized::<false>(wide, values, periods, columns);
    }
    true
}

fn sized<const FUSED: bool>(wide: impl Wide, values: &[f64], periods: &[usize], columns: &mut [f64]) {
    let mut columns: Vec<&mut [f64]> = columns.chunks_exact_mut(values.len()).collect();
    let columns = &mut columns[..];
    match periods.len().div_ceil(TOGETHER) {
        1 => wide.run(Means::<TOGETHER, FUSED> {
            values,
            periods,
            columns,
        }),
        2 => wide.run(Means::<{ 2 * TOGETHER }, FUSED> {
            values,
            periods,
            columns,
        }),
        _ => wide.run(Means::<{ REGISTERS_MAX * TOGETHER }, FUSED> {
            values,
            periods,
            columns,
        }),
    }
}

struct Means<'a, const LANES: usize, const FUSED: bool> {
    values: &'a [f64],
    periods: &'a [usize],
    columns: &'a mut [&'a mut [f64]],
}

impl<const LANES: usize, const FUSED: bool> Work for Means<'_, LANES, FUSED> {
    type Output = ();

    #[inline(always)]
    fn go(self) -> Self::Output {
        let Self {
            values,
            periods,
            columns,
        } = self;
        let padded: [usize; LANES] = std::array::from_fn(|lane| periods[lane.min(periods.len() - 1)]);
        let full = periods.iter().copied().max().unwrap_or(0).min(values.len());
        let begun: [Begun; LANES] = std::array::from_fn(|lane| {
            let column = columns.get_mut(lane).map_or(&mut [][..], |column| &mut column[..full]);
            begin(&values[..full], padded[lane], column)
        });
        let mut sums = Sums {
            high: begun.map(|one| one.sum.parts().0),
            low: begun.map(|one| one.sum.parts().1),
            left: begun.map(|one| one.left),
            counts: padded.map(count),
            shares: padded.map(|period| 1.0 / count(period)),
        };
        let mut rows = [[0.0; LANES]; ROWS];
        let mut start = full;
        while start < values.len() {
            let news = &values[start..values.len().min(start + ROWS)];
            let rows = &mut rows[..news.len()];
            for (lane, period) in padded.iter().enumerate() {
                let olds = &values[start - period..][..news.len()];
                rows.iter_mut().zip(olds).for_each(|(row, old)| row[lane] = *old);
            }
            for (row, new) in rows.iter_mut().zip(news) {
                sums.step::<FUSED>(*new, row);
            }
            for (lane, column) in columns.iter_mut().enumerate() {
                let cells = column[start..].iter_mut().zip(&*rows);
                cells.for_each(|(cell, row)| *cell = row[lane]);
            }
            start += ROWS;
        }
    }
}

/// The running sums of some columns, side by side.
struct Sums<const LANES: usize> {
    high: [f64; LANES],
    low: [f64; LANES],
    /// Values until a window comes round.
    left: [f64; LANES],
    counts: [f64; LANES],
    shares: [f64; LANES],
}

impl<const LANES: usize> Sums<LANES> {
    /// Takes one value in and one out of every window, as [`RunningSum::replace`] does, and settles those that come round;
    /// `row` holds the values that leave, then the means.
    #[inline(always)]
    fn step<const FUSED: bool>(&mut self, new: f64, row: &mut [f64; LANES]) {
        for (lane, cell) in row.iter_mut().enumerate() {
            let (difference, lost) = exact_sum(new, -*cell);
            let (sum, more) = exact_sum(self.high[lane], difference);
            let rest = (self.low[lane] + more) + lost;
            let (settled, remains) = exact_sum(sum, rest);
            let turns = self.left[lane] <= 1.0;
            self.high[lane] = if turns { settled } else { sum };
            self.low[lane] = if turns { remains } else { rest };
            self.left[lane] = if turns {
                self.counts[lane]
            } else {
                self.left[lane] - 1.0
            };
            let total = self.high[lane] + self.low[lane];
            *cell = if FUSED {
                quotient(total, self.counts[lane], self.shares[lane])
            } else {
                total / self.counts[lane]
            };
        }
    }
}

/// `total / count` to the last bit, without the division, which takes longer than everything else here.
///
/// The product is at most 1.5 units in the last place off, so what is left is exact: a whole number of units, below three
/// counts. The second product brings the quotient as near to the truth as 2^-51 of a unit before it is rounded. No quotient
/// by a number below 2^31 comes so near to the middle between two doubles, and none is such a middle (Markstein, 1990).
/// That holds as long as nothing is too small to have all its bits, which `moderate` takes care of: sums of such numbers
/// are zero or far above.
#[inline(always)]
fn quotient(total: f64, count: f64, share: f64) -> f64 {
    let near = total * share;
    let left = (-near).mul_add(count, total);
    left.mul_add(share, near)
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

/// The first rows of one column, one after the other; of none if there is no column.
fn begin(values: &[f64], period: usize, column: &mut [f64]) -> Begun {
    let mut sum = RunningSum::ZERO;
    for (row, value) in values.iter().enumerate() {
        match row.checked_sub(period) {
            Some(leaving) => sum.replace(values[leaving], *value),
            None => sum.add(*value),
        }
        if (row + 1) % period == 0 {
            sum.settle();
        }
        if let Some(mean) = column.get_mut(row) {
            *mean = if row + 1 >= period {
                sum.total() / count(period)
            } else {
                f64::NAN
            };
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
    use crate::lanes::{Baseline, Wide, Work};

    fn all(wide: impl Wide, values: &[f64], periods: &[usize]) -> Option<Vec<f64>> {
        let mut columns = vec![0.0; values.len() * periods.len()];
        means(wide, values, periods, &mut columns).then_some(columns)
    }

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
                &[3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 40],
                &[64; 23],
            ] {
                let found = all(Baseline, &values[..rows], periods).expect("finite values");
                assert_eq!(found.len(), periods.len() * rows);
                for (column, period) in found.chunks(rows.max(1)).zip(periods) {
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

    /// What every machine has, and the product in the place of the division.
    #[derive(Clone, Copy)]
    struct Fusing;

    impl Wide for Fusing {
        fn run<W: Work>(self, work: W) -> W::Output {
            work.go()
        }

        fn fuses(self) -> bool {
            true
        }
    }

    #[test]
    fn a_product_finds_the_same_means() {
        let mut state = 11_u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state >> 11
        };
        let periods: Vec<usize> = (1..=24).collect();
        for spread in [1e-9, 1.0, 1e12] {
            #[expect(clippy::cast_precision_loss, reason = "53 bits")]
            let values: Vec<f64> = (0..2_000).map(|_| (random() as f64 / 2e15 - 1.0) * spread).collect();
            let divided = all(Baseline, &values, &periods).expect("finite values");
            let multiplied = all(Fusing, &values, &periods).expect("finite values");
            let bits = |columns: &[f64]| -> Vec<u64> { columns.iter().map(|one| one.to_bits()).collect() };
            assert_eq!(bits(&divided), bits(&multiplied), "spread {spread}");
        }
        for odd in [1e-320, 1e300, -0.0, 1e-160] {
            let values = [odd, 3.0, odd, -3.0, odd, odd, odd * 0.5, odd];
            let divided = all(Baseline, &values, &[1, 2, 3]).expect("finite values");
            let multiplied = all(Fusing, &values, &[1, 2, 3]).expect("finite values");
            assert_eq!(format!("{divided:?}"), format!("{multiplied:?}"), "{odd:e}");
        }
    }

    #[test]
    #[expect(clippy::cast_possible_truncation, reason = "any bits will do")]
    fn quotients_are_rounded_as_divisions_are() {
        let mut state = 5_u64;
        for step in 0..300_000_u32 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let count = f64::from(match step % 4 {
                0 => step / 4 % 5_000 + 1,
                1 => (state >> 33) as u32 % 2_147_483_647 + 1,
                2 => 2_147_483_647 - step / 4 % 100,
                _ => (1 << (step / 4 % 31)) - u32::from(step / 4 % 31 > 1),
            });
            // Next to whole multiples quotients lie next to where rounding turns.
            let near = f64::from((state >> 20) as u32 | 1) * count;
            for total in [
                near,
                near.next_up(),
                near.next_down(),
                near * 0.5 + 0.125,
                f64::from_bits(state >> 12 | 0x3ff0 << 48),
            ] {
                let found = super::quotient(total, count, 1.0 / count);
                assert_eq!(found.to_bits(), (total / count).to_bits(), "{total:e} / {count}");
            }
        }
    }

    #[test]
    fn what_is_not_finite_is_for_somebody_else() {
        assert!(all(Baseline, &[1.0, f64::NAN, 2.0], &[2]).is_none());
        assert!(all(Baseline, &[1.0], &[]).is_none());
        assert_eq!(TOGETHER, 8);
    }
}
