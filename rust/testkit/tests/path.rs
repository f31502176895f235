//! A lone order against a price that is walked tick by tick.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use triplebar_core::codes::{Cause, OrderKind, PathRule, TimeInForce};
use triplebar_core::request::{Extras, OrderRequest};
use triplebar_testkit::action::{Action, OrderPlan};
use triplebar_testkit::bars::{Bar, Bars};
use triplebar_testkit::case::Case;
use triplebar_testkit::config;
use triplebar_testkit::oracle::{Meeting, first_meeting};

prop_compose! {
    fn bars()(
        shapes in vec((-6..=6_i64, 0..=6_i64, 0..=6_i64, 0..=100_i64), 1..=8),
    ) -> Vec<Bar> {
        let mut last = 100;
        shapes.into_iter().map(|(jump, up, down, percent)| {
            let open = last + jump;
            let (high, low) = (open + up, open - down);
            last = low + (high - low) * percent / 100;
            Bar::new(open, high, low, last)
        }).collect()
    }
}

prop_compose! {
    fn lone_orders()(
        side in select(vec![1_i8, -1]),
        kind in select(OrderKind::ALL.to_vec()),
        (limit, trigger) in (-12..=12_i64, -12..=12_i64),
        trail in 1..=9_i64,
    ) -> OrderPlan {
        OrderPlan { kind, limit, trigger, trail, ..OrderPlan::market(side, 1) }
    }
}

const fn request(plan: &OrderPlan) -> OrderRequest {
    OrderRequest {
        kind: plan.kind,
        limit: 100 + plan.limit,
        trigger: 100 + plan.trigger,
        ..OrderRequest::market(0, plan.side, 1).with(Extras {
            trail: plan.trail,
            ..Extras::NONE
        })
    }
}

/// The pessimistic path depends on the book: it has a property of its own.
const FIXED_PATHS: [PathRule; 3] = [
    PathRule::OpenHighLowClose,
    PathRule::OpenLowHighClose,
    PathRule::Adaptive,
];

proptest! {
    #![proptest_config(config("tests/regressions/path.txt"))]

    /// S-21 to S-25: the engine, which looks only at corners and prices of orders, finds what a walk over all prices finds.
    #[test]
    fn an_order_meets_the_price_where_a_walk_over_all_prices_says(
        bars in bars(), plan in lone_orders(), path in select(FIXED_PATHS.to_vec()), half_spread in 0..=2_i64,
    ) {
        let mut case = Case::small(Bars::hourly(&bars), &[plan]);
        case.settings.path = path;
        case.settings.instruments[0].half_spread_ticks = half_spread;
        let facts = case.run().map_err(|error| TestCaseError::fail(error.to_string()))?;
        let found = facts.record.fills.first().map(|fill| Meeting {
            clock: fill.clock,
            moment: fill.moment,
            x: fill.price - i64::from(fill.side) * fill.half_spread,
        });
        prop_assert_eq!(found, first_meeting(&request(&plan), &bars, path, half_spread));
    }

    /// S-11, pessimistic: the worse extreme comes first for who is flat with orders of one side.
    #[test]
    fn the_pessimistic_path_hurts_the_side_that_rests(plan in lone_orders(), bars in bars()) {
        let mut case = Case::small(Bars::hourly(&bars), &[plan]);
        case.settings.path = PathRule::Pessimistic;
        let facts = case.run().map_err(|error| TestCaseError::fail(error.to_string()))?;
        let worse = if plan.side < 0 { PathRule::OpenLowHighClose } else { PathRule::OpenHighLowClose };
        let found = facts.record.fills.first().map(|fill| Meeting { clock: fill.clock, moment: fill.moment, x: fill.price });
        prop_assert_eq!(found, first_meeting(&request(&plan), &bars, worse, 0));
    }

    /// S-43: an order for the close fills at C of the session's last bar, whatever the path.
    #[test]
    fn an_order_for_the_close_fills_at_the_close(bars in bars(), side in select(vec![1_i8, -1])) {
        let plan = OrderPlan { tif: TimeInForce::AtClose, ..OrderPlan::market(side, 3) };
        let facts = Case::small(Bars::hourly(&bars), &[plan]).run().map_err(|error| TestCaseError::fail(error.to_string()))?;
        let fill = facts.record.fills[0];
        prop_assert_eq!((fill.price, fill.cause), (bars[bars.len() - 1].close, Cause::Close));
        prop_assert_eq!(usize::try_from(fill.clock), Ok(bars.len() - 1));
    }
}

/// The example of the rules page: what a stop-limit does at its trigger and after.
#[test]
fn a_stop_limit_rests_when_its_trigger_lies_beyond_its_limit() {
    let bars = [Bar::new(100, 104, 99, 103), Bar::new(103, 103, 98, 99)];
    let plan = OrderPlan {
        kind: OrderKind::StopLimit,
        trigger: 3,
        limit: 1,
        ..OrderPlan::market(1, 1)
    };
    let mut case = Case::small(Bars::hourly(&bars), &[plan]);
    case.script.steps[0] = vec![Action::Send(plan)];
    let fill = case.run().unwrap().record.fills[0];
    assert_eq!((fill.clock, fill.price), (0, 101));
}
