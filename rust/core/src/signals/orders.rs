//! Orders that were decided up front, each at its tick of the clock.

use crate::codes::{OrderKind, TimeInForce};
use crate::engine::{Engine, UserOrder};
use crate::error::Result;
use crate::request::OrderRequest;

/// One order and when to send it.
#[derive(Debug, Clone, Copy)]
pub struct PlannedOrder {
    /// Tick of the clock.
    pub clock: i32,
    /// Instrument.
    pub instrument: u16,
    /// Size in whole units: above zero to buy, below to sell.
    pub quantity: f64,
    /// Limit price.
    pub limit: Option<f64>,
    /// Trigger price.
    pub stop: Option<f64>,
    /// Time in force.
    pub tif: TimeInForce,
    /// Bits of [`crate::codes::flags`].
    pub flags: u8,
}

/// Orders in the order of their ticks.
#[derive(Debug, Clone, Default)]
pub struct Orders {
    plan: Vec<PlannedOrder>,
    next: usize,
}

impl Orders {
    /// A plan; orders of one tick are sent in the order given.
    #[must_use]
    pub fn new(mut plan: Vec<PlannedOrder>) -> Self {
        plan.sort_by_key(|order| order.clock);
        Self { plan, next: 0 }
    }

    /// Sends what is planned for this tick.
    #[inline]
    pub(super) fn at_tick(&mut self, engine: &mut Engine) -> Result<()> {
        while let Some(order) = self.plan.get(self.next) {
            if order.clock > engine.clock() {
                break;
            }
            // A run that goes on from a checkpoint has sent the earlier ones already.
            if order.clock == engine.clock() {
                engine.send_user(&order.request())?;
            }
            self.next += 1;
        }
        Ok(())
    }
}

impl PlannedOrder {
    fn request(&self) -> UserOrder {
        let side = if self.quantity > 0.0 { 1 } else { -1 };
        let request = OrderRequest {
            kind: match (self.limit, self.stop) {
                (None, None) => OrderKind::Market,
                (Some(_), None) => OrderKind::Limit,
                (None, Some(_)) => OrderKind::Stop,
                (Some(_), Some(_)) => OrderKind::StopLimit,
            },
            tif: self.tif,
            flags: self.flags,
            ..OrderRequest::market(self.instrument, side, 0)
        };
        UserOrder {
            request,
            quantity: self.quantity.abs(),
            limit: self.limit,
            trigger: self.stop,
            trail: None,
        }
    }
}
