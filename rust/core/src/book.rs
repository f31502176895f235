//! The resting orders of one instrument, by the direction of the price that meets them.

use crate::order::{Order, OrderId};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// A resting order at its place on the price's path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Where the path meets it (S-24).
    pub coordinate: i64,
    /// The order.
    pub order: OrderId,
}

impl Entry {
    /// The place among entries that a falling price meets: the highest last.
    #[inline]
    fn rising(&self) -> (i64, OrderId) {
        (self.coordinate, self.order)
    }

    /// The place among entries that a rising price meets: the lowest last.
    #[inline]
    fn falling(&self) -> (Reverse<i64>, OrderId) {
        (Reverse(self.coordinate), self.order)
    }
}

/// One instrument's resting orders and the price's place.
///
/// Between touches every entry of `above` lies over the price and every entry of `below` under it, nearest last.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Book {
    /// Where the price is, ticks.
    pub price: i64,
    /// S-51, for this bar.
    pub half_spread: i64,
    /// S-55: lots that may still fill in this bar.
    pub budget: Option<i64>,
    /// Whether this bar is the first of its session.
    pub session_start: bool,
    /// Whether this bar is the last of its session.
    pub session_end: bool,
    /// Volume of this bar, lots.
    pub volume: i64,
    /// Met by a rising price, descending.
    pub above: Vec<Entry>,
    /// Met by a falling price, ascending.
    pub below: Vec<Entry>,
    /// Trailing stops.
    pub trailing: Vec<OrderId>,
    /// Met but not filled whole (S-55).
    pub met: Vec<OrderId>,
    /// Waiting for the session's close (S-43).
    pub at_close: Vec<OrderId>,
    /// Due on the path of this bar: distance and order (S-57).
    pub incoming: Vec<(i64, OrderId)>,
    /// Notional traded so far (S-53).
    pub traded: i64,
}

impl Book {
    /// Whether the path of a bar can be skipped.
    #[inline]
    #[must_use]
    pub fn is_quiet(&self) -> bool {
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
        self.trailing.is_empty()
            && self.incoming.is_empty()
            && self.above.last().is_none_or(|entry| entry.coordinate > high)
            && self.below.last().is_none_or(|entry| entry.coordinate < low)
    }

    /// Puts an order at its coordinate.
    pub fn insert_above(&mut self, entry: Entry) {
        let at = self.above.partition_point(|other| other.falling() < entry.falling());
        self.above.insert(at, entry);
    }

    /// Puts an order at its coordinate.
    pub fn insert_below(&mut self, entry: Entry) {
        let at = self.below.partition_point(|other| other.rising() < entry.rising());
        self.below.insert(at, entry);
    }

    /// Takes an order out of `above`.
    pub fn remove_above(&mut self, entry: Entry) {
        if let Ok(at) = self.above.binary_search_by_key(&entry.falling(), Entry::falling) {
            self.above.remove(at);
        }
    }

    /// Takes an order out of `below`.
    pub fn remove_below(&mut self, entry: Entry) {
        if let Ok(at) = self.below.binary_search_by_key(&entry.rising(), Entry::rising) {
            self.below.remove(at);
        }
    }

    /// A new half spread moves every coordinate.
    pub fn set_half_spread(&mut self, half_spread: i64, orders: &[Order]) {
        if half_spread == self.half_spread {
            return;
        }
        self.half_spread = half_spread;
        for entry in self.above.iter_mut().chain(self.below.iter_mut()) {
            entry.coordinate = orders[entry.order as usize - 1].coordinate(half_spread);
        }
        self.above.sort_unstable_by_key(Entry::falling);
        self.below.sort_unstable_by_key(Entry::rising);
    }
}
