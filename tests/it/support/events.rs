//! A client of server-sent events.

use std::time::Duration;

use reqwest::header::HeaderMap;
use serde_json::Value;

/// How long an event may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// An event. What has no data is none, as the standard says.
#[derive(Debug, PartialEq)]
pub struct Event {
    /// The last id that the stream has named.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// Its data.
    pub data: Value,
}

/// A stream that is open.
pub struct Events {
    /// The headers of the answer.
    pub headers: HeaderMap,
    /// The last id that the stream has named.
    pub id: String,
    /// Comments that came.
    pub comments: usize,
    /// All that came, as it came.
    pub text: String,
    read: usize,
    response: reqwest::Response,
}

impl Events {
    /// Opens a stream; panics unless the answer is 200.
    pub async fn open(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        Self {
            headers: response.headers().clone(),
            id: String::new(),
            comments: 0,
            text: String::new(),
            read: 0,
            response,
        }
    }

    /// The next event; `None` when the stream has ended. Panics when none comes.
    pub async fn next(&mut self) -> Option<Event> {
        tokio::time::timeout(PATIENCE, self.arrive()).await.unwrap()
    }

    /// The next event of the stream, however long it takes.
    pub async fn arrive(&mut self) -> Option<Event> {
        loop {
            while let Some(length) = self.text[self.read..].find("\n\n") {
                let block = self.text[self.read..self.read + length].to_owned();
                self.read += length + 2;
                if let Some(event) = self.block(&block) {
                    return Some(event);
                }
            }
            let chunk = self.response.chunk().await.unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    fn block(&mut self, block: &str) -> Option<Event> {
        let (mut kind, mut data) = (String::new(), None);
        for line in block.lines() {
            match line.split_once(": ").unwrap_or((line, "")) {
                ("id", id) => self.id = id.to_owned(),
                ("event", name) => kind = name.to_owned(),
                ("data", text) => data = Some(serde_json::from_str(text).unwrap()),
                (":", _) => self.comments += 1,
                other => panic!("{other:?}"),
            }
        }
        Some(Event {
            id: self.id.clone(),
            kind,
            data: data?,
        })
    }
}
