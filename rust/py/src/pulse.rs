//! What a long piece of work without the interpreter comes back for: signals, the wish to stop, progress.

use crate::faults::Stop;
use pyo3::prelude::*;
use std::time::{Duration, Instant};

/// Ticks between two pulses of a loop that takes some nanoseconds a tick.
const TICKS: i32 = 1 << 16;
/// Progress is told this often.
const PROGRESS_TIME: Duration = Duration::from_millis(100);

/// The caller's hooks.
pub struct Pulse {
    progress: Option<Py<PyAny>>,
    interrupted: Option<Py<PyAny>>,
    told: Instant,
}

impl Pulse {
    pub fn new(progress: Option<Py<PyAny>>, interrupted: Option<Py<PyAny>>) -> Self {
        Self {
            progress,
            interrupted,
            told: now(),
        }
    }

    /// At a tick of the clock: how many ticks later to come again, `None` to stop.
    pub fn beat(&mut self, clock: i32, ticks: usize) -> Result<Option<i32>, Stop> {
        let done = usize::try_from(clock + 1).unwrap_or(0);
        Ok(self.goes_on(done, ticks)?.then_some(TICKS))
    }

    /// Whether to go on, with so much done.
    pub fn goes_on(&mut self, done: usize, total: usize) -> Result<bool, Stop> {
        Python::attach(|py| {
            if py.check_signals().is_err() {
                return Ok(false);
            }
            if let Some(interrupted) = &self.interrupted
                && interrupted.call0(py)?.extract::<bool>(py)?
            {
                return Ok(false);
            }
            if let Some(progress) = &self.progress
                && now().duration_since(self.told) >= PROGRESS_TIME
            {
                self.told = now();
                progress.call1(py, (done, total))?;
            }
            Ok(true)
        })
        .map_err(Stop::Python)
    }
}

/// The time, for the person who waits; nothing in a result depends on it.
#[expect(
    clippy::disallowed_methods,
    reason = "progress and signals are for people, who have clocks"
)]
fn now() -> Instant {
    Instant::now()
}
