//! From what is held to what is wanted: the table of cases, and that the orders lead there.

use proptest::prelude::*;
use triplebar_core::risk::rebalance::{Action, Leg, Scale, at_market, copy_size, legs, limit_ticks, lots};
use triplebar_core::units::PPB;

const BAND: i64 = PPB / 10;

#[expect(clippy::unnecessary_wraps, reason = "the table of cases holds options")]
fn leg(action: Action, side: i8, amount: i64) -> Option<Leg> {
    Some(Leg { action, side, amount })
}

#[test]
fn the_four_cases() {
    use Action::{Close, Decrease, Increase, Open};
    for (current, target, expected) in [
        (0, 0, [None, None]),
        (0, 500, [leg(Open, 1, 500), None]),
        (0, -500, [leg(Open, -1, 500), None]),
        (500, 0, [leg(Close, -1, 500), None]),
        (-500, 0, [leg(Close, 1, 500), None]),
        (1_000, 1_080, [None, None]),
        (1_000, 1_100, [leg(Increase, 1, 100), None]),
        (1_000, 1_120, [leg(Increase, 1, 120), None]),
        (1_000, 900, [leg(Decrease, -1, 100), None]),
        (1_000, 901, [None, None]),
        (-1_000, -1_120, [leg(Increase, -1, 120), None]),
        (-1_000, -880, [leg(Decrease, 1, 120), None]),
        (-1_000, -920, [None, None]),
        (500, -300, [leg(Close, -1, 500), leg(Open, -1, 300)]),
        (-500, 300, [leg(Close, 1, 500), leg(Open, 1, 300)]),
    ] {
        assert_eq!(legs(current, target, BAND), expected, "{current} {target}");
    }
}

#[test]
fn a_band_of_nothing_lets_everything_through() {
    assert_eq!(legs(1_000, 1_001, 0), [leg(Action::Increase, 1, 1), None]);
    assert_eq!(legs(1_000, 1_000, 0), [None, None]);
}

#[test]
fn only_a_small_increase_waits_at_a_limit() {
    let switch = PPB / 5;
    for action in [Action::Close, Action::Decrease, Action::Open] {
        assert!(at_market(action, 1, 1_000, switch));
    }
    for (amount, market) in [(150, false), (200, false), (201, true)] {
        for current in [1_000, -1_000] {
            assert_eq!(at_market(Action::Increase, amount, current, switch), market, "{amount}");
        }
    }
}

#[test]
fn limits_are_rounded_to_the_passive_side() {
    assert_eq!(limit_ticks(50_000, 1, 300_000), Some(50_015));
    assert_eq!(limit_ticks(50_000, -1, 300_000), Some(49_985));
    assert_eq!(limit_ticks(1_001, 1, 1_000_000), Some(1_002)); // 1 002.001
    assert_eq!(limit_ticks(1_001, -1, 1_000_000), Some(1_000)); // 999.999
    assert_eq!(limit_ticks(1_001, 1, 1_500_000), Some(1_002)); // 1 002.5015
    assert_eq!(limit_ticks(1, -1, PPB), None);
    assert_eq!(limit_ticks(i64::MAX, 1, PPB), None);
}

#[test]
fn sizes_lean_to_less_risk() {
    let cents_to_units = Scale::of(2, 0, 2);
    assert_eq!(lots(1_000, 300, cents_to_units, false), Some(3));
    assert_eq!(lots(1_000, 300, cents_to_units, true), Some(4));
    assert_eq!(lots(900, 300, cents_to_units, true), Some(3));
    assert_eq!(lots(1_000, 0, cents_to_units, true), None);
    assert_eq!(lots(1_000, -1, cents_to_units, true), None);
    // 10.00 at a price of 4 with three decimals of size; 10.0000 at 4 without.
    assert_eq!(lots(1_000, 4, Scale::of(0, 3, 2), false), Some(2_500));
    assert_eq!(lots(100_000, 4, Scale::of(0, 0, 4), false), Some(2));
}

#[test]
fn copies_are_in_proportion_to_accounts() {
    let half = PPB / 2;
    assert_eq!(copy_size(10_000, 100_000, 20_000, half), Some(1_000));
    assert_eq!(copy_size(10_000, 100_000, 20_000, PPB), Some(2_000));
    assert_eq!(copy_size(3, 7, 5, PPB), Some(2));
    for (mine, theirs, position) in [(0, 1, 1), (-1, 1, 1), (1, 0, 1), (1, -1, 1), (1, 1, 0), (1, 1, -1)] {
        assert_eq!(copy_size(mine, theirs, position, PPB), Some(0));
    }
    assert_eq!(copy_size(1, 1, 1, PPB), Some(1));
    assert_eq!(copy_size(i64::MAX, 1, i64::MAX, PPB), None);
}

#[test]
fn the_order_of_execution_frees_money_first() {
    assert!(Action::ALL.is_sorted());
    let texts: Vec<_> = Action::ALL.iter().map(|action| action.text()).collect();
    assert_eq!(texts, ["close", "decrease", "increase", "open"]);
    let reducing: Vec<_> = Action::ALL.iter().map(|action| action.reduces()).collect();
    assert_eq!(reducing, [true, true, false, false]);
}

proptest! {
    #[test]
    fn the_orders_lead_to_the_target_within_the_band(
        current in -1_000_000_000_000..1_000_000_000_000_i64,
        target in prop_oneof![-1_000_000_000_000..1_000_000_000_000_i64, Just(0)],
        near in -200_000_000..200_000_000_i64,
        band in 0..PPB,
    ) {
        let close = current + i64::try_from(i128::from(current) * i128::from(near) / i128::from(PPB)).unwrap_or(0);
        for target in [target, close] {
            let moved: i64 = legs(current, target, band)
                .into_iter()
                .flatten()
                .map(|leg| i64::from(leg.side) * leg.amount)
                .sum();
            let missing = i128::from((target - current - moved).abs());
            prop_assert!(missing == 0 || missing * i128::from(PPB) < i128::from(band) * i128::from(current.abs()));
            prop_assert!(missing == 0 || moved == 0);
        }
    }

    #[test]
    fn buying_and_selling_are_mirror_images(current in -1_000..1_000_i64, target in -1_000..1_000_i64) {
        let mirror = |leg: Option<Leg>| leg.map(|leg| Leg { side: -leg.side, ..leg });
        prop_assert_eq!(legs(-current, -target, BAND), legs(current, target, BAND).map(mirror));
    }
}
