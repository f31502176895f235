//! What must hold for the facts of every run.

use crate::bars::Bars;
use crate::facts::Facts;
use crate::{Verdict, ensure};
use std::collections::BTreeMap;
use triplebar_core::codes::{Cause, EventKind, Moment, OrderKind, OrderStatus, Reason, TimeInForce, flags};
use triplebar_core::error::Result;
use triplebar_core::fold::fold;
use triplebar_core::order::Order;
use triplebar_core::record::Fill;
use triplebar_core::settings::Settings;
use triplebar_core::units::{scale, worth};

/// Every order ends exactly once, with a reason, and its status is what its events say (S-48).
///
/// # Errors
/// The order that does not.
pub fn orders_end_once(facts: &Facts) -> Verdict {
    for (id, order) in (1_u32..).zip(&*facts.orders) {
        let events: Vec<_> = facts.record.events.iter().filter(|event| event.order == id).collect();
        let status = |kind: EventKind| match kind {
            EventKind::Canceled => Some(OrderStatus::Canceled),
            EventKind::Rejected => Some(OrderStatus::Rejected),
            EventKind::Expired => Some(OrderStatus::Expired),
            _ => None,
        };
        let mut endings: Vec<_> = events.iter().filter_map(|event| status(event.kind)).collect();
        if order.filled == order.quantity && order.filled > 0 {
            endings.push(OrderStatus::Filled);
        }
        ensure(endings == [order.status], || {
            format!("order {id}: endings {endings:?}, {order:?}")
        })?;
        let last = events.last().ok_or_else(|| format!("order {id} has no event"))?;
        ensure(last.kind == EventKind::Filled || last.reason == order.reason, || {
            format!("order {id}: {last:?} is not the reason of {order:?}")
        })?;
        let reasoned = order.reason != Reason::None;
        let by_venue = order.has(flags::VENUE);
        ensure(reasoned == (by_venue || order.status != OrderStatus::Filled), || {
            format!("order {id} ended without a reason, or filled with one: {order:?}")
        })?;
        ensure(order.ended() == last.clock && order.ended() >= order.sent, || {
            format!("order {id} ended at {}, its last event is {last:?}", order.ended())
        })?;
    }
    Ok(())
}

/// Fills are positive, add up to what the order says and are told of by one event each, in order.
///
/// # Errors
/// The fill or order that is not.
pub fn fills_add_up(facts: &Facts) -> Verdict {
    let mut filled: BTreeMap<u32, i64> = BTreeMap::new();
    for fill in &facts.record.fills {
        ensure(fill.quantity > 0 && fill.price > 0, || format!("{fill:?}"))?;
        *filled.entry(fill.order).or_default() += fill.quantity;
    }
    for (id, order) in (1_u32..).zip(&*facts.orders) {
        let total = filled.get(&id).copied().unwrap_or(0);
        ensure(total == order.filled && total <= order.quantity.max(0), || {
            format!("order {id} filled {total}: {order:?}")
        })?;
    }
    let told = facts
        .record
        .events
        .iter()
        .filter(|event| event.kind == EventKind::Filled);
    let rows: Vec<i64> = told.map(|event| event.value).collect();
    let expected: Vec<i64> = (0..).take(facts.record.fills.len()).collect();
    ensure(rows == expected, || format!("rows of fills told: {rows:?}"))
}

/// The price that met an order lies in its bar: O at the open, C at the close; costs never help (S-21, S-22, S-50).
///
/// # Errors
/// The fill that was elsewhere.
pub fn fills_are_in_their_bars(facts: &Facts, bars: &Bars) -> Verdict {
    for fill in &facts.record.fills {
        let costs = fill.half_spread + fill.slippage;
        let x = fill.price - i64::from(fill.side) * costs;
        // A sell's floor of one tick may turn its costs into a gain.
        ensure(costs >= 0 || fill.price == 1, || format!("costs help: {fill:?}"))?;
        let Some(bar) = bars.bar(fill.clock, usize::from(fill.instrument)) else {
            let forced = facts.order(fill.order).has(flags::VENUE);
            ensure(forced, || format!("a fill without a bar: {fill:?}"))?;
            continue;
        };
        let within = match fill.moment {
            Moment::Open => x == bar.open,
            Moment::Path => (bar.low..=bar.high).contains(&x),
            Moment::Close => x == bar.close,
            Moment::Before | Moment::Decision => false,
        };
        ensure(within, || format!("{fill:?} was met at {x} in {bar:?}"))?;
    }
    Ok(())
}

/// Orders that were never modified keep their limits (S-50).
///
/// # Errors
/// The fill that is worse than its limit.
pub fn limits_are_kept(facts: &Facts) -> Verdict {
    for fill in &facts.record.fills {
        let order = facts.order(fill.order);
        let modified = is_modified(facts, fill.order);
        let worse = order.limit != 0 && order.sign() * (fill.price - order.limit) > 0;
        ensure(modified || !worse, || format!("{fill:?} is worse than {order:?}"))?;
    }
    Ok(())
}

/// The postings of each row sum to zero per currency, and those of cash to the cash at the end (S-71).
///
/// # Errors
/// The row that does not.
pub fn postings_balance(facts: &Facts, settings: &Settings) -> Verdict {
    let folded = fold(&facts.record, settings).map_err(|error| error.to_string())?;
    let mut rows: BTreeMap<(u8, u32, u8), i128> = BTreeMap::new();
    let mut cash = vec![0_i128; settings.currencies.len()];
    for posting in &folded.postings {
        *rows.entry((posting.source, posting.row, posting.currency)).or_default() += i128::from(posting.amount);
        if posting.account == triplebar_core::codes::Ledger::Cash {
            cash[usize::from(posting.currency)] += i128::from(posting.amount);
        }
    }
    let open = rows.iter().find(|(_, total)| **total != 0);
    ensure(open.is_none(), || format!("postings of {open:?} do not balance"))?;
    let held: Vec<i128> = facts.cash.iter().map(|amount| i128::from(*amount)).collect();
    ensure(cash == held, || format!("cash posted {cash:?}, held {held:?}"))
}

/// Round trips hold what positions realised, and no fee is lost or counted twice.
///
/// # Errors
/// The instrument for which that is not so.
pub fn trades_add_up(facts: &Facts, settings: &Settings) -> Verdict {
    let folded = fold(&facts.record, settings).map_err(|error| error.to_string())?;
    for at in 0..settings.instruments.len() {
        let here = |instrument: u16| usize::from(instrument) == at;
        let mut positions = folded.positions.iter().filter(|row| here(row.instrument));
        let realised: i64 = positions.clone().map(|row| row.realised).sum();
        let trades: Vec<_> = folded.trades.iter().filter(|trade| here(trade.instrument)).collect();
        let earned: i64 = trades.iter().map(|trade| trade.profit + trade.fees).sum();
        ensure(realised == earned, || {
            format!("instrument {at}: realised {realised}, trades {earned}")
        })?;
        let paid: i64 = facts
            .record
            .fills
            .iter()
            .filter(|fill| here(fill.instrument))
            .map(|fill| fill.fee)
            .sum();
        let shared: i64 = trades.iter().map(|trade| trade.fees).sum();
        let flat = facts.positions[at] == 0;
        ensure(if flat { shared == paid } else { shared <= paid }, || {
            format!("instrument {at}: fees {paid}, of trades {shared}")
        })?;
        let last = positions.next_back().map_or(0, |row| row.position);
        ensure(last == facts.positions[at], || {
            format!("instrument {at}: folded position {last}")
        })?;
    }
    Ok(())
}

/// A fill-or-kill order fills whole or not at all (S-20).
///
/// # Errors
/// The order that fills in part.
pub fn kills_fill_whole(facts: &Facts) -> Verdict {
    let mut kills = facts.orders.iter().filter(|order| order.tif == TimeInForce::Fok);
    let part = kills.find(|order| order.filled != 0 && order.filled != order.quantity);
    ensure(part.is_none(), || format!("filled in part: {part:?}"))
}

/// Calls `check` for every fill with its order and the position before it.
///
/// # Errors
/// What `check` says.
pub fn replay(facts: &Facts, mut check: impl FnMut(&Fill, &Order, i64) -> Verdict) -> Verdict {
    let mut positions = vec![0_i64; facts.positions.len()];
    for fill in &facts.record.fills {
        let position = &mut positions[usize::from(fill.instrument)];
        check(fill, facts.order(fill.order), *position)?;
        *position += i64::from(fill.side) * fill.quantity;
    }
    Ok(())
}

/// A reduce-only order never enlarges or turns a position (S-45).
///
/// # Errors
/// The fill that does.
pub fn reduce_only_reduces(facts: &Facts) -> Verdict {
    replay(facts, |fill, order, before| {
        let opposite = before.signum() == -i64::from(fill.side);
        let reduces = opposite && fill.quantity <= before.abs();
        ensure(reduces || !order.has(flags::REDUCE_ONLY), || {
            format!("{fill:?} of {order:?} at position {before}")
        })
    })
}

/// A reduce-only order that asked for more than there was to reduce ends with the fill that cut it (S-45).
///
/// # Errors
/// The fill after which its order lives on.
pub fn cut_orders_end(facts: &Facts) -> Verdict {
    let mut filled = vec![0_i64; facts.orders.len() + 1];
    replay(facts, |fill, order, before| {
        let remaining = order.quantity - filled[fill.order as usize];
        filled[fill.order as usize] += fill.quantity;
        let cut = order.has(flags::REDUCE_ONLY) && facts.orders.extras(order).parent == 0 && remaining > before.abs();
        let ended = order.ended() == fill.clock && order.reason == Reason::ReduceOnlyNoPosition;
        ensure(!cut || ended || is_modified(facts, fill.order), || {
            format!("{order:?} was cut by {fill:?}")
        })
    })
}

/// What the jump to O meets is filled in the order of S-26: buys first, highest own price first; sells lowest first.
///
/// # Errors
/// The two fills that are the wrong way round.
pub fn jumps_keep_precedence(facts: &Facts) -> Verdict {
    let jumps = facts
        .record
        .fills
        .iter()
        .filter(|fill| fill.cause == Cause::Jump && !is_modified(facts, fill.order));
    let mut last: BTreeMap<(i32, u16), (bool, i64, &Fill)> = BTreeMap::new();
    for fill in jumps {
        let place = (fill.side < 0, -own_price(facts, fill));
        if let Some((side, price, before)) = last.insert((fill.clock, fill.instrument), (place.0, place.1, fill)) {
            ensure((side, price) <= place, || {
                format!("{before:?} was filled before {fill:?}")
            })?;
        }
    }
    Ok(())
}

fn is_modified(facts: &Facts, id: u32) -> bool {
    let mut events = facts.record.events.iter();
    events.any(|event| event.order == id && event.kind == EventKind::Modified)
}

/// S-26: the own price of the order before this fill, times its sign; a market order that rests comes first.
fn own_price(facts: &Facts, fill: &Fill) -> i64 {
    let order = facts.order(fill.order);
    let mut events = facts.record.events.iter().filter(|event| event.order == fill.order);
    let triggered = events.any(|event| event.kind == EventKind::Triggered && event.clock < fill.clock);
    let price = match (order.kind, triggered) {
        (OrderKind::Limit, _) | (OrderKind::StopLimit, true) => order.limit,
        (OrderKind::Market, _) | (_, true) => return i64::MAX,
        (_, false) => order.trigger,
    };
    order.sign() * price
}

/// A cash account is never short (S-61).
///
/// # Errors
/// The fill after which it is.
pub fn never_short(facts: &Facts) -> Verdict {
    replay(facts, |fill, _, before| {
        ensure(before + i64::from(fill.side) * fill.quantity >= 0, || {
            format!("short after {fill:?}")
        })
    })
}

/// No fill makes a position larger than its limits (S-65).
///
/// # Errors
/// The fill that does.
pub fn positions_stay_in_limits(facts: &Facts, settings: &Settings, bars: &Bars) -> Verdict {
    replay(facts, |fill, _, before| {
        let instrument = &settings.instruments[usize::from(fill.instrument)];
        let after = before + i64::from(fill.side) * fill.quantity;
        if after.abs() <= before.abs() {
            return Ok(());
        }
        let lots = instrument.position_limit_lots.is_none_or(|limit| after.abs() <= limit);
        let value = value_in_base(fill, after, settings, bars).map_err(|error| error.to_string())?;
        let worth = instrument.position_limit_minor.is_none_or(|limit| value.abs() <= limit);
        ensure(lots && worth, || {
            format!("position {after}, worth {value}, after {fill:?}")
        })
    })
}

fn value_in_base(fill: &Fill, lots: i64, settings: &Settings, bars: &Bars) -> Result<i64> {
    let instrument = &settings.instruments[usize::from(fill.instrument)];
    let time_ns = bars.ticks[fill.clock.unsigned_abs() as usize].time_ns;
    let known = settings.rates[instrument.currency]
        .iter()
        .take_while(|rate| rate.0 <= time_ns);
    let rate = known.last().map_or(0, |rate| rate.1);
    scale(worth(lots, fill.price, instrument.unit)?, rate)
}

/// Of each group at most one member has fills (S-27).
///
/// # Errors
/// The group of which two have.
pub fn groups_fill_once(facts: &Facts) -> Verdict {
    let mut winners: BTreeMap<u32, u32> = BTreeMap::new();
    for (id, order) in (1_u32..).zip(&*facts.orders) {
        let group = facts.orders.extras(order).group;
        if group != 0 && order.filled > 0 {
            let first = *winners.entry(group).or_insert(id);
            ensure(first == id, || {
                format!("group {group}: orders {first} and {id} have fills")
            })?;
        }
    }
    Ok(())
}

/// A child never fills more than its parent has, and ends no later than a parent without a fill (S-28).
///
/// # Errors
/// The fill that is too much, the child that lives on.
pub fn children_follow_parents(facts: &Facts) -> Verdict {
    let mut filled = vec![0_i64; facts.orders.len() + 1];
    for fill in &facts.record.fills {
        filled[fill.order as usize] += fill.quantity;
        let parent = facts.orders.extras(facts.order(fill.order)).parent;
        ensure(
            parent == 0 || filled[fill.order as usize] <= filled[parent as usize],
            || format!("more than its parent: {fill:?}"),
        )?;
    }
    for order in &*facts.orders {
        let parent = match facts.orders.extras(order).parent {
            0 => continue,
            parent => facts.order(parent),
        };
        let orphaned = parent.filled == 0 && order.ended() > parent.ended().max(order.sent);
        ensure(!orphaned, || format!("{order:?} outlives {parent:?}"))?;
    }
    Ok(())
}

/// The strategy is told every fact once, in order, up to the end (S-31).
///
/// # Errors
/// The first notice that is not the next fact.
pub fn notices_are_the_events(facts: &Facts) -> Verdict {
    let told = facts.record.events.get(..facts.notices.len());
    ensure(told == Some(&facts.notices[..]), || {
        "notices are not the events in order".to_owned()
    })?;
    let untold = &facts.record.events[facts.notices.len()..];
    let late = untold
        .iter()
        .find(|event| event.reason != Reason::EndOfData || event.moment != Moment::Decision);
    ensure(late.is_none(), || format!("never told: {late:?}"))
}
