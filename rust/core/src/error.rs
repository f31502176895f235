//! What can go wrong in the core, each with the thing, the place and the fix.

use thiserror::Error;

/// Everything that stops a run.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum Error {
    /// A number left the 64-bit range.
    #[error("{what} does not fit 64-bit integers; lower `cash_precision`, the instrument's precision or the sizes traded")]
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

/// The result of anything in the core.
pub type Result<T> = std::result::Result<T, Error>;
