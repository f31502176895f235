//! Threads that take the next sets until there are none, and the one that watches.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::Thread;
use std::time::Duration;

/// The most sets that a thread takes at once. Their comparisons are made together, block by block: the more sets share
/// a column, the less often it comes from far away.
const CHUNK_MAX: usize = 128;
/// Chunks that a thread should get, so that no thread waits long for the last one.
const CHUNKS_EACH: usize = 4;
/// The watcher looks up this often.
const LOOK: Duration = Duration::from_millis(20);

/// What the threads share. Every chunk that was taken is finished, so what is finished is always the first so many.
pub(super) struct Crew {
    threads: usize,
    chunk: usize,
    total: usize,
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
    /// At most so many threads will work on so many sets; the one that calls this will watch.
    pub(super) fn new(threads: usize, total: usize) -> Self {
        let chunk = total.div_ceil(threads.max(1) * CHUNKS_EACH).clamp(1, CHUNK_MAX);
        let threads = threads.clamp(1, total.div_ceil(chunk).max(1));
        Self {
            threads,
            chunk,
            total,
            next: AtomicUsize::new(0),
            working: AtomicUsize::new(threads),
            stop: AtomicBool::new(false),
            watcher: std::thread::current(),
        }
    }

    /// Threads that have something to do.
    pub(super) const fn threads(&self) -> usize {
        self.threads
    }

    /// Sets that a thread takes at once.
    pub(super) const fn chunk(&self) -> usize {
        self.chunk
    }

    pub(super) fn member(&self) -> Member<'_> {
        Member(self)
    }

    /// The next sets to do.
    pub(super) fn next(&self) -> Option<Range<usize>> {
        if self.stop.load(Ordering::Relaxed) {
            return None;
        }
        let from = self.next.fetch_add(self.chunk, Ordering::Relaxed);
        (from < self.total).then(|| from..self.total.min(from + self.chunk))
    }

    /// No more sets are given out.
    pub(super) fn halt(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Waits until nobody works, asking now and then whether to go on.
    pub(super) fn watch<E>(&self, goes_on: &mut impl FnMut(usize) -> Result<bool, E>) -> Result<(), E> {
        while self.working.load(Ordering::Acquire) > 0 {
            std::thread::park_timeout(LOOK);
            if self.working.load(Ordering::Acquire) == 0 || self.stop.load(Ordering::Relaxed) {
                continue;
            }
            match goes_on(self.next.load(Ordering::Relaxed).min(self.total)) {
                Ok(true) => {}
                Ok(false) => self.halt(),
                Err(error) => {
                    self.halt();
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}
