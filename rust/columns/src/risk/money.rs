//! Money: from a column of numbers to whole minor units and back.

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Float64Type, Int64Type};
use arrow_array::{Array, Float64Array};
use arrow_schema::DataType;
use triplebar_core::error::{Result, rows};

/// Amounts beyond this many minor units are refused: up to here a double that is divided by the scale and multiplied again
/// comes back to its unit.
pub const MINOR_MAX: i64 = 1 << 50;

/// How far from a whole minor unit a double may be and still mean it.
const SNAP: f64 = 1e-6;

/// The same as a share of a large number: what a division and a multiplication can lose.
const SNAP_SHARE: f64 = 4.5e-16;

/// Whole minor units of money with so many decimals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Money {
    decimals: u32,
    scale: f64,
}

impl Money {
    /// Money with up to 9 decimals.
    ///
    /// # Errors
    /// More than that.
    pub fn new(decimals: u32) -> Result<Self> {
        if decimals > 9 {
            return Err(rows(format!("decimals = {decimals}: must be from 0 to 9")));
        }
        let scale = f64::from(10_u32.pow(decimals));
        Ok(Self { decimals, scale })
    }

    /// How many decimals.
    #[must_use]
    pub const fn decimals(self) -> u32 {
        self.decimals
    }

    /// A column in minor units, rounded towards zero.
    ///
    /// # Errors
    /// A value is not a finite number, too large, or the column holds something else.
    pub fn read(self, array: &dyn Array, name: &str) -> Result<Vec<i64>> {
        if let Some(found) = array.as_primitive_opt::<Float64Type>() {
            return self.floats(found.values(), name);
        }
        if let Some(found) = array.as_primitive_opt::<Int64Type>() {
            return self.decimals_of(found.values().iter().map(|value| i128::from(*value)), 0, name);
        }
        if let (Some(found), DataType::Decimal128(_, scale)) =
            (array.as_primitive_opt::<Decimal128Type>(), array.data_type())
        {
            return self.decimals_of(found.values().iter().copied(), *scale, name);
        }
        Err(rows(format!(
            "column {name} has the type {}; give float64, int64 or decimal128",
            array.data_type()
        )))
    }

    /// The same, none below zero.
    ///
    /// # Errors
    /// As [`Money::read`], or a value is negative.
    pub fn read_positive(self, array: &dyn Array, name: &str) -> Result<Vec<i64>> {
        let found = self.read(array, name)?;
        match found.iter().position(|amount| *amount < 0) {
            None => Ok(found),
            Some(row) => Err(rows(format!(
                "column {name}, row {row}: the amount is negative; the direction stands in the column side"
            ))),
        }
    }

    /// What users see of minor units.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "at most 2^50")]
    pub fn write(self, minor: &[i64]) -> Float64Array {
        minor
            .iter()
            .map(|amount| *amount as f64 / self.scale)
            .collect::<Vec<_>>()
            .into()
    }

    /// Doubles in minor units; `None` if one of them cannot be used.
    #[must_use]
    pub fn whole(self, values: &[f64]) -> Option<Vec<i64>> {
        values.iter().map(|value| snapped(*value * self.scale)).collect()
    }

    fn floats(self, values: &[f64], name: &str) -> Result<Vec<i64>> {
        let mut found = Vec::with_capacity(values.len());
        for (row, value) in values.iter().enumerate() {
            match snapped(*value * self.scale) {
                Some(minor) => found.push(minor),
                None => return Err(unusable(name, row, value)),
            }
        }
        Ok(found)
    }

    fn decimals_of(self, values: impl Iterator<Item = i128>, scale: i8, name: &str) -> Result<Vec<i64>> {
        let shift = i64::from(self.decimals) - i64::from(scale);
        let factor = u32::try_from(shift.abs())
            .ok()
            .and_then(|power| 10_i128.checked_pow(power));
        let one = |(row, value): (usize, i128)| {
            let minor = match factor {
                Some(factor) if shift >= 0 => value.checked_mul(factor),
                Some(factor) => Some(value / factor),
                None => None,
            };
            let minor = minor.and_then(|minor| i64::try_from(minor).ok());
            minor
                .filter(|minor| minor.abs() <= MINOR_MAX)
                .ok_or_else(|| unusable(name, row, &value))
        };
        values.enumerate().map(one).collect()
    }
}

/// The whole number a double means: the nearest within 10⁻⁶ or its own precision, else the next towards zero.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "bounded by 2^50"
)]
#[must_use]
pub fn snapped(value: f64) -> Option<i64> {
    if value.is_nan() || value.abs() > MINOR_MAX as f64 {
        return None;
    }
    let whole = value as i64;
    let rest = value - whole as f64;
    let near = SNAP.max(value.abs() * SNAP_SHARE);
    let up = i64::from(rest > 1.0 - near) - i64::from(rest < near - 1.0);
    Some(whole + up)
}

fn unusable(name: &str, row: usize, value: &dyn std::fmt::Display) -> triplebar_core::error::Error {
    rows(format!(
        "column {name}, row {row}: {value} cannot be used; give a finite amount below 2^50 minor units"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Decimal128Array, Int64Array, StringArray};

    fn cents() -> Money {
        Money::new(2).unwrap()
    }

    #[test]
    fn a_double_means_the_unit_that_it_is_next_to() {
        assert_eq!(snapped(0.29 * 100.0), Some(29)); // 28.999999999999996
        assert_eq!(snapped(29.000_000_9), Some(29));
        assert_eq!(snapped(28.999_99), Some(28));
        assert_eq!(snapped(-0.29 * 100.0), Some(-29));
        assert_eq!(snapped(-28.999_99), Some(-28));
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for value in [f64::NAN, f64::INFINITY, -f64::INFINITY, 1.2e15, -1.2e15] {
            assert_eq!(snapped(value), None, "{value}");
        }
        assert_eq!(snapped(1_125_899_906_842_624.0), Some(MINOR_MAX));
    }

    #[test]
    fn every_kind_of_column_is_read() {
        let floats = Float64Array::from(vec![1.25, 0.019]);
        assert_eq!(cents().read(&floats, "x"), Ok(vec![125, 1]));
        assert_eq!(cents().read(&Int64Array::from(vec![7, -7]), "x"), Ok(vec![700, -700]));
        let fine = Decimal128Array::from(vec![12_999_i128])
            .with_precision_and_scale(10, 4)
            .unwrap();
        assert_eq!(cents().read(&fine, "x"), Ok(vec![129]));
        let coarse = Decimal128Array::from(vec![13_i128])
            .with_precision_and_scale(10, 1)
            .unwrap();
        assert_eq!(cents().read(&coarse, "x"), Ok(vec![130]));
        assert!(cents().read(&StringArray::from(vec!["1"]), "x").is_err());
        let wide = Decimal128Array::from(vec![i128::MAX / 10]);
        assert!(cents().read(&wide, "x").is_err());
        assert!(cents().read(&Int64Array::from(vec![i64::MAX]), "x").is_err());
    }

    #[test]
    fn what_is_written_reads_back() {
        let minor = vec![0, 1, 29, 333, 14_876_401_223, MINOR_MAX / 3, MINOR_MAX - 1, MINOR_MAX];
        assert_eq!(cents().read(&cents().write(&minor), "x"), Ok(minor));
    }
}
