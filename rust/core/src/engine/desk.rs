//! What a strategy can do at a decision point: send, cancel, modify, move money (S-02, S-04, S-46).

use super::Engine;
use super::terms::Terms;
use crate::codes::{AccountKind, EventKind, FlowKind, OrderKind, OrderStatus, Reason, TimeInForce, flags};
use crate::error::{self, Result, overflow};
use crate::grid::{Grid, Toward};
use crate::order::{Order, OrderId, OrderRequest, Seat};
use crate::record::Flow;
use crate::settings::OffGrid;
use crate::units::{PPB, ratio_nearest, scale};

/// An order in the user's own numbers.
#[derive(Debug, Clone, Copy)]
pub struct UserOrder {
    /// Everything that is not a number on the grid.
    pub request: OrderRequest,
    /// Size, units.
    pub quantity: f64,
    /// Limit price.
    pub limit: Option<f64>,
    /// Trigger price.
    pub trigger: Option<f64>,
    /// Trailing amount, price units.
    pub trail: Option<f64>,
}

/// What a modification changes, in engine units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Change {
    /// New total size.
    pub quantity: Option<i64>,
    /// New limit.
    pub limit: Option<i64>,
    /// New trigger.
    pub trigger: Option<i64>,
    /// New trailing offset, and whether it is a share.
    pub trail: Option<(i64, bool)>,
}

impl Engine {
    /// Sends an order given in the user's numbers.
    ///
    /// # Errors
    /// More than 2^32 orders.
    pub fn send_user(&mut self, user: &UserOrder) -> Result<OrderId> {
        let (request, reason) = self.on_grid(user);
        self.send_or_refuse(&request, reason)
    }

    /// Sends an order given in engine units.
    ///
    /// # Errors
    /// More than 2^32 orders.
    #[inline]
    pub fn send(&mut self, request: &OrderRequest) -> Result<OrderId> {
        self.send_or_refuse(request, None)
    }

    /// Sends a market order, or a limit order, to which there is nothing else but a tag.
    ///
    /// # Errors
    /// More than 2^32 orders.
    #[inline]
    pub fn send_simple(
        &mut self,
        instrument: u16,
        side: i8,
        quantity: f64,
        limit: Option<f64>,
        tag: u32,
    ) -> Result<OrderId> {
        let terms = &self.terms[usize::from(instrument)];
        let lots = terms.size.place(quantity, Toward::Down);
        let passive = if side > 0 { Toward::Down } else { Toward::Up };
        let price = limit.map(|limit| terms.price.place(limit, passive));
        let exact = lots.exact && price.is_none_or(|price| price.exact);
        let mut request = match price {
            None => OrderRequest::market(instrument, side, lots.steps),
            Some(price) => OrderRequest::limit(instrument, side, lots.steps, price.steps),
        };
        request.tag = tag;
        let refused = !exact && self.settings.off_grid == OffGrid::Reject;
        self.send_or_refuse(&request, refused.then_some(Reason::OffGrid))
    }

    /// S-02: prices and sizes in ticks and lots; the reason if the grid refuses.
    fn on_grid(&self, user: &UserOrder) -> (OrderRequest, Option<Reason>) {
        let mut request = user.request;
        let Terms { price, size, .. } = &self.terms[usize::from(request.instrument)];
        let mut exact = true;
        let mut place = |grid: &Grid, value: f64, toward: Toward| {
            let placed = grid.place(value, toward);
            exact &= placed.exact;
            placed.steps
        };
        let rising = if request.side > 0 { Toward::Up } else { Toward::Down };
        let passive = if request.side > 0 { Toward::Down } else { Toward::Up };
        request.quantity = place(size, user.quantity, Toward::Down);
        request.limit = user.limit.map_or(0, |limit| place(price, limit, passive));
        request.trigger = user.trigger.map_or(0, |trigger| place(price, trigger, rising));
        if let Some(trail) = user.trail {
            request.trail = place(price, trail, Toward::Nearest);
        }
        let refused = !exact && self.settings.off_grid == OffGrid::Reject;
        (request, refused.then_some(Reason::OffGrid))
    }

    /// Sends a child that belongs to the order just sent: if that was refused, it ends with it (S-28).
    ///
    /// # Errors
    /// More than 2^32 orders.
    pub fn send_attached(&mut self, user: &UserOrder) -> Result<OrderId> {
        let parent = self.order(user.request.parent);
        if parent.is_some_and(|parent| parent.filled == 0 && !parent.is_live()) {
            let (request, _) = self.on_grid(user);
            let id = self.enlist(&request)?;
            self.end(id, OrderStatus::Canceled, Reason::ParentEnded);
            return Ok(id);
        }
        self.send_user(user)
    }

    #[inline]
    fn send_or_refuse(&mut self, request: &OrderRequest, off_grid: Option<Reason>) -> Result<OrderId> {
        if off_grid.is_none() && self.is_plain_and_good(request) {
            return self.send_plain(request);
        }
        self.send_any(request, off_grid)
    }

    /// Whether nothing but kind, size and price of an order could be refused, and none of them is.
    #[inline]
    fn is_plain_and_good(&self, request: &OrderRequest) -> bool {
        let terms = &self.terms[usize::from(request.instrument)];
        request.is_plain()
            && request.client == 0
            && request.expire_ns == 0
            && !self.stopping
            && !self.duties.warmup
            && terms.notional_min == 0
            && terms.admits(request)
            && has_positive_prices(request)
            && terms.notional(request).is_some()
    }

    #[inline]
    fn send_plain(&mut self, request: &OrderRequest) -> Result<OrderId> {
        let mut order = Order::new(request, self.clock);
        order.seat = Seat::Queue;
        self.orders.push(order);
        self.live += 1;
        let id = OrderId::try_from(self.orders.len()).map_err(|_| overflow("the number of orders"))?;
        self.queue.push(id);
        Ok(id)
    }

    fn send_any(&mut self, request: &OrderRequest, off_grid: Option<Reason>) -> Result<OrderId> {
        let refused = self.refused_when_sent(request, off_grid);
        let id = self.enlist(request)?;
        if let Some(reason) = refused {
            self.end(id, OrderStatus::Rejected, reason);
            return Ok(id);
        }
        self.place(id, request);
        Ok(id)
    }

    /// Gives a new order its number, and its place among client ids and groups.
    fn enlist(&mut self, request: &OrderRequest) -> Result<OrderId> {
        self.check_parent(request)?;
        self.orders.push(Order::new(request, self.clock));
        self.live += 1;
        self.sessions_matter |= matches!(request.tif, TimeInForce::AtOpen | TimeInForce::AtClose);
        let id = OrderId::try_from(self.orders.len()).map_err(|_| overflow("the number of orders"))?;
        if request.client != 0 {
            self.clients.insert(request.client);
        }
        if request.group != 0 {
            let group = self.groups.entry(request.group).or_insert_with(|| super::Group {
                members: Vec::new(),
                ended: Reason::None,
            });
            if group.ended == Reason::None {
                group.members.push(id);
            }
        }
        Ok(id)
    }

    /// A parent must be an earlier order of the same instrument (S-02).
    ///
    /// # Errors
    /// It is not.
    pub fn check_parent(&self, request: &OrderRequest) -> Result<()> {
        let known = |id: OrderId| {
            self.order(id)
                .is_some_and(|parent| parent.instrument == request.instrument)
        };
        if request.parent == 0 || known(request.parent) {
            return Ok(());
        }
        let message = format!(
            "parent {} is no earlier order of the same instrument; send the parent first",
            request.parent
        );
        Err(error::order(message))
    }

    /// Where a new order waits: with its parent, or on its way (S-27, S-28).
    fn place(&mut self, id: OrderId, request: &OrderRequest) {
        if matches!(request.tif, TimeInForce::Day | TimeInForce::Gtd) {
            self.timed.push(id);
            if request.tif == TimeInForce::Gtd {
                self.soonest_date_ns = self.soonest_date_ns.min(request.expire_ns);
            }
        }
        if request.group != 0
            && let Some(group) = self.groups.get(&request.group)
            && group.ended != Reason::None
        {
            let reason = group.ended;
            self.end(id, OrderStatus::Canceled, reason);
            return;
        }
        let parent = (request.parent != 0).then(|| &self.orders[request.parent as usize - 1]);
        match parent {
            Some(parent) if parent.filled == 0 && !parent.is_live() => {
                self.end(id, OrderStatus::Canceled, Reason::ParentEnded);
            }
            Some(parent) if parent.filled == 0 => {
                self.children.entry(request.parent).or_default().push(id);
                let order = self.order_mut(id);
                order.status = OrderStatus::Pending;
                order.seat = Seat::Held;
            }
            _ => {
                self.order_mut(id).seat = Seat::Queue;
                self.queue.push(id);
            }
        }
    }

    /// S-04: the first reason for which an order is refused when sent.
    fn refused_when_sent(&self, request: &OrderRequest, off_grid: Option<Reason>) -> Option<Reason> {
        if self.stopping {
            return Some(Reason::EndOfData);
        }
        if self.is_warming(usize::from(request.instrument)) {
            return Some(Reason::WarmUp);
        }
        if request.client != 0 && self.clients.contains(&request.client) {
            return Some(Reason::DuplicateOrder);
        }
        if !is_supported(request) {
            return Some(Reason::Unsupported);
        }
        if off_grid.is_some() {
            return off_grid;
        }
        self.out_of_range(request)
    }

    fn out_of_range(&self, request: &OrderRequest) -> Option<Reason> {
        let terms = &self.terms[usize::from(request.instrument)];
        if !terms.admits(request) {
            return Some(Reason::InvalidQuantity);
        }
        if !has_positive_prices(request) {
            return Some(Reason::InvalidPrice);
        }
        if request.flags & flags::REDUCE_ONLY != 0 {
            return None;
        }
        match terms.notional(request) {
            None => Some(Reason::NotionalAboveMaximum),
            Some(notional) if request.known_price() != 0 && notional < terms.notional_min => {
                Some(Reason::NotionalBelowMinimum)
            }
            Some(_) => None,
        }
    }

    /// Cancels a live order; false if it has ended.
    #[inline]
    pub fn cancel(&mut self, id: OrderId) -> bool {
        let live = self.order(id).is_some_and(Order::is_live);
        if live {
            self.end(id, OrderStatus::Canceled, Reason::ByStrategy);
        }
        live
    }

    /// Live orders, of one instrument or all.
    #[must_use]
    pub fn live_orders(&self, instrument: Option<u16>) -> Vec<OrderId> {
        // From the newest back to the oldest that lives: old orders that have ended cost nothing.
        let newest_first = self
            .orders
            .iter()
            .enumerate()
            .rev()
            .filter(|(_, order)| order.is_live())
            .take(self.live as usize);
        let wanted = newest_first.filter(|(_, order)| instrument.is_none_or(|one| one == order.instrument));
        #[expect(clippy::cast_possible_truncation, reason = "orders are numbered in 32 bits")]
        let mut found: Vec<OrderId> = wanted.map(|(at, _)| at as OrderId + 1).collect();
        found.reverse();
        found
    }

    /// S-46; false if the order has ended.
    ///
    /// # Errors
    /// The change cannot be made to an order of this kind or state, or its numbers are not positive.
    pub fn modify(&mut self, id: OrderId, change: &Change) -> Result<bool> {
        let Some(order) = self.order(id).filter(|order| order.is_live()) else {
            return Ok(false);
        };
        let size_alone = *change
            == (Change {
                quantity: change.quantity,
                ..Change::default()
            });
        check_change(order, change)?;
        if size_alone && change.quantity.is_some_and(|quantity| quantity <= order.filled) {
            return Ok(self.cancel(id));
        }
        check_size(order, change)?;
        self.check_range(order, change)?;
        let seat = order.seat;
        let shrinks = size_alone && change.quantity.is_some_and(|quantity| quantity < order.quantity);
        let stays = shrinks || matches!(seat, Seat::Held | Seat::Queue);
        if !stays {
            self.unseat(id);
        }
        self.change(id, change);
        if !stays {
            let clock = self.clock;
            let order = self.order_mut(id);
            order.seat = Seat::Queue;
            order.sent = clock;
            self.queue.push(id);
        }
        let quantity = self.orders[id as usize - 1].quantity;
        self.note(id, EventKind::Modified, Reason::None, quantity);
        Ok(true)
    }

    /// A changed order must be one that could have been sent (S-02).
    fn check_range(&self, order: &Order, change: &Change) -> Result<()> {
        let trails = order.kind == OrderKind::TrailingStop;
        let request = OrderRequest {
            kind: order.kind,
            // A new trailing offset is judged as what it will be: a share or an amount.
            flags: change
                .trail
                .map_or(order.flags, |(_, is_share)| trail_flag(order.flags, is_share)),
            quantity: change.quantity.unwrap_or(order.quantity),
            limit: change.limit.unwrap_or(order.limit),
            trigger: if trails {
                0
            } else {
                change.trigger.unwrap_or(order.trigger)
            },
            trail: change.trail.map_or(order.trail, |trail| trail.0),
            ..OrderRequest::market(order.instrument, order.side, 0)
        };
        match self.out_of_range(&request) {
            Some(reason) => Err(error::order(format!(
                "the change is refused: {}; give a size and prices in range",
                reason.text()
            ))),
            None => Ok(()),
        }
    }

    fn change(&mut self, id: OrderId, change: &Change) {
        let order = self.order_mut(id);
        order.quantity = change.quantity.unwrap_or(order.quantity);
        order.limit = change.limit.unwrap_or(order.limit);
        order.trigger = change.trigger.unwrap_or(order.trigger);
        if let Some((trail, is_share)) = change.trail {
            order.trail = trail;
            order.flags = trail_flag(order.flags, is_share);
        }
    }

    /// Deposits (or, negative, withdraws) money at once.
    ///
    /// # Errors
    /// The amount is zero, or a cash account would fall below zero.
    pub fn transfer(&mut self, currency: usize, amount: i64) -> Result<()> {
        self.refuse_when_stopping()?;
        if amount == 0 {
            return Err(error::order("a deposit or withdrawal must be positive"));
        }
        if amount < 0 && self.account.kind == AccountKind::Cash && self.account.cash[currency] + amount < 0 {
            return Err(error::order(
                "a cash account cannot pay out more than it has; withdraw less",
            ));
        }
        let kind = if amount > 0 {
            FlowKind::Deposit
        } else {
            FlowKind::Withdrawal
        };
        self.flow_of(kind, Flow::NO_INSTRUMENT, currency, amount)
    }

    fn refuse_when_stopping(&self) -> Result<()> {
        if self.stopping {
            return Err(error::order("the data have ended; money moves up to the last bar"));
        }
        Ok(())
    }

    /// Changes money from one currency into another at today's rates (S-74).
    ///
    /// # Errors
    /// The amount is not positive, or a cash account would fall below zero.
    pub fn convert(&mut self, amount: i64, source: usize, target: usize) -> Result<()> {
        self.refuse_when_stopping()?;
        if amount <= 0 || source == target {
            return Err(error::order("a conversion needs a positive amount and two currencies"));
        }
        if self.account.kind == AccountKind::Cash && self.account.cash[source] < amount {
            return Err(error::order(
                "a cash account cannot convert more than it has; convert less",
            ));
        }
        let bought = ratio_nearest(amount, self.account.rates[source], self.account.rates[target])?;
        self.flow_of(FlowKind::Conversion, Flow::NO_INSTRUMENT, source, -amount)?;
        self.flow_of(FlowKind::Conversion, Flow::NO_INSTRUMENT, target, bought)
    }
}

const fn trail_flag(flags: u8, is_share: bool) -> u8 {
    (flags & !flags::TRAIL_IS_PPB) | if is_share { flags::TRAIL_IS_PPB } else { 0 }
}

/// The capability table: which kinds go with which times in force and flags.
#[must_use]
pub const fn is_supported(request: &OrderRequest) -> bool {
    let plain = matches!(request.kind, OrderKind::Market | OrderKind::Limit);
    let lasting = matches!(request.tif, TimeInForce::Gtc | TimeInForce::Day | TimeInForce::Gtd);
    let dated = matches!(request.tif, TimeInForce::Gtd) == (request.expire_ns != 0);
    let post_only = request.flags & flags::POST_ONLY != 0;
    dated && (lasting || plain) && (!post_only || (lasting && matches!(request.kind, OrderKind::Limit)))
}

#[inline]
const fn has_positive_prices(request: &OrderRequest) -> bool {
    match request.kind {
        OrderKind::Market => true,
        OrderKind::Limit => request.limit > 0,
        OrderKind::Stop | OrderKind::MarketIfTouched => request.trigger > 0,
        OrderKind::StopLimit => request.limit > 0 && request.trigger > 0,
        OrderKind::TrailingStop => {
            request.trail > 0 && (request.flags & flags::TRAIL_IS_PPB == 0 || request.trail < PPB)
        }
    }
}

fn check_change(order: &Order, change: &Change) -> Result<()> {
    let fail = |message: &str| Err(error::order(message));
    if order.acts_as() == OrderKind::Market && !matches!(order.seat, Seat::Held | Seat::Queue) {
        return fail("a market order that has arrived cannot be modified; cancel it instead");
    }
    if change.trigger.is_some() && (order.has(flags::TRIGGERED) || !takes_trigger(order.kind)) {
        return fail("this order has no trigger that could change (it has none, or was triggered)");
    }
    if change.limit.is_some() && !matches!(order.kind, OrderKind::Limit | OrderKind::StopLimit) {
        return fail("this order has no limit that could change");
    }
    if change.trail.is_some() && (order.kind != OrderKind::TrailingStop || order.has(flags::TRIGGERED)) {
        return fail("this order has no trailing offset that could change (it has none, or was triggered)");
    }
    if *change == Change::default() {
        return fail("modify needs at least one of quantity, limit, stop, trail, trail_percent, touch");
    }
    Ok(())
}

fn check_size(order: &Order, change: &Change) -> Result<()> {
    let positive = [
        change.quantity,
        change.limit,
        change.trigger,
        change.trail.map(|trail| trail.0),
    ];
    if positive.iter().flatten().any(|value| *value <= 0)
        || change.quantity.is_some_and(|quantity| quantity <= order.filled)
    {
        let message = "new sizes and prices must be positive, a new size larger than what is filled";
        return Err(error::order(message));
    }
    Ok(())
}

const fn takes_trigger(kind: OrderKind) -> bool {
    matches!(
        kind,
        OrderKind::Stop | OrderKind::StopLimit | OrderKind::MarketIfTouched
    )
}

/// A share of the price in parts per billion, from a percentage.
///
/// # Errors
/// The percentage is not between 0 and 100.
pub fn percent_to_ppb(percent: f64) -> Result<i64> {
    if !(percent > 0.0 && percent < 100.0) {
        return Err(error::order(format!(
            "trail_percent must lie between 0 and 100, not {percent}"
        )));
    }
    #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
    let ppb = (percent * 1e7).round_ties_even() as i64;
    scale(ppb.max(1), PPB)
}
