//! Orders in the order in which a moving price meets them, the next one at hand.
//!
//! The nearest few stand in a short sorted list, all others in a tree behind it: with one or two orders an insertion is a
//! push, with a hundred thousand it is a search in the tree and never a move of the whole book.

use crate::order::OrderId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Orders in the short list, at most; beyond that the farther half goes to the tree.
const NEAR_MAX: usize = 32;

/// A resting order at its place on the price's path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Entry {
    /// How near the price it is: the highest is met first.
    nearness: i64,
    /// The order.
    pub order: OrderId,
}

/// One instrument's orders on one side of the price.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ladder {
    /// All bits set on the side that a rising price meets: there the lowest coordinate comes first.
    flip: i64,
    /// The nearest last.
    near: Vec<Entry>,
    /// All farther than any of `near`.
    far: BTreeSet<Entry>,
}

impl Ladder {
    /// Orders over the price: a rising price meets the lowest first.
    #[must_use]
    pub const fn above() -> Self {
        Self::flipped_by(-1)
    }

    /// Orders under the price: a falling price meets the highest first.
    #[must_use]
    pub const fn below() -> Self {
        Self::flipped_by(0)
    }

    const fn flipped_by(flip: i64) -> Self {
        Self {
            flip,
            near: Vec::new(),
            far: BTreeSet::new(),
        }
    }

    /// Whether nothing waits here. The tree is empty whenever the list is.
    #[inline]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.near.is_empty()
    }

    /// Number of orders.
    #[must_use]
    pub fn len(&self) -> usize {
        self.near.len() + self.far.len()
    }

    /// Where the next order is met.
    #[inline]
    #[must_use]
    pub fn next(&self) -> Option<i64> {
        self.near.last().map(|entry| entry.nearness ^ self.flip)
    }

    /// The orders, in no order that matters.
    pub fn orders(&self) -> impl Iterator<Item = OrderId> {
        self.near.iter().chain(&self.far).map(|entry| entry.order)
    }

    /// Puts an order at its coordinate.
    #[inline]
    pub fn insert(&mut self, coordinate: i64, order: OrderId) {
        let entry = self.entry(coordinate, order);
        if self.near.last().is_none_or(|last| *last < entry) && self.near.len() < NEAR_MAX {
            self.near.push(entry);
        } else {
            self.insert_behind(entry);
        }
    }

    fn insert_behind(&mut self, entry: Entry) {
        if !self.far.is_empty() && self.near.first().is_some_and(|farthest| entry < *farthest) {
            self.far.insert(entry);
            return;
        }
        let at = self.near.partition_point(|other| *other < entry);
        self.near.insert(at, entry);
        if self.near.len() > NEAR_MAX {
            self.far.extend(self.near.drain(..NEAR_MAX / 2));
        }
    }

    /// Takes an order out; its coordinate is asked for unless it is the next.
    #[inline]
    pub fn remove(&mut self, order: OrderId, coordinate: impl FnOnce() -> i64) {
        if self.near.pop_if(|last| last.order == order).is_none() {
            self.remove_inside(self.entry(coordinate(), order));
        }
        if self.near.is_empty() {
            self.refill();
        }
    }

    fn remove_inside(&mut self, entry: Entry) {
        if let Ok(at) = self.near.binary_search(&entry) {
            self.near.remove(at);
        } else {
            self.far.remove(&entry);
        }
    }

    /// Takes out the next order if it is met between here and this price.
    #[inline]
    pub fn pop_met(&mut self, x: i64) -> Option<OrderId> {
        let reached = x ^ self.flip;
        let entry = self.near.pop_if(|entry| entry.nearness >= reached)?;
        if self.near.is_empty() {
            self.refill();
        }
        Some(entry.order)
    }

    /// Moves every order to a new coordinate.
    pub fn replace(&mut self, coordinate: impl Fn(OrderId) -> i64) {
        let flip = self.flip;
        let mut all: Vec<Entry> = self.near.drain(..).chain(std::mem::take(&mut self.far)).collect();
        for entry in &mut all {
            entry.nearness = coordinate(entry.order) ^ flip;
        }
        all.sort_unstable();
        self.near = all.split_off(all.len().saturating_sub(NEAR_MAX / 2));
        self.far = all.into_iter().collect();
    }

    #[inline]
    const fn entry(&self, coordinate: i64, order: OrderId) -> Entry {
        Entry {
            nearness: coordinate ^ self.flip,
            order,
        }
    }

    #[inline]
    fn refill(&mut self) {
        if !self.far.is_empty() {
            self.bring_near();
        }
    }

    #[cold]
    fn bring_near(&mut self) {
        while self.near.len() < NEAR_MAX / 2
            && let Some(entry) = self.far.pop_last()
        {
            self.near.push(entry);
        }
        self.near.reverse();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::splitmix;

    /// Pops everything that a price on its way to the end of the world meets.
    fn drained(ladder: &mut Ladder, end: i64) -> Vec<(i64, OrderId)> {
        std::iter::from_fn(|| Some((ladder.next()?, ladder.pop_met(end)?))).collect()
    }

    #[test]
    fn a_price_meets_the_nearest_first_from_either_side() {
        let (mut above, mut below) = (Ladder::above(), Ladder::below());
        for (order, coordinate) in (1..).zip([105, 101, 110, 103]) {
            above.insert(coordinate, order);
            below.insert(coordinate, order);
        }
        assert_eq!((above.next(), below.next()), (Some(101), Some(110)));
        assert_eq!(above.pop_met(100), None);
        assert_eq!(below.pop_met(111), None);
        let up: Vec<i64> = drained(&mut above, 104).iter().map(|met| met.0).collect();
        let down: Vec<i64> = drained(&mut below, 102).iter().map(|met| met.0).collect();
        assert_eq!((up, down), (vec![101, 103], vec![110, 105, 103]));
    }

    /// Inserts, removals and visits in any order, against a plain sorted list.
    #[test]
    fn a_crowd_behaves_like_a_sorted_list() {
        for mut ladder in [Ladder::above(), Ladder::below()] {
            let mut plain: Vec<(i64, OrderId)> = Vec::new();
            for step in 0_u64..4_000 {
                let dice = splitmix(step);
                let order = OrderId::try_from(step).unwrap() + 1;
                let coordinate = i64::try_from(dice % 300).unwrap() + 1;
                if (dice >> 32).is_multiple_of(4) && !plain.is_empty() {
                    let (coordinate, order) = plain.swap_remove(usize::try_from(dice >> 40).unwrap() % plain.len());
                    ladder.remove(order, || coordinate);
                } else {
                    ladder.insert(coordinate, order);
                    plain.push((coordinate, order));
                }
                let nearest = plain.iter().map(|entry| entry.0 ^ ladder.flip).max();
                assert_eq!(ladder.next(), nearest.map(|nearness| nearness ^ ladder.flip));
                assert_eq!(ladder.len(), plain.len());
            }
            assert!(plain.len() > 10 * NEAR_MAX);
            ladder.replace(|order| i64::from(order % 17));
            let mut expected: Vec<i64> = plain
                .iter()
                .map(|entry| i64::from(entry.1 % 17) ^ ladder.flip)
                .collect();
            expected.sort_unstable_by(|a, b| b.cmp(a));
            let end = if ladder.flip == 0 { -1 } else { 1_000 };
            let flip = ladder.flip;
            let met: Vec<i64> = drained(&mut ladder, end).iter().map(|met| met.0 ^ flip).collect();
            assert_eq!(met, expected);
            assert!(ladder.is_empty());
        }
    }
}
