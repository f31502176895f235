//! Which rows belong together: equal values of the grouping columns, wherever they stand.

use super::names::NameColumn;
use super::{column, integers};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use std::cmp::Ordering;
use std::ops::Range;
use triplebar_core::error::{Result, rows};
use triplebar_core::risk::Names;

/// The groups of a table.
#[derive(Debug)]
pub struct Groups {
    /// Rows, group after group; `None` if they stand so already.
    order: Option<Vec<u32>>,
    /// Where each group starts, and the end.
    starts: Vec<u32>,
}

enum Key {
    Number(Vec<i64>),
    Name(NameColumn),
}

impl Key {
    fn compare(&self, one: usize, other: usize) -> Ordering {
        match self {
            Self::Number(values) => values[one].cmp(&values[other]),
            Self::Name(names) => {
                let by_key = names.key(one).cmp(&names.key(other));
                by_key.then_with(|| names.compare(one, other))
            }
        }
    }
}

impl Groups {
    /// Groups the rows by some columns; by none, all rows are one group.
    ///
    /// # Errors
    /// A column is missing, holds a null or neither text nor whole numbers, or there are too many rows.
    pub fn of(batch: &RecordBatch, by: &[&str]) -> Result<Self> {
        let Ok(count) = u32::try_from(batch.num_rows()) else {
            return Err(rows("more than 4 294 967 295 rows; give them in parts"));
        };
        let keys = by.iter().map(|name| read(batch, name)).collect::<Result<Vec<_>>>()?;
        let compare = |one: u32, other: u32| {
            let each = keys.iter().map(|key| key.compare(one as usize, other as usize));
            each.fold(Ordering::Equal, Ordering::then)
        };
        let mut starts = Vec::new();
        let mut ordered = true;
        for row in 0..count {
            let step = if row == 0 {
                Ordering::Less
            } else {
                compare(row - 1, row)
            };
            if step != Ordering::Equal {
                starts.push(row);
            }
            if step == Ordering::Greater {
                ordered = false;
                break;
            }
        }
        let mut order = None;
        if !ordered {
            let mut places: Vec<u32> = (0..count).collect();
            places.sort_by(|one, other| compare(*one, *other));
            starts.clear();
            starts.extend((0..count).filter(|place| {
                let at = *place as usize;
                at == 0 || compare(places[at - 1], places[at]) != Ordering::Equal
            }));
            order = Some(places);
        }
        starts.push(count);
        Ok(Self { order, starts })
    }

    /// Groups of equal numbers that stand in order already; by no numbers, all rows are one group.
    #[must_use]
    pub fn in_order(rows: u32, numbers: Option<&[i64]>) -> Option<Self> {
        let mut starts = Vec::with_capacity(2);
        starts.push(0);
        for (row, pair) in (1..).zip(numbers.unwrap_or_default().windows(2)) {
            match pair[0].cmp(&pair[1]) {
                Ordering::Less => starts.push(row),
                Ordering::Equal => {}
                Ordering::Greater => return None,
            }
        }
        starts.push(rows);
        Some(Self { order: None, starts })
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows of each group.
    pub fn iter(&self) -> impl Iterator<Item = Members<'_>> {
        self.starts.windows(2).map(|ends| Members {
            order: self.order.as_deref(),
            places: ends[0]..ends[1],
        })
    }
}

/// The rows of one group, in the order of the table.
#[derive(Debug, Clone)]
pub struct Members<'a> {
    order: Option<&'a [u32]>,
    places: Range<u32>,
}

impl Iterator for Members<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        let place = self.places.next()?;
        Some(self.order.map_or(place, |order| order[place as usize]))
    }
}

fn read(batch: &RecordBatch, name: &str) -> Result<Key> {
    let array = column(batch, name)?;
    let texts = matches!(
        array.data_type(),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..)
    );
    Ok(if texts {
        Key::Name(NameColumn::read(array, name)?)
    } else {
        Key::Number(integers(array.as_ref(), name)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, Float64Array, Int64Array, StringArray, TimestampNanosecondArray};
    use std::sync::Arc;

    fn found(columns: Vec<(&str, ArrayRef)>, by: &[&str]) -> Result<Vec<Vec<u32>>> {
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        Ok(Groups::of(&batch, by)?.iter().map(Iterator::collect).collect())
    }

    #[test]
    fn rows_that_stand_apart_are_one_group() {
        let account: ArrayRef = Arc::new(StringArray::from_iter_values(["b", "a", "b", "a"]));
        let time: ArrayRef = Arc::new(TimestampNanosecondArray::from_iter_values([1, 1, 1, 2]));
        let columns = vec![("account", account), ("time", time)];
        assert_eq!(found(columns.clone(), &["account"]), Ok(vec![vec![1, 3], vec![0, 2]]));
        let both = found(columns.clone(), &["account", "time"]);
        assert_eq!(both, Ok(vec![vec![1], vec![3], vec![0, 2]]));
        assert_eq!(found(columns, &[]), Ok(vec![vec![0, 1, 2, 3]]));
    }

    #[test]
    fn rows_in_order_stay_where_they_are() {
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values([1, 1, 5]));
        let batch = RecordBatch::try_from_iter([("group", numbers)]).unwrap();
        let groups = Groups::of(&batch, &["group"]).unwrap();
        assert!(groups.order.is_none() && groups.len() == 2 && !groups.is_empty());
    }

    #[test]
    fn numbers_in_order_need_no_table() {
        let found = |numbers| {
            let groups = Groups::in_order(4, numbers)?;
            Some(groups.iter().map(Iterator::collect).collect::<Vec<Vec<u32>>>())
        };
        assert_eq!(found(None), Some(vec![vec![0, 1, 2, 3]]));
        assert_eq!(found(Some(&[-1, -1, 5, 6])), Some(vec![vec![0, 1], vec![2], vec![3]]));
        assert_eq!(found(Some(&[1, 1, 0, 0])), None);
    }

    #[test]
    fn no_rows_are_no_groups() {
        let none: ArrayRef = Arc::new(Int64Array::from_iter_values([]));
        assert_eq!(found(vec![("group", none)], &["group"]), Ok(vec![]));
    }

    #[test]
    fn what_is_no_group_is_refused() {
        let shares: ArrayRef = Arc::new(Float64Array::from_iter_values([0.5]));
        assert!(found(vec![("group", shares.clone())], &["group"]).is_err());
        assert!(found(vec![("group", shares)], &["account"]).is_err());
        let missing: ArrayRef = Arc::new(Int64Array::from_iter([Some(1), None]));
        let message = found(vec![("group", missing)], &["group"]).unwrap_err().to_string();
        assert!(message.contains("column group, row 1"), "{message}");
    }
}
