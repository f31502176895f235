//! A market of four bars and settings with everything off, as JSON.
#![allow(dead_code, reason = "every test program takes what it needs")]

use serde_json::{Value, json};
use triplebar_core::engine::Engine;
use triplebar_core::error::Error;
use triplebar_core::market::{Market, Series};
use triplebar_core::settings::Settings;

pub const HOUR_NS: i64 = 3_600_000_000_000;
pub const CLOCK_NS: [i64; 4] = [HOUR_NS, 2 * HOUR_NS, 3 * HOUR_NS, 4 * HOUR_NS];
pub const SESSIONS: [i32; 4] = [0, 0, 1, 1];

/// Rising prices: 100, 101, 102, 103, each bar one tick up and down.
pub fn series() -> Series<'static> {
    Series {
        clock_index: None,
        time_ns: &CLOCK_NS,
        open: &[100, 101, 102, 103],
        high: &[101, 102, 103, 104],
        low: &[99, 100, 101, 102],
        close: &[100, 101, 102, 103],
        volume: &[10, 10, 10, 10],
    }
}

pub fn market() -> Market<'static> {
    Market::new(&CLOCK_NS, &SESSIONS, vec![series()]).unwrap()
}

fn instrument_json() -> Value {
    json!({
        "symbol": "AA", "price_precision": 2, "size_precision": 0, "price_step": 1, "size_step": 1, "unit": 1,
        "currency": 0, "quantity_min": 1, "quantity_max": null, "notional_min": 0, "participation_ppb": null,
        "half_spread_ticks": 0, "half_spread_ppb": 0, "slippage_ticks": 0, "slippage_ppb": 0, "impact_ppb": 0,
        "root_coefficient": 0.0, "root_free": 0.0,
        "commission": {
            "fixed": 0, "maker_ppb": 0, "taker_ppb": 0, "per_unit_minor": 0, "minimum": 0, "maximum_ppb": null,
            "tiers": [],
        },
        "funding": [], "borrow_ppb": 0, "position_limit_lots": null, "position_limit_minor": null,
        "interval_ns": HOUR_NS,
    })
}

/// Settings with everything off, in the shape Python writes.
pub fn settings_json() -> Value {
    json!({
        "rules_version": 1, "seed": 0, "fill": "next_open", "path": "open_high_low_close", "off_grid": "round",
        "start_ns": null, "warmup_bars": 0, "close_at_end": false, "cash_precision": 8,
        "currencies": ["USD"], "cash": [1_000_000], "rates": [[[i64::MIN, 1_000_000_000]]],
        "account": {"kind": "margin", "leverage_milli": 1_000, "maintenance_ppb": 0},
        "latency_min_ns": 0, "latency_max_ns": 0,
        "miss_ppb": 0, "partial_ppb": 0, "partial_low_ppb": 0, "partial_high_ppb": 0,
        "risk": {
            "trading_enabled": true, "gross_ppb": null, "net_ppb": null,
            "drawdown_total_ppb": null, "drawdown_daily_ppb": null,
            "position_ppb": null, "long_ppb": null, "short_ppb": null, "positions": null,
        },
        "instruments": [instrument_json()],
    })
}

/// Those settings with one value changed, named by its JSON pointer.
pub fn settings_with(pointer: &str, value: Value) -> Result<Settings, Error> {
    let mut all = settings_json();
    *all.pointer_mut(pointer).expect("the pointer names a setting") = value;
    Settings::from_json(&all.to_string())
}

pub fn settings() -> Settings {
    Settings::from_json(&settings_json().to_string()).unwrap()
}

pub fn engine() -> Engine {
    Engine::new(settings(), &market()).unwrap()
}

/// The text of an error that must come.
pub fn text<T>(result: Result<T, Error>) -> String {
    result.err().expect("must be refused").to_string()
}
