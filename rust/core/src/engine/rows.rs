//! The equity column (S-70), written when something changes: between two changes a row is a price times a constant.

use super::Engine;
use crate::error::Result;
use crate::market::Market;
use crate::units::{PPB, scale};

/// Rows that are written in one go: they stay in the nearest cache while one instrument after the other is added.
const CHUNK: usize = 512;

/// Instruments that are added in one pass: their columns lie far apart, and memory is asked for all of them at once.
const TOGETHER: usize = 4;

/// Closing prices, and what a tick of them is worth.
type Part<'a> = (&'a [i64], i64);

/// Adds to each row what a position is worth.
fn add(rows: &mut [i64], (closes, worth): Part<'_>) {
    for (row, close) in rows.iter_mut().zip(closes) {
        *row = row.wrapping_add(close.wrapping_mul(worth));
    }
}

/// The same for some positions.
fn add_together(rows: &mut [i64], [first, second, third, fourth]: [Part<'_>; TOGETHER]) {
    let one = rows.iter_mut().zip(first.0).zip(second.0);
    for (((row, a), b), (c, d)) in one.zip(third.0.iter().zip(fourth.0)) {
        let left = a.wrapping_mul(first.1).wrapping_add(b.wrapping_mul(second.1));
        let right = c.wrapping_mul(third.1).wrapping_add(d.wrapping_mul(fourth.1));
        *row = row.wrapping_add(left.wrapping_add(right));
    }
}

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
        let worth_of_tick = holding.position.lots.wrapping_mul(holding.unit);
        let value = series.close[tick.unsigned_abs() as usize].wrapping_mul(worth_of_tick);
        self.record.equity.push(cash.wrapping_add(value));
        self.record.cash.push(*cash);
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
        while from < until {
            let to = until.min(from + CHUNK);
            let row = self.record.equity.len();
            self.record.equity.resize(row + to - from, cash);
            self.record.cash.resize(row + to - from, cash);
            let rows = &mut self.record.equity[row..];
            let mut plain: [Part<'_>; TOGETHER] = [(&[], 0); TOGETHER];
            let mut waiting = 0;
            let holdings = self.account.holdings.iter().zip(&market.series);
            for (holding, series) in holdings.filter(|(holding, _)| holding.position.lots != 0) {
                let worth_of_tick = holding.position.lots.wrapping_mul(holding.unit);
                let closes = &series.close[from..to];
                if holding.rate == PPB {
                    plain[waiting] = (closes, worth_of_tick);
                    waiting += 1;
                    if waiting == TOGETHER {
                        add_together(rows, plain);
                        waiting = 0;
                    }
                } else {
                    for (row, close) in rows.iter_mut().zip(closes) {
                        *row = row.wrapping_add(scale(close.wrapping_mul(worth_of_tick), holding.rate)?);
                    }
                }
            }
            for part in &plain[..waiting] {
                add(rows, *part);
            }
            from = to;
        }
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
