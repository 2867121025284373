//! `souk openapi`: the published contract, from the templates, the functions and the recorded examples.

use std::{fs, path::Path};

use super::output;
use crate::{Options, Stack, examples, scenarios::record};
use anyhow::{Context, Result};

/// Where the published contract is kept.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");

/// Prints the document, or writes it.
pub(super) fn run(template: Option<&Path>, write: bool, record: bool) -> Result<()> {
    if record {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let recorded = runtime.block_on(async {
            let stack = Stack::start(Options { demo: true, ..Options::default() }).await?;
            let recorded = record::record(&stack).await;
            stack.stop().await;
            recorded
        })?;
        let text = serde_json::to_string_pretty(&recorded)? + "\n";
        fs::write(examples::FILE, text).with_context(|| format!("cannot write {}", examples::FILE))?;
    }
    let text = crate::pretty(&crate::contract(template)?);
    if write {
        return fs::write(FILE, text).with_context(|| format!("cannot write {FILE}"));
    }
    output::text(&text)
}
