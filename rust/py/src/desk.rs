//! `ctx`, the native part: what a strategy sees and does, in the user's numbers.

use crate::facts::PyFacts;
use crate::faults::{order_error, raise};
use crate::market::PyMarket;
use crate::numbers::{number, whole};
use crate::orders::mistaken;
use crate::spare;
use crate::wish;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyTuple};
use triplebar_core::checkpoint;
use triplebar_core::engine::{Engine, Memory};
use triplebar_core::error::Error;
use triplebar_core::settings::{InstrumentSettings, Settings};

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

impl Drop for PyDesk {
    fn drop(&mut self) {
        spare::keep(Memory::of(self.engine.take_facts()));
    }
}

#[expect(clippy::cast_precision_loss, reason = "what a strategy sees is a double")]
pub fn shown(amount: i64, scale: f64) -> f64 {
    amount as f64 / scale
}

fn power(precision: u32) -> f64 {
    // Exact up to 10^22; settings allow 18.
    shown(10_i64.pow(precision), 1.0)
}

impl PyDesk {
    pub(crate) fn raise(py: Python<'_>) -> impl Fn(Error) -> PyErr + '_ {
        move |error| raise(py, &error)
    }

    /// The place of a symbol among the instruments.
    #[inline]
    pub fn instrument(&self, symbol: &Bound<'_, PyAny>) -> PyResult<usize> {
        if symbol.as_ptr() == self.first {
            return Ok(0);
        }
        let py = symbol.py();
        if let Ok(Some(place)) = self.places.bind(py).get_item(symbol) {
            return place.extract();
        }
        // An object that cannot be a key is no symbol either.
        let known: Vec<String> = self.symbols.extract(py)?;
        let of = py
            .import("triplebar.contracts.errors")?
            .getattr("UnknownSymbolError")?
            .getattr("of")?;
        Err(PyErr::from_value(of.call1((symbol, known))?))
    }

    pub fn symbol(&self, py: Python<'_>, instrument: u16) -> Py<PyString> {
        self.market.get().symbols[usize::from(instrument)].clone_ref(py)
    }

    /// What only the engine may do, before the run and after it.
    pub(crate) fn idle(&self, py: Python<'_>, what: &str) -> PyResult<()> {
        self.open(py)?;
        if self.stage == Stage::Running {
            return Err(order_error(
                py,
                &format!("{what} is for the engine, not for a strategy while it runs; leave it out"),
            ));
        }
        Ok(())
    }

    /// A strategy is about to be called.
    fn begin(&mut self) {
        spare::lend(&mut self.engine);
        self.stage = Stage::Running;
    }

    /// A desk whose facts were moved out has no orders any more.
    pub(crate) fn open(&self, py: Python<'_>) -> PyResult<()> {
        if self.stage == Stage::Over {
            return Err(order_error(
                py,
                "the run is over and its facts are in the result; use ctx only inside handlers",
            ));
        }
        Ok(())
    }

    fn currency(&self, py: Python<'_>, code: Option<&str>) -> PyResult<usize> {
        code.map_or(Ok(0), |code| wish::currency(&self.engine, code).map_err(mistaken(py)))
    }

    /// A positive amount of money in minor units, to the nearest.
    fn minor(&self, py: Python<'_>, amount: f64) -> PyResult<i64> {
        wish::minor(amount, self.money).map_err(mistaken(py))
    }
}

#[pymethods]
impl PyDesk {
    #[new]
    #[expect(clippy::needless_pass_by_value, reason = "pyo3 hands arguments over")]
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
        let scale = |one: &InstrumentSettings| Scale {
            price: power(one.price_precision),
            size: power(one.size_precision),
        };
        Ok(Self {
            scales: engine.settings().instruments.iter().map(scale).collect(),
            money: power(engine.settings().cash_precision),
            stage: Stage::Ready,
            first: symbols.first().map_or(std::ptr::null_mut(), Py::as_ptr),
            symbols: PyTuple::new(py, symbols)?.unbind(),
            places: places.unbind(),
            engine,
            market: market.clone_ref(py),
        })
    }

    /// What is held: above zero long, below zero short.
    fn position(&self, symbol: &Bound<'_, PyAny>) -> PyResult<f64> {
        let at = self.instrument(symbol)?;
        Ok(shown(self.engine.position(at), self.scales[at].size))
    }

    /// The average price of what is held; None if nothing is.
    fn average_price(&self, symbol: &Bound<'_, PyAny>) -> PyResult<Option<f64>> {
        let at = self.instrument(symbol)?;
        Ok(wish::average_price(&self.engine, at, self.scales[at].price))
    }

    /// Cash of all currencies in the base currency.
    #[getter]
    fn cash(&self, py: Python<'_>) -> PyResult<f64> {
        Ok(shown(
            self.engine.account().cash_base().map_err(Self::raise(py))?,
            self.money,
        ))
    }

    /// Cash and positions at their marks in the base currency.
    #[getter]
    fn equity(&mut self, py: Python<'_>) -> PyResult<f64> {
        Ok(shown(
            self.engine
                .equity(&self.market.get().columns)
                .map_err(Self::raise(py))?,
            self.money,
        ))
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
    fn deposit(&mut self, py: Python<'_>, amount: &Bound<'_, PyAny>, currency: Option<&str>) -> PyResult<()> {
        let (minor, currency) = (self.minor(py, number(amount, "amount")?)?, self.currency(py, currency)?);
        self.engine.transfer(currency, minor).map_err(Self::raise(py))
    }

    /// Take cash out.
    #[pyo3(signature = (amount, currency=None))]
    fn withdraw(&mut self, py: Python<'_>, amount: &Bound<'_, PyAny>, currency: Option<&str>) -> PyResult<()> {
        let (minor, currency) = (self.minor(py, number(amount, "amount")?)?, self.currency(py, currency)?);
        self.engine.transfer(currency, -minor).map_err(Self::raise(py))
    }

    /// Change cash of one currency into another at the rate of the moment.
    fn convert(&mut self, py: Python<'_>, amount: &Bound<'_, PyAny>, source: &str, target: &str) -> PyResult<()> {
        let minor = self.minor(py, number(amount, "amount")?)?;
        let (source, target) = (self.currency(py, Some(source))?, self.currency(py, Some(target))?);
        self.engine.convert(minor, source, target).map_err(Self::raise(py))
    }

    /// Refuse everything that would enlarge a position.
    #[pyo3(signature = (on=true))]
    fn kill_switch(&mut self, on: bool) {
        self.engine.set_trading(!on);
    }

    /// Set a timer by name, in nanoseconds.
    #[pyo3(signature = (name, due_ns, every_ns=None), text_signature = "($self, name, due_ns, every_ns=0)")]
    fn set_timer(
        &mut self,
        py: Python<'_>,
        name: &str,
        due_ns: &Bound<'_, PyAny>,
        every_ns: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let due_ns = whole(due_ns, "due_ns")?;
        let every_ns = every_ns.map_or(Ok(0), |every| whole(every, "every_ns"))?;
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
        Ok(PyBytes::new(
            py,
            &checkpoint::save(&self.engine).map_err(Self::raise(py))?,
        ))
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
        slf: &Bound<'_, Self>,
        handlers: &Bound<'_, PyDict>,
        until: Option<i32>,
        progress: Option<Py<PyAny>>,
        interrupted: Option<Py<PyAny>>,
    ) -> PyResult<crate::run::Report> {
        slf.borrow().idle(slf.py(), "run")?;
        slf.borrow_mut().begin();
        let report = crate::leave::guard(slf.py(), || {
            crate::run::run(slf, handlers, until, progress, interrupted)
        });
        slf.borrow_mut().stage = Stage::Ready;
        report
    }

    /// Runs a compiled strategy; see `triplebar.engines.custom.compiled`.
    #[expect(clippy::too_many_arguments, reason = "what Python does before, between and after")]
    #[pyo3(signature = (prepare, thaw, explain, stop=None, until=None, progress=None, interrupted=None))]
    fn run_compiled(
        slf: &Bound<'_, Self>,
        prepare: Py<PyAny>,
        thaw: Py<PyAny>,
        explain: Py<PyAny>,
        stop: Option<Py<PyAny>>,
        until: Option<i32>,
        progress: Option<Py<PyAny>>,
        interrupted: Option<Py<PyAny>>,
    ) -> PyResult<crate::run::Report> {
        slf.borrow().idle(slf.py(), "run")?;
        slf.borrow_mut().begin();
        let hooks = crate::compiled::Hooks {
            prepare,
            thaw,
            stop,
            explain,
            progress,
            interrupted,
        };
        let report = crate::leave::guard(slf.py(), || crate::compiled::run(slf, &hooks, until));
        slf.borrow_mut().stage = Stage::Ready;
        report
    }
}
