//! The equity column (S-70), written when something changes: between two changes a row is a price times a constant.

use super::Engine;
use crate::error::Result;
use crate::market::Market;
use crate::stretch::{self, Stretch};
use crate::units::{PPB, scale};

/// Rows that are written in one go: they stay in the nearest cache, should one instrument after the other be added.
const CHUNK: usize = 512;

/// No sum of amounts under this bound leaves 64 bits: half of the range for cash, half for positions.
pub(super) const SAFE: u64 = 1 << 61;

impl Engine {
    /// Writes the equity rows of all ticks that are closed. While nothing happens they are left for later.
    ///
    /// # Errors
    /// Never: rows are left for later only where no amount can leave the 64-bit range.
    pub fn settle(&mut self, market: &Market) -> Result<()> {
        self.write_rows(market, self.closed)
    }

    /// Writes the rows up to a tick.
    #[inline]
    pub(super) fn write_rows(&mut self, market: &Market, through: i32) -> Result<()> {
        let next = self.next_equity_tick();
        if next == through && self.cash_before.is_empty() && self.write_one(market, through) {
            return Ok(());
        }
        if next <= through {
            self.write_pending(market, through)?;
        }
        Ok(())
    }

    /// Writes the row of one tick, if there is one instrument in one currency.
    #[inline]
    fn write_one(&mut self, market: &Market, tick: i32) -> bool {
        let ([holding], [series], [cash]) = (&*self.account.holdings, &*market.series, &*self.account.cash) else {
            return false;
        };
        if holding.rate != PPB {
            return false;
        }
        let worth_of_tick = holding.worth_of_tick();
        let value = series.close[tick.unsigned_abs() as usize].wrapping_mul(worth_of_tick);
        self.record.cash.begin(self.record.equity.len(), *cash);
        self.record.equity.push(cash.wrapping_add(value));
        true
    }

    /// The tick whose row comes next.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        reason = "rows are bounded by the clock"
    )]
    pub(super) fn next_equity_tick(&self) -> i32 {
        self.record.equity_from + self.record.equity.len() as i32
    }

    fn write_pending(&mut self, market: &Market, through: i32) -> Result<()> {
        for (until, cash) in std::mem::take(&mut self.cash_before) {
            self.write_stretch(market, until.min(through + 1), cash)?;
        }
        let cash = self.account.cash_base()?;
        self.write_stretch(market, through + 1, cash)
    }

    /// The rows up to a tick, with so much cash.
    fn write_stretch(&mut self, market: &Market, until: i32, cash: i64) -> Result<()> {
        let mut from = self.next_equity_tick().unsigned_abs() as usize;
        let until = until.unsigned_abs() as usize;
        if from >= until {
            return Ok(());
        }
        self.record.cash.begin(self.record.equity.len(), cash);
        if let ([holding], [series], [highest]) = (&*self.account.holdings, &*market.series, &*market.highest)
            && holding.rate == PPB
        {
            let worth_of_tick = holding.worth_of_tick();
            stretch::push(
                &mut self.record.equity,
                cash,
                &series.close[from..until],
                *highest,
                worth_of_tick,
            );
            return Ok(());
        }
        self.stretched.look(&self.account.holdings);
        while from < until {
            let to = until.min(from + CHUNK);
            self.write_chunk(market, from, to, cash)?;
            from = to;
        }
        Ok(())
    }

    fn write_chunk(&mut self, market: &Market, from: usize, to: usize, cash: i64) -> Result<()> {
        let row = self.record.equity.len();
        self.record.equity.resize(row + to - from, cash);
        let rows = &mut self.record.equity[row..];
        for (holding, series) in self.account.holdings.iter().zip(&market.series) {
            if holding.rate != PPB && holding.position.lots != 0 {
                let worth_of_tick = holding.worth_of_tick();
                for (row, close) in rows.iter_mut().zip(&series.close[from..to]) {
                    *row = row.wrapping_add(scale(close.wrapping_mul(worth_of_tick), holding.rate)?);
                }
            }
        }
        market.adder.add(Stretch {
            rows,
            from,
            held: &self.stretched,
            series: &market.series,
            abreast: market.abreast,
        });
        Ok(())
    }

    /// Remembers the cash of the rows that are not written yet, before it changes.
    pub(super) fn keep_cash(&mut self) -> Result<()> {
        if self.next_equity_tick() < self.clock {
            self.cash_before.push((self.clock, self.account.cash_base()?));
        }
        Ok(())
    }

    /// Whether the ticks to come, as long as nobody orders anything, are nothing but rows of equity.
    pub(super) fn is_calm(&self, cash: i64) -> bool {
        let begun = self.settings.start_ns.is_none_or(|start| self.time_ns >= start);
        let watched = self.duties.isolated && self.account.held > 0;
        begun && !watched && cash.unsigned_abs() < SAFE && self.account.reach() < u128::from(SAFE)
    }
}
