//! Plans against strategies that write the same orders by hand.

use super::{Orders, Plan, PlannedOrder, Sizing, Targets, run};
use crate::codes::TimeInForce;
use crate::drive::{Ending, Strategy};
use crate::engine::{Engine, Present};
use crate::error::{Error, Result};
use crate::market::{Market, Series};
use crate::request::OrderRequest;
use crate::settings::Settings;

struct Columns {
    clock: Vec<i64>,
    sessions: Vec<i32>,
    price: Vec<i64>,
    volume: Vec<i64>,
}

fn columns(bars: u32) -> Columns {
    let count = bars as usize;
    Columns {
        clock: (1..=i64::from(bars)).map(|hour| hour * 3_600_000_000_000).collect(),
        sessions: vec![0; count],
        price: (0..i64::from(bars)).map(|row| 1_000 + (row * 37) % 101).collect(),
        volume: vec![100; count],
    }
}

impl Columns {
    fn market(&self) -> Market<'_> {
        let series = Series {
            clock_index: None,
            time_ns: &self.clock,
            open: &self.price,
            high: &self.price,
            low: &self.price,
            close: &self.price,
            volume: &self.volume,
        };
        Market::new(&self.clock, &self.sessions, vec![series]).expect("the columns fit")
    }
}

fn settings() -> Settings {
    Settings::from_json(include_str!("../summary/settings.json")).expect("the settings are complete")
}

fn engine(market: &Market) -> Engine {
    Engine::new(settings(), market).expect("settings and market fit")
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of a pulse")]
fn always(_clock: i32) -> std::result::Result<Option<i32>, Error> {
    Ok(Some(i32::MAX))
}

struct ByHand<'a>(&'a [f64]);

impl Strategy for ByHand<'_> {
    #[expect(clippy::cast_possible_truncation, reason = "small sizes")]
    fn on_bar(&mut self, desk: &mut Engine, bar: Present, _market: &Market) -> Result<()> {
        let missing = self.0[bar.row as usize] as i64 - desk.position(0);
        if missing != 0 {
            desk.send(&OrderRequest::market(
                0,
                if missing > 0 { 1 } else { -1 },
                missing.abs(),
            ))?;
        }
        Ok(())
    }
}

#[test]
fn targets_are_what_a_strategy_would_send() {
    let columns = columns(40);
    let market = columns.market();
    let wanted: Vec<f64> = (0..40).map(|row| f64::from((row / 3) % 4 - 1)).collect();
    let mut by_plan = engine(&market);
    let targets = Targets::new(&settings(), &market, &[Some(&wanted)], &[1.0], Sizing::Units);
    let ended = run(&mut by_plan, &market, &mut Plan::Targets(targets), None, always);
    assert_eq!(ended, Ok(Ending::Finished));
    let mut by_hand = engine(&market);
    crate::drive::run(&mut by_hand, &market, &mut ByHand(&wanted)).expect("it runs");
    assert_eq!(by_plan.record().fills, by_hand.record().fills);
    assert_eq!(by_plan.record().equity, by_hand.record().equity);
    assert!(by_plan.record().fills.len() > 10);
}

#[test]
fn weights_are_sized_when_they_change() {
    let columns = columns(6);
    let market = columns.market();
    let weights = [0.5, 0.5, 0.5, 0.0, 0.0, 0.25];
    let fills = |sizing: Sizing| {
        let mut engine = engine(&market);
        let targets = Targets::new(&settings(), &market, &[Some(&weights)], &[1.0], sizing);
        run(&mut engine, &market, &mut Plan::Targets(targets), None, always).expect("it runs");
        engine
            .record()
            .fills
            .iter()
            .map(|fill| fill.quantity)
            .collect::<Vec<_>>()
    };
    // 1000.00 at 10.00: half of it is 50 lots
    assert_eq!(fills(Sizing::WeightsOnChange), [50, 50]);
    assert!(fills(Sizing::WeightsAlways).len() > 2);
}

#[test]
fn an_instrument_without_a_column_is_left_alone() {
    let columns = columns(5);
    let market = columns.market();
    let mut engine = engine(&market);
    let targets = Targets::new(&settings(), &market, &[None], &[1.0], Sizing::Units);
    run(&mut engine, &market, &mut Plan::Targets(targets), None, always).expect("it runs");
    assert!(engine.orders().is_empty());
}

#[test]
fn orders_are_sent_at_their_ticks_in_the_order_given() {
    let columns = columns(6);
    let market = columns.market();
    let order = |clock: i32, quantity: f64, limit: Option<f64>, stop: Option<f64>| PlannedOrder {
        clock,
        instrument: 0,
        quantity,
        limit,
        stop,
        tif: TimeInForce::Gtc,
        flags: 0,
    };
    let plan = vec![
        order(3, -2.0, None, Some(5.0)),
        order(1, 2.0, None, None),
        order(1, 3.0, Some(1.0), None),
        order(2, -1.0, Some(10.0), Some(11.0)),
    ];
    let mut engine = engine(&market);
    run(&mut engine, &market, &mut Plan::Orders(Orders::new(plan)), None, always).expect("it runs");
    let sent: Vec<_> = engine
        .orders()
        .iter()
        .map(|order| (order.sent, order.quantity))
        .collect();
    assert_eq!(sent, [(1, 2), (1, 3), (2, 1), (3, 2)]);
    let stops: Vec<_> = engine
        .orders()
        .iter()
        .map(|order| (order.limit, order.trigger))
        .collect();
    assert_eq!(stops, [(0, 0), (100, 0), (1_000, 1_100), (0, 500)]);
}

#[test]
fn a_pulse_can_end_it() {
    let columns = columns(9);
    let market = columns.market();
    let mut engine = engine(&market);
    let stop_at_4 = |clock: i32| Ok::<_, Error>((clock < 4).then_some(1));
    let ended = run(
        &mut engine,
        &market,
        &mut Plan::Orders(Orders::default()),
        None,
        stop_at_4,
    );
    assert_eq!(ended, Ok(Ending::Interrupted));
    assert_eq!(engine.clock(), 4);
    let targets = Targets::new(&settings(), &market, &[None], &[1.0], Sizing::Units);
    let mut paused = super::tests::engine(&market);
    let ended = run(&mut paused, &market, &mut Plan::Targets(targets), Some(2), always);
    assert_eq!(ended, Ok(Ending::Paused));
}
