//! Cases at the edges that random ones seldom reach: the end of 64 bits, and a gap at the open of what nobody holds.

use triplebar_core::codes::{AccountKind, Cause, Moment, OrderKind, OrderStatus, Reason, Role};
use triplebar_core::error::Fault;
use triplebar_core::fold::fold;
use triplebar_core::record::{Fill, Record};
use triplebar_testkit::action::{Action, OrderPlan};
use triplebar_testkit::bars::{Bar, Bars, HOUR_NS, Tick};
use triplebar_testkit::case::Case;
use triplebar_testkit::plain;

const fn limit(instrument: usize, side: i8, quantity: i64, limit: i64) -> OrderPlan {
    OrderPlan {
        instrument,
        kind: OrderKind::Limit,
        limit,
        ..OrderPlan::market(side, quantity)
    }
}

const fn flat(price: i64) -> Bar {
    Bar::new(price, price, price, price)
}

/// S-03: what fills on the path is marked at O of its bar, though its order came to rest there without a position to mark.
#[test]
fn a_position_that_begins_on_the_path_is_marked_at_the_open() {
    let tick = |hour: i64, bars: [Bar; 2]| Tick {
        time_ns: hour * HOUR_NS,
        session: 0,
        bars: bars.map(Some).to_vec(),
    };
    let (fallen, dip) = (Bar::new(10, 10, 9, 10), Bar::new(50, 50, 48, 50));
    let bars = Bars::new(vec![tick(1, [flat(1_000), flat(50)]), tick(2, [fallen, dip])]);
    let mut case = Case::small(bars, &[]);
    case.settings.account.leverage_milli = 2_000;
    case.settings.cash = vec![100];
    // 10 lots at 9 leave equity of 110 at marks of 10: it does not bear 100 and another 3 lots at 48.
    let orders = [limit(0, 1, 10, 9 - 1_000), limit(1, 1, 3, 48 - 50)];
    case.script.steps = vec![vec![], orders.map(Action::Send).to_vec()];
    assert!(case.engine().unwrap().has_short_way());
    let facts = case.run().unwrap();
    assert_eq!(facts.positions, [10, 0]);
    let second = facts.order(2);
    assert_eq!(
        (second.status, second.reason),
        (OrderStatus::Canceled, Reason::InsufficientFunds)
    );
}

/// A resting order after which the position would be worth -2^63 at its limit: no account bears that.
#[test]
fn a_value_at_the_lower_end_of_the_range_is_no_small_one() {
    let held = (1 << 50) - 1;
    let mut case = Case::small(Bars::hourly(&[flat(1); 4]), &[OrderPlan::market(-1, held)]);
    case.settings.cash = vec![1 << 60];
    case.script
        .steps
        .push(vec![Action::Send(limit(0, -1, 1, (1 << 13) - 1))]);
    assert!(case.engine().unwrap().has_lone_way());
    let facts = case.run().unwrap();
    assert_eq!(facts.positions, [-held]);
    assert_eq!(facts.order(2).reason, Reason::InsufficientFunds);
}

/// The same value against a limit of the position.
#[test]
fn a_limit_holds_at_the_lower_end_of_the_range() {
    let held = (1 << 50) - 1;
    let mut case = Case::small(Bars::hourly(&[flat(1); 4]), &[OrderPlan::market(-1, held)]);
    case.settings.cash = vec![1 << 60];
    case.settings.account.leverage_milli = 1_000_000;
    case.settings.instruments[0].position_limit_minor = Some(1 << 62);
    case.script
        .steps
        .push(vec![Action::Send(limit(0, -1, 1, (1 << 13) - 1))]);
    let facts = case.run().unwrap();
    assert_eq!(facts.order(2).reason, Reason::RiskPositionLimit);
}

/// S-72: funding of a position that is worth -2^63, paid by the other side.
#[test]
fn funding_at_the_lower_end_of_the_range_has_the_right_sign() {
    let sold = 1 << 50;
    let (low, high) = (flat(1), flat(1 << 13));
    let mut case = Case::small(Bars::hourly(&[low, low, high, high]), &[OrderPlan::market(-1, sold)]);
    case.settings.currencies.push("EUR".into());
    case.settings.rates.push(vec![(i64::MIN, 1_000_000_000)]);
    case.settings.cash = vec![1 << 60, 1 << 62];
    case.settings.instruments[0].funding = vec![(4 * HOUR_NS, 1_000_000)];
    let facts = case.run().unwrap();
    let paid: Vec<i64> = facts.record.flows.iter().map(|flow| flow.amount).collect();
    assert_eq!(paid, [9_223_372_036_854_776]);
}

/// S-75: a withdrawal that would take cash below 64 bits is one that a cash account refuses.
#[test]
fn a_cash_account_in_debt_pays_nothing_out() {
    let mut case = Case::small(Bars::hourly(&[flat(100); 4]), &[OrderPlan::market(1, 1)]);
    case.settings.account = plain::account(AccountKind::Cash);
    case.settings.instruments[0].funding = vec![(3 * HOUR_NS, 1_000_000_000)];
    case.settings.cash = vec![100];
    case.script.steps = vec![
        case.script.steps[0].clone(),
        vec![],
        vec![],
        vec![Action::Transfer(0, -i64::MAX)],
    ];
    let facts = case.run().unwrap();
    assert_eq!((facts.cash.as_slice(), facts.refusals.len()), (&[-100][..], 1));
}

/// S-74: a conversion that does not fit changes nothing.
#[test]
fn a_conversion_that_does_not_fit_changes_nothing() {
    let mut case = Case::small(Bars::hourly(&[flat(100); 2]), &[]);
    case.settings.currencies.push("EUR".into());
    case.settings.rates.push(vec![(i64::MIN, 1_000_000_000)]);
    case.settings.cash = vec![1_000, -1_000];
    let market = case.bars.market();
    let mut engine = case.engine().unwrap();
    assert!(engine.open_tick(&market).unwrap());
    engine.transfer(1, i64::MAX).unwrap();
    let error = engine.convert(2_000, 0, 1).unwrap_err();
    assert!(matches!(error.fault(), Fault::Overflow { .. }), "{error}");
    assert_eq!(engine.account().cash, [1_000, i64::MAX - 1_000]);
    assert_eq!(engine.record().flows.len(), 1);
}

/// A position that turns round may change its cost by more than 64 bits: no posting says that.
#[test]
fn a_change_of_cost_that_does_not_fit_is_an_error() {
    let fill = |order, side, price, quantity| Fill {
        price,
        quantity,
        fee: 0,
        order,
        clock: 0,
        half_spread: 0,
        slippage: 0,
        instrument: 0,
        side,
        moment: Moment::Open,
        role: Role::Taker,
        cause: Cause::Arrival,
    };
    let bought = fill(1, 1, 7_000_000_000_000_000_000, 1);
    let record = Record {
        fills: vec![bought, fill(2, -1, 2_500_000_000_000_000_000, 3)],
        ..Record::default()
    };
    let error = fold(&record, &plain::settings(1)).unwrap_err();
    assert!(matches!(error.fault(), Fault::Overflow { .. }), "{error}");
}
