//! Stops of a position that is held: loss, trailing, time.

use crate::units::PPB;

/// When a position has to go. Shares are parts per billion of a price; `None` is no such stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StopRules {
    /// From the entry.
    pub loss_ppb: Option<i64>,
    /// From the best price since the entry.
    pub trailing_ppb: Option<i64>,
    /// How long it may last.
    pub duration_ns: Option<i64>,
    /// Whether the trailing stop waits until it would take a profit.
    pub in_profit: bool,
}

/// A position and what it has seen. Prices are whole ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// +1 long, -1 short.
    pub side: i8,
    /// What it was entered at, on average.
    pub entry: i64,
    /// The best price since the entry: the highest for a long, the lowest for a short.
    pub best: i64,
    /// When it was entered.
    pub since_ns: i64,
}

/// Why it has to go, in order of priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// It may stay.
    None,
    /// The loss is too large.
    StopLoss,
    /// It has come back too far.
    TrailingStop,
    /// It has lasted too long.
    TimeStop,
}

impl Exit {
    /// Every exit, in the order of its code.
    pub const ALL: &'static [Self] = &[Self::None, Self::StopLoss, Self::TrailingStop, Self::TimeStop];

    /// The text that users read.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::StopLoss => "stop_loss",
            Self::TrailingStop => "trailing_stop",
            Self::TimeStop => "time_stop",
        }
    }
}

/// The answer to one look at the market.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Whether it has to go.
    pub exit: Exit,
    /// The best price, this one counted.
    pub best: i64,
}

impl StopRules {
    /// Looks at a position at a price: the ratchet first, then stop, trailing, time. A price that is not positive is
    /// no price: nothing is decided.
    #[must_use]
    pub fn look(&self, held: &Held, mark: i64, now_ns: i64) -> Look {
        if mark <= 0 {
            let (exit, best) = (Exit::None, held.best);
            return Look { exit, best };
        }
        let best = if ahead(held.side, mark, held.best) {
            mark
        } else {
            held.best
        };
        let met = |level: Option<i64>| level.is_some_and(|level| !ahead(held.side, mark, level));
        let exit = if met(self.stop_level(held)) {
            Exit::StopLoss
        } else if met(self.trailing_level(&Held { best, ..*held })) {
            Exit::TrailingStop
        } else if self
            .duration_ns
            .is_some_and(|most| now_ns.saturating_sub(held.since_ns) >= most)
        {
            Exit::TimeStop
        } else {
            Exit::None
        };
        Look { exit, best }
    }

    /// where the loss is too large.
    #[must_use]
    pub fn stop_level(&self, held: &Held) -> Option<i64> {
        self.loss_ppb.map(|ppb| away(held.side, held.entry, ppb))
    }

    /// where it has come back too far, if that counts yet.
    #[must_use]
    pub fn trailing_level(&self, held: &Held) -> Option<i64> {
        let level = self.trailing_ppb.map(|ppb| away(held.side, held.best, ppb))?;
        let waits = self.in_profit && !ahead(held.side, level, held.entry);
        (!waits).then_some(level)
    }
}

/// Whether a price is better than another for the side.
const fn ahead(side: i8, price: i64, other: i64) -> bool {
    if side > 0 { price > other } else { price < other }
}

/// The last price that is at least a share worse than another: `⌊p·(1 - s)⌋` for a long, `⌈p·(1 + s)⌉` for a short. A whole
/// price is at or beyond it exactly if it is at or beyond the unrounded one.
fn away(side: i8, price: i64, ppb: i64) -> i64 {
    let factor = i128::from(PPB) - i128::from(side) * i128::from(ppb);
    let product = i128::from(price) * factor;
    let level = if side > 0 {
        product.div_euclid(i128::from(PPB))
    } else {
        -(-product).div_euclid(i128::from(PPB))
    };
    i64::try_from(level).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: StopRules = StopRules {
        loss_ppb: Some(50_000_000),
        trailing_ppb: Some(80_000_000),
        duration_ns: Some(72),
        in_profit: false,
    };

    /// Entry 100.0, in tenths; walks through the marks until an exit.
    fn walk(rules: &StopRules, side: i8, marks: &[i64]) -> (Exit, usize, i64) {
        let mut held = Held {
            side,
            entry: 1_000,
            best: 1_000,
            since_ns: 0,
        };
        for (at, mark) in marks.iter().enumerate() {
            let look = rules.look(&held, *mark, 0);
            held.best = look.best;
            if look.exit != Exit::None {
                return (look.exit, at, held.best);
            }
        }
        (Exit::None, marks.len(), held.best)
    }

    #[test]
    fn a_long_leaves_exactly_at_its_trailing_level() {
        let marks = [1_010, 1_100, 1_013, 1_012];
        assert_eq!(walk(&RULES, 1, &marks), (Exit::TrailingStop, 3, 1_100));
    }

    #[test]
    fn a_short_leaves_exactly_at_its_trailing_level() {
        let marks = [950, 900, 971, 972];
        assert_eq!(walk(&RULES, -1, &marks), (Exit::TrailingStop, 3, 900));
    }

    #[test]
    fn the_stop_is_met_exactly() {
        assert_eq!(walk(&RULES, 1, &[951, 950]).0, Exit::StopLoss);
        assert_eq!(walk(&RULES, 1, &[951]).0, Exit::None);
        assert_eq!(walk(&RULES, -1, &[1_049, 1_050]).0, Exit::StopLoss);
        assert_eq!(walk(&RULES, -1, &[1_049]).0, Exit::None);
    }

    #[test]
    fn stop_comes_before_trailing_and_trailing_before_time() {
        let held = Held {
            side: 1,
            entry: 1_000,
            best: 1_100,
            since_ns: 0,
        };
        assert_eq!(RULES.look(&held, 900, 100).exit, Exit::StopLoss);
        assert_eq!(RULES.look(&held, 1_000, 100).exit, Exit::TrailingStop);
        assert_eq!(RULES.look(&held, 1_050, 100).exit, Exit::TimeStop);
        assert_eq!(RULES.look(&held, 1_050, 72).exit, Exit::TimeStop);
        assert_eq!(RULES.look(&held, 1_050, 71).exit, Exit::None);
    }

    #[test]
    fn without_a_price_nothing_is_decided() {
        let held = Held {
            side: -1,
            entry: 1_000,
            best: 900,
            since_ns: 0,
        };
        for mark in [0, -5] {
            assert_eq!(
                RULES.look(&held, mark, 0),
                Look {
                    exit: Exit::None,
                    best: 900
                }
            );
            assert_eq!(RULES.look(&held, mark, 72).exit, Exit::None);
        }
    }

    #[test]
    fn waiting_for_profit_the_level_has_to_pass_the_entry() {
        let rules = StopRules {
            in_profit: true,
            loss_ppb: None,
            ..RULES
        };
        // 1 087 · 0.92 = 1 000.04 is past the entry, 1 086 · 0.92 = 999.12 is not; equal is not a profit.
        assert_eq!(walk(&rules, 1, &[1_086, 990]).0, Exit::None);
        assert_eq!(walk(&rules, 1, &[1_100, 1_012]).0, Exit::TrailingStop);
        assert_eq!(walk(&RULES, 1, &[1_020, 938]).0, Exit::StopLoss);
        let immediate = StopRules {
            in_profit: false,
            ..rules
        };
        assert_eq!(walk(&immediate, 1, &[1_086, 990]).0, Exit::TrailingStop);
        let short = Held {
            side: -1,
            entry: 1_080,
            best: 1_000,
            since_ns: 0,
        };
        assert_eq!(rules.trailing_level(&short), None);
        assert_eq!(rules.trailing_level(&Held { best: 999, ..short }), Some(1_079));
    }

    #[test]
    fn exits_have_their_names() {
        let texts: Vec<_> = Exit::ALL.iter().map(|exit| exit.text()).collect();
        assert_eq!(texts, ["none", "stop_loss", "trailing_stop", "time_stop"]);
    }

    #[test]
    fn without_rules_everything_stays() {
        let none = StopRules::default();
        assert_eq!(walk(&none, 1, &[1, 100_000, 1]), (Exit::None, 3, 100_000));
    }

    #[test]
    fn a_level_is_on_the_far_side_of_its_fraction() {
        let held = |side| Held {
            side,
            entry: 999,
            best: 999,
            since_ns: 0,
        };
        assert_eq!(RULES.stop_level(&held(1)), Some(949)); // 949.05
        assert_eq!(RULES.stop_level(&held(-1)), Some(1_049)); // 1 048.95
        assert_eq!(RULES.trailing_level(&held(1)), Some(919)); // 919.08
        assert_eq!(RULES.trailing_level(&held(-1)), Some(1_079)); // 1 078.92
    }
}
