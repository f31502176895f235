//! State folded from facts after a run: positions, round trips, postings (S-67, S-71).

use crate::codes::{FlowKind, Ledger};
use crate::error::Result;
use crate::position::{Outcome, Position, share};
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

/// A position while fills go by, with what its trades will need.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lot {
    /// What is held.
    pub position: Position,
    /// Entry fees that no trade has taken yet.
    fees: i64,
    /// Tick of the first fill since flat.
    opened: i32,
}

/// What a fill did to a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The part that it closed.
    pub closed: Option<Trade>,
    /// The position afterwards, and the cash.
    pub outcome: Outcome,
}

impl Lot {
    /// Takes a fill.
    ///
    /// # Errors
    /// An amount does not fit 64 bits.
    #[inline]
    pub fn take(&mut self, fill: &Fill, unit: i64) -> Result<Step> {
        let side = i64::from(fill.side);
        let held = self.position.lots;
        let outcome = self.position.after(side, fill.quantity, fill.price, unit, None)?;
        let closing = if held.signum() == -side {
            fill.quantity.min(held.abs())
        } else {
            0
        };
        let mut exit_fee = 0;
        let mut closed = None;
        if closing > 0 {
            exit_fee = share(fill.fee, closing, fill.quantity)?;
            closed = Some(self.close(fill, closing, exit_fee, unit)?);
        }
        if closing == held.abs() {
            self.opened = fill.clock;
        }
        self.fees = sum(self.fees, fill.fee - exit_fee)?;
        self.position = outcome.position;
        Ok(Step { closed, outcome })
    }

    fn close(&mut self, fill: &Fill, closing: i64, exit_fee: i64, unit: i64) -> Result<Trade> {
        let held = self.position.lots.abs();
        let entry_fee = share(self.fees, closing, held)?;
        self.fees -= entry_fee;
        let cost = share(self.position.cost, closing, held)?.abs();
        let proceeds = crate::units::worth(closing, fill.price, unit)?;
        let fees = sum(entry_fee, exit_fee)?;
        let side = -fill.side;
        Ok(Trade {
            instrument: fill.instrument,
            side,
            quantity: closing,
            opened: self.opened,
            closed: fill.clock,
            cost,
            proceeds,
            fees,
            profit: sum(i64::from(side) * sum(proceeds, -cost)?, -fees)?,
            order: fill.order,
        })
    }
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
        let before = lot.position.cost;
        let Step { closed, outcome } = lot.take(fill, unit)?;
        self.trades.extend(closed);
        self.positions.push(PositionRow {
            clock: fill.clock,
            instrument: fill.instrument,
            position: outcome.position.lots,
            cost: outcome.position.cost,
            realised: outcome.realised,
        });
        let legs = [
            (Ledger::Cash, sum(-outcome.paid, -fill.fee)?),
            (Ledger::Holding, sum(outcome.position.cost, -before)?),
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
}
