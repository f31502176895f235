//! What a strategy can do at a decision point, but for sending: cancel, modify, move money (S-46).

use super::Engine;
use crate::codes::{AccountKind, EventKind, FlowKind, OrderKind, OrderStatus, Reason, flags};
use crate::error::{self, Result};
use crate::order::{Order, OrderId, Seat};
use crate::record::Flow;
use crate::request::{Extras, OrderRequest};
use crate::units::{PPB, ratio_nearest, scale, sum};

/// What a modification changes, in engine units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Change {
    /// New total size.
    pub quantity: Option<i64>,
    /// New limit.
    pub limit: Option<i64>,
    /// New trigger.
    pub trigger: Option<i64>,
    /// New trailing offset, and whether it is a share.
    pub trail: Option<(i64, bool)>,
}

impl Engine {
    /// Cancels a live order; false if it has ended.
    #[inline]
    pub fn cancel(&mut self, id: OrderId) -> bool {
        // Order 0 is no order: it has no place in the list either.
        let Some(order) = self.orders.get_mut((id as usize).wrapping_sub(1)) else {
            return false;
        };
        if !order.is_live() {
            return false;
        }
        if !order.plain || !self.children.is_empty() {
            self.end(id, OrderStatus::Canceled, Reason::ByStrategy);
            return true;
        }
        let book = &mut self.books[usize::from(order.instrument)];
        let ladder = match order.seat {
            Seat::Above => Some(&mut book.above),
            Seat::Below => Some(&mut book.below),
            // The queue forgets dead orders by itself.
            Seat::Queue => None,
            _ => {
                self.end_alone(id, OrderStatus::Canceled, Reason::ByStrategy);
                return true;
            }
        };
        if let Some(ladder) = ladder {
            ladder.remove(id, || order.coordinate(book.half_spread));
            self.resting -= 1;
        }
        self.live -= 1;
        order.seat = Seat::Nowhere;
        order.end(OrderStatus::Canceled, Reason::ByStrategy, self.clock);
        self.note(id, EventKind::Canceled, Reason::ByStrategy, 0);
        true
    }

    /// Live orders, of one instrument or all.
    #[must_use]
    pub fn live_orders(&self, instrument: Option<u16>) -> Vec<OrderId> {
        // From the newest back to the oldest that lives: old orders that have ended cost nothing.
        let newest_first = self
            .orders
            .iter()
            .enumerate()
            .rev()
            .filter(|(_, order)| order.is_live())
            .take(self.live as usize);
        let wanted = newest_first.filter(|(_, order)| instrument.is_none_or(|one| one == order.instrument));
        #[expect(clippy::cast_possible_truncation, reason = "orders are numbered in 32 bits")]
        let mut found: Vec<OrderId> = wanted.map(|(at, _)| at as OrderId + 1).collect();
        found.reverse();
        found
    }

    /// S-46; false if the order has ended.
    ///
    /// # Errors
    /// The change cannot be made to an order of this kind or state, or its numbers are not positive.
    pub fn modify(&mut self, id: OrderId, change: &Change) -> Result<bool> {
        let Some(order) = self.order(id).filter(|order| order.is_live()) else {
            return Ok(false);
        };
        let size_alone = *change
            == (Change {
                quantity: change.quantity,
                ..Change::default()
            });
        check_change(order, change)?;
        if size_alone && change.quantity.is_some_and(|quantity| quantity <= order.filled) {
            return Ok(self.cancel(id));
        }
        check_size(order, change)?;
        self.check_range(order, change)?;
        let seat = order.seat;
        let shrinks = size_alone && change.quantity.is_some_and(|quantity| quantity < order.quantity);
        let stays = shrinks || matches!(seat, Seat::Held | Seat::Queue);
        if !stays {
            self.unseat(id);
        }
        self.change(id, change);
        if !stays {
            let clock = self.clock;
            let order = self.order_mut(id);
            order.seat = Seat::Queue;
            order.sent = clock;
            self.queue.push(id);
        }
        let quantity = self.orders[id as usize - 1].quantity;
        self.note(id, EventKind::Modified, Reason::None, quantity);
        Ok(true)
    }

    /// A changed order must be one that could have been sent (S-02).
    fn check_range(&self, order: &Order, change: &Change) -> Result<()> {
        let trails = order.kind == OrderKind::TrailingStop;
        let request = OrderRequest {
            kind: order.kind,
            // A new trailing offset is judged as what it will be: a share or an amount.
            flags: change
                .trail
                .map_or(order.flags, |(_, is_share)| trail_flag(order.flags, is_share)),
            quantity: change.quantity.unwrap_or(order.quantity),
            limit: change.limit.unwrap_or(order.limit),
            trigger: if trails {
                0
            } else {
                change.trigger.unwrap_or(order.trigger)
            },
            extras: Extras {
                trail: change.trail.map_or(self.orders.extras(order).trail, |trail| trail.0),
                ..Extras::NONE
            },
            ..OrderRequest::market(order.instrument, order.side, 0)
        };
        match self.out_of_range(&request) {
            Some(reason) => Err(error::order(format!(
                "the change is refused: {}; give a size and prices in range",
                reason.text()
            ))),
            None => Ok(()),
        }
    }

    fn change(&mut self, id: OrderId, change: &Change) {
        let order = self.order_mut(id);
        order.quantity = change.quantity.unwrap_or(order.quantity);
        order.limit = change.limit.unwrap_or(order.limit);
        order.trigger = change.trigger.unwrap_or(order.trigger);
        if let Some((trail, is_share)) = change.trail {
            order.flags = trail_flag(order.flags, is_share);
            self.orders.set_trail(id, trail);
        }
    }

    /// Deposits (or, negative, withdraws) money at once.
    ///
    /// # Errors
    /// The amount is zero, or a cash account would fall below zero.
    pub fn transfer(&mut self, currency: usize, amount: i64) -> Result<()> {
        self.refuse_when_stopping()?;
        if amount == 0 {
            return Err(error::order("a deposit or withdrawal must be positive"));
        }
        if amount < 0
            && self.account.kind == AccountKind::Cash
            && self.account.cash[currency].saturating_add(amount) < 0
        {
            return Err(error::order(
                "a cash account cannot pay out more than it has; withdraw less",
            ));
        }
        let kind = if amount > 0 {
            FlowKind::Deposit
        } else {
            FlowKind::Withdrawal
        };
        self.flow_of(kind, Flow::NO_INSTRUMENT, currency, amount)
    }

    fn refuse_when_stopping(&self) -> Result<()> {
        if self.stopping {
            return Err(error::order("the data have ended; money moves up to the last bar"));
        }
        Ok(())
    }

    /// Changes money from one currency into another at today's rates (S-74).
    ///
    /// # Errors
    /// The amount is not positive, or a cash account would fall below zero.
    pub fn convert(&mut self, amount: i64, source: usize, target: usize) -> Result<()> {
        self.refuse_when_stopping()?;
        if amount <= 0 || source == target {
            return Err(error::order("a conversion needs a positive amount and two currencies"));
        }
        if self.account.kind == AccountKind::Cash && self.account.cash[source] < amount {
            return Err(error::order(
                "a cash account cannot convert more than it has; convert less",
            ));
        }
        let bought = ratio_nearest(amount, self.account.rates[source], self.account.rates[target])?;
        // Both sides or none: what does not fit leaves no half of it behind.
        sum(self.account.cash[target], bought)?;
        self.flow_of(FlowKind::Conversion, Flow::NO_INSTRUMENT, source, -amount)?;
        self.flow_of(FlowKind::Conversion, Flow::NO_INSTRUMENT, target, bought)
    }
}

const fn trail_flag(flags: u8, is_share: bool) -> u8 {
    (flags & !flags::TRAIL_IS_PPB) | if is_share { flags::TRAIL_IS_PPB } else { 0 }
}

fn check_change(order: &Order, change: &Change) -> Result<()> {
    let fail = |message: &str| Err(error::order(message));
    if order.acts_as() == OrderKind::Market && !matches!(order.seat, Seat::Held | Seat::Queue) {
        return fail("a market order that has arrived cannot be modified; cancel it instead");
    }
    if change.trigger.is_some() && (order.has(flags::TRIGGERED) || !takes_trigger(order.kind)) {
        return fail("this order has no trigger that could change (it has none, or was triggered)");
    }
    if change.limit.is_some() && !matches!(order.kind, OrderKind::Limit | OrderKind::StopLimit) {
        return fail("this order has no limit that could change");
    }
    if change.trail.is_some() && (order.kind != OrderKind::TrailingStop || order.has(flags::TRIGGERED)) {
        return fail("this order has no trailing offset that could change (it has none, or was triggered)");
    }
    if *change == Change::default() {
        return fail("modify needs at least one of quantity, limit, stop, trail, trail_percent, touch");
    }
    Ok(())
}

fn check_size(order: &Order, change: &Change) -> Result<()> {
    let positive = [
        change.quantity,
        change.limit,
        change.trigger,
        change.trail.map(|trail| trail.0),
    ];
    if positive.iter().flatten().any(|value| *value <= 0)
        || change.quantity.is_some_and(|quantity| quantity <= order.filled)
    {
        let message = "new sizes and prices must be positive, a new size larger than what is filled";
        return Err(error::order(message));
    }
    Ok(())
}

const fn takes_trigger(kind: OrderKind) -> bool {
    matches!(
        kind,
        OrderKind::Stop | OrderKind::StopLimit | OrderKind::MarketIfTouched
    )
}

/// A share of the price in parts per billion, from a percentage.
///
/// # Errors
/// The percentage is not between 0 and 100.
pub fn percent_to_ppb(percent: f64) -> Result<i64> {
    if !(percent > 0.0 && percent < 100.0) {
        return Err(error::order(format!(
            "trail_percent must lie between 0 and 100, not {percent}"
        )));
    }
    #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
    let ppb = (percent * 1e7).round_ties_even() as i64;
    scale(ppb.max(1), PPB)
}
