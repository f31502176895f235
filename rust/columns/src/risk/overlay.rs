//! Targets in, the same rows with what may be of them out.

use super::groups::{Groups, Members};
use super::money::Money;
use super::names::NameColumn;
use super::{column, sides};
use arrow_array::{Array, ArrayRef, DictionaryArray, RecordBatch, StringArray, UInt8Array, UInt32Array};
use arrow_schema::{Field, Schema};
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};
use triplebar_core::error::{Result, rows};
use triplebar_core::risk::{Bound, Capped, Caps, Names, Overlay, Steps, Targets};

/// The columns that are added.
pub const ADDED: [&str; 3] = ["capped_usd", "bound_by", "cut_usd"];

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

/// What may be of each row: minor units, what bound, minor units cut.
#[derive(Debug)]
pub struct Answer {
    amounts: Vec<i64>,
    bounds: Vec<u8>,
    cut: Vec<i64>,
}

impl Answer {
    /// What may be, minor units.
    #[must_use]
    pub fn amounts(&self) -> &[i64] {
        &self.amounts
    }

    /// What was cut, minor units.
    #[must_use]
    pub fn cut(&self) -> &[i64] {
        &self.cut
    }
}

/// The columns that the overlay reads.
pub(super) struct Input<'a, N> {
    pub names: N,
    pub sides: Cow<'a, [i8]>,
    pub amounts: Vec<i64>,
    pub accounts: Vec<i64>,
    pub groups: Groups,
}

impl Input<'_, NameColumn> {
    fn read(batch: &RecordBatch, settings: &Settings) -> Result<Self> {
        let by: Vec<&str> = settings.by.iter().map(String::as_str).collect();
        let money = settings.money;
        Ok(Self {
            names: NameColumn::read(column(batch, "symbol")?, "symbol")?,
            sides: sides(column(batch, "side")?, "side")?.into(),
            amounts: money.read_positive(column(batch, "target_usd")?, "target_usd")?,
            accounts: money.read(column(batch, "account_value")?, "account_value")?,
            groups: Groups::of(batch, &by)?,
        })
    }
}

impl<N: Names> Input<'_, N> {
    fn targets(&self) -> Targets<'_, N> {
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

    /// What may be of each row.
    pub(super) fn capped(&self, settings: &Settings) -> Result<Answer> {
        let count = self.amounts.len();
        let (mut amounts, mut bounds) = (vec![0; count], vec![0; count]);
        let mut out = Capped {
            amounts: &mut amounts,
            bounds: &mut bounds,
        };
        let mut overlay = Overlay::new(settings.caps, settings.steps);
        for members in self.groups.iter() {
            let account = self.account(members.clone())?;
            overlay.apply(&self.targets(), members, account, &mut out)?;
        }
        let wanted = self.amounts.iter().zip(&amounts);
        let cut = wanted.map(|(wanted, may)| wanted - may).collect();
        Ok(Answer { amounts, bounds, cut })
    }
}

/// The rows with `capped_usd`, `bound_by` and `cut_usd`.
///
/// # Errors
/// The table cannot be used: see the message.
pub fn apply(batch: &RecordBatch, settings: &Settings) -> Result<RecordBatch> {
    if batch.num_rows() == 0 {
        // Empty columns have no types worth checking.
        let none = Answer {
            amounts: Vec::new(),
            bounds: Vec::new(),
            cut: Vec::new(),
        };
        return with_results(batch, settings.money, &none);
    }
    with_results(batch, settings.money, &Input::read(batch, settings)?.capped(settings)?)
}

/// The rows with an answer's columns beside them.
///
/// # Errors
/// One of the columns is there already.
pub fn with_results(batch: &RecordBatch, money: Money, answer: &Answer) -> Result<RecordBatch> {
    static FIELDS: OnceLock<[Arc<Field>; 3]> = OnceLock::new();
    let added: [ArrayRef; 3] = [
        Arc::new(money.write(&answer.amounts)),
        Arc::new(bound_names(&answer.bounds)?),
        Arc::new(money.write(&answer.cut)),
    ];
    let new = FIELDS.get_or_init(|| {
        std::array::from_fn(|at| Arc::new(Field::new(ADDED[at], added[at].data_type().clone(), false)))
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
fn bound_names(codes: &[u8]) -> Result<DictionaryArray<arrow_array::types::UInt8Type>> {
    static TEXTS: OnceLock<ArrayRef> = OnceLock::new();
    let texts = TEXTS.get_or_init(|| {
        let texts = Bound::ALL.iter().map(|bound| bound.text());
        Arc::new(StringArray::from_iter_values(texts))
    });
    DictionaryArray::try_new(UInt8Array::from(codes.to_vec()), texts.clone()).map_err(|error| rows(error.to_string()))
}
