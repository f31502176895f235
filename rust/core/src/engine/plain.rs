//! The common tick: market and limit orders to which there is nothing else, in an account whose fills nothing limits, moves
//! or splits (`Duties::plain`). The rules are those of the other files without what cannot happen here; the moment that
//! anything else may happen, the other files are asked.

use super::alone::{Deal, complete};
use super::filling::Price;
use super::{Engine, Present};
use crate::account::{Account, Holding};
use crate::codes::{Cause, EventKind, Moment, OrderKind, OrderStatus, Reason, Role};
use crate::error::Result;
use crate::market::Market;
use crate::order::{OrderId, Seat};
use crate::risk::{Approval, Proposal};
use crate::units::PPB;

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
        let mut place = 0;
        while let Some(&id) = self.queue.get(place) {
            self.arrive_plainly(market, id)?;
            place += 1;
        }
        self.queue.clear();
        if self.resting > 0 {
            self.walk_plainly(market, row)?;
        }
        self.moment = Moment::Decision;
        Ok(())
    }

    #[inline]
    fn mark_held(&mut self, market: &Market, row: usize) {
        let held = |holding: &Holding| holding.position.lots != 0;
        let holdings = self.account.holdings.iter_mut();
        match market.abreast.opens(row) {
            Some(opens) => holdings
                .zip(opens)
                .filter(|(holding, _)| held(holding))
                .for_each(|(holding, open)| holding.mark = i64::from(*open)),
            None => holdings
                .zip(&market.series)
                .filter(|(holding, _)| held(holding))
                .for_each(|(holding, series)| holding.mark = series.open[row]),
        }
    }

    /// Step 2: the jump to O meets resting orders.
    #[inline(never)]
    pub(super) fn jump_plainly(&mut self, market: &Market, row: usize) -> Result<()> {
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

    /// Step 3: an order arrives at O. One that the price meets fills; another is accepted and waits in the book, if the
    /// account bears it.
    #[inline(never)]
    pub(super) fn arrive_plainly(&mut self, market: &Market, id: OrderId) -> Result<()> {
        let order = &mut self.orders[id as usize - 1];
        if order.seat != Seat::Queue {
            return Ok(());
        }
        self.arrivals += 1;
        order.arrive(self.clock, self.arrivals);
        let (at, side) = (usize::from(order.instrument), order.sign());
        let x = market.open_at(at, self.clock.unsigned_abs() as usize);
        let meets = order.kind == OrderKind::Market || side * (order.limit - x) >= 0;
        let proposal = Proposal {
            order: id,
            lots: order.remaining(),
            ticks: if meets { x } else { order.limit },
        };
        if self.duties.free
            && self.watch.enabled
            && self.calm
            && let Some(deal) = Deal::of(&proposal, side, &self.terms[at], &self.account.holdings[at])
            && let Some(approval) = deal.approval(&proposal, &self.terms[at], |value, fee| {
                self.account.leverage_after(at, value, fee)
            })
        {
            if meets {
                return self.fill_deal(market, approval, &deal, at);
            }
            self.rest_on_arrival(approval.order(), x);
            return Ok(());
        }
        self.arrive_if_approved(market, &proposal, at, x)
    }

    /// The same where the gate has to be asked.
    fn arrive_if_approved(&mut self, market: &Market, proposal: &Proposal, at: usize, x: i64) -> Result<()> {
        let id = proposal.order;
        self.account.holdings[at].mark = x;
        match self.judge(proposal, Role::Taker)? {
            Ok(approval) if approval.ticks() == x => self.fill_on_arrival(market, approval, at),
            Ok(approval) => {
                self.rest_on_arrival(approval.order(), x);
                Ok(())
            }
            Err(refusal) => {
                self.refuse_with(id, &refusal);
                Ok(())
            }
        }
    }

    /// An approved limit order that `x` does not meet is accepted and waits in the book.
    #[inline]
    pub(super) fn rest_on_arrival(&mut self, id: OrderId, x: i64) {
        let order = &mut self.orders[id as usize - 1];
        order.status = OrderStatus::Accepted;
        let at = usize::from(order.instrument);
        // What is not held may be marked by an older price, and be held before the bar is over.
        self.account.holdings[at].mark = x;
        self.books[at].rest_limit(id, order, self.clock, x);
        self.resting += 1;
        self.note(id, EventKind::Accepted, Reason::None, x);
    }

    /// The fill of an arriving order that is small.
    #[inline]
    fn fill_deal(&mut self, market: &Market, approval: Approval, deal: &Deal, at: usize) -> Result<()> {
        let Some(fee) = deal.fee(&self.terms[at]) else {
            return self.fill_on_arrival(market, approval, at);
        };
        self.write_rows(market, self.clock - 1)?;
        let Account {
            holdings, cash, rates, ..
        } = &mut self.account;
        let ([cash], [PPB]) = (&mut **cash, &**rates) else {
            return self.fill_on_arrival(market, approval, at);
        };
        let holding = &mut holdings[at];
        let before = *holding; // what is held was marked at O already; read before it is written, which would have to wait
        holding.mark = approval.ticks();
        deal.book(holding, cash, fee)?;
        self.account.follow(at, &before);
        // The next order of the tick may pass like this one if the account is still as small.
        self.calm = self.is_calm(self.account.cash[0]);
        self.live -= 1;
        let order = &mut self.orders[approval.order() as usize - 1];
        complete(order, approval, fee, self.clock, &mut self.record);
        Ok(())
    }

    fn fill_on_arrival(&mut self, market: &Market, approval: Approval, at: usize) -> Result<()> {
        self.write_rows(market, self.clock - 1)?;
        let x = approval.ticks();
        self.account.holdings[at].mark = x;
        self.book_fill(approval, Price::of_path(x), Role::Taker, Cause::Arrival)
    }

    /// Step 4: the path of every bar that something waits for.
    #[inline(never)]
    pub(super) fn walk_plainly(&mut self, market: &Market, row: usize) -> Result<()> {
        self.moment = Moment::Path;
        for (at, series) in (0_u16..).zip(&market.series) {
            let book = &mut self.books[usize::from(at)];
            if book.begun != self.clock {
                continue;
            }
            if book.is_out_of_reach(series.low[row], series.high[row]) {
                book.price = series.close[row];
            } else {
                self.write_rows(market, self.clock - 1)?;
                self.walk_bar(
                    market,
                    Present {
                        instrument: at,
                        row: self.clock.unsigned_abs(),
                    },
                )?;
            }
        }
        Ok(())
    }
}
