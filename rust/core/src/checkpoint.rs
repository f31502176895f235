//! A run put aside and taken up again with an equal hash.

use crate::engine::Engine;
use crate::error::{self, Result};
use crate::market::Market;
use crate::settings::RULES_VERSION;

/// Marks the bytes of a checkpoint.
const MAGIC: [u8; 4] = *b"3BCP";

/// The state of an engine between two ticks.
///
/// # Errors
/// Serialisation failed.
pub fn save(engine: &Engine) -> Result<Vec<u8>> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(RULES_VERSION.to_le_bytes());
    let body = postcard::to_stdvec(engine).map_err(|problem| error::checkpoint(problem.to_string()))?;
    bytes.extend(checksum(&body).to_le_bytes());
    bytes.extend(body);
    Ok(bytes)
}

/// FNV-1a: a state that was damaged on its way could bring the engine anywhere.
fn checksum(body: &[u8]) -> u64 {
    body.iter().fold(0xCBF2_9CE4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

/// Takes a run up where it was put aside.
///
/// # Errors
/// The bytes are no checkpoint of this version, or of another market.
pub fn load(bytes: &[u8], market: &Market) -> Result<Engine> {
    let fail = |message: &str| error::checkpoint(message);
    let body = bytes
        .strip_prefix(&MAGIC)
        .ok_or_else(|| fail("these bytes are no checkpoint"))?;
    let (version, body) = body
        .split_first_chunk::<4>()
        .ok_or_else(|| fail("the checkpoint is cut short"))?;
    if u32::from_le_bytes(*version) != RULES_VERSION {
        return Err(fail("the checkpoint was made under other rules; run from the start"));
    }
    let (sum, body) = body
        .split_first_chunk::<8>()
        .ok_or_else(|| fail("the checkpoint is cut short"))?;
    if u64::from_le_bytes(*sum) != checksum(body) {
        return Err(fail("the checkpoint is damaged; run from the start"));
    }
    let engine: Engine = postcard::from_bytes(body).map_err(|problem| fail(&format!("unreadable: {problem}")))?;
    if !engine.fits(market) {
        return Err(fail("the checkpoint belongs to another market"));
    }
    Ok(engine)
}
