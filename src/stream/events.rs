//! Streams of server-sent events.

use std::{fmt::Display, future::Future, marker::PhantomData, time::Duration};

use futures_util::stream::{self, BoxStream, StreamExt};
use poem::{
    IntoResponse, Response,
    web::sse::{Event, SSE},
};
use poem_openapi::{
    payload::Payload,
    registry::{MetaSchema, MetaSchemaRef, Registry},
    types::Type,
};
use tokio::sync::mpsc;

use super::{BUFFER, Sender, Streams};
use crate::auth::TokenEnd;

/// A comment goes out this often, so that whatever stands between does not cut an idle stream.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// A stream of server-sent events, documented as an array of their data.
pub struct Events<T>(BoxStream<'static, Event>, PhantomData<fn() -> T>);

impl<T: Type> Payload for Events<T> {
    const CONTENT_TYPE: &'static str = "text/event-stream";

    fn check_content_type(content_type: &str) -> bool {
        content_type == Self::CONTENT_TYPE
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            items: Some(Box::new(T::schema_ref())),
            ..MetaSchema::new_with_format("array", "event-stream")
        }))
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T> IntoResponse for Events<T> {
    fn into_response(self) -> Response {
        SSE::new(self.0).keep_alive(HEARTBEAT).into_response()
    }
}

/// Begins a stream, behind the event of the id `after`. `follow` hands events over until it knows a
/// reason to end; the stream ends as well when the server stops, and when the client's access token
/// does. The last event, `end`, names the reason.
pub fn begin<T, F>(
    streams: Streams,
    token_end: TokenEnd,
    after: &impl Display,
    follow: impl FnOnce(Sender<Event>) -> F,
) -> Events<T>
where
    F: Future<Output = &'static str> + Send + 'static,
{
    let (events, taken) = mpsc::channel(BUFFER);
    // It cannot fail: there is nothing in it, and the other end is here.
    let last = events.clone().try_reserve_owned().ok();
    // A client that is cut off before the first event knows by this where to go on. It has no data,
    // so nobody's handler is called.
    let first = Event::message("").id(after.to_string());
    let follow = follow(Sender(events.clone()));
    tokio::spawn(async move {
        let reason = tokio::select! {
            () = events.closed() => return,
            () = streams.stopped() => "stopping",
            reason = token_end.passed() => reason,
            reason = follow => reason,
        };
        if let Some(last) = last {
            let data = format!("{{\"reason\":\"{reason}\"}}");
            last.send(Event::message(data).event_type("end"));
        }
    });
    let rest = stream::unfold(taken, async |mut taken| Some((taken.recv().await?, taken)));
    Events(
        stream::iter([first]).chain(rest).fuse().boxed(),
        PhantomData,
    )
}
