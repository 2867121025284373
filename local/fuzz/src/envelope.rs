//! A domain event: read as each event that there is, and handed to whoever consumes that.

use contracts::events;
use lambda::{Function, Trigger};
use serde_json::{json, value::RawValue};
use uuid::Uuid;

use crate::Service;

/// A consumer, with its place among the services and the names of its events.
type Consumer = (usize, fn() -> Function, Vec<(&'static str, &'static str)>);

thread_local! {
    static SERVICES: Vec<Service> = local::services::ALL.iter().map(|_| Service::open()).collect();
    static CONSUMERS: Vec<Consumer> = consumers();
}

/// All that start without a payment provider.
fn consumers() -> Vec<Consumer> {
    let functions = local::services::ALL.iter().enumerate();
    let functions = functions.flat_map(|(at, service)| service.functions.iter().map(move |function| (at, *function)));
    let starts = |at: usize, function: fn() -> Function| {
        SERVICES.with(|services| function().start(services[at].harness.env()).is_ok())
    };
    functions
        .filter_map(|(at, function)| match function().trigger() {
            Trigger::Events { events, .. } if starts(at, function) => Some((at, function, events.clone())),
            _ => None,
        })
        .collect()
}

/// Reads the bytes as every event; what can be read is consumed, and consumed again without an effect.
pub fn envelope(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(detail) = serde_json::from_str::<&RawValue>(&text) else { return };
    for event in events::all().filter(|event| (event.parses)(&text).is_ok()) {
        let body = json!({"source": event.source, "detail-type": event.name, "detail": detail});
        CONSUMERS.with(|consumers| {
            let interested = |(.., names): &&Consumer| names.contains(&(event.source, event.name));
            for (at, function, _) in consumers.iter().filter(interested) {
                SERVICES.with(|services| {
                    let Service { harness, .. } = &services[*at];
                    let deliver = || services[*at].run(harness.message(*function, Uuid::nil(), &body));
                    let (first, again) = (deliver(), deliver());
                    assert!(first.is_err() || again.is_ok(), "{} of {body}: {again:?}", function().name());
                });
            }
        });
    }
}
