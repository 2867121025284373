//! Metrics in `CloudWatch`'s embedded metric format, in the form that Powertools writes: a metric is a line of the log,
//! and costs no call.

use std::{fmt, sync::Arc, time::Duration};

use jiff::Timestamp;
use serde::{Serialize, Serializer, ser::SerializeMap};

/// Where metrics are written. Cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    write: Arc<dyn Fn(&str) + Send + Sync>,
}

/// Writes the metrics of one service at one time.
pub(crate) struct Recorder<'a> {
    pub(crate) metrics: &'a Metrics,
    pub(crate) service: &'a str,
    pub(crate) now: Timestamp,
}

/// The measurements of one invocation.
pub(crate) struct Sample {
    pub(crate) function: &'static str,
    pub(crate) cold: bool,
    pub(crate) failed: bool,
    pub(crate) took: Duration,
}

impl Metrics {
    /// To the function's log.
    pub fn to_stdout() -> Self {
        Self::to(|line| println!("{line}"))
    }

    /// Nowhere.
    pub fn none() -> Self {
        Self::to(|_| {})
    }

    /// Passed to `write`, line by line.
    pub fn to(write: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { write: Arc::new(write) }
    }
}

impl Recorder<'_> {
    /// Records one invocation: `Latency` in milliseconds, `Errors`, `ColdStarts`.
    pub(crate) fn invocation(&self, sample: &Sample) {
        let metrics = [
            ("Latency", "Milliseconds", sample.took.as_secs_f64() * 1000.0),
            ("Errors", "Count", sample.failed.into()),
            ("ColdStarts", "Count", sample.cold.into()),
        ];
        self.record(("function", sample.function), &metrics);
    }

    /// Records a domain event that was put on the bus: `Events` by name.
    pub(crate) fn event(&self, name: &str) {
        self.record(("event", name), &[("Events", "Count", 1.0)]);
    }

    fn record(&self, dimension: (&str, &str), metrics: &[(&str, &str, f64)]) {
        let record = Record { timestamp: self.now.as_millisecond(), service: self.service, dimension, metrics };
        match serde_json::to_string(&record) {
            Ok(line) => (self.metrics.write)(&line),
            Err(error) => tracing::error!(%error, "the metrics could not be written"),
        }
    }
}

/// A line of the log: the definitions of its metrics, and their values.
struct Record<'a> {
    timestamp: i64,
    service: &'a str,
    dimension: (&'a str, &'a str),
    /// Name, unit, value.
    metrics: &'a [(&'a str, &'a str, f64)],
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
    metrics: Vec<Definition<'a>>,
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
        let metrics = self.metrics.iter().map(|&(name, unit, _)| Definition { name, unit }).collect();
        let directive = Directive { namespace: "Souk", dimensions: [["service", dimension]], metrics };
        let mut record = serializer.serialize_map(None)?;
        record.serialize_entry("_aws", &Metadata { timestamp: self.timestamp, cloud_watch_metrics: [directive] })?;
        record.serialize_entry("service", self.service)?;
        record.serialize_entry(dimension, value)?;
        for (name, _, value) in self.metrics {
            record.serialize_entry(name, value)?;
        }
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
    fn a_record_defines_its_metrics() {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let written = lines.clone();
        let metrics = Metrics::to(move |line| written.lock().unwrap().push(line.to_owned()));
        let recorder = Recorder { metrics: &metrics, service: "orders", now: Timestamp::UNIX_EPOCH };
        let took = Duration::from_micros(1500);
        recorder.invocation(&Sample { function: "place-order", cold: true, failed: false, took });
        let lines: Vec<Value> = lines.lock().unwrap().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        let metric = |name, unit| json!({"Name": name, "Unit": unit});
        let metrics = [metric("Latency", "Milliseconds"), metric("Errors", "Count"), metric("ColdStarts", "Count")];
        let directive = json!({"Namespace": "Souk", "Dimensions": [["service", "function"]], "Metrics": metrics});
        assert_eq!(
            lines,
            [json!({
                "_aws": {"Timestamp": 0, "CloudWatchMetrics": [directive]},
                "service": "orders", "function": "place-order", "Latency": 1.5, "Errors": 0.0, "ColdStarts": 1.0,
            })]
        );
    }
}
