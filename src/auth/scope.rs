//! The scopes of access tokens.

use std::{fmt, str::FromStr};

use poem_openapi::{Enum, OAuthScopes};
use serde::Serialize;

use crate::values::words_in_json;

/// Declares the scopes once: their names on the wire, in the spec and in the code.
macro_rules! scopes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// What an access token allows (RFC 6749 §3.3).
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, OAuthScopes, Enum, Serialize,
        )]
        pub enum Scope {
            $($(#[doc = $doc])+ #[oai(rename = $name)] #[serde(rename = $name)] $variant,)+
        }

        words_in_json!(Scope);

        impl Scope {
            /// Every scope there is.
            pub const ALL: &[Scope] = &[$(Scope::$variant,)+];

            /// The scope's name on the wire.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Scope::$variant => $name,)+
                }
            }
        }

        impl FromStr for Scope {
            type Err = String;

            fn from_str(name: &str) -> Result<Self, String> {
                match name {
                    $($name => Ok(Scope::$variant),)+
                    other => Err(format!("`{other}` is not a scope")),
                }
            }
        }
    };
}

scopes! {
    /// Read agents
    AgentsRead = "agents:read",
    /// Create, change and delete agents
    AgentsWrite = "agents:write",
    /// Read and render prompts
    PromptsRead = "prompts:read",
    /// Create prompts and move labels
    PromptsWrite = "prompts:write",
    /// Read logs
    LogsRead = "logs:read",
    /// Write logs
    LogsWrite = "logs:write",
    /// Read configs
    ConfigsRead = "configs:read",
    /// Set and delete configs
    ConfigsWrite = "configs:write",
    /// Read the secret values of configs
    ConfigsSecrets = "configs:secrets",
    /// Read metrics
    MetricsRead = "metrics:read",
    /// Write metrics
    MetricsWrite = "metrics:write",
    /// Read tool usage
    ToolUsageRead = "tool-usage:read",
    /// Write tool usage
    ToolUsageWrite = "tool-usage:write",
    /// Read datasets
    DatasetsRead = "datasets:read",
    /// Create, change and delete datasets
    DatasetsWrite = "datasets:write",
    /// Read and search embeddings
    EmbeddingsRead = "embeddings:read",
    /// Write embeddings
    EmbeddingsWrite = "embeddings:write",
    /// Administer the server
    Admin = "admin",
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of scopes, kept as one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScopeSet(u32);

impl ScopeSet {
    /// Whether the scope is in the set.
    pub fn contains(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u32) != 0
    }

    /// The scopes of a space-separated list that this server knows; others mean nothing here.
    pub fn parse_known(list: &str) -> Self {
        list.split_ascii_whitespace()
            .filter_map(|name| name.parse().ok())
            .collect()
    }

    /// The scopes of a space-separated list.
    ///
    /// # Errors
    /// Names the first word that is not a scope.
    pub fn parse(list: &str) -> Result<Self, String> {
        list.split_ascii_whitespace()
            .map(str::parse)
            .collect::<Result<_, _>>()
    }

    /// Whether every scope of the other set is in this one.
    pub fn contains_all(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether there is no scope in it.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The scopes in it, in the order of [`Scope::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL
            .iter()
            .copied()
            .filter(move |scope| self.contains(*scope))
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(
            scopes
                .into_iter()
                .fold(0, |bits, scope| bits | 1 << scope as u32),
        )
    }
}

/// The space-separated list, as tokens and requests carry it.
impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.iter().enumerate() {
            let separator = if index == 0 { "" } else { " " };
            write!(f, "{separator}{}", scope.as_str())?;
        }
        Ok(())
    }
}

#[cfg(any(test, fuzzing))]
pub mod fuzz;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_reads_and_writes_the_same_list() {
        let all: ScopeSet = Scope::ALL.iter().copied().collect();
        assert_eq!(ScopeSet::parse(&all.to_string()), Ok(all));
        assert!(Scope::ALL.len() < 32);
    }

    #[test]
    fn a_scope_is_a_whole_word() {
        let set = ScopeSet::parse_known("agents:readX xagents:read agents:write");
        assert!(!set.contains(Scope::AgentsRead) && set.contains(Scope::AgentsWrite));
        assert!(ScopeSet::parse("agents:readX").is_err());
    }
}
