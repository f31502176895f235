//! The smaller parts of an engine's state.

use crate::codes::{AccountKind, FillConvention, Reason};
use crate::order::OrderId;
use crate::random::stream_key;
use crate::settings::{InstrumentSettings, Settings};
use crate::units::PPB;
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
    /// Something may be due before the open, orders apart.
    pub(super) before: bool,
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
    /// Orders arrive at the close at which they are decided (S-20).
    pub(super) same_close: bool,
    /// The bar of every instrument matters, even if nothing waits for it.
    pub(super) every_bar: bool,
    /// Orders may be missed or filled in part.
    pub(super) draws: bool,
    /// The first bars are warm-up.
    pub(super) warmup: bool,
    /// The account's exposure has limits.
    pub(super) exposure: bool,
    /// Nothing of the settings makes a tick without orders more than a row of equity.
    pub(super) calm: bool,
    /// Nothing but the kill switch and the account's leverage limits a fill.
    pub(super) free: bool,
    /// Nothing of the settings makes a tick with plain orders more than arrivals and fills (see `plain`).
    pub(super) plain: bool,
    /// The same of an account with one instrument in one currency, whose fills nothing but the kill switch and leverage
    /// limits (see `alone`).
    pub(super) alone: bool,
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
    pub(super) fn new(settings: &Settings, dense: bool) -> Self {
        let any = |test: fn(&InstrumentSettings) -> bool| settings.instruments.iter().any(test);
        let carry = any(|one| !one.funding.is_empty() || one.borrow_ppb > 0);
        let rates = settings.rates.iter().any(|series| series.len() > 1);
        let maintenance = settings.account.kind == AccountKind::Margin && settings.account.maintenance_ppb > 0;
        let drawdown = settings.risk.drawdown_total_ppb.is_some() || settings.risk.drawdown_daily_ppb.is_some();
        let latency = settings.latency_max_ns > 0;
        let same_close = settings.fill == FillConvention::SameClose && !latency;
        let layers = any(|one| {
            one.half_spread_ticks > 0
                || one.half_spread_ppb > 0
                || one.participation_ppb.is_some()
                || one.impact_ppb > 0
                || one.root_coefficient > 0.0
        });
        let slips = any(|one| one.slippage_ticks > 0 || one.slippage_ppb > 0);
        let every_bar = maintenance || (layers && (same_close || settings.close_at_end));
        let calm = dense && !(carry || rates || drawdown || every_bar || settings.close_at_end);
        let draws = settings.miss_ppb > 0 || settings.partial_ppb > 0;
        let lends = settings.account.kind != AccountKind::Isolated;
        let plain = calm && lends && !(layers || slips || latency || same_close || draws);
        let free = !(any(|one| one.position_limit_lots.is_some() || one.position_limit_minor.is_some())
            || settings.risk.positions.is_some()
            || settings.risk.has_shares())
            && settings.account.kind == AccountKind::Margin;
        let one_currency = matches!(settings.rates.as_slice(), [rate] if rate.iter().all(|(_, ppb)| *ppb == PPB));
        Self {
            before: carry || rates,
            carry,
            rates,
            maintenance,
            isolated: settings.account.kind == AccountKind::Isolated,
            drawdown,
            layers,
            latency,
            same_close,
            every_bar,
            calm,
            plain,
            free,
            alone: plain && free && one_currency && settings.instruments.len() == 1,
            draws,
            warmup: settings.warmup_bars > 0 || settings.start_ns.is_some(),
            exposure: settings.risk.has_shares(),
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
