//! What a strategy asks for in the user's numbers, and how it becomes an instruction of the core. No Python in here:
//! interpreted strategies and compiled ones come through the same door.

use crate::desk::shown;
use triplebar_core::codes::{OrderKind, TimeInForce, flags};
use triplebar_core::engine::{Change, Engine, Ticket, UserOrder, percent_to_ppb};
use triplebar_core::error::Error;
use triplebar_core::grid::{Grid, Toward};
use triplebar_core::order::{Order, OrderId};
use triplebar_core::request::{Extras, OrderRequest};
use triplebar_core::settings::OffGrid;

/// Why a wish cannot be an instruction.
#[derive(Debug)]
pub enum Mistake {
    /// Said here.
    Said(String),
    /// Said by the core.
    Core(Error),
}

impl From<Error> for Mistake {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

fn said<T>(text: impl Into<String>) -> Result<T, Mistake> {
    Err(Mistake::Said(text.into()))
}

/// A finite number that is not negative.
#[inline]
pub fn number(name: &str, value: f64) -> Result<f64, Mistake> {
    if value.is_finite() && value >= 0.0 {
        return Ok(value);
    }
    no_number(name, value)
}

#[cold]
fn no_number(name: &str, value: f64) -> Result<f64, Mistake> {
    said(format!(
        "{name} = {value} is no size or price; give a finite number that is not negative"
    ))
}

/// A time in force by its text.
pub fn time_in_force(text: &str) -> Result<TimeInForce, Mistake> {
    TimeInForce::from_text(text).map_or_else(
        || {
            let known: Vec<_> = TimeInForce::ALL.iter().map(|code| code.text()).collect();
            said(format!("tif = {text:?} is unknown; choose one of {}", known.join(", ")))
        },
        Ok,
    )
}

/// The keywords of an order.
#[derive(Default, Clone, Copy)]
pub struct Wish {
    pub limit: Option<f64>,
    pub stop: Option<f64>,
    pub trail: Option<f64>,
    pub trail_percent: Option<f64>,
    pub touch: Option<f64>,
    pub tif: Option<TimeInForce>,
    pub expire_ns: Option<i64>,
    pub post_only: bool,
    pub reduce_only: bool,
    pub take_profit: Option<f64>,
    pub stop_loss: Option<f64>,
    pub parent: OrderId,
}

/// The texts of an order; `None` where there is none.
#[derive(Default, Clone, Copy)]
pub struct Names<'a> {
    pub tag: Option<&'a str>,
    pub id: Option<&'a str>,
    pub oco: Option<&'a str>,
}

impl Wish {
    /// The order, its numbers not yet on the grid.
    pub fn order(&self, instrument: u16, side: i8, quantity: f64) -> Result<UserOrder, Mistake> {
        for (name, value) in [
            ("limit", self.limit),
            ("stop", self.stop),
            ("trail", self.trail),
            ("touch", self.touch),
            ("take_profit", self.take_profit),
            ("stop_loss", self.stop_loss),
        ] {
            value.map_or(Ok(0.0), |value| number(name, value))?;
        }
        let mut request = OrderRequest {
            kind: self.kind()?,
            ..OrderRequest::market(instrument, side, 0)
        };
        request.tif = self.tif.unwrap_or(request.tif);
        request.extras.parent = self.parent;
        request.extras.expire_ns = self.expire_ns.unwrap_or(0);
        request.flags |= if self.post_only { flags::POST_ONLY } else { 0 };
        request.flags |= if self.reduce_only { flags::REDUCE_ONLY } else { 0 };
        if let Some(percent) = self.trail_percent {
            request.flags |= flags::TRAIL_IS_PPB;
            request.extras.trail = percent_to_ppb(percent)?;
        }
        let quantity = number("quantity", quantity)?;
        Ok(UserOrder {
            request,
            quantity,
            limit: self.limit,
            trigger: self.stop.or(self.touch),
            trail: self.trail,
        })
    }

    fn kind(&self) -> Result<OrderKind, Mistake> {
        let trails = self.trail.is_some() || self.trail_percent.is_some();
        match (self.limit.is_some(), self.stop.is_some(), trails, self.touch.is_some()) {
            (false, false, false, false) => Ok(OrderKind::Market),
            (true, false, false, false) => Ok(OrderKind::Limit),
            (false, true, false, false) => Ok(OrderKind::Stop),
            (true, true, false, false) => Ok(OrderKind::StopLimit),
            (false, false, true, false) if self.trail.is_none() || self.trail_percent.is_none() => {
                Ok(OrderKind::TrailingStop)
            }
            (false, false, false, true) => Ok(OrderKind::MarketIfTouched),
            _ => {
                said("these keywords do not go together; give limit, stop, both of them, trail, trail_percent or touch")
            }
        }
    }

    /// Sends the order and, for a bracket, its two children.
    #[inline]
    pub fn send(
        &self,
        engine: &mut Engine,
        instrument: u16,
        side: i8,
        quantity: f64,
        names: Names<'_>,
    ) -> Result<OrderId, Mistake> {
        let mut order = self.order(instrument, side, quantity)?;
        self.check_bracket(side)?;
        engine.check_parent(&order.request, self.has_bracket())?;
        let mut label = |text: Option<&str>| text.map_or(0, |text| engine.labels_mut().number(text));
        order.request.extras.tag = label(names.tag);
        order.request.extras.client = label(names.id);
        order.request.extras.group = label(names.oco);
        let id = engine.send_user(&order)?;
        if self.has_bracket() {
            self.attach(engine, &order, id)?;
        }
        Ok(id)
    }

    const fn has_bracket(&self) -> bool {
        self.take_profit.is_some() || self.stop_loss.is_some()
    }

    /// S-28: a bracket is around its entry, as far as the entry's price is known.
    fn check_bracket(&self, side: i8) -> Result<(), Mistake> {
        let beyond = |one: f64, other: f64| if side > 0 { one > other } else { one < other };
        let entry = self.limit.or(self.stop).or(self.touch);
        let word = if side > 0 { "above" } else { "below" };
        if let (Some(profit), Some(loss)) = (self.take_profit, self.stop_loss)
            && !beyond(profit, loss)
        {
            return said(format!(
                "take_profit = {profit} is not {word} stop_loss = {loss}; swap them"
            ));
        }
        let Some(entry) = entry else { return Ok(()) };
        if let Some(profit) = self.take_profit.filter(|&profit| beyond(entry, profit)) {
            return said(format!(
                "take_profit = {profit} is a loss for an entry at {entry}; it must be {word} it"
            ));
        }
        if let Some(loss) = self.stop_loss.filter(|&loss| beyond(loss, entry)) {
            return said(format!(
                "stop_loss = {loss} is a profit for an entry at {entry}; {entry} must be {word} it"
            ));
        }
        Ok(())
    }

    /// The children of a bracket: same size, other side, one cancels the other.
    fn attach(&self, engine: &mut Engine, order: &UserOrder, id: OrderId) -> Result<(), Mistake> {
        let both = self.take_profit.is_some() && self.stop_loss.is_some();
        let group = if both {
            engine.labels_mut().number(&format!("bracket-{id}"))
        } else {
            0
        };
        let extras = Extras {
            group,
            parent: id,
            tag: order.request.extras.tag,
            ..Extras::NONE
        };
        for (kind, price) in [(OrderKind::Limit, self.take_profit), (OrderKind::Stop, self.stop_loss)] {
            let Some(price) = price else { continue };
            let mut child = *order;
            child.request = OrderRequest {
                kind,
                ..OrderRequest::market(order.request.instrument, -order.request.side, 0).with(extras)
            };
            child.limit = (kind == OrderKind::Limit).then_some(price);
            child.trigger = (kind == OrderKind::Stop).then_some(price);
            child.trail = None;
            engine.send_attached(&child)?;
        }
        Ok(())
    }
}

/// Sends a ticket: the same as a wish with nothing else.
pub fn send_ticket(engine: &mut Engine, ticket: Ticket) -> Result<OrderId, Mistake> {
    if let Some(id) = engine.send_at_once(ticket) {
        return Ok(id);
    }
    if let Some(limit) = ticket.limit {
        number("limit", limit)?;
    }
    number("quantity", ticket.quantity)?;
    Ok(engine.send_ticket(ticket)?)
}

/// Side and size of what brings a position to `quantity`; `None` if it is there already.
pub fn toward(engine: &Engine, instrument: usize, quantity: f64, size: f64) -> Result<Option<(i8, f64)>, Mistake> {
    let settings = &engine.settings().instruments[instrument];
    number("quantity", quantity.abs())?;
    let lots = Grid::new(settings.size_precision, settings.size_step)
        .place(quantity.abs(), Toward::Down)
        .steps;
    let wanted = if quantity < 0.0 { -lots } else { lots };
    // What no order can bring about stays too large for one.
    let difference = wanted.saturating_sub(engine.position(instrument));
    if difference == 0 {
        return Ok(None);
    }
    Ok(Some((
        if difference > 0 { 1 } else { -1 },
        shown(difference.saturating_abs(), size),
    )))
}

/// The order that closes a position; `None` if there is none.
pub fn closing(engine: &Engine, instrument: u16) -> Option<OrderRequest> {
    let lots = engine.position(usize::from(instrument));
    (lots != 0).then(|| OrderRequest {
        flags: flags::REDUCE_ONLY,
        ..OrderRequest::market(instrument, if lots > 0 { -1 } else { 1 }, lots.abs())
    })
}

/// An order by its number.
pub fn known(engine: &Engine, id: OrderId) -> Result<&Order, Mistake> {
    engine.order(id).map_or_else(
        || said(format!("there is no order {id}; orders are numbered from 1")),
        Ok,
    )
}

/// Cancels an order; false if it has ended.
pub fn cancel(engine: &mut Engine, id: OrderId) -> Result<bool, Mistake> {
    if engine.cancel(id) {
        return Ok(true);
    }
    known(engine, id).map(|_| false)
}

/// The keywords of `modify`.
#[derive(Default, Clone, Copy)]
pub struct NewTerms {
    pub quantity: Option<f64>,
    pub limit: Option<f64>,
    pub stop: Option<f64>,
    pub trail: Option<f64>,
    pub trail_percent: Option<f64>,
    pub touch: Option<f64>,
}

impl NewTerms {
    /// Changes an order; false if it has ended.
    pub fn apply(&self, engine: &mut Engine, id: OrderId) -> Result<bool, Mistake> {
        let order = known(engine, id)?;
        if !order.is_live() {
            return Ok(false);
        }
        let change = self.change(engine, order)?;
        Ok(engine.modify(id, &change)?)
    }

    fn change(&self, engine: &Engine, order: &Order) -> Result<Change, Mistake> {
        let is_touch = order.kind == OrderKind::MarketIfTouched;
        if (self.stop.is_some() && is_touch)
            || (self.touch.is_some() && !is_touch)
            || (self.trail.is_some() && self.trail_percent.is_some())
        {
            return said(format!("these keywords do not fit a {} order", order.kind.text()));
        }
        let (passive, far) = if order.side > 0 {
            (Toward::Down, Toward::Up)
        } else {
            (Toward::Up, Toward::Down)
        };
        let price = |name: &str, value: Option<f64>, toward: Toward| {
            value
                .map(|value| placed(engine, order, name, value, false, toward))
                .transpose()
        };
        let trail = match (price("trail", self.trail, Toward::Nearest)?, self.trail_percent) {
            (_, Some(percent)) => Some((percent_to_ppb(percent)?, true)),
            (ticks, None) => ticks.map(|ticks| (ticks, false)),
        };
        let quantity = self
            .quantity
            .map(|value| placed(engine, order, "quantity", value, true, Toward::Down))
            .transpose()?;
        Ok(Change {
            quantity,
            limit: price("limit", self.limit, passive)?,
            trigger: price("stop", self.stop.or(self.touch), far)?,
            trail,
        })
    }
}

/// A new number of an order on its grid, or why not.
fn placed(engine: &Engine, order: &Order, name: &str, value: f64, size: bool, toward: Toward) -> Result<i64, Mistake> {
    let settings = &engine.settings().instruments[usize::from(order.instrument)];
    let grid = if size {
        Grid::new(settings.size_precision, settings.size_step)
    } else {
        Grid::new(settings.price_precision, settings.price_step)
    };
    let placed = grid.place(number(name, value)?, toward);
    if !placed.exact && engine.settings().off_grid == OffGrid::Reject {
        return said(format!(
            "{name} = {value} is off the grid of {}; round it",
            settings.symbol
        ));
    }
    Ok(placed.steps)
}

/// A positive amount of money in minor units, to the nearest.
pub fn minor(amount: f64, money: f64) -> Result<i64, Mistake> {
    let minor = (number("amount", amount)? * money).round();
    if !(1.0..9e18).contains(&minor) {
        return said(format!(
            "amount = {amount} is not an amount of money that can be booked; give a positive one"
        ));
    }
    #[expect(clippy::cast_possible_truncation, reason = "range checked above")]
    Ok(minor as i64)
}

/// A currency of the account by its code.
pub fn currency(engine: &Engine, code: &str) -> Result<usize, Mistake> {
    let known = &engine.settings().currencies;
    known.iter().position(|one| one == code).map_or_else(
        || {
            said(format!(
                "currency {code:?} is not in this account; it has {}",
                known.join(", ")
            ))
        },
        Ok,
    )
}

/// The average price of what is held; `None` if nothing is.
#[expect(clippy::cast_precision_loss, reason = "what a strategy sees is a double")]
pub fn average_price(engine: &Engine, instrument: usize, scale: f64) -> Option<f64> {
    let holding = &engine.account().holdings[instrument];
    let size = i128::from(holding.position.lots) * i128::from(holding.unit);
    (size != 0).then(|| holding.position.cost as f64 / size as f64 / scale)
}
