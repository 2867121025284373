//! `souk status`: shows functions, tables, queues and dead letters of a running stack.

use crate::Client;
use anyhow::{Result, bail};
use serde_json::Value;

use super::output;

pub(super) async fn run(url: &str) -> Result<()> {
    let answer = Client::new(url).get("/_souk/status").await?;
    if answer.status != 200 {
        bail!("{url} is not a running stack: it answers {}", answer.status);
    }
    output::text(&render(&answer.json()))
}

fn render(status: &Value) -> String {
    let mut out = String::new();
    let mut line = |text: String| out += &(text + "\n");
    let list = |name: &str| status[name].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();

    let functions = list("functions");
    line(format!("FUNCTIONS ({})", functions.len()));
    for function in &functions {
        let triggers: Vec<_> = function["triggers"].as_array().into_iter().flatten().map(text).collect();
        let triggers = if triggers.is_empty() { "invoked directly".to_owned() } else { triggers.join(", ") };
        line(format!("  {:<10} {:<26} {triggers}", text(&function["service"]), text(&function["name"])));
    }
    line(format!("\n{:<54} {:>7}", "TABLES", "items"));
    for table in list("tables") {
        line(format!("  {:<52} {:>7}", text(&table["name"]), number(&table["items"])));
    }
    let (dead_letters, queues): (Vec<_>, Vec<_>) =
        list("queues").into_iter().partition(|queue| queue["deadLetters"] == true);
    line(format!("\n{:<54} {:>7} {:>10}", "QUEUES", "waiting", "in flight"));
    for queue in queues {
        let (waiting, in_flight) = (number(&queue["waiting"]), number(&queue["inFlight"]));
        line(format!("  {:<52} {waiting:>7} {in_flight:>10}", text(&queue["name"])));
    }
    let full: Vec<_> =
        dead_letters.iter().filter(|queue| number(&queue["waiting"]) + number(&queue["inFlight"]) > 0).collect();
    line(format!(
        "\nDEAD LETTERS: {}",
        if full.is_empty() { "none" } else { "messages that no function could handle" }
    ));
    for queue in full {
        line(format!("  {:<52} {:>7}", text(&queue["name"]), number(&queue["waiting"])));
    }
    out
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}
