//! The core's loop with a compiled strategy in it: Python is left before the first bar and entered again after the last,
//! and in between only to tell progress and to ask for signals.
#![expect(unsafe_code, reason = "hands the run's memory to compiled handlers")]

use crate::compiled::counter::{Counter, Texts, Trouble};
use crate::compiled::handlers::{Handler, Handlers, Raised};
use crate::compiled::view::{BarsView, DeskView, LAYOUT_VERSION, RandomView, SliceView, SourceView, SpotView};
use crate::compiled::watch::{Visits, Watch};
use crate::desk::PyDesk;
use crate::faults::{fault, raise};
use crate::leave::leave;
use crate::orders::mistaken;
use crate::run::Report;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use std::ffi::c_void;
use triplebar_core::codes::EventKind;
use triplebar_core::drive::{self, Ending, Host, drive};
use triplebar_core::engine::{Engine, Present, Timer};
use triplebar_core::error::Error;
use triplebar_core::market::Market;
use triplebar_core::random::stream_key;
use triplebar_core::record::Event;

/// The time of a market without ticks.
static NO_TIME: i64 = 0;

/// Ticks between two looks at the clock.
const LOOK: i32 = 4096;

/// What Python prepares once `on_start` is done.
#[derive(FromPyObject)]
pub struct Prepared<'py> {
    /// Handlers by name.
    pub addresses: Bound<'py, PyDict>,
    /// Where the strategy's state begins.
    pub state: usize,
    /// Every text that the code or the state knows.
    pub texts: Vec<String>,
    /// Draws taken from the strategy's random stream.
    pub draws: u64,
}

/// A strategy that was started, and where it trades.
pub struct Job<'a> {
    counter: Counter<'a>,
    handlers: Handlers,
    state: usize,
    draws: u64,
    /// `on_stop` is left to Python.
    stops_in_python: bool,
}

impl<'a> Job<'a> {
    pub const fn new(counter: Counter<'a>, handlers: Handlers, prepared: &Prepared<'_>, stops_in_python: bool) -> Self {
        Self {
            counter,
            handlers,
            state: prepared.state,
            draws: prepared.draws,
            stops_in_python,
        }
    }

    /// The engine it trades with.
    pub const fn engine(&mut self) -> &mut Engine {
        self.counter.engine
    }
}

/// What Python gives to a run.
pub struct Hooks {
    /// Runs `on_start`, freezes the state, links the code.
    pub prepare: Py<PyAny>,
    /// Takes the draws, the lines of the log and all texts that the state may hold by now; thaws the state.
    pub thaw: Py<PyAny>,
    pub stop: Option<Py<PyAny>>,
    /// Makes the exception of what a handler raised, from its address.
    pub explain: Py<PyAny>,
    pub progress: Option<Py<PyAny>>,
    pub interrupted: Option<Py<PyAny>>,
}

/// Why the loop ends early.
pub enum Halt {
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

struct Runner<'a, W> {
    counter: Counter<'a>,
    desk: DeskView,
    handlers: Handlers,
    state: usize,
    /// Where bars stand.
    sources: Vec<SourceView>,
    /// The bars of a tick at which not every instrument has one, for `on_slice`.
    spots: Vec<SpotView>,
    /// What is held of each instrument, after so many fills.
    positions: Vec<f64>,
    fills: usize,
    stops_in_python: bool,
    watch: W,
    interrupted: bool,
    /// The instrument of the handler that runs.
    at: Option<u16>,
}

/// What is left of a run when its loop is over.
pub struct Outcome<'a> {
    pub counter: Counter<'a>,
    pub ended: Result<Ending, Halt>,
    interrupted: bool,
    /// The instrument of the handler that failed.
    at: Option<u16>,
    pub draws: u64,
}

/// What a handler that failed has left.
pub struct Left {
    handler: &'static str,
    raised: Raised,
    trouble: Option<Trouble>,
    at: Option<u16>,
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
    let symbols = market.get().symbol_texts(py)?;
    let (ended, interrupted, draws, left, notes, texts) = {
        let mut guard = desk.borrow_mut();
        let this = &mut *guard;
        let native = market.get();
        let texts = Texts::new(&symbols, &prepared.texts);
        let counter = Counter::new(&mut this.engine, &native.columns, &this.scales, this.money, texts);
        let job = Job::new(counter, handlers, &prepared, hooks.stop.is_some());
        let visits = Visits::new(hooks, native.columns.clock_ns.len());
        leave(py, move || {
            let mut outcome = go(job, &native.columns.view(), visits, until);
            let (interrupted, draws) = (outcome.interrupted, outcome.draws);
            let notes = std::mem::take(&mut outcome.counter.notes);
            let texts = std::mem::take(&mut outcome.counter.texts);
            let (ended, left) = outcome.apart();
            (ended, interrupted, draws, left, notes, texts)
        })?
    };
    let known: Vec<String> = texts.all().map(str::to_owned).collect();
    hooks.thaw.bind(py).call1((draws, notes.lines(py, &texts)?, known))?;
    if let Some(left) = left {
        let (problem, handler, symbol) = problem_of(desk, &hooks.explain, left)?;
        return Ok(("failed", Some(problem), Some(handler), symbol));
    }
    conclude(desk, hooks, ended, interrupted)
}

/// The loop itself; no Python in here.
pub fn go<'a, W: Watch>(job: Job<'a>, market: &Market<'_>, watch: W, until: Option<i32>) -> Outcome<'a> {
    let counter = job.counter;
    let key = stream_key(counter.engine.settings().seed, "strategy");
    let sources = counter.sources();
    let positions: Vec<f64> = (0..counter.scales.len()).map(|place| counter.held(place)).collect();
    let mut runner = Runner {
        desk: DeskView {
            version: LAYOUT_VERSION,
            index: -1,
            instruments: i64::try_from(counter.scales.len()).unwrap_or(i64::MAX),
            symbols: counter.texts.symbols().as_ptr(),
            random: RandomView {
                key,
                counter: job.draws,
            },
            counter: std::ptr::null_mut(),
            sources: sources.as_ptr(),
            positions: positions.as_ptr(),
            times: if market.clock_ns.is_empty() {
                &raw const NO_TIME
            } else {
                market.clock_ns.as_ptr()
            },
            end: 0,
            place: 0,
        },
        sources,
        spots: Vec::new(),
        fills: counter.engine.record().fills.len(),
        positions,
        counter,
        handlers: job.handlers,
        state: job.state,
        stops_in_python: job.stops_in_python,
        watch,
        interrupted: false,
        at: None,
    };
    let ended = drive(&mut runner, market, until);
    Outcome {
        ended,
        interrupted: runner.interrupted,
        at: runner.at,
        draws: runner.desk.random.counter,
        counter: runner.counter,
    }
}

impl Outcome<'_> {
    /// How it ended, and what a failed handler has left.
    pub fn apart(mut self) -> (Result<Ending, Halt>, Option<Left>) {
        match self.ended {
            Err(Halt::Raised(handler, raised)) => {
                let left = Left {
                    handler,
                    raised,
                    trouble: self.counter.trouble.take(),
                    at: self.at,
                };
                (Ok(Ending::Interrupted), Some(left))
            }
            ended => (ended, None),
        }
    }
}

fn conclude(
    desk: &Bound<'_, PyDesk>,
    hooks: &Hooks,
    ended: Result<Ending, Halt>,
    interrupted: bool,
) -> PyResult<Report> {
    let py = desk.py();
    let ending = if interrupted { "interrupted" } else { "finished" };
    match ended {
        Ok(Ending::Paused) => Ok(("paused", None, None, None)),
        Err(Halt::Core(error)) => Err(raise(py, &error)),
        Err(Halt::Python(error)) => Err(error),
        Ok(Ending::Finished | Ending::Interrupted) | Err(Halt::Raised(..)) => Ok((ending, None, None, None)),
        Err(Halt::AtStop) => {
            if let Some(stop) = &hooks.stop
                && let Err(error) = stop.call1(py, (desk,))
            {
                return Ok(("failed", Some(error.into_value(py).into_any()), Some("on_stop"), None));
            }
            desk.borrow_mut().engine.finish();
            Ok((ending, None, None, None))
        }
    }
}

/// The exception of a handler that failed, the handler's name and its symbol.
pub type Problem = (Py<PyAny>, &'static str, Option<Py<PyString>>);

/// The exception of a handler that failed, with the handler's name and symbol.
pub fn problem_of(desk: &Bound<'_, PyDesk>, explain: &Py<PyAny>, left: Left) -> PyResult<Problem> {
    let py = desk.py();
    let symbol = left.at.map(|at| desk.borrow().symbol(py, at));
    let problem = match left.trouble {
        Some(trouble) => troubled(desk, trouble)?.into_value(py).into_any(),
        None => explain.call1(py, (left.raised.0,))?,
    };
    Ok((problem, left.handler, symbol))
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

impl<W> Runner<'_, W> {
    /// Calls a handler with what happened.
    fn call<T>(&mut self, handler: Handler, name: &'static str, about: &mut T) -> Result<(), Halt> {
        self.call_here(handler, name, about)
    }

    /// The same, for the calls that there are most of.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "called once a tick")]
    fn call_here<T>(&mut self, handler: Handler, name: &'static str, about: &mut T) -> Result<(), Halt> {
        if self.fills != self.counter.engine.record().fills.len() {
            self.see_fills();
        }
        self.counter.begin();
        self.counter.show(&mut self.desk);
        self.desk.counter = (&raw mut self.counter).cast();
        // SAFETY: the state belongs to this run alone (Python keeps it and waits), the counter is set and used by no one
        // else until the handler returns, and `about` is the view that the handler of this name was compiled for.
        let called = unsafe { handler.call(self.state as *mut c_void, &raw mut self.desk, about) };
        self.counter.follow(&self.desk);
        called.map_err(|raised| Halt::Raised(name, raised))
    }

    /// Calls `on_bar` with the bars of some instruments from a row on, before row `end`.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is the loop's body, and called in one place")]
    fn call_bars(&mut self, handler: Handler, first: Present, count: usize, end: i64) -> Result<(), Halt> {
        self.desk.end = end;
        let mut view = BarsView {
            first: i64::from(first.instrument),
            last: i64::from(first.instrument) + i64::try_from(count).unwrap_or(0),
            row: i64::from(first.row),
        };
        let called = self.call_here(handler, "on_bar", &mut view);
        if called.is_err() {
            self.at = u16::try_from(self.desk.place).ok();
        }
        called
    }

    /// The row before which a handler may go on by itself from the tick of now.
    #[inline]
    fn end(&self, end: i32) -> i64 {
        let engine = &*self.counter.engine;
        let next = engine.clock() + 1;
        i64::from(if engine.is_gliding() { end.max(next) } else { next })
    }
}

impl<W> Runner<'_, W> {
    /// Brings positions up to the fills since the last call.
    #[inline]
    fn see_fills(&mut self) {
        let before = std::mem::replace(&mut self.fills, self.counter.engine.record().fills.len());
        match &mut self.positions[..] {
            [only] => *only = self.counter.held(0),
            _ => self.see_each(before),
        }
    }

    #[inline(never)]
    fn see_each(&mut self, before: usize) {
        for fill in &self.counter.engine.record().fills[before..] {
            let place = usize::from(fill.instrument);
            self.positions[place] = self.counter.held(place);
        }
    }

    /// The bars that there are at this tick.
    fn slice(&mut self) -> SliceView {
        let engine = &*self.counter.engine;
        let count = engine.present_count();
        let mut view = SliceView {
            count: i64::try_from(count).unwrap_or(i64::MAX),
            row: i64::from(engine.clock()),
            sources: self.sources.as_ptr(),
            spots: std::ptr::null(),
        };
        if !engine.is_dense() {
            self.spots.clear();
            for place in 0..count {
                self.spots.push(self.spot(engine.present_at(place)));
            }
            (view.row, view.spots) = (-1, self.spots.as_ptr());
        }
        view
    }

    #[inline]
    fn spot(&self, present: Present) -> SpotView {
        SpotView {
            source: &raw const self.sources[usize::from(present.instrument)],
            row: i64::from(present.row),
        }
    }
}

impl<W: Watch> Host for Runner<'_, W> {
    type Fault = Halt;
    const GOES_ON: bool = true;

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
                let mut view = self.counter.fill(event);
                self.call(handler, "on_fill", &mut view)?;
            }
        } else if let Some(handler) = self.handlers.order {
            let mut view = self.counter.event(event);
            self.call(handler, "on_order", &mut view)?;
        }
        self.at = None;
        Ok(())
    }

    #[inline]
    fn on_bar(&mut self, present: Present) -> Result<(), Halt> {
        let Some(handler) = self.handlers.bar else {
            return Ok(());
        };
        self.call_bars(handler, present, 1, i64::from(present.row) + 1)
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is the loop's body, and called in one place")]
    fn on_bars(&mut self, first: Present, count: usize, end: i32) -> Result<(), Halt> {
        let Some(handler) = self.handlers.bar else {
            return Ok(());
        };
        if self.counter.engine.is_dense() {
            // A row is a tick, and all instruments have one.
            return self.call_bars(handler, first, count, self.end(end));
        }
        for place in 0..count {
            self.on_bar(self.counter.engine.present_at(place))?;
        }
        Ok(())
    }

    #[inline]
    fn on_slice(&mut self, end: i32) -> Result<(), Halt> {
        let Some(handler) = self.handlers.slice else {
            return Ok(());
        };
        let mut view = self.slice();
        // Without a row there is no next one to go on to.
        self.desk.end = if view.row < 0 { -1 } else { self.end(end) };
        self.call(handler, "on_slice", &mut view)
    }

    fn on_timer(&mut self, timer: Timer) -> Result<(), Halt> {
        let Some(handler) = self.handlers.timer else {
            return Ok(());
        };
        let mut view = self.counter.timer(&timer);
        self.call(handler, "on_timer", &mut view)
    }

    fn on_stop(&mut self) -> Result<(), Halt> {
        if self.stops_in_python {
            Err(Halt::AtStop)
        } else {
            Ok(())
        }
    }

    fn pulse(&mut self, clock: i32) -> Result<Option<i32>, Halt> {
        if !self.watch.goes_on(clock)? {
            self.interrupted = true;
            return Ok(None);
        }
        Ok(Some(LOOK))
    }
}
