//! Texts that users attach to orders, kept once each.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A list of distinct texts, numbered from 1.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Labels {
    texts: Vec<String>,
    numbers: BTreeMap<String, u32>,
}

impl Labels {
    /// The number of a text, new or old.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "orders are numbered in 32 bits, so are their labels"
    )]
    pub fn number(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        self.texts.push(text.to_owned());
        let number = self.texts.len() as u32;
        self.numbers.insert(text.to_owned(), number);
        number
    }

    /// The text of a number.
    #[must_use]
    pub fn text(&self, number: u32) -> Option<&str> {
        self.texts.get((number as usize).checked_sub(1)?).map(String::as_str)
    }

    /// All texts, number 1 first.
    #[must_use]
    pub fn texts(&self) -> &[String] {
        &self.texts
    }
}
