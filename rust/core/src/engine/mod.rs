//! The clock: what happens at one tick, in the order of S-10.

mod arrival;
mod carry;
mod desk;
mod ending;
mod filling;
mod gate;
mod liquidation;
mod matching;
mod timers;

pub use desk::{Change, UserOrder, is_supported, percent_to_ppb};
pub use timers::Timer;

use arrival::{is_session_end, is_session_start};

use crate::account::Account;
use crate::book::Book;
use crate::codes::{EventKind, FillConvention, Moment, PathRule, Reason};
use crate::error::{Error, Result};
use crate::labels::Labels;
use crate::market::Market;
use crate::order::{Order, OrderId};
use crate::random::stream_key;
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

/// A one-cancels-other group (S-27).
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Group {
    members: Vec<OrderId>,
    ended: Reason,
}

/// The keys of the random streams (S-56).
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Streams {
    misses: u64,
    partials: u64,
    fractions: u64,
    latency: u64,
}

/// What of the settings makes a tick more than its cheapest form.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Duties {
    /// Funding or borrow is due at times.
    carry: bool,
    /// Rates change.
    rates: bool,
    /// Cross-margin liquidation is on.
    maintenance: bool,
    /// Drawdown limits are on.
    drawdown: bool,
    /// Spread or volume limits are on.
    layers: bool,
    /// Orders take time.
    latency: bool,
}

/// Drawdown limits and the kill switch (S-65, S-66).
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Watch {
    enabled: bool,
    peak: i64,
    last: i64,
    day_base: i64,
    session: Option<i32>,
    total_hit: bool,
    day_hit: bool,
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
            return Err(Error::Settings { message: format!("{have} instruments for a market of {need}") });
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
        let Some(&time_ns) = market.clock_ns.get(next) else { return Ok(false) };
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
            self.expire(market)?;
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

    fn find_present(&mut self, market: &Market) {
        self.present.clear();
        for (at, series) in market.series.iter().enumerate() {
            let row = self.next_row[at];
            if (row as usize) < series.len() && series.tick_of(row as usize) == self.clock {
                self.next_row[at] = row + 1;
                #[expect(clippy::cast_possible_truncation, reason = "settings bound the number of instruments")]
                self.present.push(Present { instrument: at as u16, row });
            }
        }
    }

    /// Steps 2 to 4. A tick on which nothing waits for a price has none of them.
    fn trade(&mut self, market: &Market) -> Result<()> {
        if self.queue.is_empty() && self.resting == 0 && !self.duties.layers && !self.watches_prices() {
            return Ok(());
        }
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

    fn watches_prices(&self) -> bool {
        self.duties.maintenance || (self.account.held > 0 && self.account.isolated_leverage().is_some())
    }

    fn begin_bar(&mut self, market: &Market, present: Present) -> Result<()> {
        let at = usize::from(present.instrument);
        let open = market.series[at].open[present.row as usize];
        self.account.mark(at, open)?;
        let book = &mut self.books[at];
        book.price = open;
        book.session_start = is_session_start(market, present);
        book.session_end = is_session_end(market, present);
        if self.duties.layers {
            let instrument = &self.settings.instruments[at];
            book.volume = market.series[at].volume[present.row as usize];
            let half_spread = instrument.half_spread_ticks + ratio_up(open, instrument.half_spread_ppb, crate::units::PPB)?;
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
        self.watch.last = equity;
        self.watch.peak = self.watch.peak.max(equity);
        self.watch.session = Some(self.session);
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
        let held = self.present.iter().filter(|one| self.account.holdings[usize::from(one.instrument)].position.lots != 0);
        held.count() < self.account.held as usize
    }

    fn note(&mut self, order: OrderId, kind: EventKind, reason: Reason, value: i64) {
        self.record.events.push(Event { value, order, clock: self.clock, kind, moment: self.moment, reason });
    }

    fn order_mut(&mut self, id: OrderId) -> &mut Order {
        &mut self.orders[id as usize - 1]
    }

    fn is_last_bar(market: &Market, present: Present) -> bool {
        present.row as usize + 1 == market.series[usize::from(present.instrument)].len()
    }
}

/// What a driver and a strategy may look at.
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

    /// Instruments with a bar at this tick.
    #[inline]
    #[must_use]
    pub fn present(&self) -> &[Present] {
        &self.present
    }

    /// Bars of an instrument that have closed.
    #[inline]
    #[must_use]
    pub fn bars_seen(&self, instrument: usize) -> u32 {
        self.next_row[instrument]
    }

    /// Signed lots held.
    #[inline]
    #[must_use]
    pub fn position(&self, instrument: usize) -> i64 {
        self.account.holdings[instrument].position.lots
    }

    /// The account.
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
    pub fn orders(&self) -> &[Order] {
        &self.orders
    }

    /// An order by its number.
    #[must_use]
    pub fn order(&self, id: OrderId) -> Option<&Order> {
        self.orders.get((id as usize).checked_sub(1)?)
    }

    /// The facts so far.
    #[must_use]
    pub const fn record(&self) -> &Record {
        &self.record
    }

    /// Moves the facts and orders out; the engine is done with.
    pub fn take_facts(&mut self) -> (Record, Vec<Order>) {
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
        let here = usize::try_from(self.clock).ok().and_then(|clock| market.clock_ns.get(clock));
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

    /// R14: whether orders for the instrument are refused as warm-up.
    #[must_use]
    pub fn is_warming(&self, instrument: usize) -> bool {
        let warmup = self.settings.warmup_bars;
        (warmup > 0 && self.next_row[instrument] <= warmup) || self.settings.start_ns.is_some_and(|start| self.time_ns < start)
    }

    /// Turns the kill switch: while off, entries are refused.
    pub const fn set_trading(&mut self, enabled: bool) {
        self.watch.enabled = enabled;
    }
}

impl Streams {
    const fn new(seed: u64) -> Self {
        Self {
            misses: stream_key(seed, "misses"),
            partials: stream_key(seed, "partials"),
            fractions: stream_key(seed, "fractions"),
            latency: stream_key(seed, "latency"),
        }
    }
}

impl Duties {
    fn new(settings: &Settings) -> Self {
        let any = |test: fn(&crate::settings::InstrumentSettings) -> bool| settings.instruments.iter().any(test);
        Self {
            carry: any(|one| !one.funding.is_empty() || one.borrow_ppb > 0),
            rates: settings.rates.iter().any(|series| series.len() > 1),
            maintenance: settings.account.kind == crate::codes::AccountKind::Margin && settings.account.maintenance_ppb > 0,
            drawdown: settings.risk.drawdown_total_ppb.is_some() || settings.risk.drawdown_daily_ppb.is_some(),
            layers: any(|one| {
                one.half_spread_ticks > 0 || one.half_spread_ppb > 0 || one.participation_ppb.is_some()
                    || one.impact_ppb > 0 || one.root_coefficient > 0.0
            }),
            latency: settings.latency_max_ns > 0,
        }
    }
}

impl Watch {
    const fn new(enabled: bool, initial: i64) -> Self {
        Self { enabled, peak: initial, last: initial, day_base: initial, session: None, total_hit: false, day_hit: false }
    }
}

/// S-11: the extremes of a bar in the order of its path.
const fn extremes(rule: PathRule, open: i64, high: i64, low: i64, worse: Option<bool>) -> (i64, i64) {
    let nearer_low = open - low <= high - open;
    let low_first = match rule {
        PathRule::OpenHighLowClose => false,
        PathRule::OpenLowHighClose => true,
        PathRule::Adaptive => nearer_low,
        PathRule::Pessimistic => match worse {
            Some(low_first) => low_first,
            None => nearer_low,
        },
    };
    if low_first { (low, high) } else { (high, low) }
}
