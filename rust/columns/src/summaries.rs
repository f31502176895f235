//! Summaries of runs as a table: one row a run.

use arrow_array::{ArrayRef, Float64Array, RecordBatch, UInt64Array};
use arrow_schema::{ArrowError, Field, Schema};
use std::sync::Arc;
use triplebar_core::summary::Summary;

/// One row a summary; a metric that is not defined is null.
///
/// # Errors
/// Never: the columns have one length.
pub fn summaries<'a>(rows: impl IntoIterator<Item = &'a Summary, IntoIter: Clone>) -> Result<RecordBatch, ArrowError> {
    let rows = rows.into_iter();
    let optional = |value: fn(&Summary) -> Option<f64>| -> ArrayRef {
        Arc::new(rows.clone().map(value).collect::<Float64Array>())
    };
    let money =
        |value: fn(&Summary) -> f64| -> ArrayRef { Arc::new(Float64Array::from_iter_values(rows.clone().map(value))) };
    let count =
        |value: fn(&Summary) -> u64| -> ArrayRef { Arc::new(UInt64Array::from_iter_values(rows.clone().map(value))) };
    let columns: Vec<(&str, ArrayRef, bool)> = vec![
        ("final_equity", money(|row| row.final_equity), false),
        ("total_return", optional(|row| row.total_return), true),
        ("sharpe", optional(|row| row.sharpe), true),
        ("sortino", optional(|row| row.sortino), true),
        ("max_drawdown", optional(|row| row.max_drawdown), true),
        ("trades", count(|row| row.trades), false),
        ("win_rate", optional(|row| row.win_rate), true),
        ("turnover", optional(|row| row.turnover), true),
        ("total_costs", money(|row| row.total_costs), false),
        ("fills", count(|row| row.fills), false),
    ];
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, array, nullable)| Field::new(*name, array.data_type().clone(), *nullable))
        .collect();
    let arrays = columns.into_iter().map(|(_, array, _)| array).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
}
