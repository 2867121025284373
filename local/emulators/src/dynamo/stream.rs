//! Reading a table's stream as a Lambda event source mapping would, without polling.

use std::sync::Arc;

use dynoxide::{DynoxideError, actions::describe_table};
use rusqlite::Row;
use serde::Serialize;
use serde_json::{Value, value::RawValue};
use tokio::sync::Notify;

use super::{Dynamo, at_once, lock};
use crate::wire::REGION;

/// The engine's public sequence numbers are its own plus this, which makes them 21 digits.
const SEQUENCE_OFFSET: u128 = 100_000_000_000_000_000_000;

/// The records of a table after a position, oldest first. The engine's own function parses each record, and each would have to
/// be serialised again for the Lambda function.
const NEXT: &str = "SELECT event_name, keys_json, new_image, old_image, CAST(sequence_number AS INTEGER), created_at,
        user_identity, event_id
    FROM _stream_records WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) > ?2
    ORDER BY CAST(sequence_number AS INTEGER) LIMIT ?3";

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

impl From<serde_json::Error> for StreamError {
    fn from(error: serde_json::Error) -> Self {
        Self::Store(error.to_string())
    }
}

/// A change of an item, as Lambda finds it in `Records` of its event. It serialises to that.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Record {
    json: Box<RawValue>,
    #[serde(skip)]
    sequence_number: String,
    #[serde(skip)]
    created: i64,
}

impl Record {
    /// The record as JSON.
    pub fn json(&self) -> &str {
        self.json.get()
    }

    /// Its `SequenceNumber`.
    pub fn sequence_number(&self) -> &str {
        &self.sequence_number
    }

    /// When the change was made, in seconds since the epoch.
    pub fn created(&self) -> i64 {
        self.created
    }
}

/// A reader of one table's stream with a durable checkpoint. See [`Cloud::stream`](crate::Cloud::stream).
pub struct Stream {
    dynamo: Arc<Dynamo>,
    arrival: Arc<Notify>,
    table: String,
    consumer: String,
    arn: String,
    view_type: String,
    /// The engine's sequence number of the last record read.
    position: i64,
}

impl Stream {
    pub(crate) fn open(dynamo: Arc<Dynamo>, table: &str, consumer: &str) -> Result<Self, StreamError> {
        let (arn, view_type) = dynamo.stream_of(table)?;
        let arrival = lock(&dynamo.arrivals).entry(table.to_owned()).or_default().clone();
        let (table, consumer) = (table.to_owned(), consumer.to_owned());
        let mut stream = Self { dynamo, arrival, table, consumer, arn, view_type, position: 0 };
        match stream.dynamo.journal.stream_position(&stream.table, &stream.consumer) {
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

    /// The next records, oldest first: at least one, at most `max` (and at most 1,000). Waits until there are any. Dropping
    /// the future loses nothing. A record that the caller does not [commit](Self::commit) comes again after a restart.
    pub async fn next_batch(&mut self, max: usize) -> Result<Vec<Record>, StreamError> {
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

    fn read(&mut self, max: usize) -> Result<Vec<Record>, StreamError> {
        loop {
            let engine = self.dynamo.engine();
            let mut query = engine.side.prepare_cached(NEXT)?;
            let rows = query.query_map((&self.table, self.position, max.clamp(1, 1000)), Stored::read)?;
            let stored = rows.collect::<Result<Vec<_>, _>>()?;
            drop(query);
            drop(engine);
            let Some(last) = stored.last() else { return Ok(Vec::new()) };
            self.position = last.number;
            let changes = stored.iter().filter(|stored| stored.is_change());
            let records = changes.map(|stored| self.as_lambda_sees(stored)).collect::<Result<Vec<_>, _>>()?;
            if !records.is_empty() {
                return Ok(records);
            }
        }
    }

    fn as_lambda_sees(&self, stored: &Stored) -> Result<Record, StreamError> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Seen<'a> {
            #[serde(rename = "eventID")]
            event_id: &'a str,
            event_name: &'a str,
            event_version: &'static str,
            event_source: &'static str,
            aws_region: &'static str,
            #[serde(rename = "eventSourceARN")]
            event_source_arn: &'a str,
            dynamodb: Change<'a>,
            #[serde(skip_serializing_if = "Option::is_none")]
            user_identity: Option<&'a RawValue>,
        }

        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Change<'a> {
            keys: &'a RawValue,
            #[serde(skip_serializing_if = "Option::is_none")]
            new_image: Option<&'a RawValue>,
            #[serde(skip_serializing_if = "Option::is_none")]
            old_image: Option<&'a RawValue>,
            sequence_number: &'a str,
            size_bytes: usize,
            stream_view_type: &'a str,
            approximate_creation_date_time: i64,
        }

        let images = [&stored.new_image, &stored.old_image];
        let sequence_number = (SEQUENCE_OFFSET + u128::from(stored.number.unsigned_abs())).to_string();
        let seen = Seen {
            event_id: &stored.event_id,
            event_name: &stored.event_name,
            event_version: "1.1",
            event_source: "aws:dynamodb",
            aws_region: REGION,
            event_source_arn: &self.arn,
            dynamodb: Change {
                keys: serde_json::from_str(&stored.keys)?,
                new_image: raw(stored.new_image.as_deref())?,
                old_image: raw(stored.old_image.as_deref())?,
                sequence_number: &sequence_number,
                size_bytes: stored.keys.len()
                    + images.iter().filter_map(|image| Some(image.as_ref()?.len())).sum::<usize>(),
                stream_view_type: &self.view_type,
                approximate_creation_date_time: stored.created,
            },
            user_identity: raw(stored.user_identity.as_deref())?,
        };
        let json = serde_json::value::to_raw_value(&seen)?;
        Ok(Record { json, sequence_number, created: stored.created })
    }
}

/// A record as the engine stores it. Items are JSON.
struct Stored {
    event_name: String,
    keys: String,
    new_image: Option<String>,
    old_image: Option<String>,
    number: i64,
    created: i64,
    user_identity: Option<String>,
    event_id: String,
}

impl Stored {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            event_name: row.get(0)?,
            keys: row.get(1)?,
            new_image: row.get(2)?,
            old_image: row.get(3)?,
            number: row.get(4)?,
            created: row.get(5)?,
            user_identity: row.get(6)?,
            event_id: row.get(7)?,
        })
    }

    /// A write that changes nothing makes no record in DynamoDB. The engine makes one, whose images may have their
    /// attributes in another order.
    fn is_change(&self) -> bool {
        let (Some(new), Some(old)) = (&self.new_image, &self.old_image) else { return true };
        let parse = |image| serde_json::from_str::<Value>(image).ok();
        new.len() != old.len() || (new != old && parse(new) != parse(old))
    }
}

fn raw(text: Option<&str>) -> serde_json::Result<Option<&RawValue>> {
    text.map(serde_json::from_str).transpose()
}

impl Dynamo {
    /// The ARN of a table's stream, and what its records contain.
    fn stream_of(&self, table: &str) -> Result<(String, String), StreamError> {
        let request = describe_table::DescribeTableRequest { table_name: table.to_owned() };
        let engine = self.engine();
        let description = at_once(describe_table::execute(&engine.storage, request, &engine.vectors));
        let description = match description {
            Err(DynoxideError::ResourceNotFoundException(_)) => return Err(StreamError::NoTable(table.to_owned())),
            other => serde_json::to_value(other?).unwrap_or_default(),
        };
        let arn = description["Table"]["LatestStreamArn"].as_str();
        let arn = arn.ok_or_else(|| StreamError::NoStream(table.to_owned()))?;
        let view_type = description["Table"]["StreamSpecification"]["StreamViewType"].as_str().unwrap_or_default();
        Ok((arn.replace(":dynoxide:", ":eu-west-1:"), view_type.to_owned()))
    }
}
