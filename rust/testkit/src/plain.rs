//! Settings in which every layer is off, to switch one thing on at a time.

use crate::bars::HOUR_NS;
use triplebar_core::codes::{AccountKind, FillConvention, PathRule};
use triplebar_core::settings::{
    AccountSettings, CommissionSettings, InstrumentSettings, OffGrid, RULES_VERSION, RiskSettings, Settings,
};

/// Money that no script of ours can lose.
pub const AMPLE: i64 = 1_000_000_000_000;

/// A margin account with ample cash in one currency and nothing that costs.
#[must_use]
pub fn settings(width: usize) -> Settings {
    Settings {
        rules_version: RULES_VERSION,
        seed: 0,
        fill: FillConvention::NextOpen,
        path: PathRule::OpenHighLowClose,
        off_grid: OffGrid::Round,
        start_ns: None,
        warmup_bars: 0,
        close_at_end: false,
        cash_precision: 8,
        currencies: vec!["USD".into()],
        cash: vec![AMPLE],
        rates: vec![vec![(i64::MIN, 1_000_000_000)]],
        account: account(AccountKind::Margin),
        latency_min_ns: 0,
        latency_max_ns: 0,
        miss_ppb: 0,
        partial_ppb: 0,
        partial_low_ppb: 0,
        partial_high_ppb: 1_000_000_000,
        risk: no_limits(),
        instruments: (0..width).map(instrument).collect(),
    }
}

/// An account without leverage and without maintenance.
#[must_use]
pub const fn account(kind: AccountKind) -> AccountSettings {
    AccountSettings {
        kind,
        leverage_milli: 1_000,
        maintenance_ppb: 0,
    }
}

/// Trading allowed, without account-wide limits.
#[must_use]
pub const fn no_limits() -> RiskSettings {
    RiskSettings {
        trading_enabled: true,
        gross_ppb: None,
        net_ppb: None,
        drawdown_total_ppb: None,
        drawdown_daily_ppb: None,
        position_ppb: None,
        long_ppb: None,
        short_ppb: None,
        positions: None,
    }
}

/// An instrument with hourly bars that costs nothing to trade.
#[must_use]
pub fn instrument(at: usize) -> InstrumentSettings {
    InstrumentSettings {
        symbol: format!("I{at}"),
        price_precision: 2,
        size_precision: 1,
        price_step: 1,
        size_step: 1,
        unit: 1,
        currency: 0,
        quantity_min: 1,
        quantity_max: None,
        notional_min: 0,
        participation_ppb: None,
        half_spread_ticks: 0,
        half_spread_ppb: 0,
        slippage_ticks: 0,
        slippage_ppb: 0,
        impact_ppb: 0,
        root_coefficient: 0.0,
        root_free: 0.0,
        commission: no_commission(),
        funding: Vec::new(),
        borrow_ppb: 0,
        position_limit_lots: None,
        position_limit_minor: None,
        interval_ns: HOUR_NS,
    }
}

/// Trading for nothing.
#[must_use]
pub const fn no_commission() -> CommissionSettings {
    CommissionSettings {
        fixed: 0,
        maker_ppb: 0,
        taker_ppb: 0,
        per_unit_minor: 0,
        minimum: 0,
        maximum_ppb: None,
        tiers: Vec::new(),
    }
}
