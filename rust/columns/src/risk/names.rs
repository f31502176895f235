//! Columns of names: text, plain or by dictionary.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, LargeStringArray, StringArray, StringViewArray};
use std::cmp::Ordering;
use triplebar_core::error::{Result, rows};
use triplebar_core::risk::Names;

/// A column of names.
#[derive(Debug)]
pub struct NameColumn {
    texts: Texts,
    /// Which text each row has; `None` if row `i` has text `i`.
    places: Option<Vec<usize>>,
    keys: Vec<u64>,
}

#[derive(Debug)]
enum Texts {
    Plain(StringArray),
    Large(LargeStringArray),
    View(StringViewArray),
}

impl NameColumn {
    /// Reads text, large text, text views and dictionaries of them.
    ///
    /// # Errors
    /// The column holds something else, or an empty name.
    pub fn read(array: &ArrayRef, name: &str) -> Result<Self> {
        let dictionary = array.as_any_dictionary_opt();
        let (values, places) = match dictionary {
            Some(found) => (found.values(), Some(found.normalized_keys())),
            None => (array, None),
        };
        let Some(texts) = Texts::read(values) else {
            return Err(rows(format!(
                "column {name} has the type {}; give text, plain or dictionary-encoded",
                array.data_type()
            )));
        };
        let of_texts: Vec<u64> = (0..values.len()).map(|place| key_of(texts.get(place))).collect();
        let keys: Vec<u64> = match &places {
            Some(places) => places.iter().map(|place| of_texts[*place]).collect(),
            None => of_texts,
        };
        match keys.iter().position(|key| *key == 0) {
            None => Ok(Self { texts, places, keys }),
            Some(row) => Err(rows(format!("column {name}, row {row}: the name is empty; fill it in"))),
        }
    }

    /// The name in a row.
    #[must_use]
    pub fn get(&self, row: usize) -> &[u8] {
        let place = self.places.as_ref().map_or(row, |places| places[row]);
        self.texts.get(place)
    }
}

impl Names for NameColumn {
    #[inline]
    fn key(&self, row: usize) -> u64 {
        self.keys[row]
    }

    #[inline]
    fn compare(&self, one: usize, other: usize) -> Ordering {
        self.get(one).cmp(self.get(other))
    }
}

impl Texts {
    fn read(values: &ArrayRef) -> Option<Self> {
        if let Some(found) = values.as_string_opt::<i32>() {
            return Some(Self::Plain(found.clone()));
        }
        if let Some(found) = values.as_string_opt::<i64>() {
            return Some(Self::Large(found.clone()));
        }
        values.as_string_view_opt().map(|found| Self::View(found.clone()))
    }

    fn get(&self, place: usize) -> &[u8] {
        match self {
            Self::Plain(texts) => texts.value(place).as_bytes(),
            Self::Large(texts) => texts.value(place).as_bytes(),
            Self::View(texts) => texts.value(place).as_bytes(),
        }
    }
}

/// The first seven bytes and the length up to eight: never orders two texts the wrong way round; 0 is the empty text.
#[inline]
pub(super) fn key_of(text: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let length = text.len().min(7);
    bytes[..length].copy_from_slice(&text[..length]);
    bytes[7] = if text.len() > 7 { 8 } else { length.to_le_bytes()[0] };
    u64::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::types::Int32Type;
    use arrow_array::{DictionaryArray, Int32Array};
    use std::sync::Arc;

    const TEXTS: [&str; 8] = ["A", "A\0", "AB", "ABCDEFG", "ABCDEFG\0", "ABCDEFGH", "ABCDEFGHI", "B"];

    #[test]
    fn keys_keep_the_order_of_texts() {
        for one in TEXTS {
            for other in TEXTS {
                let by_key = key_of(one.as_bytes()).cmp(&key_of(other.as_bytes()));
                assert!(
                    by_key == Ordering::Equal || by_key == one.cmp(other),
                    "{one:?} {other:?}"
                );
            }
        }
    }

    #[test]
    fn every_kind_of_column_gives_the_same_names() {
        let keys = Int32Array::from_iter_values(0..8);
        let by_dictionary =
            DictionaryArray::<Int32Type>::try_new(keys, Arc::new(StringArray::from_iter_values(TEXTS))).unwrap();
        let columns: [ArrayRef; 4] = [
            Arc::new(StringArray::from_iter_values(TEXTS)),
            Arc::new(LargeStringArray::from_iter_values(TEXTS)),
            Arc::new(StringViewArray::from_iter_values(TEXTS)),
            Arc::new(by_dictionary),
        ];
        for column in &columns {
            let names = NameColumn::read(column, "symbol").unwrap();
            assert!(
                TEXTS
                    .iter()
                    .enumerate()
                    .all(|(row, text)| names.get(row) == text.as_bytes())
            );
            assert_eq!(names.compare(3, 4), Ordering::Less);
            assert_eq!(names.key(0), key_of(b"A"));
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let empty: ArrayRef = Arc::new(StringArray::from_iter_values(["A", ""]));
        assert!(NameColumn::read(&empty, "symbol").is_err());
        let number: ArrayRef = Arc::new(Int32Array::from_iter_values([1]));
        assert!(NameColumn::read(&number, "symbol").is_err());
    }
}
