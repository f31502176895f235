//! What is to be held at each bar: sizes, or shares of the equity.

use super::{scale_of, shown};
use crate::engine::{Engine, Present, Ticket};
use crate::error::Result;
use crate::grid::{Grid, Toward};
use crate::market::Market;
use crate::settings::{InstrumentSettings, Settings};

/// What the numbers of the columns are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sizing {
    /// Sizes in whole units, negative for a short.
    Units,
    /// Shares of the equity; a size is made of one when it changes and stays until it changes again.
    WeightsOnChange,
    /// Shares of the equity; a size is made of one at every bar.
    WeightsAlways,
}

/// One instrument of a plan.
#[derive(Debug, Clone)]
struct Line<'a> {
    wanted: Option<&'a [f64]>,
    size_grid: Grid,
    size: f64,
    price: f64,
    multiplier: f64,
    /// The first bar at which orders are taken (S-32).
    first: usize,
}

/// Columns of positions, one an instrument, one value a bar.
#[derive(Debug, Clone)]
pub struct Targets<'a> {
    lines: Vec<Line<'a>>,
    sizing: Sizing,
    money: f64,
}

impl<'a> Targets<'a> {
    /// A plan for these columns; an instrument without a column is left alone. `multipliers` are those of the contracts.
    #[must_use]
    pub fn new(
        settings: &Settings,
        market: &Market,
        columns: &[Option<&'a [f64]>],
        multipliers: &[f64],
        sizing: Sizing,
    ) -> Self {
        let line = |at: usize| {
            let instrument = &settings.instruments[at];
            Line {
                wanted: columns[at],
                size_grid: size_grid(instrument),
                size: scale_of(instrument.size_precision),
                price: scale_of(instrument.price_precision),
                multiplier: multipliers[at],
                first: first_bar(settings, market, at),
            }
        };
        Self {
            lines: (0..settings.instruments.len()).map(line).collect(),
            sizing,
            money: scale_of(settings.cash_precision),
        }
    }

    /// Sends what brings the position of the bar's instrument to what is wanted.
    #[inline]
    pub(super) fn at_bar(&mut self, engine: &mut Engine, bar: Present, market: &Market) -> Result<()> {
        let at = usize::from(bar.instrument);
        let row = bar.row as usize;
        let line = &self.lines[at];
        let Some(wanted) = line.wanted else { return Ok(()) };
        if row < line.first {
            return Ok(());
        }
        let quantity = match self.sizing {
            Sizing::Units => wanted[row],
            Sizing::WeightsOnChange if !is_new(wanted, row, line.first) => return Ok(()),
            _ => {
                let equity = shown(engine.equity(market)?, self.money);
                let close = shown(market.series[at].close[row], line.price);
                wanted[row] * equity / (close * line.multiplier)
            }
        };
        let lots = line.size_grid.place(quantity.abs(), Toward::Down).steps;
        let lots = if quantity < 0.0 { -lots } else { lots };
        let difference = lots.saturating_sub(engine.position(at));
        if difference == 0 {
            return Ok(());
        }
        send(engine, bar.instrument, difference, line.size)
    }
}

#[cold]
#[inline(never)]
fn send(engine: &mut Engine, instrument: u16, difference: i64, scale: f64) -> Result<()> {
    let side = if difference > 0 { 1 } else { -1 };
    let ticket = Ticket {
        instrument,
        side,
        quantity: shown(difference.saturating_abs(), scale),
        limit: None,
        tag: 0,
    };
    engine.send_ticket(ticket).map(drop)
}

/// Whether a weight is another than the one before, or the first that counts.
#[inline]
#[expect(clippy::float_cmp, reason = "a weight has changed if it is not the same number")]
fn is_new(wanted: &[f64], row: usize, first: usize) -> bool {
    row == first || wanted[row] != wanted[row - 1]
}

pub(crate) fn size_grid(instrument: &InstrumentSettings) -> Grid {
    Grid::new(instrument.size_precision, instrument.size_step)
}

/// The first bar of an instrument at which orders are not refused as warm-up (S-32).
pub(crate) fn first_bar(settings: &Settings, market: &Market, at: usize) -> usize {
    let warm = settings.warmup_bars as usize;
    let Some(start) = settings.start_ns else { return warm };
    warm.max(market.series[at].time_ns.partition_point(|time| *time < start))
}
