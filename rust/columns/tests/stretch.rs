//! Sums of a stretch against the plain ones, with every set of instructions that this machine has.

use triplebar_columns::wide::Level;
use triplebar_core::account::Holding;
use triplebar_core::lanes::{Baseline, Wide};
use triplebar_core::market::{Abreast, Series};
use triplebar_core::position::Position;
use triplebar_core::stretch::{Adder, Held, Stretch, push};
use triplebar_core::units::PPB;

/// Numbers that look like chance.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 32) % end
    }

    fn small(&mut self, end: u64) -> usize {
        usize::try_from(self.below(end)).expect("a small number")
    }

    /// Of any magnitude, but under 2^62, and often next to a power of two: where 32 bits end is where ways part.
    fn number(&mut self) -> i64 {
        let power = 1_i64 << self.below(62);
        match self.below(4) {
            0 => power,
            1 => power.max(2) - 1,
            _ => power + i64::try_from(self.below(power.unsigned_abs())).expect("less than a power of two"),
        }
    }

    fn signed(&mut self) -> i64 {
        let number = self.number();
        if self.below(2) == 0 { number } else { -number }
    }
}

struct Case {
    holdings: Vec<Holding>,
    closes: Vec<Vec<i64>>,
    close: Vec<i32>,
    rows: usize,
    from: usize,
    cash: i64,
}

impl Case {
    fn of(chance: &mut Chance) -> Self {
        let (rows, from) = (chance.small(70), chance.small(5));
        let count = [0, 1, 2, 3, 7, 8, 9, 30][chance.small(8)];
        // Short and long positions of numbers that have 32 bits, or anything.
        let small = chance.below(2) == 0;
        let mut holdings = Vec::new();
        let mut closes = Vec::new();
        let (one_unit, unit) = (chance.below(4) > 0, chance.number());
        let rare = chance.below(3) == 0;
        for _ in 0..count {
            let lots = if chance.below(if rare { 20 } else { 4 }) == 0 || rare && chance.below(8) > 0 {
                0
            } else {
                chance.signed()
            };
            holdings.push(Holding {
                position: Position {
                    lots: if small { lots % 4_000 } else { lots },
                    ..Position::default()
                },
                mark: 1,
                unit: if one_unit { unit } else { chance.number() },
                rate: if chance.below(8) == 0 { PPB + 1 } else { PPB },
                currency: 0,
                reach_of_lot: 1,
            });
            let most = if small { i64::from(i32::MAX) } else { chance.number() };
            let mut column: Vec<i64> = (0..from + rows + 3).map(|_| chance.number() % most + 1).collect();
            column[from] = most;
            closes.push(column);
        }
        let ticks = 0..from + rows + 3;
        let side_by_side = ticks.flat_map(|tick| closes.iter().map(move |column| i32::try_from(column[tick]).ok()));
        let close = side_by_side.collect::<Option<Vec<i32>>>().unwrap_or_default();
        Self {
            holdings,
            closes,
            close,
            rows,
            from,
            cash: chance.signed(),
        }
    }

    fn expected(&self) -> Vec<i64> {
        let held = || {
            self.holdings
                .iter()
                .zip(&self.closes)
                .filter(|(one, _)| one.rate == PPB)
        };
        (self.from..self.from + self.rows)
            .map(|row| {
                held().fold(self.cash, |sum, (one, closes)| {
                    sum.wrapping_add(closes[row].wrapping_mul(one.position.lots).wrapping_mul(one.unit))
                })
            })
            .collect()
    }

    fn abreast(&self) -> Abreast<'_> {
        Abreast {
            width: if self.close.is_empty() { 0 } else { self.closes.len() },
            open: &[],
            close: &self.close,
        }
    }

    fn found(&self, adder: &dyn Adder, abreast: Abreast<'_>) -> Vec<i64> {
        let series: Vec<Series<'_>> = self.closes.iter().map(|closes| series(closes)).collect();
        let mut rows = vec![self.cash; self.rows];
        let mut held = Held::default();
        held.look(&self.holdings);
        adder.add(Stretch {
            rows: &mut rows,
            from: self.from,
            held: &held,
            series: &series,
            abreast,
        });
        rows
    }
}

fn series(closes: &[i64]) -> Series<'_> {
    Series {
        clock_index: None,
        time_ns: closes,
        open: closes,
        high: closes,
        low: closes,
        close: closes,
        volume: closes,
    }
}

#[test]
fn every_level_adds_up_what_the_plain_sum_says() {
    let mut chance = Chance(7);
    let levels: Vec<Level> = Level::ALL.into_iter().filter(|level| level.is_here()).collect();
    let (mut rows, mut halves) = (0, 0);
    for _ in 0..3_000 {
        let case = Case::of(&mut chance);
        let expected = case.expected();
        rows += expected.len();
        halves += usize::from(case.abreast().width > 0);
        for abreast in [Abreast::default(), case.abreast()] {
            assert_eq!(case.found(&Baseline, abreast), expected);
            for level in &levels {
                assert_eq!(case.found(level.adder(), abreast), expected, "{}", level.text());
            }
        }
    }
    assert!(
        rows > 50_000 && halves > 500 && !levels.is_empty(),
        "{rows} rows, {halves} cases in 32 bits, at {} levels",
        levels.len()
    );
}

#[test]
fn the_rows_of_one_instrument_are_pushed_as_the_plain_product_says() {
    let mut chance = Chance(8);
    let mut rows = 0;
    for _ in 0..3_000 {
        let case = Case::of(&mut chance);
        for (holding, closes) in case.holdings.iter().zip(&case.closes) {
            let mut column = vec![5];
            let highest = closes.iter().copied().max().expect("there are prices");
            push(&mut column, case.cash, closes, highest, holding.worth_of_tick());
            let plain = closes.iter().map(|close| {
                case.cash
                    .wrapping_add(close.wrapping_mul(holding.position.lots).wrapping_mul(holding.unit))
            });
            assert!(column[1..].iter().copied().eq(plain));
            rows += closes.len();
        }
    }
    assert!(rows > 50_000, "{rows} rows");
}

#[test]
fn an_adder_is_of_its_level() {
    for level in Level::ALL {
        assert_eq!(format!("{:?}", level.adder()), format!("{level:?}"));
        assert_eq!(level.fuses(), level == Level::Avx512 && level.is_here());
    }
}
