//! Lists of scopes: strict and lenient readers agree.

use super::ScopeSet;

/// The target.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let known = ScopeSet::parse_known(text);
    for scope in known.iter() {
        let mut words = text.split_ascii_whitespace();
        assert!(words.any(|word| word == scope.as_str()), "{scope}");
    }
    match ScopeSet::parse(text) {
        Ok(all) => {
            assert_eq!(all, known);
            assert_eq!(ScopeSet::parse(&all.to_string()), Ok(all));
        }
        Err(error) => assert!(!error.is_empty()),
    }
}
