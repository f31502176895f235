//! What a sweep keeps of a run: a dozen numbers, accumulated while it goes on or read off its record.
//!
//! The definitions are those of the metrics registry (`triplebar.metrics`): returns are those of calendar days, a trade
//! is what one fill closed of a position. Everything up to the last division is integers, so the numbers do not depend on
//! who counted: a run of the engine and a lane of a sweep give the same bits.

mod curve;
mod frame;
mod ratios;
#[cfg(test)]
mod tests;
mod trading;

pub use curve::Curve;
pub use frame::Frame;
pub use trading::Trading;

use crate::error::Result;
use crate::record::Record;
use crate::settings::Settings;
use ratios::{Deviations, finite};

const MONTH_NS: f64 = 365.25 / 12.0 * 86_400e9;

/// The numbers of one run. `None` where the registry says that a metric is not defined.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// Equity at the last tick, base currency.
    pub final_equity: f64,
    /// Last over first value, less one.
    pub total_return: Option<f64>,
    /// Mean over deviation of daily returns, a year.
    pub sharpe: Option<f64>,
    /// The same with the deviation of the losses.
    pub sortino: Option<f64>,
    /// Largest loss from a peak, a share of the peak.
    pub max_drawdown: Option<f64>,
    /// Closed trades.
    pub trades: u64,
    /// Share of them that won, after fees.
    pub win_rate: Option<f64>,
    /// Half the notional traded over mean equity, a month.
    pub turnover: Option<f64>,
    /// Commission, spread, slippage, funding and borrow.
    pub total_costs: f64,
    /// Fills.
    pub fills: u64,
}

impl Summary {
    /// Puts the two halves together.
    #[must_use]
    pub fn new(frame: &Frame, curve: &mut Curve, trading: &Trading) -> Self {
        let last = frame.money(curve.last());
        let first = frame.money(frame.initial);
        let ratios = Deviations::of(curve.daily());
        let year = frame.periods_per_year.sqrt();
        Self {
            final_equity: last,
            total_return: (first > 0.0).then(|| last / first - 1.0).and_then(finite),
            sharpe: ratios.and_then(|ratios| ratios.sharpe(year)),
            sortino: ratios.and_then(|ratios| ratios.sortino(year)),
            max_drawdown: (first > 0.0).then(|| curve.max_drawdown(frame)),
            trades: trading.trades,
            win_rate: trading.win_rate(),
            turnover: turnover(frame, curve, trading),
            total_costs: frame.money_wide(trading.costs),
            fills: trading.fills,
        }
    }

    /// Reads the numbers off the record of a run.
    ///
    /// # Errors
    /// An amount does not fit 64 bits.
    pub fn of_record(frame: &Frame, record: &Record, settings: &Settings) -> Result<Self> {
        let mut trading = Trading::new(settings.instruments.len());
        record
            .fills
            .iter()
            .try_for_each(|fill| trading.fill(fill, frame.time_of(fill.clock), settings))?;
        record
            .flows
            .iter()
            .try_for_each(|flow| trading.flow(flow, frame.time_of(flow.clock), settings))?;
        let mut curve = Curve::new(frame);
        curve.points(frame, &record.equity);
        Ok(Self::new(frame, &mut curve, &trading))
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a ratio of doubles, as the registry defines it"
)]
fn turnover(frame: &Frame, curve: &Curve, trading: &Trading) -> Option<f64> {
    if curve.rows() == 0 || curve.lowest() <= 0 || frame.elapsed_ns <= 0 {
        return None;
    }
    let mean = frame.money_wide(curve.sum()) / curve.rows() as f64;
    let months = frame.elapsed_ns as f64 / MONTH_NS;
    finite(frame.money_wide(trading.traded) / 2.0 / mean / months)
}
