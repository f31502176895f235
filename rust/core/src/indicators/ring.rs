//! The last values, each in one place.

use serde::{Deserialize, Serialize};
use std::mem::offset_of;

use super::window::Saved;

/// The last `period` values of whoever only wants to know which one leaves.
///
/// It is gone through from its end to its beginning, so that one number says all: which value leaves next, when the ring
/// comes round, and whether it is full.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Saved", into = "Saved")]
pub(super) struct Ring {
    cells: Vec<f64>,
    period: usize,
    /// Values until it comes round; the value that leaves next stands before the cell of this number. 0 until it is full.
    left: usize,
    held: usize,
}

impl Ring {
    /// Where its fields lie.
    pub(super) const FIELDS: [(&'static str, usize); 3] = [
        ("cells", offset_of!(Self, cells)),
        ("period", offset_of!(Self, period)),
        ("left", offset_of!(Self, left)),
    ];

    pub(super) fn new(period: u32) -> Self {
        Self {
            cells: vec![0.0; period as usize],
            period: period as usize,
            left: 0,
            held: 0,
        }
    }

    /// Takes a value in and returns the one that leaves, if the ring was full.
    #[inline]
    pub(super) fn push(&mut self, value: f64) -> Option<f64> {
        if !self.is_full() {
            self.fill(value);
            return None;
        }
        self.left -= 1;
        let leaving = std::mem::replace(&mut self.cells[self.left], value);
        if self.left == 0 {
            self.left = self.period;
        }
        Some(leaving)
    }

    fn fill(&mut self, value: f64) {
        self.held += 1;
        self.cells[self.period - self.held] = value;
        if self.held == self.period {
            self.left = self.period;
        }
    }

    /// The values, oldest first.
    fn values(&self) -> impl Iterator<Item = f64> {
        let (newer, older) = self.cells.split_at(self.left);
        let begun = self.period - self.held;
        let newest = if self.is_full() { older } else { &older[begun..] };
        newer.iter().rev().chain(newest.iter().rev()).copied()
    }

    #[inline]
    pub(super) const fn is_full(&self) -> bool {
        self.left > 0
    }

    /// Whether the ring has just come round; true once per period.
    #[inline]
    pub(super) const fn at_turn(&self) -> bool {
        self.left == self.period
    }

    pub(super) const fn clear(&mut self) {
        self.left = 0;
        self.held = 0;
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a period is at most PERIOD_MAX")]
impl From<Ring> for Saved {
    fn from(ring: Ring) -> Self {
        Self {
            period: ring.period as u32,
            next: if ring.is_full() {
                ring.period - ring.left
            } else {
                ring.held
            } as u32,
            values: ring.values().collect(),
        }
    }
}

impl TryFrom<Saved> for Ring {
    type Error = &'static str;

    fn try_from(saved: Saved) -> Result<Self, Self::Error> {
        saved.check()?;
        let mut ring = Self::new(saved.period);
        if saved.values.len() == ring.period {
            // As if it had been full before: one round from here to here.
            (ring.held, ring.left) = (ring.period, ring.period - saved.next as usize);
        }
        for value in saved.values {
            ring.push(value);
        }
        Ok(ring)
    }
}

#[cfg(test)]
mod tests {
    use super::Ring;
    use crate::indicators::window::Window;

    #[test]
    fn it_says_what_a_window_says() {
        for period in 1..6 {
            let (mut ring, mut window) = (Ring::new(period), Window::new(period));
            for step in 0..40_u32 {
                if step == 23 {
                    ring.clear();
                    window.clear();
                }
                assert_eq!(ring.push(f64::from(step)), window.push(f64::from(step)));
                assert_eq!(ring.is_full(), window.is_full());
                assert_eq!(ring.at_turn(), window.at_turn());
                assert_eq!(ring.values().collect::<Vec<_>>(), window.values());
                let texts = [serde_json::to_string(&ring), serde_json::to_string(&window)];
                let [mine, theirs] = texts.map(|text| text.expect("it can be stored"));
                assert_eq!(mine, theirs);
                let mut again: Ring = serde_json::from_str(&mine).expect("what was stored can be read");
                assert_eq!(again.push(-1.0), ring.clone().push(-1.0));
                assert_eq!(again.left, {
                    let mut pushed = ring.clone();
                    pushed.push(-1.0);
                    pushed.left
                });
            }
        }
    }

    #[test]
    fn a_ring_that_does_not_fit_is_refused() {
        for text in [
            r#"{"period":2,"next":2,"values":[1.0,2.0]}"#,
            r#"{"period":3,"next":2,"values":[1.0]}"#,
        ] {
            assert!(serde_json::from_str::<Ring>(text).is_err(), "{text}");
        }
    }
}
