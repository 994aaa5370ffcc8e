//! What a template's tokens tell before it is parsed: whether it may be parsed at all, and how far
//! its values can grow.
//!
//! MiniJinja counts steps, and the output is counted as it is written. Neither bounds what a template
//! builds in memory (`{% set a = a ~ a %}`, thirty times), nor how deep its parser recurses. This
//! does.

use minijinja::machinery::{Span, Token, tokenize};

use super::{filters, template::Fault};

/// The most tokens between the braces of one tag: the parser recurses over them.
const MAX_TAG_TOKENS: usize = 1_000;
/// The most `elif` of a template, over which the parser recurses too, and the most slices, which are
/// read one through the other.
const MAX_NESTED: usize = 200;
/// Words that are no names.
const WORDS: [&str; 20] = [
    "and", "elif", "else", "endfor", "endif", "endwith", "false", "False", "for", "if", "in", "is",
    "none", "None", "not", "or", "set", "true", "True", "with",
];

/// The one function.
const CALLABLE: &str = "range";

/// What stands between two brackets, or between the braces of a tag.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Tag,
    Set,
    Arguments,
    Group,
    Literal,
    Subscript,
}

/// What stands before a token.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Before {
    #[default]
    Nothing,
    /// A value, which a bracket then belongs to.
    Value,
    /// The name of a variable, which a bracket would call.
    Name,
    /// What is before the name of a filter.
    Pipe,
    /// What is before the name of a test.
    Is,
    /// What is before the name of an attribute.
    Dot,
}

struct Frame {
    kind: Kind,
    /// Whether it makes a list or a map.
    builds: bool,
    /// Names in it, each a value that such a list holds once more.
    names: u32,
}

#[derive(Default)]
struct Scan {
    frames: Vec<Frame>,
    before: Before,
    tokens: usize,
    assigns: bool,
    elifs: usize,
    slices: usize,
    doublings: u32,
}

/// Looks at a template's tokens; answers how often its values may double: once with each `~` and `+`,
/// and with each name in a list or map that it makes.
///
/// # Errors
/// The first place that cannot be a template here.
pub fn scan(source: &str) -> Result<u32, Fault> {
    let mut scan = Scan::default();
    let mut first_of_block = false;
    let tokens = tokenize(source, false, Default::default(), Default::default());
    for token in tokens {
        let (token, span) = token.map_err(|error| Fault::of(source, &error))?;
        let word = match &token {
            Token::Ident(word) => Some(*word),
            _ => None,
        };
        let refusal = if first_of_block {
            scan.statement(word)
        } else {
            scan.token(&token)
        };
        if let Some(message) = refusal {
            return Err(fault(source, span, message));
        }
        first_of_block = matches!(token, Token::BlockStart);
    }
    Ok(scan.doublings)
}

fn fault(source: &str, span: Span, message: &str) -> Fault {
    Fault::at(source, span.start_offset as usize, message)
}

impl Scan {
    /// The first word of a block.
    fn statement(&mut self, word: Option<&str>) -> Option<&'static str> {
        match word {
            Some("if" | "else" | "endif" | "for" | "endfor" | "with" | "endwith") => None,
            Some("set") => {
                if let Some(tag) = self.frames.last_mut() {
                    tag.kind = Kind::Set;
                }
                None
            }
            Some("elif") => {
                self.elifs += 1;
                (self.elifs > MAX_NESTED).then_some("a template may have 200 `elif`")
            }
            _ => Some(
                "a statement here is one of if, elif, else, endif, for, endfor, set, with, endwith",
            ),
        }
    }

    /// Any other token.
    fn token(&mut self, token: &Token<'_>) -> Option<&'static str> {
        self.tokens += 1;
        if self.tokens > MAX_TAG_TOKENS {
            return Some("a tag may have 1000 tokens; take several");
        }
        let before = std::mem::take(&mut self.before);
        let after_value = matches!(before, Before::Value | Before::Name);
        match token {
            Token::VariableStart | Token::BlockStart => {
                (self.tokens, self.assigns) = (0, false);
                self.frames.clear();
                self.open(Kind::Tag);
            }
            Token::BlockEnd if self.ends_set_without_value() => {
                return Some("`set` needs `=` and a value");
            }
            Token::VariableEnd | Token::BlockEnd => self.close(),
            Token::Mul | Token::Pow => return Some("`*` and `**` are not part of the templates"),
            Token::Plus | Token::Tilde => self.doublings += 1,
            Token::Pipe => self.before = Before::Pipe,
            Token::Dot => self.before = Before::Dot,
            Token::Ident(word) => return self.word(word, before),
            Token::Str(_) | Token::String(_) | Token::Int(_) => self.before = Before::Value,
            Token::ParenOpen if before == Before::Name => return Some("there is no such function"),
            Token::ParenOpen => self.open(if after_value {
                Kind::Arguments
            } else {
                Kind::Group
            }),
            Token::BracketOpen => self.open(if after_value {
                Kind::Subscript
            } else {
                Kind::Literal
            }),
            Token::BraceOpen => self.open(Kind::Literal),
            Token::ParenClose | Token::BracketClose | Token::BraceClose => {
                self.close();
                self.before = Before::Value;
            }
            Token::Comma => {
                if let Some(frame) = self.frames.last_mut()
                    && matches!(frame.kind, Kind::Group | Kind::Set)
                {
                    frame.builds = true;
                }
            }
            Token::Colon => {
                if self
                    .frames
                    .last()
                    .is_some_and(|f| f.kind == Kind::Subscript)
                {
                    self.slices += 1;
                }
                if self.slices > MAX_NESTED {
                    return Some("a template may have 200 slices");
                }
            }
            Token::Assign => self.assigns = true,
            _ => {}
        }
        None
    }

    /// A word that does not begin a block.
    fn word(&mut self, word: &str, before: Before) -> Option<&'static str> {
        let after_value = matches!(before, Before::Value | Before::Name);
        match before {
            // Attributes may have any name.
            Before::Dot => self.before = Before::Value,
            Before::Pipe if !filters::NAMES.contains(&word) => {
                return Some("there is no such filter");
            }
            Before::Is if word == "not" => self.before = Before::Is,
            Before::Pipe | Before::Is => self.before = Before::Value,
            _ if word == "is" => self.before = Before::Is,
            _ if word == "recursive" && after_value => {
                return Some("recursive loops are not part of the templates");
            }
            _ if WORDS.contains(&word) => {}
            _ => {
                self.before = if word == CALLABLE {
                    Before::Value
                } else {
                    Before::Name
                };
                if let Some(frame) = self.frames.last_mut() {
                    frame.names += 1;
                }
            }
        }
        None
    }

    fn ends_set_without_value(&self) -> bool {
        let set = self.frames.first().is_some_and(|f| f.kind == Kind::Set);
        set && !self.assigns
    }

    fn open(&mut self, kind: Kind) {
        self.frames.push(Frame {
            kind,
            builds: kind == Kind::Literal,
            names: 0,
        });
    }

    fn close(&mut self) {
        let Some(closed) = self.frames.pop() else {
            return;
        };
        if closed.builds {
            self.doublings += closed.names;
        }
        if let Some(around) = self.frames.last_mut() {
            around.names += closed.names;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_double_with_operators_and_with_names_in_lists() {
        for (source, doublings) in [
            ("plain ~ + [a, a]", 0),
            ("{{ a }}{{ a.b[0]|join(', ') }}{{ range(a, b) }}", 0),
            ("{{ a is not divisibleby(b) }}{{ a.if(b) }}", 0),
            ("{% if (a or b) and not (c) %}{% endif %}", 0),
            ("{% if a in ['x', 'y', 1] %}{% endif %}", 0),
            ("{% for a, b in c %}{% endfor %}", 0),
            ("{{ a ~ b }}{{ 1 + 2 }}", 2),
            ("{% set x = [a, 'b', a] %}", 2),
            ("{% set x = a, a %}", 3),
            ("{% set x = (a, a) %}", 2),
            ("{{ {'k': a, 'l': [b]} }}", 3),
            ("{% for x in [a[b]] %}{% endfor %}", 2),
        ] {
            assert_eq!(scan(source), Ok(doublings), "{source}");
        }
    }

    #[test]
    fn what_no_bound_would_hold_is_refused_with_its_place() {
        let cases = [
            ("{{ 'a' * 9 }}", 8),
            ("{{ 2 ** 9 }}", 6),
            ("{% set x %}{% endset %}", 10),
            ("{% set x | upper %}{% endset %}", 18),
            ("{% filter upper %}{% endfilter %}", 4),
            ("{% macro m() %}{% endmacro %}", 4),
            ("{% include 'x' %}", 4),
            ("{% do x() %}", 4),
            ("{{ namespace(a=1) }}", 13),
            ("{{ a|nonsense }}", 6),
            ("{{ a|format(1) }}", 6),
            ("{% for x in y recursive %}{% endfor %}", 15),
        ];
        for (source, column) in cases {
            let fault = scan(source).unwrap_err();
            assert_eq!((fault.line, fault.column), (1, column), "{source}");
        }
        for many in [
            format!("{{{{ a{} }}}}", ".b".repeat(501)),
            format!("{{{{ {} a }}}}", "not ".repeat(1_001)),
            format!("{{% if a %}}{}{{% endif %}}", "{% elif b %}".repeat(201)),
            format!("{{{{ a{} }}}}", "[:]".repeat(201)),
        ] {
            assert!(scan(&many).is_err());
        }
    }
}
