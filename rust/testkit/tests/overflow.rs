//! What leaves the 64-bit range inside a run is an error, in every layer, and never a wrong number.

use triplebar_core::codes::{AccountKind, OrderKind, OrderStatus, Reason};
use triplebar_core::error::Fault;
use triplebar_testkit::action::{Action, OrderPlan};
use triplebar_testkit::bars::{Bar, Bars};
use triplebar_testkit::case::Case;
use triplebar_testkit::plain;

/// Four bars that cost this many ticks, an order of one lot, nothing else.
fn case(price: i64) -> Case {
    let bar = Bar::new(price, price, price, price);
    Case::small(Bars::hourly(&[bar; 4]), &[OrderPlan::market(1, 1)])
}

fn overflows(case: &Case) {
    let error = case.run().expect_err("leaves the 64-bit range");
    assert!(matches!(error.fault(), Fault::Overflow { .. }), "{error}");
}

/// The order is refused, nothing is traded, and the run goes on (S-60).
fn refuses(case: &Case) {
    let facts = case.run().expect("the run goes on");
    let order = facts.order(1);
    assert_eq!(order.reason, Reason::NotionalAboveMaximum);
    assert_eq!((order.status, facts.record.fills.len()), (OrderStatus::Rejected, 0));
    assert_eq!(facts.record.equity.len(), case.bars.ticks.len());
}

#[test]
fn an_order_whose_worth_is_too_large_is_refused() {
    let mut case = case(1 << 62);
    case.settings.instruments[0].unit = 4;
    refuses(&case);
    let limit = OrderPlan {
        kind: OrderKind::Limit,
        limit: 1 << 61,
        ..OrderPlan::market(1, 1)
    };
    case.script.steps[0] = vec![Action::Send(limit)];
    refuses(&case);
}

#[test]
fn an_order_that_would_cost_more_than_cash_can_owe_is_refused() {
    let mut case = case(1 << 40);
    case.settings.account.leverage_milli = 1_000_000_000;
    case.settings.cash = vec![i64::MAX / 2];
    case.settings.instruments[0].commission.taker_ppb = i64::MAX;
    refuses(&case);
}

/// Eight lots at 2^60 leave 64 bits; one after the other, so would the seventh: the eighth is never asked for.
#[test]
fn a_position_that_would_get_too_large_is_refused() {
    let mut case = case(1 << 60);
    case.settings.account.leverage_milli = 1_000_000;
    case.settings.cash = vec![1 << 60];
    case.script.steps[0] = vec![Action::Send(OrderPlan::market(1, 1)); 9];
    let facts = case.run().expect("the run goes on");
    let refused = facts
        .orders
        .iter()
        .filter(|order| order.reason == Reason::NotionalAboveMaximum);
    assert_eq!((facts.record.fills.len(), refused.count()), (7, 2));
}

#[test]
fn a_value_that_gets_too_large() {
    let bar = |price| Bar::new(price, price, price, price);
    let bars = Bars::hourly(&[bar(100), bar(100), bar(1 << 62), bar(1 << 62)]);
    let mut case = Case::small(bars, &[OrderPlan::market(1, 1)]);
    case.settings.instruments[0].unit = 4;
    overflows(&case);
}

#[test]
fn cash_that_is_too_large() {
    let mut case = case(100);
    case.settings.cash = vec![i64::MAX - 10];
    case.script.steps[0] = vec![Action::Transfer(0, 11)];
    overflows(&case);
}

#[test]
fn equity_that_is_too_large() {
    let mut case = case(100);
    case.settings.currencies.push("EUR".into());
    case.settings.cash = vec![i64::MAX, 1];
    case.settings.rates.push(vec![(i64::MIN, 1_000_000_000)]);
    assert!(case.engine().is_err());
}

#[test]
fn costs_that_are_too_large() {
    let changes: [fn(&mut Case); 5] = [
        |case| case.settings.instruments[0].slippage_ticks = i64::MAX,
        |case| case.settings.instruments[0].slippage_ppb = i64::MAX,
        |case| case.settings.instruments[0].impact_ppb = i64::MAX,
        |case| case.settings.instruments[0].root_coefficient = 1e30,
        |case| case.settings.instruments[0].half_spread_ticks = i64::MAX,
    ];
    for (at, change) in changes.iter().enumerate() {
        let mut case = case(1_000_000_000_000);
        case.settings.cash = vec![i64::MAX / 4];
        change(&mut case);
        let error = case.run().expect_err("leaves the range");
        assert!(matches!(error.fault(), Fault::Overflow { .. }), "change {at}: {error}");
    }
}

#[test]
fn a_half_spread_that_is_too_large() {
    let mut case = case(100);
    case.settings.instruments[0].half_spread_ticks = i64::MAX;
    case.settings.instruments[0].half_spread_ppb = 1_000_000_000;
    overflows(&case);
}

#[test]
fn a_trailing_trigger_that_is_too_far_away() {
    let trail = OrderPlan {
        kind: OrderKind::TrailingStop,
        trail: i64::MAX - 50,
        ..OrderPlan::market(1, 1)
    };
    overflows(&Case::small(Bars::hourly(&[Bar::new(100, 100, 100, 100); 3]), &[trail]));
}

#[test]
fn a_path_that_is_too_long() {
    let (near, far) = (100, i64::MAX / 2);
    let bars = [Bar::new(near, far, near, far), Bar::new(near, far, near, far)];
    let resting = OrderPlan {
        kind: OrderKind::Limit,
        limit: -50,
        ..OrderPlan::market(1, 1)
    };
    // Only an order that is due inside the bar needs the length of its path (S-57).
    let mut case = Case::small(Bars::hourly(&bars), &[]);
    (case.settings.latency_min_ns, case.settings.latency_max_ns) = (1, 1);
    case.script.steps = vec![vec![], vec![Action::Send(resting)]];
    overflows(&case);
}

#[test]
fn borrow_that_is_too_large() {
    let mut case = case(10_000_000_000_000);
    case.settings.cash = vec![i64::MAX / 4];
    case.script.steps[0] = vec![Action::Send(OrderPlan::market(-1, 1))];
    case.settings.instruments[0].borrow_ppb = i64::MAX;
    overflows(&case);
}

/// A sale may bring in more than a wallet can hold.
#[test]
fn an_order_that_would_fill_a_wallet_is_refused() {
    let mut case = case(100);
    case.settings.account = plain::account(AccountKind::Isolated);
    case.settings.cash = vec![i64::MAX - 10];
    case.script.steps[0] = vec![Action::Send(OrderPlan::market(-1, 1))];
    refuses(&case);
}
