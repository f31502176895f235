//! The loop that brings an engine and a strategy together (S-10, S-30, S-31), one for every kind of strategy.

use crate::engine::{Engine, Present, Timer};
use crate::error::{Error, Result};
use crate::market::Market;
use crate::record::Event;

/// Which handlers a strategy has; the loop does nothing for the others.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one switch a handler")]
pub struct Handlers {
    /// `on_bar`
    pub bar: bool,
    /// `on_slice`
    pub slice: bool,
    /// `on_fill`
    pub fill: bool,
    /// `on_order`
    pub order: bool,
    /// `on_timer`
    pub timer: bool,
}

/// Whatever holds an engine and answers for a strategy.
pub trait Host {
    /// What stops the loop.
    type Fault: From<Error>;
    /// Whether it may go on by itself (see [`Host::on_bars`]).
    const GOES_ON: bool = false;

    /// Lends the engine.
    fn with<R>(&mut self, action: impl FnOnce(&mut Engine) -> R) -> R;
    /// Which handlers to call.
    fn handlers(&self) -> Handlers;
    /// Before the first bar.
    ///
    /// # Errors
    /// The strategy failed.
    fn on_start(&mut self) -> std::result::Result<(), Self::Fault>;
    /// A fact about an order.
    ///
    /// # Errors
    /// The strategy failed.
    fn on_notice(&mut self, event: Event) -> std::result::Result<(), Self::Fault>;
    /// A bar has closed.
    ///
    /// # Errors
    /// The strategy failed.
    fn on_bar(&mut self, bar: Present) -> std::result::Result<(), Self::Fault>;
    /// The bars of the tick have closed, `first` and so many in all. While the engine [glides](Engine::is_gliding) the
    /// host may go on by itself, before tick `end`, and leave the engine at the last tick that it decided.
    ///
    /// # Errors
    /// The strategy failed.
    #[inline]
    fn on_bars(&mut self, first: Present, count: usize, _end: i32) -> std::result::Result<(), Self::Fault> {
        self.on_bar(first)?;
        for at in 1..count {
            let bar = self.with(|engine| engine.present_at(at));
            self.on_bar(bar)?;
        }
        Ok(())
    }
    /// All bars of the tick have closed. As in [`Host::on_bars`] the host may go on by itself.
    ///
    /// # Errors
    /// The strategy failed.
    fn on_slice(&mut self, end: i32) -> std::result::Result<(), Self::Fault>;
    /// A timer is due.
    ///
    /// # Errors
    /// The strategy failed.
    fn on_timer(&mut self, timer: Timer) -> std::result::Result<(), Self::Fault>;
    /// After the last bar.
    ///
    /// # Errors
    /// The strategy failed.
    fn on_stop(&mut self) -> std::result::Result<(), Self::Fault>;
    /// Called now and then, for progress and signals: how many ticks later to call again, or `None` to end the run as
    /// if the data ended here.
    ///
    /// # Errors
    /// The caller's hooks failed.
    fn pulse(&mut self, clock: i32) -> std::result::Result<Option<i32>, Self::Fault>;
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// At the end of the data.
    Finished,
    /// At the tick that was asked for; it can go on.
    Paused,
    /// Early, because the host wished so.
    Interrupted,
}

/// Runs from where the engine stands to the end of the data, or through tick `until`.
///
/// # Errors
/// The strategy or the engine failed.
pub fn drive<H: Host>(host: &mut H, market: &Market, until: Option<i32>) -> std::result::Result<Ending, H::Fault> {
    let handlers = host.handlers();
    if host.with(|engine| engine.clock()) < 0 {
        host.with(|engine| engine.reserve(market.clock_ns.len()));
        host.on_start()?;
    }
    let mut ending = Ending::Finished;
    let mut pulse_at = 0;
    let mut clock = host.with(|engine| engine.clock());
    let last = until.unwrap_or(i32::MAX);
    let ticks = i32::try_from(market.clock_ns.len()).unwrap_or(i32::MAX);
    let final_end = ticks.min(last.saturating_add(1));
    let mut close = false;
    while let Some(tick) = host.with(|engine| advance(engine, market, close, last))? {
        decide(host, handlers, tick, pulse_at.min(final_end))?;
        close = true;
        clock = if H::GOES_ON {
            host.with(|engine| engine.clock())
        } else {
            clock.wrapping_add(1)
        };
        if clock >= pulse_at {
            let Some(later) = host.pulse(clock)? else {
                host.with(|engine| engine.close_tick(market))?;
                ending = Ending::Interrupted;
                break;
            };
            pulse_at = clock.saturating_add(later);
        }
    }
    host.with(|engine| engine.settle(market))?;
    if ending == Ending::Finished && clock >= last && !host.with(|engine| engine.is_at_end(market)) {
        return Ok(Ending::Paused);
    }
    host.with(Engine::begin_stop);
    tell(host, handlers)?;
    host.on_stop()?;
    host.with(Engine::finish);
    Ok(ending)
}

/// What the loop needs to know of a tick.
#[derive(Clone, Copy)]
struct Tick {
    bars: usize,
    first: Present,
    notices: bool,
}

/// Closes the tick that is open and opens the next.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is the loop's body, and called in one place")]
fn advance(engine: &mut Engine, market: &Market, close: bool, last: i32) -> Result<Option<Tick>> {
    if close {
        engine.close_tick(market)?;
    }
    if engine.clock() >= last || !engine.open_tick(market)? {
        return Ok(None);
    }
    let bars = engine.present_count();
    let nothing = Present { instrument: 0, row: 0 };
    let first = if bars > 0 { engine.present_at(0) } else { nothing };
    Ok(Some(Tick {
        bars,
        first,
        notices: engine.has_notices(),
    }))
}

/// Step 6.
#[inline]
fn decide<H: Host>(host: &mut H, handlers: Handlers, tick: Tick, end: i32) -> std::result::Result<(), H::Fault> {
    if handlers.timer {
        let due = host.with(|engine| engine.due_timers());
        decide_without_timers(host, handlers, tick, 0)?;
        return fire(host, due);
    }
    let end = if handlers.bar && handlers.slice { 0 } else { end };
    decide_without_timers(host, handlers, tick, end)
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "it is the loop's body, but for timers")]
fn decide_without_timers<H: Host>(
    host: &mut H,
    handlers: Handlers,
    tick: Tick,
    end: i32,
) -> std::result::Result<(), H::Fault> {
    if tick.notices && (handlers.fill || handlers.order) {
        tell(host, handlers)?;
    }
    if handlers.bar && tick.bars > 0 {
        host.on_bars(tick.first, tick.bars, end)?;
    }
    if handlers.slice {
        host.on_slice(end)?;
    }
    Ok(())
}

/// Tells the strategy of the timers that were due as the tick's decisions began, unless one is gone meanwhile.
fn fire<H: Host>(host: &mut H, due: Vec<Timer>) -> std::result::Result<(), H::Fault> {
    for timer in due {
        if host.with(|engine| engine.claim_timer(&timer)) {
            host.on_timer(timer)?;
        }
    }
    Ok(())
}

/// S-31.
fn tell<H: Host>(host: &mut H, handlers: Handlers) -> std::result::Result<(), H::Fault> {
    let notices = host.with(Engine::take_notices);
    if handlers.fill || handlers.order {
        for at in notices {
            let event = host.with(|engine| engine.record().events[at]);
            host.on_notice(event)?;
        }
    }
    Ok(())
}

/// A strategy written in Rust.
pub trait Strategy {
    /// Which handlers it has; a strategy that looks at whole slices alone is not called bar by bar.
    fn handlers(&self) -> Handlers {
        Handlers {
            bar: true,
            slice: true,
            ..Handlers::default()
        }
    }

    /// Before the first bar.
    ///
    /// # Errors
    /// The strategy failed.
    fn on_start(&mut self, _desk: &mut Engine) -> Result<()> {
        Ok(())
    }

    /// A bar has closed.
    ///
    /// # Errors
    /// The strategy failed.
    fn on_bar(&mut self, desk: &mut Engine, bar: Present, market: &Market) -> Result<()>;

    /// All bars of the tick have closed.
    ///
    /// # Errors
    /// The strategy failed.
    fn on_slice(&mut self, _desk: &mut Engine, _market: &Market) -> Result<()> {
        Ok(())
    }
}

/// Runs a Rust strategy to the end of the data.
///
/// # Errors
/// The strategy or the engine failed.
pub fn run(engine: &mut Engine, market: &Market, strategy: &mut impl Strategy) -> Result<()> {
    drive(
        &mut Native {
            engine,
            market,
            strategy,
        },
        market,
        None,
    )
    .map(|_| ())
}

struct Native<'a, 'm, S> {
    engine: &'a mut Engine,
    market: &'a Market<'m>,
    strategy: &'a mut S,
}

impl<S: Strategy> Host for Native<'_, '_, S> {
    type Fault = Error;

    #[inline]
    fn with<R>(&mut self, action: impl FnOnce(&mut Engine) -> R) -> R {
        action(self.engine)
    }

    fn handlers(&self) -> Handlers {
        self.strategy.handlers()
    }

    fn on_start(&mut self) -> Result<()> {
        self.strategy.on_start(self.engine)
    }

    fn on_notice(&mut self, _event: Event) -> Result<()> {
        Ok(())
    }

    #[inline]
    fn on_bar(&mut self, bar: Present) -> Result<()> {
        self.strategy.on_bar(self.engine, bar, self.market)
    }

    #[inline]
    fn on_slice(&mut self, _end: i32) -> Result<()> {
        self.strategy.on_slice(self.engine, self.market)
    }

    fn on_timer(&mut self, _timer: Timer) -> Result<()> {
        Ok(())
    }

    fn on_stop(&mut self) -> Result<()> {
        Ok(())
    }

    fn pulse(&mut self, _clock: i32) -> Result<Option<i32>> {
        Ok(Some(i32::MAX))
    }
}
