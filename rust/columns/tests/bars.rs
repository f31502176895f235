//! A caller's Arrow columns as a market: nothing copied, everything checked.

use arrow_array::{Float64Array, Int32Array, Int64Array};
use triplebar_columns::bars::{BarColumns, MarketColumns};

fn integers(values: &[i64]) -> Int64Array {
    Int64Array::from(values.to_vec())
}

fn shown(length: usize) -> [Float64Array; 5] {
    std::array::from_fn(|_| Float64Array::from(vec![1.0; length]))
}

/// Two bars at ten ticks.
fn columns() -> BarColumns {
    BarColumns {
        clock_index: None,
        time_ns: integers(&[1, 2]),
        ticks: std::array::from_fn(|_| integers(&[10, 10])),
        volume: integers(&[5, 5]),
        shown: shown(2),
    }
}

fn market(columns: BarColumns) -> Result<MarketColumns, String> {
    let sessions = Int32Array::from(vec![0, 0]);
    MarketColumns::new(integers(&[1, 2]), sessions, vec![columns]).map_err(|error| error.to_string())
}

#[test]
fn the_market_reads_the_callers_memory() {
    let given = columns();
    let address = given.ticks[3].values().as_ptr();
    let market = market(given).unwrap();
    let view = market.view();
    assert_eq!(view.series[0].close, [10, 10]);
    assert_eq!(view.series[0].close.as_ptr(), address);
    assert_eq!((view.clock_ns, view.sessions), (&[1, 2][..], &[0, 0][..]));
    assert_eq!(view.series[0].tick_of(1), 1);
}

#[test]
fn a_sparse_series_brings_its_clock_index() {
    let sparse = BarColumns {
        clock_index: Some(Int32Array::from(vec![1])),
        time_ns: integers(&[2]),
        ticks: std::array::from_fn(|_| integers(&[10])),
        volume: integers(&[5]),
        shown: shown(1),
    };
    assert_eq!(market(sparse).unwrap().view().series[0].tick_of(0), 1);
}

#[test]
fn nulls_and_lengths_that_differ_are_refused_by_instrument() {
    let null = || Int64Array::from(vec![Some(10), None]);
    let mut nulls = columns();
    nulls.ticks[2] = null();
    let broken = [
        nulls,
        BarColumns {
            volume: null(),
            ..columns()
        },
        BarColumns {
            time_ns: null(),
            ..columns()
        },
        BarColumns {
            shown: std::array::from_fn(|_| Float64Array::from(vec![Some(1.0), None])),
            ..columns()
        },
        BarColumns {
            shown: shown(3),
            ..columns()
        },
        BarColumns {
            clock_index: Some(Int32Array::from(vec![Some(0), None])),
            ..columns()
        },
    ];
    for one in broken {
        let message = market(one).unwrap_err();
        assert_eq!(
            message,
            "market: instrument 0: columns must have equal lengths and no nulls"
        );
    }
}

#[test]
fn what_is_no_number_is_refused() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let odd = BarColumns {
            shown: std::array::from_fn(|at| Float64Array::from(vec![1.0, if at == 3 { value } else { 1.0 }])),
            ..columns()
        };
        assert!(
            market(odd)
                .unwrap_err()
                .contains("instrument 0: prices and volumes must be finite")
        );
    }
}

#[test]
fn what_the_core_refuses_is_refused() {
    let mut zero = columns();
    zero.ticks[2] = integers(&[10, 0]);
    assert!(market(zero).unwrap_err().contains("instrument 0: bar 1 breaks 0 < low"));
    let short = BarColumns {
        volume: integers(&[5]),
        ..columns()
    };
    assert!(market(short).unwrap_err().contains("columns differ in length"));
}

fn bar_columns(ticks: [&[i64]; 4], clock_index: Option<&[i32]>) -> BarColumns {
    let times: Vec<i64> = (1..=ticks[0].len()).map(|time| i64::try_from(time).unwrap()).collect();
    BarColumns {
        clock_index: clock_index.map(|index| Int32Array::from(index.to_vec())),
        time_ns: integers(&times),
        ticks: ticks.map(integers),
        volume: integers(&vec![5; times.len()]),
        shown: shown(times.len()),
    }
}

#[test]
fn prices_stand_tick_by_tick_where_they_can() {
    let market = |series: Vec<BarColumns>| {
        let clock = integers(&[1, 2, 3]);
        MarketColumns::new(clock, Int32Array::from(vec![0; 3]), series).unwrap()
    };
    let one = || bar_columns([&[2, 3, 4], &[9, 9, 9], &[1, 1, 1], &[5, 6, 7]], None);
    let other = |high: i64| bar_columns([&[3, 4, 5], &[high, 9, 9], &[1, 1, 1], &[8, 7, 6]], None);
    let both = market(vec![one(), other(9)]);
    let abreast = both.view().abreast;
    assert_eq!(abreast.width, 2);
    assert_eq!(abreast.open, [2, 3, 3, 4, 4, 5]);
    assert_eq!(abreast.opens(1), Some(&[3, 4][..]));
    assert_eq!(abreast.closes(1..3), Some(&[6, 7, 7, 6][..]));
    assert_eq!(both.columns().abreast.width, 0);
    let sparse = bar_columns([&[2, 3], &[9, 9], &[1, 1], &[5, 6]], Some(&[0, 1]));
    for series in [
        vec![one()],
        vec![one(), sparse],
        vec![one(), other(i64::from(i32::MAX) + 1)],
    ] {
        let market = market(series);
        assert_eq!(market.view().abreast.closes(0..1), None);
    }
    assert_eq!(market(vec![one(), other(i64::from(i32::MAX))]).view().abreast.width, 2);
}

#[test]
fn many_ticks_stand_as_their_columns_do() {
    let (ticks, width) = (1_000_i64, 7);
    let price = |at: i64, tick: i64| 5 + (tick * 31 + at * 17) % 97;
    let clock: Vec<i64> = (1..=ticks).collect();
    let series = (0..width).map(|at| {
        let closes: Vec<i64> = (0..ticks).map(|tick| price(at, tick)).collect();
        let opens: Vec<i64> = (0..ticks).map(|tick| price(at + 50, tick)).collect();
        let (high, low) = (vec![200; closes.len()], vec![1; closes.len()]);
        bar_columns([&opens, &high, &low, &closes], None)
    });
    let sessions = Int32Array::from(vec![0; clock.len()]);
    let market = MarketColumns::new(integers(&clock), sessions, series.collect()).unwrap();
    let view = market.view();
    for (tick, time) in clock.iter().enumerate() {
        let (opens, closes) = (
            view.abreast.opens(tick).unwrap(),
            view.abreast.closes(tick..tick + 1).unwrap(),
        );
        assert!(
            view.series
                .iter()
                .zip(opens)
                .all(|(one, open)| one.open[tick] == i64::from(*open))
        );
        assert!(
            view.series
                .iter()
                .zip(closes)
                .all(|(one, close)| one.close[tick] == i64::from(*close))
        );
        assert_eq!(market.time_at(tick), Some(*time));
    }
    assert_eq!((view.step_ns, market.time_at(clock.len())), (1, None));
}
