//! What holds for the orders and fills of every run.

use proptest::prelude::*;
use triplebar_core::codes::AccountKind;
use triplebar_testkit::case::cases;
use triplebar_testkit::{audit, config};

fn sound(verdict: triplebar_testkit::Verdict) -> Result<(), TestCaseError> {
    verdict.map_err(TestCaseError::fail)
}

proptest! {
    #![proptest_config(config("tests/regressions/orders.txt"))]

    /// S-26 to S-28, S-31, S-45, S-48, S-50: whatever a script does, nothing panics and every order has one clean life.
    #[test]
    fn every_order_has_one_life(case in cases()) {
        let facts = case.run().map_err(|error| TestCaseError::fail(error.to_string()))?;
        sound(audit::orders_end_once(&facts))?;
        sound(audit::fills_add_up(&facts))?;
        sound(audit::fills_are_in_their_bars(&facts, &case.bars))?;
        sound(audit::limits_are_kept(&facts))?;
        sound(audit::reduce_only_reduces(&facts))?;
        sound(audit::cut_orders_end(&facts))?;
        sound(audit::kills_fill_whole(&facts))?;
        sound(audit::jumps_keep_precedence(&facts))?;
        sound(audit::groups_fill_once(&facts))?;
        sound(audit::children_follow_parents(&facts))?;
        sound(audit::notices_are_the_events(&facts))?;
    }

    /// S-65: limits on a position hold at every fill that makes it larger.
    #[test]
    fn no_position_outgrows_its_limit(mut case in cases(), lots in 1..=12_i64, minor in 50..=3_000_i64) {
        for instrument in &mut case.settings.instruments {
            instrument.position_limit_lots = Some(lots);
            instrument.position_limit_minor = Some(minor);
        }
        let facts = case.run().map_err(|error| TestCaseError::fail(error.to_string()))?;
        sound(audit::positions_stay_in_limits(&facts, &case.settings, &case.bars))?;
    }

    /// S-61: without funding, borrow and the forced close at the end, a cash account is never in debt and never short.
    #[test]
    fn a_cash_account_is_never_in_debt_and_never_short(mut case in cases()) {
        case.settings.account.kind = AccountKind::Cash;
        case.settings.close_at_end = false;
        case.settings.cash.iter_mut().for_each(|cash| *cash = (*cash).max(3_000));
        case.settings.instruments.iter_mut().for_each(|instrument| instrument.funding.clear());
        let facts = case.run().map_err(|error| TestCaseError::fail(error.to_string()))?;
        sound(audit::never_short(&facts))?;
        let debt = facts.record.cash.values().chain(facts.cash.iter().copied()).find(|cash| *cash < 0);
        prop_assert_eq!(debt, None);
    }
}

/// The scripts are not so tame that the properties above hold for want of facts.
#[test]
fn scripts_reach_every_kind_of_event_reason_and_moment() {
    use proptest::strategy::{Strategy, ValueTree};
    use proptest::test_runner::{RngSeed, TestRunner};
    use std::collections::BTreeSet;
    use triplebar_core::codes::{Cause, EventKind, FlowKind, Moment, Reason, Role};

    let mut runner = TestRunner::new(ProptestConfig {
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    });
    let (mut kinds, mut reasons, mut moments) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let (mut causes, mut roles, mut flows, mut timers) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), 0);
    for _ in 0..1_500 {
        let case = cases().new_tree(&mut runner).unwrap().current();
        let facts = case.run().unwrap();
        kinds.extend(facts.record.events.iter().map(|event| event.kind));
        reasons.extend(facts.record.events.iter().map(|event| event.reason));
        moments.extend(facts.record.fills.iter().map(|fill| fill.moment));
        causes.extend(facts.record.fills.iter().map(|fill| fill.cause));
        roles.extend(facts.record.fills.iter().map(|fill| fill.role));
        flows.extend(facts.record.flows.iter().map(|flow| flow.kind));
        timers += facts.fired.len();
    }
    assert_eq!(kinds.len(), EventKind::ALL.len(), "{kinds:?}");
    // Venue orders have events without a reason, so liquidation shows as the cause of cancels.
    // What leaves 64 bits has tests of its own (overflow.rs).
    reasons.insert(Reason::NotionalAboveMaximum);
    let missing: Vec<_> = Reason::ALL.iter().filter(|reason| !reasons.contains(reason)).collect();
    assert!(missing.is_empty(), "never seen: {missing:?}");
    assert_eq!(moments, BTreeSet::from([Moment::Open, Moment::Path, Moment::Close]));
    assert_eq!(causes.len(), Cause::ALL.len(), "{causes:?}");
    assert_eq!(roles.len(), Role::ALL.len(), "{roles:?}");
    assert_eq!(flows.len(), FlowKind::ALL.len(), "{flows:?}");
    assert!(timers > 100, "{timers} timers");
}
