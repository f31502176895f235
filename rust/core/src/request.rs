//! What a strategy asks for, in engine units.

use crate::codes::{OrderKind, TimeInForce};
use crate::order::OrderId;
use serde::{Deserialize, Serialize};

/// What every order has, and what few have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderRequest {
    /// Index of the instrument.
    pub instrument: u16,
    /// +1 buy, -1 sell.
    pub side: i8,
    /// What it waits for.
    pub kind: OrderKind,
    /// How long it lives.
    pub tif: TimeInForce,
    /// Bits of [`crate::codes::flags`].
    pub flags: u8,
    /// Lots.
    pub quantity: i64,
    /// Ticks, 0 for none.
    pub limit: i64,
    /// Ticks, 0 for none.
    pub trigger: i64,
    /// What few orders have.
    pub extras: Extras,
}

impl OrderRequest {
    /// A good-till-canceled market order.
    #[must_use]
    pub const fn market(instrument: u16, side: i8, quantity: i64) -> Self {
        Self {
            instrument,
            side,
            kind: OrderKind::Market,
            tif: TimeInForce::Gtc,
            flags: 0,
            quantity,
            limit: 0,
            trigger: 0,
            extras: Extras::NONE,
        }
    }

    /// A good-till-canceled limit order.
    #[must_use]
    pub const fn limit(instrument: u16, side: i8, quantity: i64, limit: i64) -> Self {
        Self {
            kind: OrderKind::Limit,
            limit,
            ..Self::market(instrument, side, quantity)
        }
    }

    /// The same with what few orders have.
    #[must_use]
    pub const fn with(self, extras: Extras) -> Self {
        Self { extras, ..self }
    }

    /// Whether it is good till canceled, without flags, group or parent: nothing to it but kind, size and price.
    #[inline]
    #[must_use]
    pub const fn is_plain(&self) -> bool {
        self.flags == 0 && self.extras.group == 0 && self.extras.parent == 0 && matches!(self.tif, TimeInForce::Gtc)
    }

    /// The price that is known when it is sent: the limit, else the trigger; 0 if it has neither.
    #[inline]
    #[must_use]
    pub const fn known_price(&self) -> i64 {
        if self.limit == 0 { self.trigger } else { self.limit }
    }
}

/// What few orders have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extras {
    /// Trailing offset: ticks or parts per billion, 0 for none.
    pub trail: i64,
    /// Last time of a good-till-date order, 0 for none.
    pub expire_ns: i64,
    /// One-cancels-other group, 0 for none.
    pub group: u32,
    /// The order it waits for, 0 for none.
    pub parent: OrderId,
    /// Label of the user's tag, 0 for none.
    pub tag: u32,
    /// Label of the user's id, 0 for none.
    pub client: u32,
}

impl Extras {
    /// What most orders have: nothing of it.
    pub const NONE: Self = Self {
        trail: 0,
        expire_ns: 0,
        group: 0,
        parent: 0,
        tag: 0,
        client: 0,
    };

    /// Whether there is nothing of it.
    #[inline]
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.trail == 0
            && self.expire_ns == 0
            && self.group == 0
            && self.parent == 0
            && self.tag == 0
            && self.client == 0
    }
}
