//! A small table of targets in the plainest of forms: read in place, without making arrays of it first.
//!
//! What is not plain here is no fault: the general way reads it, or says what is wrong with it.

use super::groups::Groups;
use super::names::key_of;
use super::overlay::{Answer, Input, Settings};
use std::cmp::Ordering;
use triplebar_core::risk::Names;

/// The columns of a table, as long as each other.
#[derive(Debug, Clone, Copy)]
pub struct Plain<'a> {
    /// Where each name begins in `texts`, and the end of the last.
    pub offsets: &'a [i32],
    /// The names, one straight after the other.
    pub texts: &'a [u8],
    /// +1 or -1.
    pub sides: &'a [i8],
    /// What is wanted, money.
    pub amounts: &'a [f64],
    /// What the account is worth, money.
    pub accounts: &'a [f64],
    /// The group of each row; all rows are one group without it.
    pub groups: Option<&'a [i64]>,
}

/// What may be of each row; `None` where the general way has to look.
#[must_use]
pub fn capped(plain: &Plain<'_>, settings: &Settings) -> Option<Answer> {
    let count = plain.sides.len();
    let lengths = [
        plain.amounts.len(),
        plain.accounts.len(),
        plain.offsets.len().checked_sub(1)?,
    ];
    let grouped = plain.groups.is_none_or(|groups| groups.len() == count);
    if count == 0 || !grouped || lengths != [count; 3] || !plain.sides.iter().all(|side| *side == 1 || *side == -1) {
        return None;
    }
    let input = Input {
        names: PlainNames::of(plain.offsets, plain.texts)?,
        sides: plain.sides.into(),
        amounts: settings
            .money
            .whole(plain.amounts)
            .filter(|found| found.iter().all(|amount| *amount >= 0))?,
        accounts: settings.money.whole(plain.accounts)?,
        groups: Groups::in_order(u32::try_from(count).ok()?, plain.groups)?,
    };
    input.capped(settings).ok()
}

/// Names that stand one straight after the other.
struct PlainNames<'a> {
    offsets: &'a [i32],
    texts: &'a [u8],
    keys: Vec<u64>,
}

impl<'a> PlainNames<'a> {
    fn of(offsets: &'a [i32], texts: &'a [u8]) -> Option<Self> {
        let key = |ends: &[i32]| {
            let text = texts.get(usize::try_from(ends[0]).ok()?..usize::try_from(ends[1]).ok()?)?;
            (!text.is_empty()).then(|| key_of(text))
        };
        let keys = offsets.windows(2).map(key).collect::<Option<_>>()?;
        Some(Self { offsets, texts, keys })
    }

    fn get(&self, row: usize) -> &[u8] {
        let place = |at: usize| usize::try_from(self.offsets[at]).unwrap_or_default();
        &self.texts[place(row)..place(row + 1)]
    }
}

impl Names for PlainNames<'_> {
    #[inline]
    fn key(&self, row: usize) -> u64 {
        self.keys[row]
    }

    #[inline]
    fn compare(&self, one: usize, other: usize) -> Ordering {
        self.get(one).cmp(self.get(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::risk::money::Money;
    use crate::risk::overlay::{apply, with_results};
    use arrow_array::{ArrayRef, Float64Array, Int8Array, Int64Array, RecordBatch, StringArray};
    use std::sync::Arc;
    use triplebar_core::risk::{Caps, CapsConfig, Steps};

    const PLAIN: Plain<'_> = Plain {
        offsets: &[0, 8, 16, 17],
        texts: b"TOKENONETOKENONEX",
        sides: &[1, -1, 1],
        amounts: &[90.0, 30.25, 10.0],
        accounts: &[100.0, 100.0, 50.0],
        groups: Some(&[4, 4, 9]),
    };

    fn settings() -> Settings {
        let config = CapsConfig {
            token_ppb: Some(400_000_000),
            ..CapsConfig::default()
        };
        Settings {
            caps: Caps::new(config).unwrap(),
            steps: Steps::ALL,
            money: Money::new(2).unwrap(),
            by: vec!["group".into()],
        }
    }

    #[test]
    fn a_plain_table_gives_what_any_table_gives() {
        let columns: [(&str, ArrayRef); 5] = [
            ("symbol", Arc::new(StringArray::from(vec!["TOKENONE", "TOKENONE", "X"]))),
            ("side", Arc::new(Int8Array::from(PLAIN.sides.to_vec()))),
            ("target_usd", Arc::new(Float64Array::from(PLAIN.amounts.to_vec()))),
            ("account_value", Arc::new(Float64Array::from(PLAIN.accounts.to_vec()))),
            ("group", Arc::new(Int64Array::from(vec![4, 4, 9]))),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let answer = capped(&PLAIN, &settings()).unwrap();
        assert_eq!(
            (answer.amounts(), answer.cut()),
            (&[4000, 0, 1000][..], &[5000, 3025, 0][..])
        );
        let expected = apply(&batch, &settings()).unwrap();
        assert_eq!(with_results(&batch, settings().money, &answer).unwrap(), expected);
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_general_way() {
        let odd = [
            Plain { offsets: &[], ..PLAIN },
            Plain {
                offsets: &[0, 8, 16],
                ..PLAIN
            },
            Plain {
                offsets: &[0, 8, 16, 18],
                ..PLAIN
            },
            Plain {
                offsets: &[0, 8, 8, 17],
                ..PLAIN
            },
            Plain {
                offsets: &[0, 8, 4, 17],
                ..PLAIN
            },
            Plain {
                offsets: &[-1, 8, 16, 17],
                ..PLAIN
            },
            Plain {
                sides: &[1, -1, 0],
                ..PLAIN
            },
            Plain {
                sides: &[1, i8::MIN, 1],
                ..PLAIN
            },
            Plain { sides: &[], ..PLAIN },
            Plain {
                amounts: &[90.0, -30.25, 10.0],
                ..PLAIN
            },
            Plain {
                amounts: &[90.0, f64::NAN, 10.0],
                ..PLAIN
            },
            Plain {
                amounts: &[90.0],
                ..PLAIN
            },
            Plain {
                accounts: &[f64::INFINITY, 100.0, 50.0],
                ..PLAIN
            },
            Plain {
                accounts: &[100.0, 99.0, 50.0],
                ..PLAIN
            },
            Plain {
                accounts: &[100.0],
                ..PLAIN
            },
            Plain {
                groups: Some(&[9, 9, 4]),
                ..PLAIN
            },
            Plain {
                groups: Some(&[9]),
                ..PLAIN
            },
        ];
        for (at, plain) in odd.iter().enumerate() {
            assert!(capped(plain, &settings()).is_none(), "{at}");
        }
    }
}
