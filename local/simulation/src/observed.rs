//! The observations of a run: the trace, and the data for the invariants of every step.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    sync::Mutex,
};

use emulators::Answer;
use jiff::Timestamp;
use lambda::Trigger;
use local::handlers::Handler;
use serde_json::Value;

use crate::{
    counter::PRIVATE, executor::lock, faults::Fault, invocation::Invocation, plain::short, steps, world::World,
};

/// A violation of an invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The invariant.
    pub invariant: &'static str,
    /// The observation.
    pub seen: String,
}

#[derive(Default)]
pub(crate) struct Observed {
    seen: Mutex<Seen>,
}

#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) trace: Vec<String>,
    pub(crate) violations: Vec<Violation>,
    /// The maximum number of calls of an invocation, by handler.
    pub(crate) calls: BTreeMap<Handler, u32>,
    /// Ids of events that a transaction has written, with their source, name and detail.
    pub(crate) committed: BTreeMap<String, (String, String, Value)>,
    pub(crate) published: BTreeSet<String>,
    /// Pairs of consumer and event that the consumer has acknowledged.
    pub(crate) consumed: HashSet<(String, String)>,
    /// Messages whose consumption was recorded.
    pub(crate) inboxes: HashSet<String>,
    /// The last version of each aggregate, by table and key.
    pub(crate) versions: HashMap<String, (u64, Value)>,
    /// The last two states of each item, newest last, by table and key. An absent item has none.
    pub(crate) images: BTreeMap<String, [Option<Value>; 2]>,
    /// The status of each order after each version, by id.
    pub(crate) orders: BTreeMap<String, BTreeMap<u64, String>>,
    /// Events by table and key, with their ids.
    pub(crate) history: HashMap<String, String>,
    tokens: HashSet<String>,
    /// Invocations that recorded a consumption.
    pub(crate) recorded: HashSet<u64>,
    /// Invocations that wrote events.
    pub(crate) stated: HashSet<u64>,
    /// Invocations that handled messages successfully, with their functions.
    pub(crate) handled: Vec<(u64, String)>,
    /// Requests, with the items that each changed.
    pub(crate) changed: HashSet<(u64, String)>,
    /// The number of checks of invariants.
    pub(crate) checks: u64,
    /// Whether everything has been consumed, so that consumers may change nothing any more.
    pub(crate) is_consumed: bool,
    /// The number of orders that were placed from reopened carts.
    pub(crate) bought_again: usize,
    /// The number of orders that were placed with the quote of a merged cart before orders knew of the merge.
    pub(crate) ordered_merged: usize,
    /// What is known to be in carts before an order, by SKU.
    pub(crate) filled: BTreeMap<String, BTreeMap<String, i64>>,
    /// Orders in replies to customers.
    pub(crate) accepted: BTreeMap<String, String>,
}

impl Seen {
    /// Whether a consumer has handled an event with this name that is about `subject`.
    pub(crate) fn has_consumed(&self, consumer: &str, name: &str, subject: &str) -> bool {
        self.committed.iter().any(|(id, (_, committed, detail))| {
            committed == name
                && detail["data"].to_string().contains(subject)
                && self.consumed.contains(&(consumer.to_owned(), id.clone()))
        })
    }
}

impl Observed {
    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut Seen) -> T) -> T {
        look(&mut lock(&self.seen))
    }

    pub(crate) fn log(&self, now: Timestamp, line: impl FnOnce() -> String) {
        let since = now.duration_since(crate::world::START);
        let line = format!("{:>12.3} s  {}", since.as_secs_f64(), line());
        self.with(|seen| seen.trace.push(line));
    }

    pub(crate) fn breaks(&self, invariant: &'static str, what: impl Into<String>) {
        let seen = what.into();
        self.with(|all| {
            all.trace.push(format!("{:>14}  VIOLATED: {invariant}: {seen}", ""));
            all.violations.push(Violation { invariant, seen });
        });
    }

    /// Batches of what comes again are larger than any other.
    pub(crate) fn count_call(&self, handler: &Handler, number: u32) {
        self.with(|seen| {
            if seen.is_consumed {
                return;
            }
            let most = seen.calls.entry(handler.clone()).or_default();
            *most = number.max(*most);
        });
    }

    /// The hash of the trace. It is the same for the same run.
    pub(crate) fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.with(|seen| seen.trace.hash(&mut hasher));
        hasher.finish()
    }

    /// Notes a call to AWS and what came of it; none if it was not done.
    pub(crate) fn call(
        &self,
        world: &World,
        invocation: &Invocation,
        target: &str,
        asked: &Value,
        answer: Option<&Answer>,
        fault: Fault,
    ) {
        let operation = target.rsplit('.').next().unwrap_or_default();
        let outcome = match answer {
            None => "not done".to_owned(),
            Some(answer) if answer.status == 200 => "done".to_owned(),
            Some(answer) => refused(answer),
        };
        let faulty = if fault == Fault::None { String::new() } else { format!(" ({fault:?})") };
        self.log(world.now(), || {
            format!("{} {operation} {}: {outcome}{faulty}", invocation.label(), subject(operation, asked))
        });
        let Some(answer) = answer.filter(|answer| answer.status == 200) else { return };
        match operation {
            "TransactWriteItems" => {
                // The same call once more is answered and not done again.
                let token = asked["ClientRequestToken"].as_str().unwrap_or_default();
                if self.with(|seen| seen.tokens.insert(token.to_owned())) {
                    let items = || asked["TransactItems"].as_array().into_iter().flatten();
                    items()
                        .filter_map(|item| item.get("Delete"))
                        .for_each(|delete| self.remember(delete, &delete["Key"], None));
                    self.written(invocation, items().filter_map(|item| item.get("Put")).collect());
                }
            }
            "PutItem" => self.written(invocation, vec![asked]),
            "PutEvents" => self.put_on_the_bus(asked, answer),
            _ => {}
        }
    }

    /// Remembers the new state of an item.
    fn remember(&self, written: &Value, key: &Value, item: Option<Value>) {
        self.with(|seen| {
            let images = seen.images.entry(image_key(&written["TableName"], key)).or_default();
            images.swap(0, 1);
            images[1] = item;
        });
    }

    fn written(&self, invocation: &Invocation, puts: Vec<&Value>) {
        for put in &puts {
            self.remember(put, &put["Item"], Some(put["Item"].clone()));
        }
        let violations = self.with(|seen| {
            if puts.iter().any(|put| put["Item"]["sk"]["S"].as_str().is_some_and(|sk| sk.starts_with("event#"))) {
                seen.stated.insert(invocation.number);
            }
            let mut violations = Vec::new();
            if seen.is_consumed && matches!(invocation.trigger, Trigger::Events { .. }) {
                let keys = puts.iter().map(|put| short(&put["Item"])).collect::<Vec<_>>().join(", ");
                violations.push(("what comes again changes nothing", format!("{} writes {keys}", invocation.label())));
            }
            for put in puts {
                steps::put(seen, invocation, put, &mut violations);
            }
            violations
        });
        for (invariant, what) in violations {
            self.breaks(invariant, what);
        }
    }

    fn put_on_the_bus(&self, asked: &Value, answer: &Answer) {
        let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let entries = asked["Entries"].as_array().into_iter().flatten();
        let outcomes = said["Entries"].as_array().into_iter().flatten();
        let mut violations = Vec::new();
        self.with(|seen| {
            for (entry, _) in entries.zip(outcomes).filter(|(_, outcome)| outcome["EventId"].is_string()) {
                let detail: Value =
                    serde_json::from_str(entry["Detail"].as_str().unwrap_or_default()).unwrap_or_default();
                let id = detail["metadata"]["id"].as_str().unwrap_or_default().to_owned();
                seen.checks += 1;
                if entry.to_string().contains(PRIVATE) {
                    violations.push(("a private part is not on the bus", entry["DetailType"].to_string()));
                }
                if !seen.committed.contains_key(&id) {
                    let what = format!("{} of {}", entry["DetailType"], detail["metadata"]["aggregate"]);
                    violations.push(("an event is on the bus only after its commit", what));
                }
                seen.published.insert(id);
            }
        });
        for (invariant, what) in violations {
            self.breaks(invariant, what);
        }
    }
}

/// A table and the key of an item in it.
pub(crate) fn image_key(table: &Value, key: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    [text(table), text(&key["pk"]["S"]), text(&key["sk"]["S"])].join("/")
}

/// A short description of a call.
fn subject(operation: &str, asked: &Value) -> String {
    match operation {
        "TransactWriteItems" => {
            let items = asked["TransactItems"].as_array().into_iter().flatten();
            let items = items.filter_map(|item| {
                let put = item.get("Put").map(|put| short(&put["Item"]));
                let delete = || item.get("Delete").map(|delete| format!("not {}", short(&delete["Key"])));
                let update = || item.get("Update").map(|update| format!("part of {}", short(&update["Key"])));
                put.or_else(delete).or_else(update)
            });
            items.collect::<Vec<_>>().join(", ")
        }
        "PutEvents" => {
            let entries = asked["Entries"].as_array().into_iter().flatten();
            let names = entries.map(|entry| entry["DetailType"].as_str().unwrap_or_default());
            names.collect::<Vec<_>>().join(", ")
        }
        "BatchGetItem" => {
            let tables = asked["RequestItems"].as_object().into_iter().flatten();
            let keys = tables.flat_map(|(_, request)| request["Keys"].as_array().into_iter().flatten());
            let mut keys: Vec<_> = keys.map(short).collect();
            keys.sort();
            keys.join(", ")
        }
        "Query" => {
            asked["ExpressionAttributeValues"][":pk"]["S"].as_str().map(crate::plain::short_key).unwrap_or_default()
        }
        "GetItem" => short(&asked["Key"]),
        "PutItem" => short(&asked["Item"]),
        _ => String::new(),
    }
}

fn refused(answer: &Answer) -> String {
    let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let kind = said["__type"].as_str().unwrap_or_default().rsplit('#').next().unwrap_or_default();
    let reasons = said["CancellationReasons"].as_array().into_iter().flatten();
    let reasons: Vec<_> = reasons.filter_map(|reason| reason["Code"].as_str()).collect();
    if reasons.is_empty() { format!("refused, {kind}") } else { format!("refused, {}", reasons.join(" ")) }
}
