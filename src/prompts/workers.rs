//! Work that keeps a processor busy and waits for nothing: parsing, rendering, comparing. It must not
//! hold up the threads that serve everybody, nor take all processors from them.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

use crate::problem::{ApiError, Problem, ProblemCode};

/// How long work waits for its turn.
const PATIENCE: Duration = Duration::from_secs(3);

/// The stack of a thread for such work, in bytes. MiniJinja's parser goes 150 levels deep, which takes more than
/// 2 MiB when it is not optimised.
pub const STACK: usize = 8 << 20;

/// As many threads for such work as there are processors.
#[derive(Clone)]
pub struct Workers(Arc<Semaphore>);

impl Default for Workers {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self(Arc::new(Semaphore::new(processors)))
    }
}

impl Workers {
    /// Does a piece of work, which goes on until its end even if the caller does not wait.
    ///
    /// # Errors
    /// 503 when its turn does not come in time.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let turn = timeout(PATIENCE, Arc::clone(&self.0).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            let detail = "The server renders and compares as much as it can; try again.";
            return Err(ApiError::new(Problem::new(
                ProblemCode::Unavailable,
                detail,
            )));
        };
        let done = spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.map_err(|error| {
            tracing::error!(%error, "work on prompts");
            let detail = "The server met a fault; its log has the cause under the request id.";
            ApiError::new(Problem::new(ProblemCode::Internal, detail))
        })
    }
}
