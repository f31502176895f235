//! What holding costs: rates, borrow and funding, before the open (S-72 to S-74).

use super::Engine;
use crate::codes::FlowKind;
use crate::error::{Result, overflow};
use crate::record::Flow;
use crate::units::{scale, sum, worth};

const YEAR_NS: u128 = 365 * 86_400 * 1_000_000_000;

impl Engine {
    pub(super) fn change_rates(&mut self) {
        for currency in 0..self.next_rate.len() {
            let series = &self.settings.rates[currency];
            let mut next = self.next_rate[currency] as usize;
            let mut rate = None;
            while next < series.len() && series[next].0 <= self.time_ns {
                rate = Some(series[next].1);
                next += 1;
            }
            #[expect(clippy::cast_possible_truncation, reason = "far fewer rates than 2^32")]
            {
                self.next_rate[currency] = next as u32;
            }
            if let Some(ppb) = rate
                && ppb != self.account.rates[currency]
            {
                self.account.set_rate(currency, ppb);
            }
        }
    }

    pub(super) fn carry(&mut self, last_time_ns: Option<i64>) -> Result<()> {
        if let Some(last) = last_time_ns {
            for instrument in 0..self.books.len() {
                self.pay_borrow(instrument, self.time_ns - last)?;
            }
        }
        (0..self.books.len()).try_for_each(|instrument| self.pay_funding(instrument))
    }

    fn pay_borrow(&mut self, instrument: usize, elapsed_ns: i64) -> Result<()> {
        let holding = &self.account.holdings[instrument];
        let rate = self.settings.instruments[instrument].borrow_ppb;
        if rate == 0 || holding.position.lots >= 0 {
            return Ok(());
        }
        let value = worth(holding.position.lots, holding.mark, holding.unit)?.unsigned_abs();
        let amount = wide_ratio(value, wide(rate) * wide(elapsed_ns), 1_000_000_000 * YEAR_NS);
        let amount = amount.and_then(|amount| i64::try_from(amount).ok());
        let amount = amount.ok_or_else(|| overflow("a borrow fee"))?;
        self.flow(FlowKind::Borrow, instrument, -amount)
    }

    fn pay_funding(&mut self, instrument: usize) -> Result<()> {
        while let Some(&(due_ns, rate)) = self.settings.instruments[instrument]
            .funding
            .get(self.next_funding[instrument] as usize)
        {
            if due_ns > self.time_ns {
                break;
            }
            self.next_funding[instrument] += 1;
            let holding = &self.account.holdings[instrument];
            let value = worth(holding.position.lots, holding.mark, holding.unit)?;
            let amount = rate.signum() * scale(value, rate)?;
            self.flow(FlowKind::Funding, instrument, -amount)?;
        }
        Ok(())
    }

    /// Cash of an instrument's currency comes or goes.
    pub(super) fn flow(&mut self, kind: FlowKind, instrument: usize, amount: i64) -> Result<()> {
        let currency = self.account.holdings[instrument].currency;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "settings bound the number of instruments"
        )]
        self.flow_of(kind, instrument as u16, currency, amount)
    }

    /// Cash of a currency comes or goes.
    pub(super) fn flow_of(&mut self, kind: FlowKind, instrument: u16, currency: usize, amount: i64) -> Result<()> {
        if amount == 0 {
            return Ok(());
        }
        self.keep_cash()?;
        self.account.cash[currency] = sum(self.account.cash[currency], amount)?;
        self.calm = false;
        #[expect(clippy::cast_possible_truncation, reason = "fewer than 256 currencies")]
        self.record.flows.push(Flow {
            amount,
            clock: self.clock,
            instrument,
            currency: currency as u8,
            kind,
        });
        Ok(())
    }
}

fn wide(number: i64) -> u128 {
    u128::from(number.unsigned_abs())
}

/// `a · m / d` to the nearest, half up, though the product may need more than 128 bits: `a` is taken in two halves.
fn wide_ratio(a: u64, m: u128, d: u128) -> Option<u128> {
    let (high, low) = (u128::from(a >> 32), u128::from(a & 0xFFFF_FFFF));
    let upper = high.checked_mul(m)?;
    let rest = ((upper % d) << 32)
        .checked_add(low.checked_mul(m)?)?
        .checked_add(d / 2)?;
    (upper / d).checked_mul(1 << 32)?.checked_add(rest / d)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_ratio_is_exact() {
        let day = 5 * 10_u128.pow(8) * 86_400 * 10_u128.pow(9);
        let year = 1_000_000_000 * YEAR_NS;
        // ⌊(9·10¹⁸ · 5·10⁸ · 86 400·10⁹ + d/2) / d⌋ with d = 10⁹ · 31 536 000·10⁹
        assert_eq!(wide_ratio(9 * 10_u64.pow(18), day, year), Some(12_328_767_123_287_671));
        assert_eq!(wide_ratio(7, 3, 2), Some(11));
        assert_eq!(wide_ratio(u64::MAX, u128::MAX, 1), None);
    }
}
