//! What has come of a run, comparable.

use triplebar_core::engine::Engine;
use triplebar_core::order::Order;
use triplebar_core::orders::Orders;
use triplebar_core::record::{Event, Record};

/// Everything a run has left behind.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Fills, events, flows, equity.
    pub record: Record,
    /// Orders, number `n` at `n - 1`.
    pub orders: Orders,
    /// Tags, ids and groups.
    pub labels: Vec<String>,
    /// Cash per currency at the end.
    pub cash: Vec<i64>,
    /// Signed lots per instrument at the end.
    pub positions: Vec<i64>,
    /// What the strategy was told.
    pub notices: Vec<Event>,
    /// Timers that fired: tick and name.
    pub fired: Vec<(i32, String)>,
    /// What the desk refused with an error.
    pub refusals: Vec<String>,
}

impl Facts {
    /// What an engine holds; what only the strategy saw is added by its host.
    #[must_use]
    pub fn of(engine: &Engine) -> Self {
        Self {
            record: engine.record().clone(),
            orders: engine.orders().clone(),
            labels: engine.labels().texts().to_vec(),
            cash: engine.account().cash.clone(),
            positions: (0..engine.settings().instruments.len())
                .map(|at| engine.position(at))
                .collect(),
            notices: Vec::new(),
            fired: Vec::new(),
            refusals: Vec::new(),
        }
    }

    /// The record and the orders as one text: equal texts are equal runs.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{:#?}\n{:#?}", self.record, self.orders)
    }

    /// The first line in which two runs differ, if they do.
    #[must_use]
    pub fn first_difference(&self, other: &Self) -> Option<String> {
        let (mine, theirs) = (self.text(), other.text());
        let mut pairs = mine.lines().zip(theirs.lines()).enumerate();
        let differing = pairs.find(|(_, (left, right))| left != right);
        let at = differing.map(|(line, (left, right))| format!("line {line}: {left} / {right}"));
        at.or_else(|| (mine.len() != theirs.len()).then(|| "one is longer".to_owned()))
    }

    /// The order of an event or fill.
    #[must_use]
    pub fn order(&self, id: u32) -> &Order {
        &self.orders[id as usize - 1]
    }
}
