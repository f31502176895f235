//! A small table that is lent by Arrow capsule, read where it lies.
//!
//! Making arrays of every column, and taking them apart again, costs more than capping a single group. So the few columns
//! that the overlay reads are looked at in place, if they have the plainest form there is; the table itself is imported
//! when somebody asks for the answer.

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyCapsuleMethods};
use triplebar_columns::risk::overlay::{ADDED, Answer, Settings};
use triplebar_columns::risk::plain::{Plain, capped};

/// The capsules of a table, which own it.
pub struct Lent<'a, 'py> {
    /// Its schema.
    pub schema: &'a Bound<'py, PyCapsule>,
    /// Its columns.
    pub array: &'a Bound<'py, PyCapsule>,
}

impl Lent<'_, '_> {
    /// What may be of each row, if the table is plain and has fewer rows than `below`.
    #[expect(unsafe_code, reason = "capsules hold pointers")]
    pub fn capped(&self, settings: &Settings, below: usize) -> Option<Answer> {
        let schema = self.schema.pointer_checked(Some(c"arrow_schema")).ok()?;
        let array = self.array.pointer_checked(Some(c"arrow_array")).ok()?;
        // SAFETY: a capsule of this name points to this structure (Arrow's PyCapsule interface), which lives as long as
        // the capsule, and that is borrowed for longer than these references.
        let (schema, array) = unsafe {
            (
                schema.cast::<FFI_ArrowSchema>().as_ref(),
                array.cast::<FFI_ArrowArray>().as_ref(),
            )
        };
        if array.is_released() || array.offset() != 0 || array.len() >= below || has_nulls(array) {
            return None;
        }
        capped(&plain(schema, array, &settings.by)?, settings)
    }
}

/// The columns that the overlay reads; `None` if one is missing, stands there twice or has another form.
fn plain<'a>(schema: &'a FFI_ArrowSchema, array: &'a FFI_ArrowArray, by: &[String]) -> Option<Plain<'a>> {
    let group = match by {
        [] => None,
        [one] => Some(one.as_str()),
        _ => return None,
    };
    let (mut names, mut sides, mut amounts, mut accounts, mut groups) = (None, None, None, None, None);
    for (at, field) in schema.children().enumerate() {
        let name = field.name()?;
        if at >= array.num_children() || ADDED.contains(&name) {
            return None;
        }
        let column = Column {
            format: field.format(),
            array: array.child(at),
            rows: array.len(),
        };
        let is_group = group == Some(name);
        let twice = match name {
            "symbol" if !is_group => names.replace(column.texts()?).is_some(),
            "side" if !is_group => sides.replace(column.values("c")?).is_some(),
            "target_usd" if !is_group => amounts.replace(column.values("g")?).is_some(),
            "account_value" if !is_group => accounts.replace(column.values("g")?).is_some(),
            _ if is_group => groups.replace(column.values("l")?).is_some(),
            _ => false,
        };
        if twice {
            return None;
        }
    }
    let (offsets, texts) = names?;
    (groups.is_some() == group.is_some()).then_some(Plain {
        offsets,
        texts,
        sides: sides?,
        amounts: amounts?,
        accounts: accounts?,
        groups,
    })
}

fn has_nulls(array: &FFI_ArrowArray) -> bool {
    array.null_count_opt() != Some(0) && (array.num_buffers() == 0 || !array.buffer(0).is_null())
}

/// One column, and how many of its rows count.
struct Column<'a> {
    format: &'a str,
    array: &'a FFI_ArrowArray,
    rows: usize,
}

impl<'a> Column<'a> {
    /// The numbers of a column without nulls.
    fn values<T: Number>(&self, format: &str) -> Option<&'a [T]> {
        if self.format != format || self.array.num_buffers() != 2 {
            return None;
        }
        self.buffer(1, self.rows)
    }

    /// Where the texts of a column without nulls begin and end, and the texts.
    #[expect(unsafe_code, reason = "buffers are pointers")]
    fn texts(&self) -> Option<(&'a [i32], &'a [u8])> {
        if self.format != "u" || self.array.num_buffers() != 3 {
            return None;
        }
        let offsets: &[i32] = self.buffer(1, self.rows + 1)?;
        let end = usize::try_from(*offsets.last()?).ok()?;
        let start = self.array.buffer(2);
        if start.is_null() {
            return None;
        }
        // SAFETY: the last offset of a column of texts is where its bytes end (Arrow's C data interface), and they live
        // as long as the structure that `array` borrows.
        Some((offsets, unsafe { std::slice::from_raw_parts(start, end) }))
    }

    /// So many values of a buffer, from the column's offset on.
    #[expect(unsafe_code, reason = "buffers are pointers")]
    fn buffer<T: Number>(&self, index: usize, count: usize) -> Option<&'a [T]> {
        let enough = self.array.len() >= self.rows && self.array.dictionary().is_none();
        let start = self.array.buffer(index).cast::<T>();
        if !enough || has_nulls(self.array) || start.is_null() || !start.is_aligned() {
            return None;
        }
        // SAFETY: a buffer of a column of this format holds `offset + len` such values, one more if they are offsets
        // (Arrow's C data interface), is not null and aligned (both looked at), and lives as long as `array`.
        Some(unsafe { std::slice::from_raw_parts(start.add(self.array.offset()), count) })
    }
}

/// What any bits are a value of.
trait Number: Copy {}
impl Number for i8 {}
impl Number for i32 {}
impl Number for i64 {}
impl Number for f64 {}
