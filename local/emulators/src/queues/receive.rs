//! `ReceiveMessage`: visibility, long polls, and dead letters.

use std::{collections::BTreeMap, pin::pin, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Queues, State, arn,
    attributes::Attributes,
    invalid,
    message::{self, Message},
    queue::{MAX_VISIBILITY_S, MAX_WAIT_S},
};
use crate::wire::{ACCOUNT, Fault, output};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ReceiveMessage {
    queue_url: String,
    #[serde(default)]
    attribute_names: Vec<String>,
    #[serde(default)]
    message_system_attribute_names: Vec<String>,
    #[serde(default)]
    message_attribute_names: Vec<String>,
    max_number_of_messages: Option<i64>,
    visibility_timeout: Option<i64>,
    wait_time_seconds: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Received {
    message_id: Arc<str>,
    receipt_handle: String,
    #[serde(rename = "MD5OfBody")]
    md5: Arc<str>,
    body: Arc<str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    attributes: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_attributes: Option<Attributes>,
    #[serde(rename = "MD5OfMessageAttributes", skip_serializing_if = "Option::is_none")]
    attributes_md5: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    messages: Vec<Received>,
}

/// The outcome of one look at a queue.
enum Look {
    Messages(Vec<Received>),
    /// There are none yet; `due_ms` is when a hidden one can be received.
    Nothing {
        due_ms: Option<i64>,
    },
}

impl Queues {
    pub(super) async fn receive_message(&self, request: ReceiveMessage) -> Result<Vec<u8>, Fault> {
        let request = request.checked()?;
        let wait_ms = match request.wait_time_seconds {
            Some(seconds) => 1000 * seconds,
            None => self.state().queue(&request.queue_url)?.settings.wait_ms,
        };
        let deadline_ms = self.now_ms() + wait_ms;
        loop {
            // Listen first, then look: an arrival in between is not missed.
            let arrival = self.state().queue(&request.queue_url)?.arrival.clone();
            let mut arrived = pin!(arrival.notified());
            arrived.as_mut().enable();
            let now_ms = self.now_ms();
            let look = self.state().look(&request, now_ms)?;
            let due_ms = match look {
                Look::Messages(messages) => return output(&Answer { messages }),
                Look::Nothing { .. } if now_ms >= deadline_ms => return output(&Answer { messages: Vec::new() }),
                Look::Nothing { due_ms } => due_ms.unwrap_or(deadline_ms).min(deadline_ms),
            };
            let due = Timestamp::from_millisecond(due_ms).map_err(Fault::internal)?;
            tokio::select! {
                biased;
                () = arrived => {}
                () = self.clock.until(due) => {}
            }
        }
    }
}

impl Queues {
    /// See [`crate::Cloud::message_due`].
    pub(crate) async fn message_due(&self, queue: &str) -> Result<(), Fault> {
        loop {
            let arrival = self.state().queue(queue)?.arrival.clone();
            let mut arrived = pin!(arrival.notified());
            arrived.as_mut().enable();
            let due_ms = self.state().queue(queue)?.due.first().map(|(due_ms, _)| *due_ms);
            match due_ms {
                None => arrived.await,
                Some(due_ms) if due_ms <= self.now_ms() => return Ok(()),
                Some(due_ms) => {
                    let due = Timestamp::from_millisecond(due_ms).map_err(Fault::internal)?;
                    tokio::select! {
                        biased;
                        () = arrived => {}
                        () = self.clock.until(due) => {}
                    }
                }
            }
        }
    }
}

impl ReceiveMessage {
    fn checked(mut self) -> Result<Self, Fault> {
        // The one is the older name of the other.
        self.message_system_attribute_names.append(&mut self.attribute_names);
        for name in &self.message_system_attribute_names {
            match name.as_str() {
                "All"
                | "ApproximateFirstReceiveTimestamp"
                | "ApproximateReceiveCount"
                | "AWSTraceHeader"
                | "DeadLetterQueueSourceArn"
                | "MessageDeduplicationId"
                | "MessageGroupId"
                | "SenderId"
                | "SentTimestamp"
                | "SequenceNumber" => {}
                _ => return Err(Fault::new("InvalidAttributeName", format!("Unknown Attribute {name}."))),
            }
        }
        let check = |name: &str, value: Option<i64>, least: i64, most: i64| match value {
            Some(value) if !(least..=most).contains(&value) => Err(invalid(format!(
                "Value {value} for parameter {name} is invalid. Reason: Must be >= {least} and <= {most}, if provided."
            ))),
            _ => Ok(()),
        };
        check("MaxNumberOfMessages", self.max_number_of_messages, 1, 10)?;
        check("VisibilityTimeout", self.visibility_timeout, 0, MAX_VISIBILITY_S)?;
        check("WaitTimeSeconds", self.wait_time_seconds, 0, MAX_WAIT_S)?;
        Ok(self)
    }

    fn wants(&self, attribute: &str) -> bool {
        self.message_system_attribute_names.iter().any(|name| name == "All" || name == attribute)
    }

    fn show(&self, message: &Message) -> Received {
        let attributes = [
            ("SenderId", Some(ACCOUNT.to_owned())),
            ("SentTimestamp", Some(message.sent_ms.to_string())),
            ("ApproximateReceiveCount", Some(message.receive_count.to_string())),
            ("ApproximateFirstReceiveTimestamp", message.first_received_ms.map(|ms| ms.to_string())),
            ("AWSTraceHeader", message.trace.as_deref().map(str::to_owned)),
            ("DeadLetterQueueSourceArn", message.source.as_deref().map(arn)),
        ];
        let attributes = attributes
            .into_iter()
            .filter(|(name, _)| self.wants(name))
            .filter_map(|(name, value)| value.map(|value| (name, value)))
            .collect();
        let message_attributes =
            message.attributes.as_ref().and_then(|attributes| attributes.selected(&self.message_attribute_names));
        Received {
            message_id: message.id.clone(),
            receipt_handle: message.receipt_handle(),
            md5: message.md5.clone(),
            body: message.body.clone(),
            attributes,
            attributes_md5: message_attributes.as_ref().map(Attributes::md5),
            message_attributes,
        }
    }
}

impl State {
    fn look(&mut self, request: &ReceiveMessage, now_ms: i64) -> Result<Look, Fault> {
        self.expire(&request.queue_url, now_ms)?;
        let name = self.queue(&request.queue_url)?.name.clone();
        let queue = &self.queues[&name];
        let visibility_ms = request.visibility_timeout.map_or(queue.settings.visibility_ms, |seconds| 1000 * seconds);
        let most = usize::try_from(request.max_number_of_messages.unwrap_or(1)).unwrap_or(1);
        // A dead-letter queue that does not exist keeps nothing from being received.
        let redrive = queue.settings.redrive.as_ref().filter(|redrive| self.queues.contains_key(&redrive.queue));

        let mut taken = Vec::new();
        let mut dead = Vec::new();
        for (_, seq) in queue.due.range(..=(now_ms, i64::MAX)) {
            let received = queue.messages[seq].receive_count;
            if redrive.is_some_and(|redrive| received >= redrive.max_receive_count) {
                dead.push(*seq);
            } else if taken.len() < most {
                taken.push(*seq);
            } else {
                break;
            }
        }
        let to = redrive.map(|redrive| redrive.queue.clone());
        if !(taken.is_empty() && dead.is_empty()) {
            let write = self.journal.write(|file| {
                for seq in &dead {
                    message::record_dead_letter(file, *seq, &name, to.as_deref().unwrap_or_default(), now_ms)?;
                }
                for seq in &taken {
                    message::record_receive(file, *seq, now_ms + visibility_ms, now_ms)?;
                }
                Ok(())
            });
            write.map_err(Fault::internal)?;
        }
        if let Some(to) = to {
            self.move_dead(&name, &to, &dead, now_ms);
        }
        let queue = self.queue(&name)?;
        if taken.is_empty() {
            let due_ms = queue.due.first().map(|(due_ms, _)| *due_ms);
            return Ok(Look::Nothing { due_ms });
        }
        let mut messages = Vec::with_capacity(taken.len());
        for seq in taken {
            queue.set_visible(seq, now_ms + visibility_ms);
            if let Some(message) = queue.messages.get_mut(&seq) {
                message.receive_count += 1;
                message.first_received_ms.get_or_insert(now_ms);
                messages.push(request.show(message));
            }
        }
        // Other receivers have to wait for another instant now.
        queue.arrival.notify_waiters();
        Ok(Look::Messages(messages))
    }

    /// Moves messages to a dead-letter queue in memory.
    fn move_dead(&mut self, from: &Arc<str>, to: &Arc<str>, dead: &[i64], now_ms: i64) {
        for seq in dead {
            let message = self.queues.get_mut(from).and_then(|queue| queue.remove(*seq));
            if let (Some(mut message), Some(queue)) = (message, self.queues.get_mut(to)) {
                message.visible_ms = now_ms;
                message.source = Some(from.clone());
                queue.add(message);
                queue.arrival.notify_waiters();
            }
        }
    }

    /// Drops the messages of a queue that are older than its retention period.
    pub(super) fn expire(&mut self, queue_url: &str, now_ms: i64) -> Result<(), Fault> {
        let expired = self.queue(queue_url)?.expired(now_ms);
        if expired.is_empty() {
            return Ok(());
        }
        let write = self.journal.write(|file| expired.iter().try_for_each(|seq| message::forget(file, *seq)));
        write.map_err(Fault::internal)?;
        let queue = self.queue(queue_url)?;
        for seq in expired {
            queue.remove(seq);
        }
        Ok(())
    }
}
