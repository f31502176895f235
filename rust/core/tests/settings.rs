//! Settings from JSON: what is read, what is refused, and whether the refusal names it.

mod common;

use common::{market, settings, settings_json, settings_with, text};
use serde_json::{Value, json};
use triplebar_core::codes::AccountKind;
use triplebar_core::engine::Engine;
use triplebar_core::settings::Settings;

#[test]
fn settings_are_read_and_written_alike() {
    let read = settings();
    assert_eq!(read.account.kind, AccountKind::Margin);
    assert_eq!(read.instruments[0].symbol, "AA");
    assert_eq!(serde_json::to_value(&read).unwrap(), settings_json());
}

#[test]
fn every_value_out_of_range_is_refused_by_name() {
    let no_rate = json!([[]]);
    let cases: [(&str, Value, &str); 31] = [
        ("/rules_version", json!(2), "rules version 2 is not 1"),
        ("/currencies", json!([]), "currencies, cash and rates"),
        ("/cash", json!([1, 2]), "currencies, cash and rates"),
        ("/rates", json!([]), "currencies, cash and rates"),
        ("/rates", no_rate, "positive rate"),
        ("/rates", json!([[[0, 0]]]), "positive rate"),
        ("/latency_min_ns", json!(-1), "latency"),
        ("/latency_min_ns", json!(5), "latency"),
        ("/partial_low_ppb", json!(-1), "partial range"),
        ("/partial_low_ppb", json!(1), "partial range"),
        ("/account/leverage_milli", json!(0), "leverage"),
        ("/instruments/0/unit", json!(0), "instrument AA"),
        ("/instruments/0/price_step", json!(0), "instrument AA"),
        ("/instruments/0/size_step", json!(-1), "instrument AA"),
        ("/instruments/0/interval_ns", json!(0), "instrument AA"),
        ("/instruments/0/currency", json!(1), "instrument AA"),
        ("/instruments/0/price_precision", json!(19), "instrument AA"),
        ("/instruments/0/size_precision", json!(19), "instrument AA"),
        ("/instruments/0/root_coefficient", json!(-0.5), "instrument AA"),
        ("/instruments/0/half_spread_ticks", json!(-1), "instrument AA"),
        ("/instruments/0/borrow_ppb", json!(-1), "instrument AA"),
        ("/instruments/0/commission/fixed", json!(-1), "instrument AA"),
        ("/instruments/0/commission/minimum", json!(-1), "instrument AA"),
        ("/account/maintenance_ppb", json!(1_000_000_000), "maintenance margin"),
        ("/account/maintenance_ppb", json!(-1), "maintenance margin"),
        ("/instruments/0/participation_ppb", json!(-1), "instrument AA"),
        ("/instruments/0/commission/maximum_ppb", json!(-1), "instrument AA"),
        ("/instruments/0/commission/tiers", json!([[0, 1, -1]]), "instrument AA"),
        ("/path", json!("sideways"), "unknown variant `sideways`"),
        ("/seed", json!(-1), "invalid value"),
        ("/instruments/0/commission", json!({}), "missing field `fixed`"),
    ];
    for (pointer, value, expected) in cases {
        let message = text(settings_with(pointer, value.clone()));
        assert!(message.starts_with("settings: "), "{pointer} {value}: {message}");
        assert!(message.contains(expected), "{pointer} {value}: {message}");
    }
}

#[test]
fn unknown_fields_and_broken_json_are_refused() {
    let mut all = settings_json();
    all["sead"] = json!(1);
    assert!(text(Settings::from_json(&all.to_string())).contains("unknown field `sead`"));
    assert!(text(Settings::from_json("{")).contains("EOF"));
}

#[test]
fn settings_and_market_must_have_the_same_instruments() {
    let settings = settings_with("/instruments", json!([])).unwrap();
    let message = text(Engine::new(settings, &market()));
    assert_eq!(message, "settings: 0 instruments for a market of 1");
}

#[test]
fn a_currency_without_a_rate_at_the_first_bar_is_named() {
    let settings = settings_with("/rates", json!([[[i64::MAX, 1_000_000_000]]])).unwrap();
    let message = text(Engine::new(settings, &market()));
    assert_eq!(message, "settings: no rate of USD at or before the first bar");
}
