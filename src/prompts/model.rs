//! The shapes of prompts on the wire.

use garde::Validate;
use poem_openapi::{Enum, Object, types::Example};
use serde::{Deserialize, Deserializer, Serialize};

use super::message::{PromptMessage, PromptRole};
use crate::{
    body,
    prompt_labels::Label,
    values::{Id, JsonObject, Timestamp, words_in_json},
};

/// The most characters of a template, and of all messages of a chat together.
pub const MAX_TEMPLATE_CHARS: usize = 200_000;
/// The most bytes of compact JSON that `config` may have.
pub const MAX_CONFIG_BYTES: usize = 64 * 1024;

/// What a prompt is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum PromptType {
    /// One template.
    Text,
    /// Messages.
    Chat,
}

words_in_json!(PromptType);

/// A version of an agent's prompt. It never changes; which labels sit on it is told by the
/// operations on labels.
#[derive(Clone, Debug, PartialEq, Eq, Object, Serialize, Deserialize)]
#[oai(example)]
pub struct Prompt {
    /// Id of the agent.
    pub agent_id: Id,
    /// Its number: 1 for the agent's first, one more for each that follows. Its `ETag`.
    #[oai(validator(minimum(value = "1")))]
    pub version: i32,
    /// Whether it is one text or a chat.
    #[oai(rename = "type")]
    #[serde(rename = "type")]
    pub kind: PromptType,
    /// The template of a text; null for a chat.
    #[oai(nullable, validator(max_length = 200_000))]
    pub template: Option<String>,
    /// The messages of a chat; null for a text.
    #[oai(nullable, validator(max_items = 200))]
    pub messages: Option<Vec<PromptMessage>>,
    /// What goes with it: model, temperature and the like.
    pub config: JsonObject,
    /// The variables that it uses: those of its templates and its placeholders, in order of their
    /// names.
    pub variables: Vec<String>,
    /// What is new in this version, in words.
    #[oai(nullable, validator(max_length = 4000))]
    pub description: Option<String>,
    /// SHA-256, in lower-case hexadecimal digits, of the compact JSON text of an object of `config`,
    /// `type` and either `template` or `messages`: the keys of all objects in order of their code
    /// points, no white space, only what RFC 8259 demands escaped, numbers as they stand in
    /// `config`.
    #[oai(validator(pattern = "^[0-9a-f]{64}$"))]
    pub content_hash: String,
    /// Whether its content is that of the version before it: both have one `content_hash`.
    pub identical_to_previous: bool,
    /// Id of the client that wrote it.
    pub created_by: Id,
    /// When it was written.
    pub created_at: Timestamp,
}

impl Example for Prompt {
    fn example() -> Self {
        let id = |text: &str| text.parse().unwrap_or_default();
        Self {
            agent_id: id("019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11"),
            version: 3,
            kind: PromptType::Text,
            template: Some(EXAMPLE_TEMPLATE.into()),
            messages: None,
            config: example_config(),
            variables: vec!["mail".into(), "product".into()],
            description: Some("Asks for one word.".into()),
            content_hash: "d5ad084838f3541c7102fad215c9c1ce8f1484377ee298345faf2f07d23418fc".into(),
            identical_to_previous: false,
            created_by: id("019308d4-6e65-7cc0-b5c5-2a0d8f1e4b12"),
            created_at: "2026-11-25T09:30:00.123456Z"
                .parse()
                .unwrap_or_else(|_| Timestamp::now()),
        }
    }
}

const EXAMPLE_TEMPLATE: &str =
    "Say in one word how urgent this mail to the makers of {{ product }} is.\n\n{{ mail }}";

fn example_config() -> JsonObject {
    serde_json::from_str(r#"{"model":"claude-opus-4-5","temperature":0.2}"#).unwrap_or_default()
}

/// A new version of an agent's prompt.
#[derive(Clone, Debug, Object, Deserialize, Validate)]
#[oai(deny_unknown_fields, example)]
#[serde(deny_unknown_fields)]
pub struct NewPrompt {
    /// Whether it is one text, and has a `template`, or a chat, and has `messages`.
    #[oai(rename = "type")]
    #[garde(skip)]
    #[serde(rename = "type")]
    pub kind: PromptType,
    /// The template of a text, in the syntax of MiniJinja as `render_prompt` describes it.
    #[oai(nullable, validator(max_length = 200_000))]
    #[garde(length(chars, max = MAX_TEMPLATE_CHARS))]
    #[serde(default)]
    pub template: Option<String>,
    /// The messages of a chat. Each `content` is a template; together they may have 200,000
    /// characters.
    #[oai(nullable, validator(max_items = 200))]
    #[garde(length(max = 200), dive, custom(messages_size))]
    #[serde(default, deserialize_with = "message_objects")]
    pub messages: Option<Vec<PromptMessage>>,
    /// What goes with it: model, temperature and the like; at most 64 KiB of compact JSON.
    #[oai(default)]
    #[garde(custom(config_size))]
    #[serde(default)]
    pub config: JsonObject,
    /// What is new in this version, in words. Default: null.
    #[oai(nullable, validator(max_length = 4000))]
    #[garde(length(chars, max = 4000))]
    #[serde(default)]
    pub description: Option<String>,
    /// Labels to move to the new version at once. `latest` is always the newest version and not to
    /// be moved.
    #[oai(default, validator(max_items = 20, unique_items))]
    #[garde(
        length(max = 20),
        inner(custom(Label::check_movable)),
        custom(body::unique)
    )]
    #[serde(default)]
    pub labels: Vec<Label>,
    /// The version that the new one is made from; 0 means that there is none yet. When it is no
    /// longer the newest the answer is 409, so that two editors cannot overwrite each other unseen.
    /// Absent or null: whatever is the newest.
    #[oai(nullable, validator(minimum(value = "0")))]
    #[garde(range(min = 0))]
    #[serde(default)]
    pub parent_version: Option<i32>,
}

impl Example for NewPrompt {
    fn example() -> Self {
        let Prompt {
            kind,
            template,
            messages,
            config,
            description,
            ..
        } = Prompt::example();
        Self {
            kind,
            template,
            messages,
            config,
            description,
            labels: "production".parse().into_iter().collect(),
            parent_version: None,
        }
    }
}

/// A request to render a version.
#[derive(Clone, Debug, Default, Object, Deserialize, Validate)]
#[oai(deny_unknown_fields, example)]
#[serde(deny_unknown_fields)]
pub struct RenderPrompt {
    /// By name what the templates use, any JSON. For a placeholder a list of messages, each with
    /// `role` and `content`, which stand in the result as they are. What the prompt does not use is
    /// ignored.
    #[oai(default)]
    #[garde(skip)]
    #[serde(default)]
    pub variables: JsonObject,
}

impl Example for RenderPrompt {
    fn example() -> Self {
        let variables = r#"{"product":"agentdata","mail":"It does not start any more!"}"#;
        Self {
            variables: serde_json::from_str(variables).unwrap_or_default(),
        }
    }
}

/// A message of a rendered chat.
#[derive(Clone, Debug, PartialEq, Eq, Object, Serialize, Deserialize)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
pub struct RenderedMessage {
    /// Who speaks.
    pub role: PromptRole,
    /// What is said.
    pub content: String,
}

/// A version with its variables in place.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(example)]
pub struct RenderedPrompt {
    /// The version that was rendered.
    #[oai(validator(minimum(value = "1")))]
    pub version: i32,
    /// Its `content_hash`.
    pub content_hash: String,
    /// Whether it is one text or a chat.
    #[oai(rename = "type")]
    #[serde(rename = "type")]
    pub kind: PromptType,
    /// The text; null for a chat.
    #[oai(nullable)]
    pub text: Option<String>,
    /// The messages of a chat, the placeholders filled; null for a text.
    #[oai(nullable)]
    pub messages: Option<Vec<RenderedMessage>>,
    /// What goes with it: model, temperature and the like.
    pub config: JsonObject,
}

impl Example for RenderedPrompt {
    fn example() -> Self {
        let prompt = Prompt::example();
        let text = EXAMPLE_TEMPLATE
            .replace("{{ product }}", "agentdata")
            .replace("{{ mail }}", "It does not start any more!");
        Self {
            version: prompt.version,
            content_hash: prompt.content_hash,
            kind: prompt.kind,
            text: Some(text),
            messages: None,
            config: prompt.config,
        }
    }
}

/// A page of prompts.
#[derive(Clone, Debug, Object, Serialize)]
pub struct PromptPage {
    /// The versions, newest first.
    pub items: Vec<Prompt>,
    /// Send this as `cursor` for the next page; null on the last one.
    #[oai(nullable)]
    pub next_cursor: Option<String>,
}

fn message_objects<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<PromptMessage>>, D::Error> {
    let messages = Option::<Vec<body::Object<PromptMessage>>>::deserialize(deserializer)?;
    Ok(messages.map(|messages| messages.into_iter().map(|message| message.0).collect()))
}

fn messages_size(messages: &Option<Vec<PromptMessage>>, (): &()) -> garde::Result {
    let contents = messages.iter().flatten().filter_map(|m| m.content.as_ref());
    if contents.map(|text| text.chars().count()).sum::<usize>() <= MAX_TEMPLATE_CHARS {
        Ok(())
    } else {
        Err(garde::Error::new(format!(
            "the messages are longer than {MAX_TEMPLATE_CHARS} characters together"
        )))
    }
}

fn config_size(config: &JsonObject, (): &()) -> garde::Result {
    if config.encoded_len() <= MAX_CONFIG_BYTES {
        Ok(())
    } else {
        Err(garde::Error::new(format!(
            "is longer than {MAX_CONFIG_BYTES} bytes of JSON"
        )))
    }
}
