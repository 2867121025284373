//! Delivers records of a table's stream to a function, in order from the checkpoint, until they succeed or are
//! discarded.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, Result};
use emulators::{Cloud, Record, Stream, StreamError};
use jiff::Timestamp;
use serde_json::{json, value::to_raw_value};

use super::{failed_items, filter::Filter};
use crate::{
    cloud::call,
    invoker::{Call, Invoker},
    shutdown::Shutdown,
    template::{StreamSource, queue_url},
};

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

pub(super) struct Poller {
    source: StreamSource,
    stream: Stream,
    filter: Filter,
    cloud: Cloud,
    invoker: Invoker,
}

/// The result of a batch.
enum Outcome {
    Done,
    /// The batch failed from this record on.
    FailedFrom(usize),
}

/// The failed attempts so far.
#[derive(Default)]
struct Trouble {
    attempts: u32,
    /// The most records to try next, when batches are halved.
    most: Option<usize>,
}

impl Poller {
    pub(super) fn new(source: &StreamSource, cloud: &Cloud, invoker: Invoker) -> Result<Self> {
        let stream = cloud.stream(&source.table, &source.function);
        let stream = stream.with_context(|| format!("{} has no stream to read", source.table))?;
        let filter = Filter::new(&source.filters, &source.function)?;
        Ok(Self { source: source.clone(), stream, filter, cloud: cloud.clone(), invoker })
    }

    /// Reads records and invokes the function until the shutdown. Records that are not committed by then are
    /// delivered again at the next start.
    pub(super) async fn run(mut self, mut shutdown: Shutdown) {
        let mut trouble = Trouble::default();
        loop {
            let most = trouble.most.unwrap_or(self.source.batch_size);
            let batch = tokio::select! {
                biased;
                () = shutdown.wait() => return,
                batch = self.stream.next_batch(most) => batch,
            };
            let progress = match batch {
                Ok(batch) => self.advance(&batch, &mut trouble).await,
                Err(error) => Err(error),
            };
            if let Err(error) = &progress {
                tracing::error!(table = self.source.table, %error, "cannot read the stream");
                trouble.attempts += 1;
            }
            if trouble.attempts > 0 {
                let pause = (FIRST_PAUSE * 2_u32.pow(trouble.attempts.min(16) - 1)).min(LONGEST_PAUSE);
                tokio::select! {
                    () = shutdown.wait() => return,
                    () = tokio::time::sleep(pause) => {}
                }
            }
        }
    }

    /// Handles a batch, and moves the checkpoint as far as it got.
    async fn advance(&mut self, batch: &[Record], trouble: &mut Trouble) -> Result<(), StreamError> {
        let now = Timestamp::now();
        let too_old = batch.iter().take_while(|record| is_too_old(&self.source, record.created(), now)).count();
        if too_old > 0 {
            self.give_up(&batch[..too_old], "RecordAgeExceeded", trouble.attempts).await;
            *trouble = Trouble::default();
            return self.stream.commit_through(batch[too_old - 1].sequence_number());
        }
        match self.invoke(batch).await {
            Outcome::Done => {
                *trouble = Trouble::default();
                self.stream.commit()
            }
            Outcome::FailedFrom(failed) if failed > 0 => {
                // Some progress: the rest is a batch of its own.
                *trouble = Trouble { attempts: 1, most: None };
                self.stream.commit_through(batch[failed - 1].sequence_number())
            }
            Outcome::FailedFrom(_) => {
                trouble.attempts += 1;
                if self.source.retries.is_some_and(|retries| trouble.attempts > retries) {
                    self.give_up(batch, "RetryAttemptsExhausted", trouble.attempts).await;
                    *trouble = Trouble::default();
                    return self.stream.commit();
                }
                if self.source.bisect {
                    trouble.most = Some((batch.len() / 2).max(1));
                }
                self.stream.rewind();
                Ok(())
            }
        }
    }

    async fn invoke(&self, batch: &[Record]) -> Outcome {
        let records: Vec<_> = batch.iter().filter(|record| self.filter.passes(record.json())).collect();
        if records.is_empty() {
            return Outcome::Done;
        }
        let Ok(payload) = to_raw_value(&BTreeMap::from([("Records", records)])) else { return Outcome::FailedFrom(0) };
        let Ok(answer) = self.invoker.invoke(&self.source.function, payload, Call::fresh()).await else {
            return Outcome::FailedFrom(0);
        };
        let Some(failed) = (if self.source.partial { failed_items(&answer) } else { Some(Vec::new()) }) else {
            return Outcome::FailedFrom(0);
        };
        // The lowest that failed counts: order is kept, so everything behind it comes again.
        let first = batch.iter().position(|record| failed.iter().any(|id| id == record.sequence_number()));
        match first {
            Some(first) => Outcome::FailedFrom(first),
            None if failed.is_empty() => Outcome::Done,
            None => Outcome::FailedFrom(0),
        }
    }

    /// Sends the position of the discarded records to the failure queue.
    async fn give_up(&self, batch: &[Record], condition: &str, attempts: u32) {
        tracing::error!(function = self.source.function, records = batch.len(), condition, "records are given up");
        let (Some(queue), [first, .., last] | [first @ last]) = (&self.source.on_failure, batch) else { return };
        let arrival = |record: &Record| Timestamp::from_second(record.created()).unwrap_or_default().to_string();
        let body = json!({
            "requestContext": {
                "requestId": Call::fresh().request_id,
                "functionArn": self.source.function,
                "condition": condition,
                "approximateInvokeCount": attempts,
            },
            "version": "1.0",
            "timestamp": Timestamp::now().to_string(),
            "DDBStreamBatchInfo": {
                "startSequenceNumber": first.sequence_number(),
                "endSequenceNumber": last.sequence_number(),
                "approximateArrivalOfFirstRecord": arrival(first),
                "approximateArrivalOfLastRecord": arrival(last),
                "batchSize": batch.len(),
                "streamArn": self.stream.arn(),
            },
        });
        let request = json!({"QueueUrl": queue_url(queue), "MessageBody": body.to_string()});
        if let Err(error) = call(&self.cloud, "AmazonSQS.SendMessage", &request).await {
            tracing::error!(queue, %error, "what was given up could not be reported");
        }
    }
}

/// Whether a record that was created at a time, in seconds since the epoch, is older than its source allows.
pub fn is_too_old(source: &StreamSource, created: i64, now: Timestamp) -> bool {
    let age = u64::try_from(now.as_second() - created).map(Duration::from_secs);
    age.is_ok_and(|age| source.max_age.is_some_and(|max_age| age > max_age))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_too_old_after_the_longest_time_that_its_source_allows() {
        let source = |max_age| StreamSource {
            function: String::new(),
            table: String::new(),
            batch_size: 1,
            bisect: false,
            retries: None,
            max_age,
            on_failure: None,
            filters: Vec::new(),
            partial: false,
        };
        let at = |age: i64| is_too_old(&source(Some(Duration::from_mins(1))), -age, Timestamp::UNIX_EPOCH);
        assert_eq!([at(-1), at(60), at(61)], [false, false, true]);
        assert!(!is_too_old(&source(None), -1_000_000, Timestamp::UNIX_EPOCH));
    }
}
