//! The small closed vocabularies of the engine. The same integers stand in `triplebar.contracts.codes`;
//! a test holds the two against each other.

use serde::{Deserialize, Serialize};

/// Declares a `u8` enumeration together with its texts.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[repr(u8)]
        pub enum $name {
            $(
                #[doc = concat!("`", $text, "`")]
                #[serde(rename = $text)]
                $variant
            ),+
        }

        impl $name {
            /// Every member, in the order of its code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The text that users read.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The member with this text, if there is one.
            #[must_use]
            pub fn from_text(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

codes!(
    /// What an order waits for.
    OrderKind {
        Market = "market", Limit = "limit", Stop = "stop", StopLimit = "stop_limit",
        TrailingStop = "trailing_stop", MarketIfTouched = "market_if_touched",
    }
);
codes!(
    /// How long an order lives (S-40 to S-44).
    TimeInForce {
        Gtc = "gtc", Day = "day", Gtd = "gtd", Ioc = "ioc", Fok = "fok", AtOpen = "at_open", AtClose = "at_close",
    }
);
codes!(
    /// Where an order stands (S-48).
    OrderStatus {
        Pending = "pending", Submitted = "submitted", Accepted = "accepted", PartiallyFilled = "partially_filled",
        Filled = "filled", Canceled = "canceled", Rejected = "rejected", Expired = "expired",
    }
);
codes!(
    /// What happened to an order.
    EventKind {
        Accepted = "accepted", Triggered = "triggered", Filled = "filled", Modified = "modified",
        Canceled = "canceled", Rejected = "rejected", Expired = "expired",
    }
);
codes!(
    /// The step of a tick (S-10) in which something happened.
    Moment { Before = "before", Open = "open", Path = "path", Close = "close", Decision = "decision" }
);
codes!(
    /// Which side of the spread a fill was on.
    Role { Taker = "taker", Maker = "maker" }
);
codes!(
    /// What brought an order and a price together.
    Cause { Arrival = "arrival", Jump = "jump", Path = "path", Close = "close", Forced = "forced" }
);
codes!(
    /// A movement of cash that is not a fill.
    FlowKind {
        Deposit = "deposit", Withdrawal = "withdrawal", Funding = "funding", Borrow = "borrow",
        Conversion = "conversion", Insurance = "insurance",
    }
);
codes!(
    /// The rules by which an account lends (S-61 to S-63).
    AccountKind { Cash = "cash", Margin = "margin", Isolated = "isolated" }
);
codes!(
    /// When a decision reaches the market (S-20).
    FillConvention { NextOpen = "next_open", SameClose = "same_close" }
);
codes!(
    /// The order in which a bar visits its extremes (S-11).
    PathRule {
        OpenHighLowClose = "open_high_low_close", OpenLowHighClose = "open_low_high_close",
        Adaptive = "adaptive", Pessimistic = "pessimistic",
    }
);
codes!(
    /// The accounts of the double-entry ledger (S-71).
    Ledger {
        Cash = "cash", Holding = "holding", Realised = "realised", Commission = "commission", Funding = "funding",
        Borrow = "borrow", Capital = "capital", Conversion = "conversion", Insurance = "insurance",
    }
);
codes!(
    /// Why an order ended.
    Reason {
        None = "none", ByStrategy = "by_strategy", OneCancelsOther = "one_cancels_other",
        GroupCanceled = "group_canceled", ParentEnded = "parent_ended", ImmediateOrCancel = "immediate_or_cancel",
        FillOrKill = "fill_or_kill", AtOpenMissed = "at_open_missed", AtCloseMissed = "at_close_missed",
        DayEnded = "day_ended", DateReached = "date_reached", EndOfData = "end_of_data",
        PostOnlyWouldTake = "post_only_would_take", ReduceOnlyNoPosition = "reduce_only_no_position",
        InsufficientFunds = "insufficient_funds", ShortNotAllowed = "short_not_allowed",
        InvalidQuantity = "invalid_quantity", InvalidPrice = "invalid_price", OffGrid = "off_grid",
        NotionalBelowMinimum = "notional_below_minimum", DuplicateOrder = "duplicate_order",
        Unsupported = "unsupported", WarmUp = "warm_up", MissedFill = "missed_fill", Liquidation = "liquidation",
        RiskTradingDisabled = "risk_trading_disabled", RiskDrawdownLimit = "risk_drawdown_limit",
        RiskPositionLimit = "risk_position_limit", RiskExposureLimit = "risk_exposure_limit",
        NotionalAboveMaximum = "notional_above_maximum",
    }
);

impl OrderStatus {
    /// Whether nothing can happen to the order any more.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Filled | Self::Canceled | Self::Rejected | Self::Expired)
    }
}

/// Bits of [`crate::order::Order::flags`] that reach the tables.
pub mod flags {
    /// Must not take liquidity on arrival.
    pub const POST_ONLY: u8 = 1;
    /// May only make the position smaller.
    pub const REDUCE_ONLY: u8 = 2;
    /// An order of the venue: liquidation, end of data.
    pub const VENUE: u8 = 4;
    /// The trailing offset is a share of the price, in parts per billion.
    pub const TRAIL_IS_PPB: u8 = 8;
    /// Triggered already (internal: never in a table).
    pub const TRIGGERED: u8 = 16;
    /// Those that reach the tables.
    pub const PUBLIC: u8 = POST_ONLY | REDUCE_ONLY | VENUE | TRAIL_IS_PPB;
}
