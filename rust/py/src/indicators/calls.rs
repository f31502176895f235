//! Indicators for compiled strategies: C functions over the very objects that Python holds, so there is one definition.
#![expect(
    unsafe_code,
    reason = "compiled strategies speak C: every function here is given the address of an indicator of its kind"
)]

use triplebar_core::indicators::{
    Adx, Atr, Bollinger, Donchian, Ema, Indicator, Macd, PriceRange, Roc, RollingStd, Rsi, Sma, Stochastic, TrueRange,
    VolumePrice, Vwap, Wma, ZScore,
};

use super::state::{bands, convergence, directional, or_nan, oscillator};

/// An indicator whose inputs and lines are plain numbers.
trait Streamed: Indicator {
    fn input(numbers: [f64; 3]) -> Self::Input;
    fn lines(value: Option<Self::Output>) -> [f64; 3];
}

macro_rules! streamed {
    ($($core:ty: $input:expr => $lines:expr;)+) => {$(
        impl Streamed for $core {
            fn input(numbers: [f64; 3]) -> Self::Input {
                $input(numbers)
            }

            fn lines(value: Option<Self::Output>) -> [f64; 3] {
                $lines(value)
            }
        }
    )+};
}

const fn first([value, _, _]: [f64; 3]) -> f64 {
    value
}

const fn range([high, low, close]: [f64; 3]) -> PriceRange {
    PriceRange { high, low, close }
}

const fn channel([high, low, _]: [f64; 3]) -> PriceRange {
    PriceRange { high, low, close: low }
}

/// A session that is no number is none.
#[expect(clippy::cast_possible_truncation, reason = "session numbers are small whole numbers")]
const fn traded([price, volume, session]: [f64; 3]) -> VolumePrice {
    VolumePrice {
        price,
        volume,
        session: if session.is_nan() { None } else { Some(session as i64) },
    }
}

fn one(value: Option<f64>) -> [f64; 3] {
    [or_nan(value), f64::NAN, f64::NAN]
}

streamed! {
    Sma: first => one;
    Ema: first => one;
    Wma: first => one;
    Rsi: first => one;
    Roc: first => one;
    RollingStd: first => one;
    ZScore: first => one;
    Macd: first => |value| convergence(value).into();
    Bollinger: first => |value| bands(value).into();
    TrueRange: range => one;
    Atr: range => one;
    Adx: range => |value| directional(value).into();
    Donchian: channel => |value| bands(value).into();
    Stochastic: range => |value| { let (k, d) = oscillator(value); [k, d, f64::NAN] };
    Vwap: traded => one;
}

/// Takes one input, writes the lines, says whether there is a value.
///
/// # Safety
/// `core` is the address of such an indicator, which nothing else uses meanwhile; three numbers fit at `lines`.
unsafe extern "C" fn update<T: Streamed>(core: *mut T, a: f64, b: f64, c: f64, lines: *mut [f64; 3]) -> i64 {
    // SAFETY: the caller's promise.
    let (core, lines) = unsafe { (&mut *core, &mut *lines) };
    let value = core.update(T::input([a, b, c]));
    let ready = value.is_some();
    *lines = T::lines(value);
    i64::from(ready)
}

/// Takes one number, gives the value; NaN while there is none.
///
/// # Safety
/// As for [`update`].
unsafe extern "C" fn step<T: Indicator<Input = f64, Output = f64>>(core: *mut T, value: f64) -> f64 {
    // SAFETY: the caller's promise.
    or_nan(unsafe { (*core).update(value) })
}

/// Whether there is a value.
///
/// # Safety
/// As for [`update`].
unsafe extern "C" fn ready<T: Indicator>(core: *const T) -> i64 {
    // SAFETY: the caller's promise.
    i64::from(unsafe { (*core).ready() })
}

/// Writes the lines as they stand, says whether there is a value.
///
/// # Safety
/// As for [`update`].
unsafe extern "C" fn look<T: Streamed>(core: *mut T, lines: *mut [f64; 3]) -> i64 {
    // SAFETY: the caller's promise.
    let (core, lines) = unsafe { (&*core, &mut *lines) };
    *lines = T::lines(core.value());
    i64::from(core.ready())
}

/// Forgets everything seen.
///
/// # Safety
/// As for [`update`].
unsafe extern "C" fn reset<T: Streamed>(core: *mut T) {
    // SAFETY: the caller's promise.
    unsafe { (*core).reset() }
}

macro_rules! table {
    (lines: $($name:literal: $core:ty),+; numbers: $($plain:literal: $single:ty),+ $(,)?) => {
        /// Every function by the name of its class, with its address.
        pub fn table() -> Vec<(&'static str, usize)> {
            vec![
                $(
                    (concat!($name, "_update"), update::<$core> as *const () as usize),
                    (concat!($name, "_look"), look::<$core> as *const () as usize),
                    (concat!($name, "_ready"), ready::<$core> as *const () as usize),
                    (concat!($name, "_reset"), reset::<$core> as *const () as usize),
                )+
                $((concat!($plain, "_step"), step::<$single> as *const () as usize),)+
            ]
        }
    };
}

table! {
    lines: "SMA": Sma, "EMA": Ema, "WMA": Wma, "RSI": Rsi, "ROC": Roc, "RollingStd": RollingStd, "ZScore": ZScore,
    "MACD": Macd, "Bollinger": Bollinger, "TrueRange": TrueRange, "ATR": Atr, "ADX": Adx, "Donchian": Donchian,
    "Stochastic": Stochastic, "VWAP": Vwap;
    numbers: "SMA": Sma, "EMA": Ema, "WMA": Wma, "RSI": Rsi, "ROC": Roc, "RollingStd": RollingStd, "ZScore": ZScore,
}

/// Where the fields of a simple mean lie, in bytes; `cells` is the address of its window. `None` where that cannot be said.
pub fn mean_fields() -> Option<Vec<(&'static str, usize)>> {
    let start = vector_start()?;
    let placed = |(name, at)| (name, if name == "cells" { at + start } else { at });
    Some(Sma::fields().into_iter().map(placed).collect())
}

/// Where in a vector the address of its items stands, which no rule says: found by looking.
fn vector_start() -> Option<usize> {
    const WORDS: usize = size_of::<Vec<f64>>() / size_of::<usize>();
    let mut vector = Vec::with_capacity(3);
    vector.push(1.0_f64);
    // SAFETY: a vector is made of words and nothing between them: address, capacity and length.
    let words: [usize; WORDS] = unsafe { std::mem::transmute_copy(&vector) };
    let found = words.iter().position(|word| *word == vector.as_ptr() as usize)?;
    Some(found * size_of::<usize>())
}
