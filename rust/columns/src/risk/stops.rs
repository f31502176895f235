//! Stops over columns: one look at many positions.

use super::money::snapped;
use arrow_array::{Float64Array, StringArray};
use triplebar_core::error::{Result, rows};
use triplebar_core::risk::stops::{Exit, Held, StopRules};

/// Prices are compared in steps of this many parts (10⁻⁸).
const TICKS: f64 = 1e8;

/// One row a position.
#[derive(Debug, Clone, Copy)]
pub struct Positions<'a> {
    /// +1 long, -1 short.
    pub side: &'a [i8],
    /// What it was entered at.
    pub entry: &'a [f64],
    /// The best price so far.
    pub best: &'a [f64],
    /// The price now; not positive is none.
    pub mark: &'a [f64],
    /// When it was entered.
    pub since_ns: &'a [i64],
}

/// What to do, as columns.
#[derive(Debug)]
pub struct Looks {
    /// The best price, now counted.
    pub best: Float64Array,
    /// Why it has to go, or `none`.
    pub exit: StringArray,
    /// Where the loss would be too large, if there is such a stop.
    pub stop: Float64Array,
    /// Where it would have come back too far, if that counts yet.
    pub trailing: Float64Array,
}

/// Looks at every position.
///
/// # Errors
/// A price is not a finite number, an entry is not positive.
pub fn look(given: &Positions<'_>, rules: &StopRules, now_ns: i64) -> Result<Looks> {
    let count = given.side.len();
    let seen = (0..count).map(|row| look_at(given, row, rules, now_ns));
    let seen = seen.collect::<Result<Vec<_>>>()?;
    Ok(Looks {
        best: seen.iter().map(|one| one.best).collect::<Vec<_>>().into(),
        exit: StringArray::from_iter_values(seen.iter().map(|one| one.exit.unwrap_or("none"))),
        stop: seen.iter().map(|one| one.stop).collect(),
        trailing: seen.iter().map(|one| one.trailing).collect(),
    })
}

/// What one look at one position finds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    /// Why it has to go, if it has to.
    pub exit: Option<&'static str>,
    /// The best price, now counted.
    pub best: f64,
    /// Where the loss would be too large.
    pub stop: Option<f64>,
    /// Where it would have come back too far.
    pub trailing: Option<f64>,
}

/// Looks at the first position.
///
/// # Errors
/// As [`look`].
pub fn look_once(given: &Positions<'_>, rules: &StopRules, now_ns: i64) -> Result<Seen> {
    look_at(given, 0, rules, now_ns)
}

fn look_at(given: &Positions<'_>, row: usize, rules: &StopRules, now_ns: i64) -> Result<Seen> {
    let held = Held {
        side: given.side[row],
        entry: positive("entry_price", row, given.entry[row])?,
        best: positive("best_price", row, given.best[row])?,
        since_ns: given.since_ns[row],
    };
    let look = rules.look(&held, ticks("mark", row, given.mark[row])?, now_ns);
    let held = Held {
        best: look.best,
        ..held
    };
    Ok(Seen {
        exit: (look.exit != Exit::None).then(|| look.exit.text()),
        best: shown(look.best),
        stop: rules.stop_level(&held).map(shown),
        trailing: rules.trailing_level(&held).map(shown),
    })
}

fn positive(name: &str, row: usize, price: f64) -> Result<i64> {
    match ticks(name, row, price)? {
        ticks if ticks > 0 => Ok(ticks),
        _ => Err(unusable(name, row, price)),
    }
}

fn ticks(name: &str, row: usize, price: f64) -> Result<i64> {
    snapped((price * TICKS).round()).ok_or_else(|| unusable(name, row, price))
}

fn unusable(name: &str, row: usize, price: f64) -> triplebar_core::error::Error {
    rows(format!(
        "column {name}, row {row}: {price} is no price; give a positive number below 10 million"
    ))
}

#[expect(clippy::cast_precision_loss, reason = "at most 2^50")]
fn shown(ticks: i64) -> f64 {
    ticks as f64 / TICKS
}
