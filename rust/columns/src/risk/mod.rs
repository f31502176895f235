//! The risk kernels over Arrow columns: read, checked, handed to the core, written.

pub mod groups;
pub mod money;
pub mod names;
pub mod overlay;
pub mod plain;
pub mod rebalance;
pub mod stops;
pub mod weights;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use triplebar_core::error::{Result, rows};

/// A column by name.
///
/// # Errors
/// There is none, or one of its values is missing.
pub fn column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef> {
    let Some(found) = batch.column_by_name(name) else {
        let schema = batch.schema();
        let known: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        return Err(rows(format!(
            "column {name} is missing; there are: {}",
            known.join(", ")
        )));
    };
    if found.null_count() > 0 {
        let row = (0..found.len()).find(|row| found.is_null(*row)).unwrap_or(0);
        return Err(rows(format!(
            "column {name}, row {row}: the value is missing; fill it in or drop the row"
        )));
    }
    Ok(found)
}

/// Whole numbers, dates and times of any width.
///
/// # Errors
/// The column holds something else.
pub fn integers(array: &dyn Array, name: &str) -> Result<Vec<i64>> {
    macro_rules! first_of {
        ($($kind:ty),+) => { $(if let Some(found) = widened::<$kind>(array) { return Ok(found); })+ };
    }
    first_of!(
        Int64Type,
        Int32Type,
        Int8Type,
        Int16Type,
        UInt32Type,
        UInt16Type,
        UInt8Type,
        TimestampNanosecondType,
        TimestampMicrosecondType,
        TimestampMillisecondType,
        TimestampSecondType,
        Date32Type,
        Date64Type
    );
    Err(rows(format!(
        "column {name} has the type {}; give whole numbers",
        array.data_type()
    )))
}

fn widened<K: ArrowPrimitiveType>(array: &dyn Array) -> Option<Vec<i64>>
where
    K::Native: Into<i64>,
{
    let typed = array.as_primitive_opt::<K>()?;
    Some(typed.values().iter().map(|value| (*value).into()).collect())
}

/// +1 or -1 in every row.
///
/// # Errors
/// Another number.
pub fn sides(array: &dyn Array, name: &str) -> Result<Vec<i8>> {
    if let Some(found) = array.as_primitive_opt::<Int8Type>()
        && found.values().iter().all(|side| *side == 1 || *side == -1)
    {
        return Ok(found.values().to_vec());
    }
    let found = integers(array, name)?;
    let side = |(row, value): (usize, &i64)| match value {
        1 => Ok(1),
        -1 => Ok(-1),
        other => Err(rows(format!(
            "column {name}, row {row}: {other} is no side; write +1 for long and -1 for short"
        ))),
    };
    found.iter().enumerate().map(side).collect()
}
