//! The last values, always in one piece.

use serde::{Deserialize, Serialize};

use super::error::PERIOD_MAX;

/// The last `period` values, oldest first, as one slice.
///
/// Each value is written twice, one period apart, so that the window never wraps in the middle of the slice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Saved", into = "Saved")]
pub(super) struct Window {
    cells: Vec<f64>,
    period: usize,
    next: usize,
    held: usize,
}

impl Window {
    pub(super) fn new(period: u32) -> Self {
        Self {
            cells: vec![0.0; 2 * period as usize],
            period: period as usize,
            next: 0,
            held: 0,
        }
    }

    /// Takes a value in and returns the one that leaves, if the window was full.
    #[inline]
    pub(super) fn push(&mut self, value: f64) -> Option<f64> {
        let period = self.period();
        let (first, second) = self.cells.split_at_mut(period);
        let leaving = std::mem::replace(&mut first[self.next], value);
        second[self.next] = value;
        self.next = if self.next + 1 == period { 0 } else { self.next + 1 };
        if self.held == period {
            return Some(leaving);
        }
        self.held += 1;
        None
    }

    /// The values, oldest first.
    pub(super) fn values(&self) -> &[f64] {
        let start = if self.is_full() { self.next } else { 0 };
        &self.cells[start..start + self.held]
    }

    pub(super) fn is_full(&self) -> bool {
        self.held == self.period()
    }

    /// Whether the window has just come round; true once per period.
    pub(super) fn at_turn(&self) -> bool {
        self.next == 0
    }

    pub(super) fn clear(&mut self) {
        self.next = 0;
        self.held = 0;
    }

    pub(super) fn period(&self) -> usize {
        self.period
    }
}

/// A window as it is stored: the turn it is at, and its values, oldest first.
#[derive(Serialize, Deserialize)]
pub(super) struct Saved {
    pub period: u32,
    pub next: u32,
    pub values: Vec<f64>,
}

impl Saved {
    /// Whether a window can have been stored like this.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let (period, next, held) = (self.period as usize, self.next as usize, self.values.len());
        if !(1..=PERIOD_MAX).contains(&self.period) || held > period || next >= period {
            return Err("a stored window does not fit its period");
        }
        if held != period && next != held {
            return Err("a stored window that is not full must stand behind its last value");
        }
        Ok(())
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a period is at most PERIOD_MAX")]
impl From<Window> for Saved {
    fn from(window: Window) -> Self {
        Self {
            period: window.period() as u32,
            next: window.next as u32,
            values: window.values().to_vec(),
        }
    }
}

impl TryFrom<Saved> for Window {
    type Error = &'static str;

    fn try_from(saved: Saved) -> Result<Self, Self::Error> {
        saved.check()?;
        let held = saved.values.len();
        let mut window = Self::new(saved.period);
        window.next = if held == window.period() {
            saved.next as usize
        } else {
            0
        };
        for value in saved.values {
            window.push(value);
        }
        window.held = held;
        Ok(window)
    }
}

#[cfg(test)]
mod tests {
    use super::Window;

    #[test]
    fn the_slice_is_the_last_values_in_order() {
        let mut window = Window::new(3);
        let mut seen = Vec::new();
        for value in [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0] {
            let leaving = window.push(value);
            seen.push(value);
            let expected = &seen[seen.len().saturating_sub(3)..];
            assert_eq!(window.values(), expected);
            assert_eq!(leaving, (seen.len() > 3).then(|| seen[seen.len() - 4]));
        }
    }

    #[test]
    fn storing_keeps_the_turn() {
        for count in 0..9_u32 {
            let mut window = Window::new(3);
            (0..count).for_each(|value| {
                window.push(f64::from(value));
            });
            let text = serde_json::to_string(&window).expect("a window can be stored");
            let mut again: Window = serde_json::from_str(&text).expect("what was stored can be read");
            assert_eq!(again.values(), window.values());
            assert_eq!(again.at_turn(), window.at_turn());
            assert_eq!(again.push(9.0), window.push(9.0));
            assert_eq!(again.values(), window.values());
        }
    }

    #[test]
    fn a_window_that_does_not_fit_is_refused() {
        for text in [
            r#"{"period":0,"next":0,"values":[]}"#,
            r#"{"period":2,"next":0,"values":[1.0,2.0,3.0]}"#,
            r#"{"period":2,"next":2,"values":[1.0,2.0]}"#,
            r#"{"period":3,"next":2,"values":[1.0]}"#,
            r#"{"period":4000000000,"next":0,"values":[]}"#,
        ] {
            assert!(serde_json::from_str::<Window>(text).is_err(), "{text}");
        }
    }
}
