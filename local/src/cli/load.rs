//! `souk load`: makes purchases as fast as possible, and prints the throughput.

use std::time::Duration;

use crate::{
    Options, Stack,
    load::{Load, Report},
};
use anyhow::{Result, ensure};
use indicatif::{ProgressBar, ProgressStyle};

use super::output;

/// Starts a separate stack, makes purchases, and prints throughput, latencies and errors.
pub(super) fn run(load: Load, options: Options) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(buy(load, options))
}

async fn buy(load: Load, options: Options) -> Result<()> {
    output::line("Starting a stack …")?;
    let stack = Stack::start(options).await?;
    let bar = ProgressBar::new(load.orders as u64);
    bar.set_style(ProgressStyle::with_template("{bar:40} {pos}/{len} purchases  {per_sec}  {eta} left")?);
    let report = load.run(&stack, {
        let bar = bar.clone();
        move |done| bar.set_position(done as u64)
    });
    let report = report.await?;
    bar.finish_and_clear();
    stack.stop().await;
    print(load, &report)?;
    ensure!(report.errors.is_empty(), "{} of {} purchases failed", load.orders - report.completed, load.orders);
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn print(load: Load, report: &Report) -> Result<()> {
    let a_second = report.completed as f64 / report.took.as_secs_f64();
    output::line(format_args!(
        "{} of {} purchases completed, {} shoppers at once, in {:.1} s: {a_second:.0} a second",
        report.completed,
        load.orders,
        load.at_once,
        report.took.as_secs_f64()
    ))?;
    output::line(format_args!("\n{:<22} {:>9} {:>9} {:>9} {:>9}", "milliseconds", "p50", "p90", "p99", "max"))?;
    for (step, taken) in &report.steps {
        let [p50, p90, p99, max] = [0.5, 0.9, 0.99, 1.0].map(|part| percentile(taken, part).as_secs_f64() * 1000.0);
        output::line(format_args!("{step:<22} {p50:>9.1} {p90:>9.1} {p99:>9.1} {max:>9.1}"))?;
    }
    for (error, times) in &report.errors {
        output::line(format_args!("{times} × {error}"))?;
    }
    Ok(())
}

/// A percentile of sorted values (nearest rank).
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank")]
fn percentile(sorted: &[Duration], part: f64) -> Duration {
    let rank = (sorted.len() as f64 * part).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let sorted: Vec<_> = (1..=10).map(Duration::from_millis).collect();
        assert_eq!(percentile(&sorted, 0.5), Duration::from_millis(5));
        assert_eq!(percentile(&sorted, 0.99), Duration::from_millis(10));
        assert_eq!(percentile(&[], 0.5), Duration::ZERO);
    }
}
