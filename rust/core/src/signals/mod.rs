//! Column strategies: positions, weights or orders that were decided up front, read by the core bar by bar.
//!
//! What happens is what a strategy written by hand would make happen with `ctx.target` or `ctx.buy` and `ctx.sell`:
//! the same orders, through the same rules.

mod orders;
mod targets;
#[cfg(test)]
mod tests;

pub use orders::{Orders, PlannedOrder};
pub use targets::{Sizing, Targets};
pub(crate) use targets::{first_bar, size_grid};

use crate::drive::{Ending, Handlers, Host, drive};
use crate::engine::{Engine, Present, Timer};
use crate::error::Error;
use crate::market::Market;
use crate::record::Event;

/// A plan made up front.
#[derive(Debug, Clone)]
pub enum Plan<'a> {
    /// What is to be held at each bar.
    Targets(Targets<'a>),
    /// What is to be sent at each tick.
    Orders(Orders),
}

/// Carries a plan out, to the end of the data or through tick `until`.
///
/// `pulse` is called now and then with the tick, and says after how many ticks to call again; `None` ends the run.
///
/// # Errors
/// The engine or the pulse failed.
pub fn run<E: From<Error>>(
    engine: &mut Engine,
    market: &Market,
    plan: &mut Plan,
    until: Option<i32>,
    pulse: impl FnMut(i32) -> std::result::Result<Option<i32>, E>,
) -> std::result::Result<Ending, E> {
    let mut reader = Reader {
        engine,
        market,
        plan,
        pulse,
    };
    drive(&mut reader, market, until)
}

struct Reader<'a, 'm, 'p, P> {
    engine: &'a mut Engine,
    market: &'a Market<'m>,
    plan: &'a mut Plan<'p>,
    pulse: P,
}

impl<E: From<Error>, P: FnMut(i32) -> std::result::Result<Option<i32>, E>> Host for Reader<'_, '_, '_, P> {
    type Fault = E;

    #[inline]
    fn with<R>(&mut self, action: impl FnOnce(&mut Engine) -> R) -> R {
        action(self.engine)
    }

    fn handlers(&self) -> Handlers {
        Handlers {
            bar: matches!(self.plan, Plan::Targets(_)),
            slice: matches!(self.plan, Plan::Orders(_)),
            ..Handlers::default()
        }
    }

    fn on_start(&mut self) -> std::result::Result<(), E> {
        Ok(())
    }

    fn on_notice(&mut self, _event: Event) -> std::result::Result<(), E> {
        Ok(())
    }

    #[inline]
    fn on_bar(&mut self, bar: Present) -> std::result::Result<(), E> {
        match self.plan {
            Plan::Targets(targets) => Ok(targets.at_bar(self.engine, bar, self.market)?),
            Plan::Orders(_) => Ok(()),
        }
    }

    #[inline]
    fn on_slice(&mut self, _end: i32) -> std::result::Result<(), E> {
        match self.plan {
            Plan::Targets(_) => Ok(()),
            Plan::Orders(orders) => Ok(orders.at_tick(self.engine)?),
        }
    }

    fn on_timer(&mut self, _timer: Timer) -> std::result::Result<(), E> {
        Ok(())
    }

    fn on_stop(&mut self) -> std::result::Result<(), E> {
        Ok(())
    }

    fn pulse(&mut self, clock: i32) -> std::result::Result<Option<i32>, E> {
        (self.pulse)(clock)
    }
}

/// Whole steps as the number they stand for.
#[inline]
#[expect(clippy::cast_precision_loss, reason = "what a strategy sees is a double")]
pub(crate) fn shown(steps: i64, scale: f64) -> f64 {
    steps as f64 / scale
}

/// The steps in one whole at a precision.
#[expect(clippy::cast_precision_loss, reason = "a power of ten under 10^19 is a double")]
pub(crate) fn scale_of(precision: u32) -> f64 {
    10_i64.pow(precision) as f64
}
