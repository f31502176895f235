//! Column strategies: arrays in, the core's loop over them, no Python per bar.

use crate::desk::{PyDesk, Stage};
use crate::faults::{Stop, fault, raise};
use crate::lanes::floats;
use crate::leave::leave;
use crate::pulse::Pulse;
use pyo3::prelude::*;
use pyo3_arrow::PyArray;
use triplebar_core::codes::{TimeInForce, flags};
use triplebar_core::drive::Ending;
use triplebar_core::engine::Engine;
use triplebar_core::market::Market;
use triplebar_core::signals::{Orders, Plan, PlannedOrder, Sizing, Targets, run};

/// An order of a plan as Python writes it down: clock, instrument, quantity, limit, stop, time in force, post only, reduce only.
type PlainOrder = (i32, u16, f64, Option<f64>, Option<f64>, u8, bool, bool);

#[pymethods]
impl PyDesk {
    /// Runs target columns (float64, one an instrument or None); `sizing` is `units`, `change` or `always`.
    #[pyo3(signature = (columns, multipliers, sizing, until=None, progress=None, interrupted=None))]
    #[expect(clippy::needless_pass_by_value, reason = "pyo3 hands arguments over")]
    fn run_targets(
        slf: &Bound<'_, Self>,
        columns: Vec<Option<PyArray>>,
        multipliers: Vec<f64>,
        sizing: &str,
        until: Option<i32>,
        progress: Option<Py<PyAny>>,
        interrupted: Option<Py<PyAny>>,
    ) -> PyResult<&'static str> {
        let py = slf.py();
        let sizing = match sizing {
            "units" => Sizing::Units,
            "change" => Sizing::WeightsOnChange,
            "always" => Sizing::WeightsAlways,
            other => return Err(fault(py, "ConfigError", &format!("sizing {other:?} is unknown"))),
        };
        let columns = columns
            .iter()
            .map(|column| column.as_ref().map(|column| floats(py, column)).transpose())
            .collect::<PyResult<Vec<_>>>()?;
        carry_out(slf, until, Pulse::new(progress, interrupted), |engine, market| {
            let slices: Vec<Option<&[f64]>> = columns
                .iter()
                .map(|column| column.as_ref().map(|column| &column.values()[..]))
                .collect();
            check_lengths(market, &slices, multipliers.len())?;
            Ok(Plan::Targets(Targets::new(
                engine.settings(),
                market,
                &slices,
                &multipliers,
                sizing,
            )))
        })
    }

    /// Runs orders that were planned up front.
    #[pyo3(signature = (orders, until=None, progress=None, interrupted=None))]
    fn run_orders(
        slf: &Bound<'_, Self>,
        orders: Vec<PlainOrder>,
        until: Option<i32>,
        progress: Option<Py<PyAny>>,
        interrupted: Option<Py<PyAny>>,
    ) -> PyResult<&'static str> {
        let plan = orders.into_iter().map(planned).collect();
        carry_out(slf, until, Pulse::new(progress, interrupted), |_, _| {
            Ok(Plan::Orders(Orders::new(plan)))
        })
    }
}

/// Runs a plan without the interpreter; says how the run ended.
fn carry_out<'a>(
    desk: &Bound<'_, PyDesk>,
    until: Option<i32>,
    mut pulse: Pulse,
    plan: impl FnOnce(&Engine, &Market) -> Result<Plan<'a>, Stop> + Send,
) -> PyResult<&'static str> {
    let py = desk.py();
    desk.borrow().idle(py, "run")?;
    let market = desk.borrow().market.clone_ref(py);
    let columns = &market.get().columns;
    let mut guard = desk.borrow_mut();
    let desk = &mut *guard;
    desk.stage = Stage::Running;
    let engine = &mut desk.engine;
    let ended = leave(py, || {
        let view = columns.view();
        let ticks = view.clock_ns.len();
        let mut plan = plan(engine, &view)?;
        run(engine, &view, &mut plan, until, |clock| pulse.beat(clock, ticks))
    });
    desk.stage = Stage::Ready;
    match ended? {
        Ok(Ending::Finished) => Ok("finished"),
        Ok(Ending::Paused) => Ok("paused"),
        Ok(Ending::Interrupted) => Ok("interrupted"),
        Err(Stop::Core(error)) => Err(raise(py, &error)),
        Err(Stop::Python(error) | Stop::Strategy(error, _)) => Err(error),
    }
}

/// The last line of defence: Python has said which symbol and row before.
fn check_lengths(market: &Market, columns: &[Option<&[f64]>], multipliers: usize) -> Result<(), Stop> {
    let fits = columns.len() == market.series.len() && multipliers == columns.len();
    let is_short = |at: usize| columns[at].is_some_and(|column| column.len() < market.series[at].len());
    if fits && !(0..columns.len()).any(is_short) {
        return Ok(());
    }
    Err(triplebar_core::error::market("columns of signals do not fit the market").into())
}

fn planned(order: PlainOrder) -> PlannedOrder {
    let (clock, instrument, quantity, limit, stop, tif, post_only, reduce_only) = order;
    let flag = |set: bool, bit: u8| if set { bit } else { 0 };
    PlannedOrder {
        clock,
        instrument,
        quantity,
        limit,
        stop,
        tif: TimeInForce::ALL
            .get(usize::from(tif))
            .copied()
            .unwrap_or(TimeInForce::Gtc),
        flags: flag(post_only, flags::POST_ONLY) | flag(reduce_only, flags::REDUCE_ONLY),
    }
}
