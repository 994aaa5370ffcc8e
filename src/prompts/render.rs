//! Rendering a version: its templates, its placeholders, and what is told when they fail.

use serde_json::Value as Json;

use super::{
    engine::{Failure, Rendering},
    message::PromptMessage,
    model::{Prompt, RenderedMessage, RenderedPrompt},
};
use crate::{body::Object, problem::FieldError, values::JsonObject};

/// Renders a version.
///
/// # Errors
/// The variables that are missing or do not fit, or what else went wrong.
pub fn render(prompt: Prompt, variables: &JsonObject) -> Result<RenderedPrompt, Vec<FieldError>> {
    let mut rendering = Rendering::new(variables.members());
    let rendered = match (&prompt.template, &prompt.messages) {
        (Some(template), _) => rendering
            .render(template)
            .map(|text| (Some(text), None))
            .map_err(|failure| errors(failure, &prompt, variables, "the template")),
        (None, messages) => {
            let messages = messages.iter().flatten();
            chat(&mut rendering, &prompt, messages, variables)
                .map(|messages| (None, Some(messages)))
        }
    };
    let (text, messages) = rendered?;
    Ok(RenderedPrompt {
        version: prompt.version,
        content_hash: prompt.content_hash,
        kind: prompt.kind,
        text,
        messages,
        config: prompt.config,
    })
}

fn chat<'a>(
    rendering: &mut Rendering,
    prompt: &Prompt,
    messages: impl Iterator<Item = &'a PromptMessage>,
    variables: &JsonObject,
) -> Result<Vec<RenderedMessage>, Vec<FieldError>> {
    let mut rendered = Vec::new();
    for (index, message) in messages.enumerate() {
        let place = format!("message {index}");
        let failed = |failure| errors(failure, prompt, variables, &place);
        if let (Some(role), Some(content)) = (message.role, &message.content) {
            let content = rendering.render(content).map_err(failed)?;
            rendered.push(RenderedMessage { role, content });
        }
        let Some(name) = &message.placeholder else {
            continue;
        };
        let Some(given) = variables.members().get(name) else {
            return Err(failed(Failure::Missing));
        };
        let given = placeholder(name, given)?;
        let bytes = given.iter().map(|message| message.content.len()).sum();
        rendering.take(bytes).map_err(failed)?;
        rendered.extend(given);
    }
    Ok(rendered)
}

/// The messages that were given for a placeholder.
fn placeholder(name: &str, given: &Json) -> Result<Vec<RenderedMessage>, Vec<FieldError>> {
    let pointer = format!("/variables/{name}");
    let Json::Array(items) = given else {
        let message = "a placeholder takes a list of messages";
        return Err(vec![FieldError::body(pointer, message)]);
    };
    let messages = items.iter().enumerate().map(|(index, item)| {
        serde_json::from_value(item.clone())
            .map(|Object(message)| message)
            .map_err(|error| {
                vec![FieldError::body(
                    format!("{pointer}/{index}"),
                    error.to_string(),
                )]
            })
    });
    messages.collect()
}

/// What is told of a failure. When a variable was missing: all that are, of the whole prompt.
fn errors(
    failure: Failure,
    prompt: &Prompt,
    variables: &JsonObject,
    place: &str,
) -> Vec<FieldError> {
    match failure {
        Failure::Missing => {
            let given = variables.members();
            let missing = prompt
                .variables
                .iter()
                .filter(|name| !given.contains_key(*name));
            missing
                .map(|name| FieldError::body(format!("/variables/{name}"), "is missing"))
                .collect()
        }
        Failure::Wrong(message) => {
            vec![FieldError::body(
                "/variables",
                format!("{place}: {message}"),
            )]
        }
    }
}

#[cfg(any(test, fuzzing))]
pub mod fuzz;
