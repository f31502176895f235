//! A fill: how much, at what price, for what fee, and what follows from it (S-50 to S-55, S-58).

use super::Engine;
use crate::codes::{Cause, EventKind, Moment, OrderKind, OrderStatus, Reason, Role, TimeInForce, flags};
use crate::costs;
use crate::error::Result;
use crate::order::{Order, OrderId, Seat};
use crate::random::draw;
use crate::record::Fill;
use crate::request::OrderRequest;
use crate::risk::{Approval, Proposal, pretrade};
use crate::units::{PPB, ratio_down, scale, sum};

/// A fill's price and what of it is cost, in ticks.
#[derive(Clone, Copy)]
pub(super) struct Price {
    ticks: i64,
    half_spread: i64,
    slippage: i64,
}

impl Price {
    /// The price of the path itself.
    pub(super) const fn of_path(ticks: i64) -> Self {
        Self {
            ticks,
            half_spread: 0,
            slippage: 0,
        }
    }
}

/// What is left for an order to fill right now.
enum Amount {
    Lots { lots: i64, cut: bool },
    Wait,
    Never(Reason),
}

impl Engine {
    /// Whether an order fills whole at the price of the path: nothing is to it, and nothing limits or moves a fill.
    #[inline]
    pub(super) fn fills_plainly(&self, at: usize, order: &Order) -> bool {
        order.plain
            && matches!(order.acts_as(), OrderKind::Market | OrderKind::Limit)
            && self.terms[at].plain_price
            && !self.duties.draws
            && self.books[at].budget.is_none()
    }

    /// The fill of such an order as it arrives.
    #[inline]
    pub(super) fn fill_plainly(&mut self, approval: Approval, x: i64) -> Result<()> {
        let id = approval.order();
        self.book_fill(approval, Price::of_path(x), Role::Taker, Cause::Arrival)?;
        self.after_fill(id, x, false)
    }

    /// Fills what may be filled at `x`; what remains alive is seated.
    pub(super) fn try_fill(&mut self, id: OrderId, x: i64, role: Role, cause: Cause) -> Result<()> {
        let order = &self.orders[id as usize - 1];
        let at = usize::from(order.instrument);
        // An order with nothing to it, where nothing limits or moves a fill, fills whole at the price of the path.
        let plain = order.plain && !self.duties.draws;
        let (lots, cut) = if plain && self.books[at].budget.is_none() {
            (order.remaining(), false)
        } else {
            match self.fillable(id)? {
                Amount::Lots { lots, cut } => (lots, cut),
                Amount::Wait => {
                    self.seat(id, Seat::Met);
                    return Ok(());
                }
                Amount::Never(reason) => {
                    self.refuse(id, reason);
                    return Ok(());
                }
            }
        };
        let price = if self.terms[at].plain_price {
            Price::of_path(x)
        } else {
            self.price(id, x, lots, role)?
        };
        let ticks = price.ticks;
        let proposal = Proposal { order: id, lots, ticks };
        let approval = match self.judge(&proposal, role)? {
            Ok(approval) => approval,
            Err(refusal) => {
                self.refuse_with(id, &refusal);
                return Ok(());
            }
        };
        self.book_fill(approval, price, role, cause)?;
        if let Some(budget) = &mut self.books[at].budget {
            *budget -= lots;
        }
        self.after_fill(id, x, cut)
    }

    /// S-58: the size of this fill.
    fn fillable(&self, id: OrderId) -> Result<Amount> {
        let order = &self.orders[id as usize - 1];
        let remaining = order.remaining();
        let fill_or_kill = order.tif == TimeInForce::Fok;
        let drawn = order.filled == 0 && !fill_or_kill;
        if drawn && order.acts_as() == OrderKind::Limit && hits(self.streams.misses, id, self.settings.miss_ppb) {
            return Ok(Amount::Never(Reason::MissedFill));
        }
        let mut lots = remaining;
        lots = lots.min(self.allowed_by_parent(order));
        if lots == 0 {
            let parent = &self.orders[self.orders.extras(order).parent as usize - 1];
            return Ok(match (parent.is_live(), fill_or_kill) {
                (false, _) => Amount::Never(Reason::ParentEnded),
                (true, true) => Amount::Never(Reason::FillOrKill),
                (true, false) => Amount::Wait,
            });
        }
        let mut cut = false;
        if order.has(flags::REDUCE_ONLY) {
            let reducible = self.reducible(order);
            if reducible == 0 {
                return Ok(Amount::Never(Reason::ReduceOnlyNoPosition));
            }
            cut = lots > reducible;
            lots = lots.min(reducible);
        }
        if drawn && lots > 1 && hits(self.streams.partials, id, self.settings.partial_ppb) {
            lots = ratio_down(lots, self.part(id), PPB)?.max(1);
        }
        if let Some(budget) = self.books[usize::from(order.instrument)].budget {
            lots = lots.min(budget);
        }
        if fill_or_kill && lots < remaining {
            return Ok(Amount::Never(Reason::FillOrKill));
        }
        Ok(if lots == 0 {
            Amount::Wait
        } else {
            Amount::Lots { lots, cut }
        })
    }

    /// S-54: the share of a partial fill.
    fn part(&self, id: OrderId) -> i64 {
        let (low, high) = (self.settings.partial_low_ppb, self.settings.partial_high_ppb);
        let span = (high - low).unsigned_abs() + 1;
        low + i64::try_from(draw(self.streams.fractions, u64::from(id)) % PPB.unsigned_abs() % span).unwrap_or(0)
    }

    /// S-50.
    fn price(&self, id: OrderId, x: i64, lots: i64, role: Role) -> Result<Price> {
        let order = &self.orders[id as usize - 1];
        let at = usize::from(order.instrument);
        let half_spread = self.books[at].half_spread;
        let slippage = if role == Role::Taker {
            costs::slippage(&self.settings.instruments[at], x, lots, self.books[at].volume)?
        } else {
            0
        };
        let mut ticks = sum(x, order.sign() * sum(half_spread, slippage)?)?;
        if order.limit != 0 && order.sign() * (order.limit - ticks) < 0 {
            ticks = order.limit;
        }
        let ticks = ticks.max(1);
        let paid = order.sign() * (ticks - x);
        let half_spread = half_spread.min(paid);
        Ok(Price {
            ticks,
            half_spread,
            slippage: paid - half_spread,
        })
    }

    /// S-53: the commission of a fill of this notional.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "mostly one product")]
    pub(super) fn commission(&self, at: usize, notional: i64, lots: i64, role: Role, first: bool) -> Result<i64> {
        let terms = &self.terms[at];
        if terms.plain_fee {
            return scale(notional, terms.fee_ppb(role));
        }
        self.scheduled_commission(at, notional, lots, role, first)
    }

    fn scheduled_commission(&self, at: usize, notional: i64, lots: i64, role: Role, first: bool) -> Result<i64> {
        let traded = self.books[at].traded;
        let fill = costs::Charged {
            notional,
            lots,
            role,
            first,
        };
        costs::commission(&self.settings.instruments[at], traded, fill)
    }

    /// Writes the fill that was approved, at the approved size and price, and moves the account.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "three callers, of which two know the price to be that of the path"
    )]
    #[expect(clippy::needless_pass_by_value, reason = "an approval is good for one fill")]
    pub(super) fn book_fill(&mut self, approval: Approval, price: Price, role: Role, cause: Cause) -> Result<()> {
        let (id, lots, ticks) = (approval.order(), approval.lots(), approval.ticks());
        let order = &self.orders[id as usize - 1];
        let (at, sign, first) = (usize::from(order.instrument), order.sign(), order.filled == 0);
        let unit = self.terms[at].unit;
        let leverage = self.account.isolated_leverage();
        let position = &self.account.holdings[at].position;
        let outcome = position.after(sign, lots, ticks, unit, leverage)?;
        let fee = self.commission(at, outcome.paid.abs(), lots, role, first)?;
        self.account.apply(at, &outcome, fee)?;
        self.calm = false;
        if self.terms[at].tiered {
            self.books[at].traded = sum(self.books[at].traded, outcome.paid.abs())?;
        }
        self.write_fill(&approval, price, fee, (role, cause));
        Ok(())
    }

    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "part of a function that is inlined for what is known of its price"
    )]
    fn write_fill(&mut self, approval: &Approval, price: Price, fee: i64, how: (Role, Cause)) {
        let (id, lots) = (approval.order(), approval.lots());
        let (clock, moment) = (self.clock, self.moment);
        let order = self.order_mut(id);
        order.filled += lots;
        let filled = order.filled == order.quantity;
        if filled {
            order.end(OrderStatus::Filled, order.reason, clock);
        } else {
            order.status = OrderStatus::PartiallyFilled;
        }
        let fill = Fill {
            price: approval.ticks(),
            quantity: lots,
            fee,
            order: id,
            clock,
            half_spread: price.half_spread,
            slippage: price.slippage,
            instrument: order.instrument,
            side: order.side,
            moment,
            role: how.0,
            cause: how.1,
        };
        self.live -= u32::from(filled);
        let row = self.record.fills.len().cast_signed() as i64;
        self.record.fills.push(fill);
        self.note(id, EventKind::Filled, Reason::None, row);
    }

    /// S-58: what follows from a fill.
    #[inline]
    fn after_fill(&mut self, id: OrderId, x: i64, cut: bool) -> Result<()> {
        let group = self.orders.extras(&self.orders[id as usize - 1]).group;
        if group != 0 {
            self.end_group(group, id, Reason::OneCancelsOther);
        }
        if cut && self.orders[id as usize - 1].is_live() {
            self.end(id, OrderStatus::Canceled, Reason::ReduceOnlyNoPosition);
        }
        if !self.children.is_empty()
            && let Some(children) = self.children.remove(&id)
        {
            for child in children {
                if self.orders[child as usize - 1].seat == Seat::Held {
                    self.release(child, x)?;
                }
            }
        }
        if self.orders[id as usize - 1].is_live() {
            self.seat(id, Seat::Met);
        }
        Ok(())
    }

    /// S-28: a child goes to the market with its parent's fill; one for the open waits for an open (S-42).
    fn release(&mut self, child: OrderId, x: i64) -> Result<()> {
        let order = &self.orders[child as usize - 1];
        let opening = self.moment == Moment::Open && self.books[usize::from(order.instrument)].session_start;
        if order.tif != TimeInForce::AtOpen || opening {
            return self.arrive(child, x);
        }
        let order = self.order_mut(child);
        order.status = OrderStatus::Submitted;
        order.seat = Seat::Queue;
        self.queue.push(child);
        Ok(())
    }

    /// A fill that the venue forces: no spread, no slippage, no gate (S-63, S-64) - or all costs (S-81).
    pub(super) fn force(&mut self, at: usize, x: i64, reason: Reason, costs: bool) -> Result<()> {
        let lots = self.position(at);
        let side: i8 = if lots > 0 { -1 } else { 1 };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "settings bound the number of instruments"
        )]
        let request = OrderRequest {
            flags: flags::VENUE,
            ..OrderRequest::market(at as u16, side, lots.abs())
        };
        let id = self.number(&request, Seat::Nowhere)?;
        let clock = self.clock;
        let order = self.order_mut(id);
        order.arrived = clock;
        order.reason = reason;
        let price = if costs {
            self.price(id, x, lots.abs(), Role::Taker)?
        } else {
            Price::of_path(x)
        };
        let proposal = Proposal {
            order: id,
            lots: lots.abs(),
            ticks: price.ticks,
        };
        let approval = pretrade::closing(&proposal, self.position(at));
        self.book_fill(approval, price, Role::Taker, Cause::Forced)
    }
}

/// Whether a draw for an order falls under a share (S-54).
#[inline]
fn hits(key: u64, id: OrderId, ppb: i64) -> bool {
    ppb > 0 && draw(key, u64::from(id)) % PPB.unsigned_abs() < ppb.unsigned_abs()
}
