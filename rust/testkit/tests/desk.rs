//! What the desk refuses and why (S-02, S-46, S-47, R1), and what it allows.

use triplebar_core::codes::{OrderKind, OrderStatus, Reason, TimeInForce, flags};
use triplebar_core::engine::{Change, Engine, UserOrder, is_supported, percent_to_ppb};
use triplebar_core::error::Error;
use triplebar_core::request::{Extras, OrderRequest};
use triplebar_core::settings::OffGrid;
use triplebar_testkit::action::OrderPlan;
use triplebar_testkit::bars::{Bar, Bars};
use triplebar_testkit::case::Case;

fn bars() -> Bars {
    Bars::hourly(&[Bar::new(100, 100, 100, 100); 4])
}

/// An engine at its first decision.
fn desk(change: impl FnOnce(&mut Case)) -> Engine {
    let mut case = Case::small(bars(), &[]);
    change(&mut case);
    let mut engine = case.engine().unwrap();
    assert!(engine.open_tick(&case.bars.market()).unwrap());
    engine
}

/// Ends the tick, opens the next.
fn next_tick(engine: &mut Engine) {
    let bars = bars();
    engine.close_tick(&bars.market()).unwrap();
    assert!(engine.open_tick(&bars.market()).unwrap());
}

fn reason(engine: &mut Engine, request: &OrderRequest) -> Reason {
    let id = engine.send(request).unwrap();
    engine.order(id).unwrap().reason
}

fn message(result: Result<bool, Error>) -> String {
    result.expect_err("must be refused").to_string()
}

const fn stop(trigger: i64) -> OrderRequest {
    OrderRequest {
        kind: OrderKind::Stop,
        trigger,
        ..OrderRequest::market(0, 1, 5)
    }
}

#[test]
fn the_first_reason_for_which_an_order_is_refused_wins() {
    let mut engine = desk(|case| {
        case.settings.instruments[0].quantity_min = 2;
        case.settings.instruments[0].quantity_max = Some(50);
        case.settings.instruments[0].notional_min = 1_000;
    });
    let limit = OrderRequest::limit(0, 1, 20, 90);
    let named = Extras {
        client: 7,
        ..Extras::NONE
    };
    let cases = [
        (OrderRequest { quantity: 0, ..limit }, Reason::InvalidQuantity),
        (OrderRequest { quantity: 1, ..limit }, Reason::InvalidQuantity),
        (OrderRequest { quantity: 51, ..limit }, Reason::InvalidQuantity),
        (OrderRequest { limit: 0, ..limit }, Reason::InvalidPrice),
        (OrderRequest { quantity: 10, ..limit }, Reason::NotionalBelowMinimum),
        (
            OrderRequest {
                quantity: 10,
                flags: flags::REDUCE_ONLY,
                ..limit
            },
            Reason::None,
        ),
        (
            OrderRequest {
                quantity: 10,
                limit: 0,
                kind: OrderKind::Market,
                ..limit
            },
            Reason::None,
        ),
        (
            OrderRequest {
                quantity: 9,
                ..stop(100)
            },
            Reason::NotionalBelowMinimum,
        ),
        (
            OrderRequest {
                tif: TimeInForce::Gtd,
                quantity: 0,
                ..limit
            },
            Reason::Unsupported,
        ),
        (limit.with(named), Reason::None),
        (
            OrderRequest {
                quantity: 0,
                ..limit.with(named)
            },
            Reason::DuplicateOrder,
        ),
        (limit, Reason::None),
    ];
    for (request, expected) in cases {
        assert_eq!(reason(&mut engine, &request), expected, "{request:?}");
    }
}

#[test]
fn prices_that_a_kind_needs_must_be_positive() {
    let mut engine = desk(|_| {});
    let of = |kind, limit, trigger, trail, flags| OrderRequest {
        kind,
        limit,
        trigger,
        flags,
        ..OrderRequest::market(0, 1, 1).with(Extras { trail, ..Extras::NONE })
    };
    let share = flags::TRAIL_IS_PPB;
    let cases = [
        (of(OrderKind::Stop, 0, 0, 0, 0), Reason::InvalidPrice),
        (of(OrderKind::MarketIfTouched, 0, -5, 0, 0), Reason::InvalidPrice),
        (of(OrderKind::StopLimit, 100, 0, 0, 0), Reason::InvalidPrice),
        (of(OrderKind::StopLimit, 0, 100, 0, 0), Reason::InvalidPrice),
        (of(OrderKind::TrailingStop, 0, 0, 0, 0), Reason::InvalidPrice),
        (
            of(OrderKind::TrailingStop, 0, 0, 1_000_000_000, share),
            Reason::InvalidPrice,
        ),
        (of(OrderKind::TrailingStop, 0, 0, 999_999_999, share), Reason::None),
        (of(OrderKind::StopLimit, 100, 100, 0, 0), Reason::None),
    ];
    for (request, expected) in cases {
        assert_eq!(reason(&mut engine, &request), expected, "{request:?}");
    }
}

/// The whole capability table: kind × time in force × post-only × expiry.
#[test]
fn the_capability_table_is_what_the_rules_say() {
    for &kind in OrderKind::ALL {
        for &tif in TimeInForce::ALL {
            for (flags, expire_ns) in [(0, 0), (0, 1), (flags::POST_ONLY, 0), (flags::POST_ONLY, 1)] {
                let plain = [OrderKind::Market, OrderKind::Limit].contains(&kind);
                let lasting = [TimeInForce::Gtc, TimeInForce::Day, TimeInForce::Gtd].contains(&tif);
                let dated = (tif == TimeInForce::Gtd) == (expire_ns != 0);
                let posts = flags == 0 || kind == OrderKind::Limit && lasting;
                let request = OrderRequest {
                    kind,
                    tif,
                    flags,
                    ..OrderRequest::market(0, 1, 1).with(Extras {
                        expire_ns,
                        ..Extras::NONE
                    })
                };
                assert_eq!(
                    is_supported(&request),
                    (plain || lasting) && dated && posts,
                    "{request:?}"
                );
            }
        }
    }
}

#[test]
fn numbers_off_the_grid_round_or_are_refused() {
    let user = UserOrder {
        request: OrderRequest {
            kind: OrderKind::StopLimit,
            ..OrderRequest::market(0, -1, 0)
        },
        quantity: 1.27,
        limit: Some(1.001),
        trigger: Some(1.009),
        trail: None,
    };
    let mut engine = desk(|_| {});
    let id = engine.send_user(&user).unwrap();
    let order = engine.order(id).unwrap();
    // A sell's limit goes up and its trigger down; sizes go down.
    assert_eq!((order.quantity, order.limit, order.trigger), (12, 101, 100));
    let mut engine = desk(|case| case.settings.off_grid = OffGrid::Reject);
    let id = engine.send_user(&user).unwrap();
    assert_eq!(engine.order(id).unwrap().reason, Reason::OffGrid);
    let exact = UserOrder {
        quantity: 1.2,
        limit: Some(1.01),
        trigger: Some(1.0),
        ..user
    };
    let id = engine.send_user(&exact).unwrap();
    assert_eq!(engine.order(id).unwrap().reason, Reason::None);
}

#[test]
fn a_percentage_is_a_share_between_nothing_and_all() {
    assert_eq!(percent_to_ppb(2.5), Ok(25_000_000));
    assert_eq!(percent_to_ppb(1e-12), Ok(1));
    for percent in [0.0, -1.0, 100.0, f64::NAN, f64::INFINITY] {
        let error = percent_to_ppb(percent).unwrap_err().to_string();
        assert_eq!(
            error,
            format!("order: trail_percent must lie between 0 and 100, not {percent}")
        );
    }
}

#[test]
fn a_parent_is_an_earlier_order_of_the_same_instrument() {
    let mut engine = desk(|_| {});
    let child = OrderRequest::market(0, 1, 1).with(Extras {
        parent: 1,
        ..Extras::NONE
    });
    let error = engine.send(&child).unwrap_err().to_string();
    assert_eq!(
        error,
        "order: parent 1 is no earlier order of the same instrument; send the parent first"
    );
    assert!(engine.orders().is_empty());
    engine.send(&OrderRequest::market(0, 1, 1)).unwrap();
    let id = engine.send(&child).unwrap();
    assert_eq!(engine.order(id).unwrap().status, OrderStatus::Pending);
}

/// A trailing offset that becomes an amount is judged as one: a share of a whole or more is not, as ticks it is fine.
#[test]
fn a_trailing_offset_changes_from_a_share_to_an_amount() {
    let mut engine = desk(|_| {});
    let share = OrderRequest {
        kind: OrderKind::TrailingStop,
        flags: flags::TRAIL_IS_PPB,
        ..OrderRequest::market(0, 1, 5).with(Extras {
            trail: 10_000_000,
            ..Extras::NONE
        })
    };
    let id = engine.send(&share).unwrap();
    let to_ticks = Change {
        trail: Some((2_000_000_000, false)),
        ..Change::default()
    };
    assert_eq!(engine.modify(id, &to_ticks), Ok(true));
    assert_eq!(
        (
            engine.orders().extras(engine.order(id).unwrap()).trail,
            engine.order(id).unwrap().flags
        ),
        (2_000_000_000, 0)
    );
    let to_share = Change {
        trail: Some((2_000_000_000, true)),
        ..Change::default()
    };
    assert!(message(engine.modify(id, &to_share)).contains("invalid_price"));
}

/// S-46: what a change must be to be made.
#[test]
fn changes_that_do_not_fit_are_refused() {
    let mut engine = desk(|_| {});
    let market = engine.send(&OrderRequest::market(0, 1, 5)).unwrap();
    let limit = engine.send(&OrderRequest::limit(0, 1, 5, 90)).unwrap();
    let trailing = OrderRequest {
        kind: OrderKind::TrailingStop,
        ..OrderRequest::market(0, 1, 5).with(Extras {
            trail: 3,
            ..Extras::NONE
        })
    };
    let trailing = engine.send(&trailing).unwrap();
    let set = |quantity, limit, trigger, trail| Change {
        quantity,
        limit,
        trigger,
        trail,
    };
    let refused = [
        (limit, set(None, None, None, None), "modify needs at least one of"),
        (limit, set(None, None, Some(95), None), "has no trigger"),
        (market, set(None, Some(95), None, None), "has no limit"),
        (limit, set(None, None, None, Some((2, false))), "has no trailing offset"),
        (limit, set(None, Some(-1), None, None), "must be positive"),
        (limit, set(Some(0), Some(91), None, None), "must be positive"),
        (
            trailing,
            set(None, None, None, Some((1_000_000_000, true))),
            "the change is refused: invalid_price",
        ),
    ];
    for (id, change, expected) in refused {
        let error = message(engine.modify(id, &change));
        assert!(error.contains(expected), "{change:?}: {error}");
    }
    assert_eq!(
        engine.modify(trailing, &set(None, None, None, Some((20_000_000, true)))),
        Ok(true)
    );
    assert!(engine.order(trailing).unwrap().has(flags::TRAIL_IS_PPB));
    assert_eq!(engine.modify(market, &set(Some(7), None, None, None)), Ok(true));
    assert_eq!(engine.modify(limit, &set(Some(0), None, None, None)), Ok(true));
    assert_eq!(engine.order(limit).unwrap().status, OrderStatus::Canceled);
    assert_eq!(engine.modify(limit, &set(Some(9), None, None, None)), Ok(false));
    assert_eq!(engine.modify(99, &set(Some(9), None, None, None)), Ok(false));
    assert!(!engine.cancel(99) && !engine.cancel(limit) && engine.cancel(market));
}

#[test]
fn an_order_that_has_arrived_keeps_or_loses_its_place() {
    let mut engine = desk(|case| case.settings.instruments[0].participation_ppb = Some(1));
    let market = engine.send(&OrderRequest::market(0, 1, 5)).unwrap();
    let limit = engine.send(&OrderRequest::limit(0, 1, 5, 90)).unwrap();
    next_tick(&mut engine);
    let bigger = Change {
        quantity: Some(6),
        ..Change::default()
    };
    let smaller = Change {
        quantity: Some(4),
        ..Change::default()
    };
    let error = message(engine.modify(market, &bigger));
    assert!(
        error.contains("a market order that has arrived cannot be modified"),
        "{error}"
    );
    assert_eq!(engine.modify(limit, &smaller), Ok(true));
    assert_eq!(engine.order(limit).unwrap().sent, 0);
    assert_eq!(engine.modify(limit, &bigger), Ok(true));
    assert_eq!(engine.order(limit).unwrap().sent, 1);
    assert_eq!(engine.live_orders(Some(0)), [market, limit]);
}

#[test]
fn a_triggered_order_keeps_its_trigger() {
    let mut engine = desk(|case| case.settings.instruments[0].participation_ppb = Some(1));
    let request = OrderRequest {
        limit: 90,
        kind: OrderKind::StopLimit,
        ..stop(95)
    };
    let id = engine.send(&request).unwrap();
    next_tick(&mut engine);
    assert!(engine.order(id).unwrap().has(flags::TRIGGERED));
    let error = message(engine.modify(
        id,
        &Change {
            trigger: Some(99),
            ..Change::default()
        },
    ));
    assert!(error.contains("no trigger that could change"), "{error}");
    assert_eq!(
        engine.modify(
            id,
            &Change {
                limit: Some(91),
                ..Change::default()
            }
        ),
        Ok(true)
    );
}

#[test]
fn money_moves_as_far_as_the_account_allows() {
    let mut engine = desk(|case| {
        case.settings.account.kind = triplebar_core::codes::AccountKind::Cash;
        case.settings.currencies.push("EUR".into());
        case.settings.cash = vec![1_000, 0];
        case.settings.rates.push(vec![(0, 3_000_000_000)]);
    });
    let said = |result: Result<(), Error>| result.unwrap_err().to_string();
    assert!(said(engine.transfer(0, 0)).contains("must be positive"));
    assert!(said(engine.transfer(0, -1_001)).contains("cannot pay out more than it has"));
    assert!(said(engine.convert(0, 0, 1)).contains("positive amount"));
    assert!(said(engine.convert(1, 1, 1)).contains("two currencies"));
    assert!(said(engine.convert(1_001, 0, 1)).contains("cannot convert more than it has"));
    engine.transfer(0, -100).unwrap();
    engine.convert(500, 0, 1).unwrap();
    // R13: 500 / 3, to the nearest; S-74: back at 3.
    assert_eq!(engine.account().cash, [400, 167]);
    assert_eq!(engine.account().equity(), Ok(400 + 501));
    // A conversion into nothing leaves one flow only.
    engine.convert(1, 0, 1).unwrap();
    assert_eq!(engine.record().flows.len(), 4);
}

/// R23: children of a bracket whose parent was refused end with it, without a refusal of their own.
#[test]
fn attached_children_of_a_refused_parent_end_with_it() {
    let mut engine = desk(|_| {});
    let parent = engine.send(&OrderRequest::market(0, 1, 0)).unwrap();
    let user = UserOrder {
        request: OrderRequest::limit(0, -1, 0, 0).with(Extras { parent, ..Extras::NONE }),
        quantity: 0.0,
        limit: Some(1.1),
        trigger: None,
        trail: Some(0.5),
    };
    let child = engine.send_attached(&user).unwrap();
    let child = engine.order(child).unwrap();
    assert_eq!(
        (child.status, child.reason),
        (OrderStatus::Canceled, Reason::ParentEnded)
    );
    assert_eq!(engine.orders().extras(child).trail, 50);
}

/// S-45, S-55: a fill-or-kill that a budget, or a reduce-only cut, makes short is not filled at all.
#[test]
fn a_fill_or_kill_is_all_or_nothing() {
    let kill = OrderPlan {
        tif: TimeInForce::Fok,
        ..OrderPlan::market(1, 5)
    };
    let mut case = Case::small(bars(), &[kill]);
    case.settings.instruments[0].participation_ppb = Some(4_000_000);
    let facts = case.run().unwrap();
    assert_eq!(
        (facts.orders[0].reason, facts.orders[0].filled),
        (Reason::FillOrKill, 0)
    );
    case.settings.instruments[0].participation_ppb = Some(5_000_000);
    assert_eq!(case.run().unwrap().orders[0].filled, 5);
}
