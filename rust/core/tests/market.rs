//! Columns that make no market, each refused with its place.

mod common;

use common::{CLOCK_NS, SESSIONS, market, series, text};
use triplebar_core::market::{Market, Series};

fn refusal(series: Series) -> String {
    text(Market::new(&CLOCK_NS, &SESSIONS, vec![common::series(), series]))
}

#[test]
fn clocks_that_make_no_sense_are_refused() {
    let sessions = text(Market::new(&CLOCK_NS, &SESSIONS[..3], vec![]));
    assert_eq!(sessions, "market: the clock has 4 ticks, the sessions 3");
    for clock in [[1, 1, 2, 3], [2, 1, 3, 4]] {
        let message = text(Market::new(&clock, &SESSIONS, vec![]));
        assert_eq!(message, "market: clock times must be distinct and ascending");
    }
}

#[test]
fn columns_of_another_length_name_their_instrument() {
    let short: &[i64] = &[1, 1, 1];
    let shortened = [
        Series {
            time_ns: short,
            ..series()
        },
        Series {
            open: short,
            ..series()
        },
        Series {
            high: short,
            ..series()
        },
        Series { low: short, ..series() },
        Series {
            volume: short,
            ..series()
        },
    ];
    for one in shortened {
        let message = refusal(one);
        assert!(
            message.starts_with("market: instrument 1: columns differ in length: 4 closes"),
            "{message}"
        );
    }
    let message = refusal(Series {
        clock_index: Some(&[0, 1, 2]),
        ..series()
    });
    assert_eq!(message, "market: instrument 1: needs one clock index a bar");
}

#[test]
fn a_bar_that_contradicts_itself_is_named_by_its_row() {
    let broken = [
        Series {
            low: &[99, 100, 0, 102],
            ..series()
        },
        Series {
            low: &[99, 100, 103, 102],
            ..series()
        },
        Series {
            high: &[101, 102, 101, 104],
            ..series()
        },
        Series {
            close: &[100, 101, 104, 103],
            ..series()
        },
        Series {
            open: &[100, 101, 100, 103],
            ..series()
        },
        Series {
            volume: &[0, 0, -1, 0],
            ..series()
        },
    ];
    for one in broken {
        let message = refusal(one);
        assert!(
            message.starts_with("market: instrument 1: bar 2 breaks 0 < low"),
            "{message}"
        );
    }
}

#[test]
fn a_series_without_index_has_the_times_of_the_clock() {
    let message = refusal(Series {
        time_ns: &[1, 2, 3, 4],
        ..series()
    });
    assert_eq!(message, "market: instrument 1: times differ from the clock");
}

#[test]
fn clock_indices_ascend_and_point_at_the_bars_own_times() {
    for index in [[0, 1, 1, 3], [1, 0, 2, 3], [-1, 1, 2, 3], [0, 1, 2, 4]] {
        let message = refusal(Series {
            clock_index: Some(&index),
            ..series()
        });
        assert_eq!(
            message,
            "market: instrument 1: clock indices must ascend and point at the bars' own times"
        );
    }
    let shifted = [CLOCK_NS[0], CLOCK_NS[2], CLOCK_NS[1], CLOCK_NS[3]];
    let message = refusal(Series {
        clock_index: Some(&[0, 1, 2, 3]),
        time_ns: &shifted,
        ..series()
    });
    assert!(message.contains("bars' own times"), "{message}");
}

#[test]
fn a_series_knows_where_its_bars_stand() {
    let sparse = Series {
        clock_index: Some(&[1, 3]),
        time_ns: &[CLOCK_NS[1], CLOCK_NS[3]],
        open: &[5, 5],
        high: &[5, 5],
        low: &[5, 5],
        close: &[5, 5],
        volume: &[0, 0],
    };
    let both = Market::new(&CLOCK_NS, &SESSIONS, vec![series(), sparse]).unwrap();
    assert_eq!((both.series[1].tick_of(1), both.series[0].tick_of(1)), (3, 1));
    assert_eq!((sparse.len(), sparse.is_empty()), (2, false));
    let none: &[i64] = &[];
    let empty = Series {
        clock_index: Some(&[]),
        time_ns: none,
        open: none,
        high: none,
        low: none,
        close: none,
        volume: none,
    };
    assert!(Market::new(&CLOCK_NS, &SESSIONS, vec![empty]).unwrap().series[0].is_empty());
    assert_eq!(market().clock_ns.len(), 4);
}
