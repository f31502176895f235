//! A value that Python's lock guards. The borrow flags that classes have otherwise are atomic, and a locked instruction
//! costs as much as a whole step of a mean: here the flag is a plain one, because nobody else runs meanwhile.
#![expect(unsafe_code, reason = "shares a cell between threads that take turns")]

use pyo3::Python;
use std::cell::{Cell, UnsafeCell};

/// A value for one visitor at a time.
#[derive(Debug)]
pub struct Guarded<T> {
    taken: Cell<bool>,
    value: UnsafeCell<T>,
}

// SAFETY: the flag and the value are touched only by who holds Python's lock (`with` asks for the proof, and the module
// says that it needs the lock), so never by two threads at once; the flag refuses a visitor who comes while another, who
// has let go of the lock for a while, is not done.
unsafe impl<T: Send> Sync for Guarded<T> {}

/// Marks the end of a visit, also where it ends in a panic.
struct Visit<'a>(&'a Cell<bool>);

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

impl<T> Guarded<T> {
    /// Guards a value.
    pub const fn new(value: T) -> Self {
        Self {
            taken: Cell::new(false),
            value: UnsafeCell::new(value),
        }
    }

    /// Does something with the value.
    ///
    /// # Panics
    /// The value is being visited already.
    #[inline]
    pub fn with<R>(&self, _locked: Python<'_>, work: impl FnOnce(&mut T) -> R) -> R {
        assert!(
            !self.taken.replace(true),
            "this object is in use by a call that has not returned"
        );
        let visit = Visit(&self.taken);
        // SAFETY: the flag was down and is up until `visit` ends, so this is the only reference.
        let result = work(unsafe { &mut *self.value.get() });
        drop(visit);
        result
    }

    /// Where the value lies.
    pub fn address(&self) -> usize {
        self.value.get() as usize
    }
}
