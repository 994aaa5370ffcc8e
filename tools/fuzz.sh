#!/bin/sh
# The targets of src/fuzzing.rs under libFuzzer, which keeps to inputs that reach code which no other has reached: for FUZZ_SECONDS in
# all, FUZZ_TARGETS or every one. It works with stable Rust and wants a C++ compiler too, for libFuzzer itself. What is found first is left in
# target/fuzz/faults; once it is mended it belongs into fuzz/corpus, under a name that says what it is.
set -eu
cd "$(dirname "$0")/.."
c++ --version >/dev/null 2>&1 || { echo 'error: please install: a C++ compiler (c++)' >&2; exit 1; }
work=$(mkdir -p "${CARGO_TARGET_DIR:-target}/fuzz" && cd "${CARGO_TARGET_DIR:-target}/fuzz" && pwd)
host=$(rustc -vV | sed -n 's/^host: //p')
# The versions of all dependencies are those of the server.
cp Cargo.lock fuzz/Cargo.lock
# What this compiles for the host, to build the rest with, is not measured.
flags='--cfg fuzzing -Cpasses=sancov-module'
for option in level=4 inline-8bit-counters pc-table trace-compares; do flags="$flags -Cllvm-args=-sanitizer-coverage-$option"; done
RUSTFLAGS=$flags CARGO_PROFILE_DEV_OPT_LEVEL=1 CARGO_PROFILE_DEV_DEBUG=0 \
    cargo build --manifest-path fuzz/Cargo.toml --target "$host" --target-dir "$work"
targets=${FUZZ_TARGETS:-$(ls fuzz/corpus)}
seconds=$((FUZZ_SECONDS / $(echo $targets | wc -w)))
[ "$seconds" -gt 0 ] || seconds=1
for target in $targets; do
    echo "$target, for $seconds seconds"
    mkdir -p "$work/corpus/$target" "$work/faults"
    # Rust's threads have 2 MiB of stack, so the fuzzer's has no more. An input that takes 20 seconds or 1 GiB is a fault.
    (ulimit -s 2048 && FUZZ_TARGET=$target "$work/$host/debug/fuzz" "$work/corpus/$target" "fuzz/corpus/$target" \
        -artifact_prefix="$work/faults/$target-" -max_total_time="$seconds" -max_len=4096 -timeout=20 -rss_limit_mb=1024 \
        -print_final_stats=1 >"$work/$target.log" 2>&1) || { tail -n 60 "$work/$target.log" >&2; exit 1; }
    sed -n 's/^stat::number_of_executed_units: */    inputs: /p; s/.* cov: \([0-9]*\) .*DONE.*/    &/p' "$work/$target.log" | tail -n 2
done
