//! Exact arithmetic: the one rounding of money (S-01) and products that refuse to wrap.

use crate::error::{Result, overflow};

/// One whole in parts per billion.
pub const PPB: i64 = 1_000_000_000;

/// `a · b / d` to the nearest whole, half away from zero; `b` and `d` must not be negative.
///
/// # Errors
/// The quotient does not fit 64 bits.
#[inline]
pub fn ratio_nearest(a: i64, b: i64, d: i64) -> Result<i64> {
    let magnitude = a.unsigned_abs();
    // The 64-bit path is the same formula: a 128-bit division costs ten times as much.
    let quotient = if let Some(product) = magnitude
        .checked_mul(b.unsigned_abs())
        .and_then(|product| product.checked_add(d.unsigned_abs() / 2))
    {
        i64::try_from(product / d.unsigned_abs()).ok()
    } else {
        let product = u128::from(magnitude) * u128::from(b.unsigned_abs()) + u128::from(d.unsigned_abs() / 2);
        i64::try_from(product / u128::from(d.unsigned_abs())).ok()
    };
    quotient
        .map(|quotient| if a < 0 { -quotient } else { quotient })
        .ok_or_else(|| overflow("a rounded amount"))
}

/// S-01: `a` times a rate in parts per billion, nearest, half away from zero.
///
/// # Errors
/// The amount does not fit 64 bits.
#[inline]
pub fn scale(a: i64, ppb: i64) -> Result<i64> {
    if ppb == PPB {
        return Ok(a);
    }
    let magnitude = a.unsigned_abs();
    // A constant divisor becomes a multiplication: this is the path of nearly every fee.
    if let Some(product) = magnitude.checked_mul(ppb.unsigned_abs())
        && product <= u64::MAX / 2
    {
        let whole = ((product + PPB.unsigned_abs() / 2) / PPB.unsigned_abs()).cast_signed();
        return Ok(if a < 0 { -whole } else { whole });
    }
    ratio_nearest(a, ppb, PPB)
}

/// S-01 for what is not negative; `None` from 2^61 on.
#[inline]
#[must_use]
pub const fn scale_small(a: u64, ppb: u64) -> Option<i64> {
    match a.checked_mul(ppb) {
        Some(product) if product <= u64::MAX / 2 => {
            Some(((product + PPB.unsigned_abs() / 2) / PPB.unsigned_abs()).cast_signed())
        }
        _ => scale_in_parts(a, ppb),
    }
}

/// The same where the product is wider: whole billions are scaled without a division.
const fn scale_in_parts(a: u64, ppb: u64) -> Option<i64> {
    let (billions, rest) = (a / PPB.unsigned_abs(), a % PPB.unsigned_abs());
    let (Some(most), Some(rest)) = (billions.checked_mul(ppb), rest.checked_mul(ppb)) else {
        return None;
    };
    if most >= 1 << 60 || rest >= 1 << 60 {
        return None;
    }
    Some((most + (rest + PPB.unsigned_abs() / 2) / PPB.unsigned_abs()).cast_signed())
}

/// S-01 for sums wider than 64 bits, as long as the product with the rate fits 128.
#[must_use]
pub const fn scale_wide(a: i128, ppb: i64) -> i128 {
    let product = a.unsigned_abs().saturating_mul(ppb.unsigned_abs() as u128);
    let whole = (product.saturating_add(PPB as u128 / 2) / PPB as u128).cast_signed();
    if a < 0 { -whole } else { whole }
}

/// `⌈a · b / d⌉` for numbers that are not negative.
///
/// # Errors
/// The quotient does not fit 64 bits.
pub fn ratio_up(a: i64, b: i64, d: i64) -> Result<i64> {
    let (product, d) = (i128::from(a) * i128::from(b), i128::from(d));
    i64::try_from((product + d - 1) / d).map_err(|_| overflow("a ratio"))
}

/// `⌊a · b / d⌋` for numbers that are not negative.
///
/// # Errors
/// The quotient does not fit 64 bits.
#[inline]
pub fn ratio_down(a: i64, b: i64, d: i64) -> Result<i64> {
    // The 64-bit path is the same formula: a 128-bit division costs ten times as much.
    if let Some(product) = a.checked_mul(b) {
        return Ok((product.unsigned_abs() / d.unsigned_abs()).cast_signed());
    }
    i64::try_from(i128::from(a) * i128::from(b) / i128::from(d)).map_err(|_| overflow("a ratio"))
}

/// `lots · ticks · unit`: money.
///
/// # Errors
/// The amount does not fit 64 bits.
#[inline]
pub fn worth(lots: i64, ticks: i64, unit: i64) -> Result<i64> {
    lots.checked_mul(ticks)
        .and_then(|product| product.checked_mul(unit))
        .ok_or_else(|| overflow("a value (size × price)"))
}

/// A product of numbers that make money.
///
/// # Errors
/// The product does not fit 64 bits.
#[inline]
pub fn times(a: i64, b: i64) -> Result<i64> {
    a.checked_mul(b).ok_or_else(|| overflow("a value (size × price)"))
}

/// A sum of money.
///
/// # Errors
/// The sum does not fit 64 bits.
#[inline]
pub fn sum(a: i64, b: i64) -> Result<i64> {
    a.checked_add(b).ok_or_else(|| overflow("a sum of money"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scale_rounds_half_away_from_zero() {
        assert_eq!(scale(5, 100_000_000), Ok(1));
        assert_eq!(scale(-5, 100_000_000), Ok(-1));
        assert_eq!(scale(4, 100_000_000), Ok(0));
    }

    #[test]
    fn a_small_amount_is_scaled_like_any_other() {
        for a in [0_i64, 1, 5, 10_000, 999_999_999, 1 << 33, 1 << 40, i64::MAX] {
            for ppb in [0_i64, 1, 7, 100_000, 999_999_999, PPB, 3 * PPB] {
                if let Some(small) = scale_small(a.unsigned_abs(), ppb.unsigned_abs()) {
                    assert_eq!(scale(a, ppb), Ok(small));
                } else {
                    assert!(i128::from(a) * i128::from(ppb) >= i128::from(PPB) << 60 || ppb > PPB);
                }
            }
        }
    }

    #[test]
    fn the_two_paths_of_a_ratio_agree() {
        for a in [1_i64, 3, 999_999_999, 1 << 33, i64::MAX / 3] {
            for b in [1_i64, 7, 100_000, 999_999_999] {
                let wide = (i128::from(a) * i128::from(b) + 500_000_000) / 1_000_000_000;
                assert_eq!(
                    ratio_nearest(a, b, PPB).ok().map(i128::from),
                    i64::try_from(wide).ok().map(i128::from)
                );
            }
        }
    }

    #[test]
    fn overflow_is_an_error() {
        assert!(worth(i64::MAX, 2, 1).is_err());
        assert!(sum(i64::MAX, 1).is_err());
    }
}
