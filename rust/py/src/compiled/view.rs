//! What a compiled strategy reads: flat structs, the same bytes as `triplebar.strategy.compile.views` describes.

use std::ffi::c_void;

/// Changes whenever a struct or a function in here does; compiled code of another number is compiled again.
pub const LAYOUT_VERSION: i64 = 4;

/// A text: its hash, and its place among the symbols, or -1.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TextView {
    pub hash: u64,
    pub place: i64,
}

impl TextView {
    /// A text that is no symbol.
    pub const fn plain(hash: u64) -> Self {
        Self { hash, place: -1 }
    }
}

/// Sources beyond the last instrument: a handler that goes over all of them asks memory for what comes so much later.
pub const FETCHED_AHEAD: usize = 8;

/// An instrument and where the columns of its bars begin.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct SourceView {
    pub symbol: TextView,
    pub times: *const i64,
    pub open: *const f64,
    pub high: *const f64,
    pub low: *const f64,
    pub close: *const f64,
    pub volume: *const f64,
}

/// Bars that have closed, for a handler to be called with one after the other: of each tick those of instruments `first`
/// to before `last`, row `row` of each, and so on before row [`DeskView::end`].
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct BarsView {
    pub first: i64,
    pub last: i64,
    pub row: i64,
}

/// A closed bar: a row of an instrument. A handler reads of it what it needs.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct SpotView {
    pub source: *const SourceView,
    pub row: i64,
}

/// The bars of one tick of the clock: row `row` of the first `count` instruments, or, if that is below zero, `spots`.
/// The handler goes on before row [`DeskView::end`] as with [`BarsView`].
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct SliceView {
    pub count: i64,
    pub row: i64,
    pub sources: *const SourceView,
    pub spots: *const SpotView,
}

/// An execution.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct FillView {
    pub symbol: TextView,
    pub role: TextView,
    pub moment: TextView,
    pub tag: TextView,
    pub order: i64,
    pub side: i64,
    pub time_ns: i64,
    pub quantity: f64,
    pub price: f64,
    pub fee: f64,
}

/// Something that happened to an order.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct EventView {
    pub symbol: TextView,
    pub kind: TextView,
    pub reason: TextView,
    pub tag: TextView,
    pub order: i64,
    pub time_ns: i64,
}

/// A timer that is due.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct TimerView {
    pub name: TextView,
    pub time_ns: i64,
}

/// An order as it stands; NaN where it has no such price.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct OrderView {
    pub symbol: TextView,
    pub kind: TextView,
    pub tif: TextView,
    pub status: TextView,
    pub reason: TextView,
    pub tag: TextView,
    pub order: i64,
    pub side: i64,
    pub quantity: f64,
    pub filled: f64,
    pub limit: f64,
    pub stop: f64,
}

/// A stream of random numbers: its key and the number of the next draw.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomView {
    pub key: u64,
    pub counter: u64,
}

/// `ctx`: what is read straight from memory, and the way back to the engine. A handler that goes on to the next tick by
/// itself moves `index`; the engine follows when it is asked for something.
#[repr(C)]
#[derive(Debug)]
pub struct DeskView {
    pub version: i64,
    pub index: i64,
    pub instruments: i64,
    pub symbols: *const TextView,
    pub random: RandomView,
    pub counter: *mut c_void,
    pub sources: *const SourceView,
    /// What is held of each instrument.
    pub positions: *const f64,
    /// The times of the clock; one at least.
    pub times: *const i64,
    /// The row before which the handler may go on by itself; 0 once it has asked for something after which the next tick
    /// is the engine's.
    pub end: i64,
    /// The instrument whose bar was handed over last: the handler writes it.
    pub place: i64,
}

/// The keywords of an order; a bit of `given` says which of the numbers count.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct WishView {
    pub side: i64,
    pub place: i64,
    pub quantity: f64,
    pub given: i64,
    pub limit: f64,
    pub stop: f64,
    pub trail: f64,
    pub trail_percent: f64,
    pub touch: f64,
    pub take_profit: f64,
    pub stop_loss: f64,
    pub expire_ns: i64,
    pub parent: i64,
    pub post_only: i64,
    pub reduce_only: i64,
    pub tif: u64,
    pub tag: u64,
    pub id: u64,
    pub oco: u64,
}

/// Bits of `given`.
pub mod given {
    pub const LIMIT: i64 = 1;
    pub const STOP: i64 = 2;
    pub const TRAIL: i64 = 4;
    pub const TRAIL_PERCENT: i64 = 8;
    pub const TOUCH: i64 = 16;
    pub const TAKE_PROFIT: i64 = 32;
    pub const STOP_LOSS: i64 = 64;
    pub const EXPIRE: i64 = 128;
    pub const QUANTITY: i64 = 256;
}

macro_rules! offsets {
    ($($view:ident { $($field:ident),+ })+) => {
        /// Name, size, and each field with its offset: what the Python side is held against.
        pub fn layout() -> Vec<(&'static str, usize, Vec<(&'static str, usize)>)> {
            vec![$((
                stringify!($view),
                size_of::<$view>(),
                vec![$((stringify!($field), std::mem::offset_of!($view, $field))),+],
            )),+]
        }
    };
}

offsets! {
    TextView { hash, place }
    SourceView { symbol, times, open, high, low, close, volume }
    BarsView { first, last, row }
    SpotView { source, row }
    SliceView { count, row, sources, spots }
    FillView { symbol, role, moment, tag, order, side, time_ns, quantity, price, fee }
    EventView { symbol, kind, reason, tag, order, time_ns }
    TimerView { name, time_ns }
    OrderView { symbol, kind, tif, status, reason, tag, order, side, quantity, filled, limit, stop }
    RandomView { key, counter }
    DeskView { version, index, instruments, symbols, random, counter, sources, positions, times, end, place }
    WishView {
        side, place, quantity, given, limit, stop, trail, trail_percent, touch, take_profit, stop_loss, expire_ns,
        parent, post_only, reduce_only, tif, tag, id, oco
    }
}
