//! What holds for the money of every run.

use proptest::prelude::*;
use triplebar_testkit::case::cases;
use triplebar_testkit::{audit, config, costs, oracle};

fn sound(verdict: triplebar_testkit::Verdict) -> Result<(), TestCaseError> {
    verdict.map_err(TestCaseError::fail)
}

proptest! {
    #![proptest_config(config("tests/regressions/ledger.txt"))]

    /// S-70, S-74, S-03: cash, equity and stale rows are those of a ledger added up in 128 bits, at every tick.
    #[test]
    fn equity_is_what_a_slow_ledger_says(case in cases()) {
        let facts = case.run().map_err(|error| TestCaseError::fail(error.to_string()))?;
        sound(oracle::check_ledger(&facts, &case.settings, &case.bars))?;
    }

    /// S-72, S-73: what holding costs is what 128 bits say, at every tick.
    #[test]
    fn funding_and_borrow_are_what_the_rules_say(case in cases()) {
        let facts = case.run().map_err(|error| TestCaseError::fail(error.to_string()))?;
        sound(oracle::check_carry(&facts, &case.settings, &case.bars))?;
    }

    /// S-50 to S-53: prices and fees are what the formulas give in 128 bits.
    #[test]
    fn prices_and_fees_are_what_the_rules_say(case in cases()) {
        let facts = case.run().map_err(|error| TestCaseError::fail(error.to_string()))?;
        sound(costs::check_fees(&facts, &case.settings))?;
        sound(costs::check_prices(&facts, &case.settings, &case.bars))?;
    }

    /// S-67, S-71: postings balance, round trips add up.
    #[test]
    fn postings_and_trades_balance(case in cases()) {
        let facts = case.run().map_err(|error| TestCaseError::fail(error.to_string()))?;
        sound(audit::postings_balance(&facts, &case.settings))?;
        sound(audit::trades_add_up(&facts, &case.settings))?;
    }

    /// S-01: the rounding of money in 64 bits is the one in 128 bits.
    #[test]
    fn scale_is_the_formula(amount in any::<i64>(), ppb in 0..=4_000_000_000_i64) {
        let expected = i64::try_from(oracle::scale(i128::from(amount), i128::from(ppb)));
        prop_assert_eq!(triplebar_core::units::scale(amount, ppb).ok(), expected.ok());
    }
}
