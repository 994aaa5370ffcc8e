//! Which embeddings are meant, by their metadata: the filter of lists, deletions and searches.

use garde::Validate;
use poem_openapi::{
    Object,
    registry::{MetaSchema, MetaSchemaRef},
    types::{Example, ParseError, ParseFromJSON, ParseResult, ToJSON},
};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

use crate::{
    body,
    problem::{ApiError, Problem},
    raw_json::RawJson,
    values::documented,
};

/// The most filters that a filter may consist of, itself included.
const MAX_FILTERS: usize = 100;
/// The most tokens of a path.
const MAX_TOKENS: usize = 16;

/// A condition on the metadata of embeddings. Everything that it says must hold: a comparison of what
/// is at `path`, or several, and whatever `and`, `or` and `not` say. It must say something.
///
/// What is not there equals nothing, is in no range and contains nothing; so only `ne`, `not` and
/// `"exists": false` hold for it.
#[derive(Clone, Debug, Default, Object, Serialize, Deserialize, Validate)]
#[oai(deny_unknown_fields, example, skip_serializing_if_is_none)]
#[serde(deny_unknown_fields, default)]
pub struct Filter {
    /// The place in the metadata that the comparisons are about, as a JSON Pointer (RFC 6901) such as
    /// `/chapter` or `/author/name`; at most 16 deep.
    #[oai(validator(max_length = 1000, pattern = r"^(/([^/~]|~[01])*)*$"))]
    #[garde(custom(pointer))]
    #[serde(
        deserialize_with = "body::given",
        skip_serializing_if = "Option::is_none"
    )]
    pub path: Option<String>,
    /// It equals this value. Objects and arrays are equal in all that they hold.
    #[garde(skip)]
    #[serde(
        deserialize_with = "body::given",
        skip_serializing_if = "Option::is_none"
    )]
    pub eq: Option<RawJson>,
    /// It does not equal this value.
    #[garde(skip)]
    #[serde(
        deserialize_with = "body::given",
        skip_serializing_if = "Option::is_none"
    )]
    pub ne: Option<RawJson>,
    /// It equals one of these values.
    #[oai(validator(min_items = 1, max_items = 1000))]
    #[garde(length(min = 1, max = 1000))]
    #[serde(
        deserialize_with = "body::given",
        skip_serializing_if = "Option::is_none"
    )]
    pub r#in: Option<Vec<RawJson>>,
    /// It is less than this value and of its type; texts are compared by their code points.
    #[garde(skip)]
    #[serde(
        deserialize_with = "body::given",
        skip_serializing_if = "Option::is_none"
    )]
    pub lt: Option<Scalar>,
    /// It is less than this value, or equals it, and is of its type.
    #[garde(skip)]
    #[serde(
        deserialize_with = "body::given",
        skip_serializing_if = "Option::is_none"
    )]
    pub lte: Option<Scalar>,
    /// It is greater than this value and of its type.
    #[garde(skip)]
    #[serde(
        deserialize_with = "body::given",
        skip_serializing_if = "Option::is_none"
    )]
    pub gt: Option<Scalar>,
    /// It is greater than this value, or equals it, and is of its type.
    #[garde(skip)]
    #[serde(
        deserialize_with = "body::given",
        skip_serializing_if = "Option::is_none"
    )]
    pub gte: Option<Scalar>,
    /// Whether it is there; `null` is.
    #[garde(skip)]
    #[serde(
        deserialize_with = "body::given",
        skip_serializing_if = "Option::is_none"
    )]
    pub exists: Option<bool>,
    /// It is an array with this value among its items, or a text with this text in it.
    #[garde(skip)]
    #[serde(
        deserialize_with = "body::given",
        skip_serializing_if = "Option::is_none"
    )]
    pub contains: Option<Scalar>,
    /// It is a text that begins with this one.
    #[oai(validator(max_length = 1000))]
    #[garde(length(chars, max = 1000))]
    #[serde(
        deserialize_with = "body::given",
        skip_serializing_if = "Option::is_none"
    )]
    pub prefix: Option<String>,
    /// All of these hold.
    #[oai(validator(min_items = 1, max_items = 99))]
    #[garde(length(min = 1, max = 99), dive)]
    #[serde(
        deserialize_with = "body::given",
        skip_serializing_if = "Option::is_none"
    )]
    pub and: Option<Vec<Filter>>,
    /// One of these holds.
    #[oai(validator(min_items = 1, max_items = 99))]
    #[garde(length(min = 1, max = 99), dive)]
    #[serde(
        deserialize_with = "body::given",
        skip_serializing_if = "Option::is_none"
    )]
    pub or: Option<Vec<Filter>>,
    /// This does not hold.
    #[garde(dive)]
    #[serde(
        deserialize_with = "body::given",
        skip_serializing_if = "Option::is_none"
    )]
    pub not: Option<Box<Filter>>,
}

impl Filter {
    /// The filter of a query parameter, in JSON.
    ///
    /// # Errors
    /// 422 with what is wrong with it.
    pub fn from_parameter(text: &str) -> Result<Self, ApiError> {
        let wrong = |problem: Box<Problem>| ApiError::invalid_parameter("filter", problem.detail);
        let body::Object(filter) =
            body::parse::<body::Object<Self>>(text.as_bytes()).map_err(wrong)?;
        body::check(&filter).map_err(wrong)?;
        let bounded = bounded(&Some(&filter), &());
        bounded.map_err(|error| ApiError::invalid_parameter("filter", error.message()))?;
        Ok(filter)
    }

    /// The keys, or places in arrays, that lead to where the path points.
    pub fn tokens(&self) -> Vec<String> {
        let path = self.path.as_deref().unwrap_or_default();
        let unescape = |token: &str| token.replace("~1", "/").replace("~0", "~");
        path.split('/').skip(1).map(unescape).collect()
    }

    fn says_nothing(&self) -> bool {
        let Self {
            path: _,
            eq,
            ne,
            r#in,
            lt,
            lte,
            gt,
            gte,
            exists,
            contains,
            prefix,
            and,
            or,
            not,
        } = self;
        let ranges = [lt, lte, gt, gte, contains];
        eq.is_none()
            && ne.is_none()
            && r#in.is_none()
            && ranges.into_iter().all(Option::is_none)
            && exists.is_none()
            && prefix.is_none()
            && and.is_none()
            && or.is_none()
            && not.is_none()
    }

    /// The filters directly within this one.
    fn inner(&self) -> impl Iterator<Item = &Self> {
        let lists = self.and.iter().chain(&self.or).flatten();
        lists.chain(self.not.as_deref())
    }
}

/// Requires of a whole filter that it says something everywhere and is not too long.
pub fn bounded<F: AsRef<Filter>>(filter: &Option<F>, (): &()) -> garde::Result {
    let mut open: Vec<&Filter> = filter.iter().map(AsRef::as_ref).collect();
    let mut seen = 0;
    while let Some(filter) = open.pop() {
        seen += 1;
        if seen > MAX_FILTERS {
            let message = format!("consists of more than {MAX_FILTERS} filters");
            return Err(garde::Error::new(message));
        }
        if filter.says_nothing() {
            return Err(garde::Error::new(
                "must say something: a comparison, `and`, `or` or `not`",
            ));
        }
        open.extend(filter.inner());
    }
    Ok(())
}

impl AsRef<Filter> for Filter {
    fn as_ref(&self) -> &Filter {
        self
    }
}

fn pointer(path: &Option<String>, (): &()) -> garde::Result {
    let Some(path) = path else {
        return Ok(());
    };
    let wrong = |message: &str| Err(garde::Error::new(message));
    if path.chars().count() > 1000 {
        return wrong("length is greater than 1000");
    }
    if !path.is_empty() && !path.starts_with('/') {
        return wrong("must be a JSON Pointer such as `/chapter`");
    }
    let mut escapes = path.split('~').skip(1);
    if !escapes.all(|rest| rest.starts_with(['0', '1'])) {
        return wrong("must have `~0` for `~` and `~1` for `/` in a key");
    }
    if path.matches('/').count() > MAX_TOKENS {
        return wrong("is more than 16 deep");
    }
    Ok(())
}

impl Example for Filter {
    fn example() -> Self {
        Self {
            path: Some("/page".into()),
            gte: serde_json::from_str("10").ok(),
            ..Self::default()
        }
    }
}

/// A text, a number or a boolean.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Scalar(pub RawJson);

/// The types of scalars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalarType {
    /// A text.
    Text,
    /// A number.
    Number,
    /// A boolean.
    Boolean,
}

impl Scalar {
    /// Its type.
    pub fn kind(&self) -> ScalarType {
        match self.0.text().as_bytes().first() {
            Some(b'"') => ScalarType::Text,
            Some(b't' | b'f') => ScalarType::Boolean,
            _ => ScalarType::Number,
        }
    }

    /// The text that it is, if it is one.
    pub fn as_text(&self) -> Option<String> {
        serde_json::from_str(self.0.text()).ok()
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = RawJson::deserialize(deserializer)?;
        if json.text().starts_with(['{', '[', 'n']) {
            return Err(de::Error::custom("must be a text, a number or a boolean"));
        }
        Ok(Self(json))
    }
}

fn scalar_schema() -> MetaSchema {
    let text = MetaSchema {
        pattern: Some(r"^[^\x00]*$".into()),
        ..MetaSchema::new("string")
    };
    let any_of = [text, MetaSchema::new("number"), MetaSchema::new("boolean")];
    MetaSchema {
        any_of: any_of
            .map(|schema| MetaSchemaRef::Inline(Box::new(schema)))
            .into(),
        ..MetaSchema::ANY
    }
}

documented!([] Scalar, "scalar", scalar_schema());

impl ParseFromJSON for Scalar {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        serde_json::from_value(value.unwrap_or_default()).map_err(ParseError::custom)
    }
}

impl ToJSON for Scalar {
    fn to_json(&self) -> Option<Value> {
        self.0.to_json()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Filter, String> {
        Filter::from_parameter(json).map_err(|error| format!("{error:?}"))
    }

    #[test]
    fn a_path_is_a_json_pointer() {
        let tokens = |path: &str| {
            let filter = format!(r#"{{"path": "{path}", "exists": true}}"#);
            read(&filter).map(|filter| filter.tokens())
        };
        assert_eq!(tokens("").unwrap(), Vec::<String>::new());
        assert_eq!(tokens("/a/0").unwrap(), ["a", "0"]);
        assert_eq!(tokens("/").unwrap(), [""]);
        assert_eq!(tokens("/a~1b/~01").unwrap(), ["a/b", "~1"]);
        for bad in [
            "a",
            "a/b",
            "/~",
            "/~2",
            &"/a".repeat(17),
            &"a".repeat(1_001),
        ] {
            assert!(tokens(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_filter_says_something_and_not_too_much() {
        let nested = |depth: usize| {
            let open = r#"{"not":"#.repeat(depth);
            format!(r#"{open}{{"eq":1}}{}"#, "}".repeat(depth))
        };
        let wide = |count: usize| {
            let inner = vec![r#"{"eq":1}"#; count].join(",");
            format!(r#"{{"or":[{inner}],"and":[{{"eq":1}}]}}"#)
        };
        for good in [r#"{"eq":null}"#, &nested(50), &nested(99), &wide(98)] {
            assert!(read(good).is_ok(), "{good}");
        }
        for bad in [
            "{}",
            "[]",
            r#"{"path":"/a"}"#,
            r#"{"and":[{}]}"#,
            r#"{"and":[]}"#,
            r#"{"in":[]}"#,
            r#"{"eq":1,"more":2}"#,
            r#"{"lt":null}"#,
            r#"{"lt":[1]}"#,
            r#"{"exists":"yes"}"#,
            r#"{"contains":{}}"#,
            r#"{"path":null,"eq":1}"#,
            r#"{"eq":"\u0000"}"#,
            &nested(100),
            &wide(99),
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
