//! How long it takes to price the largest cart: 40 lines, 50 automatic promotions and 5 codes, all of which apply.
//! `cargo bench -p checkout --features bench`.

use std::process::ExitCode;

const TIMES: usize = 2000;
/// Microseconds of one core.
const MOST: u128 = 300;

fn main() -> ExitCode {
    let mut times = checkout::bench::price_largest(TIMES);
    times.sort_unstable();
    let at = |share: usize| times[(TIMES * share / 100).min(TIMES - 1)].as_micros();
    println!("a cart is priced in {} µs at the median, {} µs at the 95th percentile", at(50), at(95));
    if at(50) > MOST {
        println!("that is more than {MOST} µs");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
