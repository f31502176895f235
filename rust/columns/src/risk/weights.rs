//! Score-weighted targets over columns.

use super::groups::Groups;
use super::money::{Money, snapped};
use super::names::NameColumn;
use super::{column, sides};
use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, Float64Array, RecordBatch, UInt32Array};
use std::cmp::Ordering;
use triplebar_core::error::{Result, rows};
use triplebar_core::risk::Names;
use triplebar_core::risk::weights::{Vote, weighted};
use triplebar_core::units::PPB;

/// One target for each token and side of a group: the row where it stands first, and its amount.
#[derive(Debug)]
pub struct WeightedTargets {
    /// The first row, for its names.
    pub row: UInt32Array,
    /// The amount.
    pub amount: Float64Array,
}

/// Weighs the rows `trader, score, symbol, side, copy_usd` of each group.
///
/// # Errors
/// A value cannot be used, or a trader has two scores in one group.
pub fn weigh(batch: &RecordBatch, by: &[&str], money: Money) -> Result<WeightedTargets> {
    let groups = Groups::of(batch, by)?;
    let traders = NameColumn::read(column(batch, "trader")?, "trader")?;
    let symbols = NameColumn::read(column(batch, "symbol")?, "symbol")?;
    let sides = sides(column(batch, "side")?, "side")?;
    let amounts = money.read_positive(column(batch, "copy_usd")?, "copy_usd")?;
    let scores = scores(column(batch, "score")?.as_ref())?;
    let (mut first, mut targets) = (Vec::new(), Vec::new());
    for members in groups.iter() {
        let members: Vec<u32> = members.collect();
        let (trader_of, trader_rows) = numbered(&members, |one, other| ordered(&traders, one, other));
        one_score(&members, &trader_of, &scores)?;
        let bucket = |one: u32, other: u32| {
            let side = sides[one as usize].cmp(&sides[other as usize]).reverse();
            ordered(&symbols, one, other).then(side)
        };
        let (bucket_of, buckets) = numbered(&members, bucket);
        let votes: Vec<Vote> = (0..members.len())
            .map(|place| Vote {
                trader: trader_of[place],
                score: scores[members[place] as usize],
                bucket: bucket_of[place],
                amount: amounts[members[place] as usize],
            })
            .collect();
        let mut sums = vec![0; buckets.len()];
        weighted(&votes, trader_rows.len(), &mut sums)?;
        first.extend(buckets);
        targets.extend(sums);
    }
    Ok(WeightedTargets {
        row: first.into(),
        amount: money.write(&targets),
    })
}

fn ordered(names: &NameColumn, one: u32, other: u32) -> Ordering {
    let (one, other) = (one as usize, other as usize);
    names
        .key(one)
        .cmp(&names.key(other))
        .then_with(|| names.compare(one, other))
}

/// Numbers equal rows alike: the number of each member, and the first row of each number.
fn numbered(members: &[u32], compare: impl Fn(u32, u32) -> Ordering) -> (Vec<u32>, Vec<u32>) {
    let mut places: Vec<usize> = (0..members.len()).collect();
    places.sort_by(|one, other| compare(members[*one], members[*other]));
    let (mut numbers, mut first) = (vec![0; members.len()], Vec::new());
    let mut before: Option<usize> = None;
    let mut number = 0_u32;
    for place in places {
        match before {
            Some(before) if compare(members[before], members[place]) == Ordering::Equal => {}
            known => {
                number += u32::from(known.is_some());
                first.push(members[place]);
            }
        }
        numbers[place] = number;
        before = Some(place);
    }
    (numbers, first)
}

fn one_score(members: &[u32], trader_of: &[u32], scores: &[i64]) -> Result<()> {
    let mut known = vec![None; members.len()];
    for (place, row) in members.iter().enumerate() {
        let score = scores[*row as usize];
        if *known[trader_of[place] as usize].get_or_insert(score) != score {
            return Err(rows(format!(
                "column score, row {row}: the trader has another score in the same group; give one score a trader"
            )));
        }
    }
    Ok(())
}

/// Scores in parts per billion.
#[expect(clippy::cast_precision_loss, reason = "a power of ten")]
fn scores(array: &dyn Array) -> Result<Vec<i64>> {
    let Some(found) = array.as_primitive_opt::<Float64Type>() else {
        return Err(rows(format!(
            "column score has the type {}; give float64",
            array.data_type()
        )));
    };
    let one = |(row, score): (usize, &f64)| {
        let ppb = snapped((score * PPB as f64).round());
        ppb.filter(|ppb| (0..=1_000 * PPB).contains(ppb)).ok_or_else(|| {
            rows(format!(
                "column score, row {row}: {score} is no score; give a number from 0 to 1000"
            ))
        })
    };
    found.values().iter().enumerate().map(one).collect()
}
