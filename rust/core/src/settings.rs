//! What a run is told, in the engine's own units. Python resolves a user's configuration to this; JSON carries it.

use crate::codes::{AccountKind, FillConvention, PathRule};
use crate::error::{self, Result};
use crate::units::PPB;
use serde::{Deserialize, Serialize};

/// The rules of `docs/semantics.md` that this core follows.
pub const RULES_VERSION: u32 = 1;

/// Everything that is not market data or strategy.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The version of the rules the settings were made for.
    pub rules_version: u32,
    /// The seed of all random streams.
    pub seed: u64,
    /// Next open or same close (S-20).
    pub fill: FillConvention,
    /// The path of a bar (S-11).
    pub path: PathRule,
    /// What happens to prices and sizes off the grid (S-02).
    pub off_grid: OffGrid,
    /// Trading begins here; earlier bars are warm-up (S-32).
    pub start_ns: Option<i64>,
    /// Bars of each instrument that are warm-up (S-32).
    pub warmup_bars: u32,
    /// Close positions at each instrument's last bar (S-81).
    pub close_at_end: bool,
    /// Decimals of money.
    pub cash_precision: u32,
    /// Currency codes; the first is the base.
    pub currencies: Vec<String>,
    /// Opening cash per currency, minor units.
    pub cash: Vec<i64>,
    /// Per currency, `[time_ns, ppb of the base]` in time order (S-74).
    pub rates: Vec<Vec<(i64, i64)>>,
    /// The account.
    pub account: AccountSettings,
    /// Shortest way to the market (S-57).
    pub latency_min_ns: i64,
    /// Longest way to the market.
    pub latency_max_ns: i64,
    /// Share of limit orders missed (S-54).
    pub miss_ppb: i64,
    /// Share of orders filled in part (S-54).
    pub partial_ppb: i64,
    /// Smallest part.
    pub partial_low_ppb: i64,
    /// Largest part.
    pub partial_high_ppb: i64,
    /// Account-wide limits.
    pub risk: RiskSettings,
    /// In the market's order.
    pub instruments: Vec<InstrumentSettings>,
}

/// What happens to prices and sizes off the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OffGrid {
    /// Rounded as S-02 says.
    Round,
    /// The order is rejected.
    Reject,
}

/// The account's kind and leverage.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountSettings {
    /// Cash, margin or isolated.
    pub kind: AccountKind,
    /// Leverage in thousandths.
    pub leverage_milli: i64,
    /// Maintenance margin as a share of value.
    pub maintenance_ppb: i64,
}

/// Account-wide limits (S-65, S-66).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskSettings {
    /// The kill switch: false refuses all entries.
    pub trading_enabled: bool,
    /// Gross exposure as a share of equity.
    pub gross_ppb: Option<i64>,
    /// Net exposure as a share of equity.
    pub net_ppb: Option<i64>,
    /// Drawdown from the peak.
    pub drawdown_total_ppb: Option<i64>,
    /// Drawdown from the session's start.
    pub drawdown_daily_ppb: Option<i64>,
    /// Each position as a share of equity.
    #[serde(default)]
    pub position_ppb: Option<i64>,
    /// All longs as a share of equity.
    #[serde(default)]
    pub long_ppb: Option<i64>,
    /// All shorts as a share of equity.
    #[serde(default)]
    pub short_ppb: Option<i64>,
    /// How many positions may be held.
    #[serde(default)]
    pub positions: Option<u32>,
}

impl RiskSettings {
    /// Whether some limit is a share of equity, so that the account has to be valued.
    #[inline]
    #[must_use]
    pub const fn has_shares(&self) -> bool {
        self.gross_ppb.is_some() || self.net_ppb.is_some() || self.position_ppb.is_some() || self.has_sides()
    }

    /// Whether longs or shorts have a limit of their own.
    #[inline]
    #[must_use]
    pub const fn has_sides(&self) -> bool {
        self.long_ppb.is_some() || self.short_ppb.is_some()
    }
}

/// One instrument: its grid, its costs, its limits.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstrumentSettings {
    /// Its name.
    pub symbol: String,
    /// Decimals of a price.
    pub price_precision: u32,
    /// Decimals of a size.
    pub size_precision: u32,
    /// Ticks between two order prices.
    pub price_step: i64,
    /// Lots between two order sizes.
    pub size_step: i64,
    /// Minor units of one tick on one lot.
    pub unit: i64,
    /// Index of its currency.
    pub currency: usize,
    /// Smallest order, lots.
    pub quantity_min: i64,
    /// Largest order, lots.
    pub quantity_max: Option<i64>,
    /// Smallest order, minor units.
    pub notional_min: i64,
    /// Share of a bar's volume that may fill (S-55).
    pub participation_ppb: Option<i64>,
    /// S-51.
    pub half_spread_ticks: i64,
    /// S-51.
    pub half_spread_ppb: i64,
    /// S-52.
    pub slippage_ticks: i64,
    /// S-52.
    pub slippage_ppb: i64,
    /// S-52.
    pub impact_ppb: i64,
    /// S-52.
    pub root_coefficient: f64,
    /// S-52.
    pub root_free: f64,
    /// S-53.
    pub commission: CommissionSettings,
    /// `[time_ns, ppb]` in time order (S-72).
    pub funding: Vec<(i64, i64)>,
    /// Yearly rate of a short position's value (S-73).
    pub borrow_ppb: i64,
    /// Largest position, lots (S-65).
    pub position_limit_lots: Option<i64>,
    /// Largest position, base minor units (S-65).
    pub position_limit_minor: Option<i64>,
    /// The length of a bar (S-57).
    pub interval_ns: i64,
}

/// S-53.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommissionSettings {
    /// Per order, on its first fill.
    pub fixed: i64,
    /// Share of notional, makers.
    pub maker_ppb: i64,
    /// Share of notional, takers.
    pub taker_ppb: i64,
    /// Minor units per whole unit of size.
    pub per_unit_minor: i64,
    /// Least fee of a fill.
    pub minimum: i64,
    /// Largest fee as a share of notional.
    pub maximum_ppb: Option<i64>,
    /// `[threshold, maker_ppb, taker_ppb]`, ascending.
    pub tiers: Vec<(i64, i64, i64)>,
}

impl Settings {
    /// Reads the settings that Python resolved.
    ///
    /// # Errors
    /// The JSON is not what this version expects.
    pub fn from_json(text: &str) -> Result<Self> {
        let settings: Self = serde_json::from_str(text).map_err(|problem| error::settings(problem.to_string()))?;
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<()> {
        let fail = |message: String| Err(error::settings(message));
        if self.rules_version != RULES_VERSION {
            return fail(format!("rules version {} is not {RULES_VERSION}", self.rules_version));
        }
        if self.currencies.is_empty()
            || self.cash.len() != self.currencies.len()
            || self.rates.len() != self.currencies.len()
        {
            return fail("currencies, cash and rates must have the same length, at least 1".into());
        }
        if self
            .rates
            .iter()
            .any(|series| series.is_empty() || series.iter().any(|rate| rate.1 <= 0))
        {
            return fail("every currency needs at least one positive rate".into());
        }
        if self.latency_min_ns < 0 || self.latency_max_ns < self.latency_min_ns {
            return fail("latency must not be negative and its maximum not under its minimum".into());
        }
        if self.partial_low_ppb < 0 || self.partial_high_ppb < self.partial_low_ppb || self.account.leverage_milli <= 0
        {
            return fail("partial range or leverage out of range".into());
        }
        if !(0..PPB).contains(&self.account.maintenance_ppb) {
            return fail("maintenance margin must be at least 0 and under 10^9 ppb".into());
        }
        self.instruments
            .iter()
            .try_for_each(|instrument| instrument.check(self.currencies.len()))
    }
}

impl InstrumentSettings {
    fn check(&self, currencies: usize) -> Result<()> {
        let positive = self.unit > 0 && self.price_step > 0 && self.size_step > 0 && self.interval_ns > 0;
        let costs = [
            self.half_spread_ticks,
            self.half_spread_ppb,
            self.slippage_ticks,
            self.slippage_ppb,
            self.impact_ppb,
            self.borrow_ppb,
            self.commission.fixed,
            self.commission.maker_ppb,
            self.commission.taker_ppb,
            self.commission.per_unit_minor,
            self.commission.minimum,
            self.commission.maximum_ppb.unwrap_or(0),
            self.participation_ppb.unwrap_or(0),
        ];
        let tiers = self.commission.tiers.iter().all(|tier| tier.1 >= 0 && tier.2 >= 0);
        let doubles = self.root_coefficient.is_finite() && self.root_coefficient >= 0.0 && self.root_free.is_finite();
        let precise = self.price_precision <= 18 && self.size_precision <= 18;
        if positive && precise && doubles && tiers && self.currency < currencies && costs.iter().all(|cost| *cost >= 0)
        {
            return Ok(());
        }
        Err(error::settings(format!(
            "instrument {} has a step, unit, currency or cost out of range",
            self.symbol
        )))
    }
}
