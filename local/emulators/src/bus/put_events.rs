//! `PutEvents`: from entries to envelopes to messages in queues, in one durable step.

use std::sync::Arc;

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::{json, value::RawValue};

use super::{Bus, Target, bus_name, invalid};
use crate::{
    queues::{self, Delivery},
    wire::{ACCOUNT, Fault, REGION, output},
};

/// The most entries in a call.
const MAX_ENTRIES: usize = 10;
/// The most bytes in a call, over all entries.
const MAX_BYTES: usize = 256 * 1024;

/// An event that was put on a bus, for a live view.
#[derive(Clone, Debug)]
pub struct BusEvent {
    /// The bus's name.
    pub bus: Arc<str>,
    /// The names of the rules that matched.
    pub rules: Arc<[String]>,
    /// The event as targets get it, as JSON: `{"version":"0","id":…,"detail-type":…,"source":…,…,"detail":{…}}`.
    pub envelope: Arc<str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct PutEvents {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Entry {
    /// Seconds since 1970.
    time: Option<f64>,
    #[serde(default)]
    source: String,
    #[serde(default)]
    resources: Vec<String>,
    #[serde(default)]
    detail_type: String,
    #[serde(default)]
    detail: String,
    event_bus_name: Option<String>,
    /// X-Ray's; it goes on as the message's `AWSTraceHeader`.
    trace_header: Option<Arc<str>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Envelope<'a> {
    version: &'static str,
    id: &'a str,
    detail_type: &'a str,
    source: &'a str,
    account: &'static str,
    time: String,
    region: &'static str,
    resources: &'a [String],
    detail: &'a RawValue,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Outcome {
    #[serde(rename_all = "PascalCase")]
    Put { event_id: String },
    #[serde(rename_all = "PascalCase")]
    Failed { error_code: &'static str, error_message: String },
}

/// An event on its way: where it goes, and where it goes instead if that queue does not exist.
struct Route {
    queue: Arc<str>,
    dead_letter: Option<Arc<str>>,
    envelope: Arc<str>,
    trace: Option<Arc<str>>,
}

impl Bus {
    pub(super) fn put_events(&self, request: &PutEvents) -> Result<Vec<u8>, Fault> {
        let count = request.entries.len();
        if !(1..=MAX_ENTRIES).contains(&count) {
            return Err(invalid(format!(
                "1 validation error detected: Value at 'entries' failed to satisfy constraint: \
                 Member must have length between 1 and {MAX_ENTRIES}; it has {count}"
            )));
        }
        if request.entries.iter().map(Entry::bytes).sum::<usize>() > MAX_BYTES {
            return Err(invalid("Total size of the entries in the request is over the limit."));
        }
        let mut outcomes = Vec::with_capacity(count);
        let mut routes = Vec::new();
        let mut events = Vec::new();
        for entry in &request.entries {
            match self.route(entry, &mut routes) {
                Ok((event_id, event)) => {
                    outcomes.push(Outcome::Put { event_id });
                    events.push(event);
                }
                Err(fault) => outcomes.push(Outcome::Failed { error_code: fault.code, error_message: fault.message }),
            }
        }
        self.deliver(&routes)?;
        for event in events {
            // Nobody listening is no error.
            let _ = self.live.send(event);
        }
        let failed = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Failed { .. })).count();
        output(&json!({ "FailedEntryCount": failed, "Entries": outcomes }))
    }

    /// Makes the envelope of an entry and finds the targets of the rules that match it.
    fn route(&self, entry: &Entry, routes: &mut Vec<Route>) -> Result<(String, BusEvent), Fault> {
        let detail = entry.checked()?;
        let id = self.clock.fresh_id().to_string();
        let bus = bus_name(entry.event_bus_name.as_deref());
        let envelope = Envelope {
            version: "0",
            id: &id,
            detail_type: &entry.detail_type,
            source: &entry.source,
            account: ACCOUNT,
            time: self.time(entry.time)?,
            region: REGION,
            resources: &entry.resources,
            detail,
        };
        let envelope: Arc<str> = serde_json::to_string(&envelope).map_err(Fault::internal)?.into();

        let buses = self.buses();
        // EventBridge swallows such an event without a word. Here it is a mistake in a template: say so.
        let rules = buses.get(bus).ok_or_else(|| super::no_bus(bus))?;
        let matched = rules.patterns.matches_for_event(envelope.as_bytes()).map_err(Fault::internal)?;
        for target in matched.iter().filter_map(|name| rules.by_name.get(name)).flat_map(|rule| rule.targets.values()) {
            routes.extend(target.route(&envelope, entry.trace_header.as_ref()));
        }
        Ok((id, BusEvent { bus: bus.into(), rules: matched.into(), envelope }))
    }

    fn deliver(&self, routes: &[Route]) -> Result<(), Fault> {
        let to = |queue: Arc<str>, route: &Route| Delivery {
            queue,
            body: route.envelope.clone(),
            trace: route.trace.clone(),
        };
        let lost = self.queues.deliver(routes.iter().map(|route| to(route.queue.clone(), route)).collect())?;
        if lost.is_empty() {
            return Ok(());
        }
        let is_lost = |route: &&Route| lost.iter().any(|lost| lost.queue == route.queue);
        let dead = routes.iter().filter(is_lost).filter_map(|route| {
            tracing::warn!(queue = %route.queue, "a rule's target queue does not exist");
            route.dead_letter.clone().map(|queue| to(queue, route))
        });
        self.queues.deliver(dead.collect()).map(drop)
    }

    /// RFC 3339 in whole seconds, as EventBridge writes it.
    fn time(&self, given: Option<f64>) -> Result<String, Fault> {
        let time = match given {
            None => self.clock.now(),
            #[expect(clippy::cast_possible_truncation, reason = "whole seconds are meant, out of range fails below")]
            Some(seconds) => {
                let time = Timestamp::from_second(seconds as i64);
                time.map_err(|_| Fault::new("InvalidArgument", "Parameter Time is not valid."))?
            }
        };
        Ok(time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
    }
}

impl Entry {
    /// As EventBridge counts it.
    fn bytes(&self) -> usize {
        let time = if self.time.is_some() { 14 } else { 0 };
        let resources: usize = self.resources.iter().map(String::len).sum();
        time + self.source.len() + self.detail_type.len() + self.detail.len() + resources
    }

    /// Answers the detail, which must be a JSON object.
    fn checked(&self) -> Result<&RawValue, Fault> {
        for (name, value) in [("Source", &self.source), ("DetailType", &self.detail_type), ("Detail", &self.detail)] {
            if value.is_empty() {
                let message = format!("Parameter {name} is not valid. Reason: {name} is a required argument.");
                return Err(Fault::new("InvalidArgument", message));
            }
        }
        if self.source.starts_with("aws.") {
            let message = format!("Not authorized for the source: {}", self.source);
            return Err(Fault::new("NotAuthorizedForSource", message));
        }
        let detail = serde_json::from_str::<&RawValue>(&self.detail).ok().filter(|raw| raw.get().starts_with('{'));
        detail.ok_or_else(|| Fault::new("MalformedDetail", "Detail is malformed."))
    }
}

impl Target {
    fn route(&self, envelope: &Arc<str>, trace: Option<&Arc<str>>) -> Option<Route> {
        let dead_letter = self.dead_letter_config.as_ref().and_then(|config| config.arn.as_deref());
        Some(Route {
            queue: queues::name_in(&self.arn)?.into(),
            dead_letter: dead_letter.and_then(queues::name_in).map(Into::into),
            envelope: envelope.clone(),
            trace: trace.cloned(),
        })
    }
}
