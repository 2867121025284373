//! `SendMessage` and `SendMessageBatch`.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use super::{
    Queues, State,
    attributes::{Attributes, Value},
    invalid,
    message::{Message, check_text},
    queue::{MAX_BYTES, MAX_DELAY_S},
};
use crate::wire::{Fault, output};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct SendMessage {
    queue_url: String,
    message_body: String,
    delay_seconds: Option<i64>,
    #[serde(default)]
    message_attributes: BTreeMap<String, Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Sent {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    message_id: Arc<str>,
    #[serde(rename = "MD5OfMessageBody")]
    md5: Arc<str>,
    #[serde(rename = "MD5OfMessageAttributes", skip_serializing_if = "Option::is_none")]
    attributes_md5: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct SendMessageBatch {
    queue_url: String,
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Entry {
    id: String,
    message_body: String,
    delay_seconds: Option<i64>,
    #[serde(default)]
    message_attributes: BTreeMap<String, Value>,
}

/// The answer of every batch operation: what went well and what did not.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Batch<T> {
    pub(super) successful: Vec<T>,
    pub(super) failed: Vec<Failed>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Failed {
    id: String,
    sender_fault: bool,
    code: &'static str,
    message: String,
}

impl Failed {
    pub(super) fn new(id: String, fault: Fault) -> Self {
        Self { id, sender_fault: true, code: fault.code, message: fault.message }
    }
}

/// What all batches must keep to.
pub(super) fn check_batch<'a>(ids: impl ExactSizeIterator<Item = &'a str>) -> Result<(), Fault> {
    let count = ids.len();
    match count {
        0 => return Err(Fault::new("EmptyBatchRequest", "There should be at least one entry in the request.")),
        1..=10 => {}
        _ => {
            let message = format!("Maximum number of entries per request are 10. You have sent {count}.");
            return Err(Fault::new("TooManyEntriesInBatchRequest", message));
        }
    }
    let mut seen = HashSet::new();
    for id in ids {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if id.is_empty() || id.len() > 80 || !id.chars().all(allowed) {
            let message = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. \
                           It can be at most 80 letters long.";
            return Err(Fault::new("InvalidBatchEntryId", message));
        }
        if !seen.insert(id) {
            return Err(Fault::new("BatchEntryIdsNotDistinct", format!("Id {id} repeated.")));
        }
    }
    Ok(())
}

impl Queues {
    pub(super) fn send_message(&self, request: SendMessage) -> Result<Vec<u8>, Fault> {
        let now = self.now_ms();
        let attributes = Attributes::parse(request.message_attributes)?;
        let mut state = self.state();
        let message =
            state.message(&request.queue_url, request.message_body, attributes, request.delay_seconds, now)?;
        let sent = Sent::new(None, &message);
        let queue = state.queue(&request.queue_url)?.name.clone();
        state.add(vec![(queue, message)])?;
        drop(state);
        output(&sent)
    }

    pub(super) fn send_message_batch(&self, request: SendMessageBatch) -> Result<Vec<u8>, Fault> {
        let now = self.now_ms();
        let mut state = self.state();
        let queue = state.queue(&request.queue_url)?.name.clone();
        check_batch(request.entries.iter().map(|entry| entry.id.as_str()))?;
        let mut batch = Batch { successful: Vec::new(), failed: Vec::new() };
        let mut messages = Vec::new();
        let mut bytes = 0;
        for Entry { id, message_body, delay_seconds, message_attributes } in request.entries {
            let message = Attributes::parse(message_attributes).and_then(|attributes| {
                bytes += message_body.len() + attributes.as_ref().map_or(0, Attributes::bytes);
                state.message(&request.queue_url, message_body, attributes, delay_seconds, now)
            });
            match message {
                Ok(message) => {
                    batch.successful.push(Sent::new(Some(id), &message));
                    messages.push((queue.clone(), message));
                }
                Err(fault) => batch.failed.push(Failed::new(id, fault)),
            }
        }
        if bytes > MAX_BYTES {
            let message =
                format!("Batch requests cannot be longer than {MAX_BYTES} bytes. You have sent {bytes} bytes.");
            return Err(Fault::new("BatchRequestTooLong", message));
        }
        state.add(messages)?;
        drop(state);
        output(&batch)
    }
}

impl State {
    fn message(
        &mut self,
        queue_url: &str,
        body: String,
        attributes: Option<Attributes>,
        delay_seconds: Option<i64>,
        now_ms: i64,
    ) -> Result<Message, Fault> {
        let settings = &self.queue(queue_url)?.settings;
        check_text(&body)?;
        let bytes = body.len() + attributes.as_ref().map_or(0, Attributes::bytes);
        if bytes > settings.max_bytes {
            return Err(invalid(format!(
                "One or more parameters are invalid. Reason: Message must be shorter than {} bytes.",
                settings.max_bytes
            )));
        }
        let delay_ms = match delay_seconds {
            None => settings.delay_ms,
            Some(seconds @ 0..=MAX_DELAY_S) => 1000 * seconds,
            Some(seconds) => {
                return Err(invalid(format!(
                    "Value {seconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= {MAX_DELAY_S}."
                )));
            }
        };
        Ok(Message::new(self.take_identity(), body.into(), attributes.map(Arc::new), now_ms, now_ms + delay_ms))
    }
}

impl Sent {
    fn new(id: Option<String>, message: &Message) -> Self {
        let attributes_md5 = message.attributes.as_ref().map(|attributes| attributes.md5());
        Self { id, message_id: message.id.clone(), md5: message.md5.clone(), attributes_md5 }
    }
}
