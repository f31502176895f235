//! The clock: what happens at one tick, in the order of S-10.

mod arrival;
mod carry;
mod desk;
mod ending;
mod filling;
mod gate;
mod liquidation;
mod look;
mod matching;
mod parts;
mod timers;

pub use desk::{Change, UserOrder, is_supported, percent_to_ppb};
pub use timers::Timer;

use arrival::{is_session_end, is_session_start};
use parts::{Duties, Group, Streams, Watch};

use crate::account::Account;
use crate::book::Book;
use crate::codes::{EventKind, FillConvention, Moment, Reason};
use crate::error::{self, Result};
use crate::labels::Labels;
use crate::market::Market;
use crate::order::{Order, OrderId};
use crate::record::{Event, Record};
use crate::settings::Settings;
use crate::units::ratio_up;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// An instrument that has a bar at the current tick.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Present {
    /// Index of the instrument.
    pub instrument: u16,
    /// Its bar.
    pub row: u32,
}

/// The whole state of a run. Cloning or serialising it is a checkpoint.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Engine {
    settings: Settings,
    account: Account,
    books: Vec<Book>,
    orders: Vec<Order>,
    queue: Vec<OrderId>,
    /// Live day and good-till-date orders.
    timed: Vec<OrderId>,
    groups: BTreeMap<u32, Group>,
    children: BTreeMap<OrderId, Vec<OrderId>>,
    clients: BTreeSet<u32>,
    labels: Labels,
    timer_names: Labels,
    timers: Vec<Timer>,
    record: Record,
    streams: Streams,
    duties: Duties,
    watch: Watch,
    /// Tick of the clock; -1 before the first.
    clock: i32,
    time_ns: i64,
    session: i32,
    moment: Moment,
    /// Next bar of each instrument.
    next_row: Vec<u32>,
    present: Vec<Present>,
    next_funding: Vec<u32>,
    next_rate: Vec<u32>,
    arrivals: u32,
    /// Orders seated in any book.
    resting: u32,
    /// Orders that have not ended.
    live: u32,
    /// Whether an order for the open or the close was ever sent.
    sessions_matter: bool,
    notice_from: usize,
    notice_to: usize,
    stopping: bool,
    /// Touched orders, kept to save allocations.
    #[serde(skip)]
    scratch: Vec<OrderId>,
}

impl Engine {
    /// An engine before its first tick.
    ///
    /// # Errors
    /// Settings and market do not fit together.
    pub fn new(settings: Settings, market: &Market) -> Result<Self> {
        if settings.instruments.len() != market.series.len() {
            let (have, need) = (settings.instruments.len(), market.series.len());
            return Err(error::settings(format!("{have} instruments for a market of {need}")));
        }
        let count = settings.instruments.len();
        let account = Account::new(&settings, market.clock_ns.first().copied().unwrap_or(i64::MAX))?;
        let initial = account.equity()?;
        let mut engine = Self {
            books: vec![Book::default(); count],
            orders: Vec::new(),
            queue: Vec::new(),
            timed: Vec::new(),
            groups: BTreeMap::new(),
            children: BTreeMap::new(),
            clients: BTreeSet::new(),
            labels: Labels::default(),
            timer_names: Labels::default(),
            timers: Vec::new(),
            record: Record::default(),
            streams: Streams::new(settings.seed),
            duties: Duties::new(&settings),
            watch: Watch::new(settings.risk.trading_enabled, initial),
            clock: -1,
            time_ns: market.clock_ns.first().copied().unwrap_or(0),
            session: 0,
            moment: Moment::Decision,
            next_row: vec![0; count],
            present: Vec::with_capacity(count),
            next_funding: vec![0; count],
            next_rate: vec![0; settings.currencies.len()],
            arrivals: 0,
            resting: 0,
            live: 0,
            sessions_matter: false,
            notice_from: 0,
            notice_to: 0,
            stopping: false,
            scratch: Vec::new(),
            account,
            settings,
        };
        engine.reserve(market.clock_ns.len());
        Ok(engine)
    }

    /// Back to the state before the first tick, keeping allocated memory: for the next run of a sweep.
    ///
    /// # Errors
    /// As for [`Engine::new`].
    pub fn reset(&mut self, market: &Market) -> Result<()> {
        let mut record = std::mem::take(&mut self.record);
        let mut orders = std::mem::take(&mut self.orders);
        record.clear();
        orders.clear();
        *self = Self::new(self.settings.clone(), market)?;
        self.record = record;
        self.orders = orders;
        Ok(())
    }

    fn reserve(&mut self, ticks: usize) {
        self.record.equity.reserve_exact(ticks);
        self.record.cash.reserve_exact(ticks);
    }

    /// Steps 1 to 5 of the next tick; false when the data have ended.
    ///
    /// # Errors
    /// A number left the 64-bit range.
    #[inline]
    pub fn open_tick(&mut self, market: &Market) -> Result<bool> {
        let next = (self.clock + 1).unsigned_abs() as usize;
        let Some(&time_ns) = market.clock_ns.get(next) else {
            return Ok(false);
        };
        let last_time_ns = (self.clock >= 0).then_some(self.time_ns);
        self.clock += 1;
        self.time_ns = time_ns;
        self.session = market.sessions[next];
        self.moment = Moment::Before;
        if self.duties.rates {
            self.change_rates()?;
        }
        if self.duties.carry {
            self.carry(last_time_ns)?;
        }
        if !self.timed.is_empty() {
            self.expire(market);
        }
        self.find_present(market);
        self.trade(market)?;
        self.mark_close(market)?;
        self.moment = Moment::Decision;
        self.notice_to = self.record.events.len();
        Ok(true)
    }

    /// Steps 7 to 9 of the tick.
    ///
    /// # Errors
    /// A number left the 64-bit range.
    #[inline]
    pub fn close_tick(&mut self, market: &Market) -> Result<()> {
        self.moment = Moment::Close;
        if self.settings.fill == FillConvention::SameClose && !self.duties.latency && !self.queue.is_empty() {
            self.arrive_at_close(market)?;
        }
        if self.settings.close_at_end {
            self.close_ended(market)?;
        }
        self.write_equity()
    }

    /// S-80: what still lives expires. Call after the strategy's `on_stop`.
    pub fn finish(&mut self) {
        self.moment = Moment::Decision;
        self.end_all(None, crate::codes::OrderStatus::Expired, Reason::EndOfData);
    }

    /// Orders are refused from now on: the strategy's `on_stop` is next.
    pub fn begin_stop(&mut self) {
        self.stopping = true;
        self.moment = Moment::Decision;
        self.notice_to = self.record.events.len();
    }

    #[inline]
    fn find_present(&mut self, market: &Market) {
        self.present.clear();
        for (at, series) in market.series.iter().enumerate() {
            let row = self.next_row[at];
            if (row as usize) < series.len() && series.tick_of(row as usize) == self.clock {
                self.next_row[at] = row + 1;
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "settings bound the number of instruments"
                )]
                self.present.push(Present {
                    instrument: at as u16,
                    row,
                });
            }
        }
    }

    /// Steps 2 to 4. A tick on which nothing waits for a price has none of them.
    #[inline]
    fn trade(&mut self, market: &Market) -> Result<()> {
        if self.queue.is_empty() && self.resting == 0 && !self.duties.layers && !self.watches_prices() {
            return Ok(());
        }
        self.trade_bars(market)
    }

    fn trade_bars(&mut self, market: &Market) -> Result<()> {
        self.moment = Moment::Open;
        for at in 0..self.present.len() {
            self.begin_bar(market, self.present[at])?;
        }
        if self.duties.maintenance {
            self.cross_margin_check()?;
        }
        for at in 0..self.present.len() {
            self.jump(self.present[at].instrument)?;
        }
        if !self.queue.is_empty() {
            self.arrive_at_open(market)?;
        }
        self.moment = Moment::Path;
        for at in 0..self.present.len() {
            self.walk_bar(market, self.present[at])?;
        }
        Ok(())
    }

    #[inline]
    fn watches_prices(&self) -> bool {
        self.duties.maintenance || (self.duties.isolated && self.account.held > 0)
    }

    #[inline]
    fn begin_bar(&mut self, market: &Market, present: Present) -> Result<()> {
        let at = usize::from(present.instrument);
        let open = market.series[at].open[present.row as usize];
        self.account.mark(at, open)?;
        let book = &mut self.books[at];
        book.price = open;
        if self.sessions_matter {
            book.session_start = is_session_start(market, present);
            book.session_end = is_session_end(market, present);
        }
        if self.duties.layers {
            let instrument = &self.settings.instruments[at];
            book.volume = market.series[at].volume[present.row as usize];
            let share = ratio_up(open, instrument.half_spread_ppb, crate::units::PPB)?;
            let half_spread = crate::units::sum(instrument.half_spread_ticks, share)?;
            book.set_half_spread(half_spread, &self.orders);
            book.budget = match instrument.participation_ppb {
                Some(ppb) => Some(crate::units::ratio_down(book.volume, ppb, crate::units::PPB)?),
                None => None,
            };
        }
        Ok(())
    }

    /// Step 5.
    #[inline]
    fn mark_close(&mut self, market: &Market) -> Result<()> {
        self.moment = Moment::Close;
        for present in &self.present {
            let at = usize::from(present.instrument);
            let close = market.series[at].close[present.row as usize];
            self.account.mark(at, close)?;
            self.books[at].price = close;
        }
        if self.duties.maintenance {
            self.cross_margin_check()?;
        }
        if self.duties.drawdown {
            self.watch_drawdown()?;
        }
        Ok(())
    }

    /// Step 9.
    #[inline]
    fn write_equity(&mut self) -> Result<()> {
        let cash = self.account.cash_base()?;
        let equity = crate::units::sum(cash, self.account.net)?;
        if self.duties.drawdown {
            self.watch.last = equity;
            self.watch.peak = self.watch.peak.max(equity);
            self.watch.session = Some(self.session);
        }
        if self.settings.start_ns.is_some_and(|start| self.time_ns < start) {
            self.record.equity_from = self.clock + 1;
            return Ok(());
        }
        if self.account.held > 0 && self.present.len() < self.books.len() && self.holds_absent() {
            #[expect(clippy::cast_possible_truncation, reason = "rows are bounded by the clock")]
            self.record.stale.push(self.record.equity.len() as u32);
        }
        self.record.equity.push(equity);
        self.record.cash.push(cash);
        Ok(())
    }

    /// S-03: whether a held instrument has no bar at this tick.
    fn holds_absent(&self) -> bool {
        let held = self
            .present
            .iter()
            .filter(|one| self.account.holdings[usize::from(one.instrument)].position.lots != 0);
        held.count() < self.account.held as usize
    }

    #[inline]
    fn note(&mut self, order: OrderId, kind: EventKind, reason: Reason, value: i64) {
        self.record.events.push(Event {
            value,
            order,
            clock: self.clock,
            kind,
            moment: self.moment,
            reason,
        });
    }

    #[inline]
    fn order_mut(&mut self, id: OrderId) -> &mut Order {
        &mut self.orders[id as usize - 1]
    }

    fn is_last_bar(market: &Market, present: Present) -> bool {
        present.row as usize + 1 == market.series[usize::from(present.instrument)].len()
    }
}
