//! Many compiled strategies over one market, in threads, without Python: one row a set.

use crate::compiled::counter::{Counter, Texts};
use crate::compiled::handlers::Handlers;
use crate::compiled::notes::{Line, Notes};
use crate::compiled::run::{Halt, Job, Left, Prepared, go, problem_of};
use crate::compiled::watch::Flag;
use crate::desk::PyDesk;
use crate::facts::stream;
use crate::faults::{Stop, raise};
use crate::leave::leave;
use crate::market::PyMarket;
use crate::pulse::Pulse;
use crate::spare;
use pyo3::prelude::*;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::Thread;
use std::time::Duration;
use triplebar_columns::summaries::summaries;
use triplebar_core::drive::Ending;
use triplebar_core::engine::Memory;
use triplebar_core::error::Error;
use triplebar_core::summary::{Frame, Summary};

/// How often the caller's hooks are asked.
const LOOK: Duration = Duration::from_millis(20);

/// What a set left: its number, the exception, the handler and the symbol.
type Failure = (
    usize,
    Py<PyAny>,
    Option<&'static str>,
    Option<Py<pyo3::types::PyString>>,
);

/// What `on_stop` of a set may ask for besides its facts.
struct Kept {
    draws: u64,
    notes: Notes,
    texts: Texts,
}

impl Kept {
    fn told(&self, py: Python<'_>) -> PyResult<Told> {
        let texts = self.texts.all().map(str::to_owned).collect();
        Ok((self.draws, self.notes.lines(py, &self.texts)?, texts))
    }
}

/// The draws taken from a set's random stream, the lines that it has logged, and all texts that its state may hold.
type Told = (u64, Vec<Line>, Vec<String>);

/// What became of one set.
enum Row {
    Done(Summary, Option<Box<Kept>>),
    Left(Left),
    Core(Error),
    /// Nobody came to it, or it was stopped on the way.
    Unfinished,
}

/// Runs sets that were started: a table of one row a set, the first so many if it was stopped or a set failed; the first
/// failure; and, if they have an `on_stop`, what each of the sets that are done has left for it.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "pyo3 hands arguments over")]
#[expect(clippy::too_many_arguments, reason = "what a batch needs")]
#[pyo3(signature = (desks, prepared, threads, periods_per_year, explain, progress=None, interrupted=None, stops=false))]
pub fn run_compiled_many(
    py: Python<'_>,
    desks: Vec<Py<PyDesk>>,
    prepared: Vec<Prepared<'_>>,
    threads: usize,
    periods_per_year: f64,
    explain: Py<PyAny>,
    progress: Option<Py<PyAny>>,
    interrupted: Option<Py<PyAny>>,
    stops: bool,
) -> PyResult<(Py<PyAny>, Option<Failure>, Vec<Told>)> {
    let Some(first) = desks.first() else {
        return Ok((stream(py, summaries(&[]))?, None, Vec::new()));
    };
    let market = first.borrow(py).market.clone_ref(py);
    let symbols = market.get().symbol_texts(py)?;
    let handlers = prepared
        .iter()
        .map(|one| Handlers::new(&one.addresses))
        .collect::<PyResult<Vec<_>>>()?;
    let mut pulse = Pulse::new(progress, interrupted);
    let rows = {
        let mut guards: Vec<_> = desks.iter().map(|desk| desk.borrow_mut(py)).collect();
        let jobs = guards
            .iter_mut()
            .zip(&prepared)
            .zip(handlers)
            .map(|((guard, one), handlers)| {
                let this = &mut **guard;
                let texts = Texts::new(&symbols, &one.texts);
                let counter = Counter::new(&mut this.engine, &market.get().columns, &this.scales, this.money, texts);
                Job::new(counter, handlers, one, stops)
            });
        let jobs: Vec<Mutex<Option<Job<'_>>>> = jobs.map(|job| Mutex::new(Some(job))).collect();
        let market = market.get();
        leave(py, || work(&jobs, market, threads, periods_per_year, &mut pulse))?
    };
    let rows = match rows {
        Ok(rows) => rows,
        Err(Stop::Python(error) | Stop::Strategy(error, _)) => return Err(error),
        Err(Stop::Core(error)) => return Err(raise(py, &error)),
    };
    finished(py, &desks, &explain, rows)
}

/// The rows up to the first that is missing, and why it is.
fn finished(
    py: Python<'_>,
    desks: &[Py<PyDesk>],
    explain: &Py<PyAny>,
    rows: Vec<Row>,
) -> PyResult<(Py<PyAny>, Option<Failure>, Vec<Told>)> {
    let mut done = Vec::with_capacity(rows.len());
    let (mut failure, mut told) = (None, Vec::new());
    for (number, row) in rows.into_iter().enumerate() {
        match row {
            Row::Done(summary, kept) => {
                done.push(summary);
                told.extend(kept.map(|kept| kept.told(py)).transpose()?);
            }
            Row::Left(left) => {
                let (problem, handler, symbol) = problem_of(desks[number].bind(py), explain, left)?;
                failure = Some((number, problem, Some(handler), symbol));
                break;
            }
            Row::Core(error) => {
                failure = Some((number, raise(py, &error).into_value(py).into_any(), None, None));
                break;
            }
            Row::Unfinished => break,
        }
    }
    Ok((stream(py, summaries(&done))?, failure, told))
}

/// A thread at work; leaving is told before the thread itself is gone, also by one that fails: whoever looks at the thread
/// then would take it for one at work, and wait for nothing.
struct Leaves<'a>(&'a AtomicUsize, &'a Thread);

impl Drop for Leaves<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Release);
        self.1.unpark();
    }
}

/// Threads that take the next set until there is none; the calling one watches.
fn work(
    jobs: &[Mutex<Option<Job<'_>>>],
    market: &PyMarket,
    threads: usize,
    periods_per_year: f64,
    pulse: &mut Pulse,
) -> Result<Vec<Row>, Stop> {
    let rows: Vec<Mutex<Row>> = jobs.iter().map(|_| Mutex::new(Row::Unfinished)).collect();
    let (next, done, stop) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    // Sets are taken in order: when one fails, those before it were taken and are finished, those after it are not begun.
    let limit = AtomicUsize::new(jobs.len());
    let threads = threads.clamp(1, jobs.len());
    let (working, watcher) = (AtomicUsize::new(threads), std::thread::current());
    let mut asked = Ok(());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let _leaves = Leaves(&working, &watcher);
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= limit.load(Ordering::Relaxed) || stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let job = jobs[at].lock().unwrap_or_else(PoisonError::into_inner).take();
                    if let Some(job) = job {
                        let row = one(job, market, periods_per_year, &stop);
                        if !matches!(row, Row::Done(..)) {
                            limit.fetch_min(at, Ordering::Relaxed);
                        }
                        *rows[at].lock().unwrap_or_else(PoisonError::into_inner) = row;
                    }
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        while working.load(Ordering::Acquire) > 0 {
            std::thread::park_timeout(LOOK);
            if asked.is_ok() && !stop.load(Ordering::Relaxed) {
                match pulse.goes_on(done.load(Ordering::Relaxed), jobs.len()) {
                    Ok(true) => {}
                    Ok(false) => stop.store(true, Ordering::Relaxed),
                    Err(error) => {
                        stop.store(true, Ordering::Relaxed);
                        asked = Err(error);
                    }
                }
            }
        }
    });
    asked?;
    let taken = rows
        .into_iter()
        .map(|row| row.into_inner().unwrap_or_else(PoisonError::into_inner));
    Ok(taken.collect())
}

/// Runs one set and sums it up; its facts and what it has logged are dropped, unless `on_stop` may still ask for them.
fn one(mut job: Job<'_>, market: &PyMarket, periods_per_year: f64, stop: &AtomicBool) -> Row {
    let view = market.columns.view();
    spare::lend(job.engine());
    let outcome = go(job, &view, Flag(stop), None);
    let stops = matches!(outcome.ended, Err(Halt::AtStop));
    if stops || matches!(outcome.ended, Ok(Ending::Finished | Ending::Paused)) {
        let Counter {
            engine, notes, texts, ..
        } = outcome.counter;
        let summary = Frame::new(&view, engine.settings(), periods_per_year)
            .and_then(|frame| Summary::of_record(&frame, engine.record(), engine.settings()));
        if !stops {
            spare::keep(Memory::of(engine.take_facts()));
        }
        let draws = outcome.draws;
        let kept = stops.then(|| Box::new(Kept { draws, notes, texts }));
        return summary.map_or_else(Row::Core, |summary| Row::Done(summary, kept));
    }
    match outcome.apart() {
        (_, Some(left)) => Row::Left(left),
        (Err(Halt::Core(error)), None) => Row::Core(error),
        _ => Row::Unfinished,
    }
}
