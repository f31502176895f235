//! Rules one by one, each with the smallest market that shows it.

use triplebar_core::codes::{
    AccountKind, Cause, EventKind, FlowKind, Moment, OrderKind, OrderStatus, PathRule, Reason, TimeInForce, flags,
};
use triplebar_core::engine::Change;
use triplebar_core::settings::AccountSettings;
use triplebar_testkit::action::{Action, OrderPlan};
use triplebar_testkit::bars::{Bar, Bars, HOUR_NS, Tick};
use triplebar_testkit::case::Case;
use triplebar_testkit::facts::Facts;
use triplebar_testkit::plain;

const FLAT: Bar = Bar::new(100, 100, 100, 100);

const fn limit(side: i8, quantity: i64, from_mark: i64) -> OrderPlan {
    let mut plan = OrderPlan::market(side, quantity);
    plan.kind = OrderKind::Limit;
    plan.limit = from_mark;
    plan
}

const fn stop(side: i8, quantity: i64, from_mark: i64) -> OrderPlan {
    let mut plan = OrderPlan::market(side, quantity);
    plan.kind = OrderKind::Stop;
    plan.trigger = from_mark;
    plan
}

fn run(bars: &[Bar], plans: &[OrderPlan]) -> Facts {
    Case::small(Bars::hourly(bars), plans).run().unwrap()
}

fn filled(facts: &Facts) -> Vec<(u32, i64)> {
    facts.record.fills.iter().map(|fill| (fill.order, fill.price)).collect()
}

/// S-26: buys before sells; buys highest first, sells lowest first; then by time of arrival.
#[test]
fn orders_met_at_one_price_come_in_their_order() {
    let plans = [
        limit(1, 1, -5),
        limit(1, 1, -3),
        limit(1, 1, -5),
        stop(-1, 1, -6),
        stop(-1, 1, -7),
        limit(1, 1, -4),
    ];
    let facts = run(&[FLAT, Bar::new(90, 90, 90, 90)], &plans);
    let order: Vec<u32> = facts.record.fills.iter().map(|fill| fill.order).collect();
    // Sells lowest own price first: 93 before 94.
    assert_eq!(order, [2, 6, 1, 3, 5, 4]);
    assert!(
        facts
            .record
            .fills
            .iter()
            .all(|fill| fill.cause == Cause::Jump && fill.price == 90)
    );
}

/// S-45: a reduce-only order is cut to the position, and what the cut leaves ends with the fill.
#[test]
fn a_reduce_only_order_is_cut_to_the_position() {
    let mut reduce = limit(-1, 5, 2);
    reduce.flags = flags::REDUCE_ONLY;
    let facts = run(
        &[FLAT, Bar::new(100, 104, 100, 100)],
        &[OrderPlan::market(1, 3), reduce],
    );
    let order = &facts.orders[1];
    assert_eq!(
        (order.filled, order.status, order.reason),
        (3, OrderStatus::Canceled, Reason::ReduceOnlyNoPosition)
    );
    assert_eq!((order.ended(), facts.positions[0]), (1, 0));
}

/// S-27: the first fill, a partial one too, cancels the other members, at the same moment.
#[test]
fn a_partial_fill_cancels_the_rest_of_its_group() {
    let plans = [(1, 1), (1, 1), (0, 0)].map(|(group, _)| OrderPlan {
        group,
        ..limit(1, 4, -2)
    });
    let mut case = Case::small(Bars::hourly(&[FLAT, Bar::new(98, 98, 98, 98)]), &plans);
    case.settings.instruments[0].participation_ppb = Some(3_000_000);
    let facts = case.run().unwrap();
    assert_eq!(facts.orders[0].filled, 3);
    assert_eq!(
        (facts.orders[1].reason, facts.orders[1].ended()),
        (Reason::OneCancelsOther, 1)
    );
    assert_eq!(facts.orders[2].reason, Reason::EndOfData);
}

/// S-28: a child arrives at the price of its parent's fill and can fill on the same move.
#[test]
fn a_child_fills_on_the_move_that_filled_its_parent() {
    let child = OrderPlan {
        parent: 1,
        ..stop(-1, 2, -4)
    };
    let facts = run(&[Bar::new(100, 100, 95, 97)], &[limit(1, 2, -2), child]);
    assert_eq!(filled(&facts), [(1, 98), (2, 96)]);
    assert!(facts.record.fills.iter().all(|fill| fill.moment == Moment::Path));
}

/// S-25: a trailing stop follows the path continuously, within the bar too.
#[test]
fn a_trailing_stop_follows_within_the_bar() {
    let trail = OrderPlan {
        kind: OrderKind::TrailingStop,
        trail: 3,
        ..OrderPlan::market(-1, 1)
    };
    let facts = run(&[Bar::new(100, 108, 99, 104)], &[trail]);
    assert_eq!(filled(&facts), [(1, 105)]);
    let triggered = facts
        .record
        .events
        .iter()
        .find(|event| event.kind == EventKind::Triggered)
        .unwrap();
    assert_eq!((triggered.value, triggered.moment), (105, Moment::Path));
}

/// S-11: the path decides which of two stops comes first.
#[test]
fn the_path_decides_which_extreme_comes_first() {
    let bars = Bars::hourly(&[FLAT, Bar::new(100, 105, 95, 100)]);
    let group = |plan: OrderPlan| OrderPlan { group: 1, ..plan };
    let mut case = Case::small(bars, &[group(stop(1, 1, 4)), group(stop(-1, 1, -4))]);
    let first = |case: &Case| filled(&case.run().unwrap())[0];
    assert_eq!(first(&case), (1, 104));
    case.settings.path = PathRule::OpenLowHighClose;
    assert_eq!(first(&case), (2, 96));
    // A tie: the low is first.
    case.settings.path = PathRule::Adaptive;
    assert_eq!(first(&case), (2, 96));
}

/// S-42 to S-44: orders for a session's open, its close and its day.
#[test]
fn sessions_open_close_and_end() {
    let ticks = [0, 0, 1, 1].into_iter().zip(1..).map(|(session, hour)| Tick {
        time_ns: hour * HOUR_NS,
        session,
        bars: vec![Some(Bar::new(100 + hour, 100 + hour, 100 + hour, 100 + hour))],
    });
    let in_force = |tif, plan: OrderPlan| Action::Send(OrderPlan { tif, ..plan });
    let mut case = Case::small(Bars::new(ticks.collect()), &[]);
    case.script.steps = vec![
        vec![],
        vec![
            in_force(TimeInForce::AtOpen, OrderPlan::market(1, 1)),
            in_force(TimeInForce::AtClose, OrderPlan::market(1, 1)),
            in_force(TimeInForce::Day, limit(1, 1, -9)),
            in_force(TimeInForce::AtOpen, limit(1, 1, -9)),
        ],
    ];
    let facts = case.run().unwrap();
    assert_eq!(filled(&facts), [(2, 102), (1, 103)]);
    let ends: Vec<_> = facts.orders.iter().map(|order| (order.reason, order.ended())).collect();
    let expected = [
        (Reason::None, 2),
        (Reason::None, 1),
        (Reason::DayEnded, 2),
        (Reason::AtOpenMissed, 2),
    ];
    assert_eq!(ends, expected);
}

/// S-27: the member that ended its group by a fill goes on, also when it is sent again by a change (S-46).
#[test]
fn the_winner_of_a_group_can_be_changed() {
    let winner = OrderPlan {
        group: 1,
        ..limit(1, 4, -2)
    };
    let low = Bar::new(98, 98, 98, 98);
    let mut case = Case::small(Bars::hourly(&[low, low, low, low]), &[winner]);
    case.settings.instruments[0].participation_ppb = Some(3_000_000);
    let change = Change {
        quantity: Some(5),
        limit: Some(1),
        ..Change::default()
    };
    case.script.steps.push(vec![Action::Modify { ago: 1, change }]);
    let order = &case.run().unwrap().orders[0];
    assert_eq!((order.filled, order.status, order.ended()), (5, OrderStatus::Filled, 1));
}

/// S-11, pessimistic: who is long sees the low first, who is short the high.
#[test]
fn the_pessimistic_path_hurts_who_holds() {
    let bars = [FLAT, Bar::new(100, 105, 95, 100)];
    for (side, expected) in [(1, 96), (-1, 104)] {
        let group = |plan: OrderPlan| OrderPlan { group: 1, ..plan };
        let exits = [
            group(limit(-side, 1, 4 * i64::from(side))),
            group(stop(-side, 1, -4 * i64::from(side))),
        ];
        let mut case = Case::small(Bars::hourly(&bars), &[OrderPlan::market(side, 1), exits[0], exits[1]]);
        case.settings.path = PathRule::Pessimistic;
        assert_eq!(filled(&case.run().unwrap())[1], (3, expected));
    }
}

/// S-63: the wallet of an isolated account is the money of all currencies.
#[test]
fn an_isolated_wallet_holds_every_currency() {
    let mut case = Case::small(Bars::hourly(&[FLAT, FLAT]), &[OrderPlan::market(1, 3)]);
    case.settings.account = plain::account(AccountKind::Isolated);
    case.settings.currencies.push("EUR".into());
    case.settings.rates.push(vec![(0, 2_000_000_000)]);
    case.settings.cash = vec![0, 150];
    assert_eq!(filled(&case.run().unwrap()), [(1, 100)]);
    case.settings.cash = vec![0, 149];
    let order = &case.run().unwrap().orders[0];
    assert_eq!(
        (order.status, order.reason),
        (OrderStatus::Rejected, Reason::InsufficientFunds)
    );
}

/// S-63: liquidated where the path reaches the price; what the margin does not cover, the venue pays.
#[test]
fn an_isolated_position_is_liquidated_at_its_price() {
    let bars = [FLAT, Bar::new(99, 99, 85, 98), FLAT];
    let mut case = Case::small(Bars::hourly(&bars), &[OrderPlan::market(1, 10)]);
    case.settings.account = AccountSettings {
        leverage_milli: 10_000,
        ..plain::account(AccountKind::Isolated)
    };
    let fill = case.run().unwrap().record.fills[1];
    assert_eq!((fill.price, fill.moment, fill.cause), (90, Moment::Path, Cause::Forced));
    let gap = [FLAT, Bar::new(80, 80, 80, 80)];
    case.bars = Bars::hourly(&gap);
    let facts = case.run().unwrap();
    assert_eq!(
        (facts.record.fills[1].price, facts.record.fills[1].moment),
        (80, Moment::Open)
    );
    let insurance = facts.record.flows[0];
    assert_eq!(
        (insurance.kind, insurance.amount),
        (FlowKind::Insurance, 10 * (90 - 80))
    );
}

/// S-63: a position whose margin is gone as it opens is liquidated where the next move begins.
#[test]
fn a_position_without_margin_is_liquidated_on_the_next_move() {
    let mut case = Case::small(
        Bars::hourly(&[Bar::new(100, 105, 95, 100)]),
        &[OrderPlan::market(1, 10)],
    );
    case.settings.account = AccountSettings {
        leverage_milli: 10_000,
        maintenance_ppb: 300_000_000,
        ..plain::account(AccountKind::Isolated)
    };
    let facts = case.run().unwrap();
    assert_eq!(filled(&facts), [(1, 100), (2, 100)]);
    assert_eq!(
        (facts.record.fills[1].moment, facts.record.fills[1].cause),
        (Moment::Path, Cause::Forced)
    );
}
