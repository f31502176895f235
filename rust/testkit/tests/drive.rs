//! The loop: what it shows, when it ends, what it refuses at the end (S-10, S-30 to S-32, S-80).

use triplebar_core::codes::{EventKind, OrderStatus, Reason};
use triplebar_core::drive::{Ending, Handlers, Host, Strategy, drive, run};
use triplebar_core::engine::{Engine, Memory, Present, Timer};
use triplebar_core::error::{Error, Result, order};
use triplebar_core::market::Market;
use triplebar_core::record::Event;
use triplebar_core::request::OrderRequest;
use triplebar_testkit::action::{Action, OrderPlan};
use triplebar_testkit::bars::{Bar, Bars, HOUR_NS, Tick};
use triplebar_testkit::case::Case;
use triplebar_testkit::host::ScriptHost;
use triplebar_testkit::scripts::Script;

fn flat_bars(count: usize) -> Bars {
    Bars::hourly(&vec![Bar::new(100, 100, 100, 100); count])
}

fn case(bars: Bars, steps: Vec<Vec<Action>>) -> Case {
    let script = Script { anchor: 100, steps };
    Case {
        script,
        ..Case::small(bars, &[])
    }
}

#[test]
fn every_bar_is_shown_once_in_order() {
    let bar = Some(Bar::new(100, 100, 100, 100));
    let rows = [[bar, None], [bar, bar], [None, bar]];
    let ticks = (1..).zip(rows).map(|(hour, row)| Tick {
        time_ns: hour * HOUR_NS,
        session: 0,
        bars: row.to_vec(),
    });
    let case = case(Bars::new(ticks.collect()), vec![]);
    let mut engine = case.engine().unwrap();
    let market = case.bars.market();
    let mut host = ScriptHost::new(&mut engine, &market, case.script.clone());
    assert_eq!(drive(&mut host, &market, None).unwrap(), Ending::Finished);
    assert_eq!(host.bars, [(0, 0, 0), (1, 0, 1), (1, 1, 0), (2, 1, 1)]);
    assert_eq!((engine.bars_seen(0), engine.bars_seen(1)), (2, 2));
}

#[test]
fn a_host_that_wishes_so_ends_the_run_as_if_the_data_ended() {
    let resting = OrderPlan {
        kind: triplebar_core::codes::OrderKind::Limit,
        limit: -9,
        ..OrderPlan::market(1, 1)
    };
    let case = case(flat_bars(600), vec![vec![Action::Send(resting)]]);
    let mut engine = case.engine().unwrap();
    let market = case.bars.market();
    let mut host = ScriptHost::new(&mut engine, &market, case.script.clone());
    host.patience = 300;
    assert_eq!(drive(&mut host, &market, None).unwrap(), Ending::Interrupted);
    assert_eq!(engine.clock(), 300);
    assert_eq!(engine.record().equity.len(), 301);
    assert_eq!(
        (engine.orders()[0].status, engine.orders()[0].reason),
        (OrderStatus::Expired, Reason::EndOfData)
    );
}

#[test]
fn a_pause_at_the_last_tick_is_the_end() {
    let case = case(flat_bars(3), vec![]);
    for (until, expected) in [
        (0, Ending::Paused),
        (1, Ending::Paused),
        (2, Ending::Finished),
        (9, Ending::Finished),
    ] {
        let mut engine = case.engine().unwrap();
        let market = case.bars.market();
        let mut host = ScriptHost::new(&mut engine, &market, case.script.clone());
        assert_eq!(
            drive(&mut host, &market, Some(until)).unwrap(),
            expected,
            "until {until}"
        );
    }
}

#[test]
fn what_on_stop_sends_is_refused_and_money_stays() {
    let case = case(flat_bars(2), vec![]);
    let mut engine = case.engine().unwrap();
    let market = case.bars.market();
    let mut host = ScriptHost::new(&mut engine, &market, case.script.clone());
    host.farewell = vec![
        Action::Send(OrderPlan::market(1, 1)),
        Action::Transfer(0, 100),
        Action::Convert(100, 0, 0),
    ];
    drive(&mut host, &market, None).unwrap();
    assert_eq!(
        host.strategy.refusals,
        ["order: the data have ended; money moves up to the last bar"; 2]
    );
    let order = &engine.orders()[0];
    assert_eq!(
        (order.status, order.reason, order.sent),
        (OrderStatus::Rejected, Reason::EndOfData, 1)
    );
    assert!(engine.record().flows.is_empty());
}

#[test]
fn an_empty_market_is_a_run_without_ticks() {
    let case = case(Bars::new(vec![]), vec![]);
    let mut engine = case.engine().unwrap();
    let market = case.bars.market();
    let mut host = ScriptHost::new(&mut engine, &market, case.script.clone());
    assert_eq!(drive(&mut host, &market, None).unwrap(), Ending::Finished);
    assert_eq!((engine.clock(), engine.record().equity.len()), (-1, 0));
}

/// S-10 step 6: by due time, then as set; a canceled one not; a repeating one once a tick.
#[test]
fn timers_fire_in_order_and_once_a_tick() {
    let steps = vec![
        vec![
            Action::SetTimer(1, 1, 0),
            Action::SetTimer(2, 0, 2),
            Action::SetTimer(0, 1, 0),
        ],
        vec![Action::CancelTimer(9)],
        vec![],
        vec![Action::SetTimer(1, 1, 0), Action::SetTimer(1, 2, 0)],
    ];
    let facts = case(flat_bars(5), steps).run().unwrap();
    let fired: Vec<_> = facts
        .fired
        .iter()
        .map(|(clock, name)| (*clock, name.as_str()))
        .collect();
    let expected = [
        (0, "timer 2"),
        (1, "timer 1"),
        (1, "timer 0"),
        (2, "timer 2"),
        (4, "timer 2"),
        (4, "timer 1"),
    ];
    assert_eq!(fired, expected);
    assert!(facts.refusals.is_empty());
}

#[test]
fn timers_of_one_tick_fire_by_due_time() {
    let case = case(flat_bars(3), vec![]);
    let mut engine = case.engine().unwrap();
    for (name, after_ns) in [("late", 20), ("early", 10)] {
        let number = engine.timer_names_mut().number(name);
        engine.set_timer(number, HOUR_NS + after_ns, 0).unwrap();
    }
    let fired = case.run_on(&mut engine).unwrap().fired;
    assert_eq!(fired, [(1, "early".to_owned()), (1, "late".to_owned())]);
}

#[test]
fn timers_in_the_past_or_backwards_are_refused() {
    let steps = vec![vec![], vec![Action::SetTimer(1, -1, 0), Action::SetTimer(1, 0, -1)]];
    let facts = case(flat_bars(2), steps).run().unwrap();
    assert!(facts.refusals[0].contains("before the current time 3600000000000 ns; choose a later one"));
    assert!(facts.refusals[1].contains("give 0 for once"), "{:?}", facts.refusals);
}

/// A timer that repeats once in three hundred years does not come round early.
#[test]
fn the_longest_repetition_fires_once() {
    let bars = flat_bars(4);
    let case = case(bars.clone(), vec![]);
    let mut engine = case.engine().unwrap();
    let name = engine.timer_names_mut().number("centuries");
    engine.set_timer(name, HOUR_NS, i64::MAX).unwrap();
    let market = bars.market();
    let mut host = ScriptHost::new(&mut engine, &market, Script::default());
    drive(&mut host, &market, None).unwrap();
    assert_eq!(host.fired, [(0, "centuries".to_owned())]);
}

/// A strategy that buys once and then looks at its equity at every bar.
#[derive(Default)]
struct Watcher {
    seen: Vec<i64>,
}

impl Strategy for Watcher {
    fn on_bar(&mut self, desk: &mut Engine, bar: Present, market: &Market) -> Result<()> {
        if bar.row == 1 {
            desk.send(&OrderRequest::market(0, 1, 3))?;
        }
        self.seen.push(desk.equity(market)?);
        Ok(())
    }
}

/// S-70, also on the bars on which nothing happens, whose marks are left for whoever asks.
#[test]
fn equity_is_that_of_the_bar_whenever_it_is_asked_for() {
    let bars: Vec<Bar> = (0..9).map(|row| Bar::new(100, 120, 90, 100 + row)).collect();
    let case = case(Bars::hourly(&bars), vec![]);
    let (mut engine, mut watcher) = (case.engine().unwrap(), Watcher::default());
    run(&mut engine, &case.bars.market(), &mut watcher).unwrap();
    assert_eq!(engine.position(0), 3);
    assert_eq!(watcher.seen, engine.record().equity);
    assert!(watcher.seen.windows(2).skip(2).all(|pair| pair[0] < pair[1]));
}

/// A run that is lent the memory of another has the same facts.
#[test]
fn memory_of_another_run_changes_nothing() {
    let market = case(flat_bars(30), vec![]).bars;
    let resting = Action::Send(OrderPlan::market(1, 1));
    let busy = case(flat_bars(30), vec![vec![resting]; 20]);
    let alone = busy.run().unwrap();
    let mut used = busy.engine().unwrap();
    busy.run_on(&mut used).unwrap();
    let memory = Memory::of(used.take_facts());
    assert!(memory.bytes() > 20 * 96);
    let mut engine = busy.engine().unwrap();
    engine.lend(memory);
    assert_eq!(busy.run_on(&mut engine).unwrap().text(), alone.text());
    // One that has begun is not given any.
    engine.lend(Memory::default());
    assert_eq!(engine.record().equity.len(), market.market().clock_ns.len());
}

/// The strategy of one handler: it buys on the second bar and fails when asked to.
struct Buyer {
    fails: bool,
}

impl Strategy for Buyer {
    fn on_bar(&mut self, desk: &mut Engine, bar: Present, _market: &Market) -> Result<()> {
        if self.fails {
            return Err(order("the buyer fails"));
        }
        if bar.row == 1 {
            desk.send(&OrderRequest::market(bar.instrument, 1, 2))?;
        }
        Ok(())
    }
}

#[test]
fn a_strategy_needs_only_bars() {
    let case = case(flat_bars(4), vec![]);
    let mut engine = case.engine().unwrap();
    run(&mut engine, &case.bars.market(), &mut Buyer { fails: false }).unwrap();
    assert_eq!(engine.position(0), 2);
    assert_eq!(engine.record().fills[0].clock, 2);
    let mut other = case.engine().unwrap();
    let failure = run(&mut other, &case.bars.market(), &mut Buyer { fails: true });
    assert_eq!(failure.unwrap_err().to_string(), "order: the buyer fails");
}

/// A host without handlers: the loop calls nothing and still trades.
struct Deaf<'a>(&'a mut Engine);

impl Host for Deaf<'_> {
    type Fault = Error;

    fn with<R>(&mut self, action: impl FnOnce(&mut Engine) -> R) -> R {
        action(self.0)
    }

    fn handlers(&self) -> Handlers {
        Handlers::default()
    }

    fn on_start(&mut self) -> Result<()> {
        self.0.send(&OrderRequest::market(0, 1, 1)).map(drop)
    }

    fn on_notice(&mut self, event: Event) -> Result<()> {
        Err(order(format!("{event:?} for the deaf")))
    }

    fn on_bar(&mut self, bar: Present) -> Result<()> {
        Err(order(format!("{bar:?} for the deaf")))
    }

    fn on_slice(&mut self, _end: i32) -> Result<()> {
        Err(order("a slice for the deaf"))
    }

    fn on_timer(&mut self, timer: Timer) -> Result<()> {
        Err(order(format!("{timer:?} for the deaf")))
    }

    fn on_stop(&mut self) -> Result<()> {
        Ok(())
    }

    fn pulse(&mut self, _clock: i32) -> Result<Option<i32>> {
        Ok(Some(1))
    }
}

#[test]
fn handlers_that_a_strategy_lacks_are_not_called() {
    let bars = flat_bars(3);
    let mut engine = case(bars.clone(), vec![]).engine().unwrap();
    let name = engine.timer_names_mut().number("unheard");
    engine.set_timer(name, HOUR_NS, 0).unwrap();
    assert_eq!(
        drive(&mut Deaf(&mut engine), &bars.market(), None).unwrap(),
        Ending::Finished
    );
    let kinds: Vec<_> = engine.record().events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Filled]);
}

#[test]
fn an_engine_gives_its_facts_away_once() {
    let case = case(flat_bars(2), vec![vec![Action::Send(OrderPlan::market(1, 1))]]);
    let mut engine = case.engine().unwrap();
    case.run_on(&mut engine).unwrap();
    let (record, orders) = engine.take_facts();
    assert_eq!((record.fills.len(), orders.len()), (1, 1));
    assert!(engine.record().fills.is_empty() && engine.orders().is_empty() && engine.order(1).is_none());
    assert!(engine.is_at_end(&case.bars.market()) && engine.fits(&case.bars.market()));
}

/// A host that buys once, and goes through quiet ticks by itself if it is a glider.
struct Glider<'a> {
    engine: &'a mut Engine,
    times: &'a [i64],
    glides: bool,
    seen: Vec<(i32, i64, i64)>,
    calls: usize,
}

impl Glider<'_> {
    fn look(&mut self, market: &Market) -> Result<()> {
        if self.engine.clock() == 2 {
            self.engine.send(&OrderRequest::market(0, 1, 3))?;
        }
        let worth = self.engine.equity(market)?;
        self.seen.push((self.engine.clock(), self.engine.time_ns(), worth));
        Ok(())
    }
}

struct Gliding<'a, 'm> {
    glider: Glider<'a>,
    market: &'a Market<'m>,
}

impl Host for Gliding<'_, '_> {
    type Fault = Error;
    const GOES_ON: bool = true;

    fn with<R>(&mut self, action: impl FnOnce(&mut Engine) -> R) -> R {
        action(self.glider.engine)
    }

    fn handlers(&self) -> Handlers {
        Handlers {
            bar: true,
            ..Handlers::default()
        }
    }

    fn on_start(&mut self) -> Result<()> {
        Ok(())
    }

    fn on_notice(&mut self, _event: Event) -> Result<()> {
        Ok(())
    }

    fn on_bar(&mut self, _bar: Present) -> Result<()> {
        self.glider.look(self.market)
    }

    fn on_bars(&mut self, first: Present, _count: usize, end: i32) -> Result<()> {
        self.glider.calls += 1;
        self.on_bar(first)?;
        while self.glider.glides && self.glider.engine.is_gliding() && self.glider.engine.clock() + 1 < end {
            let next = self.glider.engine.clock() + 1;
            let time_ns = self.glider.times[next.unsigned_abs() as usize];
            self.glider.engine.glide_to(next, time_ns);
            self.on_bar(first)?;
        }
        Ok(())
    }

    fn on_slice(&mut self, _end: i32) -> Result<()> {
        Ok(())
    }

    fn on_timer(&mut self, _timer: Timer) -> Result<()> {
        Ok(())
    }

    fn on_stop(&mut self) -> Result<()> {
        Ok(())
    }

    fn pulse(&mut self, _clock: i32) -> Result<Option<i32>> {
        Ok(Some(7))
    }
}

/// Gliding through quiet ticks leaves what going through them one by one does, also where the loop pulses and pauses.
#[test]
fn a_host_may_glide_where_nothing_happens() {
    let bars: Vec<Bar> = (0..40).map(|row| Bar::new(100, 160, 90, 100 + row)).collect();
    let case = case(Bars::hourly(&bars), vec![]);
    let market = case.bars.market();
    let outcome = |glides: bool| {
        let mut engine = case.engine().unwrap();
        let glider = Glider {
            engine: &mut engine,
            times: market.clock_ns,
            glides,
            seen: Vec::new(),
            calls: 0,
        };
        let mut host = Gliding {
            glider,
            market: &market,
        };
        assert_eq!(drive(&mut host, &market, Some(19)).unwrap(), Ending::Paused);
        assert_eq!(drive(&mut host, &market, None).unwrap(), Ending::Finished);
        let (seen, calls) = (std::mem::take(&mut host.glider.seen), host.glider.calls);
        (
            seen,
            engine.record().equity.clone(),
            engine.record().cash.clone(),
            calls,
        )
    };
    let (stepped, glided) = (outcome(false), outcome(true));
    assert_eq!((&glided.0, &glided.1, &glided.2), (&stepped.0, &stepped.1, &stepped.2));
    assert_eq!((stepped.3, stepped.0.len()), (40, 40));
    assert!(glided.3 < 20, "{} calls", glided.3);
}
