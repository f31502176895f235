//! The lines that a compiled strategy logs: written down as words while it runs, read as texts and numbers afterwards.

use crate::compiled::counter::Texts;
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use triplebar_core::codes::{EventKind, Moment, OrderKind, OrderStatus, Reason, Role, TimeInForce};
use triplebar_core::random::fnv1a64;

/// What a field of a line is; Python's side of it stands in `strategy/compile/machine/notes.py`.
const WHOLE: u64 = 0;
const TRUTH: u64 = 1;
const REAL: u64 = 2;
const TEXT: u64 = 3;

/// Lines as words: time, message and number of fields; of each field name, kind and value.
#[derive(Debug, Default)]
pub struct Notes(Vec<u64>);

/// Time, message, names and values.
pub type Line = (i64, String, Vec<(String, Py<PyAny>)>);

impl Notes {
    /// Begins a line.
    pub fn begin(&mut self, time_ns: i64, message: u64, fields: i64) {
        self.0
            .extend([time_ns.cast_unsigned(), message, fields.cast_unsigned()]);
    }

    /// Adds a field to the line that was begun last.
    pub fn add(&mut self, name: u64, kind: i64, value: u64) {
        self.0.extend([name, kind.cast_unsigned(), value]);
    }

    /// The lines; one that a failure has cut short is left out.
    pub fn lines(&self, py: Python<'_>, texts: &Texts) -> PyResult<Vec<Line>> {
        let mut lines = Vec::new();
        let mut rest = self.0.as_slice();
        while let [time_ns, message, count, left @ ..] = rest {
            let words = usize::try_from(*count).unwrap_or(usize::MAX).saturating_mul(3);
            let Some((fields, left)) = left.split_at_checked(words) else {
                break;
            };
            let field = |field: &[u64]| match *field {
                [name, kind, word] => Ok((text_of(texts, name), value(py, texts, kind, word)?)),
                _ => Ok((String::new(), py.None())),
            };
            let fields = fields.chunks_exact(3).map(field).collect::<PyResult<_>>()?;
            lines.push((time_ns.cast_signed(), text_of(texts, *message), fields));
            rest = left;
        }
        Ok(lines)
    }
}

fn value(py: Python<'_>, texts: &Texts, kind: u64, word: u64) -> PyResult<Py<PyAny>> {
    match kind {
        WHOLE => word.cast_signed().into_py_any(py),
        TRUTH => (word != 0).into_py_any(py),
        REAL => f64::from_bits(word).into_py_any(py),
        TEXT if word != 0 => text_of(texts, word).into_py_any(py),
        _ => Ok(py.None()),
    }
}

fn text_of(texts: &Texts, hash: u64) -> String {
    texts.text(hash).map_or_else(|| format!("{hash:016x}"), str::to_owned)
}

/// One of the engine's own words, by its hash.
pub fn own_text(hash: u64) -> Option<&'static str> {
    static OWN: LazyLock<BTreeMap<u64, &'static str>> =
        LazyLock::new(|| own_texts().map(|text| (fnv1a64(text), text)).collect());
    OWN.get(&hash).copied()
}

/// The engine's own words, which handlers are told.
pub fn own_texts() -> impl Iterator<Item = &'static str> {
    let kinds = OrderKind::ALL.iter().map(|code| code.text());
    let times = TimeInForce::ALL.iter().map(|code| code.text());
    let states = OrderStatus::ALL.iter().map(|code| code.text());
    let events = EventKind::ALL.iter().map(|code| code.text());
    let reasons = Reason::ALL.iter().map(|code| code.text());
    let moments = Moment::ALL.iter().map(|code| code.text());
    let roles = Role::ALL.iter().map(|code| code.text());
    let orders = kinds.chain(times).chain(states);
    orders.chain(events).chain(reasons).chain(moments).chain(roles)
}
