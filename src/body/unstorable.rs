//! What is JSON and cannot be stored nevertheless.

use serde::de;

use super::escape_token;

/// With its feature `arbitrary_precision`, `serde_json` takes an object with the one key
/// `$serde_json::private::Number` for a number, and the like for raw values.
const PRIVATE: &str = "$serde_json::private::";

/// The pointer of the first text that cannot be stored as it is, and the rule that it breaks: a string or
/// key with a NUL, which `PostgreSQL` does not have, or a key of `serde_json`'s own.
///
/// Only where one may be are the strings read. That is done by hand, because a parser that builds values ends
/// at 128 levels, and what is passed on as text may have more together with the levels around it.
pub fn find(bytes: &[u8]) -> Option<(String, &'static str)> {
    let mut places = memchr::memchr2_iter(b'\\', b'$', bytes);
    if !places.any(|at| bytes.get(at..at + 6).is_some_and(is_suspect)) {
        return None;
    }
    // Where the text is: in each list and object around it the place that was reached.
    let mut path: Vec<String> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'{' | b'[' => path.push("0".to_owned()),
            b'}' | b']' => {
                path.pop();
            }
            // In an object a key comes next and says more.
            b',' => {
                if let Some(Ok(index)) = path.last().map(|index| index.parse::<usize>()) {
                    path.pop();
                    path.push(index.saturating_add(1).to_string());
                }
            }
            b'"' => {
                let end = at + string_length(&bytes[at..])?;
                let text: String = serde_json::from_slice(&bytes[at..end]).ok()?;
                let next = bytes[end..].iter().find(|byte| !byte.is_ascii_whitespace());
                let is_key = next == Some(&b':');
                let rule = if text.contains('\0') {
                    Some("must not contain the character U+0000")
                } else if is_key && text.starts_with(PRIVATE) {
                    Some("must not have a key that begins with `$serde_json::private::`")
                } else {
                    None
                };
                if is_key {
                    path.pop();
                }
                if let Some(rule) = rule {
                    // What is not JSON at all is that first.
                    serde_json::from_slice::<de::IgnoredAny>(bytes).ok()?;
                    let pointer = path.iter().map(|part| format!("/{}", escape_token(part)));
                    return Some((pointer.collect(), rule));
                }
                if is_key {
                    path.push(text);
                }
                at = end - 1;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Whether six bytes are the escape of a NUL, or may belong to [`PRIVATE`]: its beginning, or an escape of one
/// of its characters, which nobody needs to escape.
fn is_suspect(six: &[u8]) -> bool {
    match six {
        [b'\\', b'u', b'0', b'0', hex @ ..] => std::str::from_utf8(hex)
            .ok()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok())
            .is_some_and(|byte| byte == 0 || PRIVATE.as_bytes().contains(&byte)),
        six => PRIVATE.as_bytes().starts_with(six),
    }
}

/// How many bytes the JSON string has that begins here, its quotes included.
fn string_length(bytes: &[u8]) -> Option<usize> {
    let mut escaped = false;
    let end = bytes.iter().skip(1).position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    })?;
    Some(end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_stored_is_found_wherever_it_hides() {
        let find = |text: &str| find(text.as_bytes()).map(|(pointer, _)| pointer);
        for (text, pointer) in [
            (r#"{"a":{"b/c":["x","\u0000"]}}"#, "/a/b~1c/1"),
            (r#"{"a":{"k\u0000":1}}"#, "/a"),
            (r#"{"7":1,"b":"\u0000"}"#, "/b"),
            (r#"[[1,{"a":[],"b":2}],3,"\u0000"]"#, "/2"),
            (r#"["\\","\"",{"a" : "\u0000"}]"#, "/2/a"),
            (r#"{"a":[1,{"$serde_json::private::Number":"1"}]}"#, "/a/1"),
            (r#"{"\u0024serde_json::private::RawValue":"1"}"#, ""),
        ] {
            assert_eq!(find(text).as_deref(), Some(pointer), "{text}");
        }
        let deep = format!("{}\"\\u0000\"{}", "[".repeat(500), "]".repeat(500));
        assert_eq!(find(&deep).as_deref(), Some("/0".repeat(500).as_str()));
        for text in [
            r#"{"a":"\\u0000"}"#,
            r#"{"a":1}"#,
            r#"{"a":"$serde_json::private::Number","$":1}"#,
            // No JSON: another answer.
            r#"{"a":"\u0000""#,
            r#"["\ud800","\u0000"]"#,
        ] {
            assert_eq!(find(text), None, "{text}");
        }
    }
}
