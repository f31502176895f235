//! Numbers at the edge of 64 bits, and random draws that never change.

use triplebar_core::error::{Fault, Result};
use triplebar_core::grid::{Grid, Toward};
use triplebar_core::position::{Position, share};
use triplebar_core::random::{draw, fnv1a64, splitmix, stream_key};
use triplebar_core::units::{PPB, ratio_down, ratio_nearest, ratio_up, scale, sum, worth};

fn overflows<T: std::fmt::Debug>(result: Result<T>) {
    let error = result.expect_err("leaves the 64-bit range");
    assert!(matches!(error.fault(), Fault::Overflow { .. }), "{error}");
    let message = error.to_string();
    assert!(
        message.contains("does not fit 64-bit integers; lower `cash_precision`"),
        "{message}"
    );
}

#[test]
fn what_leaves_the_range_is_an_error_and_never_wraps() {
    overflows(worth(i64::MAX, 1, 2));
    overflows(worth(1 << 32, 1 << 31, 1));
    overflows(sum(i64::MIN, -1));
    overflows(scale(i64::MAX, 2 * PPB));
    overflows(ratio_nearest(i64::MAX, 3, 2));
    overflows(ratio_up(i64::MAX, 3, 2));
    overflows(ratio_down(i64::MAX, 3, 2));
}

#[test]
fn the_edge_itself_is_in_the_range() {
    assert_eq!(worth(i64::MAX, 1, 1), Ok(i64::MAX));
    assert_eq!(sum(i64::MAX, i64::MIN), Ok(-1));
    assert_eq!(scale(i64::MAX, PPB), Ok(i64::MAX));
    assert_eq!(scale(i64::MIN + 1, PPB), Ok(i64::MIN + 1));
    assert_eq!(ratio_nearest(i64::MAX, 7, 7), Ok(i64::MAX));
    assert_eq!(ratio_nearest(-i64::MAX, 7, 7), Ok(-i64::MAX));
    assert_eq!((ratio_up(7, 3, 2), ratio_down(7, 3, 2)), (Ok(11), Ok(10)));
}

/// S-67: a flip closes everything at the old cost and opens the rest at the new price; margin follows S-63.
#[test]
fn a_flip_closes_then_opens() {
    let held = Position {
        lots: 3,
        cost: 301,
        margin: 51,
    };
    let outcome = held.after(-1, 5, 110, 1, Some(2_000)).unwrap();
    assert_eq!(outcome.realised, 330 - 301);
    assert_eq!(outcome.paid, -550);
    assert_eq!(
        outcome.position,
        Position {
            lots: -2,
            cost: -220,
            margin: 110
        }
    );
    assert_eq!((share(-10, 1, 3), share(10, 3, 3)), (Ok(-3), Ok(10)));
}

#[test]
fn positions_that_leave_the_range_are_errors() {
    let flat = Position::default();
    overflows(flat.after(1, i64::MAX, 2, 1, None));
    overflows(flat.after(1, i64::MAX / 2, 2, 1, Some(1)));
    let large = Position {
        lots: i64::MAX,
        cost: 0,
        margin: 0,
    };
    overflows(large.after(1, 1, 1, 1, None));
}

/// S-02: every direction, steps, and numbers that no grid holds.
#[test]
fn the_grid_places_every_number() {
    let placed = |toward, value| {
        let placed = Grid::new(1, 5).place(value, toward);
        (placed.steps, placed.exact)
    };
    assert_eq!(placed(Toward::Down, 1.0), (10, true));
    assert_eq!(placed(Toward::Down, 1.4), (10, false));
    assert_eq!(placed(Toward::Up, 1.04), (15, false));
    assert_eq!(placed(Toward::Nearest, 1.2), (10, false));
    assert_eq!(placed(Toward::Nearest, 1.26), (15, false));
    assert_eq!(placed(Toward::Down, -0.1), (-5, false));
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e18] {
        assert_eq!(placed(Toward::Nearest, value), (0, false));
    }
}

/// S-56: the numbers that Python draws, too.
#[test]
fn draws_are_what_they_always_were() {
    assert_eq!(splitmix(0), 16_294_208_416_658_607_535);
    assert_eq!(fnv1a64("latency"), 12_613_563_399_833_039_545);
    assert_eq!(stream_key(7, "misses"), 4_862_274_515_233_746_278);
    assert_eq!(draw(stream_key(7, "misses"), 3), 8_765_116_876_873_122_044);
    assert_eq!(draw(stream_key(0, "fractions"), 1), 756_279_067_563_017_884);
}
