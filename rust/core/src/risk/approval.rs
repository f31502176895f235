//! The answer of the pre-trade check: a pass that cannot be forged, or a refusal that says why.

use crate::codes::Reason;
use crate::order::OrderId;
use serde::{Deserialize, Serialize};

/// Leave for one order to fill so many lots at a price. The venue books what stands in here and nothing else.
///
/// Only [`crate::risk::pretrade`] can make one: the fields and the constructor are private to `risk`, it is not `Clone`
/// and it has no `Deserialize`. What got one has been judged; a fill without one does not compile.
///
/// ```
/// use triplebar_core::risk::{Approval, Proposal};
/// fn book(approval: Approval) -> i64 { approval.lots() * approval.ticks() }
/// # let _: fn(Approval) -> i64 = book;
/// ```
///
/// It cannot be written down:
///
/// ```compile_fail,E0451
/// use triplebar_core::risk::{Approval, Proposal};
/// fn book(approval: Approval) -> i64 { approval.lots() * approval.ticks() }
/// book(Approval { proposal: &Proposal { order: 7, lots: 250, ticks: 10_100 } });
/// ```
///
/// Its constructor is out of reach:
///
/// ```compile_fail,E0624
/// use triplebar_core::risk::{Approval, Proposal};
/// fn book(approval: Approval) -> i64 { approval.lots() * approval.ticks() }
/// book(Approval::new(&Proposal { order: 7, lots: 250, ticks: 10_100 }));
/// ```
///
/// What it approves is out of reach too, and cannot change while the approval lives:
///
/// ```compile_fail,E0616
/// use triplebar_core::risk::Approval;
/// fn book(approval: Approval) -> i64 { approval.proposal.lots * approval.ticks() }
/// # let _: fn(Approval) -> i64 = book;
/// ```
///
/// ```compile_fail,E0506
/// use triplebar_core::risk::{Approval, Proposal};
/// fn judge(proposal: &Proposal) -> Approval<'_> { unimplemented!() }
/// let mut proposal = Proposal { order: 7, lots: 250, ticks: 10_100 };
/// let approval = judge(&proposal);
/// proposal.lots = 251;
/// assert_eq!(approval.lots(), 251);
/// ```
///
/// It is good for one fill:
///
/// ```compile_fail,E0382
/// use triplebar_core::risk::{Approval, Proposal};
/// fn book(approval: Approval) -> i64 { approval.lots() * approval.ticks() }
/// # let _: fn(Approval) -> i64 = twice;
/// fn twice(approval: Approval) -> i64 { book(approval) + book(approval) }
/// ```
///
/// ```compile_fail,E0599
/// use triplebar_core::risk::{Approval, Proposal};
/// fn book(approval: Approval) -> i64 { approval.lots() * approval.ticks() }
/// # let _: fn(Approval) -> i64 = twice;
/// fn twice(approval: Approval) -> i64 { book(approval.clone()) + book(approval) }
/// ```
#[must_use = "an approval that nobody uses fills nothing"]
#[derive(Debug, PartialEq, Eq)]
pub struct Approval<'proposal> {
    /// Borrowed: what was approved cannot change while the approval lives, and a pass costs one register.
    proposal: &'proposal Proposal,
}

impl<'proposal> Approval<'proposal> {
    #[inline]
    pub(in crate::risk) const fn new(proposal: &'proposal Proposal) -> Self {
        Self { proposal }
    }

    /// The order that may fill.
    #[inline]
    #[must_use]
    pub const fn order(&self) -> OrderId {
        self.proposal.order
    }

    /// How many lots.
    #[inline]
    #[must_use]
    pub const fn lots(&self) -> i64 {
        self.proposal.lots
    }

    /// At which price.
    #[inline]
    #[must_use]
    pub const fn ticks(&self) -> i64 {
        self.proposal.ticks
    }
}

/// A fill that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proposal {
    /// The order.
    pub order: OrderId,
    /// Lots to fill.
    pub lots: i64,
    /// Price in ticks.
    pub ticks: i64,
}

/// Which limit refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
pub enum Rule {
    /// The kill switch (S-60).
    TradingEnabled,
    /// Drawdown from the peak (S-66).
    DrawdownTotal,
    /// Drawdown of the day (S-66).
    DrawdownDaily,
    /// The position's size (S-65).
    PositionQuantity,
    /// The position's value (S-65).
    PositionValue,
    /// Gross exposure (S-65).
    GrossExposure,
    /// Net exposure (S-65).
    NetExposure,
    /// A cash account sells what it has (S-61).
    ShortSale,
    /// A cash account pays what it has (S-61).
    Cash,
    /// Exposure that the equity carries (S-62).
    Leverage,
    /// Margin set aside for each position (S-63).
    Margin,
    /// What the accounts can hold: 64 bits (S-60).
    Amount,
    /// The position's share of equity (S-65).
    PositionShare,
    /// How many positions are held (S-65).
    Positions,
    /// All longs (S-65).
    LongExposure,
    /// All shorts (S-65).
    ShortExposure,
}

impl Rule {
    /// Every rule, in the order of its code.
    pub const ALL: &'static [Self] = &[
        Self::TradingEnabled,
        Self::DrawdownTotal,
        Self::DrawdownDaily,
        Self::PositionQuantity,
        Self::PositionValue,
        Self::GrossExposure,
        Self::NetExposure,
        Self::ShortSale,
        Self::Cash,
        Self::Leverage,
        Self::Margin,
        Self::Amount,
        Self::PositionShare,
        Self::Positions,
        Self::LongExposure,
        Self::ShortExposure,
    ];

    /// The name that users read, after the setting that it is about.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::TradingEnabled => "trading_enabled",
            Self::DrawdownTotal => "drawdown_total",
            Self::DrawdownDaily => "drawdown_daily",
            Self::PositionQuantity => "position_quantity",
            Self::PositionValue => "position_value",
            Self::GrossExposure => "gross_exposure",
            Self::NetExposure => "net_exposure",
            Self::ShortSale => "short_sale",
            Self::Cash => "cash",
            Self::Leverage => "leverage",
            Self::Margin => "margin",
            Self::Amount => "amount",
            Self::PositionShare => "position_share",
            Self::Positions => "positions",
            Self::LongExposure => "long_exposure",
            Self::ShortExposure => "short_exposure",
        }
    }

    /// What the order ends with.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::TradingEnabled => Reason::RiskTradingDisabled,
            Self::DrawdownTotal | Self::DrawdownDaily => Reason::RiskDrawdownLimit,
            Self::PositionQuantity | Self::PositionValue | Self::PositionShare | Self::Positions => {
                Reason::RiskPositionLimit
            }
            Self::GrossExposure | Self::NetExposure | Self::LongExposure | Self::ShortExposure => {
                Reason::RiskExposureLimit
            }
            Self::ShortSale => Reason::ShortNotAllowed,
            Self::Cash | Self::Leverage | Self::Margin => Reason::InsufficientFunds,
            Self::Amount => Reason::NotionalAboveMaximum,
        }
    }
}

/// Why an order may not go on: the rule, its limit and the value that would have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What the order ends with.
    pub reason: Reason,
    /// Which limit.
    pub rule: Rule,
    /// The limit: lots for sizes, minor units for values, of the base currency (cash: of its own), else a count.
    pub limit: i64,
    /// What would have been, in the same unit.
    pub value: i64,
}

impl Refusal {
    /// A limit says no. In a box: what rarely happens must not make the common way wider.
    #[cold]
    #[inline(never)]
    #[must_use]
    pub fn over(rule: Rule, limit: i64, value: i64) -> Box<Self> {
        let reason = rule.reason();
        Box::new(Self {
            reason,
            rule,
            limit,
            value,
        })
    }
}

/// Pass or refusal.
pub type Verdict<'proposal> = std::result::Result<Approval<'proposal>, Box<Refusal>>;
