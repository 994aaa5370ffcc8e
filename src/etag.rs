//! Entity tags (RFC 9110 §8.8.3): the `version` of a resource in quotes.

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseFromParameter, ParseResult, Type},
};

/// The entity tag of a resource at this version.
pub fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// A list of entity tags as `If-Match` and `If-None-Match` carry it (RFC 9110 §13.1).
///
/// A tag that this server never made matches nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntityTags {
    /// `*`: any version, so long as the resource is there.
    Any,
    /// The versions whose tags are listed.
    Versions {
        /// Versions named by strong tags.
        strong: Vec<i64>,
        /// Versions named by weak tags (`W/"…"`).
        weak: Vec<i64>,
    },
}

impl EntityTags {
    /// The versions that satisfy `If-Match`, which compares strongly (RFC 9110 §13.1.1); `None`
    /// means that every version does.
    pub fn strong_versions(&self) -> Option<&[i64]> {
        match self {
            Self::Any => None,
            Self::Versions { strong, .. } => Some(strong),
        }
    }

    /// Whether `If-None-Match`, which compares weakly (RFC 9110 §13.1.2), names this version.
    pub fn matches_weakly(&self, version: i64) -> bool {
        match self {
            Self::Any => true,
            Self::Versions { strong, weak } => strong.contains(&version) || weak.contains(&version),
        }
    }
}

impl Type for EntityTags {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> std::borrow::Cow<'static, str> {
        "string".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema::new("string")))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromParameter for EntityTags {
    fn parse_from_parameter(value: &str) -> ParseResult<Self> {
        if value.trim() == "*" {
            return Ok(Self::Any);
        }
        let (mut strong, mut weak) = (Vec::new(), Vec::new());
        for tag in value.split(',').map(str::trim) {
            let (list, opaque) = match tag.strip_prefix("W/") {
                Some(opaque) => (&mut weak, opaque),
                None => (&mut strong, tag),
            };
            let version = opaque.trim_matches('"').parse::<i64>().ok();
            // `"+5"` is the tag of no version.
            list.extend(version.filter(|version| etag(*version) == opaque));
        }
        Ok(Self::Versions { strong, weak })
    }
}

#[cfg(any(test, fuzzing))]
pub mod fuzz;

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &str) -> EntityTags {
        EntityTags::parse_from_parameter(value).unwrap()
    }

    #[test]
    fn if_match_compares_strongly_and_if_none_match_weakly() {
        let tags = parse(r#""3", W/"4", "foreign""#);
        assert_eq!(tags.strong_versions(), Some(&[3][..]));
        assert!(tags.matches_weakly(3) && tags.matches_weakly(4) && !tags.matches_weakly(5));
        assert_eq!(parse("*").strong_versions(), None);
        assert_eq!(
            parse(r#"nonsense, "+5", "05", 5, ""5"""#).strong_versions(),
            Some(&[][..])
        );
    }
}
