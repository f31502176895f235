//! The overlay against its model and its promises. `PROPTEST_CASES=100000 cargo test -p triplebar-testkit --test overlay`
//! is the long way.

use proptest::prelude::*;
use triplebar_core::risk::{Bound, CapsConfig, Step, Steps, caps::share_down};
use triplebar_testkit::portfolio::{Target, account, capped, caps, on_paper, ranked, rows};

fn sum(rows: &[Target], may: &[(i64, Bound)], chosen: impl Fn(&Target) -> bool) -> i64 {
    let each = rows.iter().zip(may).filter(|(row, _)| chosen(row));
    each.map(|(_, (amount, _))| amount).sum()
}

fn at_most(account: i64, share: Option<i64>, value: i64) -> bool {
    share.is_none_or(|ppb| value <= share_down(account.max(0), ppb))
}

proptest! {
    #[test]
    fn the_kernel_equals_the_model(rows in rows(), caps in caps(), account in account()) {
        prop_assert_eq!(capped(&rows, caps, account, Steps::ALL), on_paper(&rows, &caps, account));
    }

    #[test]
    fn no_cap_is_broken(rows in rows(), caps in caps(), account in account()) {
        let may = capped(&rows, caps, account, Steps::ALL);
        let all = sum(&rows, &may, |_| true);
        prop_assert!(at_most(account, caps.total_ppb, all) && at_most(account, caps.leverage_ppb, all));
        prop_assert!(at_most(account, caps.long_ppb, sum(&rows, &may, |row| row.side > 0)));
        prop_assert!(at_most(account, caps.short_ppb, sum(&rows, &may, |row| row.side < 0)));
        let mut open = 0;
        for symbol in rows.iter().map(|row| row.symbol).collect::<std::collections::BTreeSet<_>>() {
            let long = sum(&rows, &may, |row| row.symbol == symbol && row.side > 0);
            let short = sum(&rows, &may, |row| row.symbol == symbol && row.side < 0);
            prop_assert!(long == 0 || short == 0);
            open += u32::from(long + short > 0);
            prop_assert!(at_most(account, caps.position_ppb, long + short));
            prop_assert!(at_most(account, caps.token_ppb, long + short));
            prop_assert!(caps.position_minor.is_none_or(|most| long + short <= most));
        }
        prop_assert!(caps.positions.is_none_or(|most| open <= most));
        for (row, (amount, bound)) in rows.iter().zip(&may) {
            prop_assert!((0..=row.amount).contains(amount));
            prop_assert_eq!(*amount == row.amount, *bound == Bound::None);
        }
    }

    #[test]
    fn capping_twice_changes_nothing_that_a_cap_cut(rows in rows(), caps in caps(), account in account()) {
        let once = capped(&rows, caps, account, Steps::ALL);
        let again: Vec<Target> = rows.iter().zip(&once).map(|(row, (amount, _))| Target { amount: *amount, ..row.clone() }).collect();
        let twice = capped(&again, caps, account, Steps::ALL);
        prop_assert!(once.iter().zip(&twice).all(|(one, two)| one.0 == two.0));
    }

    #[test]
    fn without_caps_only_opposite_sides_are_cut(rows in rows(), account in 1..1_000_i64) {
        let may = capped(&rows, CapsConfig::default(), account, Steps::ALL);
        prop_assert!(may.iter().all(|(_, bound)| matches!(bound, Bound::None | Bound::Net)));
        let whole = capped(&rows, CapsConfig::default(), account, Steps::of(&[]));
        prop_assert!(whole.iter().zip(&rows).all(|(may, row)| *may == (row.amount, Bound::None)));
    }
}

fn row(symbol: &'static str, side: i8, amount: i64) -> Target {
    Target { symbol, side, amount }
}

fn amounts(rows: &[Target], caps: CapsConfig, account: i64, steps: &[Step]) -> Vec<i64> {
    let may = capped(rows, caps, account, Steps::of(steps));
    may.iter().map(|(amount, _)| *amount).collect()
}

#[test]
fn each_step_alone() {
    let share = |milli: i64| Some(milli * 1_000_000);
    let caps = CapsConfig {
        position_ppb: share(100),
        position_minor: Some(120),
        token_ppb: share(150),
        long_ppb: share(200),
        short_ppb: share(50),
        total_ppb: share(300),
        positions: Some(2),
        leverage_ppb: share(400),
    };
    let rows = [row("A", 1, 300), row("A", -1, 100), row("B", 1, 200), row("C", -1, 400)];
    for (step, expected) in [
        (Step::Net, [200, 0, 200, 400]),
        (Step::Positions, [300, 0, 0, 400]),
        (Step::PerPosition, [100, 100, 100, 100]),
        (Step::PerToken, [112, 37, 150, 150]),
        (Step::Direction, [120, 10, 80, 40]),
        (Step::Total, [90, 30, 60, 120]),
        (Step::Leverage, [120, 40, 80, 160]),
    ] {
        assert_eq!(amounts(&rows, caps, 1_000, &[step]), expected, "{step:?}");
    }
}

#[test]
fn equal_sides_leave_nothing() {
    let rows = [row("A", -1, 300), row("A", 1, 300)];
    assert_eq!(amounts(&rows, CapsConfig::default(), 1, &[Step::Net]), [0, 0]);
}

#[test]
fn rows_of_one_token_share_by_size() {
    let caps = CapsConfig {
        position_minor: Some(10),
        ..CapsConfig::default()
    };
    let rows = [row("A", 1, 7), row("A", 1, 14), row("A", 1, 0)];
    assert_eq!(amounts(&rows, caps, 1, &[Step::PerPosition]), [4, 6, 0]);
}

#[test]
fn ranks_are_given_by_size_then_by_name() {
    let rows = [
        row("B", 1, 10),
        row("A", -1, 10),
        row("C", 1, 30),
        row("C", -1, 25),
        row("Z", 1, 0),
        row("B", 1, 1),
    ];
    assert_eq!(ranked(&rows), [1, 2, 3, 0, 0, 1]);
}

#[test]
fn an_account_worth_nothing_holds_nothing() {
    let rows = [row("A", 1, 1), row("B", 1, 0)];
    for account in [0, -1] {
        let may = capped(&rows, CapsConfig::default(), account, Steps::ALL);
        assert_eq!(may, [(0, Bound::Account), (0, Bound::None)]);
    }
}
