//! Cash, positions and what they are worth. Totals are kept up to date, so that asking costs nothing.

use crate::codes::AccountKind;
use crate::error::{self, Result};
use crate::settings::Settings;
use crate::units::{PPB, ratio_down, ratio_up, scale, sum, worth};
use serde::{Deserialize, Serialize};

/// What is held of one instrument.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Signed lots.
    pub lots: i64,
    /// What it cost, minor units; negative for a short (S-67).
    pub cost: i64,
    /// Isolated margin set aside (S-63).
    pub margin: i64,
}

/// What a fill does to a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// The position afterwards.
    pub position: Position,
    /// Realised profit, before the fee.
    pub realised: i64,
    /// What leaves cash for the instrument itself: `sign · q · p · unit`.
    pub paid: i64,
}

impl Position {
    /// S-67 and S-63: average cost, isolated margin.
    ///
    /// # Errors
    /// An amount does not fit 64 bits.
    #[inline]
    pub fn after(
        &self,
        side: i64,
        quantity: i64,
        price: i64,
        unit: i64,
        leverage_milli: Option<i64>,
    ) -> Result<Outcome> {
        let closing = if self.lots.signum() == -side {
            quantity.min(self.lots.abs())
        } else {
            0
        };
        let opening = quantity - closing;
        let paid = side * worth(quantity, price, unit)?;
        let mut next = *self;
        let mut realised = 0;
        if closing > 0 {
            let held = self.lots.abs();
            let released = share(self.cost, closing, held)?;
            next.margin -= share(self.margin, closing, held)?;
            realised = sum(-side * worth(closing, price, unit)?, -released)?;
            next.cost -= released;
        }
        if opening > 0 {
            let notional = worth(opening, price, unit)?;
            next.cost = sum(next.cost, side * notional)?;
            if let Some(leverage) = leverage_milli {
                next.margin = sum(next.margin, ratio_up(notional, 1000, leverage)?)?;
            }
        }
        next.lots = sum(self.lots, side * quantity)?;
        Ok(Outcome {
            position: next,
            realised,
            paid,
        })
    }
}

/// `sgn(a) · ⌊|a| · part / whole⌋`, all of it for the whole.
///
/// # Errors
/// Never for `part <= whole`; the type says so because the division is checked.
#[inline]
pub fn share(a: i64, part: i64, whole: i64) -> Result<i64> {
    if part == whole {
        Ok(a)
    } else {
        Ok(a.signum() * ratio_down(a.abs(), part, whole)?)
    }
}

/// One instrument in the account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Holding {
    /// The position.
    pub position: Position,
    /// The last mark, ticks (S-03); 0 before the first bar.
    pub mark: i64,
    /// Value at the mark, base currency.
    pub value: i64,
    /// Minor units of one tick on one lot.
    pub unit: i64,
    /// Currency.
    pub currency: usize,
}

/// The whole account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Account {
    /// How it lends.
    pub kind: AccountKind,
    /// Leverage in thousandths.
    pub leverage_milli: i64,
    /// Cash per currency.
    pub cash: Vec<i64>,
    /// Rates per currency, ppb of the base.
    pub rates: Vec<i64>,
    /// Per instrument.
    pub holdings: Vec<Holding>,
    /// Sum of values, base currency.
    pub net: i64,
    /// Sum of absolute values, base currency.
    pub gross: i64,
    /// Instruments held.
    pub held: u32,
}

impl Account {
    /// The account at the start, at the rates of the first tick.
    ///
    /// # Errors
    /// A currency has no rate by then.
    pub fn new(settings: &Settings, first_ns: i64) -> Result<Self> {
        let holding = |instrument: &crate::settings::InstrumentSettings| Holding {
            position: Position::default(),
            mark: 0,
            value: 0,
            unit: instrument.unit,
            currency: instrument.currency,
        };
        let rate = |(series, currency): (&Vec<(i64, i64)>, &String)| {
            let known = series.iter().take_while(|rate| rate.0 <= first_ns).last();
            known
                .map(|rate| rate.1)
                .ok_or_else(|| error::settings(format!("no rate of {currency} at or before the first bar")))
        };
        Ok(Self {
            kind: settings.account.kind,
            leverage_milli: settings.account.leverage_milli,
            cash: settings.cash.clone(),
            rates: settings
                .rates
                .iter()
                .zip(&settings.currencies)
                .map(rate)
                .collect::<Result<_>>()?,
            holdings: settings.instruments.iter().map(holding).collect(),
            net: 0,
            gross: 0,
            held: 0,
        })
    }

    /// Leverage, for accounts that set margin aside.
    #[inline]
    #[must_use]
    pub fn isolated_leverage(&self) -> Option<i64> {
        (self.kind == AccountKind::Isolated).then_some(self.leverage_milli)
    }

    /// An amount of a currency in the base currency.
    ///
    /// # Errors
    /// The amount does not fit 64 bits.
    #[inline]
    pub fn in_base(&self, amount: i64, currency: usize) -> Result<i64> {
        scale(amount, self.rates[currency])
    }

    /// All cash, in the base currency.
    ///
    /// # Errors
    /// The sum does not fit 64 bits.
    #[inline]
    pub fn cash_base(&self) -> Result<i64> {
        if let [only] = self.cash.as_slice() {
            return scale(*only, self.rates[0]);
        }
        self.cash
            .iter()
            .enumerate()
            .try_fold(0, |total, (currency, cash)| sum(total, self.in_base(*cash, currency)?))
    }

    /// S-70.
    ///
    /// # Errors
    /// The sum does not fit 64 bits.
    #[inline]
    pub fn equity(&self) -> Result<i64> {
        sum(self.cash_base()?, self.net)
    }

    /// Moves an instrument's mark.
    ///
    /// # Errors
    /// The value does not fit 64 bits.
    #[inline]
    pub fn mark(&mut self, instrument: usize, ticks: i64) -> Result<()> {
        self.holdings[instrument].mark = ticks;
        if self.holdings[instrument].position.lots == 0 {
            Ok(())
        } else {
            self.revalue(instrument)
        }
    }

    /// Brings one instrument's value, and the totals, up to date.
    ///
    /// # Errors
    /// The value does not fit 64 bits.
    #[inline]
    pub fn revalue(&mut self, instrument: usize) -> Result<()> {
        let holding = &mut self.holdings[instrument];
        let value = scale(
            worth(holding.position.lots, holding.mark, holding.unit)?,
            self.rates[holding.currency],
        )?;
        let old = std::mem::replace(&mut holding.value, value);
        self.net = sum(self.net, value - old)?;
        self.gross = sum(self.gross, value.abs() - old.abs())?;
        Ok(())
    }

    /// New rates: every value is converted anew.
    ///
    /// # Errors
    /// A value does not fit 64 bits.
    pub fn set_rate(&mut self, currency: usize, ppb: i64) -> Result<()> {
        self.rates[currency] = ppb;
        (0..self.holdings.len())
            .filter(|&at| self.holdings[at].currency == currency && self.holdings[at].position.lots != 0)
            .collect::<Vec<_>>()
            .into_iter()
            .try_for_each(|at| self.revalue(at))
    }

    /// Books a fill.
    ///
    /// # Errors
    /// An amount does not fit 64 bits.
    #[inline]
    pub fn apply(&mut self, instrument: usize, outcome: &Outcome, fee: i64) -> Result<()> {
        let holding = &mut self.holdings[instrument];
        self.held = self.held + u32::from(outcome.position.lots != 0) - u32::from(holding.position.lots != 0);
        holding.position = outcome.position;
        let cash = &mut self.cash[holding.currency];
        *cash = sum(*cash, -outcome.paid)?;
        *cash = sum(*cash, -fee)?;
        self.revalue(instrument)
    }

    /// Wallet and margins (S-63) as they would be with this outcome in this instrument, base currency.
    ///
    /// # Errors
    /// A sum does not fit 64 bits.
    pub fn free_after(&self, instrument: usize, outcome: &Outcome, fee: i64) -> Result<i64> {
        let own = self.holdings[instrument].currency;
        let mut left = 0;
        for (currency, cash) in self.cash.iter().enumerate() {
            let change = if currency == own { sum(outcome.paid, fee)? } else { 0 };
            left = sum(left, self.in_base(sum(*cash, -change)?, currency)?)?;
        }
        for (at, holding) in self.holdings.iter().enumerate() {
            let position = if at == instrument {
                outcome.position
            } else {
                holding.position
            };
            left = sum(left, self.in_base(position.cost, holding.currency)?)?;
            left = sum(left, -self.in_base(position.margin, holding.currency)?)?;
        }
        Ok(left)
    }

    /// S-63: the price at which an isolated position is liquidated, if there is one.
    #[must_use]
    pub fn liquidation_price(&self, instrument: usize, maintenance_ppb: i64) -> Option<i64> {
        let Holding { position, unit, .. } = self.holdings[instrument];
        if self.kind != AccountKind::Isolated || position.lots == 0 {
            return None;
        }
        let size = i128::from(position.lots.abs()) * i128::from(unit);
        let ppb = i128::from(PPB);
        let (cost, margin, maintenance) = (
            i128::from(position.cost),
            i128::from(position.margin),
            i128::from(maintenance_ppb),
        );
        let price = if position.lots > 0 {
            ((cost - margin) * ppb).div_euclid(size * (ppb - maintenance))
        } else {
            -((-(margin - cost) * ppb).div_euclid(size * (ppb + maintenance)))
        };
        i64::try_from(price).ok().filter(|price| *price > 0)
    }
}
