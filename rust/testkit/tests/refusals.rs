//! What the gate says when it refuses: the rule, its limit and the value beyond it, and an order that ended for it (S-60).

use proptest::prelude::*;
use triplebar_core::record::Refused;
use triplebar_core::risk::Rule;
use triplebar_testkit::case::cases;
use triplebar_testkit::config;

/// Whether the value is on the wrong side of the limit.
fn beyond(refused: &Refused) -> bool {
    match refused.rule {
        Rule::DrawdownTotal | Rule::DrawdownDaily => refused.value <= refused.limit,
        Rule::Margin => refused.value < refused.limit,
        _ => refused.value > refused.limit,
    }
}

proptest! {
    #![proptest_config(config("tests/regressions/refusals.txt"))]

    #[test]
    fn a_refusal_names_a_limit_that_would_be_broken(case in cases()) {
        let facts = case.run().unwrap();
        for refused in &facts.record.refusals {
            prop_assert!(beyond(refused), "{refused:?}");
            let order = facts.order(refused.order);
            prop_assert_eq!(order.reason, refused.rule.reason());
            prop_assert_eq!(order.ended(), refused.clock);
        }
    }
}

#[test]
fn rules_have_texts_of_their_own() {
    let texts: std::collections::BTreeSet<_> = Rule::ALL.iter().map(|rule| rule.text()).collect();
    assert_eq!(texts.len(), Rule::ALL.len());
    assert!(Rule::ALL.iter().enumerate().all(|(at, rule)| *rule as usize == at));
}
