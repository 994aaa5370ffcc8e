//! Closing a connection whose peer is still sending.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

/// A stream that, when it is to linger, reads and forgets what still arrives after its own end, until the
/// peer has ended too. To close it at once would reset the connection, and the peer, busy sending, would
/// see that instead of the answer (RFC 9112 §9.6).
pub struct Linger<S> {
    stream: S,
    wanted: Arc<AtomicBool>,
    patience: Duration,
    /// Set when our side has ended.
    until: Option<Pin<Box<Sleep>>>,
}

impl<S> Linger<S> {
    /// The stream; it lingers so long at most, if that is wanted by the time it is shut down.
    pub fn new(stream: S, wanted: Arc<AtomicBool>, patience: Duration) -> Self {
        Self {
            stream,
            wanted,
            patience,
            until: None,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Linger<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Linger<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let until = match &mut this.until {
            Some(until) => until,
            until => {
                ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
                if !this.wanted.load(Ordering::Relaxed) {
                    return Poll::Ready(Ok(()));
                }
                until.insert(Box::pin(sleep(this.patience)))
            }
        };
        let mut forgotten = [0; 8 * 1024];
        while until.as_mut().poll(context).is_pending() {
            let mut buffer = ReadBuf::new(&mut forgotten);
            // A peer that resets the connection has ended as well.
            match Pin::new(&mut this.stream).poll_read(context, &mut buffer) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
                Poll::Ready(_) => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, duplex},
        time::Instant,
    };

    use super::*;

    /// Whether all that a peer sends is taken, although our side answers and ends at once.
    async fn all_is_taken(wanted: bool) -> bool {
        let (ours, mut peer) = duplex(64);
        let wanted = Arc::new(AtomicBool::new(wanted));
        let mut ours = Linger::new(ours, wanted, Duration::from_secs(60));
        let peer = tokio::spawn(async move {
            // More than is under way at once, and then it ends.
            let sent = peer.write_all(&[1; 100_000]).await;
            let mut answer = Vec::new();
            peer.read_to_end(&mut answer).await.unwrap();
            assert_eq!(answer, b"answer");
            sent.is_ok()
        });
        ours.write_all(b"answer").await.unwrap();
        ours.shutdown().await.unwrap();
        drop(ours);
        peer.await.unwrap()
    }

    #[tokio::test]
    async fn what_still_arrives_is_taken_when_that_is_wanted() {
        assert!(all_is_taken(true).await);
        assert!(!all_is_taken(false).await);
    }

    #[tokio::test]
    async fn nobody_is_waited_for_for_ever() {
        let patience = Duration::from_millis(50);
        let (ours, peer) = duplex(64);
        let mut ours = Linger::new(ours, Arc::new(AtomicBool::new(true)), patience);
        let begin = Instant::now();
        ours.shutdown().await.unwrap();
        assert!(begin.elapsed() >= patience);
        drop(peer);
    }
}
