//! The canonical tables of a run. Their schemas stand in `triplebar.contracts.tables`; a test holds the two together.

use arrow_array::types::ArrowPrimitiveType;
use arrow_array::{
    Array, ArrayRef, BooleanArray, Int8Array, Int32Array, Int64Array, PrimitiveArray, RecordBatch,
    TimestampNanosecondArray, UInt8Array, UInt16Array, UInt32Array,
};
use arrow_schema::{ArrowError, Field, Schema};
use std::sync::Arc;
use triplebar_core::codes::flags;
use triplebar_core::fold::Folded;
use triplebar_core::order::Order;
use triplebar_core::orders::Orders;
use triplebar_core::record::{Event, Fill, Flow, Record, Refused};

type Columns = Vec<(&'static str, ArrayRef)>;

/// One column, row by row.
fn column<T, Row>(rows: &[Row], value: impl Fn(&Row) -> T::Native) -> ArrayRef
where
    T: ArrowPrimitiveType,
    PrimitiveArray<T>: From<Vec<T::Native>>,
{
    Arc::new(PrimitiveArray::<T>::from(rows.iter().map(value).collect::<Vec<_>>()))
}

fn table(columns: Columns) -> Result<RecordBatch, ArrowError> {
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), false))
        .collect();
    RecordBatch::try_new(
        Arc::new(Schema::new(fields)),
        columns.into_iter().map(|(_, array)| array).collect(),
    )
}

/// `equity`, of the column of that name: it is moved, not copied.
///
/// # Errors
/// Never: the columns have one length.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "the clock has fewer than 2^31 ticks"
)]
pub fn equity(equity: Vec<i64>, record: &Record, clock_ns: &Int64Array) -> Result<RecordBatch, ArrowError> {
    let (first, rows) = (record.equity_from, equity.len());
    let times = clock_ns.slice((first.max(0) as usize).min(clock_ns.len()), rows.min(clock_ns.len()));
    let time = TimestampNanosecondArray::new(times.values().clone(), None).with_timezone("UTC");
    let mut stale = vec![false; rows];
    record.stale.iter().for_each(|row| stale[*row as usize] = true);
    table(vec![
        (
            "clock",
            Arc::new(Int32Array::from_iter_values(first..first + rows as i32)),
        ),
        ("time", Arc::new(time)),
        ("equity", Arc::new(Int64Array::from(equity))),
        ("cash", Arc::new(Int64Array::from(record.cash.rows(rows)))),
        ("stale", Arc::new(BooleanArray::from(stale))),
    ])
}

/// `orders`.
///
/// # Errors
/// Never: the columns have one length.
pub fn orders(orders: &Orders) -> Result<RecordBatch, ArrowError> {
    use arrow_array::types::{Int8Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type};
    let count = u32::try_from(orders.len()).unwrap_or(u32::MAX);
    table(vec![
        ("order", Arc::new(UInt32Array::from_iter_values(1..=count))),
        ("instrument", column::<UInt16Type, _>(orders, |order| order.instrument)),
        ("side", column::<Int8Type, _>(orders, |order| order.side)),
        ("kind", column::<UInt8Type, _>(orders, |order| order.kind as u8)),
        ("tif", column::<UInt8Type, _>(orders, |order| order.tif as u8)),
        (
            "flags",
            column::<UInt8Type, _>(orders, |order| order.flags & flags::PUBLIC),
        ),
        ("quantity", column::<Int64Type, _>(orders, |order| order.quantity)),
        ("filled", column::<Int64Type, _>(orders, |order| order.filled)),
        ("limit", column::<Int64Type, _>(orders, |order| order.limit)),
        ("trigger", column::<Int64Type, _>(orders, |order| order.trigger)),
        (
            "trail",
            column::<Int64Type, _>(orders, |order| orders.extras(order).trail),
        ),
        (
            "expire",
            column::<Int64Type, _>(orders, |order| orders.extras(order).expire_ns),
        ),
        (
            "group",
            column::<UInt32Type, _>(orders, |order| orders.extras(order).group),
        ),
        (
            "parent",
            column::<UInt32Type, _>(orders, |order| orders.extras(order).parent),
        ),
        ("tag", column::<UInt32Type, _>(orders, |order| orders.extras(order).tag)),
        (
            "client",
            column::<UInt32Type, _>(orders, |order| orders.extras(order).client),
        ),
        ("sent", column::<Int32Type, _>(orders, |order| order.sent)),
        ("arrived", column::<Int32Type, _>(orders, |order| order.arrived)),
        ("ended", column::<Int32Type, _>(orders, Order::ended)),
        ("status", column::<UInt8Type, _>(orders, |order| order.status as u8)),
        ("reason", column::<UInt8Type, _>(orders, |order| order.reason as u8)),
    ])
}

/// `fills`.
///
/// # Errors
/// Never: the columns have one length.
pub fn fills(fills: &[Fill]) -> Result<RecordBatch, ArrowError> {
    use arrow_array::types::{Int8Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type};
    table(vec![
        ("order", column::<UInt32Type, _>(fills, |fill| fill.order)),
        ("clock", column::<Int32Type, _>(fills, |fill| fill.clock)),
        ("moment", column::<UInt8Type, _>(fills, |fill| fill.moment as u8)),
        ("role", column::<UInt8Type, _>(fills, |fill| fill.role as u8)),
        ("cause", column::<UInt8Type, _>(fills, |fill| fill.cause as u8)),
        ("instrument", column::<UInt16Type, _>(fills, |fill| fill.instrument)),
        ("side", column::<Int8Type, _>(fills, |fill| fill.side)),
        ("price", column::<Int64Type, _>(fills, |fill| fill.price)),
        ("quantity", column::<Int64Type, _>(fills, |fill| fill.quantity)),
        ("fee", column::<Int64Type, _>(fills, |fill| fill.fee)),
        ("half_spread", column::<Int64Type, _>(fills, |fill| fill.half_spread)),
        ("slippage", column::<Int64Type, _>(fills, |fill| fill.slippage)),
    ])
}

/// `events`.
///
/// # Errors
/// Never: the columns have one length.
pub fn events(events: &[Event]) -> Result<RecordBatch, ArrowError> {
    use arrow_array::types::{Int32Type, Int64Type, UInt8Type, UInt32Type};
    table(vec![
        ("clock", column::<Int32Type, _>(events, |event| event.clock)),
        ("moment", column::<UInt8Type, _>(events, |event| event.moment as u8)),
        ("kind", column::<UInt8Type, _>(events, |event| event.kind as u8)),
        ("order", column::<UInt32Type, _>(events, |event| event.order)),
        ("reason", column::<UInt8Type, _>(events, |event| event.reason as u8)),
        ("value", column::<Int64Type, _>(events, |event| event.value)),
    ])
}

/// `flows`.
///
/// # Errors
/// Never: the columns have one length.
pub fn flows(flows: &[Flow]) -> Result<RecordBatch, ArrowError> {
    use arrow_array::types::{Int32Type, Int64Type, UInt8Type, UInt16Type};
    table(vec![
        ("clock", column::<Int32Type, _>(flows, |flow| flow.clock)),
        ("kind", column::<UInt8Type, _>(flows, |flow| flow.kind as u8)),
        ("instrument", column::<UInt16Type, _>(flows, |flow| flow.instrument)),
        ("currency", column::<UInt8Type, _>(flows, |flow| flow.currency)),
        ("amount", column::<Int64Type, _>(flows, |flow| flow.amount)),
    ])
}

/// `refusals`.
///
/// # Errors
/// Never: the columns have one length.
pub fn refusals(refusals: &[Refused]) -> Result<RecordBatch, ArrowError> {
    use arrow_array::types::{Int32Type, Int64Type, UInt8Type, UInt32Type};
    table(vec![
        ("order", column::<UInt32Type, _>(refusals, |one| one.order)),
        ("clock", column::<Int32Type, _>(refusals, |one| one.clock)),
        ("moment", column::<UInt8Type, _>(refusals, |one| one.moment as u8)),
        ("rule", column::<UInt8Type, _>(refusals, |one| one.rule as u8)),
        ("limit", column::<Int64Type, _>(refusals, |one| one.limit)),
        ("value", column::<Int64Type, _>(refusals, |one| one.value)),
    ])
}

/// `positions`.
///
/// # Errors
/// Never: the columns have one length.
pub fn positions(folded: &Folded) -> Result<RecordBatch, ArrowError> {
    let rows = &folded.positions;
    table(vec![
        (
            "clock",
            Arc::new(Int32Array::from_iter_values(rows.iter().map(|row| row.clock))),
        ),
        (
            "instrument",
            Arc::new(UInt16Array::from_iter_values(rows.iter().map(|row| row.instrument))),
        ),
        (
            "position",
            Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.position))),
        ),
        (
            "cost",
            Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.cost))),
        ),
        (
            "realised",
            Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.realised))),
        ),
    ])
}

/// `trades`.
///
/// # Errors
/// Never: the columns have one length.
pub fn trades(folded: &Folded) -> Result<RecordBatch, ArrowError> {
    let rows = &folded.trades;
    table(vec![
        (
            "instrument",
            Arc::new(UInt16Array::from_iter_values(rows.iter().map(|row| row.instrument))),
        ),
        (
            "side",
            Arc::new(Int8Array::from_iter_values(rows.iter().map(|row| row.side))),
        ),
        (
            "quantity",
            Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.quantity))),
        ),
        (
            "opened",
            Arc::new(Int32Array::from_iter_values(rows.iter().map(|row| row.opened))),
        ),
        (
            "closed",
            Arc::new(Int32Array::from_iter_values(rows.iter().map(|row| row.closed))),
        ),
        (
            "cost",
            Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.cost))),
        ),
        (
            "proceeds",
            Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.proceeds))),
        ),
        (
            "fees",
            Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.fees))),
        ),
        (
            "profit",
            Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.profit))),
        ),
        (
            "order",
            Arc::new(UInt32Array::from_iter_values(rows.iter().map(|row| row.order))),
        ),
    ])
}

/// `postings`.
///
/// # Errors
/// Never: the columns have one length.
pub fn postings(folded: &Folded) -> Result<RecordBatch, ArrowError> {
    let rows = &folded.postings;
    table(vec![
        (
            "source",
            Arc::new(UInt8Array::from_iter_values(rows.iter().map(|row| row.source))),
        ),
        (
            "row",
            Arc::new(UInt32Array::from_iter_values(rows.iter().map(|row| row.row))),
        ),
        (
            "account",
            Arc::new(UInt8Array::from_iter_values(rows.iter().map(|row| row.account as u8))),
        ),
        (
            "instrument",
            Arc::new(UInt16Array::from_iter_values(rows.iter().map(|row| row.instrument))),
        ),
        (
            "currency",
            Arc::new(UInt8Array::from_iter_values(rows.iter().map(|row| row.currency))),
        ),
        (
            "amount",
            Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.amount))),
        ),
    ])
}
