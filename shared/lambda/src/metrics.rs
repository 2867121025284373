//! Metrics in `CloudWatch`'s embedded metric format, the record shape that Powertools writes: a line
//! of the log is a metric, and costs no call.

use std::{fmt, sync::Arc, time::Duration};

use serde_json::{Value, json};

use crate::Env;

/// Where figures go. Cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    write: Arc<dyn Fn(Value) + Send + Sync>,
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
        Self::to(|record| {
            // Rendered first: it would be printed in many fragments.
            let line = record.to_string();
            println!("{line}");
        })
    }

    /// Nowhere.
    pub fn none() -> Self {
        Self::to(drop)
    }

    /// To wherever `write` takes them.
    pub fn to(write: impl Fn(Value) + Send + Sync + 'static) -> Self {
        Self { write: Arc::new(write) }
    }

    /// How one invocation went: `Latency` in milliseconds, `Errors`, `ColdStarts`.
    pub(crate) fn invocation(&self, env: &Env, sample: &Sample) {
        let dimension = ("function", sample.function);
        let latency = sample.took.as_secs_f64() * 1000.0;
        self.record(
            env,
            dimension,
            &[
                ("Latency", "Milliseconds", json!(latency)),
                ("Errors", "Count", json!(u8::from(sample.failed))),
                ("ColdStarts", "Count", json!(u8::from(sample.cold))),
            ],
        );
    }

    /// A business fact went on the bus: `Events` by name.
    pub(crate) fn event(&self, env: &Env, name: &str) {
        self.record(env, ("event", name), &[("Events", "Count", json!(1))]);
    }

    /// A count of the service, if there is anything to count.
    pub(crate) fn count(&self, env: &Env, name: &str, count: usize) {
        if count > 0 {
            self.record(env, ("stage", env.find("STAGE").unwrap_or("local")), &[(name, "Count", json!(count))]);
        }
    }

    fn record(&self, env: &Env, (dimension, value): (&str, &str), metrics: &[(&str, &str, Value)]) {
        let definitions: Vec<Value> =
            metrics.iter().map(|(name, unit, _)| json!({"Name": name, "Unit": unit})).collect();
        let mut record = json!({
            "_aws": {
                "Timestamp": env.now().as_millisecond(),
                "CloudWatchMetrics": [{"Namespace": "Souk", "Dimensions": [["service", dimension]], "Metrics": definitions}],
            },
            "service": env.find("SERVICE").unwrap_or("souk"),
            dimension: value,
        });
        for (name, _, figure) in metrics {
            record[*name] = figure.clone();
        }
        (self.write)(record);
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics(…)")
    }
}
