//! SQS: standard queues, kept in memory and recorded in the journal.

mod admin;
mod attributes;
mod message;
mod moves;
mod queue;
mod receive;
mod send;
mod settle;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use uuid::Uuid;

use crate::{
    JSON_1_0,
    clock::Clock,
    journal::Journal,
    wire::{ACCOUNT, Answer, Fault, REGION, input},
};
use message::Message;
use moves::Move;
use queue::{Queue, Settings};

/// The SQS emulator.
pub(crate) struct Queues {
    clock: Arc<dyn Clock>,
    /// One lock for all queues: a dead letter or an event concerns several, and nothing under it waits.
    state: Mutex<State>,
}

struct State {
    clock: Arc<dyn Clock>,
    queues: HashMap<Arc<str>, Queue>,
    journal: Journal,
    /// The next message's number: its key in the journal, and the order of messages that are due at the same time.
    next_seq: i64,
    moves: Vec<Move>,
}

/// A message from EventBridge to the queue named `queue`.
pub(crate) struct Delivery {
    pub(crate) queue: Arc<str>,
    pub(crate) body: Arc<str>,
    /// X-Ray's, as `AWSTraceHeader`.
    pub(crate) trace: Option<Arc<str>>,
}

impl Queues {
    pub(crate) fn open(clock: Arc<dyn Clock>, journal: Journal) -> Result<Self, Fault> {
        let recorded = journal.read(|file| {
            let mut rows = file.prepare("SELECT name, attributes, created_ms, modified_ms FROM queues")?;
            let rows = rows.query_map([], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get(3)?))
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        });
        let mut queues = HashMap::new();
        for (name, attributes, created_ms, modified_ms) in recorded.map_err(Fault::internal)? {
            let settings = Settings::new(serde_json::from_str(&attributes).map_err(Fault::internal)?)?;
            let name: Arc<str> = name.into();
            queues.insert(name.clone(), Queue::new(name, settings, created_ms, modified_ms));
        }
        // Receipt handles carry these numbers, so no number comes twice, whatever was deleted before a restart.
        let mut next_seq = clock.now().as_microsecond();
        for (queue, message) in journal.read(message::recorded).map_err(Fault::internal)? {
            next_seq = next_seq.max(message.seq + 1);
            if let Some(queue) = queues.get_mut(queue.as_str()) {
                queue.add(message);
            }
        }
        let state = State { clock: clock.clone(), queues, journal, next_seq, moves: Vec::new() };
        Ok(Self { clock, state: Mutex::new(state) })
    }

    /// In memory only: a message that is received again is recorded again.
    pub(crate) fn return_in_flight(&self) {
        let now = self.now_ms();
        for queue in self.state().queues.values_mut() {
            queue.return_in_flight(now);
        }
    }

    /// Answers a request. `host` is the address that the client used, for the URLs of queues; none for a call in this
    /// process.
    pub(crate) async fn call(&self, operation: &str, body: &[u8], host: Option<&str>) -> Result<Vec<u8>, Fault> {
        match operation {
            "SendMessage" => self.send_message(read(body)?),
            "SendMessageBatch" => self.send_message_batch(read(body)?),
            "ReceiveMessage" => self.receive_message(read(body)?).await,
            "DeleteMessage" => self.delete_message(&read(body)?),
            "DeleteMessageBatch" => self.delete_message_batch(&read(body)?),
            "ChangeMessageVisibility" => self.change_message_visibility(&read(body)?),
            "ChangeMessageVisibilityBatch" => self.change_message_visibility_batch(&read(body)?),
            "CreateQueue" => self.create_queue(read(body)?, host),
            "GetQueueUrl" => self.get_queue_url(&read(body)?, host),
            "GetQueueAttributes" => self.get_queue_attributes(&read(body)?),
            "SetQueueAttributes" => self.set_queue_attributes(read(body)?),
            "ListQueues" => self.list_queues(&read(body)?, host),
            "ListDeadLetterSourceQueues" => self.list_dead_letter_source_queues(&read(body)?, host),
            "DeleteQueue" => self.delete_queue(&read(body)?),
            "PurgeQueue" => self.purge_queue(&read(body)?),
            "StartMessageMoveTask" => self.start_message_move_task(&read(body)?),
            "ListMessageMoveTasks" => self.list_message_move_tasks(&read(body)?),
            "CancelMessageMoveTask" => self.cancel_message_move_task(&read(body)?),
            _ => Err(Fault::unknown_operation(&format!("AmazonSQS.{operation}"))),
        }
    }

    /// Puts all of these messages into their queues in one durable step. Answers those whose queue does not exist.
    pub(crate) fn deliver(&self, deliveries: Vec<Delivery>) -> Result<Vec<Delivery>, Fault> {
        let now = self.now_ms();
        let mut state = self.state();
        let (known, unknown): (Vec<_>, Vec<_>) =
            deliveries.into_iter().partition(|delivery| state.queues.contains_key(&delivery.queue));
        let messages = known
            .into_iter()
            .map(|Delivery { queue, body, trace }| {
                let delay_ms = state.queues[&queue].settings.delay_ms;
                (queue, Message { trace, ..Message::new(state.take_identity(), body, None, now, now + delay_ms) })
            })
            .collect();
        state.add(messages)?;
        Ok(unknown)
    }

    fn now_ms(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Poisoned only by a panic in a test; the journal is transactional.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The queue of a `QueueUrl`, of which only the name counts: our URLs work through any address.
    fn queue(&mut self, url: &str) -> Result<&mut Queue, Fault> {
        let name = url.rsplit('/').next().unwrap_or(url);
        self.queues
            .get_mut(name)
            .ok_or_else(|| Fault::new("QueueDoesNotExist", format!("The specified queue {name} does not exist.")))
    }

    /// The number and the id of a new message.
    fn take_identity(&mut self) -> (i64, Uuid) {
        self.next_seq += 1;
        (self.next_seq, self.clock.fresh_id())
    }

    /// Records the messages, then adds them to their queues and wakes whoever waits there.
    fn add(&mut self, messages: Vec<(Arc<str>, Message)>) -> Result<(), Fault> {
        if messages.is_empty() {
            return Ok(());
        }
        let write = self.journal.write(|file| messages.iter().try_for_each(|(queue, m)| m.record(file, queue)));
        write.map_err(Fault::internal)?;
        for (queue, message) in messages {
            if let Some(queue) = self.queues.get_mut(&queue) {
                queue.add(message);
                queue.arrival.notify_waiters();
            }
        }
        Ok(())
    }
}

/// An SQS error as SQS sends it: SDKs read the code of the older query protocol from a header.
pub(crate) fn refusal(fault: &Fault) -> Answer {
    let mut answer = fault.answer("com.amazonaws.sqs", JSON_1_0);
    let code = match fault.code {
        "QueueDoesNotExist" => "AWS.SimpleQueueService.NonExistentQueue",
        "QueueNameExists" => "QueueAlreadyExists",
        "MessageNotInflight" => "AWS.SimpleQueueService.MessageNotInflight",
        "TooManyEntriesInBatchRequest" => "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
        "EmptyBatchRequest" => "AWS.SimpleQueueService.EmptyBatchRequest",
        "BatchEntryIdsNotDistinct" => "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
        "InvalidBatchEntryId" => "AWS.SimpleQueueService.InvalidBatchEntryId",
        "BatchRequestTooLong" => "AWS.SimpleQueueService.BatchRequestTooLong",
        "UnsupportedOperation" => "AWS.SimpleQueueService.UnsupportedOperation",
        other => other,
    };
    let whose = if answer.status < 500 { "Sender" } else { "Receiver" };
    answer.headers.push(("x-amzn-query-error", format!("{code};{whose}")));
    answer
}

fn read<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    input(body, "InvalidParameterValue")
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterValue", message)
}

/// `QueueUrl` of a queue: at the host that the client used, to which the AWS CLI sends the next request, or at SQS's
/// own. Any host is accepted.
fn url(host: Option<&str>, name: &str) -> String {
    match host {
        Some(host) => format!("http://{host}/{ACCOUNT}/{name}"),
        None => format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"),
    }
}

pub(crate) fn arn(name: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
}

/// The queue that an ARN names, if it is one of our account and region.
pub(crate) fn name_in(arn: &str) -> Option<&str> {
    arn.strip_prefix("arn:aws:sqs:")?.strip_prefix(REGION)?.strip_prefix(':')?.strip_prefix(ACCOUNT)?.strip_prefix(':')
}
