//! Many embeddings, as JSON objects on lines (NDJSON), stored as they come: however many there are, no more
//! than some megabytes of them are in memory.

use std::time::Duration;

use aws_lc_rs::digest;
use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt},
    time::timeout,
};

use super::{
    batch::{Places, Stored, Writer},
    model::{NewEmbedding, OnConflict},
};
use crate::{
    body,
    problem::{ApiError, Problem, ProblemCode},
    values::Id,
};

/// The longest line in bytes: text and metadata at their longest, and 16,000 numbers.
pub const MAX_LINE: usize = 2 * 1024 * 1024;
/// A transaction has so many embeddings, or as many as lie on so many bytes of lines.
const CHUNK_ITEMS: usize = 500;
const CHUNK_BYTES: usize = 4 * 1024 * 1024;
/// Transactions under way, while more lines are read.
const AT_ONCE: usize = 2;

/// How far an import is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of lines that were read.
    pub bytes: u64,
    /// Embeddings that are committed, whether they were there before or not.
    pub count: u64,
    /// Those of them that are new.
    pub stored: u64,
}

impl Progress {
    /// Counts what became of a chunk. Of failures the one of the first line is kept.
    fn add(&mut self, outcome: Outcome, failed: &mut Option<(usize, ApiError)>) {
        self.count += outcome.count as u64;
        self.stored += outcome.stored as u64;
        if let Some((line, error)) = outcome.failed
            && failed.as_ref().is_none_or(|(first, _)| line < *first)
        {
            *failed = Some((line, error));
        }
    }
}

/// An import.
pub struct Import<'a> {
    /// What it writes with.
    pub writer: Writer<'a>,
    /// How long it waits for more to read.
    pub patience: Duration,
}

/// Why an import has ended early.
pub struct Interrupted {
    /// The number of the first line that is not stored, from 0 and without counting blank ones.
    pub line: usize,
    /// The reason. Its places begin with the line's number.
    pub error: ApiError,
    /// How far it came. What is counted is committed.
    pub progress: Progress,
}

/// Embeddings that are stored in one transaction.
#[derive(Default)]
struct Chunk {
    items: Vec<NewEmbedding>,
    /// Of the first item.
    first: usize,
    bytes: usize,
}

/// What became of a chunk.
struct Outcome {
    count: usize,
    stored: usize,
    /// The number of the line that could not be stored, and why.
    failed: Option<(usize, ApiError)>,
}

impl Import<'_> {
    /// Stores the embeddings on the lines, in transactions of some hundreds, and tells after each how far it
    /// is. Lines of white space count for nothing. An embedding without an id gets one that its line makes,
    /// so that the same lines once more are the same embeddings.
    ///
    /// # Errors
    /// When a line cannot be read or stored; those before it are committed, and of those behind it perhaps
    /// some.
    pub async fn run(
        &self,
        mut lines: impl AsyncBufRead + Unpin,
        mut tell: impl FnMut(Progress),
    ) -> Result<Progress, Interrupted> {
        // Of one id the last line decides, so there they go one after the other.
        let at_once = match self.writer.on_conflict {
            OnConflict::Refuse => AT_ONCE,
            OnConflict::Update => 1,
        };
        let mut progress = Progress::default();
        let mut failed = None;
        let mut under_way = FuturesUnordered::new();
        let mut chunk = Chunk::default();
        let mut line = Vec::new();
        let mut end = false;
        while !end && failed.is_none() {
            let read = tokio::select! {
                biased;
                Some(outcome) = under_way.next() => {
                    progress.add(outcome, &mut failed);
                    tell(progress);
                    continue;
                }
                read = read_line(&mut lines, &mut line, self.patience) => read,
            };
            end = matches!(read, Ok(0));
            progress.bytes += read.as_ref().map_or(0, |read| *read as u64);
            let number = chunk.first + chunk.items.len();
            match read {
                Ok(_) if line.trim_ascii().is_empty() => {}
                Ok(_) => match self.parse(&line, number) {
                    Ok(item) => chunk.items.push(item),
                    Err(error) => failed = Some((number, error)),
                },
                Err(error) => failed = Some((number, error)),
            }
            chunk.bytes += line.len();
            line.clear();
            let full = chunk.items.len() >= CHUNK_ITEMS || chunk.bytes >= CHUNK_BYTES;
            if full || end || failed.is_some() {
                let next = Chunk {
                    first: chunk.first + chunk.items.len(),
                    ..Chunk::default()
                };
                while under_way.len() >= at_once
                    && let Some(outcome) = under_way.next().await
                {
                    progress.add(outcome, &mut failed);
                    tell(progress);
                }
                under_way.push(self.store(std::mem::replace(&mut chunk, next)));
            }
        }
        while let Some(outcome) = under_way.next().await {
            progress.add(outcome, &mut failed);
            tell(progress);
        }
        match failed {
            None => Ok(progress),
            Some((line, error)) => Err(Interrupted {
                line,
                error,
                progress,
            }),
        }
    }

    fn parse(&self, line: &[u8], number: usize) -> Result<NewEmbedding, ApiError> {
        let within = |problem: Box<Problem>| problem.within(&format!("/{number}"));
        let item = body::parse::<body::Object<NewEmbedding>>(line).map_err(within)?;
        let body::Object(mut item) = item;
        body::check(&item).map_err(within)?;
        if item.id.is_none() {
            item.id = Some(self.id_of(line, number));
        }
        Ok(item)
    }

    /// A UUID of the form that RFC 9562 §5.8 leaves to applications.
    fn id_of(&self, line: &[u8], number: usize) -> Id {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(self.writer.dataset.to_string().as_bytes());
        context.update(&(number as u64).to_be_bytes());
        context.update(line.trim_ascii());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&context.finish().as_ref()[..16]);
        Id::custom(bytes)
    }

    /// Stores a chunk. Where not all of it can be stored, it is taken in halves, so that all before the
    /// first that cannot be stored is.
    async fn store(&self, chunk: Chunk) -> Outcome {
        let mut outcome = Outcome {
            count: 0,
            stored: 0,
            failed: None,
        };
        let mut open = vec![(chunk.first, chunk.items.as_slice())];
        while let Some((first, items)) = open.pop() {
            if items.is_empty() {
                continue;
            }
            let places = Places { list: "", first };
            match self.writer.store(items, places).await {
                Ok(Stored { ids, new }) => {
                    outcome.count += ids.len();
                    outcome.stored += new;
                }
                Err(error) if items.len() > 1 && error.is_of_the_request() => {
                    let (one, other) = items.split_at(items.len() / 2);
                    open.push((first + one.len(), other));
                    open.push((first, one));
                }
                Err(error) => {
                    outcome.failed = Some((first, error));
                    break;
                }
            }
        }
        outcome
    }
}

/// Reads a line and what ends it, behind what was read of it before; answers of how many bytes it is.
/// It may be given up at any time and called again.
async fn read_line(
    lines: &mut (impl AsyncBufRead + Unpin),
    line: &mut Vec<u8>,
    patience: Duration,
) -> Result<usize, ApiError> {
    let refused = |code, detail: String| Err(ApiError::new(Problem::new(code, detail)));
    loop {
        let piece = match timeout(patience, lines.fill_buf()).await {
            Ok(Ok(piece)) => piece,
            Ok(Err(error)) => {
                let detail = format!("The lines could not be read: {error}.");
                return refused(ProblemCode::MalformedRequest, detail);
            }
            Err(_) => {
                let detail = "No more of the body has arrived in time.";
                return refused(ProblemCode::RequestTimeout, detail.into());
            }
        };
        let end = piece.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(piece.len(), |end| end + 1);
        line.extend_from_slice(&piece[..taken]);
        lines.consume(taken);
        if line.len() > MAX_LINE {
            let detail = format!("A line is longer than {MAX_LINE} bytes.");
            return refused(ProblemCode::TooLarge, detail);
        }
        if end.is_some() || taken == 0 {
            return Ok(line.len());
        }
    }
}

#[cfg(any(test, fuzzing))]
pub mod fuzz;
