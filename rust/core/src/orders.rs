//! All orders of a run: one cache line each, and beside them what only few of them have.

use crate::order::{Order, OrderId, Seat};
use crate::request::{Extras, OrderRequest};
use serde::{Deserialize, Serialize};
use std::ops::{Deref, DerefMut};

/// Orders, number 1 first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Orders {
    list: Vec<Order>,
    extras: Vec<Extras>,
}

impl Orders {
    /// Adds a new order; how many there are now, which is its number.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "a request that went through memory would be read in other pieces than it was written in, which waits"
    )]
    pub fn push(&mut self, request: &OrderRequest, sent: i32, stands: Seat) -> usize {
        let mut order = Order::new(request, sent);
        order.seat = stands;
        if !request.extras.is_none() {
            order.extras = self.keep(request.extras);
        }
        self.list.push(order);
        self.list.len()
    }

    /// There are never more extras than orders, which are numbered in 32 bits.
    #[expect(clippy::cast_possible_truncation, reason = "see above")]
    fn keep(&mut self, extras: Extras) -> u32 {
        self.extras.push(extras);
        self.extras.len() as u32
    }

    /// What an order of this list has beside what all have.
    #[inline]
    #[must_use]
    pub fn extras(&self, order: &Order) -> &Extras {
        match order.extras {
            0 => &Extras::NONE,
            place => &self.extras[place as usize - 1],
        }
    }

    /// A new trailing offset for an order that has one.
    pub fn set_trail(&mut self, id: OrderId, trail: i64) {
        if let Some(place) = (self.list[id as usize - 1].extras as usize).checked_sub(1) {
            self.extras[place].trail = trail;
        }
    }

    /// Forgets them, keeps the memory.
    pub fn clear(&mut self) {
        self.list.clear();
        self.extras.clear();
    }

    /// The memory that they fill.
    #[must_use]
    pub fn bytes_used(&self) -> usize {
        size_of_val(self.list.as_slice()) + size_of_val(self.extras.as_slice())
    }

    /// The memory that they take.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.list.capacity() * size_of::<Order>() + self.extras.capacity() * size_of::<Extras>()
    }
}

impl Deref for Orders {
    type Target = [Order];

    #[inline]
    fn deref(&self) -> &[Order] {
        &self.list
    }
}

impl DerefMut for Orders {
    #[inline]
    fn deref_mut(&mut self) -> &mut [Order] {
        &mut self.list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_orders_that_have_extras_take_room_for_them() {
        let mut orders = Orders::default();
        let plain = OrderRequest::market(0, 1, 5);
        let tagged = plain.with(Extras { tag: 3, ..Extras::NONE });
        let trailing = OrderRequest {
            kind: crate::codes::OrderKind::TrailingStop,
            ..plain.with(Extras {
                trail: 7,
                ..Extras::NONE
            })
        };
        let numbers: Vec<usize> = [plain, tagged, trailing]
            .iter()
            .map(|one| orders.push(one, -1, Seat::Nowhere))
            .collect();
        assert_eq!((numbers, orders.extras.len()), (vec![1, 2, 3], 2));
        orders.set_trail(3, 9);
        let found: Vec<(u32, i64)> = orders
            .iter()
            .map(|order| (orders.extras(order).tag, orders.extras(order).trail))
            .collect();
        assert_eq!(found, [(0, 0), (3, 0), (0, 9)]);
        orders.clear();
        assert!(orders.is_empty() && orders.extras.is_empty());
    }
}
