//! What holding costs: rates, borrow and funding, before the open (S-72 to S-74).

use super::Engine;
use crate::codes::FlowKind;
use crate::error::{Result, overflow};
use crate::record::Flow;
use crate::units::{scale, sum, worth};

const YEAR_NS: i128 = 365 * 86_400 * 1_000_000_000;

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
        let value = i128::from(worth(holding.position.lots, holding.mark, holding.unit)?.abs());
        let divisor = 1_000_000_000 * YEAR_NS;
        let product = value
            .checked_mul(i128::from(rate) * i128::from(elapsed_ns))
            .ok_or_else(|| overflow("a borrow fee"))?;
        let amount = i64::try_from((product + divisor / 2) / divisor).map_err(|_| overflow("a borrow fee"))?;
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
            let amount = value.signum() * rate.signum() * scale(value.abs(), rate.abs())?;
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
