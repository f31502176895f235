//! The common tick: market and limit orders to which there is nothing else, in an account whose fills nothing limits, moves
//! or splits (`Duties::plain`). The rules are those of the other files without what cannot happen here; the moment that
//! anything else may happen, the other files are asked.

use super::filling::Price;
use super::{Engine, Present};
use crate::codes::{Cause, EventKind, Moment, OrderStatus, Reason, Role};
use crate::error::Result;
use crate::market::Market;
use crate::order::{OrderId, Seat};
use crate::risk::{Approval, Proposal};

impl Engine {
    /// Steps 1 to 5, while plain orders live and no others. Marks at C are left for whoever asks, rows of equity for the
    /// next fill.
    pub(super) fn open_plain_tick(&mut self, market: &Market) -> Result<()> {
        let row = self.clock.unsigned_abs() as usize;
        self.moment = Moment::Open;
        self.marks_due = true;
        self.account.forget_totals();
        if self.account.held > 0 {
            self.mark_held(market, row);
        }
        if self.resting > 0 {
            self.jump_plainly(market, row)?;
        }
        if !self.queue.is_empty() {
            self.arrive_plainly(market, row)?;
        }
        if self.resting > 0 {
            self.moment = Moment::Path;
            self.walk_plainly(market, row)?;
        }
        self.moment = Moment::Decision;
        Ok(())
    }

    #[inline]
    fn mark_held(&mut self, market: &Market, row: usize) {
        for (holding, series) in self.account.holdings.iter_mut().zip(&market.series) {
            if holding.position.lots != 0 {
                holding.mark = series.open[row];
            }
        }
    }

    /// Step 2: the jump to O meets resting orders.
    #[inline]
    fn jump_plainly(&mut self, market: &Market, row: usize) -> Result<()> {
        for (at, series) in (0_u16..).zip(&market.series) {
            let book = &mut self.books[usize::from(at)];
            if book.above.is_empty() && book.below.is_empty() {
                continue;
            }
            let open = series.open[row];
            book.begun = self.clock;
            book.price = open;
            self.account.holdings[usize::from(at)].mark = open;
            if !book.is_out_of_reach(open, open) {
                self.write_rows(market, self.clock - 1)?;
                self.jump(at)?;
            }
        }
        Ok(())
    }

    /// Step 3: everything sent arrives at O, in the order sent.
    #[inline]
    fn arrive_plainly(&mut self, market: &Market, row: usize) -> Result<()> {
        let mut queue = std::mem::take(&mut self.queue);
        for &id in &queue {
            let order = &self.orders[id as usize - 1];
            if order.seat == Seat::Queue {
                let series = &market.series[usize::from(order.instrument)];
                self.arrive_at(market, id, series.open[row])?;
            }
        }
        queue.clear();
        self.queue = queue;
        Ok(())
    }

    #[inline]
    fn arrive_at(&mut self, market: &Market, id: OrderId, x: i64) -> Result<()> {
        self.arrivals += 1;
        let order = &mut self.orders[id as usize - 1];
        order.arrived = self.clock;
        order.rank = self.arrivals;
        order.seat = Seat::Nowhere;
        let at = usize::from(order.instrument);
        let meets = order.is_met(x, 0);
        let proposal = Proposal {
            order: id,
            lots: order.remaining(),
            ticks: if meets { x } else { order.limit },
        };
        self.account.holdings[at].mark = x;
        match self.judge_plainly(&proposal)? {
            Ok(approval) if meets => self.fill_on_arrival(market, approval),
            Ok(_) => {
                self.rest_plainly(id, at, x);
                Ok(())
            }
            Err(refusal) => {
                self.refuse_with(id, &refusal);
                Ok(())
            }
        }
    }

    #[inline]
    fn fill_on_arrival(&mut self, market: &Market, approval: Approval) -> Result<()> {
        self.write_rows(market, self.clock - 1)?;
        let price = Price::of_path(approval.ticks());
        self.book_fill(approval, price, Role::Taker, Cause::Arrival)
    }

    /// An order that the price does not meet yet is accepted and waits in the book.
    #[inline]
    fn rest_plainly(&mut self, id: OrderId, at: usize, x: i64) {
        let (order, book) = (&mut self.orders[id as usize - 1], &mut self.books[at]);
        if book.begun != self.clock {
            book.begun = self.clock;
            book.price = x;
        }
        order.status = OrderStatus::Accepted;
        book.rest_limit(id, order);
        self.resting += 1;
        self.note(id, EventKind::Accepted, Reason::None, x);
    }

    /// Step 4: the path of every bar that something waits for.
    #[inline]
    fn walk_plainly(&mut self, market: &Market, row: usize) -> Result<()> {
        for (at, series) in (0_u16..).zip(&market.series) {
            let book = &mut self.books[usize::from(at)];
            if book.begun != self.clock {
                continue;
            }
            if book.is_out_of_reach(series.low[row], series.high[row]) {
                book.price = series.close[row];
            } else {
                self.write_rows(market, self.clock - 1)?;
                self.walk_bar(market, Present { instrument: at, row: self.clock.unsigned_abs() })?;
            }
        }
        Ok(())
    }
}
