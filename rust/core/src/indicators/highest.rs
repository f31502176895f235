//! The highest value of a window.

use serde::{Deserialize, Serialize};

use super::window::Window;

/// The highest of the last `period` values. The lowest is the highest of the negated values, negated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Highest {
    window: Window,
    top: Option<f64>,
}

impl Highest {
    pub(super) fn new(period: u32) -> Self {
        Self {
            window: Window::new(period),
            top: None,
        }
    }

    /// Takes a value in. The window is searched only when its highest value has left.
    pub(super) fn update(&mut self, value: f64) -> Option<f64> {
        let leaving = self.window.push(value);
        self.top = match self.top {
            Some(top) if value < top && leaving == Some(top) => self.window.values().iter().copied().reduce(f64::max),
            Some(top) => Some(top.max(value)),
            None => Some(value),
        };
        self.value()
    }

    pub(super) fn value(&self) -> Option<f64> {
        if self.window.is_full() { self.top } else { None }
    }

    pub(super) fn reset(&mut self) {
        self.window.clear();
        self.top = None;
    }
}
