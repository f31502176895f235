//! The facts of a run, in the order in which they happened. Everything else is folded from them.

use crate::codes::{Cause, EventKind, FlowKind, Moment, Reason, Role};
use crate::order::OrderId;
use crate::risk::Rule;
use serde::{Deserialize, Serialize};

/// One execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fill {
    /// Ticks, all costs of S-50 included.
    pub price: i64,
    /// Lots.
    pub quantity: i64,
    /// Minor units of the quote currency.
    pub fee: i64,
    /// The order.
    pub order: OrderId,
    /// Tick of the clock.
    pub clock: i32,
    /// Ticks of half spread paid or, by a maker, waited for.
    pub half_spread: i64,
    /// Ticks of slippage paid.
    pub slippage: i64,
    /// Instrument.
    pub instrument: u16,
    /// +1 buy, -1 sell.
    pub side: i8,
    /// When in the bar.
    pub moment: Moment,
    /// Maker or taker.
    pub role: Role,
    /// What brought it about.
    pub cause: Cause,
}

/// One thing that happened to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Price, row of the fill or size: see the codes.
    pub value: i64,
    /// The order.
    pub order: OrderId,
    /// Tick of the clock; -1 before the first.
    pub clock: i32,
    /// What.
    pub kind: EventKind,
    /// When in the tick.
    pub moment: Moment,
    /// Why.
    pub reason: Reason,
}

/// Cash that came or went outside a fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// Minor units, signed: what cash changed by.
    pub amount: i64,
    /// Tick of the clock; -1 before the first.
    pub clock: i32,
    /// Instrument or [`Flow::NO_INSTRUMENT`].
    pub instrument: u16,
    /// Currency.
    pub currency: u8,
    /// What it was.
    pub kind: FlowKind,
}

impl Flow {
    /// The flow belongs to no instrument.
    pub const NO_INSTRUMENT: u16 = u16::MAX;
}

/// What a limit said when it refused: beside the canonical tables, for whoever asks why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The limit: lots for sizes, minor units for values, of the base currency (cash: of its own), else a count.
    pub limit: i64,
    /// What would have been, in the same unit.
    pub value: i64,
    /// The order.
    pub order: OrderId,
    /// Tick of the clock.
    pub clock: i32,
    /// Which limit.
    pub rule: Rule,
    /// When in the tick.
    pub moment: Moment,
}

/// A number per row of equity that seldom changes: from which row on it is what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Steps(Vec<(u32, i64)>);

impl Steps {
    /// What the number is from a row on, until something else is said of a later row.
    #[inline]
    pub fn begin(&mut self, row: usize, value: i64) {
        if self.0.last().is_none_or(|last| last.1 != value) {
            #[expect(clippy::cast_possible_truncation, reason = "rows are bounded by the clock")]
            self.0.push((row as u32, value));
        }
    }

    /// Every value that it takes.
    pub fn values(&self) -> impl Iterator<Item = i64> {
        self.0.iter().map(|step| step.1)
    }

    /// The number at each of so many rows; they begin with the first step.
    #[must_use]
    pub fn rows(&self, count: usize) -> Vec<i64> {
        let mut rows = Vec::with_capacity(count);
        for (at, (_, value)) in self.0.iter().enumerate() {
            let end = self.0.get(at + 1).map_or(count, |next| next.0 as usize);
            rows.resize(end.min(count), *value);
        }
        rows
    }

    /// Forgets the steps, keeps the memory.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

/// The growing record of a run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Record {
    /// Executions.
    pub fills: Vec<Fill>,
    /// Events of orders.
    pub events: Vec<Event>,
    /// Flows of cash.
    pub flows: Vec<Flow>,
    /// What limits said.
    pub refusals: Vec<Refused>,
    /// The first tick that has an equity row.
    pub equity_from: i32,
    /// Equity per tick, base currency.
    pub equity: Vec<i64>,
    /// Cash, base currency.
    pub cash: Steps,
    /// Ticks (rows of `equity`) at which a held instrument had no bar.
    pub stale: Vec<u32>,
}

impl Record {
    /// Forgets the facts, keeps the memory (for the next run of a sweep).
    pub fn clear(&mut self) {
        self.fills.clear();
        self.events.clear();
        self.flows.clear();
        self.refusals.clear();
        self.equity.clear();
        self.cash.clear();
        self.stale.clear();
        self.equity_from = 0;
    }

    /// Whether there are no facts.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.events.is_empty() && self.flows.is_empty() && self.equity.is_empty() && self.equity_from == 0
    }

    /// The memory that it takes.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.fills.capacity() * size_of::<Fill>()
            + self.events.capacity() * size_of::<Event>()
            + self.flows.capacity() * size_of::<Flow>()
            + self.refusals.capacity() * size_of::<Refused>()
            + self.equity.capacity() * size_of::<i64>()
            + self.cash.0.capacity() * size_of::<(u32, i64)>()
            + self.stale.capacity() * size_of::<u32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_laid_out_by_row() {
        let mut steps = Steps::default();
        assert!(steps.rows(0).is_empty());
        for (row, value) in [(0, 5), (1, 5), (3, 7), (4, 5)] {
            steps.begin(row, value);
        }
        assert_eq!(steps.values().collect::<Vec<_>>(), [5, 7, 5]);
        assert_eq!(steps.rows(6), [5, 5, 5, 7, 5, 5]);
        assert_eq!(steps.rows(2), [5, 5]);
        steps.clear();
        assert_eq!(steps, Steps::default());
    }

    #[test]
    fn rows_stay_small() {
        assert_eq!(size_of::<Fill>(), 56);
        assert_eq!(size_of::<Event>(), 24);
        assert_eq!(size_of::<crate::order::Order>(), 64);
        assert!(size_of::<crate::order::Order>() + size_of::<Fill>() + size_of::<Event>() <= 144);
    }
}
