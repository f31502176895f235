//! Targets in, the same rows with what may be of them out.

use super::groups::{Groups, Members};
use super::money::Money;
use super::names::NameColumn;
use super::{column, sides};
use arrow_array::{Array, ArrayRef, DictionaryArray, RecordBatch, StringArray, UInt8Array, UInt32Array};
use arrow_schema::{Field, Schema};
use std::sync::{Arc, OnceLock};
use triplebar_core::error::{Result, rows};
use triplebar_core::risk::{Bound, Capped, Caps, Overlay, Steps, Targets};

/// What the overlay needs beside the table.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The caps.
    pub caps: Caps,
    /// The steps to take.
    pub steps: Steps,
    /// What minor units are.
    pub money: Money,
    /// The grouping columns.
    pub by: Vec<String>,
}

struct Input {
    names: NameColumn,
    sides: Vec<i8>,
    amounts: Vec<i64>,
    accounts: Vec<i64>,
    groups: Groups,
}

impl Input {
    fn read(batch: &RecordBatch, settings: &Settings) -> Result<Self> {
        let by: Vec<&str> = settings.by.iter().map(String::as_str).collect();
        let money = settings.money;
        Ok(Self {
            names: NameColumn::read(column(batch, "symbol")?, "symbol")?,
            sides: sides(column(batch, "side")?, "side")?,
            amounts: money.read_positive(column(batch, "target_usd")?, "target_usd")?,
            accounts: money.read(column(batch, "account_value")?, "account_value")?,
            groups: Groups::of(batch, &by)?,
        })
    }

    fn targets(&self) -> Targets<'_, NameColumn> {
        Targets {
            names: &self.names,
            sides: &self.sides,
            amounts: &self.amounts,
        }
    }

    /// The one account value of a group.
    fn account(&self, members: Members<'_>) -> Result<i64> {
        let mut found = None;
        for row in members {
            let value = self.accounts[row as usize];
            if *found.get_or_insert(value) != value {
                return Err(rows(format!(
                    "column account_value, row {row}: differs from another row of its group; give one value a group"
                )));
            }
        }
        Ok(found.unwrap_or(0))
    }
}

/// The rows with `capped_usd`, `bound_by` and `cut_usd`.
///
/// # Errors
/// The table cannot be used: see the message.
pub fn apply(batch: &RecordBatch, settings: &Settings) -> Result<RecordBatch> {
    let count = batch.num_rows();
    if count == 0 {
        // Empty columns have no types worth checking.
        return with_results(batch, settings.money, &[], Vec::new(), &[]);
    }
    let input = Input::read(batch, settings)?;
    let (mut amounts, mut bounds) = (vec![0; count], vec![0; count]);
    let mut out = Capped {
        amounts: &mut amounts,
        bounds: &mut bounds,
    };
    let mut overlay = Overlay::new(settings.caps, settings.steps);
    for members in input.groups.iter() {
        let account = input.account(members.clone())?;
        overlay.apply(&input.targets(), members, account, &mut out)?;
    }
    let cut: Vec<i64> = input
        .amounts
        .iter()
        .zip(&amounts)
        .map(|(wanted, may)| wanted - may)
        .collect();
    with_results(batch, settings.money, &amounts, bounds, &cut)
}

fn with_results(batch: &RecordBatch, money: Money, may: &[i64], bounds: Vec<u8>, cut: &[i64]) -> Result<RecordBatch> {
    static FIELDS: OnceLock<[Arc<Field>; 3]> = OnceLock::new();
    let added: [ArrayRef; 3] = [
        Arc::new(money.write(may)),
        Arc::new(bound_names(bounds)?),
        Arc::new(money.write(cut)),
    ];
    let new = FIELDS.get_or_init(|| {
        let names = ["capped_usd", "bound_by", "cut_usd"];
        std::array::from_fn(|at| Arc::new(Field::new(names[at], added[at].data_type().clone(), false)))
    });
    let schema = batch.schema_ref();
    if let Some(twice) = new.iter().find(|field| schema.column_with_name(field.name()).is_some()) {
        let name = twice.name();
        return Err(rows(format!("column {name} is there already; drop or rename it")));
    }
    let fields: Vec<Arc<Field>> = schema.fields().iter().chain(new).cloned().collect();
    let columns: Vec<ArrayRef> = batch.columns().iter().cloned().chain(added).collect();
    let schema = Schema::new_with_metadata(fields, schema.metadata().clone());
    RecordBatch::try_new(Arc::new(schema), columns).map_err(|error| rows(error.to_string()))
}

/// The rank of each row's position after netting, 1 for the largest, 0 for nothing.
///
/// # Errors
/// The table cannot be used: see the message.
pub fn rank(batch: &RecordBatch, settings: &Settings) -> Result<UInt32Array> {
    let input = Input::read(batch, settings)?;
    let mut ranks = vec![0; batch.num_rows()];
    let mut overlay = Overlay::new(settings.caps, settings.steps);
    for members in input.groups.iter() {
        overlay.rank(&input.targets(), members, &mut ranks)?;
    }
    Ok(ranks.into())
}

/// Codes as names, by dictionary.
fn bound_names(codes: Vec<u8>) -> Result<DictionaryArray<arrow_array::types::UInt8Type>> {
    static TEXTS: OnceLock<ArrayRef> = OnceLock::new();
    let texts = TEXTS.get_or_init(|| {
        let texts = Bound::ALL.iter().map(|bound| bound.text());
        Arc::new(StringArray::from_iter_values(texts))
    });
    DictionaryArray::try_new(UInt8Array::from(codes), texts.clone()).map_err(|error| rows(error.to_string()))
}
