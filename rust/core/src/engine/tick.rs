//! One tick of the clock, step by step (S-10). Each step looks first whether it has anything to do.

use super::arrival::{is_session_end, is_session_start};
use super::{Engine, Present};
use crate::account::Totals;
use crate::codes::Moment;
use crate::costs;
use crate::error::Result;
use crate::market::{Closes, Market};
use crate::units::{PPB, ratio_down};

impl Engine {
    /// Steps 1 to 5 of the next tick; false when the data have ended.
    ///
    /// # Errors
    /// A number left the 64-bit range.
    #[inline]
    pub fn open_tick(&mut self, market: &Market) -> Result<bool> {
        let next = self.clock + 1;
        let Some(time_ns) = market.time_at(next.unsigned_abs() as usize) else {
            return Ok(false);
        };
        let last_time_ns = std::mem::replace(&mut self.time_ns, time_ns);
        self.clock = next;
        if !self.calm {
            self.open_busy_tick(market, last_time_ns)?;
        } else if self.live == 0 {
            self.marks_due = true;
            self.fancy = false;
        } else if !self.fancy && self.duties.alone {
            self.open_lone_tick(market)?;
        } else if !self.fancy && self.duties.plain {
            self.open_plain_tick(market)?;
        } else {
            self.open_busy_tick(market, last_time_ns)?;
        }
        self.notice_to = self.record.events.len();
        Ok(true)
    }

    /// Brings marks up to the present: on a tick on which no order lives and nothing else is due they are left for
    /// whoever asks.
    #[inline]
    pub fn mark_now(&mut self, market: &impl Closes) {
        if self.marks_due {
            self.mark_all(market);
        }
    }

    fn mark_all(&mut self, market: &impl Closes) {
        self.marks_due = false;
        let row = self.clock.unsigned_abs() as usize;
        let holdings = self.account.holdings.iter_mut();
        match market.abreast().closes(row..row + 1) {
            Some(closes) => holdings
                .zip(closes)
                .for_each(|(holding, close)| holding.mark = i64::from(*close)),
            None => holdings
                .enumerate()
                .for_each(|(at, holding)| holding.mark = market.close(at, row)),
        }
        self.account.forget_totals();
    }

    /// Steps 1 to 5 where something may happen.
    fn open_busy_tick(&mut self, market: &Market, last_time_ns: i64) -> Result<()> {
        // Marks of the tick before are of no use any more: what is held is marked at O, and all at C.
        if std::mem::take(&mut self.marks_due) {
            self.account.forget_totals();
        }
        self.write_rows(market, self.clock - 1)?;
        self.session = market.sessions[self.clock.unsigned_abs() as usize];
        if self.duties.before || !self.timed.is_empty() {
            self.before(market, last_time_ns)?;
        }
        self.find_present(market);
        // A tick on which nothing waits for a price has no steps 2 to 4.
        if !self.queue.is_empty() || self.resting > 0 || self.duties.every_bar || self.watches_positions() {
            self.trade(market)?;
        }
        self.mark_close(market)?;
        self.moment = Moment::Decision;
        Ok(())
    }

    /// Steps 7 to 9 of the tick.
    ///
    /// # Errors
    /// A number left the 64-bit range.
    #[inline]
    pub fn close_tick(&mut self, market: &Market) -> Result<()> {
        self.closed = self.clock;
        if self.calm && (self.live == 0 || self.duties.plain) {
            return Ok(());
        }
        self.close_uneasy_tick(market)
    }

    /// The same where it has to be asked whether rows may be left for later.
    #[inline(never)]
    fn close_uneasy_tick(&mut self, market: &Market) -> Result<()> {
        if self.duties.plain && self.clock > 0 {
            self.calm = self.is_calm(self.account.cash_base()?);
            if self.calm {
                return Ok(());
            }
        }
        self.close_busy_tick(market)
    }

    fn close_busy_tick(&mut self, market: &Market) -> Result<()> {
        self.mark_now(market);
        self.write_rows(market, self.clock - 1)?;
        self.moment = Moment::Close;
        if self.duties.same_close && !self.queue.is_empty() {
            self.arrive_at_close(market)?;
        }
        if self.settings.close_at_end {
            self.close_ended(market)?;
        }
        let cash = self.account.cash_base()?;
        self.write_equity(cash)?;
        self.moment = Moment::Decision;
        self.calm = self.duties.calm && (self.live == 0 || self.duties.plain) && self.is_calm(cash);
        Ok(())
    }

    /// Step 1.
    fn before(&mut self, market: &Market, last_time_ns: i64) -> Result<()> {
        self.moment = Moment::Before;
        let tick = self.clock.unsigned_abs() as usize;
        if self.duties.rates {
            self.change_rates();
        }
        if self.duties.carry {
            self.carry((tick > 0).then_some(last_time_ns))?;
        }
        let new_session = tick > 0 && market.sessions[tick - 1] != self.session;
        if new_session || self.time_ns > self.soonest_date_ns {
            self.expire(market);
        }
        Ok(())
    }

    /// Which instruments have a bar. Where all have one at every tick, the bar's row is the tick itself.
    #[inline]
    fn find_present(&mut self, market: &Market) {
        if self.dense && self.clock > 0 {
            for present in &mut self.present {
                present.row = self.clock.unsigned_abs();
            }
            return;
        }
        self.search_present(market);
    }

    fn search_present(&mut self, market: &Market) {
        self.present.clear();
        for (instrument, (series, next)) in (0_u16..).zip(market.series.iter().zip(&mut self.next_row)) {
            let row = *next;
            if (row as usize) < series.len() && series.tick_of(row as usize) == self.clock {
                *next = row + 1;
                self.present.push(Present { instrument, row });
            }
        }
    }

    #[inline]
    fn watches_positions(&self) -> bool {
        self.duties.isolated && self.account.held > 0
    }

    /// Steps 2 to 4.
    fn trade(&mut self, market: &Market) -> Result<()> {
        self.moment = Moment::Open;
        if self.account.held > 0 {
            self.mark_open(market);
        }
        if self.duties.every_bar {
            for at in 0..self.present.len() {
                self.begin_bar(market, self.present[at])?;
            }
        }
        if self.duties.maintenance {
            self.cross_margin_check()?;
        }
        let isolated = self.watches_positions();
        if self.resting > 0 || isolated {
            for at in 0..self.present.len() {
                let present = self.present[at];
                if isolated || !self.books[usize::from(present.instrument)].is_quiet() {
                    self.begin_bar(market, present)?;
                    self.jump(present.instrument)?;
                }
            }
        }
        if !self.queue.is_empty() {
            self.arrive_at_open(market)?;
        }
        self.moment = Moment::Path;
        for at in 0..self.present.len() {
            let present = self.present[at];
            if self.books[usize::from(present.instrument)].begun == self.clock {
                self.walk_bar(market, present)?;
            }
        }
        Ok(())
    }

    /// What is held is marked at O.
    #[inline]
    fn mark_open(&mut self, market: &Market) {
        for present in &self.present {
            let at = usize::from(present.instrument);
            if self.account.holdings[at].position.lots != 0 {
                self.account.mark(at, market.series[at].open[present.row as usize]);
            }
        }
    }

    /// Makes a book ready for its bar.
    #[inline]
    pub(super) fn begin_bar(&mut self, market: &Market, present: Present) -> Result<()> {
        let at = usize::from(present.instrument);
        let book = &mut self.books[at];
        if book.begun == self.clock {
            return Ok(());
        }
        book.begun = self.clock;
        let open = market.series[at].open[present.row as usize];
        book.price = open;
        self.account.holdings[at].mark = open;
        if self.sessions_matter {
            book.session_start = is_session_start(market, present);
            book.session_end = is_session_end(market, present);
        }
        if self.duties.layers {
            self.begin_layers(market, present, open)?;
        }
        Ok(())
    }

    /// S-51, S-55: fixed at O.
    fn begin_layers(&mut self, market: &Market, present: Present, open: i64) -> Result<()> {
        let at = usize::from(present.instrument);
        let (book, instrument) = (&mut self.books[at], &self.settings.instruments[at]);
        book.volume = market.series[at].volume[present.row as usize];
        book.set_half_spread(costs::half_spread(instrument, open)?, &self.orders);
        book.budget = match instrument.participation_ppb {
            Some(ppb) => Some(ratio_down(book.volume, ppb, PPB)?),
            None => None,
        };
        Ok(())
    }

    /// Step 5.
    #[inline]
    fn mark_close(&mut self, market: &Market) -> Result<()> {
        self.moment = Moment::Close;
        let mut totals = Totals::default();
        for present in &self.present {
            let at = usize::from(present.instrument);
            let holding = &mut self.account.holdings[at];
            holding.mark = market.series[at].close[present.row as usize];
            if holding.position.lots != 0 {
                totals = totals.plus(holding.value()?);
            }
        }
        if self.present.len() == self.books.len() {
            self.account.set_totals(totals);
        } else {
            self.account.forget_totals();
            self.account.add_up()?;
        }
        if self.duties.maintenance {
            self.cross_margin_check()?;
        }
        if self.duties.drawdown {
            self.watch_drawdown()?;
        }
        Ok(())
    }

    /// Step 9.
    #[inline]
    fn write_equity(&mut self, cash: i64) -> Result<()> {
        let equity = self.account.equity_of(cash)?;
        if self.duties.drawdown {
            self.watch.session = Some(self.session);
        }
        if self.settings.start_ns.is_some_and(|start| self.time_ns < start) {
            self.record.equity_from = self.clock + 1;
            return Ok(());
        }
        if self.duties.drawdown {
            self.watch.last = equity;
            self.watch.peak = self.watch.peak.max(equity);
        }
        if self.account.held > 0 && self.present.len() < self.books.len() && self.holds_absent() {
            #[expect(clippy::cast_possible_truncation, reason = "rows are bounded by the clock")]
            self.record.stale.push(self.record.equity.len() as u32);
        }
        self.record.cash.begin(self.record.equity.len(), cash);
        self.record.equity.push(equity);
        Ok(())
    }

    /// S-03: whether a held instrument has no bar at this tick.
    fn holds_absent(&self) -> bool {
        let held = self
            .present
            .iter()
            .filter(|one| self.account.holdings[usize::from(one.instrument)].position.lots != 0);
        held.count() < self.account.held as usize
    }
}
