//! Where a position changes: bits in, bars and sides out.

use super::bits::{Bits, Cells, WORDS};
use super::rule::Rule;

/// A change of side at a bar, in one word: the bar times four, and the side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Change(u32);

/// The most bars that a change can name.
pub(super) const BARS_MAX: usize = 1 << 30;

const FLAT: u32 = 0;
const LONG: u32 = 1;
const SHORT: u32 = 2;

impl Change {
    #[inline]
    fn new(bar: usize, side: u32) -> Self {
        debug_assert!(bar < BARS_MAX);
        #[expect(clippy::cast_possible_truncation, reason = "the sweep refuses longer markets")]
        Self((bar as u32) << 2 | side)
    }

    /// The bar at whose close it is decided.
    #[inline]
    pub(super) fn bar(self) -> usize {
        (self.0 >> 2) as usize
    }

    /// The side from then on: 1, 0 or -1.
    #[inline]
    pub(super) fn side(self) -> i64 {
        match self.0 & 3 {
            LONG => 1,
            SHORT => -1,
            _ => 0,
        }
    }
}

/// The side after the last block, and the changes so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Changes {
    pub(super) list: Vec<Change>,
    side: u32,
}

impl Changes {
    pub(super) fn restart(&mut self) {
        self.list.clear();
        self.side = FLAT;
    }

    /// Takes the block that begins at bar `from`.
    #[inline(always)]
    pub(super) fn take<'a>(&mut self, rule: &Rule, from: usize, cells: impl Fn(u32) -> &'a Cells) {
        match rule {
            Rule::Hold { long, short } => {
                let long = long.over(&cells);
                let short = short.as_ref().map_or([0; WORDS], |short| short.over(&cells));
                self.hold(from, &long, &short);
            }
            Rule::Enter {
                long,
                exit,
                short,
                cover,
            } => {
                let none = [0; WORDS];
                let (long, exit) = (long.over(&cells), exit.over(&cells));
                let short = short.as_ref().map_or(none, |short| short.over(&cells));
                let cover = cover.as_ref().map_or(none, |cover| cover.over(&cells));
                self.enter(from, [&long, &exit, &short, &cover]);
            }
        }
    }

    #[inline]
    fn hold(&mut self, from: usize, long: &Bits, short: &Bits) {
        for word in 0..WORDS {
            let (up, down) = (long[word] & !short[word], short[word] & !long[word]);
            let before_up = up << 1 | u64::from(self.side == LONG);
            let before_down = down << 1 | u64::from(self.side == SHORT);
            let mut changed = (up ^ before_up) | (down ^ before_down);
            while changed != 0 {
                let bit = changed.trailing_zeros();
                changed &= changed - 1;
                let side = ((up >> bit) & 1) | ((down >> bit) & 1) << 1;
                #[expect(clippy::cast_possible_truncation, reason = "two bits")]
                let side = side as u32;
                self.list.push(Change::new(from + word * 64 + bit as usize, side));
                self.side = side;
            }
        }
    }

    #[inline]
    fn enter(&mut self, from: usize, [long, exit, short, cover]: [&Bits; 4]) {
        for word in 0..WORDS {
            let (enter, leave) = (long[word] & !exit[word], exit[word] & !long[word]);
            let (enter_short, leave_short) = (short[word] & !cover[word], cover[word] & !short[word]);
            let (enter, enter_short) = (enter & !enter_short, enter_short & !enter);
            let mut ahead = u64::MAX;
            loop {
                let awaited = match self.side {
                    LONG => leave | enter_short,
                    SHORT => leave_short | enter,
                    _ => enter | enter_short,
                } & ahead;
                if awaited == 0 {
                    break;
                }
                let bit = awaited.trailing_zeros();
                let here = 1_u64 << bit;
                self.side = if enter & here != 0 {
                    LONG
                } else if enter_short & here != 0 {
                    SHORT
                } else {
                    FLAT
                };
                self.list.push(Change::new(from + word * 64 + bit as usize, self.side));
                ahead = if bit == 63 { 0 } else { u64::MAX << (bit + 1) };
            }
        }
    }
}
