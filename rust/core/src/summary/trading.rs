//! Fills and flows of one run, added up.

use crate::codes::FlowKind;
use crate::error::Result;
use crate::fold::Lot;
use crate::record::{Fill, Flow};
use crate::settings::Settings;
use crate::units::{PPB, scale, worth};

/// Trades, notional and costs of a run so far, in minor units of the base currency.
#[derive(Debug, Clone)]
pub struct Trading {
    /// Fills.
    pub fills: u64,
    /// Closed trades.
    pub trades: u64,
    /// Closed trades with a profit after fees.
    pub wins: u64,
    /// Notional of all fills.
    pub traded: i128,
    /// Commission, spread, slippage, funding and borrow.
    pub costs: i128,
    lots: Vec<Lot>,
}

impl Trading {
    /// Nothing has been traded in any of these instruments.
    #[must_use]
    pub fn new(instruments: usize) -> Self {
        Self {
            fills: 0,
            trades: 0,
            wins: 0,
            traded: 0,
            costs: 0,
            lots: vec![Lot::default(); instruments],
        }
    }

    /// Back to nothing, keeping the memory.
    pub fn restart(&mut self) {
        let mut lots = std::mem::take(&mut self.lots);
        lots.fill(Lot::default());
        *self = Self { lots, ..Self::new(0) };
    }

    /// Counts a fill.
    ///
    /// # Errors
    /// An amount does not fit 64 bits.
    #[inline]
    pub fn fill(&mut self, fill: &Fill, time_ns: i64, settings: &Settings) -> Result<()> {
        let at = usize::from(fill.instrument);
        let instrument = &settings.instruments[at];
        let rate = rate(&settings.rates[instrument.currency], time_ns);
        let step = self.lots[at].take(fill, instrument.unit)?;
        self.fills += 1;
        if let Some(trade) = step.closed {
            self.trades += 1;
            self.wins += u64::from(scale(trade.profit, rate)? > 0);
        }
        self.traded += i128::from(scale(step.outcome.paid.abs(), rate)?);
        self.costs += i128::from(scale(fill.fee, rate)?);
        for ticks in [fill.half_spread, fill.slippage] {
            if ticks != 0 {
                self.costs += i128::from(scale(worth(fill.quantity, ticks, instrument.unit)?, rate)?);
            }
        }
        Ok(())
    }

    /// Counts a flow of cash.
    ///
    /// # Errors
    /// An amount does not fit 64 bits.
    pub fn flow(&mut self, flow: &Flow, time_ns: i64, settings: &Settings) -> Result<()> {
        if matches!(flow.kind, FlowKind::Funding | FlowKind::Borrow) {
            let rate = rate(&settings.rates[usize::from(flow.currency)], time_ns);
            self.costs += i128::from(scale(-flow.amount, rate)?);
        }
        Ok(())
    }

    /// The position of an instrument and what belongs to it.
    #[inline]
    #[must_use]
    pub fn lot(&self, instrument: usize) -> &Lot {
        &self.lots[instrument]
    }

    #[expect(clippy::cast_precision_loss, reason = "far fewer trades than 2^53")]
    pub(super) fn win_rate(&self) -> Option<f64> {
        (self.trades > 0).then(|| self.wins as f64 / self.trades as f64)
    }
}

/// The last rate at or before a time (S-74); before the first one, the first.
#[inline]
fn rate(rates: &[(i64, i64)], time_ns: i64) -> i64 {
    if let [only] = rates {
        return only.1;
    }
    let known = rates.partition_point(|rate| rate.0 <= time_ns);
    rates.get(known.saturating_sub(1)).map_or(PPB, |rate| rate.1)
}
