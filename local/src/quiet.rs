//! Quiescence: every event is on the bus, and every queue is empty.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::json;

use crate::{Stack, cloud::call, template::queue_url};

/// The maximum time until quiescence.
const PATIENCE: Duration = Duration::from_mins(2);

/// Waits until quiescence.
pub(crate) async fn settled(stack: &Stack) -> Result<()> {
    until("everything is at rest", async || {
        let before = stack.ledger().count();
        let quiet = waiting(stack).await? == 0 && relayed(stack)?;
        // Work that ended during the checks may have caused new work in a part that was already checked.
        Ok(quiet && stack.ledger().count() == before)
    })
    .await
}

/// Repeats a check until it succeeds. It polls because no event reports changes in tables, queues and other
/// processes.
pub(crate) async fn until(what: &str, is_so: impl AsyncFn() -> Result<bool>) -> Result<()> {
    let began = Instant::now();
    while !is_so().await? {
        ensure!(began.elapsed() < PATIENCE, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

/// Whether every relay has put every event on the bus.
fn relayed(stack: &Stack) -> Result<bool> {
    for source in &stack.deployment().stream_sources {
        if stack.cloud().has_unread(&source.table, &source.function)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The messages in queues, including dead letters: after a failure, there is no quiescence.
async fn waiting(stack: &Stack) -> Result<u64> {
    let mut messages = 0;
    for queue in &stack.deployment().queues {
        let request = json!({"QueueUrl": queue_url(&queue.name), "AttributeNames": ["All"]});
        let attributes = call(stack.cloud(), "AmazonSQS.GetQueueAttributes", &request).await?["Attributes"].take();
        let counts = ["", "NotVisible", "Delayed"].map(|state| format!("ApproximateNumberOfMessages{state}"));
        let counts = counts.iter().filter_map(|name| attributes[name].as_str()?.parse::<u64>().ok());
        messages += counts.sum::<u64>();
    }
    Ok(messages)
}
