//! Handlers. Each has a budget, a sample and a row of the crash matrix.

use std::{collections::BTreeSet, fmt};

use serde_json::Value;

use crate::template::{Deployment, FunctionSpec, name_in_arn};

/// A function, or a function with one of its events if several events invoke it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handler {
    /// The service.
    pub service: String,
    /// The function's name in the code.
    pub function: String,
    /// The event's name, if several events invoke the function.
    pub event: Option<String>,
}

impl Handler {
    fn new(function: &FunctionSpec, event: Option<&str>) -> Self {
        let event = event.map(str::to_owned);
        Self { service: function.service.clone(), function: function.binary.clone(), event }
    }

    /// The function, as [`FunctionSpec::id`] names it.
    pub fn function_id(&self) -> String {
        format!("{}/{}", self.service, self.function)
    }

    /// The function, and its event if it has one: `advance-order/StockReserved.v1`.
    pub fn name(&self) -> String {
        let Self { function, event, .. } = self;
        event.as_ref().map_or_else(|| function.clone(), |event| format!("{function}/{event}"))
    }
}

impl fmt::Display for Handler {
    /// `orders/advance-order/StockReserved.v1`: with `.json`, the path of its sample in `events/`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.service, self.name())
    }
}

impl Deployment {
    /// Every handler.
    pub fn handlers(&self) -> Vec<Handler> {
        let of_function = |function| {
            let events = self.events_of(function);
            match events.len() {
                0 | 1 => vec![Handler::new(function, None)],
                _ => events.into_iter().map(|event| Handler::new(function, Some(event))).collect(),
            }
        };
        self.functions.iter().flat_map(of_function).collect()
    }

    /// The handler of an invocation: `event` is what [`event_in`] its payload. For a batch of several events it is the
    /// function without an event.
    pub fn handler(&self, function: &FunctionSpec, event: Option<&str>) -> Handler {
        Handler::new(function, event.filter(|_| self.events_of(function).len() > 1))
    }

    /// The names of the events that rules put into a function's queues.
    pub(crate) fn events_of(&self, function: &FunctionSpec) -> BTreeSet<&str> {
        let sources = self.queue_sources.iter().filter(|source| source.function == function.name);
        let queues: BTreeSet<_> = sources.map(|source| source.queue.as_str()).collect();
        let goes_there = |target: &Value| target["Arn"].as_str().is_some_and(|arn| queues.contains(name_in_arn(arn)));
        let rules = self.rules.iter().filter(|rule| rule.targets.iter().any(goes_there));
        let names = rules.flat_map(|rule| rule.pattern["detail-type"].as_array().into_iter().flatten());
        names.filter_map(Value::as_str).collect()
    }
}

/// The name of the event, if all messages of a batch have the same one.
pub fn event_in(payload: &Value) -> Option<String> {
    let name = |record: &Value| {
        let body: Value = serde_json::from_str(record["body"].as_str()?).ok()?;
        body["detail-type"].as_str().map(str::to_owned)
    };
    let mut names = payload["Records"].as_array()?.iter().map(name);
    let first = names.next()??;
    names.all(|name| name.as_ref() == Some(&first)).then_some(first)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_batch_is_of_an_event_when_all_its_messages_are() {
        let batch = |names: &[&str]| {
            let record = |name: &&str| json!({"body": json!({"detail-type": name}).to_string()});
            json!({"Records": names.iter().map(record).collect::<Vec<_>>()})
        };
        assert_eq!(event_in(&batch(&["A.v1", "A.v1"])), Some("A.v1".to_owned()));
        assert_eq!(event_in(&batch(&["A.v1", "B.v1"])), None);
        assert_eq!(event_in(&json!({"Records": [{"body": "{}"}]})), None);
        assert_eq!(event_in(&json!({"source": "aws.scheduler"})), None);
    }
}
