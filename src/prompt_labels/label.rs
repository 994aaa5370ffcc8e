//! The name of a label.

use std::{fmt, str::FromStr};

use poem_openapi::registry::MetaSchema;

use crate::values::string_scalar;

/// The most characters of a label.
const MAX_CHARS: usize = 63;
/// Always the newest version, so nobody can move it.
const LATEST: &str = "latest";

/// A label: 1 to 63 lower-case letters, digits, `.`, `_` and `-`, beginning with a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(String);

impl Label {
    /// The label of the newest version.
    pub fn latest() -> Self {
        Self(LATEST.to_owned())
    }

    /// The label as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is `latest`, which is always the newest version.
    pub fn is_latest(&self) -> bool {
        self.0 == LATEST
    }

    /// Refuses `latest`, for bodies that move labels.
    ///
    /// # Errors
    /// When it is `latest`.
    pub fn check_movable(label: &Self, (): &()) -> garde::Result {
        if label.is_latest() {
            return Err(garde::Error::new(
                "`latest` is always the newest version and cannot be moved",
            ));
        }
        Ok(())
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Label {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let well_formed = text.len() <= MAX_CHARS
            && text.starts_with(plain)
            && text
                .chars()
                .all(|c| plain(c) || matches!(c, '.' | '_' | '-'));
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be 1 to 63 of a-z, 0-9, `.`, `_` and `-`, and begin with a letter or digit")
        }
    }
}

string_scalar!(
    [] Label,
    "string_label",
    MetaSchema {
        min_length: Some(1),
        max_length: Some(MAX_CHARS),
        pattern: Some("^[a-z0-9][a-z0-9._-]*$".into()),
        ..MetaSchema::new("string")
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_has_few_characters() {
        for good in [
            "a",
            "production",
            "v1.2_rc-3",
            "0",
            "latest",
            &"a".repeat(63),
        ] {
            assert_eq!(good.parse::<Label>().unwrap().as_str(), good);
        }
        for bad in [
            "",
            "A",
            "-a",
            ".a",
            "_a",
            "a b",
            "a/b",
            "ä",
            "a\n",
            &"a".repeat(64),
        ] {
            assert!(bad.parse::<Label>().is_err(), "{bad}");
        }
    }
}
