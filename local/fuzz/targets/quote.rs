//! Fuzz target: quote.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::quote(bytes));
