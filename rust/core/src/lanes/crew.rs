//! Threads that take the next sets until there are none, and the one that watches.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::Thread;
use std::time::Duration;

/// Sets that a thread takes at once: their comparisons are made together, block by block, so that columns stay near.
pub(super) const CHUNK: usize = 32;
/// The watcher looks up this often.
const LOOK: Duration = Duration::from_millis(20);

/// What the threads share. Every chunk that was taken is finished, so what is finished is always the first so many.
pub(super) struct Crew {
    next: AtomicUsize,
    working: AtomicUsize,
    stop: AtomicBool,
    watcher: Thread,
}

/// A thread at work; leaving is told, also by one that fails.
pub(super) struct Member<'a>(&'a Crew);

impl Drop for Member<'_> {
    fn drop(&mut self) {
        self.0.working.fetch_sub(1, Ordering::Release);
        self.0.watcher.unpark();
    }
}

impl Crew {
    /// So many threads will work; the one that calls this will watch.
    pub(super) fn new(threads: usize) -> Self {
        Self {
            next: AtomicUsize::new(0),
            working: AtomicUsize::new(threads),
            stop: AtomicBool::new(false),
            watcher: std::thread::current(),
        }
    }

    pub(super) fn member(&self) -> Member<'_> {
        Member(self)
    }

    /// The next sets to do.
    pub(super) fn next(&self, total: usize) -> Option<Range<usize>> {
        if self.stop.load(Ordering::Relaxed) {
            return None;
        }
        let from = self.next.fetch_add(CHUNK, Ordering::Relaxed);
        (from < total).then(|| from..total.min(from + CHUNK))
    }

    /// Waits until nobody works, asking now and then whether to go on.
    pub(super) fn watch<E>(&self, total: usize, goes_on: &mut impl FnMut(usize) -> Result<bool, E>) -> Result<(), E> {
        while self.working.load(Ordering::Acquire) > 0 {
            std::thread::park_timeout(LOOK);
            if self.working.load(Ordering::Acquire) == 0 || self.stop.load(Ordering::Relaxed) {
                continue;
            }
            match goes_on(self.next.load(Ordering::Relaxed).min(total)) {
                Ok(true) => {}
                Ok(false) => self.stop.store(true, Ordering::Relaxed),
                Err(error) => {
                    self.stop.store(true, Ordering::Relaxed);
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}
