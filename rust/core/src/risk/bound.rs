//! Names of what a cap did, and of the steps of the overlay.

/// What fixed the final amount of a target: the last step that cut it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Bound {
    /// Nothing was cut.
    None,
    /// The account is worth nothing.
    Account,
    /// The other side of the token was netted against it.
    Net,
    /// It is not among the largest.
    Positions,
    /// The share of one position.
    PerPosition,
    /// The amount of one position.
    PerPositionUsd,
    /// The share of one token.
    PerToken,
    /// All longs.
    Long,
    /// All shorts.
    Short,
    /// Everything.
    Total,
    /// What the margin carries.
    Leverage,
}

impl Bound {
    /// Every member, in the order of its code.
    pub const ALL: &'static [Self] = &[
        Self::None,
        Self::Account,
        Self::Net,
        Self::Positions,
        Self::PerPosition,
        Self::PerPositionUsd,
        Self::PerToken,
        Self::Long,
        Self::Short,
        Self::Total,
        Self::Leverage,
    ];

    /// The text that users read.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Account => "account",
            Self::Net => "net",
            Self::Positions => "positions",
            Self::PerPosition => "per_position",
            Self::PerPositionUsd => "per_position_usd",
            Self::PerToken => "per_token",
            Self::Long => "long",
            Self::Short => "short",
            Self::Total => "total",
            Self::Leverage => "leverage",
        }
    }
}

/// The steps of the overlay, in the order in which they are always taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Step {
    /// Net the two sides of a token.
    Net,
    /// Keep the largest.
    Positions,
    /// Cap each position.
    PerPosition,
    /// Cap each token.
    PerToken,
    /// Cap each side.
    Direction,
    /// Cap the sum.
    Total,
    /// Cap the sum by what the margin carries.
    Leverage,
}

impl Step {
    /// Every step, in order.
    pub const ALL: &'static [Self] = &[
        Self::Net,
        Self::Positions,
        Self::PerPosition,
        Self::PerToken,
        Self::Direction,
        Self::Total,
        Self::Leverage,
    ];

    /// The text that users write.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Net => "net",
            Self::Positions => "positions",
            Self::PerPosition => "per_position",
            Self::PerToken => "per_token",
            Self::Direction => "direction",
            Self::Total => "total",
            Self::Leverage => "leverage",
        }
    }
}

/// A set of steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steps(u8);

impl Steps {
    /// All of them.
    pub const ALL: Self = Self((1 << Step::ALL.len()) - 1);

    /// These steps.
    #[must_use]
    pub fn of(steps: &[Step]) -> Self {
        Self(steps.iter().fold(0, |set, step| set | 1 << *step as u8))
    }

    /// Whether a step is taken.
    #[inline]
    #[must_use]
    pub const fn has(self, step: Step) -> bool {
        self.0 >> step as u8 & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_places() {
        assert!(Bound::ALL.iter().enumerate().all(|(at, bound)| *bound as usize == at));
        assert!(Step::ALL.iter().enumerate().all(|(at, step)| *step as usize == at));
    }

    #[test]
    fn a_set_has_what_it_was_made_of() {
        for step in Step::ALL {
            assert!(Steps::ALL.has(*step));
            for other in Step::ALL {
                assert_eq!(Steps::of(&[*step]).has(*other), step == other);
            }
        }
    }

    #[test]
    fn texts_are_told_apart() {
        let bounds: std::collections::BTreeSet<_> = Bound::ALL.iter().map(|bound| bound.text()).collect();
        let steps: std::collections::BTreeSet<_> = Step::ALL.iter().map(|step| step.text()).collect();
        assert_eq!((bounds.len(), steps.len()), (Bound::ALL.len(), Step::ALL.len()));
        assert!(!bounds.contains("") && !steps.contains(""));
    }
}
