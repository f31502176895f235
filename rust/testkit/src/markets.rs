//! Markets of a few instruments whose prices move by few ticks, so that orders meet.

use crate::bars::{Bar, Bars, HOUR_NS, Tick};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use std::ops::RangeInclusive;

/// The most instruments of a generated market.
pub const WIDTH_MAX: usize = 3;
/// The most ticks of a generated market.
pub const TICKS_MAX: usize = 24;

/// How a bar differs from the close before.
#[derive(Debug, Clone, Copy)]
struct Step {
    jump: i64,
    up: i64,
    down: i64,
    close_percent: i64,
    volume: i64,
}

/// A step of the clock, before prices are known.
#[derive(Debug, Clone)]
struct Draft {
    hours: i64,
    new_session: bool,
    steps: [Option<Step>; WIDTH_MAX],
}

prop_compose! {
    fn step()(
        jump in -6..=6_i64,
        up in 0..=6_i64,
        down in 0..=6_i64,
        close_percent in 0..=100_i64,
        volume in 0..=30_i64,
    ) -> Step {
        Step { jump, up, down, close_percent, volume }
    }
}

prop_compose! {
    fn draft()(
        hours in prop_oneof![4 => Just(1_i64), 1 => 2..=30_i64],
        new_session in prop::bool::weighted(0.2),
        steps in [weighted(0.95, step()), weighted(0.8, step()), weighted(0.5, step())],
    ) -> Draft {
        Draft { hours, new_session, steps }
    }
}

/// Markets of one to three instruments that start at about this price.
pub fn markets(price: RangeInclusive<i64>) -> impl Strategy<Value = Bars> {
    let drafts = vec(draft(), 1..=TICKS_MAX);
    (1..=WIDTH_MAX, price, drafts).prop_map(|(width, price, drafts)| build(width, price, &drafts))
}

fn build(width: usize, price: i64, drafts: &[Draft]) -> Bars {
    let mut closes = vec![price; width];
    let (mut time_ns, mut session) = (0, 0);
    let mut ticks = Vec::new();
    for draft in drafts {
        time_ns += draft.hours * HOUR_NS;
        session += i32::from(draft.new_session);
        let bars: Vec<_> = closes
            .iter_mut()
            .zip(draft.steps)
            .map(|(close, step)| next_bar(close, step))
            .collect();
        // The clock is the set of all bar times: a tick without a bar does not exist.
        if bars.iter().any(Option::is_some) {
            ticks.push(Tick { time_ns, session, bars });
        }
    }
    if ticks.is_empty() {
        let bars = vec![Some(Bar::new(price, price, price, price)); width];
        ticks.push(Tick { time_ns, session, bars });
    }
    Bars::new(ticks)
}

fn next_bar(last: &mut i64, step: Option<Step>) -> Option<Bar> {
    let step = step?;
    let open = (*last + step.jump).max(1);
    let (high, low) = (open + step.up, (open - step.down).max(1));
    let close = low + (high - low) * step.close_percent / 100;
    *last = close;
    Some(Bar {
        open,
        high,
        low,
        close,
        volume: step.volume,
    })
}
