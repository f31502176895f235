//! What a driver and a strategy may look at, and the few switches they have.

use super::{Engine, Present, Timer};
use crate::account::Account;
use crate::error::Result;
use crate::labels::Labels;
use crate::market::{Closes, Market};
use crate::order::{Order, OrderId};
use crate::orders::Orders;
use crate::record::Record;
use crate::settings::Settings;

impl Engine {
    /// Tick of the clock; -1 before the first.
    #[inline]
    #[must_use]
    pub const fn clock(&self) -> i32 {
        self.clock
    }

    /// Time of the tick.
    #[inline]
    #[must_use]
    pub const fn time_ns(&self) -> i64 {
        self.time_ns
    }

    /// How many instruments have a bar at this tick.
    #[inline]
    #[must_use]
    pub fn present_count(&self) -> usize {
        self.present.len()
    }

    /// One of the instruments that have a bar at this tick, in their order, and its bar.
    ///
    /// # Panics
    /// There are not so many.
    #[inline]
    #[must_use]
    pub fn present_at(&self, place: usize) -> Present {
        let mut present = self.present[place];
        if self.dense {
            present.row = self.clock.unsigned_abs();
        }
        present
    }

    /// Whether every instrument has a bar at every tick: then its row is the tick.
    #[inline]
    #[must_use]
    pub const fn is_dense(&self) -> bool {
        self.dense
    }

    /// S-70: cash and positions at their marks of now, base currency.
    ///
    /// # Errors
    /// The sum does not fit 64 bits.
    #[inline]
    pub fn equity(&mut self, market: &impl Closes) -> Result<i64> {
        self.mark_now(market);
        // Kept for whoever asks next at this tick: adding up goes over all instruments.
        self.account.add_up()?;
        self.account.equity()
    }

    /// Bars of an instrument that have closed.
    #[inline]
    #[must_use]
    pub fn bars_seen(&self, instrument: usize) -> u32 {
        if self.dense {
            return (self.clock + 1).unsigned_abs();
        }
        self.next_row[instrument]
    }

    /// Signed lots held.
    #[inline]
    #[must_use]
    pub fn position(&self, instrument: usize) -> i64 {
        self.account.holdings[instrument].position.lots
    }

    /// The account. Its marks may be behind: ask [`Engine::equity`], or [`Engine::mark_now`] first.
    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// The settings.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// All orders, order `n` at index `n - 1`.
    #[must_use]
    pub const fn orders(&self) -> &Orders {
        &self.orders
    }

    /// An order by its number.
    #[must_use]
    pub fn order(&self, id: OrderId) -> Option<&Order> {
        self.orders.get((id as usize).checked_sub(1)?)
    }

    /// Whether ticks with plain orders may take the short way (see `plain`).
    #[must_use]
    pub const fn has_short_way(&self) -> bool {
        self.duties.plain
    }

    /// Whether they may take the way of an account with one instrument (see `alone`).
    #[must_use]
    pub const fn has_lone_way(&self) -> bool {
        self.duties.alone
    }

    /// The facts so far.
    #[must_use]
    pub const fn record(&self) -> &Record {
        &self.record
    }

    /// Moves the facts and orders out; the engine is done with.
    pub fn take_facts(&mut self) -> (Record, Orders) {
        (std::mem::take(&mut self.record), std::mem::take(&mut self.orders))
    }

    /// The texts of tags, ids and groups.
    #[must_use]
    pub const fn labels(&self) -> &Labels {
        &self.labels
    }

    /// The texts of tags, ids and groups, to add to.
    pub const fn labels_mut(&mut self) -> &mut Labels {
        &mut self.labels
    }

    /// Facts not yet told to the strategy (S-31); telling them is up to the caller.
    #[inline]
    pub fn take_notices(&mut self) -> std::ops::Range<usize> {
        let range = self.notice_from..self.notice_to;
        self.notice_from = self.notice_to;
        range
    }

    /// Whether there are facts to tell.
    #[inline]
    #[must_use]
    pub const fn has_notices(&self) -> bool {
        self.notice_from < self.notice_to
    }

    /// Whether no tick is left.
    #[must_use]
    pub fn is_at_end(&self, market: &Market) -> bool {
        usize::try_from(self.clock + 1).is_ok_and(|next| next >= market.clock_ns.len())
    }

    /// Whether this state can go on in that market.
    #[must_use]
    pub fn fits(&self, market: &Market) -> bool {
        let here = usize::try_from(self.clock)
            .ok()
            .and_then(|clock| market.clock_ns.get(clock));
        self.books.len() == market.series.len() && (self.clock < 0 || here == Some(&self.time_ns))
    }

    /// The names of timers, to add to.
    pub const fn timer_names_mut(&mut self) -> &mut Labels {
        &mut self.timer_names
    }

    /// The name of a timer.
    #[must_use]
    pub fn timer_name(&self, timer: &Timer) -> &str {
        self.timer_names.text(timer.name).unwrap_or_default()
    }

    /// S-32: whether orders for the instrument are refused as warm-up.
    #[must_use]
    #[inline]
    pub fn is_warming(&self, instrument: usize) -> bool {
        let warmup = self.settings.warmup_bars;
        self.duties.warmup
            && ((warmup > 0 && self.bars_seen(instrument) <= warmup)
                || self.settings.start_ns.is_some_and(|start| self.time_ns < start))
    }

    /// Turns the kill switch: while off, entries are refused.
    pub const fn set_trading(&mut self, enabled: bool) {
        self.watch.enabled = enabled;
    }
}
