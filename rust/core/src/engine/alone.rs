//! The common tick of an account with one instrument and one currency that nothing but leverage limits (`Duties::alone`):
//! the rules of `plain`, with every amount in 64 bits and every fact written once. What is not small, or not sure to pass
//! the gate, goes the way of `plain`.

use super::Engine;
use super::rows::SAFE;
use super::terms::Terms;
use crate::account::Holding;
use crate::codes::{Cause, EventKind, Moment, OrderKind, OrderStatus, Reason, Role};
use crate::error::Result;
use crate::market::Market;
use crate::order::{Order, OrderId, Seat};
use crate::position::share;
use crate::record::{Event, Fill, Record};
use crate::risk::pretrade::{Change, Leverage, covered, reduction};
use crate::risk::{Approval, Proposal};
use crate::units::scale_small;

impl Engine {
    /// Steps 1 to 5, as in [`Engine::open_plain_tick`].
    pub(super) fn open_lone_tick(&mut self, market: &Market) -> Result<()> {
        let ([holding], [series]) = (&mut *self.account.holdings, &*market.series) else {
            return self.open_plain_tick(market);
        };
        let row = self.clock.unsigned_abs() as usize;
        let open = series.open[row];
        holding.mark = open;
        self.moment = Moment::Open;
        self.marks_due = true;
        self.account.forget_totals();
        if self.resting > 0 {
            self.jump_plainly(market, row)?;
        }
        let mut place = 0;
        while let Some(&id) = self.queue.get(place) {
            self.arrive_alone(market, id, open)?;
            place += 1;
        }
        self.queue.clear();
        if self.resting > 0 {
            self.walk_alone(market, row)?;
        }
        self.moment = Moment::Decision;
        Ok(())
    }

    /// Step 3: an order arrives at O. One that the price meets fills; another is accepted and waits in the book, if the
    /// account bears it.
    #[inline]
    fn arrive_alone(&mut self, market: &Market, id: OrderId, x: i64) -> Result<()> {
        let order = &self.orders[id as usize - 1];
        if order.seat != Seat::Queue {
            return Ok(());
        }
        if order.kind == OrderKind::Market || order.sign() * (order.limit - x) >= 0 {
            self.fill_alone(market, id, x)
        } else if self.rests_alone(id, x) {
            Ok(())
        } else {
            self.arrive_plainly(market, id)
        }
    }

    /// Puts an arriving limit order where it waits, if it is sure to pass the gate.
    #[inline]
    fn rests_alone(&mut self, id: OrderId, x: i64) -> bool {
        let order = &mut self.orders[id as usize - 1];
        let proposal = Proposal {
            order: id,
            lots: order.remaining(),
            ticks: order.limit,
        };
        let ([holding], [cash], [terms], [book]) = (
            &*self.account.holdings,
            &*self.account.cash,
            &*self.terms,
            &mut *self.books,
        ) else {
            return false;
        };
        let free = self.calm && self.watch.enabled;
        let Some(deal) = Deal::of(&proposal, order.sign(), terms, holding).filter(|_| free) else {
            return false;
        };
        let milli = self.account.leverage_milli;
        let after = |value, fee| Some(leverage_after(holding, *cash - fee, value, milli));
        if deal.change.grows() && deal.approval(&proposal, terms, after).is_none() {
            return false;
        }
        self.arrivals += 1;
        order.arrive(self.clock, self.arrivals);
        order.status = OrderStatus::Accepted;
        book.rest_limit(id, order, self.clock, x);
        self.resting += 1;
        self.note(id, EventKind::Accepted, Reason::None, x);
        true
    }

    /// The fill of an arriving order that the price meets.
    #[inline]
    fn fill_alone(&mut self, market: &Market, id: OrderId, x: i64) -> Result<()> {
        if self.next_equity_tick() < self.clock - 1 || !self.cash_before.is_empty() {
            self.write_rows(market, self.clock - 1)?;
        }
        let row_is_due = self.next_equity_tick() < self.clock;
        let order = &mut self.orders[id as usize - 1];
        let proposal = Proposal {
            order: id,
            lots: order.remaining(),
            ticks: x,
        };
        let (true, [holding], [cash], [terms], [series]) = (
            self.calm && self.watch.enabled,
            &mut *self.account.holdings,
            &mut *self.account.cash,
            &*self.terms,
            &*market.series,
        ) else {
            return self.arrive_plainly(market, id);
        };
        let Some(deal) = Deal::of(&proposal, order.sign(), terms, holding) else {
            return self.arrive_plainly(market, id);
        };
        let Some(fee) = deal.fee(terms) else {
            return self.arrive_plainly(market, id);
        };
        let milli = self.account.leverage_milli;
        let Some(approval) = deal.approval(&proposal, terms, |value, fee| {
            Some(leverage_after(holding, *cash - fee, value, milli))
        }) else {
            return self.arrive_plainly(market, id);
        };
        if row_is_due {
            let close = series.close[self.clock.unsigned_abs() as usize - 1];
            let worth_of_tick = holding.position.lots * holding.unit;
            self.record.cash.begin(self.record.equity.len(), *cash);
            self.record.equity.push(*cash + close * worth_of_tick);
        }
        self.arrivals += 1;
        order.arrive(self.clock, self.arrivals);
        holding.mark = x;
        deal.book(holding, cash, fee)?;
        self.account.held = u32::from(deal.change.after != 0);
        self.calm = cash.unsigned_abs() < SAFE && (!deal.change.grows() || self.account.reach() < u128::from(SAFE));
        // A gate that was asked before at this tick may have added them up.
        self.account.forget_totals();
        self.live -= 1;
        complete(order, approval, fee, self.clock, &mut self.record);
        Ok(())
    }

    /// Step 4: the path of the bar, if something waits for it.
    #[inline]
    fn walk_alone(&mut self, market: &Market, row: usize) -> Result<()> {
        if let ([book], [series]) = (&mut *self.books, &*market.series)
            && book.begun == self.clock
            && book.is_out_of_reach(series.low[row], series.high[row])
        {
            book.price = series.close[row];
            return Ok(());
        }
        self.walk_plainly(market, row)
    }
}

/// The amounts of a fill, all far from the end of 64 bits. While rows may be left for later (see `is_calm`), cash and
/// positions are so small that such a fill takes no amount there.
pub(super) struct Deal {
    side: i64,
    lots: i64,
    worth_of_lot: i64,
    notional: i64,
    pub(super) change: Change,
}

impl Deal {
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "amounts that go through memory cost as much as the arithmetic"
    )]
    pub(super) fn of(proposal: &Proposal, side: i64, terms: &Terms, holding: &Holding) -> Option<Self> {
        let worth_of_lot = proposal.ticks.checked_mul(terms.unit)?;
        let notional = proposal.lots.checked_mul(worth_of_lot)?;
        if notional.cast_unsigned() >= SAFE {
            return None;
        }
        let held = holding.position.lots;
        let after = held + side * proposal.lots;
        Some(Self {
            side,
            lots: proposal.lots,
            worth_of_lot,
            notional,
            change: Change { held, after },
        })
    }

    /// What a taker pays, if that is a share of the notional and small.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "see `of`")]
    pub(super) fn fee(&self, terms: &Terms) -> Option<i64> {
        scale_small(self.notional.cast_unsigned(), terms.plain_taker_ppb?)
    }

    /// Leave for a reduction, or for what the leverage of a margin account bears where nothing else limits (S-62); what
    /// does not pass here is judged by the gate. `after` says what the account would have with this value of the position,
    /// less this fee.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "see `of`")]
    pub(super) fn approval<'proposal>(
        &self,
        proposal: &'proposal Proposal,
        terms: &Terms,
        after: impl FnOnce(i64, i64) -> Option<Leverage>,
    ) -> Option<Approval<'proposal>> {
        if let Some(approval) = reduction(proposal, self.change) {
            return Some(approval);
        }
        let value = self.change.after.checked_mul(self.worth_of_lot)?;
        covered(proposal, &after(value, self.fee(terms)?)?)
    }

    /// What it does to the position (S-67) and to cash.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "see `of`")]
    pub(super) fn book(&self, holding: &mut Holding, cash: &mut i64, fee: i64) -> Result<()> {
        let (position, held) = (&mut holding.position, self.change.held.abs());
        let paid = self.side * self.lots * self.worth_of_lot;
        if self.change.held * self.side >= 0 {
            position.cost += paid;
        } else if self.lots < held {
            position.cost -= share(position.cost, self.lots, held)?;
        } else {
            position.cost = self.change.after * self.worth_of_lot;
        }
        position.lots = self.change.after;
        *cash -= paid + fee;
        Ok(())
    }
}

/// What an account with this holding alone would have with another value of it.
#[inline(always)]
#[expect(clippy::inline_always, reason = "see `Deal::of`")]
fn leverage_after(holding: &Holding, cash: i64, value_after: i64, milli: i64) -> Leverage {
    Leverage {
        equity: i128::from(cash + holding.worth_of_tick() * holding.mark),
        gross: i128::from(value_after.unsigned_abs()),
        milli,
    }
}

/// Writes the fill of a whole order on its arrival.
#[inline(always)]
#[expect(clippy::inline_always, reason = "see `Deal::of`")]
#[expect(clippy::needless_pass_by_value, reason = "an approval is good for one fill")]
pub(super) fn complete(order: &mut Order, approval: Approval, fee: i64, clock: i32, record: &mut Record) {
    order.filled = order.quantity;
    order.end(OrderStatus::Filled, Reason::None, clock);
    let row = record.fills.len().cast_signed() as i64;
    record.fills.push(Fill {
        price: approval.ticks(),
        quantity: approval.lots(),
        fee,
        order: approval.order(),
        clock,
        half_spread: 0,
        slippage: 0,
        instrument: order.instrument,
        side: order.side,
        moment: Moment::Open,
        role: Role::Taker,
        cause: Cause::Arrival,
    });
    record.events.push(Event {
        value: row,
        order: approval.order(),
        clock,
        kind: EventKind::Filled,
        moment: Moment::Open,
        reason: Reason::None,
    });
}
