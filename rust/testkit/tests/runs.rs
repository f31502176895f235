//! The same case run in other ways, or with things added that are nothing.

use proptest::prelude::*;
use triplebar_core::codes::AccountKind;
use triplebar_core::settings::Settings;
use triplebar_testkit::bars::Bars;
use triplebar_testkit::case::{Case, cases};
use triplebar_testkit::facts::Facts;
use triplebar_testkit::{config, plain};

fn equal(left: &Facts, right: &Facts) -> Result<(), TestCaseError> {
    prop_assert_eq!(left.first_difference(right), None);
    prop_assert_eq!(&left.labels, &right.labels);
    prop_assert_eq!(&left.cash, &right.cash);
    Ok(())
}

proptest! {
    #![proptest_config(config("tests/regressions/runs.txt"))]

    /// A run put aside after any tick and taken up from its bytes ends like one that was not.
    #[test]
    fn a_checkpoint_changes_nothing(case in cases(), at in 0..1_000_usize) {
        // After the last tick a run has ended: there is nothing to put aside.
        if let Some(at) = at.checked_rem(case.bars.ticks.len() - 1) {
            let until = i32::try_from(at).expect("few ticks");
            equal(&case.run().unwrap(), &case.run_interrupted(until).unwrap())?;
        }
    }

    /// An engine that is reset runs like a new one, wherever another script has brought it.
    #[test]
    fn a_reset_engine_is_a_new_one(case in cases(), other in cases(), until in 0..24_i32) {
        let mut engine = case.engine().unwrap();
        let first = Case { script: other.script, ..case.clone() };
        first.run_until(&mut engine, until).unwrap();
        engine.reset(&case.bars.market()).unwrap();
        let again = case.run_on(&mut engine).unwrap();
        let new = case.run().unwrap();
        equal(&new, &again)?;
        prop_assert_eq!(new.fired, again.fired);
        prop_assert_eq!(new.refusals, again.refusals);
    }

    /// A host that listens to everything and a plain Rust strategy make the same run.
    #[test]
    fn listening_changes_nothing(case in cases()) {
        let (heard, unheard) = (case.run().unwrap(), case.run_as_strategy().unwrap());
        equal(&heard, &unheard)?;
        prop_assert_eq!(heard.refusals, unheard.refusals);
    }

    /// What is decided and filled before a tick does not depend on what comes after it.
    #[test]
    fn the_future_cannot_change_the_past(case in cases(), share in 1..=99_usize) {
        let ticks = (case.bars.ticks.len() * share / 100).max(1);
        let cut = Case { bars: case.bars.first(ticks), ..case.clone() };
        let (whole, part) = (case.run().unwrap(), cut.run().unwrap());
        let before = first_that_may_differ(&case.bars, ticks);
        let past = |clock: i32| clock < before;
        let events = |facts: &Facts| facts.record.events.iter().copied().filter(|event| past(event.clock)).collect::<Vec<_>>();
        let fills = |facts: &Facts| facts.record.fills.iter().copied().filter(|fill| past(fill.clock)).collect::<Vec<_>>();
        let flows = |facts: &Facts| facts.record.flows.iter().copied().filter(|flow| past(flow.clock)).collect::<Vec<_>>();
        prop_assert_eq!(events(&whole), events(&part));
        prop_assert_eq!(fills(&whole), fills(&part));
        prop_assert_eq!(flows(&whole), flows(&part));
        let rows = usize::try_from(before - whole.record.equity_from).unwrap_or(0);
        prop_assert_eq!(whole.record.equity.get(..rows), part.record.equity.get(..rows));
    }

    /// Layers that are on, but at nothing, are layers that are off (S-50 to S-57, S-65, S-72, S-73); so is the seed.
    #[test]
    fn layers_of_nothing_change_nothing(case in cases(), seed in any::<u64>()) {
        let off = Case { settings: switched_off(&case.settings), bars: with_volume(&case.bars), ..case };
        let on = Case { settings: switched_to_nothing(&off.settings, seed), ..off.clone() };
        equal(&off.run().unwrap(), &on.run().unwrap())?;
    }
}

/// An instrument that goes on in the whole market ends early in the cut one, and its end is an event (S-43, S-81).
fn first_that_may_differ(bars: &Bars, ticks: usize) -> i32 {
    let has_bar = |tick: usize, at: usize| bars.ticks[tick].bars[at].is_some();
    let goes_on = |at: &usize| (ticks..bars.ticks.len()).any(|tick| has_bar(tick, *at));
    let ends = (0..bars.width())
        .filter(goes_on)
        .filter_map(|at| (0..ticks).rev().find(|tick| has_bar(*tick, at)));
    let first = ends.min().unwrap_or(ticks - 1);
    i32::try_from(first).expect("few ticks")
}

/// A volume budget of a share of nothing is nothing: every bar has volume here.
fn with_volume(bars: &Bars) -> Bars {
    let mut ticks = bars.ticks.clone();
    for bar in ticks.iter_mut().flat_map(|tick| tick.bars.iter_mut().flatten()) {
        bar.volume += 1;
    }
    Bars::new(ticks)
}

/// The same market rules and account, without layers.
fn switched_off(settings: &Settings) -> Settings {
    let mut off = Settings {
        fill: settings.fill,
        path: settings.path,
        off_grid: settings.off_grid,
        start_ns: settings.start_ns,
        warmup_bars: settings.warmup_bars,
        close_at_end: settings.close_at_end,
        account: settings.account.clone(),
        ..plain::settings(settings.instruments.len())
    };
    off.cash = vec![30_000];
    if off.account.kind == AccountKind::Margin {
        off.cash = vec![plain::AMPLE];
    }
    off
}

fn switched_to_nothing(settings: &Settings, seed: u64) -> Settings {
    let mut on = Settings {
        seed,
        partial_low_ppb: 1,
        partial_high_ppb: 2,
        ..settings.clone()
    };
    on.rates[0].push((i64::MIN + 1, 1_000_000_000));
    on.risk.drawdown_total_ppb = Some(1_000_000_000_000);
    on.risk.drawdown_daily_ppb = Some(1_000_000_000_000);
    for instrument in &mut on.instruments {
        instrument.participation_ppb = Some(1_000_000_000_000_000);
        instrument.root_coefficient = 0.5;
        instrument.root_free = 1e9;
        instrument.quantity_max = Some(i64::MAX);
        instrument.position_limit_lots = Some(i64::MAX);
        instrument.position_limit_minor = Some(i64::MAX);
        instrument.commission.maximum_ppb = Some(1_000_000_000);
        instrument.commission.tiers = vec![(0, 0, 0), (100, 0, 0)];
        instrument.funding = vec![(1, 0), (1_000_000_000_000_000, 0)];
    }
    on
}
