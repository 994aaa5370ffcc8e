//! Lines of the log in JSON.

use std::{error::Error, fmt, io::Write as _};

use serde::Serialize;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};

use super::request_and_holder;
use crate::values::Timestamp;

/// Room for most lines.
const LINE_BYTES: usize = 768;

/// A JSON object on each line: `timestamp`, `level`, the members of the event, `target`, and the request that it is
/// about. The library's own form checks and copies every piece by itself: a fifth of the instructions by which the
/// server stores a log were its.
pub struct JsonLines;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let metadata = event.metadata();
        let mut line = Line {
            json: Vec::with_capacity(LINE_BYTES),
            target: None,
        };
        line.shown("timestamp", format_args!("{}", Timestamp::now()));
        line.text("level", metadata.level().as_str());
        event.record(&mut line);
        let target = line.target.take();
        line.text("target", target.as_deref().unwrap_or(metadata.target()));
        if let Some((id, holder)) = request_and_holder() {
            line.shown("request_id", format_args!("{id}"));
            if let Some(holder) = holder {
                line.text("client", &holder.client);
            }
        }
        line.json.extend_from_slice(b"}\n");
        writer.write_str(str::from_utf8(&line.json).map_err(|_| fmt::Error)?)
    }
}

/// The members so far, without the brace behind the last.
struct Line {
    json: Vec<u8>,
    /// What a library says by the crate `log` has its target among its fields.
    target: Option<String>,
}

impl Line {
    fn scalar(&mut self, name: &str, value: impl Serialize) {
        self.name(name);
        // Writing to memory does not fail, nor do numbers and truth values as JSON.
        let _written = serde_json::to_writer(&mut self.json, &value);
    }

    fn text(&mut self, name: &str, text: &str) {
        self.name(name);
        self.quoted(|json| json.extend_from_slice(text.as_bytes()));
    }

    fn shown(&mut self, name: &str, shown: fmt::Arguments<'_>) {
        self.name(name);
        self.quoted(|json| {
            // What is shown as far as it can be is better than no line.
            let _written = json.write_fmt(shown);
        });
    }

    fn name(&mut self, name: &str) {
        self.json
            .push(if self.json.is_empty() { b'{' } else { b',' });
        self.quoted(|json| json.extend_from_slice(name.as_bytes()));
        self.json.push(b':');
    }

    /// Few texts have something to escape: to see that once it is written costs less than to look for it piece by
    /// piece.
    fn quoted(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.json.push(b'"');
        let begin = self.json.len();
        write(&mut self.json);
        let is_odd = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
        if self.json[begin..]
            .iter()
            .fold(false, |odd, byte| odd | is_odd(*byte))
        {
            let text = String::from_utf8_lossy(&self.json[begin..]).into_owned();
            self.json.truncate(begin - 1);
            let _written = serde_json::to_writer(&mut self.json, &text);
        } else {
            self.json.push(b'"');
        }
    }
}

/// Whether a field is of the event, and not of what a library says by the crate `log`.
fn is_of_the_event(field: &Field) -> bool {
    !field.name().starts_with("log.")
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "log.target" {
            self.target = Some(value.to_owned());
        }
        if is_of_the_event(field) {
            self.text(field.name(), value);
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if is_of_the_event(field) {
            self.scalar(field.name(), value);
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.scalar(field.name(), value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.scalar(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.scalar(field.name(), value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.shown(field.name(), format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if is_of_the_event(field) {
            self.shown(field.name(), format_args!("{value:?}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use serde_json::{Value, json};

    use super::*;

    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_is_json_whatever_is_in_it() {
        let memory = Memory::default();
        let writer = memory.clone();
        let log = tracing_subscriber::fmt()
            .event_format(JsonLines)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(log, || {
            let odd = "quote \" and line\nend \u{0}";
            let error: Box<dyn Error> = odd.into();
            tracing::warn!(
                target: "somewhere",
                text = odd,
                error,
                %odd,
                debug = ?Some(odd),
                number = -1,
                half = 0.5,
                none = f64::NAN,
                large = u64::MAX,
                is = true,
                absent = None::<&str>,
                "what {}",
                odd
            );
        });
        let text = String::from_utf8(memory.0.lock().unwrap().clone()).unwrap();
        let line = text.strip_suffix('\n').unwrap();
        assert!(!line.contains('\n'), "{line}");
        let mut line: Value = serde_json::from_str(line).unwrap();
        let timestamp = line.as_object_mut().unwrap().remove("timestamp").unwrap();
        timestamp.as_str().unwrap().parse::<Timestamp>().unwrap();
        let odd = "quote \" and line\nend \u{0}";
        assert_eq!(
            line,
            json!({
                "level": "WARN",
                "message": format!("what {odd}"),
                "text": odd,
                "error": odd,
                "odd": odd,
                "debug": format!("{:?}", Some(odd)),
                "number": -1,
                "half": 0.5,
                "none": null,
                "large": u64::MAX,
                "is": true,
                "target": "somewhere",
            })
        );
    }
}
