//! Operations on queues themselves.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};

use serde::Deserialize;
use serde_json::json;

use super::{
    Queues, State, arn, invalid,
    queue::{Queue, Settings},
    url,
};
use crate::wire::{Fault, output};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CreateQueue {
    queue_name: String,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct GetQueueUrl {
    queue_name: String,
}

/// `DeleteQueue`, `PurgeQueue`, `ListDeadLetterSourceQueues`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct OfQueue {
    queue_url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct GetQueueAttributes {
    queue_url: String,
    #[serde(default)]
    attribute_names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct SetQueueAttributes {
    queue_url: String,
    attributes: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ListQueues {
    #[serde(default)]
    queue_name_prefix: String,
    max_results: Option<usize>,
    next_token: Option<String>,
}

impl Queues {
    pub(super) fn create_queue(&self, request: CreateQueue, host: Option<&str>) -> Result<Vec<u8>, Fault> {
        let CreateQueue { queue_name, attributes } = request;
        if queue_name.strip_suffix(".fifo").is_some() {
            return Err(invalid(format!("The local emulator has no FIFO queues: {queue_name} cannot be created.")));
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if queue_name.is_empty() || queue_name.len() > 80 || !queue_name.chars().all(allowed) {
            return Err(invalid(
                "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.",
            ));
        }
        let settings = Settings::new(attributes)?;
        let now_ms = self.now_ms();
        let mut state = self.state();
        state.check_redrive(&settings)?;
        if let Some(queue) = state.queues.get(queue_name.as_str()) {
            let all = queue.attributes(now_ms);
            let other = settings.given.iter().find(|(name, value)| all.get(name.as_str()) != Some(value));
            return match other {
                None => output(&json!({ "QueueUrl": url(host, &queue.name) })),
                Some((name, _)) => Err(Fault::new(
                    "QueueNameExists",
                    format!("A queue already exists with the same name and a different value for attribute {name}"),
                )),
            };
        }
        let name: Arc<str> = queue_name.into();
        let queue = Queue::new(name.clone(), settings, now_ms, now_ms);
        state.record(&queue)?;
        state.queues.insert(name.clone(), queue);
        output(&json!({ "QueueUrl": url(host, &name) }))
    }

    pub(super) fn get_queue_url(&self, request: &GetQueueUrl, host: Option<&str>) -> Result<Vec<u8>, Fault> {
        output(&json!({ "QueueUrl": url(host, &self.state().queue(&request.queue_name)?.name) }))
    }

    pub(super) fn get_queue_attributes(&self, request: &GetQueueAttributes) -> Result<Vec<u8>, Fault> {
        let now_ms = self.now_ms();
        let mut state = self.state();
        state.expire(&request.queue_url, now_ms)?;
        let mut attributes = state.queue(&request.queue_url)?.attributes(now_ms);
        drop(state);
        let known = |name: &str| Settings::new([(name.to_owned(), String::new())].into()).err();
        for name in &request.attribute_names {
            // A known attribute that was never set has no value: only an unknown name is refused.
            let refused = known(name).filter(|fault| fault.code == "InvalidAttributeName");
            if name != "All" && !attributes.contains_key(name) && refused.is_some() {
                return Err(Fault::new("InvalidAttributeName", format!("Unknown Attribute {name}.")));
            }
        }
        if !request.attribute_names.iter().any(|name| name == "All") {
            attributes.retain(|name, _| request.attribute_names.contains(name));
        }
        output(&json!({ "Attributes": attributes }))
    }

    pub(super) fn set_queue_attributes(&self, request: SetQueueAttributes) -> Result<Vec<u8>, Fault> {
        let modified_ms = self.now_ms();
        let mut state = self.state();
        let queue = state.queue(&request.queue_url)?;
        let mut given = queue.settings.given.clone();
        given.extend(request.attributes);
        let settings = Settings::new(given)?;
        let (name, created_ms) = (queue.name.clone(), queue.created_ms);
        state.check_redrive(&settings)?;
        let changed = Queue::new(name, settings, created_ms, modified_ms);
        state.record(&changed)?;
        let queue = state.queue(&request.queue_url)?;
        queue.settings = changed.settings;
        queue.modified_ms = modified_ms;
        Ok(b"{}".to_vec())
    }

    pub(super) fn list_queues(&self, request: &ListQueues, host: Option<&str>) -> Result<Vec<u8>, Fault> {
        let most = match request.max_results {
            None => 1000,
            Some(most @ 1..=1000) => most,
            Some(most) => return Err(invalid(format!("Value {most} for parameter MaxResults is invalid: 1 to 1000."))),
        };
        let state = self.state();
        let after = request.next_token.as_deref().unwrap_or_default();
        let mut names: Vec<_> =
            state.queues.keys().filter(|name| name.starts_with(&request.queue_name_prefix)).collect();
        names.sort_unstable();
        let mut names = names.into_iter().filter(|name| ***name > *after);
        let page: Vec<_> = names.by_ref().take(most).collect();
        let mut answer = json!({ "QueueUrls": page.iter().map(|name| url(host, name)).collect::<Vec<_>>() });
        // SQS gives a token only to those who asked for pages.
        if let (Some(_), Some(_), Some(last)) = (request.max_results, names.next(), page.last()) {
            answer["NextToken"] = (***last).into();
        }
        output(&answer)
    }

    pub(super) fn list_dead_letter_source_queues(
        &self,
        request: &OfQueue,
        host: Option<&str>,
    ) -> Result<Vec<u8>, Fault> {
        let mut state = self.state();
        let name = state.queue(&request.queue_url)?.name.clone();
        let mut urls: Vec<_> = state.sources_of(&name).map(|queue| url(host, &queue.name)).collect();
        urls.sort_unstable();
        output(&json!({ "queueUrls": urls }))
    }

    pub(super) fn delete_queue(&self, request: &OfQueue) -> Result<Vec<u8>, Fault> {
        let mut state = self.state();
        let name = state.queue(&request.queue_url)?.name.clone();
        let write = state.journal.write(|file| {
            file.execute("DELETE FROM messages WHERE queue = ?1", [&*name])?;
            file.execute("DELETE FROM queues WHERE name = ?1", [&*name]).map(drop)
        });
        write.map_err(Fault::internal)?;
        if let Some(queue) = state.queues.remove(&name) {
            queue.arrival.notify_waiters();
        }
        Ok(b"{}".to_vec())
    }

    pub(super) fn purge_queue(&self, request: &OfQueue) -> Result<Vec<u8>, Fault> {
        let mut state = self.state();
        let name = state.queue(&request.queue_url)?.name.clone();
        let write =
            state.journal.write(|file| file.execute("DELETE FROM messages WHERE queue = ?1", [&*name]).map(drop));
        write.map_err(Fault::internal)?;
        let queue = state.queue(&request.queue_url)?;
        for seq in queue.messages.keys().copied().collect::<Vec<_>>() {
            queue.remove(seq);
        }
        Ok(b"{}".to_vec())
    }
}

impl State {
    fn record(&self, queue: &Queue) -> Result<(), Fault> {
        let attributes = serde_json::to_string(&queue.settings.given).map_err(Fault::internal)?;
        let row = (&*queue.name, attributes, queue.created_ms, queue.modified_ms);
        let write = self
            .journal
            .write(|file| file.execute("INSERT OR REPLACE INTO queues VALUES (?1, ?2, ?3, ?4)", row).map(drop));
        write.map_err(Fault::internal)
    }

    /// A dead-letter queue must exist before a queue names it.
    fn check_redrive(&self, settings: &Settings) -> Result<(), Fault> {
        match &settings.redrive {
            Some(redrive) if !self.queues.contains_key(&redrive.queue) => Err(invalid(format!(
                "Value {} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.",
                settings.given.get("RedrivePolicy").map_or("", String::as_str)
            ))),
            _ => Ok(()),
        }
    }

    /// The queues whose dead letters go to the queue named `name`.
    pub(super) fn sources_of(&self, name: &str) -> impl Iterator<Item = &Queue> {
        self.queues
            .values()
            .filter(move |queue| queue.settings.redrive.as_ref().is_some_and(|redrive| *redrive.queue == *name))
    }
}

impl Queue {
    /// All attributes as `GetQueueAttributes` shows them.
    fn attributes(&self, now_ms: i64) -> BTreeMap<String, String> {
        let settings = &self.settings;
        let (visible, flying, delayed) = self.counts(now_ms);
        let mut attributes = settings.given.clone();
        attributes.retain(|_, value| !value.is_empty());
        let derived = [
            ("QueueArn", arn(&self.name)),
            ("ApproximateNumberOfMessages", visible.to_string()),
            ("ApproximateNumberOfMessagesNotVisible", flying.to_string()),
            ("ApproximateNumberOfMessagesDelayed", delayed.to_string()),
            ("CreatedTimestamp", (self.created_ms / 1000).to_string()),
            ("LastModifiedTimestamp", (self.modified_ms / 1000).to_string()),
            ("DelaySeconds", (settings.delay_ms / 1000).to_string()),
            ("MaximumMessageSize", settings.max_bytes.to_string()),
            ("MessageRetentionPeriod", (settings.retention_ms / 1000).to_string()),
            ("ReceiveMessageWaitTimeSeconds", (settings.wait_ms / 1000).to_string()),
            ("VisibilityTimeout", (settings.visibility_ms / 1000).to_string()),
            ("SqsManagedSseEnabled", "true".to_owned()),
        ];
        for (name, value) in derived {
            if let Entry::Vacant(vacant) = attributes.entry(name.to_owned()) {
                vacant.insert(value);
            }
        }
        attributes
    }
}
