//! Bytes that are no checkpoint of this market and these rules.

mod common;

use common::{CLOCK_NS, HOUR_NS, SESSIONS, engine, market, series, text};
use triplebar_core::checkpoint::{load, save};
use triplebar_core::engine::Engine;
use triplebar_core::market::{Market, Series};
use triplebar_core::request::OrderRequest;

fn after_one_tick() -> Engine {
    let (mut engine, market) = (engine(), market());
    assert!(engine.open_tick(&market).unwrap());
    engine.send(&OrderRequest::market(0, 1, 3)).unwrap();
    engine.close_tick(&market).unwrap();
    engine
}

#[test]
fn what_was_saved_is_what_is_loaded() {
    let engine = after_one_tick();
    let loaded = load(&save(&engine).unwrap(), &market()).unwrap();
    assert_eq!(format!("{engine:?}"), format!("{loaded:?}"));
}

#[test]
fn bytes_that_are_no_checkpoint_say_why() {
    let whole = save(&after_one_tick()).unwrap();
    let changed = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        bytes
    };
    let cases = [
        (Vec::new(), "these bytes are no checkpoint"),
        (changed(0), "these bytes are no checkpoint"),
        (whole[..6].to_vec(), "the checkpoint is cut short"),
        (whole[..12].to_vec(), "the checkpoint is cut short"),
        (
            changed(4),
            "the checkpoint was made under other rules; run from the start",
        ),
        (changed(9), "the checkpoint is damaged; run from the start"),
        (
            changed(whole.len() - 1),
            "the checkpoint is damaged; run from the start",
        ),
        (
            whole[..whole.len() - 1].to_vec(),
            "the checkpoint is damaged; run from the start",
        ),
    ];
    for (bytes, expected) in cases {
        assert_eq!(text(load(&bytes, &market())), format!("checkpoint: {expected}"));
    }
}

/// A body that carries a right checksum and is still no engine: an empty one, whose checksum is the FNV basis.
#[test]
fn a_body_that_is_no_engine_is_unreadable() {
    let mut bytes = b"3BCP".to_vec();
    bytes.extend(1_u32.to_le_bytes());
    bytes.extend(0xCBF2_9CE4_8422_2325_u64.to_le_bytes());
    assert!(text(load(&bytes, &market())).starts_with("checkpoint: unreadable"));
}

#[test]
fn a_checkpoint_stays_in_its_market() {
    let bytes = save(&after_one_tick()).unwrap();
    let wider = Market::new(&CLOCK_NS, &SESSIONS, vec![series(), series()]).unwrap();
    let later: Vec<i64> = CLOCK_NS.iter().map(|time| time + HOUR_NS).collect();
    let shifted = Market::new(
        &later,
        &SESSIONS,
        vec![Series {
            time_ns: &later,
            ..series()
        }],
    )
    .unwrap();
    for other in [wider, shifted] {
        assert_eq!(
            text(load(&bytes, &other)),
            "checkpoint: the checkpoint belongs to another market"
        );
    }
}
