//! Finds connections that look open and are of no use any more: to a machine that has gone without a word,
//! or to a primary that is one no longer.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::time::sleep;

/// Connections are given up together once in this time at most: where every session is read-only, new ones
/// help nobody.
const RENOUNCE_EVERY: Duration = Duration::from_millis(100);

/// The doubts about the connections of one database, counted.
#[derive(Default)]
pub struct Doubt {
    /// How many there were.
    raised: AtomicUsize,
    /// How many there were when it last turned out that connections had to be given up.
    confirmed: AtomicUsize,
    renounced: Mutex<Renounced>,
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
    pub fn renounce(self: &Arc<Self>) {
        let mut renounced = self.lock();
        let wait = renounced.last.map_or(Duration::ZERO, |last| {
            RENOUNCE_EVERY.saturating_sub(last.elapsed())
        });
        if wait.is_zero() {
            renounced.last = Some(Instant::now());
            self.raise();
            self.confirm(self.raised());
        } else if !renounced.again {
            // Not to be forgotten: perhaps nobody meets another such session, and the rest is only read from.
            renounced.again = true;
            let doubt = Arc::clone(self);
            tokio::spawn(async move {
                sleep(wait).await;
                doubt.lock().again = false;
                doubt.renounce();
            });
        }
    }

    fn lock(&self) -> MutexGuard<'_, Renounced> {
        self.renounced
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// When all connections were last given up, and whether they will be again.
#[derive(Default)]
struct Renounced {
    last: Option<Instant>,
    again: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_read_only_is_given_up_once_in_a_while() {
        let doubt = Arc::new(Doubt::default());
        let first = doubt.raised();
        assert!(!doubt.condemns(first));
        doubt.renounce();
        assert!(doubt.condemns(first));
        let second = doubt.raised();
        for _ in 0..10 {
            doubt.renounce();
        }
        assert!(!doubt.condemns(second), "not twice at once");
        let begin = Instant::now();
        while !doubt.condemns(second) {
            assert!(
                begin.elapsed() < 10 * RENOUNCE_EVERY,
                "but it is not forgotten"
            );
            sleep(Duration::from_millis(10)).await;
        }
        assert!(!doubt.condemns(doubt.raised()));
    }
}
