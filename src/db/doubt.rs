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
/// And once more this long after the last read-only session was met: one that was made since may have been made
/// just before an address moved on, and what is only read from would not notice.
const RENOUNCE_LAST: Duration = Duration::from_secs(1);

/// The doubts about the connections of one database, counted.
#[derive(Default)]
pub struct Doubt {
    /// How many there were.
    raised: AtomicUsize,
    /// How many there were when it last turned out that connections had to be given up.
    confirmed: AtomicUsize,
    /// When a read-only session was last met, while connections are given up for it.
    met: Mutex<Option<Instant>>,
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
        let now = Instant::now();
        if self.met().replace(now).is_none() {
            self.give_up();
            tokio::spawn(Arc::clone(self).follow(now));
        }
    }

    /// Gives up connections again as long as read-only sessions are met, and a last time.
    async fn follow(self: Arc<Self>, mut given_up: Instant) {
        loop {
            sleep(RENOUNCE_EVERY).await;
            let now = Instant::now();
            let mut met = self.met();
            let Some(last) = *met else {
                return;
            };
            if now.duration_since(last) >= RENOUNCE_LAST {
                *met = None;
                self.give_up();
                return;
            }
            if last > given_up {
                given_up = now;
                self.give_up();
            }
        }
    }

    /// Gives up all connections there are.
    fn give_up(&self) {
        self.raise();
        self.confirm(self.raised());
    }

    fn met(&self) -> MutexGuard<'_, Option<Instant>> {
        self.met.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The time until connections that answered so many doubts are given up.
    async fn condemned(doubt: &Doubt, answered: usize) -> Duration {
        let begin = Instant::now();
        while !doubt.condemns(answered) {
            assert!(begin.elapsed() < 10 * RENOUNCE_LAST, "it is forgotten");
            sleep(Duration::from_millis(10)).await;
        }
        begin.elapsed()
    }

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
        let waited = condemned(&doubt, second).await;
        assert!(waited < RENOUNCE_LAST, "{waited:?}: but soon");
        assert!(!doubt.condemns(doubt.raised()));
    }

    /// Connections made after the last read-only session was met, and before the address moved on, rest in peace
    /// otherwise: those that are read from meet no refusal.
    #[tokio::test]
    async fn what_was_made_after_the_last_refusal_is_given_up_too() {
        let doubt = Arc::new(Doubt::default());
        // It ends, and begins anew at once.
        for _ in 0..2 {
            let before = doubt.raised();
            doubt.renounce();
            let made = doubt.raised();
            let waited = condemned(&doubt, made).await;
            assert!(waited >= RENOUNCE_LAST / 2, "{waited:?}: not for nothing");
            assert_eq!(doubt.raised(), before + 2, "at once and a last time");
        }
        let last = doubt.raised();
        sleep(RENOUNCE_LAST + 2 * RENOUNCE_EVERY).await;
        assert!(!doubt.condemns(last), "and then no more");
    }
}
