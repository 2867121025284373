//! Reading a table's stream as a Lambda event source mapping would, without polling.

use std::sync::Arc;

use dynoxide::{
    DynoxideError,
    actions::{describe_table, get_records, get_shard_iterator::encode_shard_iterator},
};
use serde_json::Value;
use tokio::sync::Notify;

use super::{Dynamo, at_once, lock};
use crate::wire::REGION;

/// The engine's public sequence numbers are its own plus this, which makes them 21 digits.
const SEQUENCE_OFFSET: u128 = 100_000_000_000_000_000_000;

/// Why a stream cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// There is no such table.
    #[error("there is no table {0}")]
    NoTable(String),
    /// The table has no stream (`StreamSpecification`).
    #[error("the table {0} has no stream")]
    NoStream(String),
    /// A sequence number that no record of a stream carries.
    #[error("{0} is not a sequence number")]
    NotASequenceNumber(String),
    /// The store failed.
    #[error("the store failed: {0}")]
    Store(String),
}

impl From<DynoxideError> for StreamError {
    fn from(error: DynoxideError) -> Self {
        Self::Store(error.to_string())
    }
}

impl From<rusqlite::Error> for StreamError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.to_string())
    }
}

/// A reader of one table's stream with a durable checkpoint. See [`Cloud::stream`](crate::Cloud::stream).
pub struct Stream {
    dynamo: Arc<Dynamo>,
    arrival: Arc<Notify>,
    table: String,
    consumer: String,
    arn: String,
    /// The engine's sequence number of the last record read.
    position: i64,
}

impl Stream {
    pub(crate) fn open(dynamo: Arc<Dynamo>, table: &str, consumer: &str) -> Result<Self, StreamError> {
        let arn = dynamo.stream_arn(table)?;
        let arrival = lock(&dynamo.arrivals).entry(table.to_owned()).or_default().clone();
        let mut stream =
            Self { dynamo, arrival, table: table.to_owned(), consumer: consumer.to_owned(), arn, position: 0 };
        match stream.dynamo.journal.stream_position(table, consumer) {
            Some(position) => stream.position = position,
            // From now on records are kept until this consumer has passed them.
            None => stream.commit()?,
        }
        Ok(stream)
    }

    /// The stream's ARN: `eventSourceARN` of its records.
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// The next records, oldest first, as Lambda finds them in `Records` of its event: at least one, at most `max` (and at
    /// most 1,000). Waits until there are any. Dropping the future loses nothing. A record that the caller does not
    /// [commit](Self::commit) comes again after a restart.
    pub async fn next_batch(&mut self, max: usize) -> Result<Vec<Value>, StreamError> {
        // Records may be there at once every time: give others their turn.
        tokio::task::coop::consume_budget().await;
        loop {
            let arrival = self.arrival.clone();
            let mut arrived = std::pin::pin!(arrival.notified());
            // Listen first, then look: a write in between is not missed.
            arrived.as_mut().enable();
            let records = self.read(max)?;
            if !records.is_empty() {
                return Ok(records);
            }
            arrived.await;
        }
    }

    /// Makes the checkpoint the last record that was read: neither it nor any before it comes again. Durable on return.
    pub fn commit(&mut self) -> Result<(), StreamError> {
        Ok(self.dynamo.journal.set_stream_position(&self.table, &self.consumer, self.position)?)
    }

    /// Makes the checkpoint the record with this `SequenceNumber` and goes on behind it: what was read after it comes
    /// again. For a batch of which only the beginning succeeded.
    pub fn commit_through(&mut self, sequence_number: &str) -> Result<(), StreamError> {
        let number = sequence_number.parse::<u128>().ok().and_then(|number| number.checked_sub(SEQUENCE_OFFSET));
        let position = number.and_then(|number| i64::try_from(number).ok());
        self.position = position.ok_or_else(|| StreamError::NotASequenceNumber(sequence_number.to_owned()))?;
        self.commit()
    }

    /// Goes back to the checkpoint: what was read since and not committed comes again.
    pub fn rewind(&mut self) {
        self.position = self.dynamo.journal.stream_position(&self.table, &self.consumer).unwrap_or(0);
    }

    /// Whether there are records after those that were read.
    pub(crate) fn has_more(&mut self) -> Result<bool, StreamError> {
        Ok(!self.read(1)?.is_empty())
    }

    fn read(&mut self, max: usize) -> Result<Vec<Value>, StreamError> {
        loop {
            let shard = dynoxide::streams::shard_id(&self.table);
            let request = get_records::GetRecordsRequest {
                shard_iterator: encode_shard_iterator(&self.table, &shard, self.position),
                limit: Some(max.clamp(1, 1000)),
            };
            let engine = self.dynamo.engine();
            let response = at_once(get_records::execute(&engine.storage, request)).map_err(|error| match error {
                DynoxideError::ResourceNotFoundException(_) => StreamError::NoTable(self.table.clone()),
                other => other.into(),
            })?;
            drop(engine);
            let Some(last) = response.records.last() else { return Ok(Vec::new()) };
            self.position = engine_number(&last.dynamodb.sequence_number);
            let changes = response.records.iter().filter(|record| {
                // A write that changes nothing makes no record in DynamoDB; the engine makes one.
                record.dynamodb.new_image.is_none() || record.dynamodb.new_image != record.dynamodb.old_image
            });
            let records: Vec<_> = changes.map(|record| self.as_lambda_sees(record)).collect();
            if !records.is_empty() {
                return Ok(records);
            }
        }
    }

    fn as_lambda_sees(&self, record: &get_records::Record) -> Value {
        let mut value = serde_json::to_value(record).unwrap_or_default();
        value["awsRegion"] = REGION.into();
        value["eventSourceARN"] = self.arn.as_str().into();
        value
    }
}

impl Dynamo {
    fn stream_arn(&self, table: &str) -> Result<String, StreamError> {
        let request = describe_table::DescribeTableRequest { table_name: table.to_owned() };
        let engine = self.engine();
        let description = at_once(describe_table::execute(&engine.storage, request, &engine.vectors));
        let description = match description {
            Err(DynoxideError::ResourceNotFoundException(_)) => return Err(StreamError::NoTable(table.to_owned())),
            other => serde_json::to_value(other?).unwrap_or_default(),
        };
        let arn = description["Table"]["LatestStreamArn"].as_str();
        let arn = arn.ok_or_else(|| StreamError::NoStream(table.to_owned()))?;
        Ok(arn.replace(":dynoxide:", ":eu-west-1:"))
    }
}

fn engine_number(public: &str) -> i64 {
    public.parse::<u128>().unwrap_or(0).saturating_sub(SEQUENCE_OFFSET).try_into().unwrap_or(0)
}
