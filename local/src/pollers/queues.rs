//! Delivers messages of a queue to a function, in batches and with partial failures. Failed messages become visible
//! again after the visibility timeout.

use std::{pin::pin, sync::Arc, time::Duration};

use anyhow::Result;
use emulators::Cloud;
use serde_json::{Map, Value, json, value::to_raw_value};
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, timeout, timeout_at},
};

use super::{failed_items, filter::Filter};
use crate::{
    cloud::{AwsError, call},
    invoker::{Call, Invoker},
    shutdown::Shutdown,
    template::{ACCOUNT, QueueSource, REGION, queue_url},
};

/// The maximum number of messages in one call to SQS.
const SQS_BATCH: usize = 10;
/// The longest poll. A message that arrives ends it at once.
const LONGEST_POLL: u64 = 20;
/// The delay after an error of the queue itself.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) struct Poller {
    source: QueueSource,
    url: String,
    filter: Filter,
    /// The queue's visibility timeout, if the function may need longer because it is still compiled.
    extended: Option<Duration>,
    cloud: Cloud,
    invoker: Invoker,
}

impl Poller {
    pub(super) fn new(
        source: &QueueSource,
        visibility: Option<Duration>,
        cloud: Cloud,
        invoker: Invoker,
    ) -> Result<Self> {
        let filter = Filter::new(&source.filters, &source.function)?;
        let extended = visibility.filter(|_| invoker.may_compile(&source.function));
        Ok(Self { url: queue_url(&source.queue), source: source.clone(), filter, extended, cloud, invoker })
    }

    /// Receives and invokes, as many batches at once as the template allows, until `stopping`.
    pub(super) async fn run(self, mut shutdown: Shutdown) {
        let poller = Arc::new(self);
        let slots = Arc::new(Semaphore::new(poller.source.concurrency));
        let mut batches = JoinSet::new();
        while let Ok(slot) = slots.clone().acquire_owned().await {
            let received = tokio::select! {
                // First, so that nothing is received and then dropped.
                biased;
                () = shutdown.wait() => break,
                received = poller.gather() => received,
            };
            match received {
                Ok(messages) if messages.is_empty() => {}
                Ok(messages) => {
                    let poller = poller.clone();
                    batches.spawn(async move {
                        poller.handle(messages).await;
                        drop(slot);
                    });
                }
                Err(error) => {
                    tracing::error!(queue = poller.source.queue, %error, "cannot receive");
                    tokio::select! {
                        () = shutdown.wait() => break,
                        () = tokio::time::sleep(PAUSE) => {}
                    }
                }
            }
            while batches.try_join_next().is_some() {}
        }
        while batches.join_next().await.is_some() {}
    }

    /// A batch: what one receive gives, or with a window what comes until it is over or the batch is full.
    async fn gather(&self) -> Result<Vec<Value>, AwsError> {
        let mut messages = self.receive(LONGEST_POLL, self.source.batch_size).await?;
        if self.source.window.is_zero() || messages.is_empty() {
            return Ok(messages);
        }
        let deadline = Instant::now() + self.source.window;
        while messages.len() < self.source.batch_size {
            let more = self.receive(LONGEST_POLL, self.source.batch_size - messages.len());
            match timeout_at(deadline, more).await {
                Ok(more) => messages.extend(more?),
                Err(_) => break,
            }
        }
        Ok(messages)
    }

    async fn receive(&self, seconds: u64, most: usize) -> Result<Vec<Value>, AwsError> {
        let request = json!({
            "QueueUrl": self.url,
            "MaxNumberOfMessages": most.min(SQS_BATCH),
            "WaitTimeSeconds": seconds,
            "MessageSystemAttributeNames": ["All"],
            "MessageAttributeNames": ["All"],
        });
        match call(&self.cloud, "AmazonSQS.ReceiveMessage", &request).await?["Messages"].take() {
            Value::Array(messages) => Ok(messages),
            _ => Ok(Vec::new()),
        }
    }

    async fn handle(&self, messages: Vec<Value>) {
        let records = messages.into_iter().map(|message| message_record(&self.source.queue, message));
        // Messages that the filter does not match are deleted.
        let (records, passed_over): (Vec<_>, Vec<_>) = records.partition(|record| self.passes(record));
        let mut done = passed_over;
        if !records.is_empty() {
            let failed = self.invoke(&records).await;
            done.extend(records.into_iter().filter(|record| !failed(record)));
        }
        self.delete(&done).await;
    }

    /// Invokes the function, and returns the records that failed.
    async fn invoke(&self, records: &[Value]) -> impl Fn(&Value) -> bool + use<> {
        let trace = records.iter().find_map(|record| record["attributes"]["AWSTraceHeader"].as_str());
        let outcome = match to_raw_value(&json!({"Records": records})) {
            Ok(payload) => {
                let invocation = self.invoker.invoke(&self.source.function, payload, Call::traced(trace));
                self.while_hidden(records, invocation).await.ok()
            }
            Err(_) => None,
        };
        let failed =
            outcome.and_then(|answer| if self.source.partial { failed_items(&answer) } else { Some(Vec::new()) });
        // If an identifier is not in the batch, the report is invalid.
        let failed = failed
            .filter(|failed| failed.iter().all(|id| records.iter().any(|record| record["messageId"] == id.as_str())));
        move |record| failed.as_ref().is_none_or(|failed| failed.iter().any(|id| record["messageId"] == id.as_str()))
    }

    /// Keeps the messages invisible until the invocation ends, if that may take longer than their visibility timeout.
    /// Otherwise they would be received again, and in the end be dead letters, while the function is compiled.
    async fn while_hidden<T>(&self, records: &[Value], invocation: impl Future<Output = T>) -> T {
        let Some(visibility) = self.extended else { return invocation.await };
        let mut invocation = pin!(invocation);
        loop {
            match timeout(visibility / 2, &mut invocation).await {
                Ok(outcome) => return outcome,
                Err(_) => self.hide(records, visibility).await,
            }
        }
    }

    async fn hide(&self, records: &[Value], visibility: Duration) {
        for records in records.chunks(SQS_BATCH) {
            let entries = records.iter().enumerate().map(|(number, record)| {
                json!({
                    "Id": number.to_string(),
                    "ReceiptHandle": record["receiptHandle"],
                    "VisibilityTimeout": visibility.as_secs(),
                })
            });
            let request = json!({"QueueUrl": self.url, "Entries": entries.collect::<Vec<_>>()});
            if let Err(error) = call(&self.cloud, "AmazonSQS.ChangeMessageVisibilityBatch", &request).await {
                tracing::error!(queue = self.source.queue, %error, "cannot hide: the messages will come again");
            }
        }
    }

    async fn delete(&self, records: &[Value]) {
        for records in records.chunks(SQS_BATCH) {
            let entries = records
                .iter()
                .enumerate()
                .map(|(number, record)| json!({"Id": number.to_string(), "ReceiptHandle": record["receiptHandle"]}));
            let request = json!({"QueueUrl": self.url, "Entries": entries.collect::<Vec<_>>()});
            if let Err(error) = call(&self.cloud, "AmazonSQS.DeleteMessageBatch", &request).await {
                tracing::error!(queue = self.source.queue, %error, "cannot delete: the messages will come again");
            }
        }
    }

    /// Patterns look into a body that is JSON.
    fn passes(&self, record: &Value) -> bool {
        if self.filter.is_open() {
            return true;
        }
        let mut record = record.clone();
        if let Some(body) = record["body"].as_str().and_then(|body| serde_json::from_str::<Value>(body).ok()) {
            record["body"] = body;
        }
        self.filter.passes(&record.to_string())
    }
}

/// A message, in the form of Lambda's event.
pub fn message_record(queue: &str, mut message: Value) -> Value {
    let attributes = message["MessageAttributes"].take();
    json!({
        "messageId": message["MessageId"].take(),
        "receiptHandle": message["ReceiptHandle"].take(),
        "body": message["Body"].take(),
        "attributes": message["Attributes"].take(),
        "messageAttributes": attributes.as_object().map(camel_case).unwrap_or_default(),
        "md5OfBody": message["MD5OfBody"].take(),
        "eventSource": "aws:sqs",
        "eventSourceARN": format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"),
        "awsRegion": REGION,
    })
}

/// `{"StringValue": …, "DataType": …}` as Lambda writes it.
fn camel_case(attributes: &Map<String, Value>) -> Map<String, Value> {
    let attribute = |attribute: &Value| {
        json!({
            "stringValue": attribute["StringValue"],
            "binaryValue": attribute["BinaryValue"],
            "stringListValues": [],
            "binaryListValues": [],
            "dataType": attribute["DataType"],
        })
    };
    attributes.iter().map(|(name, value)| (name.clone(), attribute(value))).collect()
}
