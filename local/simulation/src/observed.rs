//! What was seen in a run: the story, and what must hold at every step of it.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    sync::Mutex,
};

use emulators::Answer;
use jiff::Timestamp;
use local::handlers::Handler;
use serde_json::Value;

use crate::{executor::lock, fates::Fate, invocation::Invocation, partial::Indexes, plain::short, steps, world::World};

/// Something that must never be, and was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which invariant.
    pub invariant: &'static str,
    /// What was seen.
    pub seen: String,
}

#[derive(Default)]
pub(crate) struct Observed {
    seen: Mutex<Seen>,
    pub(crate) indexes: Indexes,
}

#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) story: Vec<String>,
    pub(crate) broken: Vec<Broken>,
    /// Most calls that an invocation of a handler made.
    pub(crate) calls: BTreeMap<Handler, u32>,
    /// Ids of events that a transaction has written, with their source, name and detail.
    pub(crate) committed: BTreeMap<String, (String, String, Value)>,
    pub(crate) published: BTreeSet<String>,
    /// Consumer and event, as far as the consumer said that it is done with it.
    pub(crate) consumed: HashSet<(String, String)>,
    /// Messages of whom the consumption was recorded.
    pub(crate) inboxes: HashSet<String>,
    /// The last version of each aggregate, by table and key.
    pub(crate) versions: HashMap<String, (u64, Value)>,
    /// Events by table and key, with their ids.
    pub(crate) history: HashMap<String, String>,
    tokens: HashSet<String>,
    /// Invocations that recorded a consumption.
    pub(crate) recorded: HashSet<u64>,
    /// Invocations that stated events.
    pub(crate) stated: HashSet<u64>,
    /// Invocations by which messages were handled well, and their functions.
    pub(crate) handled: Vec<(u64, String)>,
    /// How often something was held against what must hold.
    pub(crate) checks: u64,
    /// Whether everything has been consumed, so that consumers may change nothing any more.
    pub(crate) is_consumed: bool,
    /// Orders that a customer was told of.
    pub(crate) accepted: BTreeMap<String, String>,
}

impl Observed {
    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut Seen) -> T) -> T {
        look(&mut lock(&self.seen))
    }

    pub(crate) fn tell(&self, now: Timestamp, line: impl FnOnce() -> String) {
        let since = now.duration_since(crate::world::START);
        let line = format!("{:>12.3} s  {}", since.as_secs_f64(), line());
        self.with(|seen| seen.story.push(line));
    }

    pub(crate) fn breaks(&self, invariant: &'static str, what: impl Into<String>) {
        let seen = what.into();
        self.with(|all| {
            all.story.push(format!("{:>14}  BROKEN: {invariant}: {seen}", ""));
            all.broken.push(Broken { invariant, seen });
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

    /// The story as a number: the same for the same run.
    pub(crate) fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.with(|seen| seen.story.hash(&mut hasher));
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
        fate: Fate,
    ) {
        let operation = target.rsplit('.').next().unwrap_or_default();
        let outcome = match answer {
            None => "not done".to_owned(),
            Some(answer) if answer.status == 200 => "done".to_owned(),
            Some(answer) => refused(answer),
        };
        let fated = if fate == Fate::Ok { String::new() } else { format!(" ({fate:?})") };
        self.tell(world.now(), || {
            format!("{} {operation} {}: {outcome}{fated}", invocation.label(), subject(operation, asked))
        });
        let Some(answer) = answer.filter(|answer| answer.status == 200) else { return };
        match operation {
            "TransactWriteItems" => {
                // The same call once more is answered and not done again.
                let token = asked["ClientRequestToken"].as_str().unwrap_or_default();
                if self.with(|seen| seen.tokens.insert(token.to_owned())) {
                    let items = asked["TransactItems"].as_array().into_iter().flatten();
                    self.written(invocation, items.filter_map(|item| item.get("Put")).collect());
                }
            }
            "PutItem" => self.written(invocation, vec![asked]),
            "PutEvents" => self.put_on_the_bus(asked, answer),
            _ => {}
        }
    }

    fn written(&self, invocation: &Invocation, puts: Vec<&Value>) {
        let broken = self.with(|seen| {
            if puts.iter().any(|put| put["Item"]["sk"]["S"].as_str().is_some_and(|sk| sk.starts_with("event#"))) {
                seen.stated.insert(invocation.number);
            }
            let mut broken = Vec::new();
            if seen.is_consumed && invocation.is_of_event {
                let keys = puts.iter().map(|put| short(&put["Item"])).collect::<Vec<_>>().join(", ");
                broken.push(("what comes again changes nothing", format!("{} writes {keys}", invocation.label())));
            }
            for put in puts {
                steps::put(seen, invocation, put, &mut broken);
            }
            broken
        });
        for (invariant, what) in broken {
            self.breaks(invariant, what);
        }
    }

    fn put_on_the_bus(&self, asked: &Value, answer: &Answer) {
        let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let entries = asked["Entries"].as_array().into_iter().flatten();
        let outcomes = said["Entries"].as_array().into_iter().flatten();
        let mut broken = Vec::new();
        self.with(|seen| {
            for (entry, _) in entries.zip(outcomes).filter(|(_, outcome)| outcome["EventId"].is_string()) {
                let detail: Value =
                    serde_json::from_str(entry["Detail"].as_str().unwrap_or_default()).unwrap_or_default();
                let id = detail["metadata"]["id"].as_str().unwrap_or_default().to_owned();
                seen.checks += 1;
                if !seen.committed.contains_key(&id) {
                    broken.push(format!("{} of {}", entry["DetailType"], detail["metadata"]["aggregate"]));
                }
                seen.published.insert(id);
            }
        });
        for what in broken {
            self.breaks("an event is on the bus only after its commit", what);
        }
    }
}

/// What a call is about, in short.
fn subject(operation: &str, asked: &Value) -> String {
    match operation {
        "TransactWriteItems" => {
            let items = asked["TransactItems"].as_array().into_iter().flatten();
            let items = items.filter_map(|item| {
                let put = item.get("Put").map(|put| short(&put["Item"]));
                put.or_else(|| item.get("Delete").map(|delete| format!("not {}", short(&delete["Key"]))))
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
