//! One sequence of bytes for one value: what identities are computed from, equal in Rust and Python.
//!
//! The encoding is described in `triplebar.contracts.canonical`; both sides are held to the vectors in
//! `tests/contracts/canonical_vectors.json`.

use sha2::{Digest, Sha256};

/// Values nested deeper than this are refused by whoever builds them from outside.
pub const DEPTH_MAX: usize = 64;

/// A value that has canonical bytes.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    None,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Integer(i128),
    /// A double; all NaN are the same, -0.0 is not 0.0.
    Float(f64),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// `digits · 10^exponent` with a sign; only decimal digits.
    Decimal {
        /// Below zero.
        negative: bool,
        /// The coefficient, most significant digit first.
        digits: String,
        /// The power of ten.
        exponent: i64,
    },
    /// Nanoseconds since 1970.
    Time(i64),
    /// Items in order.
    List(Vec<Self>),
    /// Items by name, in any order, each name once.
    Map(Vec<(String, Self)>),
    /// A named record of fields.
    Record(String, Vec<(String, Self)>),
}

/// The canonical bytes of a value.
///
/// # Panics
/// A text, a list or a map has more than 2³² parts.
///
/// ```
/// use triplebar_core::canonical::{Value, encode};
/// assert_eq!(encode(&Value::Bool(true)), b"T");
/// ```
#[must_use]
pub fn encode(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out, value);
    out
}

/// The SHA-256 of the canonical bytes, in hexadecimal.
#[must_use]
pub fn digest(value: &Value) -> String {
    hexadecimal(&Sha256::digest(encode(value)))
}

fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

fn write(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::None => out.push(b'N'),
        Value::Bool(true) => out.push(b'T'),
        Value::Bool(false) => out.push(b'F'),
        Value::Integer(number) => tagged(out, b'I', &integer(*number)),
        Value::Float(number) => {
            out.push(b'D');
            out.extend_from_slice(&float_bits(*number).to_be_bytes());
        }
        Value::Text(text) => tagged(out, b'S', text.as_bytes()),
        Value::Bytes(bytes) => tagged(out, b'B', bytes),
        Value::Decimal {
            negative,
            digits,
            exponent,
        } => {
            tagged(out, b'M', decimal(*negative, digits, *exponent).as_bytes());
        }
        Value::Time(time_ns) => tagged(out, b'Z', &integer(i128::from(*time_ns))),
        Value::List(items) => {
            out.push(b'L');
            count(out, items.len());
            for item in items {
                write(out, item);
            }
        }
        Value::Map(items) => {
            out.push(b'O');
            entries(out, items);
        }
        Value::Record(name, items) => {
            tagged(out, b'C', name.as_bytes());
            entries(out, items);
        }
    }
}

fn entries(out: &mut Vec<u8>, items: &[(String, Value)]) {
    let mut sorted: Vec<_> = items.iter().collect();
    sorted.sort_by(|left, right| left.0.as_bytes().cmp(right.0.as_bytes()));
    count(out, sorted.len());
    for (name, value) in sorted {
        sized(out, name.as_bytes());
        write(out, value);
    }
}

fn tagged(out: &mut Vec<u8>, tag: u8, body: &[u8]) {
    out.push(tag);
    sized(out, body);
}

fn sized(out: &mut Vec<u8>, body: &[u8]) {
    count(out, body.len());
    out.extend_from_slice(body);
}

fn count(out: &mut Vec<u8>, number: usize) {
    let number = u32::try_from(number).expect("no value of ours has four thousand million parts");
    out.extend_from_slice(&number.to_be_bytes());
}

/// Big-endian two's complement in `bits(|n|) / 8 + 1` bytes.
fn integer(number: i128) -> Vec<u8> {
    let bits = 128 - number.unsigned_abs().leading_zeros() as usize;
    let length = bits / 8 + 1;
    let mut wide = vec![if number < 0 { 0xFF } else { 0 }; 17]; // -2^127 takes seventeen bytes
    wide[1..].copy_from_slice(&number.to_be_bytes());
    wide.split_off(17 - length)
}

const fn float_bits(number: f64) -> u64 {
    if number.is_nan() {
        0x7FF8_0000_0000_0000
    } else {
        number.to_bits()
    }
}

/// `<coefficient>E<exponent>` without leading and trailing zeros; zero is `0E0`.
fn decimal(negative: bool, digits: &str, exponent: i64) -> String {
    let whole = digits.trim_start_matches('0');
    let short = whole.trim_end_matches('0');
    if short.is_empty() {
        return "0E0".to_owned();
    }
    let sign = if negative { "-" } else { "" };
    let dropped = i64::try_from(whole.len() - short.len()).unwrap_or(i64::MAX);
    format!("{sign}{short}E{}", exponent.saturating_add(dropped))
}

#[cfg(test)]
mod tests {
    use super::{Value, digest, encode, hexadecimal};
    use serde_json::Value as Json;

    const VECTORS: &str = include_str!("../../../tests/contracts/canonical_vectors.json");

    fn unhex(text: &str) -> Vec<u8> {
        (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
            .collect()
    }

    fn entries(json: &Json) -> Vec<(String, Value)> {
        let rows = json.as_array().unwrap().iter();
        rows.map(|row| (row[0].as_str().unwrap().to_owned(), parse(&row[1])))
            .collect()
    }

    fn parse_decimal(text: &str) -> Value {
        let negative = text.starts_with('-');
        let (digits, exponent) = text.trim_start_matches('-').split_once('E').unwrap();
        Value::Decimal {
            negative,
            digits: digits.to_owned(),
            exponent: exponent.parse().unwrap(),
        }
    }

    fn parse(json: &Json) -> Value {
        let (kind, body) = json.as_object().unwrap().iter().next().unwrap();
        let text = || body.as_str().unwrap();
        match kind.as_str() {
            "none" => Value::None,
            "bool" => Value::Bool(body.as_bool().unwrap()),
            "integer" => Value::Integer(text().parse().unwrap()),
            "float" => Value::Float(f64::from_bits(u64::from_str_radix(text(), 16).unwrap())),
            "text" => Value::Text(text().to_owned()),
            "bytes" => Value::Bytes(unhex(text())),
            "decimal" => parse_decimal(text()),
            "time" => Value::Time(text().parse().unwrap()),
            "list" => Value::List(body.as_array().unwrap().iter().map(parse).collect()),
            "map" => Value::Map(entries(body)),
            "record" => Value::Record(body[0].as_str().unwrap().to_owned(), entries(&body[1])),
            other => panic!("unknown kind {other}"),
        }
    }

    #[test]
    fn equals_the_python_side_on_all_vectors() {
        let vectors: Vec<Json> = serde_json::from_str(VECTORS).unwrap();
        assert!(vectors.len() >= 200, "only {} vectors", vectors.len());
        for vector in &vectors {
            let value = parse(&vector["value"]);
            assert_eq!(
                hexadecimal(&encode(&value)),
                vector["bytes"].as_str().unwrap(),
                "{value:?}"
            );
            assert_eq!(digest(&value), vector["digest"].as_str().unwrap(), "{value:?}");
        }
    }

    #[test]
    fn the_order_of_names_does_not_matter_and_the_order_of_items_does() {
        let pair = |first: &str, second: &str| {
            Value::Map(vec![(first.to_owned(), Value::None), (second.to_owned(), Value::None)])
        };
        assert_eq!(encode(&pair("a", "b")), encode(&pair("b", "a")));
        let list = |first, second| Value::List(vec![Value::Bool(first), Value::Bool(second)]);
        assert_ne!(encode(&list(true, false)), encode(&list(false, true)));
    }

    #[test]
    fn the_widest_integers_are_written_whole() {
        assert_eq!(
            hexadecimal(&encode(&Value::Integer(i128::MIN))),
            format!("4900000011ff80{}", "0".repeat(30))
        );
        assert_eq!(
            hexadecimal(&encode(&Value::Integer(i128::MAX))),
            format!("49000000107f{}", "f".repeat(30))
        );
    }
}
