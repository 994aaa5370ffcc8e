//! The id and the instant of a record: one tells the other, so that the id alone makes a resend
//! idempotent and finds the record by a key range.

use std::time::Duration;

use crate::{
    problem::FieldError,
    values::{Id, Timestamp},
};

/// How far ahead of the server's clock a record's instant may lie.
const AHEAD: Duration = Duration::from_secs(24 * 60 * 60);

/// What a new record is stamped against.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// The moment of the request.
    pub now: Timestamp,
    /// How old a record may be; `None` for any age.
    pub retention: Option<Duration>,
}

impl Clock {
    /// The clock of a request that arrives now.
    pub fn now(retention: Option<Duration>) -> Self {
        Self {
            now: Timestamp::now(),
            retention,
        }
    }

    /// The id and the instant of a record.
    ///
    /// The caller's id is a UUIDv7 and says the instant to the millisecond; the caller's instant may
    /// say the microsecond. What is missing is made: an id out of the instant, with `order` to keep
    /// the records of one request in their order, and the instant out of the id, or else it is now.
    ///
    /// # Errors
    /// When the two do not agree, or the instant lies in the future or is older than the retention.
    pub fn stamp(
        &self,
        id: Option<Id>,
        timestamp: Option<Timestamp>,
        order: u16,
    ) -> Result<(Id, Timestamp), FieldError> {
        let made_at = match id.map(Id::instant) {
            Some(None) => return Err(FieldError::body("/id", "must be a UUIDv7")),
            Some(Some(instant)) => Some(instant),
            None => None,
        };
        let place = if timestamp.is_some() {
            "/timestamp"
        } else {
            "/id"
        };
        let instant = timestamp.or(made_at).unwrap_or(self.now);
        if made_at.is_some_and(|made_at| made_at != instant.whole_millisecond()) {
            return Err(FieldError::body(
                "/timestamp",
                "must lie in the millisecond of `id`",
            ));
        }
        if instant > self.now.plus(AHEAD) {
            return Err(FieldError::body(place, "lies more than a day ahead"));
        }
        if self
            .retention
            .is_some_and(|age| instant < self.now.minus(age))
        {
            return Err(FieldError::body(
                place,
                "is older than what the server keeps",
            ));
        }
        match id.or_else(|| Id::at(instant, order)) {
            Some(id) => Ok((id, instant)),
            None => Err(FieldError::body(place, "must not lie before 1970")),
        }
    }
}

#[cfg(any(test, fuzzing))]
pub mod fuzz;

#[cfg(test)]
mod tests {
    use super::*;

    fn clock() -> Clock {
        Clock {
            now: instant("2026-11-23T09:30:00.123456Z"),
            retention: Some(Duration::from_secs(3_600)),
        }
    }

    fn instant(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn an_id_says_the_instant_and_an_instant_makes_the_id() {
        let now = clock().now;
        let (id, at) = clock().stamp(None, None, 0).unwrap();
        assert_eq!((id.instant(), at), (Some(now.whole_millisecond()), now));
        assert_eq!(
            clock().stamp(Some(id), None, 0).unwrap(),
            (id, now.whole_millisecond())
        );
        assert_eq!(clock().stamp(Some(id), Some(now), 0).unwrap(), (id, now));
        let earlier = instant("2026-11-23T09:00:00.000001Z");
        let (id, at) = clock().stamp(None, Some(earlier), 0).unwrap();
        assert_eq!(at, earlier);
        assert_eq!(clock().stamp(Some(id), Some(earlier), 0).unwrap(), (id, at));
    }

    #[test]
    fn ids_of_one_request_keep_their_order() {
        let ids = (0..10_000).map(|order| clock().stamp(None, None, order).unwrap().0);
        assert!(ids.collect::<Vec<_>>().is_sorted());
    }

    #[test]
    fn what_does_not_agree_or_lies_out_of_bounds_is_refused_in_its_place() {
        let (id, _) = clock().stamp(None, None, 0).unwrap();
        let v4 = "7d444840-9dc0-41d1-b245-5ffdce74fad2".parse().unwrap();
        let old = Id::at(instant("2026-11-23T08:00:00Z"), 0);
        for (id, timestamp, place) in [
            (Some(v4), None, "/id"),
            (Some(id), Some("2026-11-23T09:30:00.124Z"), "/timestamp"),
            (None, Some("2026-11-24T09:30:00.123457Z"), "/timestamp"),
            (None, Some("2026-11-23T08:30:00Z"), "/timestamp"),
            (old, None, "/id"),
        ] {
            let error = clock().stamp(id, timestamp.map(instant), 0).unwrap_err();
            assert_eq!(error.pointer.as_deref(), Some(place), "{}", error.message);
        }
        let forever = Clock {
            retention: None,
            ..clock()
        };
        assert!(
            forever
                .stamp(None, Some(instant("1970-01-01T00:00:00Z")), 0)
                .is_ok()
        );
        assert!(
            forever
                .stamp(None, Some(instant("1969-12-31T23:59:59Z")), 0)
                .is_err()
        );
    }
}
