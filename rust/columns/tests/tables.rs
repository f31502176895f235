//! The canonical tables: names, types and rows.

use arrow_array::cast::AsArray;
use arrow_array::types::{Int8Type, Int32Type, Int64Type, TimestampNanosecondType, UInt8Type, UInt16Type, UInt32Type};
use arrow_array::{Int64Array, RecordBatch};
use triplebar_columns::tables;
use triplebar_core::codes::{Cause, EventKind, FlowKind, Ledger, Moment, Reason, Role, flags};
use triplebar_core::fold::{Folded, PositionRow, Posting, Trade};
use triplebar_core::order::Seat;
use triplebar_core::orders::Orders;
use triplebar_core::record::{Event, Fill, Flow, Record, Steps};
use triplebar_core::request::{Extras, OrderRequest};

fn names(table: &RecordBatch) -> String {
    let names: Vec<_> = table
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    names.join(" ")
}

/// The only value of an integer column.
macro_rules! only {
    ($table:expr, $name:literal, $kind:ty) => {
        $table[$name].as_primitive::<$kind>().value(0)
    };
}

#[test]
fn equity_takes_its_times_from_the_clock() {
    let mut cash = Steps::default();
    cash.begin(0, 90);
    cash.begin(1, 91);
    let (equity, record) = (
        vec![100, 101],
        Record {
            equity_from: 1,
            cash,
            stale: vec![1],
            ..Record::default()
        },
    );
    let place = equity.as_ptr();
    let table = tables::equity(equity, &record, &Int64Array::from(vec![7, 8, 9])).unwrap();
    assert_eq!(names(&table), "clock time equity cash stale");
    assert_eq!(table["clock"].as_primitive::<Int32Type>().values(), &[1, 2]);
    assert_eq!(
        table["time"].as_primitive::<TimestampNanosecondType>().values(),
        &[8, 9]
    );
    assert_eq!(table["equity"].as_primitive::<Int64Type>().values(), &[100, 101]);
    assert_eq!(table["cash"].as_primitive::<Int64Type>().values(), &[90, 91]);
    assert_eq!(
        table["stale"].as_boolean().iter().collect::<Vec<_>>(),
        [Some(false), Some(true)]
    );
    let moved = table["equity"].as_primitive::<Int64Type>().values().as_ptr();
    assert_eq!(moved, place, "moved, not copied");
}

#[test]
fn equity_of_a_run_that_never_began_is_empty() {
    let record = Record {
        equity_from: 3,
        ..Record::default()
    };
    let table = tables::equity(Vec::new(), &record, &Int64Array::from(vec![7, 8, 9])).unwrap();
    assert_eq!(table.num_rows(), 0);
}

#[test]
fn orders_hide_the_internal_flag() {
    let request = OrderRequest {
        flags: flags::REDUCE_ONLY | flags::TRIGGERED,
        ..OrderRequest::limit(3, -1, 5, 70)
    };
    let mut orders = Orders::default();
    orders.push(&request.with(Extras { tag: 4, ..Extras::NONE }), -1, Seat::Nowhere);
    let table = tables::orders(&orders).unwrap();
    let expected = "order instrument side kind tif flags quantity filled limit trigger trail expire group parent tag \
                    client sent arrived ended status reason";
    assert_eq!(names(&table), expected);
    assert_eq!(only!(table, "order", UInt32Type), 1);
    assert_eq!(only!(table, "instrument", UInt16Type), 3);
    assert_eq!(only!(table, "side", Int8Type), -1);
    assert_eq!(only!(table, "flags", UInt8Type), flags::REDUCE_ONLY);
    assert_eq!(only!(table, "limit", Int64Type), 70);
    assert_eq!(only!(table, "tag", UInt32Type), 4);
    assert_eq!(only!(table, "sent", Int32Type), -1);
}

#[test]
fn facts_keep_their_codes() {
    let fill = Fill {
        price: 70,
        quantity: 5,
        fee: 2,
        order: 1,
        clock: 4,
        half_spread: 1,
        slippage: 3,
        instrument: 2,
        side: -1,
        moment: Moment::Path,
        role: Role::Maker,
        cause: Cause::Close,
    };
    let table = tables::fills(&[fill]).unwrap();
    assert_eq!(
        names(&table),
        "order clock moment role cause instrument side price quantity fee half_spread slippage"
    );
    assert_eq!(only!(table, "moment", UInt8Type), Moment::Path as u8);
    assert_eq!(only!(table, "cause", UInt8Type), Cause::Close as u8);
    assert_eq!(only!(table, "price", Int64Type), 70);
    let event = Event {
        value: 9,
        order: 1,
        clock: -1,
        kind: EventKind::Expired,
        moment: Moment::Decision,
        reason: Reason::EndOfData,
    };
    let table = tables::events(&[event]).unwrap();
    assert_eq!(names(&table), "clock moment kind order reason value");
    assert_eq!(only!(table, "reason", UInt8Type), Reason::EndOfData as u8);
    let flow = Flow {
        amount: -4,
        clock: 0,
        instrument: Flow::NO_INSTRUMENT,
        currency: 1,
        kind: FlowKind::Withdrawal,
    };
    let table = tables::flows(&[flow]).unwrap();
    assert_eq!(names(&table), "clock kind instrument currency amount");
    assert_eq!(only!(table, "amount", Int64Type), -4);
    assert_eq!(only!(table, "instrument", UInt16Type), u16::MAX);
}

#[test]
fn what_is_folded_has_tables_of_its_own() {
    let folded = Folded {
        positions: vec![PositionRow {
            clock: 1,
            instrument: 2,
            position: -3,
            cost: -30,
            realised: 4,
        }],
        trades: vec![Trade {
            instrument: 2,
            side: 1,
            quantity: 3,
            opened: 0,
            closed: 1,
            cost: 30,
            proceeds: 36,
            fees: 2,
            profit: 4,
            order: 9,
        }],
        postings: vec![Posting {
            source: 1,
            row: 5,
            account: Ledger::Conversion,
            instrument: 2,
            currency: 1,
            amount: -7,
        }],
    };
    let positions = tables::positions(&folded).unwrap();
    assert_eq!(names(&positions), "clock instrument position cost realised");
    assert_eq!(only!(positions, "position", Int64Type), -3);
    let trades = tables::trades(&folded).unwrap();
    assert_eq!(
        names(&trades),
        "instrument side quantity opened closed cost proceeds fees profit order"
    );
    assert_eq!(
        (only!(trades, "profit", Int64Type), only!(trades, "order", UInt32Type)),
        (4, 9)
    );
    let postings = tables::postings(&folded).unwrap();
    assert_eq!(names(&postings), "source row account instrument currency amount");
    assert_eq!(only!(postings, "account", UInt8Type), Ledger::Conversion as u8);
}
