//! Scripts: what is done in `on_start` and at each tick.

use crate::action::{Action, OrderPlan};
use crate::markets::{TICKS_MAX, WIDTH_MAX};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;
use triplebar_core::codes::{OrderKind, TimeInForce, flags};
use triplebar_core::engine::Change;

/// What a strategy does: first in `on_start`, then tick by tick.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    /// The price around which the market was made.
    pub anchor: i64,
    /// Step 0 is `on_start`, step `n + 1` belongs to tick `n`.
    pub steps: Vec<Vec<Action>>,
}

impl Script {
    /// The actions of a tick (-1: `on_start`).
    #[must_use]
    pub fn at(&self, clock: i32) -> &[Action] {
        let step = usize::try_from(clock + 1).ok().and_then(|step| self.steps.get(step));
        step.map_or(&[], Vec::as_slice)
    }

    /// The script with another action for each.
    #[must_use]
    pub fn map(&self, change: impl Fn(&Action) -> Action) -> Self {
        let steps = self.steps.iter().map(|step| step.iter().map(&change).collect());
        Self {
            anchor: self.anchor,
            steps: steps.collect(),
        }
    }
}

const KINDS: [OrderKind; 9] = [
    OrderKind::Market,
    OrderKind::Market,
    OrderKind::Limit,
    OrderKind::Limit,
    OrderKind::Limit,
    OrderKind::Stop,
    OrderKind::StopLimit,
    OrderKind::TrailingStop,
    OrderKind::MarketIfTouched,
];

fn times_in_force() -> impl Strategy<Value = TimeInForce> {
    prop_oneof![2 => Just(TimeInForce::Gtc), 1 => select(TimeInForce::ALL.to_vec())]
}

fn any_flags() -> impl Strategy<Value = u8> {
    let bit = |chance: f64, bit: u8| prop::bool::weighted(chance).prop_map(move |set| if set { bit } else { 0 });
    let bits = (
        bit(0.1, flags::POST_ONLY),
        bit(0.15, flags::REDUCE_ONLY),
        bit(0.3, flags::TRAIL_IS_PPB),
    );
    bits.prop_map(|(post, reduce, share)| post | reduce | share)
}

/// Zero four times of five, else one of these.
fn mostly_none(range: std::ops::RangeInclusive<u32>) -> impl Strategy<Value = u32> {
    weighted(0.2, range).prop_map(Option::unwrap_or_default)
}

prop_compose! {
    /// An order of any kind, time in force and flags, near the price.
    pub fn plans()(
        instrument in 0..WIDTH_MAX,
        side in select(vec![1_i8, -1]),
        (kind, tif) in (select(KINDS.to_vec()), times_in_force()),
        flags in any_flags(),
        quantity in prop_oneof![20 => 1..=12_i64, 1 => Just(0)],
        (limit, trigger) in (-7..=7_i64, -7..=7_i64),
        (trail, hours) in (1..=8_i64, 0..=40_i64),
        (group, parent) in (mostly_none(1..=4), mostly_none(1..=3)),
        client in mostly_none(1..=20),
        by_user in prop::bool::weighted(0.3),
    ) -> OrderPlan {
        // A share of the price belongs to a trailing stop; elsewhere the bit would mean nothing.
        let flags = if kind == OrderKind::TrailingStop { flags } else { flags & !flags::TRAIL_IS_PPB };
        OrderPlan {
            instrument, side, kind, tif, flags, quantity, limit, trigger, trail, hours, group, parent, client, by_user,
        }
    }
}

prop_compose! {
    fn changes()(
        quantity in weighted(0.5, 0..=12_i64),
        limit in weighted(0.3, -7..=7_i64),
        trigger in weighted(0.3, -7..=7_i64),
        trail in weighted(0.2, (1..=8_i64, any::<bool>())),
    ) -> Change {
        Change { quantity, limit, trigger, trail }
    }
}

fn actions() -> impl Strategy<Value = Action> {
    let currency = 0..=1_usize;
    prop_oneof![
        20 => plans().prop_map(Action::Send),
        2 => (plans(), 1..=6_i64).prop_map(|(plan, distance)| Action::Bracket(plan, distance)),
        2 => (1..=5_u32).prop_map(Action::Cancel),
        1 => weighted(0.7, 0..WIDTH_MAX).prop_map(Action::CancelAll),
        5 => (1..=4_u32, changes()).prop_map(|(ago, change)| Action::Modify { ago, change }),
        1 => (currency.clone(), -2_000..=4_000_i64).prop_map(|(currency, amount)| Action::Transfer(currency, amount)),
        1 => (0..=3_000_i64, currency.clone(), currency).prop_map(|(amount, from, to)| Action::Convert(amount, from, to)),
        1 => prop::bool::weighted(0.7).prop_map(Action::Trading),
        1 => (0..=2_u8, -1..=9_i64, 0..=5_i64).prop_map(|(name, hours, every)| Action::SetTimer(name, hours, every)),
        1 => (0..=2_u8).prop_map(Action::CancelTimer),
    ]
}

/// Scripts of up to three actions a tick.
pub fn scripts() -> impl Strategy<Value = Script> {
    vec(vec(actions(), 0..=3), 0..=TICKS_MAX + 1).prop_map(|steps| Script { anchor: 0, steps })
}
