//! Rules: conditions over columns, and what a position is made of them.

use crate::error::{self, Result};
use serde::Deserialize;

/// One step of a condition in postfix order. Places are those of a set's operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Token {
    /// Whether the left operand is above the right one.
    Above(u32, u32),
    /// Whether it is above or equal.
    Reaches(u32, u32),
    /// Both of the last two.
    And,
    /// One of the last two.
    Or,
}

/// Comparisons joined by and and or. Comparing with NaN is false.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Condition(pub Vec<Token>);

/// The most conditions that wait for a partner.
pub(super) const DEPTH: usize = 16;

/// When to hold what.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Rule {
    /// Long or short while a condition holds; flat if both do.
    Hold {
        /// Long while this holds.
        long: Condition,
        /// Short while this holds.
        short: Option<Condition>,
    },
    /// Long from one condition to another, and short likewise; `Signals.from_entries` says what happens at one bar.
    Enter {
        /// Go long.
        long: Condition,
        /// Leave a long position.
        exit: Condition,
        /// Go short.
        short: Option<Condition>,
        /// Leave a short position.
        cover: Option<Condition>,
    },
}

impl Rule {
    /// Checks that every condition is whole and uses only these operands.
    ///
    /// # Errors
    /// One is not.
    pub fn check(&self, operands: usize) -> Result<()> {
        self.conditions().try_for_each(|condition| condition.check(operands))
    }

    fn conditions(&self) -> impl Iterator<Item = &Condition> {
        let parts = match self {
            Self::Hold { long, short } => [Some(long), None, short.as_ref(), None],
            Self::Enter {
                long,
                exit,
                short,
                cover,
            } => [Some(long), Some(exit), short.as_ref(), cover.as_ref()],
        };
        parts.into_iter().flatten()
    }
}

impl Condition {
    fn check(&self, operands: usize) -> Result<()> {
        let mut waiting = 0_usize;
        for token in &self.0 {
            match token {
                Token::Above(left, right) | Token::Reaches(left, right) => {
                    if (*left).max(*right) as usize >= operands {
                        return Err(error::settings("a rule compares an operand that it does not have"));
                    }
                    waiting += 1;
                }
                Token::And | Token::Or => {
                    if waiting < 2 {
                        return Err(error::settings("a rule joins conditions that it does not have"));
                    }
                    waiting -= 1;
                }
            }
            if waiting > DEPTH {
                return Err(error::settings(format!(
                    "a rule nests more than {DEPTH} conditions; write `(a & b) & c`, not `a & (b & c)`"
                )));
            }
        }
        if waiting == 1 {
            return Ok(());
        }
        Err(error::settings("a rule needs a condition"))
    }
}
