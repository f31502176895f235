//! What the settings say about an instrument's orders, in the few words that every order asks for.

use crate::codes::Role;
use crate::grid::Grid;
use crate::request::OrderRequest;
use crate::settings::InstrumentSettings;
use serde::{Deserialize, Serialize};

/// The part of an instrument's settings that orders and fills look at most, on one line of the cache.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a layer that is on or off")]
pub(super) struct Terms {
    /// Minor units of one tick on one lot.
    pub(super) unit: i64,
    /// Where prices may be.
    pub(super) price: Grid,
    /// Where sizes may be.
    pub(super) size: Grid,
    quantity_min: i64,
    quantity_max: i64,
    maker_ppb: i64,
    taker_ppb: i64,
    /// Whether nothing but the numbers of a plain order decides on it when it is sent.
    pub(super) open: bool,
    /// Least notional of an order; 0 for none.
    pub(super) notional_min: i64,
    /// What a taker pays, if that is a share of the notional and nothing else.
    pub(super) plain_taker_ppb: Option<u64>,
    /// Whether a fee is its share of the notional and nothing else.
    pub(super) plain_fee: bool,
    /// Whether fills are at the price of the path, whoever takes.
    pub(super) plain_price: bool,
    /// Whether the position has limits of its own.
    pub(super) limited: bool,
    /// Whether what was traded decides on the fee.
    pub(super) tiered: bool,
}

impl Terms {
    pub(super) fn of(instrument: &InstrumentSettings, warmup: bool) -> Self {
        let fee = &instrument.commission;
        let plain_fee = fee.fixed == 0
            && fee.per_unit_minor == 0
            && fee.minimum == 0
            && fee.maximum_ppb.is_none()
            && fee.tiers.is_empty();
        Self {
            unit: instrument.unit,
            price: Grid::new(instrument.price_precision, instrument.price_step),
            size: Grid::new(instrument.size_precision, instrument.size_step),
            quantity_min: instrument.quantity_min.max(1),
            quantity_max: instrument.quantity_max.unwrap_or(i64::MAX),
            maker_ppb: fee.maker_ppb,
            taker_ppb: fee.taker_ppb,
            open: !warmup && instrument.notional_min == 0,
            notional_min: instrument.notional_min,
            plain_fee,
            plain_taker_ppb: plain_fee.then_some(fee.taker_ppb.unsigned_abs()),
            plain_price: instrument.half_spread_ticks == 0
                && instrument.half_spread_ppb == 0
                && instrument.slippage_ticks == 0
                && instrument.slippage_ppb == 0
                && instrument.impact_ppb == 0
                && instrument.root_coefficient <= 0.0,
            limited: instrument.position_limit_lots.is_some() || instrument.position_limit_minor.is_some(),
            tiered: !fee.tiers.is_empty(),
        }
    }

    /// Whether an order may have this size.
    #[inline]
    pub(super) const fn admits(&self, request: &OrderRequest) -> bool {
        request.quantity >= self.quantity_min && request.quantity <= self.quantity_max
    }

    /// What an order is worth at the price that is known when it is sent, 0 if none is; `None` beyond 64 bits.
    #[inline]
    pub(super) fn notional(&self, request: &OrderRequest) -> Option<i64> {
        request
            .quantity
            .checked_mul(request.known_price())?
            .checked_mul(self.unit)
    }

    /// The share of a notional that a plain fee is.
    #[inline]
    pub(super) const fn fee_ppb(&self, role: Role) -> i64 {
        match role {
            Role::Maker => self.maker_ppb,
            Role::Taker => self.taker_ppb,
        }
    }
}
