//! The functions that compiled handlers call: C functions over `ctx`, found by name when a strategy is linked.
//!
//! A function that can fail returns `FAILED` and leaves the trouble at the counter; the handler then raises, and the run
//! ends with the error that the interpreted strategy would have got.
#![expect(
    unsafe_code,
    reason = "compiled strategies speak C: every function here is given pointers that the run made"
)]

use crate::compiled::counter::{Counter, Trouble};
use crate::compiled::view::{DeskView, OrderView, WishView, given};
use crate::wish::{self, Mistake, Names, NewTerms, Wish};
use std::panic::{AssertUnwindSafe, catch_unwind};
use triplebar_core::engine::{Engine, Ticket};
use triplebar_core::order::OrderId;

/// What a function returns when it cannot do what it was asked.
pub const FAILED: i64 = i64::MIN;

/// The counter, its engine brought up to the tick that the handler is at.
///
/// # Safety
/// `desk` is the view that the run handed to the handler, which is still running; nothing else holds its counter.
#[inline]
unsafe fn counter<'a>(desk: *mut DeskView) -> &'a mut Counter<'a> {
    // SAFETY: the caller's promise; the run sets `counter` before it calls a handler, and touches it no more until the
    // handler returns.
    let (desk, counter) = unsafe { (&*desk, &mut *(*desk).counter.cast::<Counter<'a>>()) };
    counter.follow(desk);
    counter
}

/// Does what is asked, after which the next tick is the engine's; trouble and panics stay at the counter.
///
/// # Safety
/// As for [`counter`].
#[inline]
unsafe fn act(desk: *mut DeskView, work: impl FnOnce(&mut Counter<'_>) -> Result<i64, Mistake>) -> i64 {
    // SAFETY: the caller's promise.
    unsafe {
        (*desk).end = 0;
        answer(desk, work)
    }
}

/// Does what is asked if nothing about it is unusual, as [`act`] would; `None` if something is.
///
/// # Safety
/// As for [`counter`].
#[inline]
unsafe fn act_at_once(desk: *mut DeskView, work: impl FnOnce(&mut Engine) -> Option<i64>) -> Option<i64> {
    // SAFETY: the caller's promise.
    let counter = unsafe {
        (*desk).end = 0;
        counter(desk)
    };
    catch_unwind(AssertUnwindSafe(|| work(counter.engine))).unwrap_or_else(|_| Some(stopped(counter)))
}

/// What a panic leaves.
#[cold]
fn stopped(counter: &mut Counter<'_>) -> i64 {
    let text = "the core stopped unexpectedly; this is a bug in triplebar, please report it";
    counter.trouble = Some(Trouble::Mistake(Mistake::Said(text.into())));
    FAILED
}

/// Says what is asked; trouble and panics stay at the counter.
///
/// # Safety
/// As for [`counter`].
#[inline]
unsafe fn answer(desk: *mut DeskView, work: impl FnOnce(&mut Counter<'_>) -> Result<i64, Mistake>) -> i64 {
    // SAFETY: the caller's promise.
    let counter = unsafe { counter(desk) };
    let done = catch_unwind(AssertUnwindSafe(|| work(counter)));
    match done {
        Ok(Ok(answer)) => answer,
        Ok(Err(mistake)) => {
            counter.trouble = Some(Trouble::Mistake(mistake));
            FAILED
        }
        Err(_) => stopped(counter),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place among fewer than 65 535 instruments"
)]
const fn instrument(place: i64) -> u16 {
    place as u16
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place among the instruments"
)]
const fn index(place: i64) -> usize {
    place as usize
}

/// A number as an order's; what is no order number is one that no order has.
fn order_id(id: i64) -> OrderId {
    OrderId::try_from(id).unwrap_or(0)
}

/// Declares the C functions, and lists them by name for the linker.
macro_rules! calls {
    ($($(#[$about:meta])* fn $name:ident($desk:ident $(, $argument:ident: $kind:ty)*) -> $result:ty $body:block)+) => {
        $(
            $(#[$about])*
            unsafe extern "C" fn $name($desk: *mut DeskView $(, $argument: $kind)*) -> $result {
                // SAFETY: compiled handlers pass on the `ctx` that they were given, and pointers to structs of their own.
                unsafe { $body }
            }
        )+

        /// Every function with its address.
        pub fn table() -> Vec<(&'static str, usize)> {
            vec![$((stringify!($name), $name as *const () as usize)),+]
        }
    };
}

calls! {
    /// The place of a symbol that was not known when the strategy was compiled, or what is said where there is none.
    fn find(desk, hash: u64) -> i64 {
        let counter = counter(desk);
        counter.texts.place(hash).unwrap_or_else(|| {
            counter.trouble = Some(match counter.texts.given(hash) {
                Ok(text) => Trouble::UnknownSymbol(text.map(str::to_owned)),
                Err(mistake) => Trouble::Mistake(mistake),
            });
            FAILED
        })
    }

    /// NaN if nothing is held.
    fn average_price(desk, place: i64) -> f64 {
        let counter = counter(desk);
        let scale = counter.scales[index(place)].price;
        wish::average_price(counter.engine, index(place), scale).unwrap_or(f64::NAN)
    }

    fn cash(desk, result: *mut f64) -> i64 {
        answer(desk, |counter| {
            *result = crate::desk::shown(counter.engine.account().cash_base()?, counter.money);
            Ok(0)
        })
    }

    fn equity(desk, result: *mut f64) -> i64 {
        answer(desk, |counter| {
            *result = crate::desk::shown(counter.engine.equity(counter.columns)?, counter.money);
            Ok(0)
        })
    }

    fn warming(desk) -> i64 {
        let counter = counter(desk);
        i64::from((0..counter.scales.len()).any(|at| counter.engine.is_warming(at)))
    }

    fn send(desk, wanted: *const WishView) -> i64 {
        act(desk, |counter| send_wish(counter, &*wanted).map(i64::from))
    }

    /// A market order with nothing to it but a tag.
    fn send_market(desk, place: i64, side: i64, quantity: f64, tag: u64) -> i64 {
        send_ticket(desk, ticket(place, side, quantity, None), tag)
    }

    /// A limit order with nothing to it but a tag.
    fn send_limit(desk, place: i64, side: i64, quantity: f64, limit: f64, tag: u64) -> i64 {
        send_ticket(desk, ticket(place, side, quantity, Some(limit)), tag)
    }

    /// The number of the order, or 0 if the position is there already.
    fn target(desk, wanted: *const WishView) -> i64 {
        act(desk, |counter| {
            let mut wanted = *wanted;
            let scale = counter.scales[index(wanted.place)].size;
            let Some((side, quantity)) = wish::toward(counter.engine, index(wanted.place), wanted.quantity, scale)? else {
                return Ok(0);
            };
            (wanted.side, wanted.quantity) = (i64::from(side), quantity);
            send_wish(counter, &wanted).map(i64::from)
        })
    }

    /// The number of the order, or 0 if there is no position.
    fn close(desk, place: i64, tag: u64) -> i64 {
        act(desk, |counter| {
            let Some(mut request) = wish::closing(counter.engine, instrument(place)) else {
                return Ok(0);
            };
            request.extras.tag = label_of(counter, tag)?;
            Ok(i64::from(counter.engine.send(&request)?))
        })
    }

    fn cancel(desk, order: i64) -> i64 {
        let canceled = act_at_once(desk, |engine| engine.cancel(order_id(order)).then_some(1));
        canceled.unwrap_or_else(|| uncanceled(desk, order))
    }

    /// Of one instrument, or of all if the place is below zero.
    fn cancel_all(desk, place: i64) -> i64 {
        act(desk, |counter| {
            let live = counter.engine.live_orders((place >= 0).then(|| instrument(place)));
            let canceled = live.into_iter().filter(|id| counter.engine.cancel(*id)).count();
            Ok(i64::try_from(canceled).unwrap_or(i64::MAX))
        })
    }

    fn modify(desk, order: i64, terms: *const WishView) -> i64 {
        act(desk, |counter| {
            let terms = &*terms;
            let has = |bit: i64, value: f64| (terms.given & bit != 0).then_some(value);
            let terms = NewTerms {
                quantity: has(given::QUANTITY, terms.quantity),
                limit: has(given::LIMIT, terms.limit),
                stop: has(given::STOP, terms.stop),
                trail: has(given::TRAIL, terms.trail),
                trail_percent: has(given::TRAIL_PERCENT, terms.trail_percent),
                touch: has(given::TOUCH, terms.touch),
            };
            terms.apply(counter.engine, order_id(order)).map(i64::from)
        })
    }

    fn order(desk, id: i64, result: *mut OrderView) -> i64 {
        answer(desk, |counter| {
            let order = wish::known(counter.engine, order_id(id))?.clone();
            *result = counter.order(order_id(id), &order);
            Ok(0)
        })
    }

    /// How many live orders there are; their numbers stand at `*result` until the event is over.
    fn open_orders(desk, place: i64, result: *mut *const OrderId) -> i64 {
        act(desk, |counter| {
            let live = counter.engine.live_orders((place >= 0).then(|| instrument(place)));
            let kept = counter.keep(live);
            *result = kept.as_ptr();
            Ok(i64::try_from(kept.len()).unwrap_or(i64::MAX))
        })
    }

    /// Deposits, or withdraws if `sign` is below zero; currency 0 is the base.
    fn transfer(desk, sign: i64, amount: f64, currency: u64) -> i64 {
        act(desk, |counter| {
            let minor = wish::minor(amount, counter.money)?;
            let currency = currency_of(counter, currency)?;
            counter.engine.transfer(currency, if sign < 0 { -minor } else { minor })?;
            Ok(0)
        })
    }

    fn convert(desk, amount: f64, source: u64, target: u64) -> i64 {
        act(desk, |counter| {
            let minor = wish::minor(amount, counter.money)?;
            let (source, target) = (currency_of(counter, source)?, currency_of(counter, target)?);
            counter.engine.convert(minor, source, target)?;
            Ok(0)
        })
    }

    fn kill_switch(desk, on: i64) -> i64 {
        counter(desk).engine.set_trading(on == 0);
        0
    }

    fn set_timer(desk, name: u64, due_ns: i64, every_ns: i64) -> i64 {
        act(desk, |counter| {
            let label = timer_label(counter, name)?;
            counter.engine.set_timer(label, due_ns, every_ns)?;
            Ok(0)
        })
    }

    fn cancel_timer(desk, name: u64) -> i64 {
        act(desk, |counter| {
            let label = timer_label(counter, name)?;
            Ok(i64::from(counter.engine.cancel_timer(label)))
        })
    }

    /// A line of the log, and how many fields it has; they follow.
    fn note(desk, message: u64, fields: i64) -> i64 {
        let counter = counter(desk);
        counter.notes.begin(counter.engine.time_ns(), message, fields);
        0
    }

    fn note_field(desk, name: u64, kind: i64, value: u64) -> i64 {
        counter(desk).notes.add(name, kind, value);
        0
    }

    fn bars_seen(desk, place: i64) -> i64 {
        i64::from(counter(desk).engine.bars_seen(index(place)))
    }
}

/// What a handler asks for, but for its tag.
#[inline]
const fn ticket(place: i64, side: i64, quantity: f64, limit: Option<f64>) -> Ticket {
    Ticket {
        instrument: instrument(place),
        side: if side < 0 { -1 } else { 1 },
        quantity,
        limit,
        tag: 0,
    }
}

/// # Safety
/// As for [`counter`].
#[inline(always)]
#[expect(clippy::inline_always, reason = "there are two of it, one for each kind of order")]
unsafe fn send_ticket(desk: *mut DeskView, ticket: Ticket, tag: u64) -> i64 {
    // SAFETY: the caller's promise.
    unsafe {
        let sent = if tag == 0 {
            act_at_once(desk, |engine| engine.send_at_once(ticket).map(i64::from))
        } else {
            None
        };
        sent.unwrap_or_else(|| send_unusual(desk, ticket, tag))
    }
}

/// # Safety
/// As for [`counter`].
#[inline(never)]
unsafe fn send_unusual(desk: *mut DeskView, ticket: Ticket, tag: u64) -> i64 {
    // SAFETY: the caller's promise.
    unsafe {
        act(desk, |counter| {
            let tag = if tag == 0 { 0 } else { label_of(counter, tag)? };
            wish::send_ticket(counter.engine, Ticket { tag, ..ticket }).map(i64::from)
        })
    }
}

/// What is said of an order that was not canceled: it has ended, or there is none.
///
/// # Safety
/// As for [`counter`].
#[cold]
unsafe fn uncanceled(desk: *mut DeskView, order: i64) -> i64 {
    // SAFETY: the caller's promise.
    unsafe { answer(desk, |counter| wish::known(counter.engine, order_id(order)).map(|_| 0)) }
}

#[cold]
fn label_of(counter: &mut Counter<'_>, tag: u64) -> Result<u32, Mistake> {
    let text = counter.texts.given(tag)?;
    Ok(text.map_or(0, |text| counter.engine.labels_mut().number(text)))
}

#[inline]
fn send_wish(counter: &mut Counter<'_>, wanted: &WishView) -> Result<OrderId, Mistake> {
    let has = |bit: i64, value: f64| (wanted.given & bit != 0).then_some(value);
    let tif = counter.texts.given(wanted.tif)?.map(wish::time_in_force).transpose()?;
    let order = Wish {
        limit: has(given::LIMIT, wanted.limit),
        stop: has(given::STOP, wanted.stop),
        trail: has(given::TRAIL, wanted.trail),
        trail_percent: has(given::TRAIL_PERCENT, wanted.trail_percent),
        touch: has(given::TOUCH, wanted.touch),
        take_profit: has(given::TAKE_PROFIT, wanted.take_profit),
        stop_loss: has(given::STOP_LOSS, wanted.stop_loss),
        tif,
        expire_ns: (wanted.given & given::EXPIRE != 0).then_some(wanted.expire_ns),
        post_only: wanted.post_only != 0,
        reduce_only: wanted.reduce_only != 0,
        parent: OrderId::try_from(wanted.parent).unwrap_or(OrderId::MAX),
    };
    let texts = &counter.texts;
    let names = Names {
        tag: texts.given(wanted.tag)?,
        id: texts.given(wanted.id)?,
        oco: texts.given(wanted.oco)?,
    };
    let side = if wanted.side < 0 { -1 } else { 1 };
    order.send(counter.engine, instrument(wanted.place), side, wanted.quantity, names)
}

fn currency_of(counter: &Counter<'_>, code: u64) -> Result<usize, Mistake> {
    match counter.texts.given(code)? {
        Some(code) => wish::currency(counter.engine, code),
        None => Ok(0),
    }
}

fn timer_label(counter: &mut Counter<'_>, name: u64) -> Result<u32, Mistake> {
    let text = counter.texts.given(name)?.unwrap_or_default();
    Ok(counter.engine.timer_names_mut().number(text))
}
