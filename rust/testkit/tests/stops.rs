//! Whatever the prices do, a trailing level never loosens, and long and short are mirror images.

use proptest::prelude::*;
use triplebar_core::risk::stops::{Exit, Held, StopRules};
use triplebar_core::units::PPB;

fn rules() -> impl Strategy<Value = StopRules> {
    let share = || prop::option::of(1_000_000..900_000_000_i64);
    (share(), share(), prop::option::of(1..100_i64), prop::bool::ANY).prop_map(
        |(loss_ppb, trailing_ppb, duration_ns, in_profit)| StopRules {
            loss_ppb,
            trailing_ppb,
            duration_ns,
            in_profit,
        },
    )
}

proptest! {
    #[test]
    fn a_level_never_loosens(
        rules in rules(),
        side in prop::sample::select(vec![1_i8, -1]),
        marks in prop::collection::vec(-5..100_000_i64, 1..60),
        entry in 1..100_000_i64,
    ) {
        let mut held = Held { side, entry, best: entry, since_ns: 0 };
        let mut level = rules.trailing_level(&held);
        for (now, mark) in (0_i64..).zip(marks) {
            let look = rules.look(&held, mark, now);
            prop_assert!(i64::from(side) * (look.best - held.best) >= 0);
            held.best = look.best;
            let new = rules.trailing_level(&held);
            if let (Some(old), Some(new)) = (level, new) {
                prop_assert!(i64::from(side) * (new - old) >= 0);
            }
            prop_assert!(level.is_none() || new.is_some());
            level = new;
            let beyond = |level: Option<i64>| mark > 0 && level.is_some_and(|level| i64::from(side) * (mark - level) <= 0);
            let expected = if beyond(rules.stop_level(&held)) {
                Exit::StopLoss
            } else if beyond(new) {
                Exit::TrailingStop
            } else if mark > 0 && rules.duration_ns.is_some_and(|most| now >= most) {
                Exit::TimeStop
            } else {
                Exit::None
            };
            prop_assert_eq!(look.exit, expected);
        }
    }

    #[test]
    fn a_level_says_what_its_fraction_says(
        price in 1..1_000_000_000_i64,
        mark in 1..1_000_000_000_i64,
        ppb in 1..900_000_000_i64,
    ) {
        let rules = StopRules { loss_ppb: Some(ppb), ..StopRules::default() };
        for side in [1_i8, -1] {
            let held = Held { side, entry: price, best: price, since_ns: 0 };
            let limit = i128::from(price) * (i128::from(PPB) - i128::from(side) * i128::from(ppb));
            let met = i128::from(side) * (i128::from(mark) * i128::from(PPB) - limit) <= 0;
            prop_assert_eq!(rules.look(&held, mark, 0).exit == Exit::StopLoss, met);
        }
    }
}
