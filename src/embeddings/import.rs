//! Many embeddings, as JSON objects on lines (NDJSON), stored as they come: however many there are, no more
//! than a few megabytes of them are in memory.

use std::time::Duration;

use aws_lc_rs::digest;
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt},
    time::timeout,
};

use super::{
    batch::{Places, Stored, Writer},
    model::NewEmbedding,
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

/// An import.
pub struct Import<'a> {
    /// What it writes with.
    pub writer: Writer<'a>,
    /// How long it waits for more to read.
    pub patience: Duration,
}

/// Why an import has ended early.
pub struct Interrupted {
    /// The reason. Its places begin with the line's number, from 0.
    pub error: ApiError,
    /// How far it came. What is counted is committed.
    pub progress: Progress,
}

/// Lines that are read, and those of them that are one transaction.
#[derive(Default)]
struct Chunk {
    items: Vec<NewEmbedding>,
    /// Of the first item.
    first: usize,
    bytes: usize,
}

impl Import<'_> {
    /// Stores the embeddings on the lines, in their order and in transactions of some hundreds, and tells
    /// after each how far it is. Lines of white space count for nothing. An embedding without an id gets
    /// one that its line makes, so that the same lines once more are the same embeddings.
    ///
    /// # Errors
    /// When a line cannot be read or stored; those before it are committed.
    pub async fn run(
        &self,
        mut lines: impl AsyncBufRead + Unpin,
        mut tell: impl FnMut(Progress),
    ) -> Result<Progress, Interrupted> {
        let mut progress = Progress::default();
        let mut chunk = Chunk::default();
        let mut line = Vec::new();
        loop {
            let read = self.read_line(&mut lines, &mut line).await;
            let end = matches!(read, Ok(0));
            progress.bytes += read.as_ref().map_or(0, |read| *read as u64);
            let number = chunk.first + chunk.items.len();
            let item = match read {
                Ok(_) if line.trim_ascii().is_empty() => Ok(None),
                Ok(_) => self.parse(&line, number).map(Some),
                Err(error) => Err(error),
            };
            chunk.bytes += line.len();
            let full = chunk.items.len() >= CHUNK_ITEMS || chunk.bytes >= CHUNK_BYTES;
            if full || end || item.is_err() {
                let stored = self.store(&chunk, &mut progress).await;
                stored.map_err(|error| Interrupted { error, progress })?;
                tell(progress);
                chunk = Chunk {
                    first: number,
                    ..Chunk::default()
                };
            }
            match item {
                Ok(item) => chunk.items.extend(item),
                Err(error) => return Err(Interrupted { error, progress }),
            }
            if end {
                return Ok(progress);
            }
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
    async fn store(&self, chunk: &Chunk, progress: &mut Progress) -> Result<(), ApiError> {
        let mut open = vec![(chunk.first, chunk.items.as_slice())];
        while let Some((first, items)) = open.pop() {
            if items.is_empty() {
                continue;
            }
            let places = Places { list: "", first };
            match self.writer.store(items, places).await {
                Ok(Stored { ids, new }) => {
                    progress.count += ids.len() as u64;
                    progress.stored += new as u64;
                }
                Err(error) if items.len() > 1 && error.is_of_the_request() => {
                    let (one, other) = items.split_at(items.len() / 2);
                    open.push((first + one.len(), other));
                    open.push((first, one));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads a line and what ends it; answers of how many bytes it is.
    async fn read_line(
        &self,
        lines: &mut (impl AsyncBufRead + Unpin),
        line: &mut Vec<u8>,
    ) -> Result<usize, ApiError> {
        line.clear();
        let refused = |code, detail: String| Err(ApiError::new(Problem::new(code, detail)));
        loop {
            let piece = match timeout(self.patience, lines.fill_buf()).await {
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
}
