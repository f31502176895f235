//! When the venue closes positions by itself (S-63, S-64, S-81).

use super::Engine;
use crate::codes::{FlowKind, OrderStatus, Reason};
use crate::error::Result;
use crate::market::Market;
use crate::units::{scale_wide, sum};

impl Engine {
    #[inline]
    pub(super) fn liquidation_price(&self, at: usize) -> Option<i64> {
        if !self.duties.isolated {
            return None;
        }
        self.account
            .liquidation_price(at, self.settings.account.maintenance_ppb)
    }

    #[inline]
    pub(super) fn liquidation_met(&self, at: usize, x: i64) -> bool {
        self.liquidation_price(at)
            .is_some_and(|price| if self.position(at) > 0 { x <= price } else { x >= price })
    }

    /// S-63.
    pub(super) fn liquidate_isolated(&mut self, at: usize, x: i64) -> Result<()> {
        let before = self.account.holdings[at].position;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "settings bound the number of instruments"
        )]
        self.end_all(Some(at as u16), OrderStatus::Canceled, Reason::Liquidation);
        let unit = self.settings.instruments[at].unit;
        let outcome = before.after(
            -before.lots.signum(),
            before.lots.abs(),
            x,
            unit,
            self.account.isolated_leverage(),
        )?;
        self.force(at, x, Reason::Liquidation, false)?;
        let fee = self.record.fills.last().map_or(0, |fill| fill.fee);
        let left = sum(sum(before.margin, outcome.realised)?, -fee)?;
        self.flow(FlowKind::Insurance, at, (-left).max(0))
    }

    /// S-64.
    pub(super) fn cross_margin_check(&mut self) -> Result<()> {
        let totals = self.account.add_up()?;
        let least = scale_wide(totals.gross, self.settings.account.maintenance_ppb);
        if i128::from(self.account.equity()?) >= least {
            return Ok(());
        }
        self.end_all(None, OrderStatus::Canceled, Reason::Liquidation);
        for at in 0..self.books.len() {
            if self.position(at) != 0 {
                self.force(at, self.account.holdings[at].mark, Reason::Liquidation, false)?;
            }
        }
        Ok(())
    }

    /// S-81.
    pub(super) fn close_ended(&mut self, market: &Market) -> Result<()> {
        for index in 0..self.present.len() {
            let present = self.present[index];
            if !Self::is_last_bar(market, present) {
                continue;
            }
            self.end_all(Some(present.instrument), OrderStatus::Expired, Reason::EndOfData);
            let at = usize::from(present.instrument);
            if self.position(at) != 0 {
                let close = market.series[at].close[present.row as usize];
                self.force(at, close, Reason::EndOfData, true)?;
            }
        }
        Ok(())
    }
}
