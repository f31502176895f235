//! Codes and labels as texts.

use triplebar_core::codes::{
    AccountKind, Cause, EventKind, FillConvention, FlowKind, Ledger, Moment, OrderKind, OrderStatus, PathRule, Reason,
    Role, TimeInForce,
};
use triplebar_core::labels::Labels;

macro_rules! each_member_is_found_by_its_text {
    ($($name:ident),+) => { $(
        for (code, member) in (0_u8..).zip($name::ALL) {
            assert_eq!(*member as u8, code, "{member:?}");
            assert_eq!($name::from_text(member.text()), Some(*member));
            let json = format!("\"{}\"", member.text());
            assert_eq!(serde_json::to_string(member).unwrap(), json);
            assert_eq!(serde_json::from_str::<$name>(&json).unwrap(), *member);
        }
        assert_eq!($name::from_text("no such thing"), None);
    )+ };
}

#[test]
fn codes_have_texts_both_ways() {
    each_member_is_found_by_its_text!(
        AccountKind,
        Cause,
        EventKind,
        FillConvention,
        FlowKind,
        Ledger,
        Moment,
        OrderKind,
        OrderStatus,
        PathRule,
        Reason,
        Role,
        TimeInForce
    );
}

#[test]
fn four_states_are_terminal() {
    let terminal: Vec<_> = OrderStatus::ALL
        .iter()
        .filter(|status| status.is_terminal())
        .map(|status| status.text())
        .collect();
    assert_eq!(terminal, ["filled", "canceled", "rejected", "expired"]);
}

#[test]
fn a_text_keeps_its_number() {
    let mut labels = Labels::default();
    assert_eq!((labels.number("a"), labels.number("b"), labels.number("a")), (1, 2, 1));
    assert_eq!(
        (labels.text(2), labels.text(0), labels.text(3)),
        (Some("b"), None, None)
    );
    assert_eq!(labels.texts(), ["a", "b"]);
}
