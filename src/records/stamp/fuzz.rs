//! Ids and instants of records: they agree, whoever says them.

use std::time::Duration;

use super::{AHEAD, Clock};
use crate::values::{Id, Timestamp};

/// The target: the input is an id and an instant, on a line each; what is not one is not given.
pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let mut lines = text.lines();
    let id = lines.next().and_then(|line| line.parse::<Id>().ok());
    let timestamp = lines.next().and_then(|line| line.parse::<Timestamp>().ok());
    let Ok(now) = "2026-11-23T09:30:00.123456Z".parse::<Timestamp>() else {
        panic!("the clock stands");
    };
    for retention in [None, Some(Duration::from_secs(24 * 3600))] {
        let clock = Clock { now, retention };
        match clock.stamp(id, timestamp, 7) {
            Ok((made, instant)) => {
                assert_eq!(made.instant(), Some(instant.whole_millisecond()));
                assert!(id.is_none_or(|id| id == made));
                assert!(timestamp.is_none_or(|timestamp| timestamp == instant));
                assert!(instant >= Timestamp::EPOCH && instant <= now.plus(AHEAD));
                assert!(retention.is_none_or(|age| instant >= now.minus(age)));
                let again = clock.stamp(Some(made), Some(instant), 9);
                assert_eq!(again.ok(), Some((made, instant)));
            }
            Err(error) => {
                let place = error.pointer.as_deref();
                assert!(matches!(place, Some("/id" | "/timestamp")), "{place:?}");
            }
        }
    }
}
