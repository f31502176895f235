//! The clock: what happens at one tick, in the order of S-10.

mod alone;
mod arrival;
mod carry;
mod desk;
mod ending;
mod filling;
mod gate;
mod glide;
mod liquidation;
mod look;
mod matching;
mod memory;
mod parts;
mod plain;
mod rows;
mod sending;
mod terms;
mod tick;
mod ticket;
mod timers;

pub use desk::{Change, percent_to_ppb};
pub use memory::Memory;
pub use sending::{UserOrder, is_supported};
pub use ticket::Ticket;
pub use timers::Timer;

use parts::{Duties, Group, Streams, Watch};
use terms::Terms;

use crate::account::Account;
use crate::book::Book;
use crate::codes::{EventKind, Moment, Reason};
use crate::error::{self, Result};
use crate::labels::Labels;
use crate::market::Market;
use crate::order::{Order, OrderId};
use crate::orders::Orders;
use crate::record::{Event, Record};
use crate::settings::Settings;
use crate::stretch::Held;
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
#[expect(clippy::struct_excessive_bools, reason = "each says something else about the run")]
pub struct Engine {
    settings: Settings,
    account: Account,
    terms: Vec<Terms>,
    books: Vec<Book>,
    orders: Orders,
    queue: Vec<OrderId>,
    /// Day and good-till-date orders that may still live.
    timed: Vec<OrderId>,
    /// The earliest date of a good-till-date order among them, or earlier.
    soonest_date_ns: i64,
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
    /// The last tick that is closed; -1 before the first.
    closed: i32,
    /// Whether rows of equity may be left for later until something fills (see `rows`).
    calm: bool,
    /// Whether an order that is more than a plain market or limit order may live.
    fancy: bool,
    /// Whether marks are behind (see `mark_now`).
    marks_due: bool,
    /// Cash that held up to a tick, for equity rows that are not written yet.
    cash_before: Vec<(i32, i64)>,
    session: i32,
    moment: Moment,
    /// Whether every instrument has a bar at every tick.
    dense: bool,
    /// Next bar of each instrument, unless dense.
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
    /// What is held while rows of equity are written, kept for the same reason.
    #[serde(skip)]
    stretched: Held,
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
        let account = Account::new(&settings, market)?;
        let initial = account.equity()?;
        let dense = market.series.iter().all(|series| series.clock_index.is_none());
        let duties = Duties::new(&settings, dense);
        Ok(Self {
            terms: settings
                .instruments
                .iter()
                .map(|one| Terms::of(one, duties.warmup))
                .collect(),
            dense,
            books: vec![Book::default(); count],
            orders: Orders::default(),
            queue: Vec::new(),
            timed: Vec::new(),
            soonest_date_ns: i64::MAX,
            groups: BTreeMap::new(),
            children: BTreeMap::new(),
            clients: BTreeSet::new(),
            labels: Labels::default(),
            timer_names: Labels::default(),
            timers: Vec::new(),
            record: Record::default(),
            streams: Streams::new(settings.seed),
            duties,
            watch: Watch::new(settings.risk.trading_enabled, initial),
            clock: -1,
            time_ns: market.clock_ns.first().copied().unwrap_or(0),
            closed: -1,
            calm: false,
            fancy: false,
            marks_due: false,
            cash_before: Vec::new(),
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
            stretched: Held::default(),
            account,
            settings,
        })
    }

    /// Back to the state before the first tick, keeping allocated memory: for the next run of a sweep.
    ///
    /// # Errors
    /// As for [`Engine::new`].
    pub fn reset(&mut self, market: &Market) -> Result<()> {
        let memory = Memory::of(self.take_facts());
        *self = Self::new(self.settings.clone(), market)?;
        self.lend(memory);
        Ok(())
    }

    /// S-80: what still lives expires. Call after the strategy's `on_stop`.
    pub fn finish(&mut self) {
        self.moment = Moment::Decision;
        self.end_all(None, crate::codes::OrderStatus::Expired, Reason::EndOfData);
    }

    /// Orders are refused from now on: the strategy's `on_stop` is next.
    pub fn begin_stop(&mut self) {
        self.stopping = true;
        self.terms.iter_mut().for_each(|terms| terms.open = false);
        self.moment = Moment::Decision;
        self.notice_to = self.record.events.len();
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
