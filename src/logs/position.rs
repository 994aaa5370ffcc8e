//! Where a tail of logs is.

use std::{fmt, str::FromStr};

use poem_openapi::registry::MetaSchema;

use crate::values::{Id, string_scalar};

/// A place in the order in which an agent's logs were committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TailPosition {
    /// The transaction that stored the log here (PostgreSQL's `xid8`), or before which this is.
    pub transaction: i64,
    /// The log here; `None` before all logs of the transaction.
    pub id: Option<Id>,
}

impl TailPosition {
    /// Before all logs of a transaction.
    pub fn before(transaction: i64) -> Self {
        Self {
            transaction,
            id: None,
        }
    }
}

impl fmt::Display for TailPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.transaction)?;
        self.id.map_or(Ok(()), |id| write!(f, "-{id}"))
    }
}

impl FromStr for TailPosition {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const REFUSED: &str = "must be the id of an event of this stream";
        let (transaction, id) = match text.split_once('-') {
            Some((transaction, id)) => (transaction, Some(id.parse().map_err(|_| REFUSED)?)),
            None => (text, None),
        };
        let transaction = transaction.parse().map_err(|_| REFUSED)?;
        let position = Self { transaction, id };
        // It has one form only.
        (position.to_string() == text)
            .then_some(position)
            .ok_or(REFUSED)
    }
}

string_scalar!(
    [] TailPosition,
    "string_tail-position",
    MetaSchema {
        pattern: Some("^(0|[1-9][0-9]{0,17})(-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$".into()),
        ..MetaSchema::new_with_format("string", "tail-position")
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_has_one_form() {
        let id = "01a207bd-aa3b-774b-8000-2a0d8f1e4b11";
        for good in ["0", "812", &format!("812-{id}")] {
            let position: TailPosition = good.parse().unwrap();
            assert_eq!(position.to_string(), good);
        }
        let upper = format!("812-{}", id.to_uppercase());
        for bad in [
            "",
            "-1",
            "+1",
            "007",
            "812-",
            "812-7",
            &upper,
            "9223372036854775808",
        ] {
            assert!(bad.parse::<TailPosition>().is_err(), "{bad}");
        }
    }
}
