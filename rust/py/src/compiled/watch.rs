//! Who says whether a loop goes on: Python, visited now and then, or a flag that somebody else sets.

use crate::compiled::run::{Halt, Hooks};
use crate::run::now;
use pyo3::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Between two visits to Python.
const VISIT_TIME: Duration = Duration::from_millis(100);

/// Asked every few thousand ticks.
pub trait Watch {
    /// Whether to go on.
    ///
    /// # Errors
    /// The caller's hooks failed.
    fn goes_on(&mut self, clock: i32) -> Result<bool, Halt>;
}

/// Visits Python for signals, progress and the wish to stop.
pub struct Visits<'a> {
    hooks: &'a Hooks,
    ticks: usize,
    visited: Instant,
}

impl<'a> Visits<'a> {
    pub fn new(hooks: &'a Hooks, ticks: usize) -> Self {
        Self {
            hooks,
            ticks,
            visited: now(),
        }
    }

    fn visit(&self, clock: i32) -> PyResult<bool> {
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
                progress.call1(py, (clock + 1, self.ticks))?;
            }
            Ok(true)
        })
    }
}

impl Watch for Visits<'_> {
    fn goes_on(&mut self, clock: i32) -> Result<bool, Halt> {
        let now = now();
        if now.duration_since(self.visited) < VISIT_TIME {
            return Ok(true);
        }
        self.visited = now;
        self.visit(clock).map_err(Halt::Python)
    }
}

/// Somebody else watches, and sets a flag to stop.
pub struct Flag<'a>(pub &'a AtomicBool);

impl Watch for Flag<'_> {
    fn goes_on(&mut self, _clock: i32) -> Result<bool, Halt> {
        Ok(!self.0.load(Ordering::Relaxed))
    }
}
