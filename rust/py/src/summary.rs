//! The summary of a run of any engine, from its canonical tables.

use crate::facts::stream;
use crate::faults::{fault, raise};
use crate::leave::leave;
use crate::market::PyMarket;
use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Int8Type, Int32Type, Int64Type, UInt8Type, UInt16Type};
use arrow_array::{PrimitiveArray, RecordBatch};
use pyo3::prelude::*;
use pyo3_arrow::PyRecordBatch;
use triplebar_columns::summaries::summaries;
use triplebar_core::codes::{Cause, FlowKind, Moment, Role};
use triplebar_core::record::{Fill, Flow, Record};
use triplebar_core::settings::Settings;
use triplebar_core::summary::{Frame, Summary};

/// The summary of a run as a table of one row, from its canonical tables `equity`, `fills` and `flows`.
#[pyfunction]
#[pyo3(name = "summary")]
#[expect(clippy::needless_pass_by_value, reason = "pyo3 hands arguments over")]
pub fn py_summary(
    py: Python<'_>,
    market: &Bound<'_, PyMarket>,
    settings: &str,
    periods_per_year: f64,
    equity: PyRecordBatch,
    fills: PyRecordBatch,
    flows: PyRecordBatch,
) -> PyResult<Py<PyAny>> {
    let settings = Settings::from_json(settings).map_err(|error| raise(py, &error))?;
    let record = Record {
        equity: column::<Int64Type>(py, equity.as_ref(), "equity")?.values().to_vec(),
        fills: read_fills(py, fills.as_ref())?,
        flows: read_flows(py, flows.as_ref())?,
        ..Record::default()
    };
    let columns = &market.get().columns;
    let summary = leave(py, || {
        let frame = Frame::new(&columns.columns(), &settings, periods_per_year)?;
        Summary::of_record(&frame, &record, &settings)
    })?;
    let rows = [summary.map_err(|error| raise(py, &error))?];
    stream(py, summaries(&rows))
}

fn column<'a, T: ArrowPrimitiveType>(
    py: Python<'_>,
    batch: &'a RecordBatch,
    name: &str,
) -> PyResult<&'a PrimitiveArray<T>> {
    let found = batch
        .column_by_name(name)
        .and_then(|array| array.as_primitive_opt::<T>());
    found.ok_or_else(|| {
        fault(
            py,
            "DataQualityError",
            &format!("a canonical table has no column {name}"),
        )
    })
}

fn read_fills(py: Python<'_>, batch: &RecordBatch) -> PyResult<Vec<Fill>> {
    let whole = |name: &str| column::<Int64Type>(py, batch, name);
    let (price, quantity, fee) = (whole("price")?, whole("quantity")?, whole("fee")?);
    let (half_spread, slippage) = (whole("half_spread")?, whole("slippage")?);
    let clock = column::<Int32Type>(py, batch, "clock")?;
    let instrument = column::<UInt16Type>(py, batch, "instrument")?;
    let side = column::<Int8Type>(py, batch, "side")?;
    let read = |row: usize| Fill {
        price: price.value(row),
        quantity: quantity.value(row),
        fee: fee.value(row),
        order: 0,
        clock: clock.value(row),
        half_spread: half_spread.value(row),
        slippage: slippage.value(row),
        instrument: instrument.value(row),
        side: side.value(row),
        // What a summary does not look at.
        moment: Moment::Open,
        role: Role::Taker,
        cause: Cause::Arrival,
    };
    Ok((0..batch.num_rows()).map(read).collect())
}

fn read_flows(py: Python<'_>, batch: &RecordBatch) -> PyResult<Vec<Flow>> {
    let amount = column::<Int64Type>(py, batch, "amount")?;
    let clock = column::<Int32Type>(py, batch, "clock")?;
    let kind = column::<UInt8Type>(py, batch, "kind")?;
    let currency = column::<UInt8Type>(py, batch, "currency")?;
    let kinds = [FlowKind::Funding, FlowKind::Borrow];
    let read = |row: usize| {
        let found = kinds.into_iter().find(|one| *one as u8 == kind.value(row))?;
        Some(Flow {
            amount: amount.value(row),
            clock: clock.value(row),
            instrument: Flow::NO_INSTRUMENT,
            currency: currency.value(row),
            kind: found,
        })
    };
    Ok((0..batch.num_rows()).filter_map(read).collect())
}
