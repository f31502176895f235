//! The core's loop with a compiled strategy in it: Python is left before the first bar and entered again after the last,
//! and in between only to tell progress and to ask for signals.
#![expect(unsafe_code, reason = "hands the run's memory to compiled handlers")]

use crate::compiled::counter::{Counter, Texts, Trouble};
use crate::compiled::handlers::{Handler, Handlers, Raised};
use crate::compiled::view::{BarView, DeskView, LAYOUT_VERSION, RandomView, SliceView};
use crate::desk::PyDesk;
use crate::faults::{fault, raise};
use crate::leave::leave;
use crate::market::PyMarket;
use crate::orders::mistaken;
use crate::run::{Report, now};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::ffi::c_void;
use std::time::{Duration, Instant};
use triplebar_core::codes::EventKind;
use triplebar_core::drive::{self, Ending, Host, drive};
use triplebar_core::engine::{Engine, Present, Timer};
use triplebar_core::error::Error;
use triplebar_core::random::stream_key;
use triplebar_core::record::Event;

/// Ticks between two looks at the clock.
const LOOK: i32 = 4096;
/// Between two visits to Python.
const VISIT_TIME: Duration = Duration::from_millis(100);

/// What Python prepares once `on_start` is done.
#[derive(FromPyObject)]
struct Prepared<'py> {
    /// Handlers by name.
    addresses: Bound<'py, PyDict>,
    /// Where the strategy's state begins.
    state: usize,
    /// Every text that the code or the state knows.
    texts: Vec<String>,
    /// Draws taken from the strategy's random stream.
    draws: u64,
}

/// What Python gives to a run.
pub struct Hooks {
    /// Runs `on_start`, freezes the state, links the code.
    pub prepare: Py<PyAny>,
    /// Takes the draws, thaws the state; `True` asks for `on_stop`, which it then runs.
    pub thaw: Py<PyAny>,
    pub stop: Option<Py<PyAny>>,
    /// Makes the exception of what a handler raised, from its address.
    pub explain: Py<PyAny>,
    pub progress: Option<Py<PyAny>>,
    pub interrupted: Option<Py<PyAny>>,
}

/// Why the loop ends early.
enum Halt {
    Core(Error),
    Raised(&'static str, Raised),
    Python(PyErr),
    /// Not early: `on_stop` is Python's.
    AtStop,
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

struct Runner<'a> {
    counter: Counter<'a>,
    desk: DeskView,
    handlers: Handlers,
    state: usize,
    /// The bars of the tick, for `on_slice`.
    bars: Vec<BarView>,
    hooks: &'a Hooks,
    stops_in_python: bool,
    interrupted: bool,
    visited: Instant,
    /// The instrument of the handler that runs.
    at: Option<u16>,
}

/// What is left of a run when its loop is over.
struct Outcome {
    ended: Result<Ending, Halt>,
    trouble: Option<Trouble>,
    draws: u64,
    at: Option<u16>,
    interrupted: bool,
}

/// Runs a compiled strategy over the desk's market.
pub fn run(desk: &Bound<'_, PyDesk>, hooks: &Hooks, until: Option<i32>) -> PyResult<Report> {
    let py = desk.py();
    let prepared = hooks.prepare.bind(py).call0()?;
    if prepared.is_none() {
        return Ok(("failed", None, Some("on_start"), None));
    }
    let prepared: Prepared<'_> = prepared.extract()?;
    let handlers = Handlers::new(&prepared.addresses)?;
    let market = desk.borrow().market.clone_ref(py);
    let outcome = {
        let mut guard = desk.borrow_mut();
        let this = &mut *guard;
        let native = market.get();
        let symbols: Vec<String> = native
            .symbols
            .iter()
            .map(|symbol| symbol.extract(py))
            .collect::<PyResult<_>>()?;
        let texts = Texts::new(&symbols, &prepared.texts);
        let counter = Counter::new(&mut this.engine, &native.columns, &this.scales, this.money, texts);
        let (state, draws) = (prepared.state, prepared.draws);
        leave(py, move || go(counter, native, handlers, state, draws, hooks, until))?
    };
    hooks.thaw.bind(py).call1((outcome.draws,))?;
    conclude(desk, hooks, outcome)
}

/// The loop itself; no Python in here.
fn go<'a>(
    counter: Counter<'a>,
    market: &'a PyMarket,
    handlers: Handlers,
    state: usize,
    draws: u64,
    hooks: &'a Hooks,
    until: Option<i32>,
) -> Outcome {
    let key = stream_key(counter.engine.settings().seed, "strategy");
    let symbols = counter.texts.symbols().as_ptr();
    let mut runner = Runner {
        desk: DeskView {
            version: LAYOUT_VERSION,
            index: -1,
            time_ns: 0,
            instruments: i64::try_from(counter.scales.len()).unwrap_or(i64::MAX),
            symbols,
            random: RandomView { key, counter: draws },
            counter: std::ptr::null_mut(),
        },
        counter,
        handlers,
        state,
        bars: Vec::new(),
        hooks,
        stops_in_python: hooks.stop.is_some(),
        interrupted: false,
        visited: now(),
        at: None,
    };
    let ended = drive(&mut runner, &market.columns.view(), until);
    Outcome {
        ended,
        trouble: runner.counter.trouble.take(),
        draws: runner.desk.random.counter,
        at: runner.at,
        interrupted: runner.interrupted,
    }
}

fn conclude(desk: &Bound<'_, PyDesk>, hooks: &Hooks, outcome: Outcome) -> PyResult<Report> {
    let py = desk.py();
    let ending = if outcome.interrupted { "interrupted" } else { "finished" };
    match outcome.ended {
        Ok(Ending::Paused) => Ok(("paused", None, None, None)),
        Ok(Ending::Finished | Ending::Interrupted) => Ok((ending, None, None, None)),
        Err(Halt::Core(error)) => Err(raise(py, &error)),
        Err(Halt::Python(error)) => Err(error),
        Err(Halt::AtStop) => {
            if let Some(stop) = &hooks.stop
                && let Err(error) = stop.call1(py, (desk,))
            {
                return Ok(("failed", Some(error.into_value(py).into_any()), Some("on_stop"), None));
            }
            desk.borrow_mut().engine.finish();
            Ok((ending, None, None, None))
        }
        Err(Halt::Raised(handler, raised)) => {
            let symbol = outcome.at.map(|at| desk.borrow().symbol(py, at));
            let problem = match outcome.trouble {
                Some(trouble) => troubled(desk, trouble)?.into_value(py).into_any(),
                None => hooks.explain.call1(py, (raised.0,))?,
            };
            Ok(("failed", Some(problem), Some(handler), symbol))
        }
    }
}

/// The exception that an interpreted strategy would have got.
fn troubled(desk: &Bound<'_, PyDesk>, trouble: Trouble) -> PyResult<PyErr> {
    let py = desk.py();
    match trouble {
        Trouble::Mistake(mistake) => Ok(mistaken(py)(mistake)),
        Trouble::UnknownSymbol(text) => match desk.borrow().instrument(text.into_pyobject(py)?.as_any()) {
            Err(error) => Ok(error),
            Ok(_) => Ok(fault(py, "UnknownSymbolError", "a symbol was not found")),
        },
    }
}

impl Runner<'_> {
    /// Calls a handler with what happened.
    #[inline]
    fn call<T>(&mut self, handler: Handler, name: &'static str, about: &T) -> Result<(), Halt> {
        self.counter.begin();
        self.counter.show(&mut self.desk);
        self.desk.counter = (&raw mut self.counter).cast();
        // SAFETY: the state belongs to this run alone (Python keeps it and waits), the counter is set and used by no one
        // else until the handler returns, and `about` is the view that the handler of this name was compiled for.
        let called = unsafe { handler.call(self.state as *mut c_void, &raw mut self.desk, about) };
        called.map_err(|raised| Halt::Raised(name, raised))
    }

    fn visit(&mut self, clock: i32) -> PyResult<bool> {
        let total = self.counter.columns.clock_ns.len();
        Python::attach(|py| {
            if py.check_signals().is_err() {
                return Ok(false);
            }
            if let Some(interrupted) = &self.hooks.interrupted
                && interrupted.call0(py)?.extract::<bool>(py)?
            {
                return Ok(false);
            }
            if let Some(progress) = &self.hooks.progress {
                progress.call1(py, (clock + 1, total))?;
            }
            Ok(true)
        })
    }
}

impl Host for Runner<'_> {
    type Fault = Halt;

    #[inline]
    fn with<R>(&mut self, action: impl FnOnce(&mut Engine) -> R) -> R {
        action(self.counter.engine)
    }

    fn handlers(&self) -> drive::Handlers {
        let handlers = &self.handlers;
        drive::Handlers {
            bar: handlers.bar.is_some(),
            slice: handlers.slice.is_some(),
            fill: handlers.fill.is_some(),
            order: handlers.order.is_some(),
            timer: handlers.timer.is_some(),
        }
    }

    /// Done by Python before the loop.
    fn on_start(&mut self) -> Result<(), Halt> {
        Ok(())
    }

    fn on_notice(&mut self, event: Event) -> Result<(), Halt> {
        self.at = self.counter.engine.order(event.order).map(|order| order.instrument);
        if event.kind == EventKind::Filled {
            if let Some(handler) = self.handlers.fill {
                let view = self.counter.fill(event);
                self.call(handler, "on_fill", &view)?;
            }
        } else if let Some(handler) = self.handlers.order {
            let view = self.counter.event(event);
            self.call(handler, "on_order", &view)?;
        }
        self.at = None;
        Ok(())
    }

    #[inline]
    fn on_bar(&mut self, present: Present) -> Result<(), Halt> {
        let Some(handler) = self.handlers.bar else {
            return Ok(());
        };
        let view = self.counter.bar(present);
        self.at = Some(present.instrument);
        self.call(handler, "on_bar", &view)?;
        self.at = None;
        Ok(())
    }

    fn on_slice(&mut self) -> Result<(), Halt> {
        let Some(handler) = self.handlers.slice else {
            return Ok(());
        };
        let mut bars = std::mem::take(&mut self.bars);
        bars.clear();
        bars.extend(
            self.counter
                .engine
                .present()
                .iter()
                .map(|present| self.counter.bar(*present)),
        );
        let view = SliceView {
            count: i64::try_from(bars.len()).unwrap_or(i64::MAX),
            bars: bars.as_ptr(),
        };
        let called = self.call(handler, "on_slice", &view);
        self.bars = bars;
        called
    }

    fn on_timer(&mut self, timer: Timer) -> Result<(), Halt> {
        let Some(handler) = self.handlers.timer else {
            return Ok(());
        };
        let view = self.counter.timer(&timer);
        self.call(handler, "on_timer", &view)
    }

    fn on_stop(&mut self) -> Result<(), Halt> {
        if self.stops_in_python {
            Err(Halt::AtStop)
        } else {
            Ok(())
        }
    }

    fn pulse(&mut self, clock: i32) -> Result<Option<i32>, Halt> {
        let now = now();
        if now.duration_since(self.visited) >= VISIT_TIME {
            self.visited = now;
            if !self.visit(clock).map_err(Halt::Python)? {
                self.interrupted = true;
                return Ok(None);
            }
        }
        Ok(Some(LOOK))
    }
}
