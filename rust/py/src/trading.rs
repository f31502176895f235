//! `ctx`, the part that trades: send, cancel, modify, look up orders.

use crate::desk::{PyDesk, shown};
use crate::numbers::{maybe, number, order_id};
use crate::orders::{Given, mistaken};
use crate::views::PyOrderView;
use crate::wish::{Names, NewTerms, Wish, cancel, closing, known, toward};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use triplebar_core::order::Order;

impl PyDesk {
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
            tag: self.tag(self.engine.orders().extras(order).tag),
        }
    }

    pub fn tag(&self, label: u32) -> Option<String> {
        self.engine.labels().text(label).map(str::to_owned)
    }
}

#[pymethods]
impl PyDesk {
    /// Send a buy order and return its number.
    #[pyo3(signature = (symbol, quantity, *, limit=None, stop=None, trail=None, trail_percent=None, touch=None, tif=None, expire=None, post_only=false, reduce_only=false, tag=None, id=None, oco=None, parent=None, take_profit=None, stop_loss=None))]
    #[expect(clippy::too_many_arguments, reason = "the keywords are the language of orders")]
    fn buy(
        &mut self,
        symbol: &Bound<'_, PyAny>,
        quantity: &Bound<'_, PyAny>,
        limit: Option<&Bound<'_, PyAny>>,
        stop: Option<&Bound<'_, PyAny>>,
        trail: Option<&Bound<'_, PyAny>>,
        trail_percent: Option<&Bound<'_, PyAny>>,
        touch: Option<&Bound<'_, PyAny>>,
        tif: Option<&str>,
        expire: Option<Bound<'_, PyAny>>,
        post_only: bool,
        reduce_only: bool,
        tag: Option<&str>,
        id: Option<&str>,
        oco: Option<&str>,
        parent: Option<&Bound<'_, PyAny>>,
        take_profit: Option<&Bound<'_, PyAny>>,
        stop_loss: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<u32> {
        let wish = Wish {
            limit: maybe(limit, "limit")?,
            stop: maybe(stop, "stop")?,
            trail: maybe(trail, "trail")?,
            trail_percent: maybe(trail_percent, "trail_percent")?,
            touch: maybe(touch, "touch")?,
            post_only,
            reduce_only,
            take_profit: maybe(take_profit, "take_profit")?,
            stop_loss: maybe(stop_loss, "stop_loss")?,
            parent: parent.map_or(Ok(0), |parent| order_id(parent, "parent"))?,
            ..Wish::default()
        };
        let names = Names { tag, id, oco };
        self.trade(
            1,
            symbol,
            number(quantity, "quantity")?,
            wish,
            &Given { tif, expire, names },
        )
    }

    /// Send a sell order and return its number.
    #[pyo3(signature = (symbol, quantity, *, limit=None, stop=None, trail=None, trail_percent=None, touch=None, tif=None, expire=None, post_only=false, reduce_only=false, tag=None, id=None, oco=None, parent=None, take_profit=None, stop_loss=None))]
    #[expect(clippy::too_many_arguments, reason = "the keywords are the language of orders")]
    fn sell(
        &mut self,
        symbol: &Bound<'_, PyAny>,
        quantity: &Bound<'_, PyAny>,
        limit: Option<&Bound<'_, PyAny>>,
        stop: Option<&Bound<'_, PyAny>>,
        trail: Option<&Bound<'_, PyAny>>,
        trail_percent: Option<&Bound<'_, PyAny>>,
        touch: Option<&Bound<'_, PyAny>>,
        tif: Option<&str>,
        expire: Option<Bound<'_, PyAny>>,
        post_only: bool,
        reduce_only: bool,
        tag: Option<&str>,
        id: Option<&str>,
        oco: Option<&str>,
        parent: Option<&Bound<'_, PyAny>>,
        take_profit: Option<&Bound<'_, PyAny>>,
        stop_loss: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<u32> {
        let wish = Wish {
            limit: maybe(limit, "limit")?,
            stop: maybe(stop, "stop")?,
            trail: maybe(trail, "trail")?,
            trail_percent: maybe(trail_percent, "trail_percent")?,
            touch: maybe(touch, "touch")?,
            post_only,
            reduce_only,
            take_profit: maybe(take_profit, "take_profit")?,
            stop_loss: maybe(stop_loss, "stop_loss")?,
            parent: parent.map_or(Ok(0), |parent| order_id(parent, "parent"))?,
            ..Wish::default()
        };
        let names = Names { tag, id, oco };
        self.trade(
            -1,
            symbol,
            number(quantity, "quantity")?,
            wish,
            &Given { tif, expire, names },
        )
    }

    /// Send what brings the position to this size; None if it is there already.
    #[pyo3(signature = (symbol, quantity, **keywords))]
    fn target(
        slf: &Bound<'_, Self>,
        symbol: &Bound<'_, PyAny>,
        quantity: &Bound<'_, PyAny>,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Option<u32>> {
        let py = slf.py();
        let needed = {
            let desk = slf.borrow();
            let at = desk.instrument(symbol)?;
            toward(&desk.engine, at, number(quantity, "quantity")?, desk.scales[at].size).map_err(mistaken(py))?
        };
        let Some((side, missing)) = needed else {
            return Ok(None);
        };
        let verb = if side > 0 { "buy" } else { "sell" };
        slf.call_method(verb, (symbol, missing), keywords)?.extract().map(Some)
    }

    /// Send what closes the position; None if there is none.
    #[pyo3(signature = (symbol, tag=None))]
    fn close(&mut self, py: Python<'_>, symbol: &Bound<'_, PyAny>, tag: Option<&str>) -> PyResult<Option<u32>> {
        self.open(py)?;
        let at = self.instrument(symbol)?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a market has fewer than 65 535 instruments"
        )]
        let Some(mut request) = closing(&self.engine, at as u16) else {
            return Ok(None);
        };
        request.extras.tag = tag.map_or(0, |text| self.engine.labels_mut().number(text));
        self.engine.send(&request).map(Some).map_err(Self::raise(py))
    }

    /// Cancel an order; False if it has ended.
    fn cancel(&mut self, py: Python<'_>, order: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.open(py)?;
        cancel(&mut self.engine, order_id(order, "order")?).map_err(mistaken(py))
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
        order: &Bound<'_, PyAny>,
        quantity: Option<&Bound<'_, PyAny>>,
        limit: Option<&Bound<'_, PyAny>>,
        stop: Option<&Bound<'_, PyAny>>,
        trail: Option<&Bound<'_, PyAny>>,
        trail_percent: Option<&Bound<'_, PyAny>>,
        touch: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        self.open(py)?;
        let terms = NewTerms {
            quantity: maybe(quantity, "quantity")?,
            limit: maybe(limit, "limit")?,
            stop: maybe(stop, "stop")?,
            trail: maybe(trail, "trail")?,
            trail_percent: maybe(trail_percent, "trail_percent")?,
            touch: maybe(touch, "touch")?,
        };
        terms
            .apply(&mut self.engine, order_id(order, "order")?)
            .map_err(mistaken(py))
    }

    /// An order as it stands.
    fn order(&self, py: Python<'_>, id: &Bound<'_, PyAny>) -> PyResult<PyOrderView> {
        self.open(py)?;
        let id = order_id(id, "order")?;
        let order = known(&self.engine, id).map_err(mistaken(py))?;
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
