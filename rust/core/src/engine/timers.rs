//! Timers that fire at decision points (S-10 step 6).

use super::Engine;
use crate::error::{self, Result};
use serde::{Deserialize, Serialize};

/// A named timer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    /// When it is due.
    pub due_ns: i64,
    /// Distance of repetitions, 0 for once.
    pub every_ns: i64,
    /// Label of its name.
    pub name: u32,
}

impl Engine {
    /// Sets a timer; a timer of the same name is replaced.
    ///
    /// # Errors
    /// It is due in the past, or the repetition is negative.
    pub fn set_timer(&mut self, name: u32, due_ns: i64, every_ns: i64) -> Result<()> {
        if every_ns < 0 {
            return Err(error::order(format!(
                "a timer cannot repeat every {every_ns} ns; give 0 for once"
            )));
        }
        if due_ns < self.time_ns {
            let now = self.time_ns;
            return Err(error::order(format!(
                "a timer due at {due_ns} ns lies before the current time {now} ns; choose a later one"
            )));
        }
        self.cancel_timer(name);
        self.timers.push(Timer { due_ns, every_ns, name });
        Ok(())
    }

    /// Drops a timer; false if there is none of that name.
    pub fn cancel_timer(&mut self, name: u32) -> bool {
        let before = self.timers.len();
        self.timers.retain(|timer| timer.name != name);
        self.timers.len() < before
    }

    /// The timers that are due, by due time and then as set.
    #[must_use]
    pub fn due_timers(&self) -> Vec<Timer> {
        let mut due: Vec<Timer> = self
            .timers
            .iter()
            .filter(|timer| timer.due_ns <= self.time_ns)
            .cloned()
            .collect();
        due.sort_by_key(|timer| timer.due_ns);
        due
    }

    /// Takes a due timer to fire it, setting it again if it repeats; false if it was canceled meanwhile.
    pub fn claim_timer(&mut self, timer: &Timer) -> bool {
        let now = self.time_ns;
        let Some(at) = self.timers.iter().position(|other| other == timer) else {
            return false;
        };
        if timer.every_ns > 0 {
            let count = (now - timer.due_ns) / timer.every_ns + 1;
            self.timers[at].due_ns = timer.due_ns.saturating_add(count.saturating_mul(timer.every_ns));
        } else {
            self.timers.remove(at);
        }
        true
    }
}
