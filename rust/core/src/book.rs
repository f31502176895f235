//! The resting orders of one instrument, by the direction of the price that meets them.

use crate::ladder::Ladder;
use crate::order::{Order, OrderId, Seat};
use serde::{Deserialize, Serialize};

/// One instrument's resting orders and the price's place.
///
/// Between touches every order of `above` lies over the price and every order of `below` under it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Book {
    /// Met by a rising price.
    pub above: Ladder,
    /// Met by a falling price.
    pub below: Ladder,
    /// Where the price is, ticks.
    pub price: i64,
    /// The tick of the last bar that has begun here.
    pub begun: i32,
    /// Whether that bar is the first of its session.
    pub session_start: bool,
    /// Whether that bar is the last of its session.
    pub session_end: bool,
    /// S-51, for that bar.
    pub half_spread: i64,
    /// S-55: lots that may still fill in that bar.
    pub budget: Option<i64>,
    /// Volume of that bar, lots.
    pub volume: i64,
    /// Trailing stops.
    pub trailing: Vec<OrderId>,
    /// Met but not filled whole (S-55).
    pub met: Vec<OrderId>,
    /// Waiting for the session's close (S-43).
    pub at_close: Vec<OrderId>,
    /// Due on the path of the bar: due time and order (S-57).
    pub incoming: Vec<(i64, OrderId)>,
    /// Notional traded so far (S-53).
    pub traded: i64,
}

impl Default for Book {
    fn default() -> Self {
        Self {
            above: Ladder::above(),
            below: Ladder::below(),
            price: 0,
            begun: -1,
            session_start: false,
            session_end: false,
            half_spread: 0,
            budget: None,
            volume: 0,
            trailing: Vec::new(),
            met: Vec::new(),
            at_close: Vec::new(),
            incoming: Vec::new(),
            traded: 0,
        }
    }
}

impl Book {
    /// Whether nothing here waits for anything.
    #[inline]
    #[must_use]
    pub const fn is_quiet(&self) -> bool {
        self.above.is_empty()
            && self.below.is_empty()
            && self.trailing.is_empty()
            && self.met.is_empty()
            && self.at_close.is_empty()
            && self.incoming.is_empty()
    }

    /// Whether a path between these prices meets nothing and moves nothing.
    #[inline]
    #[must_use]
    pub fn is_out_of_reach(&self, low: i64, high: i64) -> bool {
        self.above.next().is_none_or(|next| next > high)
            && self.below.next().is_none_or(|next| next < low)
            && self.trailing.is_empty()
            && self.incoming.is_empty()
    }

    /// The list behind a seat that is one.
    const fn list(&mut self, seat: Seat) -> Option<&mut Vec<OrderId>> {
        match seat {
            Seat::Trailing => Some(&mut self.trailing),
            Seat::Met => Some(&mut self.met),
            Seat::AtClose => Some(&mut self.at_close),
            _ => None,
        }
    }

    /// Puts an order on a seat of this book; false if the seat is elsewhere.
    #[inline]
    pub fn seat(&mut self, id: OrderId, order: &mut Order, seat: Seat) -> bool {
        order.seat = seat;
        match seat {
            Seat::Above => self.above.insert(order.coordinate(self.half_spread), id),
            Seat::Below => self.below.insert(order.coordinate(self.half_spread), id),
            Seat::Nowhere | Seat::Held | Seat::Queue => return false,
            Seat::Trailing | Seat::Met | Seat::AtClose => self.seat_in_list(id, order, seat),
        }
        true
    }

    /// Puts a limit order that has arrived at `x` where it waits, if there is no spread.
    #[inline]
    pub fn rest_limit(&mut self, id: OrderId, order: &mut Order, clock: i32, x: i64) {
        if self.begun != clock {
            self.begun = clock;
            self.price = x;
        }
        let (seat, ladder) = if order.side > 0 {
            (Seat::Below, &mut self.below)
        } else {
            (Seat::Above, &mut self.above)
        };
        order.seat = seat;
        ladder.insert(order.limit, id);
    }

    #[expect(clippy::cast_possible_truncation, reason = "orders are numbered in 32 bits")]
    fn seat_in_list(&mut self, id: OrderId, order: &mut Order, seat: Seat) {
        if let Some(list) = self.list(seat) {
            order.set_slot(list.len() as u32);
            list.push(id);
        }
    }

    /// Takes an order from the list of its seat. The last of the list takes its place: the order within a list means nothing.
    pub fn unseat_from_list(&mut self, id: OrderId, seat: Seat, orders: &mut [Order]) {
        let slot = orders[id as usize - 1].slot();
        if let Some(list) = self.list(seat) {
            list.swap_remove(slot as usize);
            if let Some(moved) = list.get(slot as usize) {
                orders[*moved as usize - 1].set_slot(slot);
            }
        }
    }

    /// A new half spread moves every coordinate.
    pub fn set_half_spread(&mut self, half_spread: i64, orders: &[Order]) {
        if half_spread == self.half_spread {
            return;
        }
        self.half_spread = half_spread;
        for ladder in [&mut self.above, &mut self.below] {
            if !ladder.is_empty() {
                ladder.replace(|id| orders[id as usize - 1].coordinate(half_spread));
            }
        }
    }
}
