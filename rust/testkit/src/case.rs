//! A market, settings and a script: something to run.

use crate::action::{Action, OrderPlan};
use crate::bars::Bars;
use crate::facts::Facts;
use crate::host::{ScriptHost, ScriptStrategy};
use crate::markets::markets;
use crate::scripts::{Script, scripts};
use crate::settings::{all_settings, narrowed};
use proptest::prelude::*;
use std::ops::RangeInclusive;
use triplebar_core::checkpoint;
use triplebar_core::drive::{drive, run};
use triplebar_core::engine::Engine;
use triplebar_core::error::Result;
use triplebar_core::settings::Settings;

/// Something to run.
#[derive(Debug, Clone)]
pub struct Case {
    /// The market.
    pub bars: Bars,
    /// The settings.
    pub settings: Settings,
    /// The strategy.
    pub script: Script,
}

/// Any case, with prices low enough to meet the floor of one tick.
pub fn cases() -> impl Strategy<Value = Case> {
    cases_around(4..=120)
}

/// Any case whose prices start in this range.
pub fn cases_around(price: RangeInclusive<i64>) -> impl Strategy<Value = Case> {
    let parts = (markets(price), all_settings(), scripts());
    parts.prop_map(|(bars, settings, script)| {
        let settings = narrowed(settings, bars.width());
        let anchor = bars.ticks[0].bars.iter().flatten().next().map_or(1, |bar| bar.open);
        let script = Script { anchor, ..script };
        Case { bars, settings, script }
    })
}

impl Case {
    /// A case of one instrument with everything off that sends these orders in `on_start`.
    #[must_use]
    pub fn small(bars: Bars, plans: &[OrderPlan]) -> Self {
        let settings = crate::plain::settings(bars.width());
        let steps = vec![plans.iter().copied().map(Action::Send).collect()];
        let anchor = 100;
        let script = Script { anchor, steps };
        Self { bars, settings, script }
    }

    /// A new engine for it.
    ///
    /// # Errors
    /// Settings and market do not fit together.
    pub fn engine(&self) -> Result<Engine> {
        Engine::new(self.settings.clone(), &self.bars.market())
    }

    /// Runs it with a host that listens to everything.
    ///
    /// # Errors
    /// The engine failed.
    pub fn run(&self) -> Result<Facts> {
        self.run_on(&mut self.engine()?)
    }

    /// Runs it on an engine that stands before the first tick, or where a checkpoint was made.
    ///
    /// # Errors
    /// The engine failed.
    pub fn run_on(&self, engine: &mut Engine) -> Result<Facts> {
        let market = self.bars.market();
        let mut host = ScriptHost::new(engine, &market, self.script.clone());
        drive(&mut host, &market, None)?;
        let (notices, fired, refusals) = (host.notices, host.fired, host.strategy.refusals);
        Ok(Facts {
            notices,
            fired,
            refusals,
            ..Facts::of(engine)
        })
    }

    /// Runs it as a strategy of the core's own loop.
    ///
    /// # Errors
    /// The engine failed.
    pub fn run_as_strategy(&self) -> Result<Facts> {
        let mut engine = self.engine()?;
        let mut strategy = ScriptStrategy::new(self.script.clone());
        run(&mut engine, &self.bars.market(), &mut strategy)?;
        Ok(Facts {
            refusals: strategy.refusals,
            ..Facts::of(&engine)
        })
    }

    /// Runs it on this engine through tick `until` and leaves it there.
    ///
    /// # Errors
    /// The engine failed.
    pub fn run_until(&self, engine: &mut Engine, until: i32) -> Result<()> {
        let market = self.bars.market();
        let mut host = ScriptHost::new(engine, &market, self.script.clone());
        drive(&mut host, &market, Some(until)).map(drop)
    }

    /// Runs it through tick `until`, puts it aside as bytes, takes it up again and finishes.
    ///
    /// # Errors
    /// The engine failed.
    pub fn run_interrupted(&self, until: i32) -> Result<Facts> {
        let mut engine = self.engine()?;
        self.run_until(&mut engine, until)?;
        let bytes = checkpoint::save(&engine)?;
        drop(engine);
        self.run_on(&mut checkpoint::load(&bytes, &self.bars.market())?)
    }
}
