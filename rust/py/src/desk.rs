//! `ctx`, the native part: what a strategy sees and does, in the user's numbers.

use crate::facts::PyFacts;
use crate::faults::{order_error, raise};
use crate::market::PyMarket;
use crate::orders::{Wish, number};
use crate::views::PyOrderView;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyTuple};
use triplebar_core::checkpoint;
use triplebar_core::codes::{OrderKind, flags};
use triplebar_core::engine::{Change, Engine, UserOrder, percent_to_ppb};
use triplebar_core::error::Error;
use triplebar_core::grid::{Grid, Toward};
use triplebar_core::order::Order;
use triplebar_core::settings::{InstrumentSettings, OffGrid, Settings};

/// The scales between a user's numbers and the engine's.
pub struct Scale {
    pub price: f64,
    pub size: f64,
}

/// How far a desk is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Before the run, or between two parts of it.
    Ready,
    /// A strategy is being called: its handlers may trade, but not run, stop or empty the desk.
    Running,
    /// The facts were moved out.
    Over,
}

/// An engine and the names it goes by.
#[pyclass(subclass, name = "Desk", module = "triplebar._native")]
pub struct PyDesk {
    pub engine: Engine,
    pub market: Py<PyMarket>,
    pub scales: Vec<Scale>,
    pub money: f64,
    pub stage: Stage,
    symbols: Py<PyTuple>,
    places: Py<PyDict>,
    first: *mut pyo3::ffi::PyObject,
}

// SAFETY: `first` is only compared with other addresses, never read; the object it points to is owned by `symbols`.
#[expect(unsafe_code, reason = "an address that is only compared")]
unsafe impl Send for PyDesk {}
// SAFETY: as above.
#[expect(unsafe_code, reason = "an address that is only compared")]
unsafe impl Sync for PyDesk {}

#[expect(clippy::cast_precision_loss, reason = "what a strategy sees is a double")]
pub fn shown(amount: i64, scale: f64) -> f64 {
    amount as f64 / scale
}

fn power(precision: u32) -> f64 {
    10_f64.powi(i32::try_from(precision).unwrap_or(0))
}

impl PyDesk {
    fn raise(py: Python<'_>) -> impl Fn(Error) -> PyErr + '_ {
        move |error| raise(py, &error)
    }

    /// The place of a symbol among the instruments.
    #[inline]
    pub fn instrument(&self, symbol: &Bound<'_, PyAny>) -> PyResult<usize> {
        if symbol.as_ptr() == self.first {
            return Ok(0);
        }
        let py = symbol.py();
        match self.places.bind(py).get_item(symbol) {
            Ok(Some(place)) => place.extract(),
            // an object that cannot be a key is no symbol either
            Ok(None) | Err(_) => {
                let known: Vec<String> = self.symbols.extract(py)?;
                let of = py.import("triplebar.contracts.errors")?.getattr("UnknownSymbolError")?.getattr("of")?;
                Err(PyErr::from_value(of.call1((symbol, known))?))
            }
        }
    }

    pub fn symbol<'py>(&self, py: Python<'py>, instrument: u16) -> Py<PyString> {
        self.market.get().symbols[usize::from(instrument)].clone_ref(py)
    }

    /// What only the engine may do, before the run and after it.
    fn idle(&self, py: Python<'_>, what: &str) -> PyResult<()> {
        self.open(py)?;
        if self.stage == Stage::Running {
            return Err(order_error(py, &format!("{what} is for the engine, not for a strategy while it runs; leave it out")));
        }
        Ok(())
    }

    /// A desk whose facts were moved out has no orders any more.
    fn open(&self, py: Python<'_>) -> PyResult<()> {
        if self.stage == Stage::Over {
            return Err(order_error(py, "the run is over and its facts are in the result; use ctx only inside handlers"));
        }
        Ok(())
    }

    fn currency(&self, py: Python<'_>, code: Option<&str>) -> PyResult<usize> {
        let Some(code) = code else { return Ok(0) };
        let known = &self.engine.settings().currencies;
        known.iter().position(|one| one == code).ok_or_else(|| {
            order_error(py, &format!("currency {code:?} is not in this account; it has {}", known.join(", ")))
        })
    }

    /// A positive amount of money in minor units, to the nearest.
    fn minor(&self, py: Python<'_>, amount: f64) -> PyResult<i64> {
        let minor = (number(py, "amount", amount)? * self.money).round();
        if minor < 1.0 || minor >= 9e18 {
            return Err(order_error(py, &format!("amount = {amount} is not an amount of money that can be booked; give a positive one")));
        }
        #[expect(clippy::cast_possible_truncation, reason = "range checked above")]
        Ok(minor as i64)
    }

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
            child.request = triplebar_core::order::OrderRequest {
                kind, group, parent: id, tag: order.request.tag, side: -order.request.side,
                ..triplebar_core::order::OrderRequest::market(order.request.instrument, 0, 0)
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
        &mut self, py: Python<'_>, side: i8, symbol: &Bound<'_, PyAny>, quantity: &Bound<'_, PyAny>, wish: &Wish<'_, '_>,
        names: [Option<&str>; 3], parent: Option<u32>, bracket: [Option<f64>; 2],
    ) -> PyResult<u32> {
        self.open(py)?;
        let instrument = self.instrument(symbol)?;
        let quantity: f64 = quantity.extract().map_err(|_| order_error(py, &format!("quantity = {quantity:?} is no number")))?;
        #[expect(clippy::cast_possible_truncation, reason = "a market has fewer than 65 535 instruments")]
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
    fn placed(&self, py: Python<'_>, order: &Order, name: &str, value: f64, size: bool, toward: Toward) -> PyResult<i64> {
        let settings: &InstrumentSettings = &self.engine.settings().instruments[usize::from(order.instrument)];
        let grid = if size { Grid::new(settings.size_precision, settings.size_step) } else { Grid::new(settings.price_precision, settings.price_step) };
        let placed = grid.place(number(py, name, value)?, toward);
        if !placed.exact && self.engine.settings().off_grid == OffGrid::Reject {
            return Err(order_error(py, &format!("{name} = {value} is off the grid of {}; round it", settings.symbol)));
        }
        Ok(placed.steps)
    }
}

#[pymethods]
impl PyDesk {
    #[new]
    fn new(py: Python<'_>, market: Py<PyMarket>, settings: &str, checkpoint: Option<&[u8]>) -> PyResult<Self> {
        let settings = Settings::from_json(settings).map_err(Self::raise(py))?;
        let columns = &market.get().columns;
        let view = columns.view();
        let engine = match checkpoint {
            Some(bytes) => checkpoint::load(bytes, &view),
            None => Engine::new(settings, &view),
        };
        let engine = engine.map_err(Self::raise(py))?;
        let symbols = &market.get().symbols;
        let places = PyDict::new(py);
        for (place, symbol) in symbols.iter().enumerate() {
            places.set_item(symbol, place)?;
        }
        let scale = |one: &InstrumentSettings| Scale { price: power(one.price_precision), size: power(one.size_precision) };
        Ok(Self {
            scales: engine.settings().instruments.iter().map(scale).collect(),
            money: power(engine.settings().cash_precision),
            stage: Stage::Ready,
            first: symbols.first().map_or(std::ptr::null_mut(), |symbol| symbol.as_ptr()),
            symbols: PyTuple::new(py, symbols)?.unbind(),
            places: places.unbind(),
            engine,
            market: market.clone_ref(py),
        })
    }

    /// Send a buy order and return its number.
    #[pyo3(signature = (symbol, quantity, *, limit=None, stop=None, trail=None, trail_percent=None, touch=None, tif=None, expire=None, post_only=false, reduce_only=false, tag=None, id=None, oco=None, parent=None, take_profit=None, stop_loss=None))]
    #[expect(clippy::too_many_arguments, reason = "the keywords are the language of orders")]
    fn buy(
        &mut self, py: Python<'_>, symbol: &Bound<'_, PyAny>, quantity: &Bound<'_, PyAny>, limit: Option<f64>, stop: Option<f64>,
        trail: Option<f64>, trail_percent: Option<f64>, touch: Option<f64>, tif: Option<&str>, expire: Option<Bound<'_, PyAny>>,
        post_only: bool, reduce_only: bool, tag: Option<&str>, id: Option<&str>, oco: Option<&str>, parent: Option<u32>,
        take_profit: Option<f64>, stop_loss: Option<f64>,
    ) -> PyResult<u32> {
        let wish = Wish { limit, stop, trail, trail_percent, touch, tif, expire, post_only, reduce_only };
        self.trade(py, 1, symbol, quantity, &wish, [tag, id, oco], parent, [take_profit, stop_loss])
    }

    /// Send a sell order and return its number.
    #[pyo3(signature = (symbol, quantity, *, limit=None, stop=None, trail=None, trail_percent=None, touch=None, tif=None, expire=None, post_only=false, reduce_only=false, tag=None, id=None, oco=None, parent=None, take_profit=None, stop_loss=None))]
    #[expect(clippy::too_many_arguments, reason = "the keywords are the language of orders")]
    fn sell(
        &mut self, py: Python<'_>, symbol: &Bound<'_, PyAny>, quantity: &Bound<'_, PyAny>, limit: Option<f64>, stop: Option<f64>,
        trail: Option<f64>, trail_percent: Option<f64>, touch: Option<f64>, tif: Option<&str>, expire: Option<Bound<'_, PyAny>>,
        post_only: bool, reduce_only: bool, tag: Option<&str>, id: Option<&str>, oco: Option<&str>, parent: Option<u32>,
        take_profit: Option<f64>, stop_loss: Option<f64>,
    ) -> PyResult<u32> {
        let wish = Wish { limit, stop, trail, trail_percent, touch, tif, expire, post_only, reduce_only };
        self.trade(py, -1, symbol, quantity, &wish, [tag, id, oco], parent, [take_profit, stop_loss])
    }

    /// Send what brings the position to this size; None if it is there already.
    #[pyo3(signature = (symbol, quantity, **keywords))]
    fn target(slf: &Bound<'_, Self>, symbol: &Bound<'_, PyAny>, quantity: f64, keywords: Option<&Bound<'_, PyDict>>) -> PyResult<Option<u32>> {
        let py = slf.py();
        let (difference, size) = {
            let desk = slf.borrow();
            let at = desk.instrument(symbol)?;
            let settings = &desk.engine.settings().instruments[at];
            number(py, "quantity", quantity.abs())?;
            let lots = Grid::new(settings.size_precision, settings.size_step).place(quantity.abs(), Toward::Down).steps;
            let wanted = if quantity < 0.0 { -lots } else { lots };
            (wanted - desk.engine.position(at), desk.scales[at].size)
        };
        if difference == 0 {
            return Ok(None);
        }
        let verb = if difference > 0 { "buy" } else { "sell" };
        slf.call_method(verb, (symbol, shown(difference.abs(), size)), keywords)?.extract().map(Some)
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
        #[expect(clippy::cast_possible_truncation, reason = "a market has fewer than 65 535 instruments")]
        let mut request = triplebar_core::order::OrderRequest::market(at as u16, side, lots.abs());
        request.flags = flags::REDUCE_ONLY;
        request.tag = self.label(tag);
        self.engine.send(&request).map(Some).map_err(Self::raise(py))
    }

    /// Cancel an order; False if it has ended.
    fn cancel(&mut self, py: Python<'_>, order: u32) -> PyResult<bool> {
        self.open(py)?;
        if self.engine.order(order).is_none() {
            return Err(order_error(py, &format!("there is no order {order}; orders are numbered from 1")));
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
        &mut self, py: Python<'_>, order: u32, quantity: Option<f64>, limit: Option<f64>, stop: Option<f64>, trail: Option<f64>,
        trail_percent: Option<f64>, touch: Option<f64>,
    ) -> PyResult<bool> {
        self.open(py)?;
        let current = self.engine.order(order).ok_or_else(|| order_error(py, &format!("there is no order {order}; orders are numbered from 1")))?;
        if !current.is_live() {
            return Ok(false);
        }
        let is_touch = current.kind == OrderKind::MarketIfTouched;
        if (stop.is_some() && is_touch) || (touch.is_some() && !is_touch) || (trail.is_some() && trail_percent.is_some()) {
            return Err(order_error(py, &format!("these keywords do not fit a {} order", current.kind.text())));
        }
        let buys = current.side > 0;
        let (passive, far) = if buys { (Toward::Down, Toward::Up) } else { (Toward::Up, Toward::Down) };
        let place = |name: &str, value: Option<f64>, size: bool, toward: Toward| {
            value.map(|value| self.placed(py, current, name, value, size, toward)).transpose()
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
        let order = self.engine.order(id).ok_or_else(|| order_error(py, &format!("there is no order {id}; orders are numbered from 1")))?;
        Ok(self.view(py, id, order))
    }

    /// The numbers of the live orders (of one instrument).
    #[pyo3(signature = (symbol=None))]
    fn open_orders(&self, py: Python<'_>, symbol: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<u32>> {
        self.open(py)?;
        #[expect(clippy::cast_possible_truncation, reason = "a market has fewer than 65 535 instruments")]
        let instrument = symbol.map(|symbol| self.instrument(symbol)).transpose()?.map(|at| at as u16);
        Ok(self.engine.live_orders(instrument))
    }

    /// What is held: above zero long, below zero short.
    fn position(&self, symbol: &Bound<'_, PyAny>) -> PyResult<f64> {
        let at = self.instrument(symbol)?;
        Ok(shown(self.engine.position(at), self.scales[at].size))
    }

    /// The average price of what is held; None if nothing is.
    #[expect(clippy::cast_precision_loss, reason = "what a strategy sees is a double")]
    fn average_price(&self, symbol: &Bound<'_, PyAny>) -> PyResult<Option<f64>> {
        let at = self.instrument(symbol)?;
        let holding = &self.engine.account().holdings[at];
        let size = i128::from(holding.position.lots) * i128::from(holding.unit);
        Ok((size != 0).then(|| holding.position.cost as f64 / size as f64 / self.scales[at].price))
    }

    /// Cash of all currencies in the base currency.
    #[getter]
    fn cash(&self, py: Python<'_>) -> PyResult<f64> {
        Ok(shown(self.engine.account().cash_base().map_err(Self::raise(py))?, self.money))
    }

    /// Cash and positions at their marks in the base currency.
    #[getter]
    fn equity(&self, py: Python<'_>) -> PyResult<f64> {
        Ok(shown(self.engine.account().equity().map_err(Self::raise(py))?, self.money))
    }

    /// The time of the decision in nanoseconds since 1970.
    #[getter]
    fn time_ns(&self) -> i64 {
        self.engine.time_ns()
    }

    /// The number of the clock's tick, from 0; -1 before the first.
    #[getter]
    fn index(&self) -> i32 {
        self.engine.clock()
    }

    /// Whether orders sent now would be refused because the run still warms up.
    #[getter]
    fn warming(&self) -> bool {
        (0..self.scales.len()).any(|at| self.engine.is_warming(at))
    }

    /// The symbols of the market.
    #[getter]
    fn symbols(&self, py: Python<'_>) -> Py<PyTuple> {
        self.symbols.clone_ref(py)
    }

    /// How many bars of the instrument have closed.
    fn _cursor(&self, symbol: &Bound<'_, PyAny>) -> PyResult<u32> {
        Ok(self.engine.bars_seen(self.instrument(symbol)?))
    }

    /// Add cash.
    #[pyo3(signature = (amount, currency=None))]
    fn deposit(&mut self, py: Python<'_>, amount: f64, currency: Option<&str>) -> PyResult<()> {
        let (minor, currency) = (self.minor(py, amount)?, self.currency(py, currency)?);
        self.engine.transfer(currency, minor).map_err(Self::raise(py))
    }

    /// Take cash out.
    #[pyo3(signature = (amount, currency=None))]
    fn withdraw(&mut self, py: Python<'_>, amount: f64, currency: Option<&str>) -> PyResult<()> {
        let (minor, currency) = (self.minor(py, amount)?, self.currency(py, currency)?);
        self.engine.transfer(currency, -minor).map_err(Self::raise(py))
    }

    /// Change cash of one currency into another at the rate of the moment.
    fn convert(&mut self, py: Python<'_>, amount: f64, source: &str, target: &str) -> PyResult<()> {
        let minor = self.minor(py, amount)?;
        let (source, target) = (self.currency(py, Some(source))?, self.currency(py, Some(target))?);
        self.engine.convert(minor, source, target).map_err(Self::raise(py))
    }

    /// Refuse everything that would enlarge a position.
    #[pyo3(signature = (on=true))]
    fn kill_switch(&mut self, on: bool) {
        self.engine.set_trading(!on);
    }

    /// Set a timer by name, in nanoseconds.
    #[pyo3(signature = (name, due_ns, every_ns=0))]
    fn set_timer(&mut self, py: Python<'_>, name: &str, due_ns: i64, every_ns: i64) -> PyResult<()> {
        let label = self.engine.timer_names_mut().number(name);
        self.engine.set_timer(label, due_ns, every_ns).map_err(Self::raise(py))
    }

    /// Forget a timer; False if there is none of this name.
    fn cancel_timer(&mut self, name: &str) -> bool {
        let label = self.engine.timer_names_mut().number(name);
        self.engine.cancel_timer(label)
    }

    /// The state of the run between two ticks, as bytes.
    fn checkpoint<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        self.idle(py, "checkpoint")?;
        Ok(PyBytes::new(py, &checkpoint::save(&self.engine).map_err(Self::raise(py))?))
    }

    /// The facts of the run; they are moved out of the desk.
    fn facts(&mut self, py: Python<'_>) -> PyResult<PyFacts> {
        self.idle(py, "facts")?;
        self.stage = Stage::Over;
        PyFacts::take(py, &mut self.engine, &self.market.get().columns)
    }

    /// Runs to the end of the data, or through tick `until`; see `triplebar.engines.custom`.
    #[pyo3(signature = (handlers, until=None, progress=None, interrupted=None))]
    fn run(
        slf: &Bound<'_, Self>, handlers: &Bound<'_, PyDict>, until: Option<i32>, progress: Option<Py<PyAny>>, interrupted: Option<Py<PyAny>>,
    ) -> PyResult<crate::run::Report> {
        slf.borrow().idle(slf.py(), "run")?;
        slf.borrow_mut().stage = Stage::Running;
        let report = crate::leave::guard(slf.py(), || crate::run::run(slf, handlers, until, progress, interrupted));
        slf.borrow_mut().stage = Stage::Ready;
        report
    }
}
