//! What lanes can do: everything else is for the engine.

use crate::codes::AccountKind;
use crate::settings::{InstrumentSettings, Settings};
use crate::units::PPB;

/// Why a set, or a whole sweep, is run by the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// A setting that lanes do not know; its name.
    Setting(&'static str),
    /// Numbers that a double does not hold exactly.
    Range,
    /// An order that the engine would refuse, or an amount that does not fit.
    Refusal,
}

impl Doubt {
    /// In a word or two.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Setting(name) => name,
            Self::Range => "numbers above 2^53",
            Self::Refusal => "an order that is refused",
        }
    }
}

/// The first setting that lanes do not know.
pub(super) fn unknown_setting(settings: &Settings) -> Option<Doubt> {
    let base_only = settings.currencies.len() == 1 && settings.rates[0].iter().all(|rate| rate.1 == PPB);
    let risk = &settings.risk;
    let limits = [
        risk.gross_ppb,
        risk.net_ppb,
        risk.drawdown_total_ppb,
        risk.drawdown_daily_ppb,
        risk.position_ppb,
        risk.long_ppb,
        risk.short_ppb,
        risk.positions.map(i64::from),
    ];
    let any = |test: fn(&InstrumentSettings) -> bool| settings.instruments.iter().any(test);
    let found = [
        (!base_only, "several currencies"),
        (settings.close_at_end, "close_at_end"),
        (settings.latency_max_ns > 0, "latency"),
        (settings.partial_ppb > 0, "partial fills"),
        (settings.account.kind == AccountKind::Isolated, "isolated margin"),
        (settings.account.maintenance_ppb > 0, "maintenance margin"),
        (
            !risk.trading_enabled || limits.iter().any(Option::is_some),
            "risk limits",
        ),
        (any(|one| one.participation_ppb.is_some()), "participation"),
        (any(|one| !one.funding.is_empty()), "funding"),
        (any(|one| one.borrow_ppb > 0), "borrow"),
        (
            any(|one| one.position_limit_lots.is_some() || one.position_limit_minor.is_some()),
            "position limits",
        ),
    ];
    found
        .into_iter()
        .find(|(unknown, _)| *unknown)
        .map(|(_, name)| Doubt::Setting(name))
}
