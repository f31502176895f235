//! The curve against the definitions written out, whatever way it is fed.

use super::{Curve, Frame, Summary, Trading};
use crate::codes::{Cause, Moment, Role};
use crate::market::{Market, Series};
use crate::record::{Fill, Record};
use crate::settings::Settings;

const DAY_NS: i64 = 86_400_000_000_000;

fn settings(start_ns: Option<i64>) -> Settings {
    let text = include_str!("settings.json");
    let mut settings = Settings::from_json(text).expect("the settings are complete");
    settings.start_ns = start_ns;
    settings
}

fn frame(clock_ns: &[i64], start_ns: Option<i64>) -> Frame {
    let sessions = vec![0; clock_ns.len()];
    let ones = vec![1; clock_ns.len()];
    let series = Series {
        clock_index: None,
        time_ns: clock_ns,
        open: &ones,
        high: &ones,
        low: &ones,
        close: &ones,
        volume: &ones,
    };
    let market = Market::new(clock_ns, &sessions, vec![series]).expect("the columns fit");
    Frame::new(&market, &settings(start_ns), 365.0).expect("there is a rate")
}

/// A walk of some hundred points in whole cents around 1000.00.
fn walk(points: u32) -> Vec<i64> {
    let mut state = 12_345_u64;
    let mut value = 100_000_i64;
    (0..points)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            value += i64::try_from(state >> 55).expect("nine bits") - 250;
            value
        })
        .collect()
}

fn hours(count: i64) -> Vec<i64> {
    (1..=count).map(|hour| hour * (DAY_NS / 24)).collect()
}

fn plain_drawdown(frame: &Frame, equity: &[i64]) -> f64 {
    let mut peak = frame.money(frame.initial);
    let mut worst = 0.0_f64;
    for value in equity.iter().map(|value| frame.money(*value)) {
        peak = peak.max(value);
        worst = worst.max(1.0 - value / peak);
    }
    worst
}

#[test]
fn the_drawdown_is_that_of_every_point() {
    for count in [1, 7, 240, 2_400] {
        let frame = frame(&hours(i64::from(count)), None);
        let equity = walk(count);
        let mut curve = Curve::new(&frame);
        curve.points(&frame, &equity);
        assert_eq!(
            curve.max_drawdown(&frame).to_bits(),
            plain_drawdown(&frame, &equity).to_bits()
        );
    }
}

#[test]
fn pieces_give_the_same_bits_as_the_whole() {
    let frame = frame(&hours(500), None);
    let equity = walk(500);
    let trading = Trading::new(1);
    let mut whole = Curve::new(&frame);
    whole.points(&frame, &equity);
    let expected = Summary::new(&frame, &mut whole, &trading);
    for piece in [1, 3, 24, 499] {
        let mut curve = Curve::new(&frame);
        equity.chunks(piece).for_each(|part| curve.points(&frame, part));
        assert_eq!(curve.days_ended(), 21);
        assert_eq!(Summary::new(&frame, &mut curve, &trading), expected);
        curve.restart(&frame);
        curve.points(&frame, &equity);
        assert_eq!(Summary::new(&frame, &mut curve, &trading), expected);
    }
    assert!(expected.sharpe.is_some() && expected.sortino.is_some());
}

#[test]
fn ratios_by_hand() {
    let frame = frame(&[DAY_NS, 2 * DAY_NS, 3 * DAY_NS], None);
    let mut curve = Curve::new(&frame);
    curve.points(&frame, &[110_000, 99_000, 99_000]);
    let summary = Summary::new(&frame, &mut curve, &Trading::new(1));
    assert!((summary.final_equity - 990.0).abs() < 1e-12);
    assert!((summary.total_return.unwrap() + 0.01).abs() < 1e-12);
    assert!((summary.max_drawdown.unwrap() - 0.1).abs() < 1e-12);
    // returns 0.1, -0.1, 0: their mean is 0
    assert!(summary.sharpe.unwrap().abs() < 1e-9);
    assert_eq!(summary.win_rate, None);
    assert_eq!(summary.turnover, Some(0.0));
}

#[test]
fn what_is_not_defined_is_none() {
    let frame = frame(&[DAY_NS, 2 * DAY_NS], None);
    let mut flat = Curve::new(&frame);
    flat.points(&frame, &[100_000, 100_000]);
    let summary = Summary::new(&frame, &mut flat, &Trading::new(1));
    assert_eq!((summary.sharpe, summary.sortino), (None, None));
    let mut ruined = Curve::new(&frame);
    ruined.points(&frame, &[0, 5]);
    let summary = Summary::new(&frame, &mut ruined, &Trading::new(1));
    assert_eq!((summary.sharpe, summary.turnover), (None, None));
    assert_eq!(summary.max_drawdown, Some(1.0));
}

#[test]
fn the_window_begins_at_its_start() {
    let clock = hours(72);
    let frame = frame(&clock, Some(DAY_NS));
    assert_eq!((frame.first, frame.rows), (23, 49));
    assert_eq!(frame.day_ends, [0, 24, 48]);
    assert_eq!(frame.elapsed_ns, 2 * DAY_NS);
}

#[test]
fn trades_and_costs_are_counted_off_the_record() {
    let frame = frame(&hours(48), None);
    let fill = |clock: i32, side: i8, price: i64| Fill {
        price,
        quantity: 2,
        fee: 3,
        order: 1,
        clock,
        half_spread: 1,
        slippage: 2,
        instrument: 0,
        side,
        moment: Moment::Open,
        role: Role::Taker,
        cause: Cause::Arrival,
    };
    let record = Record {
        fills: vec![fill(0, 1, 100), fill(1, -1, 110), fill(2, 1, 100), fill(3, -1, 90)],
        equity: vec![100_000; 48],
        ..Record::default()
    };
    let summary = Summary::of_record(&frame, &record, &settings(None)).unwrap();
    assert_eq!((summary.fills, summary.trades), (4, 2));
    assert_eq!(summary.win_rate, Some(0.5));
    // four fills: a fee of 3 and 3 ticks on 2 lots each
    assert!((summary.total_costs - 0.36).abs() < 1e-12);
}
