//! Random portfolios for the overlay, and the overlay as one would write it on paper.

use proptest::prelude::*;
use std::cmp::{Ordering, Reverse};
use triplebar_core::risk::{Bound, Capped, Caps, CapsConfig, Names, Overlay, Steps, Targets};

/// One row of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The token.
    pub symbol: &'static str,
    /// +1 or -1.
    pub side: i8,
    /// Minor units.
    pub amount: i64,
}

/// Names as they stand.
#[derive(Debug)]
pub struct Symbols(Vec<&'static str>);

impl Names for Symbols {
    /// The first byte alone: the kernel has to do without a good key.
    fn key(&self, row: usize) -> u64 {
        u64::from(self.0[row].as_bytes()[0])
    }

    fn compare(&self, one: usize, other: usize) -> Ordering {
        self.0[one].cmp(self.0[other])
    }
}

/// What the kernel makes of one group.
///
/// # Panics
/// A sum does not fit 64 bits: the generators stay far below.
#[must_use]
pub fn capped(rows: &[Target], caps: CapsConfig, account: i64, steps: Steps) -> Vec<(i64, Bound)> {
    let names = Symbols(rows.iter().map(|row| row.symbol).collect());
    let sides: Vec<i8> = rows.iter().map(|row| row.side).collect();
    let wanted: Vec<i64> = rows.iter().map(|row| row.amount).collect();
    let (mut amounts, mut bounds) = (vec![0; rows.len()], vec![0; rows.len()]);
    let targets = Targets {
        names: &names,
        sides: &sides,
        amounts: &wanted,
    };
    let mut out = Capped {
        amounts: &mut amounts,
        bounds: &mut bounds,
    };
    let caps = Caps::new(caps).expect("the generators give caps that make sense");
    let mut overlay = Overlay::new(caps, steps);
    let places = 0..u32::try_from(rows.len()).expect("a group is small");
    overlay
        .apply(&targets, places, account, &mut out)
        .expect("sums stay far below 64 bits");
    let bounds = bounds.iter().map(|code| Bound::ALL[usize::from(*code)]);
    amounts.iter().copied().zip(bounds).collect()
}

/// The ranks that the kernel gives.
///
/// # Panics
/// As [`capped`].
#[must_use]
pub fn ranked(rows: &[Target]) -> Vec<u32> {
    let names = Symbols(rows.iter().map(|row| row.symbol).collect());
    let sides: Vec<i8> = rows.iter().map(|row| row.side).collect();
    let wanted: Vec<i64> = rows.iter().map(|row| row.amount).collect();
    let targets = Targets {
        names: &names,
        sides: &sides,
        amounts: &wanted,
    };
    let caps = Caps::new(CapsConfig::default()).expect("no caps make sense");
    let mut ranks = vec![0; rows.len()];
    let places = 0..u32::try_from(rows.len()).expect("a group is small");
    Overlay::new(caps, Steps::ALL)
        .rank(&targets, places, &mut ranks)
        .expect("sums stay far below 64 bits");
    ranks
}

/// One side of one token, on paper.
#[derive(Debug, Clone)]
struct Line {
    symbol: &'static str,
    side: i8,
    amount: i128,
    bound: Bound,
}

/// The answer on paper, all steps taken.
#[must_use]
pub fn on_paper(rows: &[Target], caps: &CapsConfig, account: i64) -> Vec<(i64, Bound)> {
    let mut lines: Vec<Line> = Vec::new();
    for row in rows {
        let amount = i128::from(row.amount);
        match lines.iter_mut().find(|line| is_of(line, row)) {
            Some(line) => line.amount += amount,
            None => lines.push(Line {
                symbol: row.symbol,
                side: row.side,
                amount,
                bound: Bound::None,
            }),
        }
    }
    lines.sort_by_key(|line| (line.symbol, Reverse(line.side)));
    if account <= 0 {
        for line in &mut lines {
            cut(line, 0, Bound::Account);
        }
    } else {
        take_steps(&mut lines, caps, account);
    }
    let part = |row: &Target| {
        let line = lines.iter().find(|line| is_of(line, row));
        line.map_or((0, Bound::None), |line| (line.amount, line.bound))
    };
    (0..rows.len()).map(|at| shared(rows, at, part(&rows[at]))).collect()
}

fn is_of(line: &Line, row: &Target) -> bool {
    (line.symbol, line.side) == (row.symbol, row.side)
}

fn cut(line: &mut Line, most: i128, bound: Bound) {
    if line.amount > most {
        (line.amount, line.bound) = (most, bound);
    }
}

fn take_steps(lines: &mut [Line], caps: &CapsConfig, account: i64) {
    let of = |share: Option<i64>| share.map_or(i128::MAX, |ppb| i128::from(account) * i128::from(ppb) / 1_000_000_000);
    for at in 0..lines.len() {
        for other in 0..lines.len() {
            if lines[at].symbol == lines[other].symbol && lines[at].side > lines[other].side {
                let both = lines[at].amount.min(lines[other].amount);
                let (one, two) = (lines[at].amount - both, lines[other].amount - both);
                cut(&mut lines[at], one, Bound::Net);
                cut(&mut lines[other], two, Bound::Net);
            }
        }
    }
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by_key(|at| (Reverse(lines[*at].amount), *at));
    for at in order
        .into_iter()
        .skip(caps.positions.map_or(usize::MAX, |count| count as usize))
    {
        cut(&mut lines[at], 0, Bound::Positions);
    }
    let (share, money) = (of(caps.position_ppb), caps.position_minor.map_or(i128::MAX, i128::from));
    let by = if money < share {
        Bound::PerPositionUsd
    } else {
        Bound::PerPosition
    };
    for line in lines.iter_mut() {
        cut(line, share.min(money), by);
        cut(line, of(caps.token_ppb), Bound::PerToken);
    }
    scale(lines, of(caps.long_ppb), Bound::Long, |line| line.side > 0);
    scale(lines, of(caps.short_ppb), Bound::Short, |line| line.side < 0);
    scale(lines, of(caps.total_ppb), Bound::Total, |_| true);
    scale(lines, of(caps.leverage_ppb), Bound::Leverage, |_| true);
}

fn scale(lines: &mut [Line], most: i128, bound: Bound, chosen: impl Fn(&Line) -> bool) {
    let whole: i128 = lines.iter().filter(|line| chosen(line)).map(|line| line.amount).sum();
    if whole > most {
        for line in lines.iter_mut().filter(|line| chosen(line)) {
            let may = line.amount * most / whole;
            cut(line, may, bound);
        }
    }
}

/// One row's part of its line: running sums in proportion, the largest row first.
fn shared(rows: &[Target], at: usize, (amount, bound): (i128, Bound)) -> (i64, Bound) {
    let mine = &rows[at];
    let same = |row: &&Target| (row.symbol, row.side) == (mine.symbol, mine.side);
    let whole: i128 = rows.iter().filter(same).map(|row| i128::from(row.amount)).sum();
    let earlier =
        |(place, row): &(usize, &Target)| same(row) && (Reverse(row.amount), *place) < (Reverse(mine.amount), at);
    let before: i128 = rows
        .iter()
        .enumerate()
        .filter(earlier)
        .map(|(_, row)| i128::from(row.amount))
        .sum();
    let up_to = |wanted: i128| if whole == 0 { 0 } else { wanted * amount / whole };
    let may = up_to(before + i128::from(mine.amount)) - up_to(before);
    let may = i64::try_from(may).unwrap_or(i64::MAX);
    (may, if may < mine.amount { bound } else { Bound::None })
}

const SYMBOLS: [&str; 8] = ["A", "AB", "ABC", "B", "BA", "C", "CA", "Z"];

/// Rows of one group.
pub fn rows() -> impl Strategy<Value = Vec<Target>> {
    let amount = prop_oneof![0..100_i64, 0..10_000_000_i64, 0..1_000_000_000_000_i64];
    let row = (prop::sample::select(&SYMBOLS[..]), prop::bool::ANY, amount).prop_map(|(symbol, long, amount)| Target {
        symbol,
        side: if long { 1 } else { -1 },
        amount,
    });
    prop::collection::vec(row, 1..=25)
}

/// What an account is worth, minor units.
pub fn account() -> impl Strategy<Value = i64> {
    prop_oneof![-5..1_000_i64, 1..100_000_000_i64, 1..10_000_000_000_000_i64]
}

/// Caps that make sense, each there or not.
pub fn caps() -> impl Strategy<Value = CapsConfig> {
    let share = |most: i64| prop::option::of(1_000_000..most * 1_000_000);
    (
        (share(500), prop::option::of(1..1_000_000_000_i64), share(500)),
        (share(1_000), share(1_000), share(1_500)),
        (prop::option::of(1..8_u32), share(5_000)),
    )
        .prop_map(
            |((position_ppb, position_minor, token_ppb), sides, (positions, leverage_ppb))| {
                let (long_ppb, short_ppb, total_ppb) = sides;
                CapsConfig {
                    position_ppb,
                    position_minor,
                    token_ppb,
                    long_ppb,
                    short_ppb,
                    total_ppb,
                    positions,
                    leverage_ppb,
                }
            },
        )
}
