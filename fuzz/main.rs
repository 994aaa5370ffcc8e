//! One target of `agentdata::fuzzing` under libFuzzer: the one that `FUZZ_TARGET` names.

#![no_main]

use std::{env, process::exit, sync::LazyLock};

use libfuzzer_sys::fuzz_target;

static CHECK: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = env::var("FUZZ_TARGET").unwrap_or_default();
    let target = agentdata::fuzzing::TARGETS
        .iter()
        .find(|(known, _)| *known == name);
    let Some((_, check)) = target else {
        eprintln!("FUZZ_TARGET must be one of:");
        for (known, _) in agentdata::fuzzing::TARGETS {
            eprintln!("{known}");
        }
        exit(2);
    };
    *check
});

fuzz_target!(|input: &[u8]| CHECK(input));
