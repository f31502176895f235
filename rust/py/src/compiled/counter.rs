//! The counter at which a compiled strategy trades: the engine, the names of things, and what went wrong.

use crate::compiled::notes::{Notes, own_text, own_texts};
use crate::compiled::view::{DeskView, EventView, FETCHED_AHEAD, FillView, OrderView, SourceView, TextView, TimerView};
use crate::desk::{Scale, shown};
use crate::wish::Mistake;
use std::collections::BTreeMap;
use triplebar_columns::bars::{BarColumns, MarketColumns};
use triplebar_core::engine::{Engine, Timer};
use triplebar_core::order::{Order, OrderId};
use triplebar_core::random::fnv1a64;
use triplebar_core::record::Event;

/// Why a compiled strategy cannot go on.
#[derive(Debug)]
pub enum Trouble {
    /// An instruction that makes no sense.
    Mistake(Mistake),
    /// A symbol that the market does not have, or None in place of one.
    UnknownSymbol(Option<String>),
}

/// The texts a run knows, by their hashes.
#[derive(Debug, Default, Clone)]
pub struct Texts {
    symbols: Vec<TextView>,
    places: BTreeMap<u64, i64>,
    known: BTreeMap<u64, String>,
}

impl Texts {
    pub fn new(symbols: &[String], others: &[String]) -> Self {
        let views: Vec<TextView> = (0..)
            .zip(symbols)
            .map(|(place, symbol)| TextView {
                hash: fnv1a64(symbol),
                place,
            })
            .collect();
        Self {
            places: views.iter().map(|view| (view.hash, view.place)).collect(),
            symbols: views,
            known: symbols
                .iter()
                .chain(others)
                .map(|text| (fnv1a64(text), text.clone()))
                .collect(),
        }
    }

    pub fn symbols(&self) -> &[TextView] {
        &self.symbols
    }

    pub fn place(&self, hash: u64) -> Option<i64> {
        self.places.get(&hash).copied()
    }

    /// Every text, symbols and the engine's own words included.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.known
            .values()
            .map(String::as_str)
            .chain(own_texts().map(|text| text as &str))
    }

    /// The text of a hash, also one of the engine's own words; none for 0.
    pub fn text(&self, hash: u64) -> Option<&str> {
        self.known.get(&hash).map(String::as_str).or_else(|| own_text(hash))
    }

    /// The text that a strategy gives by its hash, if it gives one: a text that nobody knows is no text left out.
    pub fn given(&self, hash: u64) -> Result<Option<&str>, Mistake> {
        match self.text(hash) {
            None if hash != 0 => Err(Mistake::Said(
                "a text is not among those that were known when the run began; give one that stands in the code".into(),
            )),
            text => Ok(text),
        }
    }
}

/// What stands behind `ctx` in a compiled handler.
pub struct Counter<'a> {
    pub engine: &'a mut Engine,
    pub columns: &'a MarketColumns,
    pub scales: &'a [Scale],
    pub money: f64,
    pub texts: Texts,
    pub trouble: Option<Trouble>,
    /// What the strategy has logged.
    pub notes: Notes,
    /// Lists of order numbers handed out during this event.
    lists: Vec<Vec<OrderId>>,
    tags: Vec<TextView>,
}

impl<'a> Counter<'a> {
    pub fn new(
        engine: &'a mut Engine,
        columns: &'a MarketColumns,
        scales: &'a [Scale],
        money: f64,
        texts: Texts,
    ) -> Self {
        Self {
            engine,
            columns,
            scales,
            money,
            texts,
            trouble: None,
            notes: Notes::default(),
            lists: Vec::new(),
            tags: Vec::new(),
        }
    }

    /// What a new event starts with.
    pub fn begin(&mut self) {
        if !self.lists.is_empty() {
            self.lists.clear();
        }
    }

    /// Keeps a list until the event is over; it does not move.
    pub fn keep(&mut self, list: Vec<OrderId>) -> &[OrderId] {
        self.lists.push(list);
        self.lists.last().map_or(&[], Vec::as_slice)
    }

    pub fn symbol(&self, instrument: u16) -> TextView {
        self.texts.symbols[usize::from(instrument)]
    }

    /// The text behind a label of the engine; hash 0 where there is none.
    fn tag(&mut self, label: u32) -> TextView {
        if label == 0 {
            return TextView::default();
        }
        let known = self.tags.len();
        for text in self.engine.labels().texts().get(known..).unwrap_or_default() {
            let hash = fnv1a64(text);
            let place = self.texts.place(hash).unwrap_or(-1);
            self.texts.known.entry(hash).or_insert_with(|| text.clone());
            self.tags.push(TextView { hash, place });
        }
        self.tags.get(label as usize - 1).copied().unwrap_or_default()
    }

    /// Where each instrument's bars stand, and the last one's some times more; they do not move while the run lasts.
    pub fn sources(&self) -> Vec<SourceView> {
        let series = self.texts.symbols.iter().zip(&self.columns.series);
        let source = |(symbol, series): (&TextView, &BarColumns)| {
            let [open, high, low, close, volume] = &series.shown;
            SourceView {
                symbol: *symbol,
                times: series.time_ns.values().as_ptr(),
                open: open.values().as_ptr(),
                high: high.values().as_ptr(),
                low: low.values().as_ptr(),
                close: close.values().as_ptr(),
                volume: volume.values().as_ptr(),
            }
        };
        let mut sources: Vec<SourceView> = series.map(source).collect();
        if let Some(last) = sources.last().copied() {
            sources.extend([last; FETCHED_AHEAD]);
        }
        sources
    }

    /// What is held of an instrument.
    #[inline]
    #[expect(clippy::float_cmp, reason = "one is one, and dividing by it takes time for nothing")]
    pub fn held(&self, place: usize) -> f64 {
        let (lots, scale) = (self.engine.position(place), self.scales[place].size);
        if scale == 1.0 {
            shown(lots, 1.0)
        } else {
            in_parts(lots, scale)
        }
    }

    fn time_of(&self, clock: i32) -> i64 {
        let tick = usize::try_from(clock).unwrap_or(0);
        self.columns.time_at(tick).unwrap_or(0)
    }

    pub fn fill(&mut self, event: Event) -> FillView {
        let row = usize::try_from(event.value).unwrap_or_default();
        let fill = self.engine.record().fills[row];
        let tag = self
            .engine
            .order(fill.order)
            .map_or(0, |order| self.engine.orders().extras(order).tag);
        let scale = &self.scales[usize::from(fill.instrument)];
        FillView {
            symbol: self.symbol(fill.instrument),
            role: TextView::plain(fnv1a64(fill.role.text())),
            moment: TextView::plain(fnv1a64(fill.moment.text())),
            order: i64::from(fill.order),
            side: i64::from(fill.side),
            time_ns: self.time_of(event.clock),
            quantity: shown(fill.quantity, scale.size),
            price: shown(fill.price, scale.price),
            fee: shown(fill.fee, self.money),
            tag: self.tag(tag),
        }
    }

    pub fn event(&mut self, event: Event) -> EventView {
        let (instrument, tag) = self.engine.order(event.order).map_or((0, 0), |order| {
            (order.instrument, self.engine.orders().extras(order).tag)
        });
        EventView {
            symbol: self.symbol(instrument),
            kind: TextView::plain(fnv1a64(event.kind.text())),
            reason: TextView::plain(fnv1a64(event.reason.text())),
            order: i64::from(event.order),
            time_ns: self.time_of(event.clock),
            tag: self.tag(tag),
        }
    }

    pub fn timer(&mut self, timer: &Timer) -> TimerView {
        let name = self.engine.timer_name(timer).to_owned();
        let hash = fnv1a64(&name);
        self.texts.known.entry(hash).or_insert(name);
        TimerView {
            name: TextView::plain(hash),
            time_ns: timer.due_ns,
        }
    }

    pub fn order(&mut self, id: OrderId, order: &Order) -> OrderView {
        let scale = &self.scales[usize::from(order.instrument)];
        let price = |ticks: i64| {
            if ticks == 0 {
                f64::NAN
            } else {
                shown(ticks, scale.price)
            }
        };
        OrderView {
            symbol: self.symbol(order.instrument),
            kind: TextView::plain(fnv1a64(order.kind.text())),
            tif: TextView::plain(fnv1a64(order.tif.text())),
            status: TextView::plain(fnv1a64(order.status.text())),
            reason: TextView::plain(fnv1a64(order.reason.text())),
            order: i64::from(id),
            side: i64::from(order.side),
            quantity: shown(order.quantity, scale.size),
            filled: shown(order.filled, scale.size),
            limit: price(order.limit),
            stop: price(order.trigger),
            tag: self.tag(self.engine.orders().extras(order).tag),
        }
    }

    /// Brings `ctx` up to the present.
    #[inline]
    pub fn show(&self, desk: &mut DeskView) {
        desk.index = i64::from(self.engine.clock());
    }

    /// Brings the engine up to the tick of `ctx`.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a tick of the clock")]
    pub fn follow(&mut self, desk: &DeskView) {
        let clock = desk.index as i32;
        if clock != self.engine.clock() {
            // Who comes by now and then is about to send an order, which arrives at the next opening price.
            if let [only] = &*self.columns.series {
                only.ask_for_open(clock.unsigned_abs() as usize + 1);
            }
            self.engine.glide_to(clock, self.time_of(clock));
        }
    }
}

/// Kept apart: in one place with the whole units, the compiler divides those as well.
#[inline(never)]
fn in_parts(lots: i64, scale: f64) -> f64 {
    shown(lots, scale)
}
