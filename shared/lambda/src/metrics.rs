//! Metrics in `CloudWatch`'s embedded metric format, the record shape that Powertools writes: a line
//! of the log is a metric, and costs no call.

use std::{fmt, sync::Arc, time::Duration};

use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::Env;

/// Where figures go. Cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    write: Arc<dyn Fn(&str) + Send + Sync>,
}

/// One invocation in figures.
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

    /// To wherever `write` takes them, line by line.
    pub fn to(write: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { write: Arc::new(write) }
    }

    /// How one invocation went: `Latency` in milliseconds, `Errors`, `ColdStarts`.
    pub(crate) fn invocation(&self, env: &Env, sample: &Sample) {
        let metrics = [
            ("Latency", "Milliseconds", sample.took.as_secs_f64() * 1000.0),
            ("Errors", "Count", sample.failed.into()),
            ("ColdStarts", "Count", sample.cold.into()),
        ];
        self.record(env, ("function", sample.function), &metrics);
    }

    /// A business fact went on the bus: `Events` by name.
    pub(crate) fn event(&self, env: &Env, name: &str) {
        self.record(env, ("event", name), &[("Events", "Count", 1.0)]);
    }

    fn record(&self, env: &Env, dimension: (&str, &str), metrics: &[(&str, &str, f64)]) {
        let service = env.find("SERVICE").unwrap_or("souk");
        let record = Record { timestamp: env.now().as_millisecond(), service, dimension, metrics };
        match serde_json::to_string(&record) {
            Ok(line) => (self.write)(&line),
            Err(error) => tracing::error!(%error, "figures could not be written"),
        }
    }
}

/// A line of the log: what its figures are, and the figures.
struct Record<'a> {
    timestamp: i64,
    service: &'a str,
    dimension: (&'a str, &'a str),
    /// Name, unit, figure.
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
        for (name, _, figure) in self.metrics {
            record.serialize_entry(name, figure)?;
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
    use std::{collections::HashMap, sync::Mutex};

    use emulators::Cloud;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_record_names_its_figures() {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let written = lines.clone();
        let metrics = Metrics::to(move |line| written.lock().unwrap().push(line.to_owned()));
        let variables = HashMap::from([("SERVICE".to_owned(), "orders".to_owned())]);
        let env = Env::new(variables, Cloud::memory().http_client()).with_clock(|| jiff::Timestamp::UNIX_EPOCH);
        metrics.invocation(
            &env,
            &Sample { function: "place-order", cold: true, failed: false, took: Duration::from_micros(1500) },
        );
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
