//! Checks of the payment provider's data, after all writes have ended.

use std::path::Path;

use anyhow::{Result, ensure};
use sandbox::{Asked, Options, Provider};
use serde_json::Value;
use tokio::sync::mpsc::unbounded_channel;

use crate::provider::live_charges;

/// The key to read the provider's data with.
const KEY: &str = "audit";

/// Checks each order's charges at the provider: one hold before the parcel leaves, the order's price after that, and
/// nothing for a cancelled order.
pub(super) fn check(data: &Path, ends: &[(String, String)]) -> Result<()> {
    let options =
        Options { api_key: KEY.to_owned(), webhooks: None, pages: String::new(), folder: Some(data.join("provider")) };
    let now = jiff::Timestamp::now().as_second().unsigned_abs();
    let provider = Provider::open(&options, unbounded_channel().0, now)?;
    let ask = |path: &str| -> Result<Value> {
        let asked = Asked {
            method: "GET".to_owned(),
            path: path.to_owned(),
            parameters: [("expand[]".to_owned(), "latest_charge".to_owned())].into(),
            api_key: Some(KEY.to_owned()),
            idempotency_key: None,
        };
        let said = provider.ask(&asked, now)?;
        ensure!(said.status == 200, "the provider answers {}: {}", said.status, said.body);
        Ok(said.body)
    };
    let intents = ask("/v1/payment_intents")?;
    for (order, end) in ends {
        let (mut held, mut kept, mut charges) = (0, 0, 0);
        for intent in live_charges(&intents).filter(|intent| intent["metadata"]["order"] == **order) {
            let whole = ask(&format!("/v1/payment_intents/{}", intent["id"].as_str().unwrap_or_default()))?;
            let minor = |amount: &Value| amount.as_i64().unwrap_or_default();
            held += minor(&whole["amount_capturable"]);
            kept += minor(&whole["amount_received"]) - minor(&whole["latest_charge"]["amount_refunded"]);
            charges += 1;
        }
        let right = match end.as_str() {
            "confirmed" => charges == 1 && held > 0 && kept == 0,
            "shipped" | "delivered" => charges == 1 && held == 0 && kept > 0,
            _ => held == 0 && kept == 0,
        };
        ensure!(right, "{order} is {end}; the provider has {charges} charges, holds {held} and keeps {kept}");
    }
    Ok(())
}
