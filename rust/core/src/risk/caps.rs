//! The caps of a portfolio, and what they come to for one account.

use super::bound::Bound;
use crate::error::{self, Result};
use crate::units::PPB;

/// What nobody may exceed; `None` is no cap. Shares are parts per billion of the account's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CapsConfig {
    /// One position, as a share.
    pub position_ppb: Option<i64>,
    /// One position, in minor units.
    pub position_minor: Option<i64>,
    /// All positions in one token.
    pub token_ppb: Option<i64>,
    /// All longs.
    pub long_ppb: Option<i64>,
    /// All shorts.
    pub short_ppb: Option<i64>,
    /// Everything.
    pub total_ppb: Option<i64>,
    /// How many positions.
    pub positions: Option<u32>,
    /// Everything, as a multiple of the account: what the margin carries.
    pub leverage_ppb: Option<i64>,
}

/// Caps that make sense together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps(CapsConfig);

/// What the caps come to for one account, minor units; `i64::MAX` is no cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// One position.
    pub position: i64,
    /// Which of the two caps on a position that is.
    pub position_by: Bound,
    /// One token.
    pub token: i64,
    /// Longs.
    pub long: i64,
    /// Shorts.
    pub short: i64,
    /// Everything.
    pub total: i64,
    /// Everything that the margin carries.
    pub leverage: i64,
    /// How many positions.
    pub positions: usize,
}

/// A thousand times the account: larger shares are a slip of the pen.
const SHARE_PPB_MAX: i64 = 1_000 * PPB;

impl Caps {
    /// Checks the caps.
    ///
    /// # Errors
    /// A share is negative or absurd, or nothing could ever be held.
    pub fn new(config: CapsConfig) -> Result<Self> {
        for (name, share) in [
            ("per_position", config.position_ppb),
            ("per_token", config.token_ppb),
            ("long", config.long_ppb),
            ("short", config.short_ppb),
            ("total", config.total_ppb),
            ("leverage", config.leverage_ppb),
        ] {
            if share.is_some_and(|ppb| !(0..=SHARE_PPB_MAX).contains(&ppb)) {
                return Err(error::settings(format!("{name} must be from 0 to 1000")));
            }
        }
        if config.position_minor.is_some_and(|minor| minor < 0) {
            return Err(error::settings("per_position_usd must not be negative"));
        }
        match config.forbids_everything() {
            Some(name) => Err(error::settings(format!(
                "{name} = 0: nothing could ever be held; leave it out for no cap, or stop trading by the kill switch"
            ))),
            None => Ok(Self(config)),
        }
    }

    /// What was configured.
    #[must_use]
    pub const fn config(&self) -> &CapsConfig {
        &self.0
    }

    /// The caps of an account worth `account` minor units, rounded down.
    #[must_use]
    pub fn budget(&self, account: i64) -> Budget {
        let of = |share: Option<i64>| share.map_or(i64::MAX, |ppb| share_down(account, ppb));
        let config = &self.0;
        let (by_share, by_amount) = (of(config.position_ppb), config.position_minor.unwrap_or(i64::MAX));
        let position_by = if by_amount < by_share {
            Bound::PerPositionUsd
        } else {
            Bound::PerPosition
        };
        Budget {
            position: by_share.min(by_amount),
            position_by,
            token: of(config.token_ppb),
            long: of(config.long_ppb),
            short: of(config.short_ppb),
            total: of(config.total_ppb),
            leverage: of(config.leverage_ppb),
            positions: config.positions.map_or(usize::MAX, |count| count as usize),
        }
    }
}

impl CapsConfig {
    fn forbids_everything(&self) -> Option<&'static str> {
        let zero = |share: Option<i64>| share == Some(0);
        [
            ("positions", self.positions == Some(0)),
            ("per_position", zero(self.position_ppb)),
            ("per_position_usd", zero(self.position_minor)),
            ("per_token", zero(self.token_ppb)),
            ("long and short", zero(self.long_ppb) && zero(self.short_ppb)),
            ("total", zero(self.total_ppb)),
            ("leverage", zero(self.leverage_ppb)),
        ]
        .into_iter()
        .find_map(|(name, stops)| stops.then_some(name))
    }
}

/// `⌊amount · ppb / 10⁹⌋` for numbers that are not negative, at most `i64::MAX`.
#[must_use]
pub fn share_down(amount: i64, ppb: i64) -> i64 {
    // Split at 10⁹: the same number as the wide product, without a 128-bit division in nearly every case.
    let (billions, rest) = (amount / PPB, amount % PPB);
    let low = match rest.checked_mul(ppb) {
        Some(product) => product / PPB,
        None => i64::try_from(i128::from(rest) * i128::from(ppb) / i128::from(PPB)).unwrap_or(i64::MAX),
    };
    billions.saturating_mul(ppb).saturating_add(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_down_exactly() {
        for amount in [0, 1, 999_999_999, 1_000_000_001, 1 << 53, i64::MAX / 1000] {
            for ppb in [0, 1, 333_333_333, PPB, 5 * PPB, SHARE_PPB_MAX] {
                let wide = i128::from(amount) * i128::from(ppb) / i128::from(PPB);
                assert_eq!(i128::from(share_down(amount, ppb)), wide, "{amount} {ppb}");
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_no_cap() {
        assert_eq!(share_down(i64::MAX, SHARE_PPB_MAX), i64::MAX);
    }

    #[test]
    fn the_smaller_of_two_caps_on_a_position_holds() {
        let config = CapsConfig {
            position_ppb: Some(PPB / 10),
            position_minor: Some(50_000),
            ..CapsConfig::default()
        };
        let caps = Caps::new(config).unwrap();
        for (account, position, by) in [
            (100_000, 10_000, Bound::PerPosition),
            (400_000, 40_000, Bound::PerPosition),
            (500_000, 50_000, Bound::PerPosition),
            (1_000_000, 50_000, Bound::PerPositionUsd),
        ] {
            let budget = caps.budget(account);
            assert_eq!((budget.position, budget.position_by), (position, by), "{account}");
        }
    }

    #[test]
    fn no_cap_is_no_cap() {
        let budget = Caps::new(CapsConfig::default()).unwrap().budget(1);
        assert_eq!([budget.position, budget.token, budget.long], [i64::MAX; 3]);
        assert_eq!([budget.short, budget.total, budget.leverage], [i64::MAX; 3]);
        assert_eq!(budget.positions, usize::MAX);
    }

    #[test]
    fn caps_that_forbid_everything_are_refused() {
        let base = CapsConfig::default();
        let zero = Some(0);
        let refused = [
            (
                "positions",
                CapsConfig {
                    positions: Some(0),
                    ..base
                },
            ),
            (
                "per_position",
                CapsConfig {
                    position_ppb: zero,
                    ..base
                },
            ),
            (
                "per_position_usd",
                CapsConfig {
                    position_minor: zero,
                    ..base
                },
            ),
            (
                "per_token",
                CapsConfig {
                    token_ppb: zero,
                    ..base
                },
            ),
            (
                "long and short",
                CapsConfig {
                    long_ppb: zero,
                    short_ppb: zero,
                    ..base
                },
            ),
            (
                "total",
                CapsConfig {
                    total_ppb: zero,
                    ..base
                },
            ),
            (
                "leverage",
                CapsConfig {
                    leverage_ppb: zero,
                    ..base
                },
            ),
        ];
        for (name, config) in refused {
            let message = Caps::new(config).unwrap_err().to_string();
            assert!(message.starts_with(&format!("settings: {name} = 0: ")), "{message}");
        }
        for one_sided in [
            CapsConfig { long_ppb: zero, ..base },
            CapsConfig {
                short_ppb: zero,
                ..base
            },
        ] {
            assert!(Caps::new(one_sided).is_ok());
        }
    }

    #[test]
    fn shares_out_of_range_are_refused() {
        for ppb in [-1, SHARE_PPB_MAX + 1] {
            let config = CapsConfig {
                total_ppb: Some(ppb),
                ..CapsConfig::default()
            };
            assert!(Caps::new(config).is_err());
        }
        let edge = CapsConfig {
            total_ppb: Some(SHARE_PPB_MAX),
            ..CapsConfig::default()
        };
        assert!(Caps::new(edge).is_ok());
        let negative = CapsConfig {
            position_minor: Some(-1),
            ..CapsConfig::default()
        };
        assert!(Caps::new(negative).is_err());
    }
}
