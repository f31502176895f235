//! Slow and obvious ways to the same numbers: the ledger added up in 128 bits, the price walked tick by tick.

use crate::bars::{Bar, Bars};
use crate::facts::Facts;
use crate::{Verdict, ensure};
use triplebar_core::codes::{FlowKind, Moment, OrderKind, PathRule};
use triplebar_core::request::OrderRequest;
use triplebar_core::settings::Settings;

const PPB: i128 = 1_000_000_000;

/// S-01, in 128 bits.
#[must_use]
pub const fn scale(amount: i128, ppb: i128) -> i128 {
    amount.signum() * ((amount.abs() * ppb + PPB / 2) / PPB)
}

/// What the equity table should say of a tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Equity, base currency.
    pub equity: i128,
    /// Cash, base currency.
    pub cash: i128,
    /// Whether something is held that has no bar here (S-03).
    pub stale: bool,
}

/// Cash and equity of every tick, recomputed from fills, flows and bars (S-70, S-74).
#[must_use]
pub fn ledger(facts: &Facts, settings: &Settings, bars: &Bars) -> Vec<Row> {
    (0_i32..)
        .zip(&bars.ticks)
        .map(|(clock, tick)| row(facts, settings, bars, clock, tick.time_ns))
        .collect()
}

fn row(facts: &Facts, settings: &Settings, bars: &Bars, clock: i32, time_ns: i64) -> Row {
    let mut cash: Vec<i128> = settings.cash.iter().map(|amount| i128::from(*amount)).collect();
    let mut lots = vec![0_i128; settings.instruments.len()];
    for flow in facts.record.flows.iter().filter(|flow| flow.clock <= clock) {
        cash[usize::from(flow.currency)] += i128::from(flow.amount);
    }
    for fill in facts.record.fills.iter().filter(|fill| fill.clock <= clock) {
        let at = usize::from(fill.instrument);
        let signed = i128::from(fill.side) * i128::from(fill.quantity);
        let instrument = &settings.instruments[at];
        cash[instrument.currency] -= signed * i128::from(fill.price) * i128::from(instrument.unit);
        cash[instrument.currency] -= i128::from(fill.fee);
        lots[at] += signed;
    }
    let first_ns = bars.ticks[0].time_ns;
    let rate = |currency: usize| {
        let series = settings.rates[currency].iter();
        let known = series.rev().find(|rate| rate.0 <= time_ns.max(first_ns));
        i128::from(known.expect("the engine refuses to start without a rate").1)
    };
    let base: i128 = cash
        .iter()
        .enumerate()
        .map(|(currency, amount)| scale(*amount, rate(currency)))
        .sum();
    let value = |(at, lots): (usize, &i128)| {
        let instrument = &settings.instruments[at];
        let mark = (0..=clock)
            .rev()
            .find_map(|tick| bars.bar(tick, at))
            .map_or(0, |bar| bar.close);
        scale(
            lots * i128::from(mark) * i128::from(instrument.unit),
            rate(instrument.currency),
        )
    };
    Row {
        equity: base + lots.iter().enumerate().map(value).sum::<i128>(),
        cash: base,
        stale: lots
            .iter()
            .enumerate()
            .any(|(at, lots)| *lots != 0 && bars.bar(clock, at).is_none()),
    }
}

/// The record's equity, cash and stale rows are those of [`ledger`], from `start` on (S-32, S-70).
///
/// # Errors
/// The first tick that differs.
pub fn check_ledger(facts: &Facts, settings: &Settings, bars: &Bars) -> Verdict {
    let record = &facts.record;
    let rows = ledger(facts, settings, bars);
    let from = bars
        .ticks
        .iter()
        .take_while(|tick| settings.start_ns.is_some_and(|start| tick.time_ns < start))
        .count();
    ensure(usize::try_from(record.equity_from) == Ok(from), || {
        format!("equity from {}", record.equity_from)
    })?;
    let cash = record.cash.rows(record.equity.len());
    ensure(
        record.equity.len() == rows.len() - from && cash.len() == record.equity.len(),
        || format!("{} rows for {} ticks from {from}", record.equity.len(), rows.len()),
    )?;
    for (index, expected) in rows[from..].iter().enumerate() {
        let found = Row {
            equity: i128::from(record.equity[index]),
            cash: i128::from(cash[index]),
            stale: record.stale.iter().any(|row| *row as usize == index),
        };
        ensure(found == *expected, || {
            format!("row {index}: {found:?} instead of {expected:?}")
        })?;
    }
    Ok(())
}

/// Funding and borrow of every tick, on what was held and marked before it, in 128 bits (S-72, S-73).
///
/// # Errors
/// The first tick that differs.
pub fn check_carry(facts: &Facts, settings: &Settings, bars: &Bars) -> Verdict {
    for (tick, clock) in (0..bars.ticks.len()).zip(0_i32..) {
        let now = bars.ticks[tick].time_ns;
        let last = tick.checked_sub(1).map(|last| bars.ticks[last].time_ns);
        let mut expected = Vec::new();
        for (at, instrument) in settings.instruments.iter().enumerate() {
            if let Some(last) = last {
                let value = value_before(facts, settings, bars, clock, at);
                expected.push((FlowKind::Borrow, at, -borrow(value, instrument.borrow_ppb, now - last)));
            }
        }
        for (at, instrument) in settings.instruments.iter().enumerate() {
            let value = value_before(facts, settings, bars, clock, at);
            let due = instrument
                .funding
                .iter()
                .filter(|due| due.0 <= now && last.is_none_or(|last| due.0 > last));
            expected.extend(due.map(|due| (FlowKind::Funding, at, -funding(value, due.1))));
        }
        expected.retain(|flow| flow.2 != 0);
        let carried = |kind: FlowKind| matches!(kind, FlowKind::Borrow | FlowKind::Funding);
        let here = facts
            .record
            .flows
            .iter()
            .filter(|flow| flow.clock == clock && carried(flow.kind));
        let found: Vec<_> = here
            .map(|flow| (flow.kind, usize::from(flow.instrument), i128::from(flow.amount)))
            .collect();
        ensure(found == expected, || {
            format!("tick {clock}: {found:?} instead of {expected:?}")
        })?;
    }
    Ok(())
}

/// What a position is worth before a tick, at the last mark, in its own currency.
fn value_before(facts: &Facts, settings: &Settings, bars: &Bars, clock: i32, at: usize) -> i128 {
    let fills = facts
        .record
        .fills
        .iter()
        .filter(|fill| fill.clock < clock && usize::from(fill.instrument) == at);
    let lots: i128 = fills
        .map(|fill| i128::from(fill.side) * i128::from(fill.quantity))
        .sum();
    let mark = (0..clock)
        .rev()
        .find_map(|tick| bars.bar(tick, at))
        .map_or(0, |bar| bar.close);
    lots * i128::from(mark) * i128::from(settings.instruments[at].unit)
}

fn borrow(value: i128, rate_ppb: i64, elapsed_ns: i64) -> i128 {
    let year_ppb = PPB * 365 * 86_400 * 1_000_000_000;
    let due = value.min(0).abs() * i128::from(rate_ppb) * i128::from(elapsed_ns);
    (due + year_ppb / 2) / year_ppb
}

fn funding(value: i128, rate_ppb: i64) -> i128 {
    let rate = i128::from(rate_ppb);
    value.signum() * rate.signum() * scale(value.abs(), rate.abs())
}

/// Where a lone order fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meeting {
    /// Tick of the clock.
    pub clock: i32,
    /// Open or path.
    pub moment: Moment,
    /// The price that met it, without spread.
    pub x: i64,
}

/// Every price of a bar, one tick after the other: O, then the path to C (S-11).
#[must_use]
pub fn prices(bar: Bar, path: PathRule) -> Vec<i64> {
    let low_first = match path {
        PathRule::OpenHighLowClose => false,
        PathRule::OpenLowHighClose => true,
        PathRule::Adaptive | PathRule::Pessimistic => bar.open - bar.low <= bar.high - bar.open,
    };
    let corners = if low_first {
        [bar.low, bar.high, bar.close]
    } else {
        [bar.high, bar.low, bar.close]
    };
    let mut x = bar.open;
    let mut all = vec![x];
    for corner in corners {
        while x != corner {
            x += (corner - x).signum();
            all.push(x);
        }
    }
    all
}

/// Where an order that arrives at the first open fills, found by walking every price (S-22 to S-25).
#[must_use]
pub fn first_meeting(order: &OrderRequest, bars: &[Bar], path: PathRule, half_spread: i64) -> Option<Meeting> {
    let sign = i64::from(order.side);
    let mut kind = order.kind;
    let mut trigger = order.trigger;
    for (clock, bar) in (0_i32..).zip(bars) {
        for (step, x) in prices(*bar, path).into_iter().enumerate() {
            let arriving = clock == 0 && step == 0;
            let paid = x + sign * half_spread;
            if kind == OrderKind::TrailingStop {
                if arriving {
                    trigger = x + sign * order.extras.trail;
                } else if sign * (x - trigger) >= 0 {
                    kind = OrderKind::Market;
                }
            } else if triggered(kind, sign * (paid - trigger)) {
                kind = if kind == OrderKind::StopLimit {
                    OrderKind::Limit
                } else {
                    OrderKind::Market
                };
            }
            if kind == OrderKind::Market || kind == OrderKind::Limit && sign * (order.limit - paid) >= 0 {
                let moment = if step == 0 { Moment::Open } else { Moment::Path };
                return Some(Meeting { clock, moment, x });
            }
            if kind == OrderKind::TrailingStop && sign * (x + sign * order.extras.trail - trigger) < 0 {
                trigger = x + sign * order.extras.trail;
            }
        }
    }
    None
}

/// Whether a price this far beyond the trigger, in the order's own direction, triggers it.
const fn triggered(kind: OrderKind, beyond: i64) -> bool {
    match kind {
        OrderKind::Stop | OrderKind::StopLimit => beyond >= 0,
        OrderKind::MarketIfTouched => beyond <= 0,
        _ => false,
    }
}
