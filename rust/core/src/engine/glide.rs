//! Ticks on which nothing can happen but a row of equity: whoever calls the strategy may go through them by itself.

use super::Engine;

impl Engine {
    /// Whether the ticks from here on, until somebody asks for something, are rows of equity and nothing else: no order
    /// lives, rows are left for later (see `rows`), and there is nothing new to tell.
    #[inline]
    #[must_use]
    pub const fn is_gliding(&self) -> bool {
        self.live == 0 && self.calm && self.notice_to == self.record.events.len()
    }

    /// Makes this the tick of now, as closing and opening every tick between would have. Only while it glides, and for
    /// ticks of the clock.
    #[inline]
    pub const fn glide_to(&mut self, clock: i32, time_ns: i64) {
        if clock != self.clock {
            self.closed = clock - 1;
            self.clock = clock;
            self.time_ns = time_ns;
            self.marks_due = true;
            self.fancy = false;
        }
    }
}
