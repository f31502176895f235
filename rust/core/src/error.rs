//! What can go wrong in the core, each with the thing, the place and the fix.

use thiserror::Error as ErrorTrait;

/// Everything that stops a run.
#[derive(Debug, ErrorTrait, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A number left the 64-bit range.
    #[error(
        "{what} does not fit 64-bit integers; lower `cash_precision`, the instrument's precision or the sizes traded"
    )]
    Overflow {
        /// The number that does not fit.
        what: &'static str,
    },
    /// The settings cannot be read or contradict the market.
    #[error("settings: {message}")]
    Settings {
        /// What is wrong and what to write instead.
        message: String,
    },
    /// The columns of a market do not fit together.
    #[error("market: {message}")]
    Market {
        /// What is wrong, with instrument and row.
        message: String,
    },
    /// Rows of a table that make no sense.
    #[error("{message}")]
    Rows {
        /// What is wrong, with column and row, and what to write instead.
        message: String,
    },
    /// An instruction that no engine can carry out.
    #[error("order: {message}")]
    Order {
        /// What is wrong and what to write instead.
        message: String,
    },
    /// A checkpoint that does not belong here.
    #[error("checkpoint: {message}")]
    Checkpoint {
        /// What is wrong.
        message: String,
    },
}

/// A fault, one word wide: results stay in registers, and what never happens costs nothing.
#[derive(Debug, ErrorTrait, Clone, PartialEq, Eq)]
#[error(transparent)]
pub struct Error(Box<Fault>);

impl Error {
    /// What it is.
    #[must_use]
    pub fn fault(&self) -> &Fault {
        &self.0
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self(Box::new(fault))
    }
}

/// A number left the 64-bit range.
#[cold]
#[inline(never)]
#[must_use]
pub fn overflow(what: &'static str) -> Error {
    Fault::Overflow { what }.into()
}

/// An instruction that no engine can carry out.
#[cold]
#[inline(never)]
pub fn order(message: impl Into<String>) -> Error {
    Fault::Order {
        message: message.into(),
    }
    .into()
}

/// Settings that cannot be used.
#[cold]
#[inline(never)]
pub fn settings(message: impl Into<String>) -> Error {
    Fault::Settings {
        message: message.into(),
    }
    .into()
}

/// Columns that cannot be used.
#[cold]
#[inline(never)]
pub fn market(message: impl Into<String>) -> Error {
    Fault::Market {
        message: message.into(),
    }
    .into()
}

/// Rows of a table that cannot be used.
#[cold]
#[inline(never)]
pub fn rows(message: impl Into<String>) -> Error {
    Fault::Rows {
        message: message.into(),
    }
    .into()
}

/// A checkpoint that cannot be used.
#[cold]
#[inline(never)]
pub fn checkpoint(message: impl Into<String>) -> Error {
    Fault::Checkpoint {
        message: message.into(),
    }
    .into()
}

/// The result of anything in the core.
pub type Result<T> = std::result::Result<T, Error>;
