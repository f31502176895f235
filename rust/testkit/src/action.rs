//! What a script does at a decision point. Prices are distances from the mark, orders are named by how long ago they
//! were sent: a script means something in every market, and shrinks well.

use crate::bars::HOUR_NS;
use triplebar_core::codes::{OrderKind, TimeInForce, flags};
use triplebar_core::engine::{Change, Engine, UserOrder};
use triplebar_core::error::Result;
use triplebar_core::order::OrderId;
use triplebar_core::request::{Extras, OrderRequest};

/// An order of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderPlan {
    /// Instrument, reduced to those that exist.
    pub instrument: usize,
    /// +1 or -1.
    pub side: i8,
    /// What it waits for.
    pub kind: OrderKind,
    /// How long it lives.
    pub tif: TimeInForce,
    /// Bits of [`flags`].
    pub flags: u8,
    /// Lots.
    pub quantity: i64,
    /// Ticks from the mark.
    pub limit: i64,
    /// Ticks from the mark.
    pub trigger: i64,
    /// Trailing offset: ticks, or percent of the price.
    pub trail: i64,
    /// Hours that a good-till-date order lives.
    pub hours: i64,
    /// One-cancels-other group, 0 for none.
    pub group: u32,
    /// How many orders ago the parent was sent, 0 for none.
    pub parent: u32,
    /// Client id, 0 for none.
    pub client: u32,
    /// Whether it is written in the user's numbers.
    pub by_user: bool,
}

impl OrderPlan {
    /// A market order.
    #[must_use]
    pub const fn market(side: i8, quantity: i64) -> Self {
        Self {
            instrument: 0,
            side,
            kind: OrderKind::Market,
            tif: TimeInForce::Gtc,
            flags: 0,
            quantity,
            limit: 0,
            trigger: 0,
            trail: 0,
            hours: 0,
            group: 0,
            parent: 0,
            client: 0,
            by_user: false,
        }
    }
}

/// One thing a script does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Sends an order.
    Send(OrderPlan),
    /// Sends an order with a take-profit and a stop-loss so many ticks away.
    Bracket(OrderPlan, i64),
    /// Cancels the order sent so long ago.
    Cancel(u32),
    /// Cancels all live orders of an instrument, or of all.
    CancelAll(Option<usize>),
    /// Modifies the order sent so long ago; prices are ticks from the mark.
    Modify {
        /// How long ago.
        ago: u32,
        /// What changes.
        change: Change,
    },
    /// Deposits, or withdraws what is negative.
    Transfer(usize, i64),
    /// Converts an amount from one currency into another.
    Convert(i64, usize, usize),
    /// Turns the kill switch.
    Trading(bool),
    /// Sets a timer: name, hours from now, hours between repetitions.
    SetTimer(u8, i64, i64),
    /// Cancels a timer.
    CancelTimer(u8),
}

impl Action {
    /// Does it.
    ///
    /// # Errors
    /// The desk refuses it.
    pub fn apply(&self, engine: &mut Engine, anchor: i64) -> Result<()> {
        let currencies = engine.settings().currencies.len();
        match self {
            Self::Send(plan) => send(engine, plan, anchor).map(drop),
            Self::Bracket(plan, distance) => bracket(engine, plan, *distance, anchor),
            Self::Cancel(ago) => {
                if let Some(id) = ago_to_id(engine, *ago) {
                    engine.cancel(id);
                }
                Ok(())
            }
            Self::CancelAll(instrument) => {
                cancel_all(engine, *instrument);
                Ok(())
            }
            Self::Modify { ago, change } => modify(engine, *ago, change, anchor),
            Self::Transfer(currency, amount) => engine.transfer(currency % currencies, *amount),
            Self::Convert(amount, source, target) => engine.convert(*amount, source % currencies, target % currencies),
            Self::Trading(enabled) => {
                engine.set_trading(*enabled);
                Ok(())
            }
            Self::SetTimer(name, hours, every) => {
                let number = engine.timer_names_mut().number(&timer_name(*name));
                engine.set_timer(number, engine.time_ns() + hours * HOUR_NS, every * HOUR_NS)
            }
            Self::CancelTimer(name) => {
                let number = engine.timer_names_mut().number(&timer_name(*name));
                engine.cancel_timer(number);
                Ok(())
            }
        }
    }

    /// The same in a mirror: buys for sells, above for below.
    #[must_use]
    pub fn mirrored(&self) -> Self {
        match self.clone() {
            Self::Send(plan) => Self::Send(plan.mirrored()),
            Self::Bracket(plan, distance) => Self::Bracket(plan.mirrored(), distance),
            Self::Modify { ago, mut change } => {
                change.limit = change.limit.map(|limit| -limit);
                change.trigger = change.trigger.map(|trigger| -trigger);
                Self::Modify { ago, change }
            }
            other => other,
        }
    }
}

impl OrderPlan {
    /// The plan in a mirror.
    #[must_use]
    pub const fn mirrored(mut self) -> Self {
        self.side = -self.side;
        self.limit = -self.limit;
        self.trigger = -self.trigger;
        self
    }

    fn request(&self, engine: &mut Engine, anchor: i64) -> OrderRequest {
        let at = self.instrument % engine.settings().instruments.len();
        let from = price_now(engine, at, anchor);
        let waits = |kinds: &[OrderKind], price: i64| if kinds.contains(&self.kind) { price } else { 0 };
        let share = self.flags & flags::TRAIL_IS_PPB != 0;
        let trail = if share { self.trail * 10_000_000 } else { self.trail };
        let dated = self.tif == TimeInForce::Gtd;
        let client = (self.client != 0).then(|| format!("client {}", self.client));
        OrderRequest {
            instrument: u16::try_from(at).unwrap_or(0),
            side: self.side,
            kind: self.kind,
            tif: self.tif,
            flags: self.flags,
            quantity: self.quantity,
            limit: waits(&[OrderKind::Limit, OrderKind::StopLimit], from + self.limit),
            trigger: waits(
                &[OrderKind::Stop, OrderKind::StopLimit, OrderKind::MarketIfTouched],
                from + self.trigger,
            ),
            extras: Extras {
                trail: waits(&[OrderKind::TrailingStop], trail),
                expire_ns: if dated {
                    engine.time_ns() + self.hours * HOUR_NS
                } else {
                    0
                },
                group: self.group,
                parent: ago_to_id(engine, self.parent).unwrap_or(0),
                tag: 0,
                client: client.map_or(0, |text| engine.labels_mut().number(&text)),
            },
        }
    }
}

/// The mark; before the first bar, the price around which the market was made.
fn price_now(engine: &Engine, at: usize, anchor: i64) -> i64 {
    match engine.account().holdings[at].mark {
        0 => anchor,
        mark => mark,
    }
}

fn ago_to_id(engine: &Engine, ago: u32) -> Option<OrderId> {
    let sent = u32::try_from(engine.orders().len()).ok()?;
    (ago > 0)
        .then(|| sent.checked_sub(ago - 1))
        .flatten()
        .filter(|id| *id > 0)
}

fn timer_name(name: u8) -> String {
    format!("timer {name}")
}

fn send(engine: &mut Engine, plan: &OrderPlan, anchor: i64) -> Result<OrderId> {
    let request = plan.request(engine, anchor);
    if plan.by_user {
        engine.send_user(&in_units(engine, request))
    } else {
        engine.send(&request)
    }
}

/// The request as a user would write it, a little off the grid.
#[expect(clippy::cast_precision_loss, reason = "generated numbers are small")]
fn in_units(engine: &Engine, request: OrderRequest) -> UserOrder {
    let settings = &engine.settings().instruments[usize::from(request.instrument)];
    let power = |precision: u32| 10_i64.pow(precision) as f64;
    let price = |ticks: i64| (ticks as f64 + 0.25) / power(settings.price_precision);
    let trails = request.kind == OrderKind::TrailingStop && request.flags & flags::TRAIL_IS_PPB == 0;
    UserOrder {
        request,
        quantity: request.quantity as f64 / power(settings.size_precision),
        limit: (request.limit != 0).then(|| price(request.limit)),
        trigger: (request.trigger != 0).then(|| price(request.trigger)),
        trail: trails.then(|| price(request.extras.trail)),
    }
}

fn bracket(engine: &mut Engine, plan: &OrderPlan, distance: i64, anchor: i64) -> Result<()> {
    let parent = send(engine, plan, anchor)?;
    let request = engine.orders()[parent as usize - 1].clone();
    let at = usize::from(request.instrument);
    let from = price_now(engine, at, anchor);
    let sign = i64::from(plan.side);
    let group = engine.labels_mut().number(&format!("bracket-{parent}")) + 1_000;
    let extras = Extras {
        parent,
        group,
        ..Extras::NONE
    };
    let child = OrderRequest::market(request.instrument, -plan.side, plan.quantity).with(extras);
    let take_profit = OrderRequest {
        kind: OrderKind::Limit,
        limit: from + sign * distance,
        ..child
    };
    let stop_loss = OrderRequest {
        kind: OrderKind::Stop,
        trigger: from - sign * distance,
        ..child
    };
    for child in [take_profit, stop_loss] {
        engine.send_attached(&in_units(engine, child))?;
    }
    Ok(())
}

fn cancel_all(engine: &mut Engine, instrument: Option<usize>) {
    let width = engine.settings().instruments.len();
    let instrument = instrument.map(|at| u16::try_from(at % width).unwrap_or(0));
    for id in engine.live_orders(instrument) {
        engine.cancel(id);
    }
}

fn modify(engine: &mut Engine, ago: u32, change: &Change, anchor: i64) -> Result<()> {
    let Some(id) = ago_to_id(engine, ago) else {
        return Ok(());
    };
    let from = price_now(engine, usize::from(engine.orders()[id as usize - 1].instrument), anchor);
    let change = Change {
        limit: change.limit.map(|limit| from + limit),
        trigger: change.trigger.map(|trigger| from + trigger),
        trail: change
            .trail
            .map(|(trail, share)| (if share { trail * 10_000_000 } else { trail }, share)),
        ..*change
    };
    engine.modify(id, &change).map(drop)
}
