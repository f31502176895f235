//! A script at work: as a strategy of the core's own loop, and as a host that listens to everything.

use crate::action::Action;
use crate::scripts::Script;
use triplebar_core::drive::{Handlers, Host, Strategy};
use triplebar_core::engine::{Engine, Present, Timer};
use triplebar_core::error::{Error, Fault, Result};
use triplebar_core::market::Market;
use triplebar_core::record::Event;

/// A script as a Rust strategy. What the desk refuses is noted, and the script goes on.
#[derive(Debug, Clone, Default)]
pub struct ScriptStrategy {
    /// What it does.
    pub script: Script,
    /// What the desk refused.
    pub refusals: Vec<String>,
}

impl ScriptStrategy {
    /// A strategy that follows a script.
    #[must_use]
    pub const fn new(script: Script) -> Self {
        let refusals = Vec::new();
        Self { script, refusals }
    }

    /// Does what the script says for the current tick.
    ///
    /// # Errors
    /// Something other than a refused instruction.
    pub fn act(&mut self, desk: &mut Engine) -> Result<()> {
        for action in self.script.at(desk.clock()) {
            note_refusal(action.apply(desk, self.script.anchor), &mut self.refusals)?;
        }
        Ok(())
    }
}

fn note_refusal(result: Result<()>, refusals: &mut Vec<String>) -> Result<()> {
    match result {
        Err(error) if matches!(error.fault(), Fault::Order { .. }) => {
            refusals.push(error.to_string());
            Ok(())
        }
        other => other,
    }
}

impl Strategy for ScriptStrategy {
    fn on_start(&mut self, desk: &mut Engine) -> Result<()> {
        self.act(desk)
    }

    fn on_bar(&mut self, _desk: &mut Engine, _bar: Present, _market: &Market) -> Result<()> {
        Ok(())
    }

    fn on_slice(&mut self, desk: &mut Engine, market: &Market) -> Result<()> {
        desk.mark_now(market);
        self.act(desk)
    }
}

/// A host with all handlers: it follows the script and writes down what it is told.
#[derive(Debug)]
pub struct ScriptHost<'a> {
    /// The engine it lends.
    pub engine: &'a mut Engine,
    /// The market it trades.
    pub market: &'a Market<'a>,
    /// What it does.
    pub strategy: ScriptStrategy,
    /// What it does in `on_stop`.
    pub farewell: Vec<Action>,
    /// Bars it was shown: tick, instrument, row.
    pub bars: Vec<(i32, u16, u32)>,
    /// Facts it was told.
    pub notices: Vec<Event>,
    /// Timers that fired.
    pub fired: Vec<(i32, String)>,
    /// The pulse at which it wishes to end.
    pub patience: i32,
}

impl<'a> ScriptHost<'a> {
    /// A host that follows a script to the end of the data.
    #[must_use]
    pub const fn new(engine: &'a mut Engine, market: &'a Market<'a>, script: Script) -> Self {
        Self {
            engine,
            market,
            strategy: ScriptStrategy::new(script),
            farewell: Vec::new(),
            bars: Vec::new(),
            notices: Vec::new(),
            fired: Vec::new(),
            patience: i32::MAX,
        }
    }
}

impl Host for ScriptHost<'_> {
    type Fault = Error;

    fn with<R>(&mut self, action: impl FnOnce(&mut Engine) -> R) -> R {
        action(self.engine)
    }

    fn handlers(&self) -> Handlers {
        Handlers {
            bar: true,
            slice: true,
            fill: true,
            order: true,
            timer: true,
        }
    }

    fn on_start(&mut self) -> Result<()> {
        self.strategy.act(self.engine)
    }

    fn on_notice(&mut self, event: Event) -> Result<()> {
        self.notices.push(event);
        Ok(())
    }

    fn on_bar(&mut self, bar: Present) -> Result<()> {
        self.bars.push((self.engine.clock(), bar.instrument, bar.row));
        Ok(())
    }

    fn on_slice(&mut self, _end: i32) -> Result<()> {
        self.engine.mark_now(self.market);
        self.strategy.act(self.engine)
    }

    fn on_timer(&mut self, timer: Timer) -> Result<()> {
        let name = self.engine.timer_name(&timer).to_owned();
        self.fired.push((self.engine.clock(), name));
        Ok(())
    }

    fn on_stop(&mut self) -> Result<()> {
        self.engine.mark_now(self.market);
        let anchor = self.strategy.script.anchor;
        for action in &self.farewell {
            note_refusal(action.apply(self.engine, anchor), &mut self.strategy.refusals)?;
        }
        Ok(())
    }

    fn pulse(&mut self, clock: i32) -> Result<Option<i32>> {
        Ok((clock < self.patience).then_some(1))
    }
}
