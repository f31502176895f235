//! The memory of a run whose facts nobody needs any more, for the next run: a page that the system hands out anew costs
//! more than the orders that are written on it.

use super::Engine;
use crate::orders::Orders;
use crate::record::Record;

/// Empty tables with room in them.
#[derive(Debug, Default)]
pub struct Memory {
    record: Record,
    orders: Orders,
}

impl Memory {
    /// What the facts of a run took; the facts are forgotten.
    #[must_use]
    pub fn of((mut record, mut orders): (Record, Orders)) -> Self {
        record.clear();
        orders.clear();
        Self { record, orders }
    }

    /// How much there is.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.record.bytes() + self.orders.bytes()
    }
}

impl Engine {
    /// Whether nothing is recorded yet.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.clock < 0 && self.orders.is_empty() && self.record.is_empty()
    }

    /// Gives an engine that is fresh the memory of another run.
    pub fn lend(&mut self, memory: Memory) {
        if self.is_fresh() {
            self.record = memory.record;
            self.orders = memory.orders;
        }
    }

    /// Room for the rows that every tick brings.
    pub(crate) fn reserve(&mut self, ticks: usize) {
        let missing = ticks.saturating_sub(self.record.equity.len());
        self.record.equity.reserve_exact(missing);
    }
}
