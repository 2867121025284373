//! A queue: its settings and its messages in the order in which they are due.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use serde::Deserialize;
use tokio::sync::Notify;

use super::{invalid, message::Message, name_in};
use crate::wire::Fault;

/// The largest message, body and attributes, in bytes; also the largest batch.
pub(super) const MAX_BYTES: usize = 1024 * 1024;
/// The longest visibility timeout: twelve hours, in seconds.
pub(super) const MAX_VISIBILITY_S: i64 = 43_200;
/// The longest delay: fifteen minutes, in seconds.
pub(super) const MAX_DELAY_S: i64 = 900;
/// The longest wait for a message, in seconds.
pub(super) const MAX_WAIT_S: i64 = 20;

/// The settable attributes of a queue: as they were given, and parsed.
pub(super) struct Settings {
    pub(super) given: BTreeMap<String, String>,
    pub(super) delay_ms: i64,
    pub(super) max_bytes: usize,
    pub(super) retention_ms: i64,
    pub(super) wait_ms: i64,
    pub(super) visibility_ms: i64,
    pub(super) redrive: Option<Redrive>,
}

/// Where messages go that were received too often.
pub(super) struct Redrive {
    /// The dead-letter queue's name.
    pub(super) queue: Arc<str>,
    pub(super) max_receive_count: u32,
}

impl Settings {
    pub(super) fn new(given: BTreeMap<String, String>) -> Result<Self, Fault> {
        for name in given.keys() {
            match name.as_str() {
                "DelaySeconds"
                | "MaximumMessageSize"
                | "MessageRetentionPeriod"
                | "ReceiveMessageWaitTimeSeconds"
                | "VisibilityTimeout"
                | "RedrivePolicy"
                // These are answered as they were given; there is nothing here that they could act on.
                | "Policy"
                | "RedriveAllowPolicy"
                | "KmsMasterKeyId"
                | "KmsDataKeyReusePeriodSeconds"
                | "SqsManagedSseEnabled" => {}
                "FifoQueue" | "ContentBasedDeduplication" | "DeduplicationScope" | "FifoThroughputLimit" => {
                    return Err(Fault::new(
                        "InvalidAttributeName",
                        format!("The local emulator has no FIFO queues: {name} is not supported."),
                    ));
                }
                _ => return Err(Fault::new("InvalidAttributeName", format!("Unknown Attribute {name}."))),
            }
        }
        let number = |name: &str, default: i64, least: i64, most: i64| {
            let Some(value) = given.get(name) else { return Ok(default) };
            let number = value.parse().ok().filter(|number| (least..=most).contains(number));
            number.ok_or_else(|| {
                let message = format!("Invalid value {value} for {name}: {least} to {most} is allowed.");
                Fault::new("InvalidAttributeValue", message)
            })
        };
        let max_bytes = i64::try_from(MAX_BYTES).unwrap_or(i64::MAX);
        Ok(Self {
            delay_ms: 1000 * number("DelaySeconds", 0, 0, MAX_DELAY_S)?,
            max_bytes: number("MaximumMessageSize", max_bytes, 1024, max_bytes)?.try_into().unwrap_or(MAX_BYTES),
            retention_ms: 1000 * number("MessageRetentionPeriod", 345_600, 60, 1_209_600)?,
            wait_ms: 1000 * number("ReceiveMessageWaitTimeSeconds", 0, 0, MAX_WAIT_S)?,
            visibility_ms: 1000 * number("VisibilityTimeout", 30, 0, MAX_VISIBILITY_S)?,
            redrive: match given.get("RedrivePolicy").map(String::as_str) {
                None | Some("") => None,
                Some(policy) => Some(Redrive::parse(policy)?),
            },
            given,
        })
    }
}

impl Redrive {
    fn parse(policy: &str) -> Result<Self, Fault> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        struct Policy {
            dead_letter_target_arn: String,
            max_receive_count: Count,
        }
        // SQS takes the number as a string too.
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Count {
            Number(u32),
            Text(String),
        }
        let parse = || {
            let policy: Policy = serde_json::from_str(policy).ok()?;
            let max_receive_count = match policy.max_receive_count {
                Count::Number(number) => number,
                Count::Text(text) => text.parse().ok()?,
            };
            let queue = name_in(&policy.dead_letter_target_arn)?.into();
            (1..=1000).contains(&max_receive_count).then_some(Self { queue, max_receive_count })
        };
        parse().ok_or_else(|| {
            invalid(format!(
                "Value {policy} for parameter RedrivePolicy is invalid. Reason: it needs deadLetterTargetArn, an SQS ARN in \
                 our region and account, and maxReceiveCount, 1 to 1000."
            ))
        })
    }
}

pub(super) struct Queue {
    pub(super) name: Arc<str>,
    pub(super) settings: Settings,
    pub(super) created_ms: i64,
    pub(super) modified_ms: i64,
    pub(super) messages: HashMap<i64, Message>,
    /// (when it can be received, its number): the first is the next to be received.
    pub(super) due: BTreeSet<(i64, i64)>,
    /// (when it was sent, its number): the first is the next to expire.
    ages: BTreeSet<(i64, i64)>,
    /// Fired when a waiting receiver should look again.
    pub(super) arrival: Arc<Notify>,
}

impl Queue {
    pub(super) fn new(name: Arc<str>, settings: Settings, created_ms: i64, modified_ms: i64) -> Self {
        Self {
            name,
            settings,
            created_ms,
            modified_ms,
            messages: HashMap::new(),
            due: BTreeSet::new(),
            ages: BTreeSet::new(),
            arrival: Arc::default(),
        }
    }

    pub(super) fn add(&mut self, message: Message) {
        self.due.insert((message.visible_ms, message.seq));
        self.ages.insert((message.sent_ms, message.seq));
        self.messages.insert(message.seq, message);
    }

    pub(super) fn remove(&mut self, seq: i64) -> Option<Message> {
        let message = self.messages.remove(&seq)?;
        self.due.remove(&(message.visible_ms, seq));
        self.ages.remove(&(message.sent_ms, seq));
        Some(message)
    }

    pub(super) fn set_visible(&mut self, seq: i64, visible_ms: i64) {
        if let Some(message) = self.messages.get_mut(&seq) {
            self.due.remove(&(message.visible_ms, seq));
            message.visible_ms = visible_ms;
            self.due.insert((visible_ms, seq));
        }
    }

    /// Makes the messages in flight visible; what was only delayed stays so.
    pub(super) fn return_in_flight(&mut self, now_ms: i64) {
        let flying = self.messages.values().filter(|message| message.receive_count > 0 && message.visible_ms > now_ms);
        for seq in flying.map(|message| message.seq).collect::<Vec<_>>() {
            self.set_visible(seq, now_ms);
        }
        self.arrival.notify_waiters();
    }

    /// The messages that are older than the retention period.
    pub(super) fn expired(&self, now_ms: i64) -> Vec<i64> {
        let oldest = now_ms - self.settings.retention_ms;
        self.ages.range(..=(oldest, i64::MAX)).map(|(_, seq)| *seq).collect()
    }

    /// How many can be received, are in flight, and are delayed.
    pub(super) fn counts(&self, now_ms: i64) -> (usize, usize, usize) {
        let hidden = self.due.range((now_ms + 1, i64::MIN)..);
        let (flying, delayed): (Vec<&(i64, i64)>, Vec<_>) = hidden.partition(|(_, seq): &&(i64, i64)| {
            self.messages.get(seq).is_some_and(|message| message.receive_count > 0)
        });
        (self.due.len() - flying.len() - delayed.len(), flying.len(), delayed.len())
    }
}
