//! Event source mappings: deliver messages, stream records and ticks to functions.

mod filter;
mod queues;
mod schedules;
mod streams;

use emulators::Cloud;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::task::JoinSet;

use crate::{
    invoker::Invoker,
    shutdown::Shutdown,
    template::{Deployment, Queue},
};

/// Starts every poller of the deployment. On shutdown, each one finishes its current work and ends.
pub(crate) fn start(
    cloud: &Cloud,
    deployment: &Deployment,
    invoker: &Invoker,
    shutdown: &Shutdown,
    tasks: &mut JoinSet<()>,
) -> anyhow::Result<()> {
    for source in &deployment.queue_sources {
        let queue = deployment.queues.iter().find(|queue| queue.name == source.queue);
        let visibility = queue.and_then(Queue::visibility);
        let poller = queues::Poller::new(source, visibility, cloud.clone(), invoker.clone())?;
        tasks.spawn(poller.run(shutdown.clone()));
    }
    for source in &deployment.stream_sources {
        let poller = streams::Poller::new(source, cloud, invoker.clone())?;
        tasks.spawn(poller.run(shutdown.clone()));
    }
    Ok(())
}

pub use filter::Filter;
pub use queues::message_record;
pub(crate) use schedules::{Turns, repeat, run_once};
pub use streams::is_too_old;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct PartialFailures {
    batch_item_failures: Vec<ItemFailure>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ItemFailure {
    item_identifier: String,
}

/// The items of a batch that a function reports as failed; none if it answered what cannot be understood, which fails
/// all.
pub fn failed_items(answer: &RawValue) -> Option<Vec<String>> {
    // Nothing at all, or an empty object, is success.
    let report: Option<PartialFailures> = serde_json::from_str(answer.get()).ok()?;
    let failures = report.unwrap_or_default().batch_item_failures;
    Some(failures.into_iter().map(|failure| failure.item_identifier).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_names_the_items_that_failed() {
        let failed = |answer: &str| failed_items(&RawValue::from_string(answer.to_owned()).unwrap());
        assert_eq!(failed(r#"{"batchItemFailures": [{"itemIdentifier": "a"}]}"#).unwrap(), ["a"]);
        assert!(failed("null").unwrap().is_empty());
        assert!(failed("{}").unwrap().is_empty());
        assert_eq!(failed(r#"{"batchItemFailures": [{"item": "a"}]}"#), None);
    }
}
