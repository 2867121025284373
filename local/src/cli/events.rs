//! `souk events`: shows the events on the bus live, one per line.

use crate::Client;
use anyhow::{Result, bail};
use http_body_util::BodyExt;
use serde_json::Value;

use super::output;

pub(super) async fn run(url: &str) -> Result<()> {
    let response = Client::new(url).open("GET", "/_souk/events", &[], Vec::new()).await?;
    if response.status() != 200 {
        bail!("{url} is not a running stack: it answers {}", response.status());
    }
    let mut body = response.into_body();
    let mut pending = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        pending.extend_from_slice(&data);
        while let Some(end) = pending.iter().position(|byte| *byte == b'\n') {
            let line: Vec<_> = pending.drain(..=end).collect();
            output::line(render(&serde_json::from_slice(&line)?))?;
        }
    }
    bail!("the stack at {url} has stopped")
}

/// Time, source, name, aggregate with its version, and the consumers.
fn render(line: &Value) -> String {
    if let Some(missed) = line["missed"].as_u64() {
        return format!("… {missed} events are not shown: they came too fast");
    }
    let event = &line["event"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let metadata = &event["detail"]["metadata"];
    let time = text(&metadata["time"]);
    let time = time.split('T').nth(1).unwrap_or(&time).trim_end_matches('Z');
    let to: Vec<_> = line["rules"].as_array().into_iter().flatten().map(|rule| short(&text(rule))).collect();
    let to = if to.is_empty() { "no consumer".to_owned() } else { to.join(", ") };
    format!(
        "{:<15.15} {:<16} {:<24} {} v{} → {to}",
        time,
        text(&event["source"]),
        text(&event["detail-type"]),
        text(&metadata["aggregate"]),
        metadata["version"]
    )
}

/// `souk-local-Inventory-ReserveStockRule` as `Inventory/ReserveStock`.
fn short(rule: &str) -> String {
    let rule = rule.strip_prefix("souk-local-").unwrap_or(rule);
    rule.strip_suffix("Rule").unwrap_or(rule).replacen('-', "/", 1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_is_one_readable_line() {
        let metadata = json!({"time": "2026-01-02T03:04:05.678901Z", "aggregate": "ord_1", "version": 2});
        let event = json!({"source": "souk.orders", "detail-type": "OrderPlaced.v1", "detail": {"metadata": metadata}});
        let line = json!({"rules": ["souk-local-Inventory-ReserveStockRule"], "event": event});
        assert_eq!(
            render(&line),
            "03:04:05.678901 souk.orders      OrderPlaced.v1           ord_1 v2 → Inventory/ReserveStock"
        );
    }
}
