//! Everything that this program itself reads out of the bytes of strangers, and what must hold of whatever it
//! makes of them.
//!
//! A target is a function that panics when something does not hold; it stands beside what it tries. `cargo
//! test` gives each target the inputs in `fuzz/corpus` and a thousand variations of them. `make fuzz-parsers`
//! goes on from there for as long as it is told to, led by what code an input reaches. What it finds is kept: as an
//! input under a name that says what it is. A new input changes the variations of its target, so `cargo test
//! fuzzing` comes after it.

pub mod json;
#[cfg(test)]
mod vary;

/// Declares the targets, and a test of each.
macro_rules! targets {
    ($($name:ident: $check:path,)+) => {
        /// The targets by name.
        pub const TARGETS: &[(&str, fn(&[u8]))] = &[$((stringify!($name), $check),)+];

        #[cfg(test)]
        mod tests {
            $(
                #[test]
                fn $name() {
                    super::vary::try_out(stringify!($name), $check);
                }
            )+

            #[test]
            fn every_input_is_of_a_target() {
                super::vary::no_input_is_lost();
            }
        }
    };
}

targets! {
    batch: crate::records::batch::fuzz::check,
    body: crate::body::fuzz::check,
    cursor: crate::page::fuzz::check,
    diff: crate::prompts::diff::fuzz::check,
    discovery: crate::auth::outside::fuzz_metadata,
    durations: crate::settings::fuzz::check,
    entity_tags: crate::etag::fuzz::check,
    filter: crate::embeddings::store::fuzz_filter,
    form: crate::auth::form::fuzz::check,
    import_lines: crate::embeddings::import::fuzz::check,
    json_schema: crate::configs::validate::fuzz::check,
    jwks: crate::auth::outside::fuzz_keys,
    jwt: crate::auth::jwt::fuzz::check,
    like_pattern: crate::records::list::fuzz::check,
    merge_patch: crate::values::fuzz::merge_patch,
    prompt: crate::prompts::render::fuzz::check,
    provider_answer: crate::embeddings::provider::fuzz::check,
    scalars: crate::values::fuzz::scalars,
    scopes: crate::auth::scope::fuzz::check,
    stamp: crate::records::stamp::fuzz::check,
    template: crate::prompts::template::fuzz::check,
    vector: crate::embeddings::vector::fuzz::check,
}
