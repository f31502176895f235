//! Comparisons of a block of bars, as bits.

use super::rule::{Condition, DEPTH, Token};

/// Bars in a block.
pub(super) const BLOCK: usize = 256;
/// Words of bits in a block.
pub(super) const WORDS: usize = BLOCK / 64;

/// One block of a column.
pub(super) type Cells = [f64; BLOCK];
/// One block of truth values; bit `i` of word `w` is bar `64 w + i`.
pub(super) type Bits = [u64; WORDS];

/// Whether each value on the left is above (or, if not `strict`, equal to) the one on the right.
#[inline(always)]
pub(super) fn compare(left: &Cells, right: &Cells, strict: bool) -> Bits {
    if strict {
        pack(left, right, |left, right| left > right)
    } else {
        pack(left, right, |left, right| left >= right)
    }
}

#[inline(always)]
fn pack(left: &Cells, right: &Cells, test: impl Fn(f64, f64) -> bool) -> Bits {
    // Plain loops: a closure that is not inlined would be compiled for any machine.
    let mut truths = [0_u8; BLOCK];
    for bar in 0..BLOCK {
        truths[bar] = u8::from(test(left[bar], right[bar]));
    }
    let mut bits = [0; WORDS];
    let (eights, _) = truths.as_chunks::<8>();
    for (place, eight) in eights.iter().enumerate() {
        bits[place / 8] |= gathered(*eight) << (place % 8 * 8);
    }
    bits
}

/// Eight bytes of 0 or 1 as eight bits: the product brings bit `8 i` to place `56 + i`, and no two meet elsewhere.
#[inline(always)]
fn gathered(eight: [u8; 8]) -> u64 {
    u64::from_le_bytes(eight).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

impl Condition {
    /// The condition over a block; `cells` gives the block of an operand.
    #[inline(always)]
    pub(super) fn over<'a>(&self, cells: impl Fn(u32) -> &'a Cells) -> Bits {
        if let [Token::Above(left, right)] = self.0[..] {
            return compare(cells(left), cells(right), true);
        }
        let mut stack = [[0; WORDS]; DEPTH + 1];
        let mut height = 0;
        for token in &self.0 {
            match *token {
                Token::Above(left, right) => stack[height] = compare(cells(left), cells(right), true),
                Token::Reaches(left, right) => stack[height] = compare(cells(left), cells(right), false),
                Token::And => {
                    height -= 2;
                    let [first, second] = two(&mut stack, height);
                    for (first, second) in first.iter_mut().zip(second) {
                        *first &= *second;
                    }
                }
                Token::Or => {
                    height -= 2;
                    let [first, second] = two(&mut stack, height);
                    for (first, second) in first.iter_mut().zip(second) {
                        *first |= *second;
                    }
                }
            }
            height += 1;
        }
        stack[0]
    }
}

/// Two neighbours on the stack.
#[inline(always)]
fn two(stack: &mut [Bits], at: usize) -> [&mut Bits; 2] {
    let (first, second) = stack.split_at_mut(at + 1);
    [&mut first[at], &mut second[0]]
}
