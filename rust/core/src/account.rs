//! Cash, positions and what they are worth. Totals are kept up to date, so that asking costs nothing.

use crate::codes::AccountKind;
use crate::error::{self, Result, overflow};
use crate::market::Market;
use crate::position::{Outcome, Position};
use crate::risk::pretrade::Leverage;
use crate::settings::{InstrumentSettings, Settings};
use crate::units::{PPB, scale, sum, worth};
use serde::{Deserialize, Serialize};

/// One instrument in the account.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Holding {
    /// The position.
    pub position: Position,
    /// The last mark, ticks (S-03); 0 before the first bar.
    pub mark: i64,
    /// Minor units of one tick on one lot.
    pub unit: i64,
    /// The currency's rate, ppb of the base.
    pub rate: i64,
    /// Currency.
    pub currency: usize,
    /// What one lot is worth at most, at the highest price there is, base currency.
    pub reach_of_lot: u64,
}

impl Holding {
    /// Value at the mark, base currency.
    ///
    /// # Errors
    /// The value does not fit 64 bits.
    #[inline]
    pub fn value(&self) -> Result<i64> {
        self.value_of(self.position.lots, self.mark)
    }

    /// The same without an error to carry along: `None` where it does not fit.
    #[inline]
    fn fitting_value(&self) -> Option<i64> {
        let worth = self.position.lots.checked_mul(self.mark)?.checked_mul(self.unit)?;
        if self.rate == PPB {
            return Some(worth);
        }
        scale(worth, self.rate).ok()
    }

    /// What a tick of the price is worth on the position, currency of the instrument.
    #[inline]
    #[must_use]
    pub const fn worth_of_tick(&self) -> i64 {
        self.position.lots.wrapping_mul(self.unit)
    }

    /// What the position is worth at most.
    #[inline]
    fn reach(&self) -> u128 {
        self.reach_of(self.position.lots)
    }

    #[inline]
    fn reach_of(&self, lots: i64) -> u128 {
        let reach = u128::from(self.reach_of_lot) * u128::from(lots.unsigned_abs());
        // Beyond every bound that is asked for, and narrow enough to be added up.
        if reach < 1 << 62 { reach } else { 1 << 62 }
    }

    /// What so many lots are worth at a price, base currency.
    ///
    /// # Errors
    /// The value does not fit 64 bits.
    #[inline]
    pub fn value_of(&self, lots: i64, ticks: i64) -> Result<i64> {
        scale(worth(lots, ticks, self.unit)?, self.rate)
    }
}

/// What a lot is worth at most, rounded up; a bound that the sum of all positions can bear: under 2^62 a lot.
fn reach_of_lot(highest: i64, unit: i64, rate: i64) -> u64 {
    let wide = |number: i64| u128::from(number.unsigned_abs());
    let quote = wide(highest).saturating_mul(wide(unit));
    let base = quote.saturating_mul(wide(rate)) / wide(PPB) + 1;
    u64::try_from(quote.max(base)).map_or(1 << 62, |reach| reach.min(1 << 62))
}

/// No sum of values under this bound leaves 64 bits.
const SMALL: u64 = 1 << 62;

/// Sums of the values of all positions, base currency. Wider than any sum of 64-bit values can get.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Sum of values.
    pub net: i128,
    /// Sum of absolute values.
    pub gross: i128,
}

impl Totals {
    /// With one more value.
    #[inline]
    #[must_use]
    pub fn plus(self, value: i64) -> Self {
        Self {
            net: self.net + i128::from(value),
            gross: self.gross + i128::from(value.unsigned_abs()),
        }
    }

    /// Without a value that was added before.
    #[inline]
    #[must_use]
    pub fn minus(self, value: i64) -> Self {
        Self {
            net: self.net - i128::from(value),
            gross: self.gross - i128::from(value.unsigned_abs()),
        }
    }
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
    /// Instruments held.
    pub held: u32,
    /// The totals at the marks of now, if they are known: not when a mark has moved since they were asked for.
    totals: Totals,
    totals_known: bool,
    /// What all positions are worth at most, where there is more than one instrument.
    reaches: u128,
}

impl Account {
    /// The account at the start, at the rates of the first tick.
    ///
    /// # Errors
    /// A currency has no rate by then.
    pub fn new(settings: &Settings, market: &Market) -> Result<Self> {
        let first_ns = market.clock_ns.first().copied().unwrap_or(i64::MAX);
        let rate = |(series, currency): (&Vec<(i64, i64)>, &String)| {
            let known = series.iter().take_while(|rate| rate.0 <= first_ns).last();
            known
                .map(|rate| rate.1)
                .ok_or_else(|| error::settings(format!("no rate of {currency} at or before the first bar")))
        };
        let rates = settings.rates.iter().zip(&settings.currencies).map(rate);
        let rates = rates.collect::<Result<Vec<_>>>()?;
        let holding = |(instrument, highest): (&InstrumentSettings, &i64)| Holding {
            position: Position::default(),
            mark: 0,
            unit: instrument.unit,
            rate: rates[instrument.currency],
            currency: instrument.currency,
            reach_of_lot: reach_of_lot(*highest, instrument.unit, rates[instrument.currency]),
        };
        Ok(Self {
            kind: settings.account.kind,
            leverage_milli: settings.account.leverage_milli,
            cash: settings.cash.clone(),
            holdings: settings.instruments.iter().zip(&*market.highest).map(holding).collect(),
            rates,
            held: 0,
            totals: Totals::default(),
            totals_known: true,
            reaches: 0,
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
        if let ([cash], [PPB]) = (self.cash.as_slice(), self.rates.as_slice()) {
            return Ok(*cash);
        }
        self.cash_converted()
    }

    fn cash_converted(&self) -> Result<i64> {
        let mut total = 0;
        for (cash, rate) in self.cash.iter().zip(&self.rates) {
            total += i128::from(scale(*cash, *rate)?);
        }
        i64::try_from(total).map_err(|_| overflow("cash in the base currency"))
    }

    /// S-70.
    ///
    /// # Errors
    /// The sum does not fit 64 bits.
    #[inline]
    pub fn equity(&self) -> Result<i64> {
        self.equity_of(self.cash_base()?)
    }

    /// S-70, of so much cash in the base currency.
    ///
    /// # Errors
    /// The sum does not fit 64 bits.
    #[inline]
    pub fn equity_of(&self, cash: i64) -> Result<i64> {
        i64::try_from(i128::from(cash) + self.totals()?.net).map_err(|_| overflow("equity"))
    }

    /// The totals at the marks.
    ///
    /// # Errors
    /// A value does not fit 64 bits.
    #[inline]
    pub fn totals(&self) -> Result<Totals> {
        if self.totals_known {
            Ok(self.totals)
        } else {
            self.added_up()
        }
    }

    /// The totals at the marks, kept for whoever asks next.
    ///
    /// # Errors
    /// A value does not fit 64 bits.
    #[inline]
    pub fn add_up(&mut self) -> Result<Totals> {
        if !self.totals_known {
            self.set_totals(self.added_up()?);
        }
        Ok(self.totals)
    }

    /// A bound of every sum of the values of the positions held, whatever the marks.
    #[must_use]
    #[inline]
    pub fn reach(&self) -> u128 {
        match self.holdings.as_slice() {
            [holding] => holding.reach(),
            _ => self.reaches,
        }
    }

    /// Marks have moved.
    #[inline]
    pub const fn forget_totals(&mut self) {
        self.totals_known = false;
    }

    /// Totals that the caller has added up.
    #[inline]
    pub const fn set_totals(&mut self, totals: Totals) {
        self.totals = totals;
        self.totals_known = true;
    }

    fn added_up(&self) -> Result<Totals> {
        if self.rates == [PPB] && self.reach() < u128::from(SMALL) {
            return Ok(self.added_up_small());
        }
        let held = self.holdings.iter().filter(|holding| holding.position.lots != 0);
        let mut totals = Totals::default();
        for holding in held.take(self.held as usize) {
            totals = totals.plus(holding.value()?);
        }
        Ok(totals)
    }

    /// The same where no sum of values leaves 64 bits, and none is converted.
    fn added_up_small(&self) -> Totals {
        let (mut net, mut gross) = (0, 0);
        for holding in &self.holdings {
            let value = holding.worth_of_tick() * holding.mark;
            net += value;
            gross += value.abs();
        }
        Totals {
            net: i128::from(net),
            gross: i128::from(gross),
        }
    }

    /// Equity and positions (S-62) as they would be with this value of one position, and less a fee in its currency; `None`
    /// where amounts have to be converted, or are too large to be added up in 64 bits.
    #[inline]
    pub fn leverage_after(&mut self, instrument: usize, value_after: i64, fee: i64) -> Option<Leverage> {
        let ([cash], [PPB]) = (self.cash.as_slice(), self.rates.as_slice()) else {
            return None;
        };
        if self.reach() >= u128::from(SMALL) {
            return None;
        }
        let (cash, milli) = (*cash - fee, self.leverage_milli);
        let alone = self.holdings.len() == 1;
        if !alone && !self.totals_known {
            self.set_totals(self.added_up_small());
        }
        let holding = &self.holdings[instrument];
        let value = holding.worth_of_tick() * holding.mark;
        let before = if alone {
            Totals::default().plus(value)
        } else {
            self.totals
        };
        Some(Leverage {
            equity: i128::from(cash) + before.net,
            gross: before.minus(value).plus(value_after).gross,
            milli,
        })
    }

    /// Moves an instrument's mark.
    #[inline]
    pub fn mark(&mut self, instrument: usize, ticks: i64) {
        let holding = &mut self.holdings[instrument];
        holding.mark = ticks;
        if holding.position.lots != 0 {
            self.totals_known = false;
        }
    }

    /// New rates: every value is converted anew.
    pub fn set_rate(&mut self, currency: usize, ppb: i64) {
        self.rates[currency] = ppb;
        for holding in self.holdings.iter_mut().filter(|holding| holding.currency == currency) {
            holding.rate = ppb;
        }
        self.totals_known = false;
    }

    /// Books a fill.
    ///
    /// # Errors
    /// An amount does not fit 64 bits.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "an outcome that goes through memory costs as much as its arithmetic"
    )]
    pub fn apply(&mut self, instrument: usize, outcome: &Outcome, fee: i64) -> Result<()> {
        let holding = &mut self.holdings[instrument];
        let cash = &mut self.cash[holding.currency];
        let left = i128::from(*cash) - i128::from(outcome.paid) - i128::from(fee);
        *cash = i64::try_from(left).map_err(|_| overflow("cash"))?;
        let before = *holding;
        holding.position = outcome.position;
        self.follow(instrument, &before);
        Ok(())
    }

    /// Brings what is known of all positions up to date with one that has changed.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "see `apply`")]
    pub(crate) fn follow(&mut self, instrument: usize, before: &Holding) {
        let alone = self.holdings.len() == 1;
        let holding = &self.holdings[instrument];
        self.held = self.held + u32::from(holding.position.lots != 0) - u32::from(before.position.lots != 0);
        if !alone {
            self.reaches = self.reaches + holding.reach() - before.reach();
        }
        // A position that is filled when nobody has asked for totals needs none now either.
        if self.totals_known {
            match (before.fitting_value(), holding.fitting_value()) {
                (Some(old), Some(new)) => self.totals = self.totals.minus(old).plus(new),
                _ => self.totals_known = false,
            }
        }
    }

    /// Wallet and margins (S-63) as they would be with this outcome in this instrument, base currency.
    ///
    /// # Errors
    /// A sum does not fit 64 bits.
    pub fn free_after(&self, instrument: usize, outcome: &Outcome, fee: i64) -> Result<i128> {
        let own = self.holdings[instrument].currency;
        let mut left = 0;
        for (currency, cash) in self.cash.iter().enumerate() {
            let change = if currency == own { sum(outcome.paid, fee)? } else { 0 };
            left += i128::from(self.in_base(sum(*cash, -change)?, currency)?);
        }
        for (at, holding) in self.holdings.iter().enumerate() {
            let position = if at == instrument {
                outcome.position
            } else {
                holding.position
            };
            left += i128::from(scale(position.cost, holding.rate)?);
            left -= i128::from(scale(position.margin, holding.rate)?);
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
