//! Fuzz target: cursor.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::cursor(bytes));
