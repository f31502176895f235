//! The smaller parts of an engine's state.

use crate::codes::Reason;
use crate::order::OrderId;
use crate::random::stream_key;
use crate::settings::Settings;
use serde::{Deserialize, Serialize};

/// A one-cancels-other group (S-27).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Group {
    pub(super) members: Vec<OrderId>,
    pub(super) ended: Reason,
}

/// The keys of the random streams (S-56).
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Streams {
    pub(super) misses: u64,
    pub(super) partials: u64,
    pub(super) fractions: u64,
    pub(super) latency: u64,
}

/// What of the settings makes a tick more than its cheapest form.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(super) struct Duties {
    /// Funding or borrow is due at times.
    pub(super) carry: bool,
    /// Rates change.
    pub(super) rates: bool,
    /// Cross-margin liquidation is on.
    pub(super) maintenance: bool,
    /// Positions have liquidation prices.
    pub(super) isolated: bool,
    /// Drawdown limits are on.
    pub(super) drawdown: bool,
    /// Spread or volume limits are on.
    pub(super) layers: bool,
    /// Orders take time.
    pub(super) latency: bool,
}

/// Drawdown limits and the kill switch (S-65, S-66).
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Watch {
    pub(super) enabled: bool,
    pub(super) peak: i64,
    pub(super) last: i64,
    pub(super) day_base: i64,
    pub(super) session: Option<i32>,
    /// The drawdown from the peak was met: the least equity allowed, and the equity then.
    pub(super) total_hit: Option<(i64, i64)>,
    /// The same of the day.
    pub(super) day_hit: Option<(i64, i64)>,
}

impl Streams {
    pub(super) const fn new(seed: u64) -> Self {
        Self {
            misses: stream_key(seed, "misses"),
            partials: stream_key(seed, "partials"),
            fractions: stream_key(seed, "fractions"),
            latency: stream_key(seed, "latency"),
        }
    }
}

impl Duties {
    pub(super) fn new(settings: &Settings) -> Self {
        let any = |test: fn(&crate::settings::InstrumentSettings) -> bool| settings.instruments.iter().any(test);
        Self {
            carry: any(|one| !one.funding.is_empty() || one.borrow_ppb > 0),
            rates: settings.rates.iter().any(|series| series.len() > 1),
            maintenance: settings.account.kind == crate::codes::AccountKind::Margin
                && settings.account.maintenance_ppb > 0,
            isolated: settings.account.kind == crate::codes::AccountKind::Isolated,
            drawdown: settings.risk.drawdown_total_ppb.is_some() || settings.risk.drawdown_daily_ppb.is_some(),
            layers: any(|one| {
                one.half_spread_ticks > 0
                    || one.half_spread_ppb > 0
                    || one.participation_ppb.is_some()
                    || one.impact_ppb > 0
                    || one.root_coefficient > 0.0
            }),
            latency: settings.latency_max_ns > 0,
        }
    }
}

impl Watch {
    pub(super) const fn new(enabled: bool, initial: i64) -> Self {
        Self {
            enabled,
            peak: initial,
            last: initial,
            day_base: initial,
            session: None,
            total_hit: None,
            day_hit: None,
        }
    }
}
