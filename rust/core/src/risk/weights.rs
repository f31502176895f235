//! Targets weighted by score: what many traders hold, as one portfolio.

use crate::error::{Result, overflow};

/// One trader's position in one token, or that he holds none (`amount` 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vote {
    /// Number of the trader in the group.
    pub trader: u32,
    /// His score, parts per billion.
    pub score: i64,
    /// Number of the token and side in the group.
    pub bucket: u32,
    /// What a copy of the position would be, minor units.
    pub amount: i64,
}

/// `⌊Σ score · amount / Σ score⌋` for each bucket; a trader's score counts once, whether he holds much, little or nothing.
///
/// # Errors
/// A sum does not fit.
pub fn weighted(votes: &[Vote], traders: usize, out: &mut [i64]) -> Result<()> {
    let mut counted = vec![false; traders];
    let mut scores: i128 = 0;
    let mut sums = vec![0_i128; out.len()];
    for vote in votes {
        if !std::mem::replace(&mut counted[vote.trader as usize], true) {
            scores += i128::from(vote.score);
        }
        let product = i128::from(vote.score) * i128::from(vote.amount);
        let sum = &mut sums[vote.bucket as usize];
        *sum = sum.checked_add(product).ok_or_else(|| overflow("a weighted target"))?;
    }
    for (target, sum) in out.iter_mut().zip(sums) {
        let mean = if scores == 0 { 0 } else { sum / scores };
        *target = i64::try_from(mean).map_err(|_| overflow("a weighted target"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vote(trader: u32, score: i64, bucket: u32, amount: i64) -> Vote {
        Vote {
            trader,
            score,
            bucket,
            amount,
        }
    }

    #[test]
    fn a_score_counts_once() {
        let votes = [
            vote(0, 6, 0, 1_000),
            vote(0, 6, 1, 500),
            vote(1, 3, 0, 100),
            vote(2, 1, 0, 0),
        ];
        let mut out = [0; 2];
        weighted(&votes, 3, &mut out).unwrap();
        assert_eq!(out, [(6 * 1_000 + 3 * 100) / 10, 6 * 500 / 10]);
    }

    #[test]
    fn nobody_with_a_score_is_nothing() {
        let mut out = [7; 1];
        weighted(&[vote(0, 0, 0, 1_000)], 1, &mut out).unwrap();
        assert_eq!(out, [0]);
    }

    #[test]
    fn it_is_rounded_down() {
        let mut out = [0; 1];
        weighted(&[vote(0, 2, 0, 1), vote(1, 1, 0, 0)], 2, &mut out).unwrap();
        assert_eq!(out, [0]);
    }
}
