//! Answers that go on: server-sent events and exports.
//!
//! A task of its own makes what they consist of and hands it over in a small buffer: a client that is
//! slow makes it wait, one that takes nothing at all for too long loses its place to others.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch},
    time::timeout,
};

use crate::problem::{ApiError, Problem, ProblemCode};

pub mod events;
pub mod lines;

/// The most streams of events of one server.
pub const MAX_EVENT_STREAMS: usize = 1_000;
/// The most exports of one server at once. Each holds a page of records, of 8 MiB at most.
pub const MAX_EXPORTS: usize = 8;
/// A client that takes nothing for so long is sent away.
const STALL: Duration = Duration::from_secs(30);
/// Pieces that wait for the client to take them.
const BUFFER: usize = 4;

/// The places that a server has for streams. Cheap to clone.
#[derive(Clone)]
pub struct Streams(Arc<Inner>);

struct Inner {
    events: Arc<Semaphore>,
    exports: Arc<Semaphore>,
    stopped: watch::Sender<bool>,
}

/// A stream's place. It is free again when this is dropped.
pub struct Place(#[expect(dead_code, reason = "it is held, not read")] OwnedSemaphorePermit);

impl Default for Streams {
    fn default() -> Self {
        Self(Arc::new(Inner {
            events: Arc::new(Semaphore::new(MAX_EVENT_STREAMS)),
            exports: Arc::new(Semaphore::new(MAX_EXPORTS)),
            stopped: watch::Sender::new(false),
        }))
    }
}

impl Streams {
    /// A place for one more stream of events.
    ///
    /// # Errors
    /// 503 when there are [`MAX_EVENT_STREAMS`].
    pub fn enter(&self) -> Result<Place, ApiError> {
        place(&self.0.events, "streams of events")
    }

    /// A place for one more export.
    ///
    /// # Errors
    /// 503 when there are [`MAX_EXPORTS`].
    pub fn enter_export(&self) -> Result<Place, ApiError> {
        place(&self.0.exports, "exports")
    }

    /// Tells the streams of events to end.
    pub fn stop(&self) {
        self.0.stopped.send_replace(true);
    }

    /// Returns when the streams of events are to end.
    pub async fn stopped(&self) {
        let mut stopped = self.0.stopped.subscribe();
        // It fails only when the sender is gone, and that is in here.
        let _ = stopped.wait_for(|stopped| *stopped).await;
    }
}

fn place(places: &Arc<Semaphore>, what: &str) -> Result<Place, ApiError> {
    let place = Arc::clone(places).try_acquire_owned().map_err(|_| {
        let detail = format!("The server has as many {what} as it may; try again.");
        ApiError::new(Problem::new(ProblemCode::Unavailable, detail))
    })?;
    Ok(Place(place))
}

/// The way to a client that takes the pieces of its answer in its own time.
pub struct Sender<T>(mpsc::Sender<T>);

impl<T> Sender<T> {
    /// Hands a piece over, as soon as there is room.
    ///
    /// # Errors
    /// The reason to end, when the client has gone or takes nothing.
    pub async fn send(&self, piece: T) -> Result<(), &'static str> {
        match timeout(STALL, self.0.send(piece)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err("client_gone"),
            Err(_) => Err("too_slow"),
        }
    }
}
