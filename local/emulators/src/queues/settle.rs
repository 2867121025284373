//! What a receiver says about a message: `DeleteMessage` and `ChangeMessageVisibility`, alone and in batches.

use serde::{Deserialize, Serialize};

use super::{
    Queues, State, invalid,
    message::{self, Receipt},
    queue::MAX_VISIBILITY_S,
    send::{Batch, Failed, check_batch},
};
use crate::wire::{Fault, output};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DeleteMessage {
    queue_url: String,
    receipt_handle: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ChangeMessageVisibility {
    queue_url: String,
    receipt_handle: String,
    visibility_timeout: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct SettleBatch<T> {
    queue_url: String,
    entries: Vec<T>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DeleteEntry {
    id: String,
    receipt_handle: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct VisibilityEntry {
    id: String,
    receipt_handle: String,
    visibility_timeout: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Done<'a> {
    id: &'a str,
}

impl Queues {
    pub(super) fn delete_message(&self, request: &DeleteMessage) -> Result<Vec<u8>, Fault> {
        let mut state = self.state();
        let seq = state.deletion(&request.queue_url, &request.receipt_handle)?;
        state.delete(&request.queue_url, seq.as_slice())?;
        Ok(b"{}".to_vec())
    }

    pub(super) fn delete_message_batch(&self, request: &SettleBatch<DeleteEntry>) -> Result<Vec<u8>, Fault> {
        check_batch(request.entries.iter().map(|entry| entry.id.as_str()))?;
        let mut state = self.state();
        state.queue(&request.queue_url)?;
        let mut batch = Batch { successful: Vec::new(), failed: Vec::new() };
        let mut deleted = Vec::new();
        for DeleteEntry { id, receipt_handle } in &request.entries {
            match state.deletion(&request.queue_url, receipt_handle) {
                Ok(seq) => {
                    deleted.extend(seq);
                    batch.successful.push(Done { id });
                }
                Err(fault) => batch.failed.push(Failed::new(id.clone(), fault)),
            }
        }
        state.delete(&request.queue_url, &deleted)?;
        drop(state);
        output(&batch)
    }

    pub(super) fn change_message_visibility(&self, request: &ChangeMessageVisibility) -> Result<Vec<u8>, Fault> {
        let now = self.now_ms();
        let mut state = self.state();
        let change =
            state.change_of(&request.queue_url, &request.receipt_handle, Some(request.visibility_timeout), now)?;
        state.change(&request.queue_url, &[change])?;
        Ok(b"{}".to_vec())
    }

    pub(super) fn change_message_visibility_batch(
        &self,
        request: &SettleBatch<VisibilityEntry>,
    ) -> Result<Vec<u8>, Fault> {
        check_batch(request.entries.iter().map(|entry| entry.id.as_str()))?;
        let now = self.now_ms();
        let mut state = self.state();
        state.queue(&request.queue_url)?;
        let mut batch = Batch { successful: Vec::new(), failed: Vec::new() };
        let mut changes = Vec::new();
        for VisibilityEntry { id, receipt_handle, visibility_timeout } in &request.entries {
            match state.change_of(&request.queue_url, receipt_handle, *visibility_timeout, now) {
                Ok(change) => {
                    changes.push(change);
                    batch.successful.push(Done { id });
                }
                Err(fault) => batch.failed.push(Failed::new(id.clone(), fault)),
            }
        }
        state.change(&request.queue_url, &changes)?;
        drop(state);
        output(&batch)
    }
}

impl State {
    /// The message to delete. As in SQS, an outdated handle or a message that is gone is no error, and deletes nothing.
    fn deletion(&mut self, queue_url: &str, handle: &str) -> Result<Option<i64>, Fault> {
        let queue = self.queue(queue_url)?;
        let receipt = Receipt::parse(handle)?;
        Ok(queue.messages.get(&receipt.seq).filter(|message| receipt.is_of(message)).map(|message| message.seq))
    }

    fn delete(&mut self, queue_url: &str, seqs: &[i64]) -> Result<(), Fault> {
        if !seqs.is_empty() {
            let write = self.journal.write(|file| seqs.iter().try_for_each(|seq| message::forget(file, *seq)));
            write.map_err(Fault::internal)?;
        }
        let queue = self.queue(queue_url)?;
        for seq in seqs {
            queue.remove(*seq);
        }
        Ok(())
    }

    /// The message to change and when it is to be visible.
    fn change_of(
        &mut self,
        queue_url: &str,
        handle: &str,
        timeout: Option<i64>,
        now_ms: i64,
    ) -> Result<(i64, i64), Fault> {
        let queue = self.queue(queue_url)?;
        let receipt = Receipt::parse(handle)?;
        let hidden_ms = match timeout {
            None => queue.settings.visibility_ms,
            Some(seconds @ 0..=MAX_VISIBILITY_S) => 1000 * seconds,
            Some(seconds) => {
                return Err(invalid(format!(
                    "Value {seconds} for parameter VisibilityTimeout is invalid. \
                     Reason: VisibilityTimeout must be an integer between 0 and {MAX_VISIBILITY_S}."
                )));
            }
        };
        match queue.messages.get(&receipt.seq).filter(|message| receipt.is_of(message)) {
            None => Err(invalid(format!(
                "Value {handle} for parameter ReceiptHandle is invalid. \
                 Reason: Message does not exist or is not available for visibility timeout change."
            ))),
            Some(message) if message.visible_ms <= now_ms => {
                Err(Fault::new("MessageNotInflight", "The specified message isn't in flight."))
            }
            Some(message) => Ok((message.seq, now_ms + hidden_ms)),
        }
    }

    fn change(&mut self, queue_url: &str, changes: &[(i64, i64)]) -> Result<(), Fault> {
        let write = self.journal.write(|file| {
            changes.iter().try_for_each(|(seq, visible_ms)| message::record_visibility(file, *seq, *visible_ms))
        });
        write.map_err(Fault::internal)?;
        let queue = self.queue(queue_url)?;
        for (seq, visible_ms) in changes {
            queue.set_visible(*seq, *visible_ms);
        }
        queue.arrival.notify_waiters();
        Ok(())
    }
}
