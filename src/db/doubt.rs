//! Finds connections that look open and are of no use any more: to a machine that has gone without a word,
//! or to a primary that is one no longer.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// Connections are given up together once in this time at most: where every session is read-only, new ones
/// help nobody.
const RENOUNCE_EVERY: Duration = Duration::from_secs(1);

/// The doubts about the connections of one database, counted.
#[derive(Default)]
pub struct Doubt {
    /// How many there were.
    raised: AtomicUsize,
    /// How many there were when it last turned out that connections had to be given up.
    confirmed: AtomicUsize,
    renounced: Mutex<Option<Instant>>,
}

impl Doubt {
    /// A statement was not answered in time: each connection has to answer before it is used again.
    pub fn raise(&self) {
        self.raised.fetch_add(1, Ordering::Relaxed);
    }

    /// How many doubts there were. A connection that is made or answers now is above all of them.
    pub fn raised(&self) -> usize {
        self.raised.load(Ordering::Relaxed)
    }

    /// Whether a connection that was above so many doubts has to be given up.
    pub fn condemns(&self, answered: usize) -> bool {
        answered < self.confirmed.load(Ordering::Relaxed)
    }

    /// A connection did not answer in doubt. Those that have not answered since are dead too, most likely;
    /// nobody shall wait for each of them in turn.
    pub fn confirm(&self, raised: usize) {
        self.confirmed.fetch_max(raised, Ordering::Relaxed);
    }

    /// A session turned out to be read-only, as on a primary that another has replaced: what it and those
    /// made before read may be old.
    pub fn renounce(&self) {
        let mut last = self
            .renounced
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if last.is_some_and(|last| last.elapsed() < RENOUNCE_EVERY) {
            return;
        }
        *last = Some(Instant::now());
        self.raise();
        self.confirm(self.raised());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_only_is_given_up_once_in_a_while() {
        let doubt = Doubt::default();
        let old = doubt.raised();
        assert!(!doubt.condemns(old));
        doubt.renounce();
        assert!(doubt.condemns(old));
        let new = doubt.raised();
        doubt.renounce();
        assert!(!doubt.condemns(new), "not twice in a second");
    }
}
