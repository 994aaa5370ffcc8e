//! A message of a chat, on the wire.

use garde::Validate;
use poem_openapi::{Enum, Object, types::Example};
use serde::{Deserialize, Serialize};

use super::model::MAX_TEMPLATE_CHARS;
use crate::values::words_in_json;

/// The most characters of the name of a placeholder.
const MAX_NAME_CHARS: usize = 100;

/// Who speaks in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum PromptRole {
    /// Instructions to the model.
    System,
    /// Instructions to the model, as newer models call them.
    Developer,
    /// The person, or the program that speaks for one.
    User,
    /// The model.
    Assistant,
    /// The result of a tool.
    Tool,
}

words_in_json!(PromptRole);

impl PromptRole {
    /// The role as one word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Developer => "developer",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
        }
    }
}

/// A part of a chat: either a message (`role` and `content`), or a `placeholder` for a list of
/// messages.
#[derive(Clone, Debug, PartialEq, Eq, Object, Serialize, Deserialize)]
#[oai(deny_unknown_fields, skip_serializing_if_is_none, example)]
#[serde(deny_unknown_fields)]
pub struct PromptMessage {
    /// Who speaks.
    #[oai(nullable)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<PromptRole>,
    /// What is said: a template. All messages together may have 200,000 characters.
    #[oai(nullable, validator(max_length = 200_000))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// Name of the variable whose messages stand here, such as the turns of the conversation so
    /// far.
    #[oai(
        nullable,
        validator(max_length = 100, pattern = "^[A-Za-z_][A-Za-z0-9_]*$")
    )]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<String>,
}

impl PromptMessage {
    /// A message.
    pub fn says(role: PromptRole, content: impl Into<String>) -> Self {
        Self {
            role: Some(role),
            content: Some(content.into()),
            placeholder: None,
        }
    }

    /// A place for messages.
    pub fn placeholder(name: impl Into<String>) -> Self {
        Self {
            role: None,
            content: None,
            placeholder: Some(name.into()),
        }
    }
}

/// Whether it is one of the two forms, and within its bounds.
impl Validate for PromptMessage {
    type Context = ();

    fn validate_into(
        &self,
        (): &(),
        parent: &mut dyn FnMut() -> garde::Path,
        report: &mut garde::Report,
    ) {
        let mut refuse = |path: garde::Path, message: &str| {
            report.append(path, garde::Error::new(message));
        };
        match self {
            Self {
                role: Some(_),
                content: Some(content),
                placeholder: None,
            } => {
                if content.chars().count() > MAX_TEMPLATE_CHARS {
                    refuse(parent().join("content"), "length is greater than 200000");
                }
            }
            Self {
                role: None,
                content: None,
                placeholder: Some(name),
            } => {
                if !is_name(name) {
                    let message =
                        "must be 1 to 100 ASCII letters, digits and _, and not begin with a digit";
                    refuse(parent().join("placeholder"), message);
                }
            }
            _ => refuse(
                parent(),
                "must have either `role` and `content`, or `placeholder`",
            ),
        }
    }
}

fn is_name(name: &str) -> bool {
    name.len() <= MAX_NAME_CHARS
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

impl Example for PromptMessage {
    fn example() -> Self {
        Self::says(PromptRole::User, "{{ question }}")
    }
}
