//! From a user's number to whole steps of a grid (S-02).

use serde::{Deserialize, Serialize};

/// Which way a number off the grid goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toward {
    /// To the next lower step.
    Down,
    /// To the next higher step.
    Up,
    /// To the nearest step, half to even.
    Nearest,
}

/// A number on the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// Ticks or lots.
    pub steps: i64,
    /// Whether it was on the grid already.
    pub exact: bool,
}

/// A decimal grid: `step · 10^-precision`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Grid {
    factor: f64,
    step: i64,
}

/// Within this distance of a whole number a scaled price is that number.
const SNAP: f64 = 1e-6;

/// 2^51: doubles under this bound, with [`FRACTIONLESS`] added, have no bits left for a fraction.
const SMALL: f64 = 2_251_799_813_685_248.0;

/// What rounds a small double to the nearest whole, half to even, when it is added and taken away again.
const FRACTIONLESS: f64 = 3.0 * SMALL;

/// The nearest whole, half to even. A call of the C library's `rint`, which it is without this, costs as much as an order.
#[inline]
fn nearest_whole(value: f64) -> f64 {
    if value.abs() < SMALL {
        (value + FRACTIONLESS) - FRACTIONLESS
    } else {
        value.round_ties_even()
    }
}

impl Grid {
    /// A grid of `step` units of `10^-precision`.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "powers of ten up to 10^18 are exact enough: 10^22 is the last exact one"
    )]
    pub fn new(precision: u32, step: i64) -> Self {
        Self {
            factor: 10_i64.pow(precision) as f64,
            step,
        }
    }

    /// The steps of a number that is on a grid of single steps above zero, as most are; `None` says nothing. What it gives
    /// is what [`Grid::place`] gives, in a third of the instructions.
    #[inline]
    #[must_use]
    pub fn plain_steps(&self, value: f64) -> Option<i64> {
        const LAST: u64 = 1 << 51;
        let scaled = value * self.factor;
        let shifted = scaled + FRACTIONLESS;
        // From there on, as far as `LAST`, one step of the bits is one.
        let steps = shifted.to_bits().wrapping_sub(FRACTIONLESS.to_bits());
        let beside = scaled - (shifted - FRACTIONLESS);
        (self.step == 1 && steps.wrapping_sub(1) < LAST - 1 && beside.abs() <= SNAP).then(|| steps.cast_signed())
    }

    /// Places a finite number; what does not fit 64 bits becomes 0, which every check refuses.
    #[inline]
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "range checked before the cast")]
    pub fn place(&self, value: f64, toward: Toward) -> Placed {
        let scaled = value * self.factor;
        if scaled.is_nan() || scaled.abs() >= 9e18 {
            return Placed { steps: 0, exact: false };
        }
        let nearest = nearest_whole(scaled);
        let on_tick = (scaled - nearest).abs() <= SNAP;
        let whole = match toward {
            _ if on_tick => nearest,
            Toward::Down => scaled.floor(),
            Toward::Up => scaled.ceil(),
            Toward::Nearest => nearest,
        } as i64;
        let rest = if self.step == 1 { 0 } else { whole.rem_euclid(self.step) };
        let steps = match toward {
            _ if rest == 0 => whole,
            Toward::Down => whole - rest,
            Toward::Up => whole - rest + self.step,
            Toward::Nearest => {
                if rest * 2 > self.step {
                    whole - rest + self.step
                } else {
                    whole - rest
                }
            }
        };
        Placed {
            steps,
            exact: on_tick && rest == 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_snapped_before_rounding() {
        let grid = Grid::new(2, 1);
        assert_eq!(
            grid.place(101.299_999_999_999, Toward::Down),
            Placed {
                steps: 10_130,
                exact: true
            }
        );
        assert_eq!(
            grid.place(101.305, Toward::Down),
            Placed {
                steps: 10_130,
                exact: false
            }
        );
        assert_eq!(
            grid.place(101.305, Toward::Up),
            Placed {
                steps: 10_131,
                exact: false
            }
        );
    }

    #[test]
    fn the_quick_way_to_the_nearest_whole_is_the_same() {
        let mut dice = 1_u64;
        let edges = [
            0.0,
            0.5,
            1.5,
            2.5,
            SMALL - 0.5,
            SMALL - 0.25,
            SMALL,
            2.0 * SMALL + 1.0,
            9e18,
        ];
        let drawn = std::iter::repeat_with(|| {
            dice = crate::random::splitmix(dice);
            f64::from_bits(dice)
        });
        for value in edges
            .into_iter()
            .chain(drawn.filter(|value| value.is_finite()).take(20_000))
        {
            for value in [value, -value, value % 1e6, -value % 1e6] {
                assert!((nearest_whole(value) - value.round_ties_even()).abs() <= 0.0, "{value}");
            }
        }
    }

    #[test]
    #[expect(clippy::cast_precision_loss, reason = "whole numbers of 52 bits")]
    fn what_is_plainly_on_the_grid_is_placed_there() {
        let mut dice = 1_u64;
        let mut draw = || {
            dice = crate::random::splitmix(dice);
            dice
        };
        let mut plain = 0;
        for precision in 0..=18 {
            for step in [1, 5] {
                let grid = Grid::new(precision, step);
                for round in 0..4_000 {
                    let bits = f64::from_bits(draw());
                    let whole = (draw() >> (12 + round % 50)) as f64;
                    let near = f64::from_bits(
                        (whole / grid.factor)
                            .to_bits()
                            .wrapping_add(draw() % 65)
                            .wrapping_sub(32),
                    );
                    for value in [
                        bits,
                        whole,
                        whole / grid.factor,
                        near,
                        whole + SNAP,
                        -whole,
                        f64::NAN,
                        f64::INFINITY,
                    ] {
                        let Some(steps) = grid.plain_steps(value) else {
                            let close = value.is_finite() && (0.5..SMALL - 1.0).contains(&(value * grid.factor));
                            assert!(
                                step != 1 || !close || !grid.place(value, Toward::Nearest).exact,
                                "{value}"
                            );
                            continue;
                        };
                        plain += 1;
                        for toward in [Toward::Down, Toward::Up, Toward::Nearest] {
                            assert_eq!(grid.place(value, toward), Placed { steps, exact: true }, "{value}");
                        }
                        assert!(steps > 0 && step == 1);
                    }
                }
            }
        }
        assert!(plain > 100_000, "{plain}");
    }

    #[test]
    fn steps_go_the_same_way() {
        let grid = Grid::new(2, 5);
        assert_eq!(grid.place(1.02, Toward::Down).steps, 100);
        assert_eq!(grid.place(1.02, Toward::Up).steps, 105);
        assert_eq!(grid.place(1.03, Toward::Nearest).steps, 105);
    }
}
