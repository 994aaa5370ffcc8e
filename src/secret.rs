//! Text that must not be shown.

use std::{convert::Infallible, fmt, str::FromStr};

/// A secret in the clear. Printing it for debugging shows nothing.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The text, for whoever must have it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl FromStr for Secret {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
