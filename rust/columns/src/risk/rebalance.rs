//! From two columns of values to the orders between them.

use super::money::{Money, snapped};
use arrow_array::{BooleanArray, Float64Array, Int8Array, StringArray, UInt32Array};
use triplebar_core::error::{Result, rows};
use triplebar_core::risk::rebalance::{Action, Leg, Scale, at_market, copy_size, legs, limit_ticks, lots};
use triplebar_core::units::PPB;

/// How to trade.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Smaller changes are left alone.
    pub band_ppb: i64,
    /// Larger increases go at market.
    pub market_ppb: i64,
    /// What minor units are.
    pub money: Money,
}

/// One row a token: what is held and wanted, with a sign, minor units; its price and its grid.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// What is held.
    pub current: &'a [i64],
    /// What is wanted.
    pub target: &'a [i64],
    /// The price.
    pub mark: &'a [f64],
    /// How far a limit may be from the price, parts per billion.
    pub allowance_ppb: &'a [i64],
    /// Decimals of the price.
    pub price_decimals: &'a [u32],
    /// Decimals of the size.
    pub size_decimals: &'a [u32],
    /// The group of each row, by number.
    pub group: &'a [u32],
}

/// The orders, as columns.
#[derive(Debug)]
pub struct Orders {
    /// The row each order is about.
    pub row: UInt32Array,
    /// What it is for.
    pub action: StringArray,
    /// +1 buy, -1 sell.
    pub side: Int8Array,
    /// How much.
    pub amount: Float64Array,
    /// Market or limit.
    pub kind: StringArray,
    /// The limit, if it has one.
    pub limit: Float64Array,
    /// How many.
    pub quantity: Float64Array,
    /// Whether it may only reduce.
    pub reduce_only: BooleanArray,
}

struct Order {
    row: u32,
    leg: Leg,
    limit: Option<f64>,
    quantity: f64,
}

/// The orders, by group, then in the order of execution, then by row.
///
/// # Errors
/// A price is not positive, a number leaves 64 bits.
pub fn rebalance(given: &Rows<'_>, rules: &Rules) -> Result<Orders> {
    let mut orders = Vec::new();
    for (row, at) in (0_u32..).zip(0..given.current.len()) {
        for leg in legs(given.current[at], given.target[at], rules.band_ppb)
            .into_iter()
            .flatten()
        {
            orders.push(order(given, rules, row, leg)?);
        }
    }
    orders.sort_by_key(|one| (given.group[one.row as usize], one.leg.action, one.row));
    let amounts: Vec<i64> = orders.iter().map(|one| one.leg.amount).collect();
    Ok(Orders {
        row: orders.iter().map(|one| one.row).collect::<Vec<_>>().into(),
        action: StringArray::from_iter_values(orders.iter().map(|one| one.leg.action.text())),
        side: orders.iter().map(|one| one.leg.side).collect::<Vec<_>>().into(),
        amount: rules.money.write(&amounts),
        kind: StringArray::from_iter_values(orders.iter().map(|one| match one.limit {
            Some(_) => "limit",
            None => "market",
        })),
        limit: orders.iter().map(|one| one.limit).collect(),
        quantity: orders.iter().map(|one| one.quantity).collect::<Vec<_>>().into(),
        reduce_only: orders
            .iter()
            .map(|one| one.leg.action.reduces())
            .collect::<Vec<_>>()
            .into(),
    })
}

#[expect(clippy::cast_precision_loss, reason = "the count of lots is shown as a double")]
fn order(given: &Rows<'_>, rules: &Rules, row: u32, leg: Leg) -> Result<Order> {
    let at = row as usize;
    let ticks_per_price = power(given.price_decimals[at]);
    let mark = snapped((given.mark[at] * ticks_per_price).round()).filter(|ticks| *ticks > 0);
    let mark = mark.ok_or_else(|| {
        rows(format!(
            "column mark, row {row}: {} is no price; give a positive one, or leave the token out until it has one",
            given.mark[at]
        ))
    })?;
    let scale = Scale::of(
        given.price_decimals[at],
        given.size_decimals[at],
        rules.money.decimals(),
    );
    let wide = || rows(format!("row {row}: the size does not fit 64 bits; lower the decimals"));
    let quantity = lots(leg.amount, mark, scale, leg.action.reduces()).ok_or_else(wide)?;
    let market = at_market(leg.action, leg.amount, given.current[at], rules.market_ppb);
    let limit = if market {
        None
    } else {
        let ticks = limit_ticks(mark, leg.side, given.allowance_ppb[at]).ok_or_else(wide)?;
        Some(ticks as f64 / ticks_per_price)
    };
    Ok(Order {
        row,
        leg,
        limit,
        quantity: quantity as f64 / power(given.size_decimals[at]),
    })
}

fn power(decimals: u32) -> f64 {
    f64::from(10_u32.pow(decimals.min(9)))
}

/// R-20 over columns; amounts in minor units.
///
/// # Errors
/// A position is negative, a size does not fit 64 bits.
pub fn copy_sizes(mine: &[i64], theirs: &[i64], positions: &[i64], ratio_ppb: i64) -> Result<Vec<i64>> {
    if !(0..=1_000 * PPB).contains(&ratio_ppb) {
        return Err(rows("ratio must be from 0 to 1000"));
    }
    let each = mine.iter().zip(theirs).zip(positions).enumerate();
    each.map(|(row, ((mine, theirs), position))| {
        if *position < 0 {
            return Err(rows(format!(
                "column position_usd, row {row}: the amount is negative; the direction stands in the column side"
            )));
        }
        let size = copy_size(*mine, *theirs, *position, ratio_ppb);
        size.filter(|size| *size <= super::money::MINOR_MAX).ok_or_else(|| {
            rows(format!(
                "row {row}: the size to copy is too large; check both account values"
            ))
        })
    })
    .collect()
}

/// The texts of actions, in the order of execution.
#[must_use]
pub fn action_texts() -> Vec<&'static str> {
    Action::ALL.iter().map(|action| action.text()).collect()
}
