//! How a strategy sends an order, and why one is refused when it is sent (S-02, S-04).

use super::Engine;
use super::terms::Terms;
use crate::codes::{OrderKind, OrderStatus, Reason, TimeInForce, flags};
use crate::error::{self, Result, overflow};
use crate::grid::{Grid, Toward};
use crate::order::{OrderId, Seat};
use crate::request::OrderRequest;
use crate::settings::OffGrid;
use crate::units::PPB;

/// Orders at most behind which one waits, each the parent of the next.
const GENERATIONS_MAX: usize = 32;

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
            request.extras.trail = place(price, trail, Toward::Nearest);
        }
        let refused = !exact && self.settings.off_grid == OffGrid::Reject;
        (request, refused.then_some(Reason::OffGrid))
    }

    /// Sends a child that belongs to the order just sent: if that was refused, it ends with it (S-28).
    ///
    /// # Errors
    /// More than 2^32 orders.
    pub fn send_attached(&mut self, user: &UserOrder) -> Result<OrderId> {
        let parent = self.order(user.request.extras.parent);
        if parent.is_some_and(|parent| parent.filled == 0 && !parent.is_live()) {
            let (request, _) = self.on_grid(user);
            let id = self.enlist(&request)?;
            self.end(id, OrderStatus::Canceled, Reason::ParentEnded);
            return Ok(id);
        }
        self.send_user(user)
    }

    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "what is known of an order where it is sent need not be asked"
    )]
    pub(super) fn send_or_refuse(&mut self, request: &OrderRequest, off_grid: Option<Reason>) -> Result<OrderId> {
        if off_grid.is_none() && self.is_plain_and_good(request) {
            return self.send_plain(request);
        }
        // A copy: the request itself need not be in memory for what rarely happens.
        let request = *request;
        self.send_any(&request, off_grid)
    }

    /// Whether nothing but kind, size and price of an order could be refused, and none of them is.
    #[inline]
    pub(super) fn is_plain_and_good(&self, request: &OrderRequest) -> bool {
        let terms = &self.terms[usize::from(request.instrument)];
        request.is_plain()
            && request.extras.client == 0
            && request.extras.expire_ns == 0
            && terms.open
            && terms.admits(request)
            && has_positive_prices(request)
            && terms.notional(request).is_some()
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "see `send_or_refuse`")]
    pub(super) fn send_plain(&mut self, request: &OrderRequest) -> Result<OrderId> {
        self.fancy |= !matches!(request.kind, OrderKind::Market | OrderKind::Limit);
        let id = self.number(request, Seat::Queue)?;
        self.queue.push(id);
        Ok(id)
    }

    /// Puts a new order at the end of the list; its number.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "see `send_or_refuse`")]
    pub(super) fn number(&mut self, request: &OrderRequest, seat: Seat) -> Result<OrderId> {
        self.live += 1;
        let count = self.orders.push(request, self.clock, seat);
        OrderId::try_from(count).map_err(|_| overflow("the number of orders"))
    }

    #[inline(never)]
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
        self.check_parent(request, false)?;
        self.fancy = true;
        self.sessions_matter |= matches!(request.tif, TimeInForce::AtOpen | TimeInForce::AtClose);
        let id = self.number(request, Seat::Nowhere)?;
        if request.extras.client != 0 {
            self.clients.insert(request.extras.client);
        }
        if request.extras.group != 0 {
            let group = self.groups.entry(request.extras.group).or_insert_with(|| super::Group {
                members: Vec::new(),
                ended: Reason::None,
            });
            if group.ended == Reason::None {
                group.members.push(id);
            }
        }
        Ok(id)
    }

    /// A parent must be an earlier order of the same instrument, and not the last of too many that wait (S-02, S-28).
    ///
    /// # Errors
    /// It is not, or they are.
    pub fn check_parent(&self, request: &OrderRequest, has_bracket: bool) -> Result<()> {
        let known = |id: OrderId| {
            self.order(id)
                .is_some_and(|parent| parent.instrument == request.instrument)
        };
        if request.extras.parent == 0 {
            return Ok(());
        }
        if known(request.extras.parent) {
            return self.check_generations(request.extras.parent, usize::from(has_bracket));
        }
        let message = format!(
            "parent {} is no earlier order of the same instrument; send the parent first",
            request.extras.parent
        );
        Err(error::order(message))
    }

    /// What one fill or cancel sets off goes from parent to child, so there is an end to that.
    fn check_generations(&self, parent: OrderId, more: usize) -> Result<()> {
        let waiting = std::iter::successors(self.order(parent), |order| self.order(self.orders.extras(order).parent));
        let unfilled = waiting.take_while(|order| order.filled == 0 && order.is_live());
        if unfilled.take(GENERATIONS_MAX + 1).count() + more <= GENERATIONS_MAX {
            return Ok(());
        }
        Err(error::order(format!(
            "it would wait behind more than {GENERATIONS_MAX} others, each the parent of the next; send it once some have filled"
        )))
    }

    /// Where a new order waits: with its parent, or on its way (S-27, S-28).
    fn place(&mut self, id: OrderId, request: &OrderRequest) {
        if matches!(request.tif, TimeInForce::Day | TimeInForce::Gtd) {
            self.timed.push(id);
            if request.tif == TimeInForce::Gtd {
                self.soonest_date_ns = self.soonest_date_ns.min(request.extras.expire_ns);
            }
        }
        if request.extras.group != 0
            && let Some(group) = self.groups.get(&request.extras.group)
            && group.ended != Reason::None
        {
            let reason = group.ended;
            self.end(id, OrderStatus::Canceled, reason);
            return;
        }
        let parent = (request.extras.parent != 0).then(|| &self.orders[request.extras.parent as usize - 1]);
        match parent {
            Some(parent) if parent.filled == 0 && !parent.is_live() => {
                self.end(id, OrderStatus::Canceled, Reason::ParentEnded);
            }
            Some(parent) if parent.filled == 0 => {
                self.children.entry(request.extras.parent).or_default().push(id);
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
        if request.extras.client != 0 && self.clients.contains(&request.extras.client) {
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

    pub(super) fn out_of_range(&self, request: &OrderRequest) -> Option<Reason> {
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
}

/// The capability table: which kinds go with which times in force and flags.
#[must_use]
pub const fn is_supported(request: &OrderRequest) -> bool {
    let plain = matches!(request.kind, OrderKind::Market | OrderKind::Limit);
    let lasting = matches!(request.tif, TimeInForce::Gtc | TimeInForce::Day | TimeInForce::Gtd);
    let dated = matches!(request.tif, TimeInForce::Gtd) == (request.extras.expire_ns != 0);
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
            request.extras.trail > 0 && (request.flags & flags::TRAIL_IS_PPB == 0 || request.extras.trail < PPB)
        }
    }
}
