//! Metrics in `CloudWatch`'s embedded metric format, as Powertools writes it. A metric is a line of the log, so it
//! needs no call.

use std::{fmt, sync::Arc};

use jiff::Timestamp;
use serde::{Serialize, Serializer, ser::SerializeMap};

/// The destination of metrics. Cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    write: Arc<dyn Fn(&str) + Send + Sync>,
}

/// Records the metrics of one service at one time.
pub(crate) struct Recorder<'a> {
    pub(crate) metrics: &'a Metrics,
    pub(crate) service: &'a str,
    pub(crate) now: Timestamp,
}

impl Metrics {
    /// Writes metrics to the function's log.
    pub fn to_stdout() -> Self {
        Self::to(|line| println!("{line}"))
    }

    /// Discards metrics.
    pub fn none() -> Self {
        Self::to(|_| {})
    }

    /// Passes metrics to `write`, line by line.
    pub fn to(write: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { write: Arc::new(write) }
    }
}

impl Recorder<'_> {
    /// Records a failure that Lambda counts as a success, because the response reports it: `Errors` by function.
    /// Invocations, their duration and cold starts are measured by Lambda itself.
    pub(crate) fn failure(&self, function: &str) {
        self.count("Errors", ("function", function));
    }

    /// Records a domain event that was put on the bus: `Events` by name.
    pub(crate) fn event(&self, name: &str) {
        self.count("Events", ("event", name));
    }

    fn count(&self, metric: &'static str, dimension: (&str, &str)) {
        let record = Record { timestamp: self.now.as_millisecond(), service: self.service, dimension, metric };
        match serde_json::to_string(&record) {
            Ok(line) => (self.metrics.write)(&line),
            Err(error) => tracing::error!(%error, "the metrics could not be written"),
        }
    }
}

/// A line of the log: the definition of a metric, and 1 as its value.
struct Record<'a> {
    timestamp: i64,
    service: &'a str,
    dimension: (&'a str, &'a str),
    metric: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata<'a> {
    timestamp: i64,
    cloud_watch_metrics: [Directive<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive<'a> {
    namespace: &'a str,
    dimensions: [[&'a str; 2]; 1],
    metrics: [Definition<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Definition<'a> {
    name: &'a str,
    unit: &'a str,
}

impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (dimension, value) = self.dimension;
        let metrics = [Definition { name: self.metric, unit: "Count" }];
        let directive = Directive { namespace: "Souk", dimensions: [["service", dimension]], metrics };
        let mut record = serializer.serialize_map(None)?;
        record.serialize_entry("_aws", &Metadata { timestamp: self.timestamp, cloud_watch_metrics: [directive] })?;
        record.serialize_entry("service", self.service)?;
        record.serialize_entry(dimension, value)?;
        record.serialize_entry(self.metric, &1)?;
        record.end()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_record_defines_its_metric() {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let written = lines.clone();
        let metrics = Metrics::to(move |line| written.lock().unwrap().push(line.to_owned()));
        let recorder = Recorder { metrics: &metrics, service: "orders", now: Timestamp::UNIX_EPOCH };
        recorder.failure("place-order");
        let lines: Vec<Value> = lines.lock().unwrap().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        let metric = json!({"Name": "Errors", "Unit": "Count"});
        let directive = json!({"Namespace": "Souk", "Dimensions": [["service", "function"]], "Metrics": [metric]});
        assert_eq!(
            lines,
            [json!({
                "_aws": {"Timestamp": 0, "CloudWatchMetrics": [directive]},
                "service": "orders", "function": "place-order", "Errors": 1,
            })]
        );
    }
}
