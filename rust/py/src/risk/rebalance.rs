//! Copy sizes, weighted targets and the orders of a rebalance for Python.

use super::{done, floats, money, shared, table, wholes};
use crate::leave::leave;
use pyo3::prelude::*;
use pyo3_arrow::{PyArray, PyRecordBatch};
use triplebar_columns::risk::rebalance::{Rows, Rules, copy_sizes, rebalance};
use triplebar_columns::risk::weights::weigh;

/// My share of other people's positions.
#[pyfunction]
#[pyo3(name = "copy_sizes")]
#[expect(clippy::needless_pass_by_value, reason = "pyo3 hands arguments over")]
pub fn py_copy_sizes(
    py: Python<'_>,
    mine: PyArray,
    theirs: PyArray,
    positions: PyArray,
    ratio_ppb: i64,
    decimals: u32,
) -> PyResult<Bound<'_, PyArray>> {
    let money = money(py, decimals)?;
    let read = |array: &PyArray, name| done(py, money.read(array.array().as_ref(), name));
    let (mine, theirs) = (read(&mine, "account_value")?, read(&theirs, "trader_account")?);
    let sizes = copy_sizes(&mine, &theirs, &read(&positions, "position_usd")?, ratio_ppb);
    Bound::new(py, PyArray::from_array_ref(shared(money.write(&done(py, sizes)?))))
}

/// Targets weighted by score: the row that each stands in first, and its amount.
#[pyfunction]
#[pyo3(name = "weigh_targets")]
#[expect(clippy::needless_pass_by_value, reason = "pyo3 hands arguments over")]
pub fn py_weigh_targets(
    py: Python<'_>,
    copies: PyRecordBatch,
    by: Vec<String>,
    decimals: u32,
) -> PyResult<Bound<'_, PyRecordBatch>> {
    let money = money(py, decimals)?;
    let by: Vec<&str> = by.iter().map(String::as_str).collect();
    let found = leave(py, || weigh(copies.as_ref(), &by, money))?;
    let found = done(py, found)?;
    table(
        py,
        vec![("row", shared(found.row)), ("target_usd", shared(found.amount))],
    )
}

/// The orders between what is held and what is wanted. `whole` holds group, allowance, decimals of price and of size.
#[pyfunction]
#[pyo3(name = "rebalance")]
#[expect(clippy::needless_pass_by_value, reason = "pyo3 hands arguments over")]
pub fn py_rebalance(
    py: Python<'_>,
    values: (PyArray, PyArray),
    mark: PyArray,
    whole: [PyArray; 4],
    rules: (i64, i64, u32),
) -> PyResult<Bound<'_, PyRecordBatch>> {
    let (band_ppb, market_ppb, decimals) = rules;
    let money = money(py, decimals)?;
    let read = |array: &PyArray, name| done(py, money.read(array.array().as_ref(), name));
    let (current, target) = (read(&values.0, "current_usd")?, read(&values.1, "target_usd")?);
    let [group, allowance, price_decimals, size_decimals] = &whole;
    let small = |array, name| -> PyResult<Vec<u32>> {
        let found = wholes(py, array, name)?;
        Ok(found
            .iter()
            .map(|value| u32::try_from(*value).unwrap_or(u32::MAX))
            .collect())
    };
    let rows = Rows {
        current: &current,
        target: &target,
        mark: floats(py, &mark, "mark")?,
        allowance_ppb: wholes(py, allowance, "allowance")?,
        price_decimals: &small(price_decimals, "price_decimals")?,
        size_decimals: &small(size_decimals, "size_decimals")?,
        group: &small(group, "group")?,
    };
    let rules = Rules {
        band_ppb,
        market_ppb,
        money,
    };
    let orders = done(py, rebalance(&rows, &rules))?;
    table(
        py,
        vec![
            ("row", shared(orders.row)),
            ("action", shared(orders.action)),
            ("side", shared(orders.side)),
            ("delta_usd", shared(orders.amount)),
            ("order_type", shared(orders.kind)),
            ("limit_price", shared(orders.limit)),
            ("quantity", shared(orders.quantity)),
            ("reduce_only", shared(orders.reduce_only)),
        ],
    )
}
