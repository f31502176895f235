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
