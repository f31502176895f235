//! The short way through ticks with plain orders leads where the long way leads.

use proptest::option::weighted;
use proptest::prelude::*;
use proptest::test_runner::Config;
use triplebar_core::codes::{AccountKind, FillConvention, OrderKind, TimeInForce};
use triplebar_core::settings::{CommissionSettings, InstrumentSettings, RiskSettings, Settings};
use triplebar_core::units::PPB;
use triplebar_testkit::action::{Action, OrderPlan};
use triplebar_testkit::bars::{Bar, Bars};
use triplebar_testkit::case::{Case, cases};
use triplebar_testkit::{config, plain};

proptest! {
    #![proptest_config(often())]

    /// Whatever the account and however many instruments it has.
    #[test]
    fn the_short_way_leads_where_the_long_way_leads(case in cases(), fancy in prop::bool::weighted(0.3), (spot, scarce) in account()) {
        let settings = unburdened(&case.settings, spot, scarce);
        compare(&shortened(case, settings, fancy))?;
    }

    /// One instrument and one currency that nothing but leverage limits: the way of nearly every order.
    #[test]
    fn the_way_of_one_instrument_leads_there_too(case in cases(), fancy in prop::bool::weighted(0.1), scarce in weighted(0.7, 1..=100_000_i64)) {
        let mut settings = unlimited(unburdened(&case.settings, false, scarce));
        settings.instruments.truncate(1);
        settings.instruments[0].currency = 0;
        settings.currencies.truncate(1);
        settings.cash.truncate(1);
        settings.rates = vec![vec![(i64::MIN, PPB)]];
        let mut ticks = dense(&case.bars).ticks;
        for tick in &mut ticks {
            tick.bars.truncate(1);
        }
        let bars = Bars::new(ticks);
        let short = shortened(Case { bars, ..case }, settings, fancy);
        prop_assert!(short.engine().unwrap().has_lone_way());
        compare(&short)?;
    }
}

/// The case on a market without gaps, mostly with plain orders only.
fn shortened(case: Case, settings: Settings, fancy: bool) -> Case {
    Case {
        bars: dense(&case.bars),
        settings,
        script: if fancy {
            case.script
        } else {
            case.script.map(simplified)
        },
    }
}

/// Funding of nothing makes every tick look for what is due, and changes no number.
fn compare(short: &Case) -> Result<(), TestCaseError> {
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
    Ok(())
}

/// Whether the account lends nothing, and so little cash that a fee decides whether an order is funded.
fn account() -> impl Strategy<Value = (bool, Option<i64>)> {
    (prop::bool::weighted(0.2), weighted(0.5, 1..=1_000_i64))
}

/// A difference hides where few scripts come: sixteen times as many cases as elsewhere.
fn often() -> Config {
    let config = config("tests/regressions/short_way.txt");
    Config {
        cases: 16 * config.cases,
        ..config
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
fn unburdened(settings: &Settings, spot: bool, scarce: Option<i64>) -> Settings {
    let bare = plain::settings(0);
    let mut account = plain::account(if spot { AccountKind::Cash } else { AccountKind::Margin });
    account.leverage_milli = settings.account.leverage_milli;
    let mut cash = settings.cash.clone();
    cash[0] = scarce.unwrap_or(cash[0]);
    let mut rates = settings.rates.clone();
    for series in &mut rates {
        series.truncate(1);
    }
    let all = Settings {
        fill: FillConvention::NextOpen,
        path: settings.path,
        off_grid: settings.off_grid,
        start_ns: settings.start_ns,
        warmup_bars: settings.warmup_bars,
        currencies: settings.currencies.clone(),
        cash,
        rates,
        account,
        risk: RiskSettings {
            drawdown_total_ppb: None,
            drawdown_daily_ppb: None,
            ..settings.risk.clone()
        },
        instruments: settings.instruments.iter().map(without_frictions).collect(),
        ..bare
    };
    if scarce.is_some() { unlimited(all) } else { all }
}

/// Nothing but the account's leverage limits fills, and every fee is a share of what is traded.
fn unlimited(mut settings: Settings) -> Settings {
    settings.risk = plain::no_limits();
    for instrument in &mut settings.instruments {
        let (maker_ppb, taker_ppb) = (
            instrument.commission.maker_ppb,
            instrument.commission.taker_ppb + 10_000_000,
        );
        instrument.commission = CommissionSettings {
            maker_ppb,
            taker_ppb,
            ..plain::instrument(0).commission
        };
        instrument.position_limit_lots = None;
        instrument.position_limit_minor = None;
    }
    settings
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
            kind: if matches!(plan.kind, OrderKind::Market) {
                OrderKind::Market
            } else {
                OrderKind::Limit
            },
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
