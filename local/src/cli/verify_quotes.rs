//! `souk verify-quotes`: calculates all kept quotes of a running stack again.

use crate::Client;
use anyhow::{Result, bail};
use serde_json::Value;

use super::output;

/// Prints the quotes that differ and the numbers. It fails if one differs.
pub(super) async fn run(url: &str) -> Result<()> {
    let answer = Client::new(url).get("/_souk/quotes").await?;
    let said = answer.json();
    if answer.status != 200 || !said["count"].is_u64() {
        let why = said["message"].as_str().unwrap_or("it is not a running stack");
        bail!("the quotes of {url} cannot be verified: {why} (status {})", answer.status);
    }
    output::text(&render(&said))?;
    outcome(&said)
}

fn different(said: &Value) -> &[Value] {
    said["different"].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn render(said: &Value) -> String {
    let lines = different(said).iter().filter_map(Value::as_str).map(|id| format!("{id} differs\n"));
    let numbers = format!("{} quotes, {} differ\n", said["count"], different(said).len());
    lines.chain([numbers]).collect()
}

fn outcome(said: &Value) -> Result<()> {
    match different(said).len() {
        0 => Ok(()),
        count => bail!("{count} of {} quotes are not what their prices and rules give", said["count"]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn quotes_that_differ_are_listed_and_make_the_command_fail() {
        let right = json!({"count": 2, "different": []});
        assert_eq!((render(&right).as_str(), outcome(&right).is_ok()), ("2 quotes, 0 differ\n", true));
        let wrong = json!({"count": 2, "different": ["quo_1"]});
        assert_eq!((render(&wrong).as_str(), outcome(&wrong).is_ok()), ("quo_1 differs\n2 quotes, 1 differ\n", false));
    }
}
