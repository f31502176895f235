//! State folded from facts after a run: positions, round trips, postings (S-67, S-71).

use crate::account::{Position, share};
use crate::codes::{FlowKind, Ledger};
use crate::error::Result;
use crate::record::{Fill, Flow, Record};
use crate::settings::Settings;
use crate::units::sum;

/// A position after a fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PositionRow {
    /// Tick of the clock.
    pub clock: i32,
    /// Instrument.
    pub instrument: u16,
    /// Signed lots.
    pub position: i64,
    /// Cost, minor units.
    pub cost: i64,
    /// Realised by this fill, before its fee.
    pub realised: i64,
}

/// A closed part of a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trade {
    /// Instrument.
    pub instrument: u16,
    /// +1 was long.
    pub side: i8,
    /// Lots closed.
    pub quantity: i64,
    /// Tick of the first fill since flat.
    pub opened: i32,
    /// Tick of the closing fill.
    pub closed: i32,
    /// Cost released, absolute.
    pub cost: i64,
    /// Value at the closing price.
    pub proceeds: i64,
    /// Share of entry and exit fees.
    pub fees: i64,
    /// Profit after fees.
    pub profit: i64,
    /// The closing order.
    pub order: u32,
}

/// One line of the double-entry ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posting {
    /// 0 fill, 1 flow, 2 opening capital.
    pub source: u8,
    /// Row of that table.
    pub row: u32,
    /// Account.
    pub account: Ledger,
    /// Instrument.
    pub instrument: u16,
    /// Currency.
    pub currency: u8,
    /// Signed minor units.
    pub amount: i64,
}

/// One table after the other, from the record alone.
#[derive(Debug, Default)]
pub struct Folded {
    /// A row a fill.
    pub positions: Vec<PositionRow>,
    /// A row a closing part.
    pub trades: Vec<Trade>,
    /// Sums to zero per source row and currency.
    pub postings: Vec<Posting>,
}

#[derive(Clone, Copy, Default)]
struct Lot {
    position: Position,
    fees: i64,
    opened: i32,
}

/// Folds the record of a run.
///
/// # Errors
/// An amount does not fit 64 bits.
pub fn fold(record: &Record, settings: &Settings) -> Result<Folded> {
    let mut folded = Folded::default();
    let mut lots = vec![Lot::default(); settings.instruments.len()];
    for (row, fill) in (0_u32..).zip(&record.fills) {
        let at = usize::from(fill.instrument);
        let instrument = &settings.instruments[at];
        folded.add_fill(row, fill, &mut lots[at], instrument.unit, narrow(instrument.currency))?;
    }
    for (row, flow) in (0_u32..).zip(&record.flows) {
        folded.post_pair(
            1,
            row,
            (Ledger::Cash, counter(flow.kind)),
            flow.instrument,
            flow.currency,
            flow.amount,
        );
    }
    for (currency, cash) in settings.cash.iter().enumerate() {
        folded.post_pair(
            2,
            0,
            (Ledger::Cash, Ledger::Capital),
            Flow::NO_INSTRUMENT,
            narrow(currency),
            *cash,
        );
    }
    Ok(folded)
}

fn narrow(currency: usize) -> u8 {
    u8::try_from(currency).unwrap_or(u8::MAX)
}

const fn counter(kind: FlowKind) -> Ledger {
    match kind {
        FlowKind::Deposit | FlowKind::Withdrawal => Ledger::Capital,
        FlowKind::Funding => Ledger::Funding,
        FlowKind::Borrow => Ledger::Borrow,
        FlowKind::Conversion => Ledger::Conversion,
        FlowKind::Insurance => Ledger::Insurance,
    }
}

impl Folded {
    fn post(&mut self, posting: Posting) {
        if posting.amount != 0 {
            self.postings.push(posting);
        }
    }

    fn post_pair(
        &mut self,
        source: u8,
        row: u32,
        accounts: (Ledger, Ledger),
        instrument: u16,
        currency: u8,
        amount: i64,
    ) {
        self.post(Posting {
            source,
            row,
            account: accounts.0,
            instrument,
            currency,
            amount,
        });
        self.post(Posting {
            source,
            row,
            account: accounts.1,
            instrument,
            currency,
            amount: -amount,
        });
    }

    fn add_fill(&mut self, row: u32, fill: &Fill, lot: &mut Lot, unit: i64, currency: u8) -> Result<()> {
        let side = i64::from(fill.side);
        let before = *lot;
        let outcome = before.position.after(side, fill.quantity, fill.price, unit, None)?;
        let closing = if before.position.lots.signum() == -side {
            fill.quantity.min(before.position.lots.abs())
        } else {
            0
        };
        let exit_fee = if closing > 0 {
            share(fill.fee, closing, fill.quantity)?
        } else {
            0
        };
        if closing > 0 {
            self.add_trade(fill, lot, closing, exit_fee, unit)?;
        }
        if before.position.lots == 0 || closing == before.position.lots.abs() {
            lot.opened = fill.clock;
        }
        lot.fees = sum(lot.fees, fill.fee - exit_fee)?;
        lot.position = outcome.position;
        self.positions.push(PositionRow {
            clock: fill.clock,
            instrument: fill.instrument,
            position: outcome.position.lots,
            cost: outcome.position.cost,
            realised: outcome.realised,
        });
        let change = outcome.position.cost - before.position.cost;
        let legs = [
            (Ledger::Cash, sum(-outcome.paid, -fill.fee)?),
            (Ledger::Holding, change),
            (Ledger::Realised, -outcome.realised),
            (Ledger::Commission, fill.fee),
        ];
        for (account, amount) in legs {
            self.post(Posting {
                source: 0,
                row,
                account,
                instrument: fill.instrument,
                currency,
                amount,
            });
        }
        Ok(())
    }

    fn add_trade(&mut self, fill: &Fill, lot: &mut Lot, closing: i64, exit_fee: i64, unit: i64) -> Result<()> {
        let held = lot.position.lots.abs();
        let entry_fee = share(lot.fees, closing, held)?;
        lot.fees -= entry_fee;
        let cost = share(lot.position.cost, closing, held)?.abs();
        let proceeds = crate::units::worth(closing, fill.price, unit)?;
        let fees = sum(entry_fee, exit_fee)?;
        let side = -fill.side;
        self.trades.push(Trade {
            instrument: fill.instrument,
            side,
            quantity: closing,
            opened: lot.opened,
            closed: fill.clock,
            cost,
            proceeds,
            fees,
            profit: sum(i64::from(side) * sum(proceeds, -cost)?, -fees)?,
            order: fill.order,
        });
        Ok(())
    }
}
