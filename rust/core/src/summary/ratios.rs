//! Return for risk, from the values at the ends of days.

/// A deviation of returns below this is rounding of money, not risk.
const DEVIATION_MIN: f64 = 1e-12;
const WIDTH: usize = 8;

/// Mean and deviations of daily returns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deviations {
    mean: f64,
    deviation: f64,
    downside: f64,
}

impl Deviations {
    /// From the values of the days, the initial one first; they are overwritten. `None` if returns are not defined or
    /// fewer than two.
    #[expect(clippy::cast_precision_loss, reason = "far fewer days than 2^53")]
    pub(super) fn of(daily: &mut Vec<f64>) -> Option<Self> {
        let count = daily.len() - 1;
        if count < 2 || daily[..count].iter().any(|value| *value <= 0.0) {
            return None;
        }
        for day in 0..count {
            daily[day] = daily[day + 1] / daily[day] - 1.0;
        }
        daily.truncate(count);
        let returns = &daily[..];
        let days = count as f64;
        let mean = total(returns, |value| value) / days;
        let spread = total(returns, |value| (value - mean) * (value - mean));
        let losses = total(returns, |value| {
            let loss = value.min(0.0);
            loss * loss
        });
        Some(Self {
            mean,
            deviation: (spread / (days - 1.0)).sqrt(),
            downside: (losses / days).sqrt(),
        })
    }

    pub(super) fn sharpe(self, year: f64) -> Option<f64> {
        ratio(self.mean, self.deviation, year)
    }

    pub(super) fn sortino(self, year: f64) -> Option<f64> {
        ratio(self.mean, self.downside, year)
    }
}

fn ratio(mean: f64, deviation: f64, year: f64) -> Option<f64> {
    // Written so that a deviation that is no number is refused, too.
    let risky = deviation > DEVIATION_MIN;
    risky.then(|| mean / deviation * year).and_then(finite)
}

/// A sum in eight strands: an order that a machine can add side by side, and the same on every machine.
#[inline]
fn total(values: &[f64], term: impl Fn(f64) -> f64) -> f64 {
    let mut strands = [0.0; WIDTH];
    let (rows, rest) = values.as_chunks::<WIDTH>();
    for row in rows {
        for (strand, value) in strands.iter_mut().zip(row) {
            *strand += term(*value);
        }
    }
    for (strand, value) in strands.iter_mut().zip(rest) {
        *strand += term(*value);
    }
    let pairs: [f64; WIDTH / 2] = std::array::from_fn(|at| strands[at] + strands[at + WIDTH / 2]);
    (pairs[0] + pairs[2]) + (pairs[1] + pairs[3])
}

pub(super) fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
