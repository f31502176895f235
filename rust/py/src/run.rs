//! The core's loop with a Python strategy in it.

use crate::call::{call2, is_unshared};
use crate::desk::{PyDesk, shown};
use crate::faults::{Stop, raise};
use crate::market::PyMarket;
use crate::views::{PyBar, PyFill, PyOrderEvent, PyTimer};
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use std::time::{Duration, Instant};
use triplebar_columns::bars::MarketColumns;
use triplebar_core::codes::EventKind;
use triplebar_core::drive::{Ending, Handlers, Host, drive};
use triplebar_core::engine::{Engine, Present, Timer};
use triplebar_core::record::Event;

/// Ticks between two pulses, at most: what a quick strategy does in a fraction of a millisecond.
const PULSE_MAX: i32 = 1024;
/// A slow strategy is asked about signals at least this often.
const PULSE_TIME: Duration = Duration::from_millis(10);
/// Progress is told this often.
const PROGRESS_TIME: Duration = Duration::from_millis(100);

/// How a run ended: `finished`, `paused`, `interrupted` or `failed` with the exception, the handler and the symbol.
pub type Report = (
    &'static str,
    Option<Py<PyAny>>,
    Option<&'static str>,
    Option<Py<PyString>>,
);

/// The bound methods of a strategy.
struct Strategy {
    start: Option<Py<PyAny>>,
    bar: Option<Py<PyAny>>,
    slice: Option<Py<PyAny>>,
    fill: Option<Py<PyAny>>,
    order: Option<Py<PyAny>>,
    timer: Option<Py<PyAny>>,
    stop: Option<Py<PyAny>>,
}

struct Runner<'a, 'py> {
    desk: &'a Bound<'py, PyDesk>,
    columns: &'a MarketColumns,
    market: &'a Py<PyMarket>,
    symbols: &'a [Py<PyString>],
    /// The bar objects handed out last, one an instrument; used again when nobody has kept them.
    bars: Vec<Py<PyBar>>,
    strategy: Strategy,
    progress: Option<Py<PyAny>>,
    interrupted: Option<Py<PyAny>>,
    /// The instrument of the handler that runs.
    at: Option<u16>,
    /// Ticks between two pulses, now.
    pulse: i32,
    pulsed: Instant,
    told: Instant,
}

/// Runs a strategy's handlers over the desk's market.
pub fn run(
    desk: &Bound<'_, PyDesk>,
    handlers: &Bound<'_, PyDict>,
    until: Option<i32>,
    progress: Option<Py<PyAny>>,
    interrupted: Option<Py<PyAny>>,
) -> PyResult<Report> {
    let py = desk.py();
    let market = desk.borrow().market.clone_ref(py);
    let native = market.get();
    let handler = |name: &str| -> PyResult<Option<Py<PyAny>>> { Ok(handlers.get_item(name)?.map(Bound::unbind)) };
    let strategy = Strategy {
        start: handler("on_start")?,
        bar: handler("on_bar")?,
        slice: handler("on_slice")?,
        fill: handler("on_fill")?,
        order: handler("on_order")?,
        timer: handler("on_timer")?,
        stop: handler("on_stop")?,
    };
    let first = |(at, symbol): (u16, &Py<PyString>)| {
        let present = Present { instrument: at, row: 0 };
        Py::new(py, PyBar::new(symbol.clone_ref(py), market.clone_ref(py), present))
    };
    let bars = (0..).zip(&native.symbols).map(first).collect::<PyResult<_>>()?;
    let mut runner = Runner {
        desk,
        columns: &native.columns,
        market: &market,
        symbols: &native.symbols,
        bars,
        strategy,
        progress,
        interrupted,
        at: None,
        pulse: 1,
        pulsed: now(),
        told: now(),
    };
    let ended = drive(&mut runner, &native.columns.view(), until);
    let at = runner.at;
    match ended {
        Ok(Ending::Finished) => Ok(("finished", None, None, None)),
        Ok(Ending::Paused) => Ok(("paused", None, None, None)),
        Ok(Ending::Interrupted) => Ok(("interrupted", None, None, None)),
        Err(stop) => failed(desk, stop, at),
    }
}

/// What a stop before the end means; an interrupted run ends as if the data had ended there.
fn failed(desk: &Bound<'_, PyDesk>, stop: Stop, at: Option<u16>) -> PyResult<Report> {
    let py = desk.py();
    match stop {
        Stop::Core(error) => Err(raise(py, &error)),
        Stop::Python(error) => Err(error),
        Stop::Strategy(error, _) if error.is_instance_of::<PyKeyboardInterrupt>(py) => Ok(interrupt(desk)),
        Stop::Strategy(error, handler) => {
            let symbol = at.map(|at| desk.borrow().symbol(py, at));
            Ok(("failed", Some(error.into_value(py).into_any()), Some(handler), symbol))
        }
    }
}

fn interrupt(desk: &Bound<'_, PyDesk>) -> Report {
    let mut desk = desk.borrow_mut();
    desk.engine.begin_stop();
    desk.engine.finish();
    ("interrupted", None, None, None)
}

impl<'py> Runner<'_, 'py> {
    /// Whether the caller's hook wants the run to end.
    fn is_unwanted(&self) -> Result<bool, Stop> {
        let Some(interrupted) = &self.interrupted else {
            return Ok(false);
        };
        let answer = interrupted
            .call0(self.desk.py())
            .and_then(|answer| answer.extract::<bool>(self.desk.py()));
        answer.map_err(Stop::Python)
    }

    fn call(&self, handler: &Py<PyAny>, name: &'static str, argument: &Bound<'py, PyAny>) -> Result<(), Stop> {
        call2(self.desk.py(), handler, self.desk.as_any(), argument).map_err(|error| Stop::Strategy(error, name))
    }

    fn call_alone(&self, handler: Option<&Py<PyAny>>, name: &'static str) -> Result<(), Stop> {
        let Some(handler) = handler else { return Ok(()) };
        handler
            .call1(self.desk.py(), (self.desk,))
            .map(|_| ())
            .map_err(|error| Stop::Strategy(error, name))
    }

    /// Makes `bars` hold the bar: the last object of the instrument if nobody has kept it, else a new one.
    #[inline]
    fn ready_bar(&mut self, present: Present) -> Result<(), Stop> {
        let py = self.desk.py();
        let at = usize::from(present.instrument);
        let last = &self.bars[at];
        if is_unshared(last) {
            last.get().move_to(present.row);
        } else {
            let bar = PyBar::new(self.symbols[at].clone_ref(py), self.market.clone_ref(py), present);
            self.bars[at] = Py::new(py, bar).map_err(Stop::Python)?;
        }
        Ok(())
    }

    fn object<T: pyo3::PyClass<BaseType = PyAny> + Into<pyo3::PyClassInitializer<T>>>(
        &self,
        value: T,
    ) -> Result<Bound<'py, PyAny>, Stop> {
        Bound::new(self.desk.py(), value)
            .map(Bound::into_any)
            .map_err(Stop::Python)
    }

    /// Goes on to the next tick by itself, if nothing can happen there but a row of equity: the bar that it has.
    #[inline]
    fn glide(&mut self, end: i32) -> Option<u32> {
        let engine = &mut self.desk.borrow_mut().engine;
        let next = engine.clock() + 1;
        if next >= end || !engine.is_gliding() {
            return None;
        }
        let row = next.unsigned_abs();
        engine.glide_to(next, self.columns.time_at(row as usize)?);
        Some(row)
    }

    fn fill(&self, event: Event) -> PyFill {
        let desk = self.desk.borrow();
        let row = usize::try_from(event.value).unwrap_or_default();
        let fill = desk.engine.record().fills[row];
        let scale = &desk.scales[usize::from(fill.instrument)];
        let tag = desk
            .engine
            .order(fill.order)
            .map_or(0, |order| desk.engine.orders().extras(order).tag);
        PyFill {
            order: fill.order,
            symbol: desk.symbol(self.desk.py(), fill.instrument),
            side: fill.side,
            quantity: shown(fill.quantity, scale.size),
            price: shown(fill.price, scale.price),
            fee: shown(fill.fee, desk.money),
            time_ns: self.time_of(event.clock),
            role: fill.role.text(),
            moment: fill.moment.text(),
            tag: desk.tag(tag),
        }
    }

    fn order_event(&self, event: Event) -> PyOrderEvent {
        let desk = self.desk.borrow();
        let order = desk.engine.order(event.order);
        PyOrderEvent {
            kind: event.kind.text(),
            reason: event.reason.text(),
            order: event.order,
            symbol: desk.symbol(self.desk.py(), order.map_or(0, |order| order.instrument)),
            time_ns: self.time_of(event.clock),
            tag: desk.tag(order.map_or(0, |order| desk.engine.orders().extras(order).tag)),
        }
    }

    fn time_of(&self, clock: i32) -> i64 {
        let tick = usize::try_from(clock).unwrap_or(0);
        self.columns.time_at(tick).unwrap_or(0)
    }
}

impl Host for Runner<'_, '_> {
    type Fault = Stop;
    const GOES_ON: bool = true;

    #[inline]
    fn with<R>(&mut self, action: impl FnOnce(&mut Engine) -> R) -> R {
        action(&mut self.desk.borrow_mut().engine)
    }

    fn handlers(&self) -> Handlers {
        let strategy = &self.strategy;
        Handlers {
            bar: strategy.bar.is_some(),
            slice: strategy.slice.is_some(),
            fill: strategy.fill.is_some(),
            order: strategy.order.is_some(),
            timer: strategy.timer.is_some(),
        }
    }

    fn on_start(&mut self) -> Result<(), Stop> {
        self.call_alone(self.strategy.start.as_ref(), "on_start")
    }

    fn on_notice(&mut self, event: Event) -> Result<(), Stop> {
        let instrument = self
            .desk
            .borrow()
            .engine
            .order(event.order)
            .map(|order| order.instrument);
        self.at = instrument;
        if event.kind == EventKind::Filled {
            let Some(handler) = &self.strategy.fill else {
                return Ok(());
            };
            self.call(handler, "on_fill", &self.object(self.fill(event))?)?;
        } else {
            let Some(handler) = &self.strategy.order else {
                return Ok(());
            };
            self.call(handler, "on_order", &self.object(self.order_event(event))?)?;
        }
        self.at = None;
        Ok(())
    }

    #[inline]
    fn on_bar(&mut self, present: Present) -> Result<(), Stop> {
        self.at = Some(present.instrument);
        self.ready_bar(present)?;
        if let Some(handler) = &self.strategy.bar {
            let bar = self.bars[usize::from(present.instrument)].bind(self.desk.py());
            self.call(handler, "on_bar", bar.as_any())?;
        }
        self.at = None;
        Ok(())
    }

    #[inline]
    fn on_bars(&mut self, first: Present, count: usize, end: i32) -> Result<(), Stop> {
        self.on_bar(first)?;
        for place in 1..count {
            let bar = self.with(|engine| engine.present_at(place));
            self.on_bar(bar)?;
        }
        if count == 1 {
            while let Some(row) = self.glide(end) {
                self.on_bar(Present { row, ..first })?;
            }
        }
        Ok(())
    }

    fn on_slice(&mut self, _end: i32) -> Result<(), Stop> {
        let present: Vec<Present> = {
            let engine = &self.desk.borrow().engine;
            (0..engine.present_count()).map(|at| engine.present_at(at)).collect()
        };
        let bars = PyDict::new(self.desk.py());
        for one in present {
            self.ready_bar(one)?;
            let at = usize::from(one.instrument);
            bars.set_item(&self.symbols[at], &self.bars[at]).map_err(Stop::Python)?;
        }
        let Some(handler) = &self.strategy.slice else {
            return Ok(());
        };
        self.call(handler, "on_slice", bars.as_any())
    }

    fn on_timer(&mut self, timer: Timer) -> Result<(), Stop> {
        let Some(handler) = &self.strategy.timer else {
            return Ok(());
        };
        let name = self.desk.borrow().engine.timer_name(&timer).to_owned();
        self.call(
            handler,
            "on_timer",
            &self.object(PyTimer {
                name,
                time_ns: timer.due_ns,
            })?,
        )
    }

    fn on_stop(&mut self) -> Result<(), Stop> {
        self.call_alone(self.strategy.stop.as_ref(), "on_stop")
    }

    fn pulse(&mut self, clock: i32) -> Result<Option<i32>, Stop> {
        let py = self.desk.py();
        if py.check_signals().is_err() || self.is_unwanted()? {
            return Ok(None);
        }
        let now = now();
        let quick = now.duration_since(self.pulsed) < PULSE_TIME;
        self.pulsed = now;
        self.pulse = if quick {
            (self.pulse * 2).min(PULSE_MAX)
        } else {
            (self.pulse / 2).max(1)
        };
        if let Some(progress) = &self.progress
            && now.duration_since(self.told) >= PROGRESS_TIME
        {
            self.told = now;
            let done = (clock + 1, self.columns.clock_ns.len());
            progress.call1(py, done).map_err(Stop::Python)?;
        }
        Ok(Some(self.pulse))
    }
}

/// The time, for the person who waits; nothing in a result depends on it.
#[expect(
    clippy::disallowed_methods,
    reason = "progress and signals are for people, who have clocks"
)]
pub fn now() -> Instant {
    Instant::now()
}
