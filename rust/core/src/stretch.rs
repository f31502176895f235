//! What positions are worth over a stretch of rows, added to the cash that stands there.
//!
//! Sums wrap, so they may be added in any order.

#![expect(
    clippy::inline_always,
    reason = "what is inlined is compiled for the caller's instructions, what is not is not"
)]

use crate::account::Holding;
use crate::lanes::{Wide, Work};
use crate::market::{Abreast, Series};
use crate::units::PPB;
use std::fmt::Debug;

/// Where fewer than one instrument in so many is held, their columns are read one by one.
const FEW: usize = 8;

/// Rows that begin at a tick, and what is held while they last, of instruments that all have a bar at every tick.
#[derive(Debug)]
pub struct Stretch<'a> {
    /// Cash, to which values are added.
    pub rows: &'a mut [i64],
    /// The tick of the first row.
    pub from: usize,
    /// What is held.
    pub held: &'a Held,
    /// The bars of the same instruments.
    pub series: &'a [Series<'a>],
    /// Their prices tick by tick, if they can stand like that.
    pub abreast: Abreast<'a>,
}

/// What is held, as factors of prices: most often the lots, with a unit that all instruments have.
#[derive(Debug, Clone, Default)]
pub struct Held {
    /// By instrument; 0 of what is not held, or left out.
    factors: Vec<i64>,
    unit: i64,
    /// Whether 32 bits hold every factor: a product of two such numbers is one instruction for some at once on every
    /// machine, one of 64 bits is not.
    is_small: bool,
    /// Factors that are not 0.
    count: usize,
}

impl Held {
    /// Looks at what is held in the base currency.
    pub fn look(&mut self, holdings: &[Holding]) {
        let counts = |holding: &&Holding| holding.position.lots != 0 && holding.rate == PPB;
        let mut held = holdings.iter().filter(counts);
        let unit = held.next().map_or(1, |holding| holding.unit);
        let common = held.all(|holding| holding.unit == unit);
        self.unit = if common { unit } else { 1 };
        self.factors.clear();
        self.factors
            .extend(holdings.iter().map(|holding| match (counts(&holding), common) {
                (false, _) => 0,
                (_, true) => holding.position.lots,
                (_, false) => holding.worth_of_tick(),
            }));
        self.is_small = self.factors.iter().all(|factor| i32::try_from(*factor).is_ok());
        self.count = self.factors.iter().filter(|factor| **factor != 0).count();
    }
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

impl Work for Stretch<'_> {
    type Output = ();

    #[inline(always)]
    fn go(self) {
        let Self {
            rows,
            from,
            held,
            series,
            abreast,
        } = self;
        let ticks = from..from + rows.len();
        match abreast.closes(ticks.clone()) {
            Some(closes) if held.count * FEW >= held.factors.len() => {
                if held.is_small {
                    by_tick(rows, held, closes, small);
                } else {
                    by_tick(rows, held, closes, i64::wrapping_mul);
                }
            }
            _ => {
                for (factor, one) in held.factors.iter().zip(series).filter(|(factor, _)| **factor != 0) {
                    by_instrument(rows, factor.wrapping_mul(held.unit), &one.close[ticks.clone()]);
                }
            }
        }
    }
}

/// The product of two numbers that have 32 bits each.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "there is nothing above")]
const fn small(factor: i64, close: i64) -> i64 {
    factor as i32 as i64 * close as i32 as i64
}

/// All instruments of one tick after the other.
#[inline(always)]
fn by_tick(rows: &mut [i64], held: &Held, closes: &[i32], product: impl Fn(i64, i64) -> i64) {
    for (row, closes) in rows.iter_mut().zip(closes.chunks_exact(held.factors.len().max(1))) {
        let mut value = 0_i64;
        for (factor, close) in held.factors.iter().zip(closes) {
            value = value.wrapping_add(product(*factor, i64::from(*close)));
        }
        *row = row.wrapping_add(value.wrapping_mul(held.unit));
    }
}

/// All ticks of one instrument.
#[inline(always)]
fn by_instrument(rows: &mut [i64], worth: i64, closes: &[i64]) {
    for (row, close) in rows.iter_mut().zip(closes) {
        *row = row.wrapping_add(close.wrapping_mul(worth));
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

/// The product of two numbers, of which each has 32 bits.
#[inline(always)]
const fn narrow(price: i64, worth: i64) -> i64 {
    const LOW: u64 = u32::MAX as u64;
    ((price.cast_unsigned() & LOW) * (worth.cast_unsigned() & LOW)).cast_signed()
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
