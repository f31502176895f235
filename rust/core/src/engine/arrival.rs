//! Orders on their way to the market, and what happens when they get there (S-20, S-42, S-43, S-57).

use super::{Engine, Present};
use crate::codes::{Cause, Moment};
use crate::codes::{EventKind, OrderKind, OrderStatus, Reason, Role, TimeInForce, flags};
use crate::error::Result;
use crate::market::Market;
use crate::order::{Order, OrderId, Seat};
use crate::random::draw;
use crate::record::Refused;
use crate::risk::{Approval, Proposal, Refusal};

/// When an order that is on its way meets a bar.
enum Due {
    Open,
    Path(i64),
    Later,
}

impl Engine {
    /// Step 3: everything that is due arrives at O, in the order sent.
    pub(super) fn arrive_at_open(&mut self, market: &Market) -> Result<()> {
        let mut queue = std::mem::take(&mut self.queue);
        let mut kept = 0;
        for at in 0..queue.len() {
            let id = queue[at];
            let order = &self.orders[id as usize - 1];
            if order.seat != Seat::Queue {
                continue;
            }
            let instrument = usize::from(order.instrument);
            let due = match self.present_bar(market, order.instrument) {
                Some(present) => {
                    let due = self.due(market, order, present, id);
                    self.begin_bar(market, present)?;
                    due
                }
                None => Due::Later,
            };
            match due {
                Due::Open => self.arrive(id, self.books[instrument].price)?,
                Due::Path(due_ns) => self.books[instrument].incoming.push((due_ns, id)),
                Due::Later => {
                    queue[kept] = id;
                    kept += 1;
                }
            }
        }
        queue.truncate(kept);
        // Children that wait for an open were queued meanwhile (S-28).
        queue.append(&mut self.queue);
        self.queue = queue;
        Ok(())
    }

    /// Step 7: everything just sent arrives at C.
    pub(super) fn arrive_at_close(&mut self, market: &Market) -> Result<()> {
        let mut queue = std::mem::take(&mut self.queue);
        let mut kept = 0;
        for at in 0..queue.len() {
            let id = queue[at];
            let order = &self.orders[id as usize - 1];
            if order.seat != Seat::Queue {
                continue;
            }
            let present = self
                .present_bar(market, order.instrument)
                .filter(|_| order.tif != TimeInForce::AtOpen && order.sent >= 0);
            if let Some(present) = present {
                let instrument = usize::from(present.instrument);
                self.books[instrument].session_end = is_session_end(market, present);
                self.arrive(id, market.series[instrument].close[present.row as usize])?;
            } else {
                queue[kept] = id;
                kept += 1;
            }
        }
        queue.truncate(kept);
        // Children that wait for an open were queued meanwhile (S-28).
        queue.append(&mut self.queue);
        self.queue = queue;
        Ok(())
    }

    /// The instrument's bar at this tick.
    #[inline]
    pub(super) fn present_bar(&self, market: &Market, instrument: u16) -> Option<Present> {
        if self.dense {
            let row = self.clock.unsigned_abs();
            return Some(Present { instrument, row });
        }
        let row = self.next_row[usize::from(instrument)].checked_sub(1)?;
        let here = market.series[usize::from(instrument)].tick_of(row as usize) == self.clock;
        here.then_some(Present { instrument, row })
    }

    fn due(&self, market: &Market, order: &Order, present: Present, id: OrderId) -> Due {
        if order.tif == TimeInForce::AtOpen && !is_session_start(market, present) {
            return Due::Later;
        }
        if !self.duties.latency || order.sent < 0 {
            return Due::Open;
        }
        let (low, high) = (self.settings.latency_min_ns, self.settings.latency_max_ns);
        let sent_ns = market.clock_ns[order.sent.unsigned_abs() as usize];
        let due_ns = sent_ns
            .saturating_add(low)
            .saturating_add(bounded(draw(self.streams.latency, u64::from(id)), high - low));
        let start_ns = self
            .time_ns
            .saturating_sub(self.settings.instruments[usize::from(order.instrument)].interval_ns);
        if due_ns <= start_ns {
            Due::Open
        } else if due_ns < self.time_ns && order.tif != TimeInForce::AtOpen {
            Due::Path(due_ns)
        } else {
            Due::Later
        }
    }

    /// An order reaches the market at price `x` (S-20).
    pub(super) fn arrive(&mut self, id: OrderId, x: i64) -> Result<()> {
        let (clock, time_ns) = (self.clock, self.time_ns);
        let order = &self.orders[id as usize - 1];
        if order.tif == TimeInForce::Gtd && time_ns > self.orders.extras(order).expire_ns {
            self.end(id, OrderStatus::Expired, Reason::DateReached);
            return Ok(());
        }
        self.arrivals += 1;
        let order = &mut self.orders[id as usize - 1];
        order.arrive(clock, self.arrivals);
        let at = usize::from(order.instrument);
        let closing = self.moment == Moment::Close && self.books[at].session_end;
        let proposal = match self.proposed(id, x, closing) {
            Ok(proposal) => proposal,
            Err(reason) => {
                self.refuse(id, reason);
                return Ok(());
            }
        };
        match self.judge(&proposal, Role::Taker)? {
            Ok(approval) => self.admit(approval, x, closing),
            Err(refusal) => {
                self.refuse_with(id, &refusal);
                Ok(())
            }
        }
    }

    /// The market takes an order that was approved.
    #[inline]
    fn admit(&mut self, approval: Approval, x: i64, closing: bool) -> Result<()> {
        let id = approval.order();
        let order = &self.orders[id as usize - 1];
        let (plain, tif, at) = (order.plain, order.tif, usize::from(order.instrument));
        if tif == TimeInForce::AtClose && !closing {
            self.seat(id, Seat::AtClose);
        } else if order.acts_as() != OrderKind::TrailingStop && !order.is_met(x, self.books[at].half_spread) {
            self.rest(id);
            if !plain {
                self.cancel_leftover(id, tif);
            }
        } else if self.fills_plainly(at, order) {
            // What was approved on arrival is the fill itself: the same size, price and role.
            return self.fill_plainly(approval, x);
        } else {
            self.touch(id, x, Role::Taker, Cause::Arrival)?;
            if !plain {
                self.cancel_leftover(id, tif);
            }
        }
        let order = self.order_mut(id);
        if matches!(
            order.status,
            OrderStatus::Submitted | OrderStatus::Pending | OrderStatus::Accepted
        ) {
            order.status = OrderStatus::Accepted;
            self.note(id, EventKind::Accepted, Reason::None, x);
        }
        Ok(())
    }

    fn cancel_leftover(&mut self, id: OrderId, tif: TimeInForce) {
        let reason = match tif {
            TimeInForce::Ioc => Reason::ImmediateOrCancel,
            TimeInForce::Fok => Reason::FillOrKill,
            TimeInForce::AtOpen => Reason::AtOpenMissed,
            TimeInForce::AtClose => Reason::AtCloseMissed,
            _ => return,
        };
        if self.orders[id as usize - 1].is_live() {
            self.end(id, OrderStatus::Canceled, reason);
        }
    }

    /// What an arriving order asks for, or why the order itself may not go on.
    #[inline]
    fn proposed(&self, id: OrderId, x: i64, closing: bool) -> std::result::Result<Proposal, Reason> {
        let order = &self.orders[id as usize - 1];
        if order.plain {
            let half_spread = self.books[usize::from(order.instrument)].half_spread;
            return Ok(Proposal {
                order: id,
                lots: order.remaining(),
                ticks: judged_price(order, x, half_spread, closing),
            });
        }
        let group = self.orders.extras(order).group;
        if group != 0
            && order.filled == 0
            && let Some(group) = self.groups.get(&group)
            && group.ended != Reason::None
        {
            return Err(group.ended);
        }
        let half_spread = self.books[usize::from(order.instrument)].half_spread;
        if order.has(flags::POST_ONLY) && order.acts_as() == OrderKind::Limit && order.is_met(x, half_spread) {
            return Err(Reason::PostOnlyWouldTake);
        }
        let mut quantity = self.allowed_by_parent(order).min(order.remaining());
        if order.has(flags::REDUCE_ONLY) {
            quantity = quantity.min(self.reducible(order));
            if quantity == 0 {
                return Err(Reason::ReduceOnlyNoPosition);
            }
        }
        Ok(Proposal {
            order: id,
            lots: quantity,
            ticks: judged_price(order, x, half_spread, closing),
        })
    }

    /// Ends an order that may not go on; what a limit said stays in the record.
    #[cold]
    pub(super) fn refuse_with(&mut self, id: OrderId, refusal: &Refusal) {
        self.record.refusals.push(Refused {
            limit: refusal.limit,
            value: refusal.value,
            order: id,
            clock: self.clock,
            rule: refusal.rule,
            moment: self.moment,
        });
        self.refuse(id, refusal.reason);
    }

    /// A refusal rejects what has not been accepted yet and cancels what has (S-20).
    pub(super) fn refuse(&mut self, id: OrderId, reason: Reason) {
        let order = &self.orders[id as usize - 1];
        let fresh = matches!(order.status, OrderStatus::Submitted | OrderStatus::Pending);
        let by_group = matches!(
            reason,
            Reason::OneCancelsOther
                | Reason::GroupCanceled
                | Reason::MissedFill
                | Reason::ParentEnded
                | Reason::FillOrKill
        );
        let status = if fresh && !by_group {
            OrderStatus::Rejected
        } else {
            OrderStatus::Canceled
        };
        self.end(id, status, reason);
    }

    /// S-28: lots that a child may still fill; no limit for an order without parent.
    pub(super) fn allowed_by_parent(&self, order: &Order) -> i64 {
        match self.orders.extras(order).parent {
            0 => i64::MAX,
            parent => (self.orders[parent as usize - 1].filled - order.filled).max(0),
        }
    }

    /// Lots by which a reduce-only order may still reduce the position (S-45).
    pub(super) fn reducible(&self, order: &Order) -> i64 {
        (-order.sign() * self.position(usize::from(order.instrument))).max(0)
    }

    /// Step 4, end: at-close orders of a session's last bar, in order of arrival (S-43).
    pub(super) fn close_session(&mut self, instrument: u16) -> Result<()> {
        let mut waiting = std::mem::take(&mut self.books[usize::from(instrument)].at_close);
        for &id in &waiting {
            self.resting -= 1;
            self.order_mut(id).seat = Seat::Nowhere;
        }
        waiting.sort_unstable_by_key(|id| self.orders[*id as usize - 1].rank);
        self.moment = Moment::Close;
        for &id in &waiting {
            if self.orders[id as usize - 1].is_live() {
                self.touch(id, self.books[usize::from(instrument)].price, Role::Taker, Cause::Close)?;
                self.cancel_leftover(id, TimeInForce::AtClose);
            }
        }
        self.moment = Moment::Path;
        Ok(())
    }
}

/// The price at which an arriving order is judged: `x` if it fills there at once, else its own.
#[inline]
fn judged_price(order: &Order, x: i64, half_spread: i64, closing: bool) -> i64 {
    if order.kind == OrderKind::Market {
        return x;
    }
    let waits = order.tif == TimeInForce::AtClose && !closing;
    if !waits && fills_at(order, x, half_spread) {
        x
    } else {
        resting_price(order, x)
    }
}

/// Whether an arriving order fills at `x` at once.
fn fills_at(order: &Order, x: i64, half_spread: i64) -> bool {
    match order.acts_as() {
        OrderKind::TrailingStop => false,
        OrderKind::StopLimit => {
            let within = order.sign() * (order.limit - x) >= half_spread;
            order.is_met(x, half_spread) && within
        }
        _ => order.is_met(x, half_spread),
    }
}

/// The price at which a resting order is judged: its limit, else its trigger, else `x`.
fn resting_price(order: &Order, x: i64) -> i64 {
    match order.acts_as() {
        OrderKind::Limit | OrderKind::StopLimit => order.limit,
        OrderKind::Stop | OrderKind::MarketIfTouched => order.trigger,
        OrderKind::Market | OrderKind::TrailingStop => x,
    }
}

/// A draw reduced to `0..=span`.
fn bounded(draw: u64, span: i64) -> i64 {
    let choices = span.unsigned_abs() + 1;
    i64::try_from(draw % choices).unwrap_or(i64::MAX)
}

/// Whether the bar is the first of its session, for its instrument.
pub(super) fn is_session_start(market: &Market, present: Present) -> bool {
    let series = &market.series[usize::from(present.instrument)];
    let session = |row: usize| market.sessions[series.tick_of(row).unsigned_abs() as usize];
    present.row == 0 || session(present.row as usize - 1) != session(present.row as usize)
}

/// Whether the bar is the last of its session, for its instrument.
pub(super) fn is_session_end(market: &Market, present: Present) -> bool {
    let series = &market.series[usize::from(present.instrument)];
    let session = |row: usize| market.sessions[series.tick_of(row).unsigned_abs() as usize];
    present.row as usize + 1 == series.len() || session(present.row as usize + 1) != session(present.row as usize)
}
