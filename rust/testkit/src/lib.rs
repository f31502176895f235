//! Generators, a scripted strategy, slow oracles and audits for the core (development only).
//!
//! A [`case::Case`] is a market, settings and a script; [`case::Case::run`] gives its [`facts::Facts`]; [`audit`],
//! [`costs`] and [`oracle`] say what must hold for them whatever the case.

pub mod action;
pub mod audit;
pub mod bars;
pub mod case;
pub mod costs;
pub mod facts;
pub mod host;
pub mod markets;
pub mod oracle;
pub mod plain;
pub mod portfolio;
pub mod scripts;
pub mod settings;

use proptest::test_runner::{Config, FileFailurePersistence, RngSeed};

/// What an audit says: nothing, or what is wrong and where.
pub type Verdict = Result<(), String>;

/// The configuration of all properties: the same cases on every machine, unless `PROPTEST_RNG_SEED` or
/// `PROPTEST_CASES` ask for others.
#[must_use]
pub fn config(regressions: &'static str) -> Config {
    let mut config = Config {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(regressions))),
        ..Config::default()
    };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(20_240_101);
    }
    config
}

/// An error with its place, if a thing that must hold does not.
///
/// # Errors
/// It does not hold.
pub fn ensure(holds: bool, message: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(message()) }
}
