//! Tries a target out with the inputs of its corpus and with variations of them, shrunk where one fails.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::PathBuf,
    thread,
};

use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
    test_runner::{Config, RngSeed, TestRunner},
};

use crate::prompts::workers::STACK;

/// What readers of text trip over.
const TOKENS: [&[u8]; 30] = [
    b"\0",
    b"\\u0000",
    b"\\ud800",
    b"\\u005cu0000",
    b"\"",
    b"\\",
    b"\n",
    b"\r\n",
    b"\t",
    b" ",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"/",
    b"~1",
    b".",
    b"-",
    b"+",
    b"%",
    b"{{",
    b"{%",
    b"1e400",
    b"-0",
    b"9223372036854775808",
    b"\xff",
    "é".as_bytes(),
    "\u{202e}".as_bytes(),
];

/// One change of an input.
#[derive(Clone, Debug)]
enum Change {
    /// Bytes come in.
    Insert(Index, Vec<u8>),
    /// A part of an input of the corpus, perhaps this one, comes in.
    Splice(Index, Vec<u8>, Index, Index),
    /// Bytes are taken out.
    Remove(Index, usize),
    /// A byte becomes another.
    Replace(Index, u8),
    /// A part is there several times.
    Repeat(Index, Index, usize),
}

impl Change {
    fn make(self, input: &mut Vec<u8>) {
        let between = |one: Index, other: Index, length: usize| {
            let (one, other) = (one.index(length + 1), other.index(length + 1));
            one.min(other)..one.max(other)
        };
        match self {
            Self::Insert(at, bytes) => {
                let at = at.index(input.len() + 1);
                input.splice(at..at, bytes);
            }
            Self::Splice(at, other, from, to) => {
                let at = at.index(input.len() + 1);
                let part = other[between(from, to, other.len())].to_vec();
                input.splice(at..at, part);
            }
            Self::Remove(at, count) => {
                let at = at.index(input.len() + 1);
                input.drain(at..input.len().min(at + count));
            }
            Self::Replace(at, byte) => {
                if !input.is_empty() {
                    *at.get_mut(input) = byte;
                }
            }
            Self::Repeat(from, to, times) => {
                let range = between(from, to, input.len());
                let part = input[range.clone()].repeat(times.min(4096 / range.len().max(1)));
                input.splice(range.end..range.end, part);
            }
        }
    }
}

fn variation(corpus: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let at = any::<Index>;
    let token = select(&TOKENS[..]).prop_map(<[u8]>::to_vec);
    let change = prop_oneof![
        (at(), token).prop_map(|(at, token)| Change::Insert(at, token)),
        (at(), vec(any::<u8>(), 1..9)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (at(), select(corpus.clone()), at(), at())
            .prop_map(|(at, other, from, to)| Change::Splice(at, other, from, to)),
        (at(), 1usize..9).prop_map(|(at, count)| Change::Remove(at, count)),
        (at(), any::<u8>()).prop_map(|(at, byte)| Change::Replace(at, byte)),
        (at(), at(), 1usize..200).prop_map(|(from, to, times)| Change::Repeat(from, to, times)),
    ];
    (select(corpus), vec(change, 1..5)).prop_map(|(mut input, changes)| {
        for change in changes {
            change.make(&mut input);
        }
        input
    })
}

fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus")
}

/// Tries a target out, with as much stack as it has in the server.
pub fn try_out(name: &'static str, check: fn(&[u8])) {
    let thread = thread::Builder::new().stack_size(STACK);
    let tried = thread.spawn(move || try_out_here(name, check)).unwrap();
    if let Err(failure) = tried.join() {
        resume_unwind(failure);
    }
}

/// First with each input of its corpus as it is.
fn try_out_here(name: &str, check: fn(&[u8])) {
    let mut inputs = Vec::new();
    let entries = fs::read_dir(corpus().join(name)).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let input = fs::read(&path).unwrap();
        if let Err(failure) = catch_unwind(AssertUnwindSafe(|| check(&input))) {
            eprintln!("The input is {}", path.display());
            resume_unwind(failure);
        }
        inputs.push(input);
    }
    // What is found is kept in the corpus, by hand and under a name.
    let config = Config::default();
    let config = Config {
        cases: 4 * config.cases,
        failure_persistence: None,
        // The same ways each time, or whether a change passes would be a matter of luck.
        rng_seed: match config.rng_seed {
            RngSeed::Random => RngSeed::Fixed(1),
            fixed @ RngSeed::Fixed(_) => fixed,
        },
        ..config
    };
    let tried = TestRunner::new(config).run(&variation(inputs), |input| {
        check(&input);
        Ok(())
    });
    if let Err(proptest::test_runner::TestError::Fail(reason, input)) = tried {
        panic!("{reason}; the input is b\"{}\"", input.escape_ascii());
    }
}

/// Panics when a folder of inputs is of no target.
pub fn no_input_is_lost() {
    for entry in fs::read_dir(corpus()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let known = super::TARGETS.iter().any(|(target, _)| *target == name);
        assert!(known, "fuzz/corpus/{name} is of no target");
    }
}
