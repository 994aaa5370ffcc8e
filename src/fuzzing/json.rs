//! A second reader of JSON, as plain as can be: what the first one makes is compared with it, and with what
//! `PostgreSQL` can store.

/// JSON. Numbers, booleans and null are kept as they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// A number, a boolean or null. Of an exponent `E5` and `e5` are `e+5`.
    Word(String),
    /// A text.
    Text(String),
    /// An array.
    Array(Vec<Json>),
    /// An object. Of members of one name the last counts, in the place of the first.
    Object(Vec<(String, Json)>),
}

/// The levels that a stored value may have. `PostgreSQL` itself takes thousands. What is sent may have more:
/// those around the value.
const MAX_LEVELS: usize = 128;
/// The digits that PostgreSQL's `numeric` has room for, before the point and behind it.
const MAX_BEFORE: i64 = 131_072;
const MAX_BEHIND: i64 = 16_383;

impl Json {
    /// Reads a text that is known to be JSON.
    pub fn read(text: &str) -> Self {
        let mut rest = text;
        let json = value(&mut rest);
        assert_eq!(rest.trim(), "", "there is more behind the value");
        json
    }

    /// What is at a JSON Pointer.
    pub fn at(&self, pointer: &str) -> Option<&Self> {
        pointer.split('/').skip(1).try_fold(self, |json, token| {
            let token = token.replace("~1", "/").replace("~0", "~");
            match json {
                Self::Array(items) => items.get(token.parse::<usize>().ok()?),
                Self::Object(members) => {
                    let member = members.iter().find(|(key, _)| *key == token);
                    member.map(|(_, value)| value)
                }
                Self::Word(_) | Self::Text(_) => None,
            }
        })
    }

    /// Panics unless the database can store it, in a column of `jsonb` too.
    pub fn assert_storable(&self) {
        self.assert_storable_at(0);
    }

    fn assert_storable_at(&self, level: usize) {
        assert!(level <= MAX_LEVELS, "there are more levels than 128");
        match self {
            Self::Word(word) if is_number(word) => {
                let (number, exponent) = word.split_once(['e', 'E']).unwrap_or((word, "0"));
                let (before, behind) = number.split_once('.').unwrap_or((number, ""));
                let exponent: i64 = exponent.parse().unwrap_or(i64::MAX);
                let digits = |text: &str| i64::try_from(text.len()).unwrap_or(i64::MAX);
                let before = digits(before).saturating_add(exponent.max(0));
                let behind = digits(behind).saturating_add((-exponent.max(-i64::MAX)).max(0));
                assert!(before <= MAX_BEFORE && behind <= MAX_BEHIND, "{word}");
            }
            Self::Word(_) => {}
            Self::Text(text) => assert!(!text.contains('\0'), "{text:?}"),
            Self::Array(items) => {
                for item in items {
                    item.assert_storable_at(level + 1);
                }
            }
            Self::Object(members) => {
                for (key, value) in members {
                    assert!(!key.contains('\0'), "{key:?}");
                    value.assert_storable_at(level + 1);
                }
            }
        }
    }
}

fn value(rest: &mut &str) -> Json {
    skip(rest);
    match rest.as_bytes().first() {
        Some(b'[') => {
            let mut items = Vec::new();
            while until(rest, '[', ']') {
                items.push(value(rest));
            }
            Json::Array(items)
        }
        Some(b'{') => {
            let mut members: Vec<(String, Json)> = Vec::new();
            while until(rest, '{', '}') {
                skip(rest);
                let key = text(rest);
                skip(rest);
                take(rest, 1);
                let value = value(rest);
                match members.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, known)) => *known = value,
                    None => members.push((key, value)),
                }
            }
            Json::Object(members)
        }
        Some(b'"') => Json::Text(text(rest)),
        _ => {
            let end = rest.find(|c: char| " \t\r\n,]}".contains(c));
            let word = take(rest, end.unwrap_or(rest.len()));
            assert!(!word.is_empty(), "a value is missing");
            let word = if is_number(word) {
                let word = word.replace('E', "e").replace('e', "e+");
                word.replace("e++", "e+").replace("e+-", "e-")
            } else {
                word.to_owned()
            };
            Json::Word(word)
        }
    }
}

fn is_number(word: &str) -> bool {
    word.starts_with(|first: char| first == '-' || first.is_ascii_digit())
}

/// Steps over the opening bracket or a comma; false at the closing one, which it steps over too.
fn until(rest: &mut &str, open: char, close: char) -> bool {
    let opens = rest.starts_with(open);
    if opens {
        take(rest, 1);
    }
    skip(rest);
    if rest.starts_with(close) {
        take(rest, 1);
        return false;
    }
    if !opens {
        assert_eq!(take(rest, 1), ",");
    }
    true
}

/// A text: where it ends is found here, its escapes are left to the library.
fn text(rest: &mut &str) -> String {
    let mut escaped = false;
    let end = rest.bytes().skip(1).position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    let Some(end) = end else {
        panic!("a text has no end")
    };
    let written = take(rest, end + 2);
    // Half of a surrogate pair is no text, but what is refused may have one.
    serde_json::from_str(written).unwrap_or_else(|_| written.to_owned())
}

fn skip(rest: &mut &str) {
    *rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
}

fn take<'a>(rest: &mut &'a str, length: usize) -> &'a str {
    let (taken, behind) = rest.split_at(length);
    *rest = behind;
    taken
}
