//! From a user's number to whole steps of a grid (S-02).

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
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    factor: f64,
    step: i64,
}

/// Within this distance of a whole number a scaled price is that number.
const SNAP: f64 = 1e-6;

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

    /// Places a finite number; what does not fit 64 bits becomes 0, which every check refuses.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "range checked before the cast")]
    pub fn place(&self, value: f64, toward: Toward) -> Placed {
        let scaled = value * self.factor;
        if scaled.is_nan() || scaled.abs() >= 9e18 {
            return Placed { steps: 0, exact: false };
        }
        let nearest = scaled.round_ties_even();
        let on_tick = (scaled - nearest).abs() <= SNAP;
        let whole = match toward {
            _ if on_tick => nearest,
            Toward::Down => scaled.floor(),
            Toward::Up => scaled.ceil(),
            Toward::Nearest => nearest,
        } as i64;
        let rest = whole.rem_euclid(self.step);
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
    fn steps_go_the_same_way() {
        let grid = Grid::new(2, 5);
        assert_eq!(grid.place(1.02, Toward::Down).steps, 100);
        assert_eq!(grid.place(1.02, Toward::Up).steps, 105);
        assert_eq!(grid.place(1.03, Toward::Nearest).steps, 105);
    }
}
