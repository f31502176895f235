//! Which instructions this machine has, and the only place where work is handed to functions compiled for them.
//!
//! The loops of lanes are plain Rust in the core. Compiled inside a function that may use wider registers they become
//! wider; that the machine has those registers is asked once, and the answer is a value that cannot be made otherwise.

use triplebar_core::lanes::{Baseline, Wide, Work};
use triplebar_core::stretch::Adder;

/// The sets of instructions that work can be compiled for, widest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What every machine has.
    Baseline,
    /// 256 bits: AVX2.
    Avx2,
    /// 512 bits: AVX-512 (F, BW, DQ, VL).
    Avx512,
}

impl Level {
    /// All levels.
    pub const ALL: [Self; 3] = [Self::Baseline, Self::Avx2, Self::Avx512];

    /// Its name.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// Whether this machine has it.
    #[must_use]
    pub fn is_here(self) -> bool {
        match self {
            Self::Baseline => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => x86::Avx2::detect().is_some(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => x86::Avx512::detect().is_some(),
            #[cfg(not(target_arch = "x86_64"))]
            _ => false,
        }
    }

    /// The widest level that this machine has.
    #[must_use]
    pub fn widest() -> Self {
        let here = Self::ALL.into_iter().rev().find(|level| level.is_here());
        here.unwrap_or(Self::Baseline)
    }

    /// Who adds up what positions are worth at this level.
    #[must_use]
    pub const fn adder(self) -> &'static dyn Adder {
        match self {
            Self::Baseline => &Self::Baseline,
            Self::Avx2 => &Self::Avx2,
            Self::Avx512 => &Self::Avx512,
        }
    }
}

/// A level is itself a set of instructions: one that the machine does not have falls back to the baseline.
impl Wide for Level {
    #[inline]
    fn run<W: Work>(self, work: W) -> W::Output {
        #[cfg(target_arch = "x86_64")]
        {
            if self == Self::Avx512
                && let Some(wide) = x86::Avx512::detect()
            {
                return wide.run(work);
            }
            if self == Self::Avx2
                && let Some(wide) = x86::Avx2::detect()
            {
                return wide.run(work);
            }
        }
        Baseline.run(work)
    }

    /// AVX-512 has it always; AVX2 has a flag of its own for it, which nobody asks for.
    #[inline]
    fn fuses(self) -> bool {
        self == Self::Avx512 && self.is_here()
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use triplebar_core::lanes::{Wide, Work};

    macro_rules! instructions {
        ($(#[$about:meta])* $name:ident, $features:literal, [$($feature:tt),+]) => {
            $(#[$about])*
            #[derive(Debug, Clone, Copy)]
            pub(super) struct $name(());

            impl $name {
                /// The only way to make one: asking the machine. The answer is cached by the standard library.
                #[inline]
                pub(super) fn detect() -> Option<Self> {
                    (true $(&& std::arch::is_x86_feature_detected!($feature))+).then_some(Self(()))
                }
            }

            impl Wide for $name {
                #[inline]
                #[expect(unsafe_code, reason = "the compiler cannot see that the machine was asked")]
                fn run<W: Work>(self, work: W) -> W::Output {
                    #[target_feature(enable = $features)]
                    fn compiled<W: Work>(work: W) -> W::Output {
                        work.go()
                    }
                    // SAFETY: `self` exists only if `detect` has found every one of these features on this machine.
                    unsafe { compiled(work) }
                }
            }
        };
    }

    instructions! {
        /// 256-bit registers.
        Avx2, "avx2,bmi1,bmi2,lzcnt,popcnt", ["avx2", "bmi1", "bmi2", "lzcnt", "popcnt"]
    }

    instructions! {
        /// 512-bit registers.
        Avx512, "avx512f,avx512bw,avx512dq,avx512vl,avx2,bmi1,bmi2,lzcnt,popcnt",
        ["avx512f", "avx512bw", "avx512dq", "avx512vl", "avx2", "bmi1", "bmi2", "lzcnt", "popcnt"]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Add<'a>(&'a [f64]);

    impl Work for Add<'_> {
        type Output = f64;

        #[inline]
        fn go(self) -> f64 {
            self.0.iter().sum()
        }
    }

    #[test]
    fn every_level_does_the_same_work() {
        let values: Vec<f64> = (0..1000).map(|value| f64::from(value) / 7.0).collect();
        let expected = Baseline.run(Add(&values));
        for level in Level::ALL {
            assert_eq!(
                level.run(Add(&values)).to_bits(),
                expected.to_bits(),
                "{}",
                level.text()
            );
        }
    }

    #[test]
    fn the_widest_level_is_here() {
        assert!(Level::widest().is_here());
        assert!(Level::Baseline.is_here());
        assert!(Level::Baseline < Level::Avx512);
    }
}
