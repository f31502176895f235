//! The overlay: the targets of one group under all caps, in the order of R-10.

use super::bound::{Bound, Step, Steps};
use super::caps::{Budget, Caps};
use super::steps::{self, Position};
use crate::error::Result;
use crate::units::sum;
use std::cmp::{Ordering, Reverse};

/// The names of tokens, row by row.
pub trait Names {
    /// A number that never orders two names the other way round than [`Names::compare`].
    fn key(&self, row: usize) -> u64;
    /// The order of two names.
    fn compare(&self, one: usize, other: usize) -> Ordering;
}

/// The columns of all groups.
#[derive(Debug, Clone, Copy)]
pub struct Targets<'a, N> {
    /// The tokens.
    pub names: &'a N,
    /// +1 long, -1 short.
    pub sides: &'a [i8],
    /// What is wanted, minor units, not negative.
    pub amounts: &'a [i64],
}

/// Where the answers go, row by row.
#[derive(Debug)]
pub struct Capped<'a> {
    /// What may be, minor units.
    pub amounts: &'a mut [i64],
    /// What bound, a [`Bound`].
    pub bounds: &'a mut [u8],
}

/// The overlay with its scratch space, kept from group to group.
#[derive(Debug, Clone)]
pub struct Overlay {
    caps: Caps,
    taken: Steps,
    rows: Vec<Row>,
    positions: Vec<Position>,
    /// First row of each position in `rows`, and one more.
    starts: Vec<u32>,
    places: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    key: u64,
    amount: i64,
    at: u32,
    side: i8,
}

/// The order of two rows by the names of their tokens.
#[inline]
fn by_name<N: Names>(names: &N, one: &Row, other: &Row) -> Ordering {
    if one.key == other.key {
        names.compare(one.at as usize, other.at as usize)
    } else {
        one.key.cmp(&other.key)
    }
}

impl Overlay {
    /// An overlay that takes some steps, or [`Steps::ALL`].
    #[must_use]
    pub const fn new(caps: Caps, taken: Steps) -> Self {
        Self {
            caps,
            taken,
            rows: Vec::new(),
            positions: Vec::new(),
            starts: Vec::new(),
            places: Vec::new(),
        }
    }

    /// Caps the rows of one group, which share an account worth `account` minor units.
    ///
    /// # Errors
    /// A sum does not fit 64 bits.
    pub fn apply<N: Names>(
        &mut self,
        targets: &Targets<'_, N>,
        rows: impl Iterator<Item = u32>,
        account: i64,
        out: &mut Capped<'_>,
    ) -> Result<()> {
        self.gather(targets, rows)?;
        if account <= 0 {
            steps::cap_each(&mut self.positions, 0, Bound::Account);
        } else {
            let budget = self.caps.budget(account);
            self.take_steps(&budget)?;
            debug_assert!(self.holds(&budget)?, "a cap is broken: {:?}", self.positions);
        }
        self.share(out);
        Ok(())
    }

    /// The rank of each row's position among what is left after the steps before ranking, 1 for the largest; 0 for none.
    ///
    /// # Errors
    /// A sum does not fit 64 bits.
    pub fn rank<N: Names>(
        &mut self,
        targets: &Targets<'_, N>,
        rows: impl Iterator<Item = u32>,
        ranks: &mut [u32],
    ) -> Result<()> {
        self.gather(targets, rows)?;
        if self.taken.has(Step::Net) {
            steps::net(&mut self.positions);
        }
        steps::rank(&self.positions, &mut self.places);
        for (rank, place) in (1_u32..).zip(&self.places) {
            for row in self.rows_of(*place as usize) {
                ranks[row.at as usize] = rank;
            }
        }
        Ok(())
    }

    /// Sums the rows to positions, in the order of the tokens' names.
    fn gather<N: Names>(&mut self, targets: &Targets<'_, N>, rows: impl Iterator<Item = u32>) -> Result<()> {
        let names = targets.names;
        self.rows.clear();
        self.rows.extend(rows.map(|at| Row {
            key: names.key(at as usize),
            amount: targets.amounts[at as usize],
            at,
            side: targets.sides[at as usize],
        }));
        let detail = |row: &Row| (Reverse(row.side), Reverse(row.amount), row.at);
        self.rows
            .sort_unstable_by(|one, other| by_name(names, one, other).then_with(|| detail(one).cmp(&detail(other))));
        self.positions.clear();
        self.starts.clear();
        let mut before: Option<Row> = None;
        for (start, row) in (0_u32..).zip(&self.rows) {
            let Row { side, amount, .. } = *row;
            let same = before.is_some_and(|before| by_name(names, &before, row) == Ordering::Equal);
            before = Some(*row);
            match self.positions.last_mut() {
                Some(last) if same && last.side == side => last.amount = sum(last.amount, amount)?,
                last => {
                    let token = last.map_or(0, |last| last.token + u32::from(!same));
                    let bound = Bound::None;
                    self.starts.push(start);
                    self.positions.push(Position {
                        token,
                        side,
                        amount,
                        bound,
                    });
                }
            }
        }
        Ok(())
    }

    fn take_steps(&mut self, budget: &Budget) -> Result<()> {
        let (taken, positions) = (self.taken, self.positions.as_mut_slice());
        if taken.has(Step::Net) {
            steps::net(positions);
        }
        if taken.has(Step::Positions) {
            steps::keep(positions, budget.positions, &mut self.places);
        }
        if taken.has(Step::PerPosition) {
            steps::cap_each(positions, budget.position, budget.position_by);
        }
        if taken.has(Step::PerToken) {
            steps::cap_tokens(positions, budget.token)?;
        }
        if taken.has(Step::Direction) {
            steps::cap_sides(positions, budget.long, budget.short)?;
        }
        if taken.has(Step::Total) {
            steps::cap_sum(positions, budget.total, Bound::Total)?;
        }
        if taken.has(Step::Leverage) {
            steps::cap_sum(positions, budget.leverage, Bound::Leverage)?;
        }
        Ok(())
    }

    /// Whether every cap holds that was asked for.
    fn holds(&self, budget: &Budget) -> Result<bool> {
        let (taken, positions) = (self.taken, self.positions.as_slice());
        let open = positions.iter().filter(|one| one.amount > 0);
        let caps = [
            (Step::Positions, open.clone().count() <= budget.positions),
            (Step::PerPosition, open.clone().all(|one| one.amount <= budget.position)),
            (Step::PerToken, open.clone().all(|one| one.amount <= budget.token)),
            (
                Step::Direction,
                steps::total(positions, Some(1))? <= budget.long && steps::total(positions, Some(-1))? <= budget.short,
            ),
            (Step::Total, steps::total(positions, None)? <= budget.total),
            (Step::Leverage, steps::total(positions, None)? <= budget.leverage),
        ];
        Ok(caps.iter().all(|(step, holds)| !taken.has(*step) || *holds))
    }

    /// what a position may be goes to its rows in proportion; the parts sum to the whole.
    fn share(&self, out: &mut Capped<'_>) {
        for (place, position) in self.positions.iter().enumerate() {
            let rows = self.rows_of(place);
            let whole: i64 = rows.iter().map(|row| row.amount).sum();
            let (mut wanted, mut given) = (0, 0);
            for row in rows {
                wanted += row.amount;
                let so_far = if wanted == whole {
                    position.amount
                } else {
                    steps::proportion(wanted, position.amount, whole)
                };
                let (may, at) = (so_far - given, row.at as usize);
                given = so_far;
                out.amounts[at] = may;
                out.bounds[at] = if may < row.amount { position.bound } else { Bound::None } as u8;
            }
        }
    }

    fn rows_of(&self, place: usize) -> &[Row] {
        let end = self.starts.get(place + 1).map_or(self.rows.len(), |end| *end as usize);
        &self.rows[self.starts[place] as usize..end]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::risk::CapsConfig;

    const WIDE: Budget = Budget {
        position: i64::MAX,
        position_by: Bound::PerPosition,
        token: i64::MAX,
        long: i64::MAX,
        short: i64::MAX,
        total: i64::MAX,
        leverage: i64::MAX,
        positions: usize::MAX,
    };

    /// 60 long in one token, 40 short in another, nothing in a third.
    fn held(taken: Steps) -> Overlay {
        let mut overlay = Overlay::new(Caps::new(CapsConfig::default()).unwrap(), taken);
        let position = |token, side, amount| Position {
            token,
            side,
            amount,
            bound: Bound::None,
        };
        overlay.positions = vec![position(0, 1, 60), position(1, -1, 40), position(2, 1, 0)];
        overlay
    }

    #[test]
    fn a_broken_cap_is_noticed() {
        let edges = |set: fn(&mut Budget, i64), most: i64| {
            [most, most - 1].map(|most| {
                let mut budget = WIDE;
                set(&mut budget, most);
                budget
            })
        };
        for (step, [kept, broken]) in [
            (
                Step::Positions,
                edges(|budget, most| budget.positions = usize::try_from(most).unwrap(), 2),
            ),
            (Step::PerPosition, edges(|budget, most| budget.position = most, 60)),
            (Step::PerToken, edges(|budget, most| budget.token = most, 60)),
            (Step::Direction, edges(|budget, most| budget.long = most, 60)),
            (Step::Direction, edges(|budget, most| budget.short = most, 40)),
            (Step::Total, edges(|budget, most| budget.total = most, 100)),
            (Step::Leverage, edges(|budget, most| budget.leverage = most, 100)),
        ] {
            assert!(held(Steps::ALL).holds(&kept).unwrap(), "{step:?}");
            assert!(!held(Steps::ALL).holds(&broken).unwrap(), "{step:?}");
            assert!(!held(Steps::of(&[step])).holds(&broken).unwrap(), "{step:?}");
            assert!(held(Steps::of(&[Step::Net])).holds(&broken).unwrap(), "{step:?}");
        }
    }
}
