//! An order as the engine keeps it: 64 bytes, a line of the cache, folded from its events. What few orders have stands beside
//! them (see `orders`).

use crate::codes::{OrderKind, OrderStatus, Reason, TimeInForce, flags};
use crate::request::OrderRequest;
use serde::{Deserialize, Serialize};

/// Orders are numbered from 1 in the order of sending; 0 is no order.
pub type OrderId = u32;

/// Where a live order is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Seat {
    /// Nowhere: ended, or being touched.
    Nowhere,
    /// Waits for its parent.
    Held,
    /// On its way to the market.
    Queue,
    /// In the book: met by a rising price.
    Above,
    /// In the book: met by a falling price.
    Below,
    /// A trailing stop whose trigger moves.
    Trailing,
    /// Met, but not filled whole (S-55).
    Met,
    /// Waits for the session's close (S-43).
    AtClose,
}

/// An order and what has become of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Order {
    /// Lots asked for.
    pub quantity: i64,
    /// Lots filled.
    pub filled: i64,
    /// Limit, ticks.
    pub limit: i64,
    /// Trigger, ticks.
    pub trigger: i64,
    /// Tick at which it was sent; -1 before the first.
    pub sent: i32,
    /// Tick at which it arrived; -1 if it never did.
    pub arrived: i32,
    /// Time priority (S-26): rank of its last arrival.
    pub rank: u32,
    /// While it lives its place in the list of its seat, if that is a list; then the tick at which it ended.
    place: u32,
    /// See [`crate::orders::Orders::extras`].
    pub(crate) extras: u32,
    /// Instrument.
    pub instrument: u16,
    /// +1 buy, -1 sell.
    pub side: i8,
    /// Kind.
    pub kind: OrderKind,
    /// Time in force.
    pub tif: TimeInForce,
    /// Bits.
    pub flags: u8,
    /// State.
    pub status: OrderStatus,
    /// Why it ended.
    pub reason: Reason,
    /// Where it is kept.
    pub seat: Seat,
    /// See [`OrderRequest::is_plain`].
    pub plain: bool,
    /// See [`Order::acts_as`].
    acts: OrderKind,
}

impl Order {
    /// A new order, not yet anywhere.
    #[inline]
    #[must_use]
    pub const fn new(request: &OrderRequest, sent: i32) -> Self {
        Self {
            quantity: request.quantity,
            filled: 0,
            limit: request.limit,
            trigger: request.trigger,
            sent,
            arrived: -1,
            rank: 0,
            place: 0,
            extras: 0,
            instrument: request.instrument,
            side: request.side,
            kind: request.kind,
            tif: request.tif,
            flags: request.flags,
            status: OrderStatus::Submitted,
            reason: Reason::None,
            seat: Seat::Nowhere,
            plain: request.is_plain(),
            acts: request.kind,
        }
    }

    /// The sign of the side.
    #[inline]
    #[must_use]
    pub fn sign(&self) -> i64 {
        i64::from(self.side)
    }

    /// Whether nothing has ended it.
    #[inline]
    #[must_use]
    pub const fn is_live(&self) -> bool {
        !self.status.is_terminal()
    }

    /// It reaches the market, and is between two seats.
    #[inline]
    pub const fn arrive(&mut self, clock: i32, rank: u32) {
        self.arrived = clock;
        self.rank = rank;
        self.seat = Seat::Nowhere;
    }

    /// Nothing can happen to it any more.
    #[inline]
    pub const fn end(&mut self, status: OrderStatus, reason: Reason, clock: i32) {
        self.status = status;
        self.reason = reason;
        self.place = clock.cast_unsigned();
    }

    /// Tick at which it ended; -1 while it lives, or if that was before the first.
    #[inline]
    #[must_use]
    pub const fn ended(&self) -> i32 {
        if self.is_live() { -1 } else { self.place.cast_signed() }
    }

    /// Its place in the list of its seat, as long as it has one.
    #[inline]
    #[must_use]
    pub const fn slot(&self) -> u32 {
        self.place
    }

    /// Moves it to a place in the list of its seat.
    #[inline]
    pub const fn set_slot(&mut self, slot: u32) {
        self.place = slot;
    }

    /// Lots still to fill.
    #[inline]
    #[must_use]
    pub const fn remaining(&self) -> i64 {
        self.quantity - self.filled
    }

    /// Whether a bit is set.
    #[inline]
    #[must_use]
    pub const fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// What it does now: a triggered stop is a market order, a triggered stop-limit a limit order (S-23).
    #[inline]
    #[must_use]
    pub const fn acts_as(&self) -> OrderKind {
        self.acts
    }

    /// The price has met it: from now on it acts as a market or a limit order (S-23).
    pub const fn trigger_now(&mut self) {
        self.flags |= flags::TRIGGERED;
        self.acts = match self.kind {
            OrderKind::StopLimit => OrderKind::Limit,
            _ => OrderKind::Market,
        };
    }

    /// S-26: the limit, or the trigger as long as it is not triggered; a market order goes first on its side.
    #[inline]
    #[must_use]
    pub const fn own_price(&self) -> i64 {
        match self.acts_as() {
            OrderKind::Market => {
                if self.side > 0 {
                    i64::MAX
                } else {
                    -i64::MAX
                }
            }
            OrderKind::Limit => self.limit,
            _ => self.trigger,
        }
    }

    /// Whether a rising price meets it: sell limits, buy stops.
    #[inline]
    #[must_use]
    pub const fn met_by_rise(&self) -> bool {
        matches!(self.acts_as(), OrderKind::Limit | OrderKind::MarketIfTouched) != (self.side > 0)
    }

    /// Where on the price's path it is met, with half spread `h` (S-24).
    #[inline]
    #[must_use]
    pub fn coordinate(&self, half_spread: i64) -> i64 {
        match self.acts_as() {
            OrderKind::TrailingStop => self.trigger,
            _ => self.own_price().saturating_sub(self.sign() * half_spread),
        }
    }

    /// Whether the price `x` meets it (S-23).
    #[inline]
    #[must_use]
    pub fn is_met(&self, x: i64, half_spread: i64) -> bool {
        match self.acts_as() {
            OrderKind::Market => true,
            _ if self.met_by_rise() => x >= self.coordinate(half_spread),
            _ => x <= self.coordinate(half_spread),
        }
    }

    /// The size of a trailing stop's offset at price `x` (S-25).
    ///
    /// # Errors
    /// The offset does not fit 64 bits.
    pub fn trailing_offset(&self, trail: i64, x: i64) -> crate::error::Result<i64> {
        if self.has(flags::TRAIL_IS_PPB) {
            return Ok(crate::units::scale(x, trail)?.max(1));
        }
        Ok(trail)
    }
}
