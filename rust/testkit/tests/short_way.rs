//! The short way through ticks with plain orders leads where the long way leads.

use proptest::prelude::*;
use triplebar_core::codes::{AccountKind, FillConvention, OrderKind, TimeInForce};
use triplebar_core::settings::{InstrumentSettings, RiskSettings, Settings};
use triplebar_testkit::action::{Action, OrderPlan};
use triplebar_testkit::bars::{Bar, Bars};
use triplebar_testkit::case::{Case, cases};
use triplebar_testkit::{config, plain};

proptest! {
    #![proptest_config(config("tests/regressions/short_way.txt"))]

    /// Funding of nothing makes every tick look for what is due, and changes no number.
    #[test]
    fn the_short_way_leads_where_the_long_way_leads(case in cases(), fancy in prop::bool::weighted(0.3), spot in prop::bool::weighted(0.2)) {
        let short = Case {
            bars: dense(&case.bars),
            settings: unburdened(&case.settings, spot),
            script: if fancy { case.script } else { case.script.map(simplified) },
        };
        let mut long = short.clone();
        long.settings.instruments[0].funding = vec![(1, 0)];
        prop_assert!(short.engine().unwrap().has_short_way());
        prop_assert!(!long.engine().unwrap().has_short_way());
        let (left, right) = (short.run().unwrap(), long.run().unwrap());
        prop_assert_eq!(left.first_difference(&right), None);
        prop_assert_eq!(&left.cash, &right.cash);
        prop_assert_eq!(&left.refusals, &right.refusals);
        let unheard = short.run_as_strategy().unwrap();
        prop_assert_eq!(left.first_difference(&unheard), None);
    }
}

/// The market with a bar of every instrument at every tick: where one has none, its price stands still.
fn dense(bars: &Bars) -> Bars {
    let first = bars.ticks[0].bars.iter().flatten().next().map_or(1, |bar| bar.open);
    let mut last = vec![first; bars.width()];
    let mut ticks = bars.ticks.clone();
    for tick in &mut ticks {
        for (bar, last) in tick.bars.iter_mut().zip(&mut last) {
            let here = bar.get_or_insert(Bar::new(*last, *last, *last, *last));
            *last = here.close;
        }
    }
    Bars::new(ticks)
}

/// The same account, paths, fees and limits, without whatever makes a tick more than arrivals and fills.
fn unburdened(settings: &Settings, spot: bool) -> Settings {
    let bare = plain::settings(0);
    let mut account = plain::account(if spot { AccountKind::Cash } else { AccountKind::Margin });
    account.leverage_milli = settings.account.leverage_milli;
    let mut rates = settings.rates.clone();
    rates.iter_mut().for_each(|series| series.truncate(1));
    Settings {
        fill: FillConvention::NextOpen,
        path: settings.path,
        off_grid: settings.off_grid,
        start_ns: settings.start_ns,
        warmup_bars: settings.warmup_bars,
        currencies: settings.currencies.clone(),
        cash: settings.cash.clone(),
        rates,
        account,
        risk: RiskSettings {
            drawdown_total_ppb: None,
            drawdown_daily_ppb: None,
            ..settings.risk.clone()
        },
        instruments: settings.instruments.iter().map(without_frictions).collect(),
        ..bare
    }
}

fn without_frictions(instrument: &InstrumentSettings) -> InstrumentSettings {
    InstrumentSettings {
        commission: instrument.commission.clone(),
        symbol: instrument.symbol.clone(),
        price_step: instrument.price_step,
        size_step: instrument.size_step,
        unit: instrument.unit,
        currency: instrument.currency,
        quantity_max: instrument.quantity_max,
        notional_min: instrument.notional_min,
        position_limit_lots: instrument.position_limit_lots,
        position_limit_minor: instrument.position_limit_minor,
        ..plain::instrument(0)
    }
}

/// Market and limit orders to which there is nothing else, where the script has others.
fn simplified(action: &Action) -> Action {
    match action {
        Action::Send(plan) | Action::Bracket(plan, _) => Action::Send(OrderPlan {
            kind: if matches!(plan.kind, OrderKind::Market) { OrderKind::Market } else { OrderKind::Limit },
            tif: TimeInForce::Gtc,
            flags: 0,
            group: 0,
            parent: 0,
            client: 0,
            ..*plan
        }),
        other => other.clone(),
    }
}
