//! The price's way through a bar and the orders it meets (S-21 to S-26).

use super::arrival::is_session_end;
use super::{Engine, Present};
use crate::codes::{Cause, EventKind, OrderKind, PathRule, Reason, Role};
use crate::error::Result;
use crate::market::Market;
use crate::order::{Order, OrderId, Seat};
use crate::units::sum;

impl Engine {
    /// S-21: the jump to O meets resting orders; then trailing triggers follow.
    pub(super) fn jump(&mut self, instrument: u16) -> Result<()> {
        let at = usize::from(instrument);
        let x = self.books[at].price;
        if self.liquidation_met(at, x) {
            self.liquidate_isolated(at, x)?;
        }
        if self.books[at].met.is_empty() && self.books[at].is_out_of_reach(x, x) {
            return Ok(());
        }
        for id in std::mem::take(&mut self.books[at].met) {
            self.resting -= 1;
            self.rest(id);
        }
        self.meet(at, x, Cause::Jump)?;
        self.follow(at, x)
    }

    /// Step 4 for one instrument.
    #[inline]
    pub(super) fn walk_bar(&mut self, market: &Market, present: Present) -> Result<()> {
        let at = usize::from(present.instrument);
        let book = &self.books[at];
        if book.is_quiet() && !self.duties.isolated {
            return Ok(());
        }
        let (series, row) = (&market.series[at], present.row as usize);
        let close = series.close[row];
        if book.is_out_of_reach(series.low[row], series.high[row]) && self.liquidation_price(at).is_none() {
            self.books[at].price = close;
        } else {
            let worse = if self.settings.path == PathRule::Pessimistic {
                self.worse_extreme(at)
            } else {
                None
            };
            let open = series.open[row];
            let (first, second) = extremes(self.settings.path, open, series.high[row], series.low[row], worse);
            self.walk_moves(at, [open, first, second, close])?;
        }
        self.end_session(market, present)
    }

    /// S-43.
    fn end_session(&mut self, market: &Market, present: Present) -> Result<()> {
        if !self.books[usize::from(present.instrument)].at_close.is_empty() && is_session_end(market, present) {
            self.close_session(present.instrument)?;
        }
        Ok(())
    }

    /// S-11, pessimistic: low first is worse for a long position or for sell orders.
    fn worse_extreme(&self, instrument: usize) -> Option<bool> {
        let held = self.position(instrument);
        if held != 0 {
            return Some(held > 0);
        }
        let book = &self.books[instrument];
        let entries = book.above.orders().chain(book.below.orders());
        let mut sides = entries
            .chain(book.trailing.iter().copied())
            .chain(book.met.iter().copied())
            .map(|id| self.orders[id as usize - 1].side);
        let first = sides.next()?;
        sides.all(|side| side == first).then_some(first < 0)
    }

    fn walk_moves(&mut self, at: usize, points: [i64; 4]) -> Result<()> {
        if !self.books[at].incoming.is_empty() {
            return self.walk_with_arrivals(at, points);
        }
        points[1..].iter().try_for_each(|to| self.walk(at, *to))
    }

    /// S-57: the walk stops where orders arrive.
    fn walk_with_arrivals(&mut self, at: usize, points: [i64; 4]) -> Result<()> {
        let mut incoming = std::mem::take(&mut self.books[at].incoming);
        incoming.sort_unstable();
        let mut arriving = incoming.iter().peekable();
        let mut legs = points.windows(2);
        let length = legs.try_fold(0, |total, leg| sum(total, (leg[1] - leg[0]).abs()))?;
        let mut walked = 0;
        for leg in points.windows(2) {
            let (from, to) = (leg[0], leg[1]);
            let leg_length = (to - from).abs();
            while let Some(&&(due_ns, id)) = arriving.peek() {
                let distance = self.distance(at, due_ns, length)?;
                if distance > walked + leg_length {
                    break;
                }
                arriving.next();
                let x = from + (to - from).signum() * (distance - walked);
                self.walk(at, x)?;
                if self.orders[id as usize - 1].seat == Seat::Queue {
                    self.arrive(id, x)?;
                }
            }
            self.walk(at, to)?;
            walked += leg_length;
        }
        Ok(())
    }

    /// S-57: how far along a path of this length a due time lies.
    fn distance(&self, at: usize, due_ns: i64, length: i64) -> Result<i64> {
        let interval = self.settings.instruments[at].interval_ns;
        let start_ns = self.time_ns.saturating_sub(interval);
        crate::units::ratio_down(length, due_ns - start_ns, interval)
    }

    /// S-22: one continuous move, stopping wherever an order is met.
    fn walk(&mut self, at: usize, to: i64) -> Result<()> {
        if to == self.books[at].price {
            return Ok(());
        }
        let rising = to > self.books[at].price;
        while let Some(x) = self.next_met(at, to, rising) {
            self.books[at].price = x;
            if self.liquidation_met(at, x) {
                self.liquidate_isolated(at, x)?;
            }
            self.meet(at, x, Cause::Path)?;
            self.follow(at, x)?;
        }
        self.books[at].price = to;
        self.follow(at, to)
    }

    /// The nearest price up to `to` at which something is met.
    #[inline]
    fn next_met(&self, at: usize, to: i64, rising: bool) -> Option<i64> {
        let book = &self.books[at];
        let next = if rising { book.above.next() } else { book.below.next() };
        if book.trailing.is_empty() && !self.duties.isolated {
            return next.filter(|next| if rising { *next <= to } else { *next >= to });
        }
        self.next_of_all(at, to, if rising { 1 } else { -1 }, next)
    }

    /// The same where trailing stops and liquidation prices count, too.
    fn next_of_all(&self, at: usize, to: i64, direction: i64, next: Option<i64>) -> Option<i64> {
        let book = &self.books[at];
        if self.liquidation_met(at, book.price) {
            return Some(book.price);
        }
        let trailing = book
            .trailing
            .iter()
            .map(|id| &self.orders[*id as usize - 1])
            .filter(|order| order.sign() == direction);
        let liquidation = self
            .liquidation_price(at)
            .filter(|_| self.position(at).signum() == -direction);
        let met = next
            .into_iter()
            .chain(trailing.map(|order| order.trigger))
            .chain(liquidation);
        let nearest = met.map(|price| price * direction).min()?;
        (nearest <= to * direction).then(|| nearest.max(book.price * direction) * direction)
    }

    /// All orders met at `x` are touched in the order of S-26.
    fn meet(&mut self, at: usize, x: i64, cause: Cause) -> Result<()> {
        let mut met = std::mem::take(&mut self.scratch);
        self.collect_met(at, x, &mut met);
        if met.len() > 1 {
            met.sort_unstable_by_key(|id| precedence(&self.orders[*id as usize - 1]));
        }
        for &id in &met {
            let order = &self.orders[id as usize - 1];
            if order.is_live() {
                let role = if order.acts_as() == OrderKind::Limit {
                    Role::Maker
                } else {
                    Role::Taker
                };
                self.touch(id, x, role, cause)?;
            }
        }
        met.clear();
        self.scratch = met;
        Ok(())
    }

    /// Takes the orders that `x` meets out of the book.
    fn collect_met(&mut self, at: usize, x: i64, met: &mut Vec<OrderId>) {
        let book = &mut self.books[at];
        while let Some(order) = book.above.pop_met(x) {
            met.push(order);
        }
        while let Some(order) = book.below.pop_met(x) {
            met.push(order);
        }
        for place in (0..book.trailing.len()).rev() {
            let id = book.trailing[place];
            if self.orders[id as usize - 1].is_met(x, 0) {
                book.unseat_from_list(id, Seat::Trailing, &mut self.orders);
                met.push(id);
            }
        }
        // Only a jump finds anything here: market orders that rest (S-55).
        if self.moment == crate::codes::Moment::Open {
            met.append(&mut book.met);
        }
        for id in met.iter() {
            self.orders[*id as usize - 1].seat = Seat::Nowhere;
            self.resting -= 1;
        }
    }

    /// S-25: trailing triggers follow the price.
    #[inline]
    fn follow(&mut self, at: usize, x: i64) -> Result<()> {
        for place in 0..self.books[at].trailing.len() {
            let id = self.books[at].trailing[place];
            let order = &self.orders[id as usize - 1];
            let trail = self.orders.extras(order).trail;
            let candidate = sum(x, order.sign() * order.trailing_offset(trail, x)?)?;
            let order = self.order_mut(id);
            // A buy's trigger only falls, a sell's only rises.
            if order.sign() * candidate < order.sign() * order.trigger {
                order.trigger = candidate;
            }
        }
        Ok(())
    }

    /// S-23: an order and a price meet.
    pub(super) fn touch(&mut self, id: OrderId, x: i64, role: Role, cause: Cause) -> Result<()> {
        let order = &self.orders[id as usize - 1];
        let half_spread = self.books[usize::from(order.instrument)].half_spread;
        match order.acts_as() {
            OrderKind::Market => self.try_fill(id, x, Role::Taker, cause),
            OrderKind::TrailingStop if cause == Cause::Arrival => {
                let trail = self.orders.extras(order).trail;
                let trigger = sum(x, order.sign() * order.trailing_offset(trail, x)?)?;
                self.order_mut(id).trigger = trigger;
                self.rest(id);
                Ok(())
            }
            OrderKind::Limit if order.is_met(x, half_spread) => self.try_fill(id, x, role, cause),
            OrderKind::Stop | OrderKind::MarketIfTouched | OrderKind::StopLimit | OrderKind::TrailingStop
                if order.is_met(x, half_spread) =>
            {
                self.order_mut(id).trigger_now();
                self.note(id, EventKind::Triggered, Reason::None, x);
                self.touch(id, x, Role::Taker, cause)
            }
            _ => {
                self.rest(id);
                Ok(())
            }
        }
    }
}

/// S-26: buys before sells, buys highest own price first, sells lowest first, then by arrival.
fn precedence(order: &Order) -> (bool, i64, u32) {
    (order.side < 0, -order.sign() * order.own_price(), order.rank)
}

/// S-11: the extremes of a bar in the order of its path.
const fn extremes(rule: PathRule, open: i64, high: i64, low: i64, worse: Option<bool>) -> (i64, i64) {
    let nearer_low = open - low <= high - open;
    let low_first = match rule {
        PathRule::OpenHighLowClose => false,
        PathRule::OpenLowHighClose => true,
        PathRule::Adaptive => nearer_low,
        PathRule::Pessimistic => match worse {
            Some(low_first) => low_first,
            None => nearer_low,
        },
    };
    if low_first { (low, high) } else { (high, low) }
}
