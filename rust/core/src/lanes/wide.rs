//! The seam for wider instructions: the core is written in plain loops, somebody else says for which machine.

/// A piece of work whose loops a machine with wide registers runs faster. Implementations are inlined into the caller.
pub trait Work {
    /// What it gives.
    type Output;

    /// Does it.
    fn go(self) -> Self::Output;
}

/// A set of instructions that work can be compiled for. The numbers are the same whatever the set.
pub trait Wide: Copy + Send + Sync {
    /// Does a piece of work with these instructions.
    fn run<W: Work>(self, work: W) -> W::Output;

    /// Whether a product and a sum rounded once ([`f64::mul_add`]) is one instruction here.
    fn fuses(self) -> bool {
        false
    }
}

/// What every machine has.
#[derive(Debug, Clone, Copy)]
pub struct Baseline;

impl Wide for Baseline {
    #[inline]
    fn run<W: Work>(self, work: W) -> W::Output {
        work.go()
    }
}
