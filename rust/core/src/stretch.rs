//! What positions are worth over a stretch of rows, added to the cash that stands there.
//!
//! Sums wrap, so they may be added in any order. A product of two numbers of 32 bits is one instruction for some rows at
//! once on every machine, one of 64 bits is not; prices have 32 bits nearly always, and what a tick of a position is worth
//! has them mostly.

#![expect(
    clippy::inline_always,
    reason = "what is inlined is compiled for the caller's instructions, what is not is not"
)]

use crate::account::Holding;
use crate::lanes::{Wide, Work};
use crate::market::Series;
use crate::units::PPB;
use std::fmt::Debug;

/// Instruments that are added in one pass: their columns lie far apart, and memory is asked for all of them at once.
const TOGETHER: usize = 8;

/// Closing prices, and what a tick of them is worth.
type Part<'a, P> = (&'a [P], i64);

/// A price as it stands in a column.
trait Ticks: Copy + Into<i64> {}

impl<P: Copy + Into<i64>> Ticks for P {}

/// Rows that begin at a tick, and what is held of every instrument while they last. Those with a rate are left out.
#[derive(Debug)]
pub struct Stretch<'a> {
    /// Cash, to which values are added.
    pub rows: &'a mut [i64],
    /// The tick of the first row.
    pub from: usize,
    /// What is held.
    pub holdings: &'a [Holding],
    /// The bars of the same instruments, one a tick.
    pub series: &'a [Series<'a>],
    /// Their highest prices.
    pub highest: &'a [i64],
    /// Their closing prices in 32 bits, or nothing: see [`crate::market::Market::narrow`].
    pub narrow: &'a [Vec<u32>],
}

/// Whoever adds values to rows, with instructions that this machine has.
pub trait Adder: Debug + Sync {
    /// Adds what is held to the rows of a stretch.
    fn add(&self, stretch: Stretch<'_>);
}

impl<W: Wide + Debug> Adder for W {
    fn add(&self, stretch: Stretch<'_>) {
        self.run(stretch);
    }
}

/// How a product is made, and whether it is added or taken away.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Both factors have 32 bits.
    Plus,
    /// The same, of a short position: its worth is given without the sign.
    Minus,
    /// Any factors.
    Any,
}

impl Way {
    /// The way for a price that high, and the factor for it.
    #[inline(always)]
    fn of(highest: i64, worth_of_tick: i64) -> (Self, i64) {
        let narrow = |number: u64| u32::try_from(number).is_ok();
        if !narrow(highest.cast_unsigned()) || !narrow(worth_of_tick.unsigned_abs()) {
            return (Self::Any, worth_of_tick);
        }
        if worth_of_tick < 0 {
            (Self::Minus, -worth_of_tick)
        } else {
            (Self::Plus, worth_of_tick)
        }
    }
}

/// Parts of one way that wait until there are enough of them.
struct Waiting<'a, P> {
    parts: [Part<'a, P>; TOGETHER],
    count: usize,
    way: Way,
}

impl<'a, P: Ticks> Waiting<'a, P> {
    #[inline(always)]
    const fn new(way: Way) -> Self {
        Self {
            parts: [(&[], 0); TOGETHER],
            count: 0,
            way,
        }
    }

    #[inline(always)]
    fn take(&mut self, part: Part<'a, P>, rows: &mut [i64]) {
        self.parts[self.count] = part;
        self.count += 1;
        if self.count == TOGETHER {
            self.count = 0;
            add(rows, &self.parts, self.way);
        }
    }

    /// Adds those that are left. Where some are missing, the last counts with nothing beside it.
    #[inline(always)]
    fn finish(&mut self, rows: &mut [i64]) {
        let Some((closes, _)) = self.count.checked_sub(1).map(|last| self.parts[last]) else {
            return;
        };
        self.parts[self.count..].fill((closes, 0));
        match (self.count, self.parts.first_chunk::<2>(), self.parts.first_chunk::<4>()) {
            (1..=2, Some(two), _) => add(rows, two, self.way),
            (3..=4, _, Some(four)) => add(rows, four, self.way),
            _ => add(rows, &self.parts, self.way),
        }
    }
}

impl Work for Stretch<'_> {
    type Output = ();

    #[inline(always)]
    fn go(self) {
        let (series, narrow) = (self.series, self.narrow);
        if narrow.is_empty() {
            self.added(series.iter().map(|one| one.close));
        } else {
            self.added(narrow.iter().map(|closes| &closes[..]));
        }
    }
}

impl<'a> Stretch<'a> {
    #[inline(always)]
    fn added<P: Ticks + 'a>(self, columns: impl Iterator<Item = &'a [P]>) {
        let Self {
            rows,
            from,
            holdings,
            highest,
            ..
        } = self;
        let [mut plus, mut minus, mut any] = [Way::Plus, Way::Minus, Way::Any].map(Waiting::new);
        for ((holding, closes), highest) in holdings.iter().zip(columns).zip(highest) {
            if holding.position.lots == 0 || holding.rate != PPB {
                continue;
            }
            let (way, factor) = Way::of(*highest, holding.worth_of_tick());
            let part = (&closes[from..from + rows.len()], factor);
            match way {
                Way::Plus => plus.take(part, rows),
                Way::Minus => minus.take(part, rows),
                Way::Any => any.take(part, rows),
            }
        }
        plus.finish(rows);
        minus.finish(rows);
        any.finish(rows);
    }
}

/// The product of two numbers, of which each has 32 bits.
#[inline(always)]
const fn narrow(price: i64, worth: i64) -> i64 {
    const LOW: u64 = u32::MAX as u64;
    ((price.cast_unsigned() & LOW) * (worth.cast_unsigned() & LOW)).cast_signed()
}

/// Adds to each row what some positions are worth.
#[inline(always)]
fn add<P: Ticks, const N: usize>(rows: &mut [i64], parts: &[Part<'_, P>; N], way: Way) {
    match way {
        Way::Plus => sum(rows, parts, narrow, i64::wrapping_add),
        Way::Minus => sum(rows, parts, narrow, i64::wrapping_sub),
        Way::Any => sum(rows, parts, i64::wrapping_mul, i64::wrapping_add),
    }
}

#[inline(always)]
fn sum<P: Ticks, const N: usize>(
    rows: &mut [i64],
    parts: &[Part<'_, P>; N],
    product: impl Fn(i64, i64) -> i64,
    join: impl Fn(i64, i64) -> i64,
) {
    let closes = parts.map(|(closes, _)| &closes[..rows.len()]);
    for (at, row) in rows.iter_mut().enumerate() {
        let mut value = product(closes[0][at].into(), parts[0].1);
        for part in 1..N {
            value = value.wrapping_add(product(closes[part][at].into(), parts[part].1));
        }
        *row = join(*row, value);
    }
}

/// Adds rows of one instrument to a column: cash, and what the position is worth at each price.
pub fn push(column: &mut Vec<i64>, cash: i64, closes: &[i64], highest: i64, worth_of_tick: i64) {
    let (way, factor) = Way::of(highest, worth_of_tick);
    match way {
        Way::Plus if factor == 0 => column.resize(column.len() + closes.len(), cash),
        Way::Plus => column.extend(closes.iter().map(|close| cash.wrapping_add(narrow(*close, factor)))),
        Way::Minus => column.extend(closes.iter().map(|close| cash.wrapping_sub(narrow(*close, factor)))),
        Way::Any => column.extend(closes.iter().map(|close| cash.wrapping_add(close.wrapping_mul(factor)))),
    }
}
