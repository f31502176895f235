//! A market that owns its columns, built tick by tick.

use triplebar_core::market::{Abreast, Market, Series};

/// One hour: the usual distance of two ticks of the clock.
pub const HOUR_NS: i64 = 3_600_000_000_000;

/// One bar, ticks and lots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// Opening price.
    pub open: i64,
    /// Highest price.
    pub high: i64,
    /// Lowest price.
    pub low: i64,
    /// Closing price.
    pub close: i64,
    /// Volume, lots.
    pub volume: i64,
}

impl Bar {
    /// A bar of a thousand lots.
    #[must_use]
    pub const fn new(open: i64, high: i64, low: i64, close: i64) -> Self {
        let volume = 1_000;
        Self {
            open,
            high,
            low,
            close,
            volume,
        }
    }

    /// The bar seen in a mirror at half of `pivot`.
    #[must_use]
    pub const fn mirrored(self, pivot: i64) -> Self {
        Self {
            open: pivot - self.open,
            high: pivot - self.low,
            low: pivot - self.high,
            close: pivot - self.close,
            volume: self.volume,
        }
    }
}

/// One tick of the clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// Close time.
    pub time_ns: i64,
    /// The session it belongs to.
    pub session: i32,
    /// The bar of each instrument, if it has one.
    pub bars: Vec<Option<Bar>>,
}

#[derive(Debug, Clone, Default)]
struct Columns {
    clock_index: Vec<i32>,
    time_ns: Vec<i64>,
    open: Vec<i64>,
    high: Vec<i64>,
    low: Vec<i64>,
    close: Vec<i64>,
    volume: Vec<i64>,
}

/// All bars of all instruments.
#[derive(Clone)]
pub struct Bars {
    /// What the columns were built from.
    pub ticks: Vec<Tick>,
    clock_ns: Vec<i64>,
    sessions: Vec<i32>,
    columns: Vec<Columns>,
    /// Opening and closing prices tick by tick; empty if they cannot stand like that.
    abreast: [Vec<i32>; 2],
}

impl std::fmt::Debug for Bars {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(&self.ticks).finish()
    }
}

impl Bars {
    /// Columns of these ticks.
    #[must_use]
    pub fn new(ticks: Vec<Tick>) -> Self {
        let width = ticks.first().map_or(0, |tick| tick.bars.len());
        let mut columns = vec![Columns::default(); width];
        for (clock, tick) in (0_i32..).zip(&ticks) {
            for (column, bar) in columns.iter_mut().zip(&tick.bars) {
                if let Some(bar) = bar {
                    column.push(clock, tick.time_ns, *bar);
                }
            }
        }
        let side_by_side = |price: fn(&Bar) -> i64| {
            let bars = ticks.iter().flat_map(|tick| &tick.bars);
            let prices = bars.map(|bar| bar.as_ref().and_then(|bar| i32::try_from(price(bar)).ok()));
            let found = prices.collect::<Option<Vec<i32>>>().unwrap_or_default();
            if width > 1 { found } else { Vec::new() }
        };
        Self {
            abreast: [side_by_side(|bar| bar.open), side_by_side(|bar| bar.close)],
            clock_ns: ticks.iter().map(|tick| tick.time_ns).collect(),
            sessions: ticks.iter().map(|tick| tick.session).collect(),
            columns,
            ticks,
        }
    }

    /// One instrument with a bar every hour, all in one session.
    #[must_use]
    pub fn hourly(bars: &[Bar]) -> Self {
        let tick = |(hour, bar): (i64, &Bar)| Tick {
            time_ns: hour * HOUR_NS,
            session: 0,
            bars: vec![Some(*bar)],
        };
        Self::new((1_i64..).zip(bars).map(tick).collect())
    }

    /// What the core reads. An instrument with a bar at every tick needs no clock index.
    ///
    /// # Panics
    /// The ticks make no market: that would be a fault of the generator.
    #[must_use]
    pub fn market(&self) -> Market<'_> {
        let series = self.columns.iter().map(|column| Series {
            clock_index: (column.time_ns.len() < self.ticks.len()).then_some(&column.clock_index[..]),
            time_ns: &column.time_ns,
            open: &column.open,
            high: &column.high,
            low: &column.low,
            close: &column.close,
            volume: &column.volume,
        });
        let found = Market::new(&self.clock_ns, &self.sessions, series.collect());
        let [open, close] = &self.abreast;
        // Some markets go without, as those with higher prices do.
        let there = !open.is_empty() && open.len() == close.len() && !self.ticks.len().is_multiple_of(4);
        Market {
            abreast: Abreast {
                width: if there { self.columns.len() } else { 0 },
                open,
                close,
            },
            ..found.expect("generated bars make a market")
        }
    }

    /// The market as it was when it had this many ticks.
    #[must_use]
    pub fn first(&self, ticks: usize) -> Self {
        Self::new(self.ticks[..ticks].to_vec())
    }

    /// Every price `p` becomes `pivot - p`.
    #[must_use]
    pub fn mirrored(&self, pivot: i64) -> Self {
        let mut ticks = self.ticks.clone();
        for bar in ticks.iter_mut().flat_map(|tick| tick.bars.iter_mut().flatten()) {
            *bar = bar.mirrored(pivot);
        }
        Self::new(ticks)
    }

    /// Number of instruments.
    #[must_use]
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// The bar of an instrument at a tick of the clock.
    #[must_use]
    pub fn bar(&self, clock: i32, instrument: usize) -> Option<Bar> {
        let tick = self.ticks.get(usize::try_from(clock).ok()?)?;
        tick.bars.get(instrument).copied().flatten()
    }
}

impl Columns {
    fn push(&mut self, clock: i32, time_ns: i64, bar: Bar) {
        self.clock_index.push(clock);
        self.time_ns.push(time_ns);
        self.open.push(bar.open);
        self.high.push(bar.high);
        self.low.push(bar.low);
        self.close.push(bar.close);
        self.volume.push(bar.volume);
    }
}
