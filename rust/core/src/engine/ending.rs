//! How orders end, and whom they take with them (S-27, S-28, S-44, S-80).

use super::Engine;
use crate::codes::{EventKind, OrderStatus, Reason, TimeInForce};
use crate::market::Market;
use crate::order::{OrderId, Seat};

impl Engine {
    /// Ends an order, then its unfilled children, then its group (S-27, S-28).
    pub(super) fn end(&mut self, id: OrderId, status: OrderStatus, reason: Reason) {
        self.end_alone(id, status, reason);
        let order = &self.orders[id as usize - 1];
        let (filled, group) = (order.filled, self.orders.extras(order).group);
        if filled == 0 {
            self.end_children(id);
        }
        if group != 0 && matches!(reason, Reason::ByStrategy | Reason::DayEnded | Reason::DateReached) {
            self.end_group(group, id, Reason::GroupCanceled);
        }
    }

    /// Ends an order and nothing else.
    #[inline]
    pub(super) fn end_alone(&mut self, id: OrderId, status: OrderStatus, reason: Reason) {
        self.unseat(id);
        let clock = self.clock;
        self.live -= 1;
        let order = self.order_mut(id);
        order.end(status, reason, clock);
        let kind = match status {
            OrderStatus::Rejected => EventKind::Rejected,
            OrderStatus::Expired => EventKind::Expired,
            _ => EventKind::Canceled,
        };
        self.note(id, kind, reason, 0);
    }

    fn end_children(&mut self, parent: OrderId) {
        if self.children.is_empty() {
            return;
        }
        let Some(children) = self.children.get(&parent).cloned() else {
            return;
        };
        for child in children {
            if self.orders[child as usize - 1].status == OrderStatus::Pending {
                self.end(child, OrderStatus::Canceled, Reason::ParentEnded);
            }
        }
    }

    /// Ends a group: all live members but one. Whoever joins it later ends at once, so the members are forgotten.
    pub(super) fn end_group(&mut self, group: u32, but: OrderId, reason: Reason) {
        let Some(entry) = self.groups.get_mut(&group) else {
            return;
        };
        if entry.ended == Reason::None {
            entry.ended = reason;
        }
        for member in std::mem::take(&mut entry.members) {
            if member != but && self.orders[member as usize - 1].is_live() {
                self.end(member, OrderStatus::Canceled, reason);
            }
        }
    }

    /// Ends all live orders (of one instrument), each for itself, in order of their numbers (S-27).
    pub(super) fn end_all(&mut self, instrument: Option<u16>, status: OrderStatus, reason: Reason) {
        for id in self.live_orders(instrument) {
            self.end_alone(id, status, reason);
        }
    }

    /// S-44. Asked only at a new session, or when a date has passed.
    pub(super) fn expire(&mut self, market: &Market) {
        let mut timed = std::mem::take(&mut self.timed);
        timed.retain(|id| self.orders[*id as usize - 1].is_live());
        for &id in &timed {
            let order = &self.orders[id as usize - 1];
            if !order.is_live() {
                continue;
            }
            if order.tif == TimeInForce::Gtd && self.time_ns > self.orders.extras(order).expire_ns {
                self.end(id, OrderStatus::Expired, Reason::DateReached);
            } else if order.tif == TimeInForce::Day
                && !matches!(order.seat, Seat::Held | Seat::Queue)
                && usize::try_from(order.arrived).is_ok_and(|tick| market.sessions[tick] != self.session)
            {
                self.end(id, OrderStatus::Expired, Reason::DayEnded);
            }
        }
        let live = timed
            .iter()
            .map(|id| &self.orders[*id as usize - 1])
            .filter(|order| order.is_live());
        let dates = live
            .filter(|order| order.tif == TimeInForce::Gtd)
            .map(|order| self.orders.extras(order).expire_ns);
        self.soonest_date_ns = dates.min().unwrap_or(i64::MAX);
        self.timed = timed;
    }

    /// Takes an order from wherever it is kept. The queue forgets dead orders by itself.
    #[inline]
    pub(super) fn unseat(&mut self, id: OrderId) {
        let order = &mut self.orders[id as usize - 1];
        let book = &mut self.books[usize::from(order.instrument)];
        match std::mem::replace(&mut order.seat, Seat::Nowhere) {
            Seat::Nowhere | Seat::Held | Seat::Queue => return,
            Seat::Above => book.above.remove(id, || order.coordinate(book.half_spread)),
            Seat::Below => book.below.remove(id, || order.coordinate(book.half_spread)),
            seat => book.unseat_from_list(id, seat, &mut self.orders),
        }
        self.resting -= 1;
    }

    /// Puts a live order where it waits for the price.
    #[inline]
    pub(super) fn seat(&mut self, id: OrderId, seat: Seat) {
        let order = &mut self.orders[id as usize - 1];
        if self.books[usize::from(order.instrument)].seat(id, order, seat) {
            self.resting += 1;
        }
    }

    /// Puts a live order into the book by what it waits for.
    pub(super) fn rest(&mut self, id: OrderId) {
        let order = &self.orders[id as usize - 1];
        let seat = match order.acts_as() {
            crate::codes::OrderKind::TrailingStop => Seat::Trailing,
            crate::codes::OrderKind::Market => Seat::Met,
            _ if order.met_by_rise() => Seat::Above,
            _ => Seat::Below,
        };
        self.seat(id, seat);
    }
}
