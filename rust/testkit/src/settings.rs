//! Settings with every account, path, fill convention, cost layer and limit, each often off.

use crate::bars::HOUR_NS;
use crate::markets::WIDTH_MAX;
use crate::plain;
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;
use std::ops::RangeInclusive;
use triplebar_core::codes::{AccountKind, FillConvention, PathRule};
use triplebar_core::settings::{
    AccountSettings, CommissionSettings, InstrumentSettings, OffGrid, RiskSettings, Settings,
};

/// One whole in parts per billion.
const PPB: i64 = 1_000_000_000;
/// The times within which rates change and funding is due.
const SPAN_NS: i64 = 60 * HOUR_NS;

fn often_none(range: RangeInclusive<i64>) -> impl Strategy<Value = Option<i64>> {
    weighted(0.25, range)
}

fn often_zero(range: RangeInclusive<i64>) -> impl Strategy<Value = i64> {
    weighted(0.3, range).prop_map(Option::unwrap_or_default)
}

fn series(rate: RangeInclusive<i64>, most: usize) -> impl Strategy<Value = Vec<(i64, i64)>> {
    vec((1..=SPAN_NS, rate), 0..=most).prop_map(|mut series| {
        series.sort_unstable();
        series.dedup_by_key(|entry| entry.0);
        series
    })
}

prop_compose! {
    fn commission()(
        fixed in often_zero(1..=20),
        maker_ppb in often_zero(1..=20_000_000),
        taker_ppb in often_zero(1..=20_000_000),
        per_unit_minor in often_zero(1..=30),
        minimum in often_zero(1..=10),
        maximum_ppb in often_none(1_000_000..=50_000_000),
        tiers in prop::bool::weighted(0.2),
    ) -> CommissionSettings {
        let tiers = if tiers { vec![(0, 3_000_000, 4_000_000), (500, 1_000_000, 2_000_000)] } else { Vec::new() };
        CommissionSettings { fixed, maker_ppb, taker_ppb, per_unit_minor, minimum, maximum_ppb, tiers }
    }
}

type Frictions = (Option<i64>, [i64; 5], (f64, f64));

fn frictions() -> impl Strategy<Value = Frictions> {
    let amounts = (
        often_zero(1..=3),
        often_zero(1..=30_000_000),
        often_zero(1..=3),
        often_zero(1..=30_000_000),
        often_zero(1..=PPB / 2),
    );
    let root = (select(vec![0.0, 0.0, 0.05]), select(vec![0.0, 0.2]));
    (often_none(20_000_000..=PPB), amounts.prop_map(Into::into), root)
}

type Limits = (Option<i64>, Option<i64>, Option<i64>, i64);

fn limits() -> impl Strategy<Value = Limits> {
    (
        often_none(1..=30),
        often_none(100..=5_000),
        often_none(5..=20),
        often_zero(50..=300),
    )
}

prop_compose! {
    fn instrument()(
        unit in 1..=40_i64,
        steps in (select(vec![1_i64, 1, 2]), select(vec![1_i64, 1, 3])),
        currency in 0..=1_usize,
        commission in commission(),
        (participation_ppb, frictions, (root_coefficient, root_free)) in frictions(),
        (position_limit_lots, position_limit_minor, quantity_max, notional_min) in limits(),
        funding in series(-20_000_000..=20_000_000, 3),
        borrow_ppb in often_zero(1..=20 * PPB),
        interval_ns in select(vec![HOUR_NS, HOUR_NS, HOUR_NS / 2]),
    ) -> InstrumentSettings {
        let [half_spread_ticks, half_spread_ppb, slippage_ticks, slippage_ppb, impact_ppb] = frictions;
        InstrumentSettings {
            price_step: steps.0, size_step: steps.1, unit, currency, quantity_max, notional_min, participation_ppb,
            half_spread_ticks, half_spread_ppb, slippage_ticks, slippage_ppb, impact_ppb, root_coefficient, root_free,
            commission, funding, borrow_ppb, position_limit_lots, position_limit_minor, interval_ns,
            ..plain::instrument(0)
        }
    }
}

fn shares() -> impl Strategy<Value = (Option<i64>, Option<i64>, Option<i64>)> {
    let share = || weighted(0.08, PPB / 5..=3 * PPB);
    (share(), share(), share())
}

prop_compose! {
    fn risk()(
        trading_enabled in prop::bool::weighted(0.95),
        gross_ppb in often_none(PPB / 5..=3 * PPB),
        net_ppb in often_none(PPB / 5..=3 * PPB),
        drawdown_total_ppb in often_none(1_000_000..=PPB / 2),
        drawdown_daily_ppb in often_none(1_000_000..=PPB / 2),
        (position_ppb, long_ppb, short_ppb) in shares(),
        positions in weighted(0.08, 0..=3_u32),
    ) -> RiskSettings {
        RiskSettings {
            trading_enabled, gross_ppb, net_ppb, drawdown_total_ppb, drawdown_daily_ppb,
            position_ppb, long_ppb, short_ppb, positions,
        }
    }
}

prop_compose! {
    fn account()(
        kind in select(AccountKind::ALL.to_vec()),
        leverage_milli in select(vec![1_000_i64, 2_500, 10_000]),
        maintenance_ppb in often_zero(1..=300_000_000),
    ) -> AccountSettings {
        AccountSettings { kind, leverage_milli, maintenance_ppb }
    }
}

type Draws = (i64, i64, (i64, i64), (i64, i64));

fn draws() -> impl Strategy<Value = Draws> {
    let latency =
        (often_zero(1..=4 * HOUR_NS), often_zero(1..=3 * HOUR_NS)).prop_map(|(least, more)| (least, least + more));
    (
        often_zero(1..=PPB),
        often_zero(1..=PPB),
        (0..=PPB / 2, PPB / 2..=PPB),
        latency,
    )
}

prop_compose! {
    fn money()(
        two in prop::bool::weighted(0.4),
        cash in [select(vec![0_i64, 3_000, 30_000, 10_000_000]), select(vec![0_i64, 3_000, 10_000_000])],
        mut rates in series(PPB / 3..=3 * PPB, 2),
    ) -> (Vec<String>, Vec<i64>, Vec<Vec<(i64, i64)>>) {
        rates.insert(0, (0, 2 * PPB));
        let count = if two { 2 } else { 1 };
        let mut all = vec![vec![(i64::MIN, PPB)], rates];
        all.truncate(count);
        (["USD", "EUR"][..count].iter().map(ToString::to_string).collect(), cash[..count].to_vec(), all)
    }
}

prop_compose! {
    /// Settings for the widest market; [`narrowed`] fits them to a market.
    pub fn all_settings()(
        seed in 0..=1_000_u64,
        fill in select(FillConvention::ALL.to_vec()),
        path in select(PathRule::ALL.to_vec()),
        off_grid in select(vec![OffGrid::Round, OffGrid::Reject]),
        start_ns in often_none(0..=10 * HOUR_NS),
        warmup_bars in often_zero(1..=3),
        close_at_end in any::<bool>(),
        (currencies, cash, rates) in money(),
        account in account(),
        (miss_ppb, partial_ppb, part, latency) in draws(),
        risk in risk(),
        instruments in vec(instrument(), WIDTH_MAX),
    ) -> Settings {
        Settings {
            seed, fill, path, off_grid, start_ns, close_at_end, currencies, cash, rates, account, risk,
            warmup_bars: u32::try_from(warmup_bars).unwrap_or(0),
            miss_ppb, partial_ppb, partial_low_ppb: part.0, partial_high_ppb: part.1,
            latency_min_ns: latency.0, latency_max_ns: latency.1,
            instruments,
            ..plain::settings(0)
        }
    }
}

/// The settings for a market of fewer instruments, each with its own name and a currency that exists.
#[must_use]
pub fn narrowed(mut settings: Settings, width: usize) -> Settings {
    settings.instruments.truncate(width);
    let last = settings.currencies.len() - 1;
    for (at, instrument) in settings.instruments.iter_mut().enumerate() {
        instrument.symbol = format!("I{at}");
        instrument.currency = instrument.currency.min(last);
    }
    settings
}
