//! `ctx`, the part that trades: send, cancel, modify, look up orders.

use crate::desk::{PyDesk, shown};
use crate::faults::order_error;
use crate::orders::{Wish, number};
use crate::views::PyOrderView;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use triplebar_core::codes::{OrderKind, flags};
use triplebar_core::engine::{Change, UserOrder, percent_to_ppb};
use triplebar_core::grid::{Grid, Toward};
use triplebar_core::order::{Order, OrderRequest};
use triplebar_core::settings::{InstrumentSettings, OffGrid};

impl PyDesk {
    fn label(&mut self, text: Option<&str>) -> u32 {
        text.map_or(0, |text| self.engine.labels_mut().number(text))
    }

    fn submit(&mut self, py: Python<'_>, order: &UserOrder, bracket: [Option<f64>; 2]) -> PyResult<u32> {
        let id = self.engine.send_user(order).map_err(Self::raise(py))?;
        let group = match bracket {
            [Some(_), Some(_)] => self.label(Some(&format!("bracket-{id}"))),
            _ => 0,
        };
        for (kind, price) in [OrderKind::Limit, OrderKind::Stop].into_iter().zip(bracket) {
            let Some(price) = price else { continue };
            let mut child = *order;
            child.request = OrderRequest {
                kind,
                group,
                parent: id,
                tag: order.request.tag,
                side: -order.request.side,
                ..OrderRequest::market(order.request.instrument, 0, 0)
            };
            child.limit = (kind == OrderKind::Limit).then_some(price);
            child.trigger = (kind == OrderKind::Stop).then_some(price);
            child.trail = None;
            self.engine.send_attached(&child).map_err(Self::raise(py))?;
        }
        Ok(id)
    }

    #[expect(clippy::too_many_arguments, reason = "the keywords of one order")]
    fn trade(
        &mut self,
        py: Python<'_>,
        side: i8,
        symbol: &Bound<'_, PyAny>,
        quantity: &Bound<'_, PyAny>,
        wish: &Wish<'_, '_>,
        names: [Option<&str>; 3],
        parent: Option<u32>,
        bracket: [Option<f64>; 2],
    ) -> PyResult<u32> {
        self.open(py)?;
        let instrument = self.instrument(symbol)?;
        let quantity: f64 = quantity
            .extract()
            .map_err(|_| order_error(py, &format!("quantity = {quantity:?} is no number")))?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a market has fewer than 65 535 instruments"
        )]
        let mut order = wish.order(py, instrument as u16, side, quantity)?;
        for (name, price) in ["take_profit", "stop_loss"].into_iter().zip(bracket) {
            price.map_or(Ok(0.0), |price| number(py, name, price))?;
        }
        order.request.parent = parent.unwrap_or(0);
        self.engine.check_parent(&order.request).map_err(Self::raise(py))?;
        let [tag, id, oco] = names;
        order.request.tag = self.label(tag);
        order.request.client = self.label(id);
        order.request.group = self.label(oco);
        self.submit(py, &order, bracket)
    }

    fn view(&self, py: Python<'_>, id: u32, order: &Order) -> PyOrderView {
        let scale = &self.scales[usize::from(order.instrument)];
        let price = |ticks: i64| (ticks != 0).then(|| shown(ticks, scale.price));
        PyOrderView {
            order: id,
            symbol: self.symbol(py, order.instrument),
            side: order.side,
            kind: order.kind.text(),
            tif: order.tif.text(),
            status: order.status.text(),
            reason: order.reason.text(),
            quantity: shown(order.quantity, scale.size),
            filled: shown(order.filled, scale.size),
            limit: price(order.limit),
            stop: price(order.trigger),
            tag: self.tag(order.tag),
        }
    }

    pub fn tag(&self, label: u32) -> Option<String> {
        self.engine.labels().text(label).map(str::to_owned)
    }

    /// A new price of an order on its grid, or why not.
    fn placed(
        &self,
        py: Python<'_>,
        order: &Order,
        name: &str,
        value: f64,
        size: bool,
        toward: Toward,
    ) -> PyResult<i64> {
        let settings: &InstrumentSettings = &self.engine.settings().instruments[usize::from(order.instrument)];
        let grid = if size {
            Grid::new(settings.size_precision, settings.size_step)
        } else {
            Grid::new(settings.price_precision, settings.price_step)
        };
        let placed = grid.place(number(py, name, value)?, toward);
        if !placed.exact && self.engine.settings().off_grid == OffGrid::Reject {
            return Err(order_error(
                py,
                &format!("{name} = {value} is off the grid of {}; round it", settings.symbol),
            ));
        }
        Ok(placed.steps)
    }
}

#[pymethods]
impl PyDesk {
    /// Send a buy order and return its number.
    #[pyo3(signature = (symbol, quantity, *, limit=None, stop=None, trail=None, trail_percent=None, touch=None, tif=None, expire=None, post_only=false, reduce_only=false, tag=None, id=None, oco=None, parent=None, take_profit=None, stop_loss=None))]
    #[expect(clippy::too_many_arguments, reason = "the keywords are the language of orders")]
    fn buy(
        &mut self,
        py: Python<'_>,
        symbol: &Bound<'_, PyAny>,
        quantity: &Bound<'_, PyAny>,
        limit: Option<f64>,
        stop: Option<f64>,
        trail: Option<f64>,
        trail_percent: Option<f64>,
        touch: Option<f64>,
        tif: Option<&str>,
        expire: Option<Bound<'_, PyAny>>,
        post_only: bool,
        reduce_only: bool,
        tag: Option<&str>,
        id: Option<&str>,
        oco: Option<&str>,
        parent: Option<u32>,
        take_profit: Option<f64>,
        stop_loss: Option<f64>,
    ) -> PyResult<u32> {
        let wish = Wish {
            limit,
            stop,
            trail,
            trail_percent,
            touch,
            tif,
            expire,
            post_only,
            reduce_only,
        };
        self.trade(
            py,
            1,
            symbol,
            quantity,
            &wish,
            [tag, id, oco],
            parent,
            [take_profit, stop_loss],
        )
    }

    /// Send a sell order and return its number.
    #[pyo3(signature = (symbol, quantity, *, limit=None, stop=None, trail=None, trail_percent=None, touch=None, tif=None, expire=None, post_only=false, reduce_only=false, tag=None, id=None, oco=None, parent=None, take_profit=None, stop_loss=None))]
    #[expect(clippy::too_many_arguments, reason = "the keywords are the language of orders")]
    fn sell(
        &mut self,
        py: Python<'_>,
        symbol: &Bound<'_, PyAny>,
        quantity: &Bound<'_, PyAny>,
        limit: Option<f64>,
        stop: Option<f64>,
        trail: Option<f64>,
        trail_percent: Option<f64>,
        touch: Option<f64>,
        tif: Option<&str>,
        expire: Option<Bound<'_, PyAny>>,
        post_only: bool,
        reduce_only: bool,
        tag: Option<&str>,
        id: Option<&str>,
        oco: Option<&str>,
        parent: Option<u32>,
        take_profit: Option<f64>,
        stop_loss: Option<f64>,
    ) -> PyResult<u32> {
        let wish = Wish {
            limit,
            stop,
            trail,
            trail_percent,
            touch,
            tif,
            expire,
            post_only,
            reduce_only,
        };
        self.trade(
            py,
            -1,
            symbol,
            quantity,
            &wish,
            [tag, id, oco],
            parent,
            [take_profit, stop_loss],
        )
    }

    /// Send what brings the position to this size; None if it is there already.
    #[pyo3(signature = (symbol, quantity, **keywords))]
    fn target(
        slf: &Bound<'_, Self>,
        symbol: &Bound<'_, PyAny>,
        quantity: f64,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Option<u32>> {
        let py = slf.py();
        let (difference, size) = {
            let desk = slf.borrow();
            let at = desk.instrument(symbol)?;
            let settings = &desk.engine.settings().instruments[at];
            number(py, "quantity", quantity.abs())?;
            let lots = Grid::new(settings.size_precision, settings.size_step)
                .place(quantity.abs(), Toward::Down)
                .steps;
            let wanted = if quantity < 0.0 { -lots } else { lots };
            (wanted - desk.engine.position(at), desk.scales[at].size)
        };
        if difference == 0 {
            return Ok(None);
        }
        let verb = if difference > 0 { "buy" } else { "sell" };
        slf.call_method(verb, (symbol, shown(difference.abs(), size)), keywords)?
            .extract()
            .map(Some)
    }

    /// Send what closes the position; None if there is none.
    #[pyo3(signature = (symbol, tag=None))]
    fn close(&mut self, py: Python<'_>, symbol: &Bound<'_, PyAny>, tag: Option<&str>) -> PyResult<Option<u32>> {
        self.open(py)?;
        let at = self.instrument(symbol)?;
        let lots = self.engine.position(at);
        if lots == 0 {
            return Ok(None);
        }
        let side = if lots > 0 { -1 } else { 1 };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a market has fewer than 65 535 instruments"
        )]
        let mut request = OrderRequest::market(at as u16, side, lots.abs());
        request.flags = flags::REDUCE_ONLY;
        request.tag = self.label(tag);
        self.engine.send(&request).map(Some).map_err(Self::raise(py))
    }

    /// Cancel an order; False if it has ended.
    fn cancel(&mut self, py: Python<'_>, order: u32) -> PyResult<bool> {
        self.open(py)?;
        if self.engine.order(order).is_none() {
            return Err(order_error(
                py,
                &format!("there is no order {order}; orders are numbered from 1"),
            ));
        }
        Ok(self.engine.cancel(order))
    }

    /// Cancel all live orders (of one instrument) and return how many there were.
    #[pyo3(signature = (symbol=None))]
    fn cancel_all(&mut self, py: Python<'_>, symbol: Option<&Bound<'_, PyAny>>) -> PyResult<usize> {
        let live = self.open_orders(py, symbol)?;
        Ok(live.into_iter().filter(|id| self.engine.cancel(*id)).count())
    }

    /// Change an order's size or prices; False if it has ended.
    #[pyo3(signature = (order, quantity=None, limit=None, stop=None, trail=None, trail_percent=None, touch=None))]
    #[expect(clippy::too_many_arguments, reason = "the keywords are the language of orders")]
    fn modify(
        &mut self,
        py: Python<'_>,
        order: u32,
        quantity: Option<f64>,
        limit: Option<f64>,
        stop: Option<f64>,
        trail: Option<f64>,
        trail_percent: Option<f64>,
        touch: Option<f64>,
    ) -> PyResult<bool> {
        self.open(py)?;
        let current = self
            .engine
            .order(order)
            .ok_or_else(|| order_error(py, &format!("there is no order {order}; orders are numbered from 1")))?;
        if !current.is_live() {
            return Ok(false);
        }
        let is_touch = current.kind == OrderKind::MarketIfTouched;
        if (stop.is_some() && is_touch)
            || (touch.is_some() && !is_touch)
            || (trail.is_some() && trail_percent.is_some())
        {
            return Err(order_error(
                py,
                &format!("these keywords do not fit a {} order", current.kind.text()),
            ));
        }
        let buys = current.side > 0;
        let (passive, far) = if buys {
            (Toward::Down, Toward::Up)
        } else {
            (Toward::Up, Toward::Down)
        };
        let place = |name: &str, value: Option<f64>, size: bool, toward: Toward| {
            value
                .map(|value| self.placed(py, current, name, value, size, toward))
                .transpose()
        };
        let trail = match (place("trail", trail, false, Toward::Nearest)?, trail_percent) {
            (_, Some(percent)) => Some((percent_to_ppb(percent).map_err(Self::raise(py))?, true)),
            (ticks, None) => ticks.map(|ticks| (ticks, false)),
        };
        let change = Change {
            quantity: place("quantity", quantity, true, Toward::Down)?,
            limit: place("limit", limit, false, passive)?,
            trigger: place("stop", stop.or(touch), false, far)?,
            trail,
        };
        self.engine.modify(order, &change).map_err(Self::raise(py))
    }

    /// An order as it stands.
    fn order(&self, py: Python<'_>, id: u32) -> PyResult<PyOrderView> {
        self.open(py)?;
        let order = self
            .engine
            .order(id)
            .ok_or_else(|| order_error(py, &format!("there is no order {id}; orders are numbered from 1")))?;
        Ok(self.view(py, id, order))
    }

    /// The numbers of the live orders (of one instrument).
    #[pyo3(signature = (symbol=None))]
    fn open_orders(&self, py: Python<'_>, symbol: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<u32>> {
        self.open(py)?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a market has fewer than 65 535 instruments"
        )]
        let instrument = symbol
            .map(|symbol| self.instrument(symbol))
            .transpose()?
            .map(|at| at as u16);
        Ok(self.engine.live_orders(instrument))
    }
}
