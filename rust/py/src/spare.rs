//! Memory that results have given back, for the next run of this process.

use std::sync::{Mutex, PoisonError};
use triplebar_core::engine::{Engine, Memory};

/// What is kept at most, all together.
const KEPT_BYTES_MAX: usize = 96 << 20;

static SPARE: Mutex<Vec<Memory>> = Mutex::new(Vec::new());

/// Gives an engine that has not begun the memory of a run that is over, if there is any.
pub fn lend(engine: &mut Engine) {
    if !engine.is_fresh() {
        return;
    }
    let memory = SPARE.lock().unwrap_or_else(PoisonError::into_inner).pop();
    if let Some(memory) = memory {
        engine.lend(memory);
    }
}

/// Keeps memory for the next run, unless enough is kept already.
pub fn keep(memory: Memory) {
    let mut spare = SPARE.lock().unwrap_or_else(PoisonError::into_inner);
    let kept: usize = spare.iter().map(Memory::bytes).sum();
    if memory.bytes() > 0 && kept + memory.bytes() <= KEPT_BYTES_MAX {
        spare.push(memory);
    }
}
