//! The queue of the chunks of imports.

use std::sync::Arc;

use aws_sdk_sqs::{Client, types::SendMessageBatchRequestEntry};
use lambda::{Env, Problem, StartError};

use crate::import::Task;

/// The maximum number of messages in one `SendMessageBatch` call.
const BATCH: usize = 10;

/// The queue of the chunks of imports. Its URL is in `IMPORT_QUEUE_URL`.
#[derive(Debug, Clone)]
pub(crate) struct ImportQueue {
    client: Client,
    url: Arc<str>,
}

impl ImportQueue {
    pub(crate) fn new(env: &Env) -> Result<Self, StartError> {
        Ok(Self { client: env.sqs(), url: env.variable("IMPORT_QUEUE_URL")?.into() })
    }

    /// Sends the messages of chunks. The SQS call succeeds even if some entries fail; then this returns an error.
    pub(crate) async fn send(&self, tasks: &[Task]) -> Result<(), Problem> {
        for batch in tasks.chunks(BATCH) {
            let entries = batch.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
            let call = self.client.send_message_batch().queue_url(&*self.url).set_entries(Some(entries));
            let answer = call.send().await.map_err(Problem::internal)?;
            if let Some(failed) = answer.failed().first() {
                return Err(Problem::internal(format!("the queue refused a message: {}", failed.code())));
            }
        }
        Ok(())
    }
}

fn entry(task: &Task) -> Result<SendMessageBatchRequestEntry, Problem> {
    let body = serde_json::to_string(task).map_err(Problem::internal)?;
    let entry = SendMessageBatchRequestEntry::builder().id(task.chunk.to_string()).message_body(body);
    entry.build().map_err(Problem::internal)
}
