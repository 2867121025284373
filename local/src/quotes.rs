//! The kept quotes of a running stack, calculated again: `/_souk/quotes`, which `souk verify-quotes` shows.

use anyhow::{Context, Result};
use checkout::{VerifiedQuotes, verify_quotes};
use emulators::Cloud;
use lambda::Env;
use serde_json::{Value, json};

use crate::template::Deployment;

/// The function that reads kept quotes. It names the table.
const READER: &str = "checkout/get-quote";

/// The number of quotes, and the ids of those that differ.
pub(crate) async fn verify(cloud: &Cloud, deployment: &Deployment) -> Result<Value> {
    let table = deployment.find(READER).and_then(|reader| reader.environment.get("TABLE"));
    let table = table.with_context(|| format!("{READER} has no table"))?;
    // No quote is sealed, so any secret does.
    let variables = [("TABLE", table.clone()), ("SEAL_SECRET", "-".repeat(32))];
    let variables = variables.map(|(name, value)| (name.to_owned(), value));
    let env = Env::new(variables.into(), cloud.http_client());
    let VerifiedQuotes { count, different } = verify_quotes(env.table()?).await?;
    Ok(json!({"count": count, "different": different}))
}
