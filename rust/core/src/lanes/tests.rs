//! Bits and changes against loops that say what they mean; lanes against the engine.

use super::bits::{BLOCK, Cells};
use super::events::Changes;
use super::{Baseline, Condition, Doubt, Outcome, Rule, Sets, Sources, Sweep, Token};
use crate::error::Error;
use crate::market::{Market, Series};
use crate::settings::Settings;

const HOUR_NS: i64 = 3_600_000_000_000;

/// Numbers from 0 to 9 that repeat after a long while.
fn digits(count: usize, mut state: u64) -> Vec<f64> {
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(state >> 33).expect("31 bits") % 10)
    };
    (0..count).map(|_| next()).collect()
}

fn cells(state: u64) -> Box<Cells> {
    let mut cells = Box::new([0.0; BLOCK]);
    cells.copy_from_slice(&digits(BLOCK, state));
    cells[7] = f64::NAN;
    cells
}

fn above(left: u32, right: u32) -> Condition {
    Condition(vec![Token::Above(left, right)])
}

#[test]
fn comparisons_become_bits() {
    let (left, right) = (cells(1), cells(2));
    let both = Condition(vec![
        Token::Above(0, 1),
        Token::Reaches(0, 1),
        Token::Reaches(1, 0),
        Token::Or,
        Token::And,
    ]);
    let pick = |operand: u32| if operand == 0 { &*left } else { &*right };
    let (strict, joined) = (above(0, 1).over(pick), both.over(pick));
    for bar in 0..BLOCK {
        let (word, bit) = (bar / 64, bar % 64);
        assert_eq!(strict[word] >> bit & 1 == 1, left[bar] > right[bar], "bar {bar}");
        assert_eq!(joined[word] >> bit & 1 == 1, left[bar] > right[bar], "bar {bar}");
    }
}

#[test]
fn changes_are_where_the_side_changes() {
    let (left, right) = (cells(3), cells(4));
    let pick = |operand: u32| if operand == 0 { &*left } else { &*right };
    let rule = Rule::Hold {
        long: above(0, 1),
        short: Some(above(1, 0)),
    };
    let mut changes = Changes::default();
    changes.take(&rule, 0, pick);
    changes.take(&rule, BLOCK, pick);
    let mut expected = Vec::new();
    let mut side = 0;
    for bar in 0..2 * BLOCK {
        let (one, other) = (left[bar % BLOCK], right[bar % BLOCK]);
        let now = i64::from(one > other) - i64::from(other > one);
        if now != side {
            expected.push((bar, now));
            side = now;
        }
    }
    let found: Vec<_> = changes
        .list
        .iter()
        .map(|change| (change.bar(), change.side()))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn rules_that_are_not_whole_are_refused() {
    let condition = |tokens: Vec<Token>| Rule::Hold {
        long: Condition(tokens),
        short: None,
    };
    let deep = std::iter::repeat_n(Token::Above(0, 0), 20)
        .chain(std::iter::repeat_n(Token::And, 19))
        .collect();
    let bad = [
        vec![],
        vec![Token::And],
        vec![Token::Above(0, 1), Token::Above(0, 1)],
        vec![Token::Above(0, 2)],
        deep,
    ];
    for tokens in bad {
        assert!(condition(tokens.clone()).check(2).is_err(), "{tokens:?}");
    }
    let read: Rule = serde_json::from_str(
        r#"{"enter":{"long":[{"above":[0,1]}],"exit":[{"reaches":[1,0]}],"short":null,"cover":null}}"#,
    )
    .expect("a rule as Python writes it");
    assert!(read.check(2).is_ok());
}

struct Bars {
    clock: Vec<i64>,
    sessions: Vec<i32>,
    prices: Vec<[Vec<i64>; 5]>,
    places: Vec<Vec<i32>>,
    times: Vec<Vec<i64>>,
}

/// Two instruments, the second without every seventh bar.
#[expect(clippy::cast_possible_truncation, reason = "digits")]
fn bars(count: usize) -> Bars {
    let clock: Vec<i64> = (1..=i64::try_from(count).expect("few bars"))
        .map(|hour| hour * HOUR_NS)
        .collect();
    let walk = |seed: u64| {
        let mut price = 1_000_i64;
        digits(count, seed)
            .iter()
            .map(|step| {
                price += *step as i64 - 4;
                price.max(50)
            })
            .collect::<Vec<_>>()
    };
    let kept: Vec<Vec<usize>> = vec![(0..count).collect(), (0..count).filter(|row| row % 7 != 3).collect()];
    let mut prices = Vec::new();
    for (seed, rows) in (5..).zip(&kept) {
        let close = walk(seed);
        let column = |shift: i64| rows.iter().map(|row| close[*row] + shift).collect::<Vec<_>>();
        prices.push([column(1), column(3), column(-3), column(0), vec![50; rows.len()]]);
    }
    let place = |row: &usize| i32::try_from(*row).expect("few bars");
    Bars {
        sessions: vec![0; count],
        places: kept.iter().map(|rows| rows.iter().map(place).collect()).collect(),
        times: kept
            .iter()
            .map(|rows| rows.iter().map(|row| clock[*row]).collect())
            .collect(),
        clock,
        prices,
    }
}

impl Bars {
    fn market(&self) -> Market<'_> {
        let series = self.prices.iter().zip(&self.places).zip(&self.times);
        let series = series.map(|(([open, high, low, close, volume], places), times)| Series {
            clock_index: Some(places),
            time_ns: times,
            open,
            high,
            low,
            close,
            volume,
        });
        Market::new(&self.clock, &self.sessions, series.collect()).expect("the columns fit")
    }
}

fn settings(change: impl Fn(&mut Settings)) -> Settings {
    let mut settings =
        Settings::from_json(include_str!("../summary/settings.json")).expect("the settings are complete");
    let mut second = settings.instruments[0].clone();
    second.symbol = "Y".into();
    settings.instruments.push(second);
    settings.cash = vec![10_000_000];
    change(&mut settings);
    settings
}

/// All pairs of five columns of digits and two numbers, long and short.
fn outcomes(settings: &Settings, count: usize, by_engine: bool, goes_on: bool) -> Vec<Outcome> {
    let bars = bars(count);
    let market = bars.market();
    let columns: Vec<Vec<Vec<f64>>> = market
        .series
        .iter()
        .map(|series| (10..15).map(|seed| digits(series.len(), seed)).collect())
        .collect();
    let sources = Sources {
        columns: columns
            .iter()
            .map(|one| one.iter().map(|column| &column[..]).collect())
            .collect(),
        numbers: vec![3.0, 6.0],
    };
    let rule = Rule::Hold {
        long: above(0, 1),
        short: Some(above(1, 0)),
    };
    let operands: Vec<u32> = (0..7)
        .flat_map(|one| (0..7).flat_map(move |other| [one, other]))
        .collect();
    let sizes = vec![2.0; 49];
    let sets = Sets {
        operands: &operands,
        width: 2,
        sizes: &sizes,
    };
    let sweep = Sweep::new(&rule, &sources, &market, settings, 365.0, by_engine).expect("everything fits");
    sweep
        .run(Baseline, &sets, 2, || Ok(()), |_| Ok::<_, Error>(goes_on))
        .expect("it runs")
}

#[test]
fn lanes_are_the_engine() {
    let changes: [fn(&mut Settings); 4] = [
        |_| (),
        |settings| settings.warmup_bars = 9,
        |settings| settings.start_ns = Some(40 * HOUR_NS),
        |settings| {
            settings.instruments[0].commission.taker_ppb = 200_000;
            settings.instruments[1].slippage_ppb = 100_000;
            settings.instruments[1].half_spread_ticks = 1;
            settings.fill = crate::codes::FillConvention::SameClose;
        },
    ];
    for change in changes {
        let settings = settings(change);
        let lanes = outcomes(&settings, 300, false, true);
        let engine = outcomes(&settings, 300, true, true);
        assert_eq!(lanes.len(), 49);
        assert!(lanes.iter().all(|outcome| outcome.doubt.is_none()));
        assert!(
            engine
                .iter()
                .all(|outcome| outcome.doubt == Some(Doubt::Setting("asked for")))
        );
        for (lane, alone) in lanes.iter().zip(&engine) {
            assert_eq!(lane.summary, alone.summary);
        }
        assert!(lanes.iter().any(|outcome| outcome.summary.trades > 20));
    }
}

#[test]
fn what_is_refused_is_left_to_the_engine() {
    let poor = settings(|settings| settings.cash = vec![1_500]);
    let (lanes, engine) = (outcomes(&poor, 300, false, true), outcomes(&poor, 300, true, true));
    assert!(lanes.iter().any(|outcome| outcome.doubt == Some(Doubt::Refusal)));
    for (lane, alone) in lanes.iter().zip(&engine) {
        assert_eq!(lane.summary, alone.summary);
    }
    assert_eq!(Doubt::Refusal.text(), "an order that is refused");
    assert_eq!(Doubt::Range.text(), "numbers above 2^53");
}

#[test]
fn a_sweep_that_is_stopped_has_the_first_sets() {
    // Nobody can be sure that the threads are still at work when they are told to stop.
    let stopped = outcomes(&settings(|_| ()), 20_000, true, false);
    assert_eq!(stopped.len() % 7, 0);
}

#[test]
fn columns_and_sets_that_do_not_fit_are_refused() {
    let bars = bars(20);
    let market = bars.market();
    let (settings, short) = (settings(|_| ()), vec![0.0; 3]);
    let rule = Rule::Hold {
        long: above(0, 0),
        short: None,
    };
    let sources = Sources {
        columns: vec![vec![&short[..]], vec![&short[..]]],
        numbers: vec![],
    };
    assert!(Sweep::new(&rule, &sources, &market, &settings, 365.0, false).is_err());
    let none = Sources {
        columns: vec![vec![], vec![]],
        numbers: vec![1.0],
    };
    let sweep = Sweep::new(&rule, &none, &market, &settings, 365.0, false).expect("numbers fit everything");
    let run = |operands: &[u32]| {
        let sets = Sets {
            operands,
            width: 1,
            sizes: &[1.0],
        };
        sweep.run(Baseline, &sets, 1, || Ok(()), |_| Ok::<_, Error>(true))
    };
    assert!(run(&[1]).is_err());
    assert!(run(&[0, 0]).is_err());
    assert_eq!(run(&[0]).expect("it runs").len(), 1);
}
