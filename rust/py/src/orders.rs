//! From the keywords of `buy` and `sell` to an order in the core's language.

use crate::faults::order_error;
use pyo3::prelude::*;
use triplebar_core::codes::{OrderKind, TimeInForce, flags};
use triplebar_core::engine::{UserOrder, percent_to_ppb};
use triplebar_core::order::OrderRequest;

/// The keywords of an order, as given.
#[derive(Default)]
pub struct Wish<'a, 'py> {
    pub limit: Option<f64>,
    pub stop: Option<f64>,
    pub trail: Option<f64>,
    pub trail_percent: Option<f64>,
    pub touch: Option<f64>,
    pub tif: Option<&'a str>,
    pub expire: Option<Bound<'py, PyAny>>,
    pub post_only: bool,
    pub reduce_only: bool,
}

/// A finite number that is not negative.
pub fn number(py: Python<'_>, name: &str, value: f64) -> PyResult<f64> {
    if value.is_finite() && value >= 0.0 {
        return Ok(value);
    }
    Err(order_error(
        py,
        &format!("{name} = {value} is no size or price; give a finite number that is not negative"),
    ))
}

/// Nanoseconds of an aware datetime or of a whole number.
pub fn time_ns(value: &Bound<'_, PyAny>) -> PyResult<i64> {
    if let Ok(time_ns) = value.extract::<i64>() {
        return Ok(time_ns);
    }
    let py = value.py();
    let found = py
        .import("triplebar.contracts.time")?
        .getattr("to_ns")?
        .call1((value,))
        .and_then(|found| found.extract());
    found.map_err(|error| order_error(py, &format!("expire: {}", error.value(py))))
}

impl Wish<'_, '_> {
    /// The order, its numbers not yet on the grid.
    pub fn order(&self, py: Python<'_>, instrument: u16, side: i8, quantity: f64) -> PyResult<UserOrder> {
        for (name, value) in [
            ("limit", self.limit),
            ("stop", self.stop),
            ("trail", self.trail),
            ("touch", self.touch),
        ] {
            value.map_or(Ok(0.0), |value| number(py, name, value))?;
        }
        let kind = self.kind(py)?;
        let mut request = OrderRequest {
            kind,
            ..OrderRequest::market(instrument, side, 0)
        };
        if let Some(text) = self.tif {
            request.tif = time_in_force(py, text)?;
        }
        if let Some(expire) = &self.expire {
            request.expire_ns = time_ns(expire)?;
        }
        if self.post_only {
            request.flags |= flags::POST_ONLY;
        }
        if self.reduce_only {
            request.flags |= flags::REDUCE_ONLY;
        }
        if let Some(percent) = self.trail_percent {
            request.flags |= flags::TRAIL_IS_PPB;
            request.trail = percent_to_ppb(percent).map_err(|error| crate::faults::raise(py, &error))?;
        }
        let quantity = number(py, "quantity", quantity)?;
        Ok(UserOrder {
            request,
            quantity,
            limit: self.limit,
            trigger: self.stop.or(self.touch),
            trail: self.trail,
        })
    }

    fn kind(&self, py: Python<'_>) -> PyResult<OrderKind> {
        let trails = self.trail.is_some() || self.trail_percent.is_some();
        match (self.limit.is_some(), self.stop.is_some(), trails, self.touch.is_some()) {
            (false, false, false, false) => Ok(OrderKind::Market),
            (true, false, false, false) => Ok(OrderKind::Limit),
            (false, true, false, false) => Ok(OrderKind::Stop),
            (true, true, false, false) => Ok(OrderKind::StopLimit),
            (false, false, true, false) if self.trail.is_none() || self.trail_percent.is_none() => {
                Ok(OrderKind::TrailingStop)
            }
            (false, false, false, true) => Ok(OrderKind::MarketIfTouched),
            _ => Err(order_error(
                py,
                "these keywords do not go together; give limit, stop, both of them, trail, trail_percent or touch",
            )),
        }
    }
}

fn time_in_force(py: Python<'_>, text: &str) -> PyResult<TimeInForce> {
    TimeInForce::from_text(text).ok_or_else(|| {
        let known: Vec<_> = TimeInForce::ALL.iter().map(|code| code.text()).collect();
        order_error(
            py,
            &format!("tif = {text:?} is unknown; choose one of {}", known.join(", ")),
        )
    })
}
