//! `souk budgets`: the AWS calls of functions, and the cost of a million purchases.

use std::fs;

use crate::budgets::{self, FILE};
use anyhow::{Context, Result};

use super::output;

/// Counts in a separate stack, and prints the page or writes the file.
pub(super) fn run(write: bool) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let budgets = runtime.block_on(budgets::count())?;
    for unused in budgets.unused() {
        output::note(format_args!("unused permission: {unused}"));
    }
    for excess in budgets.excesses() {
        output::note(format_args!("over the cap: {excess}"));
    }
    if write {
        fs::write(FILE, budgets.page()).with_context(|| format!("cannot write {FILE}"))?;
        let [singly, batched] = budgets.dollars();
        output::line(format_args!(
            "A million purchases: {singly:.2} $, and {batched:.2} $ with messages received and deleted in tens."
        ))
    } else {
        output::text(&budgets.page())
    }
}
