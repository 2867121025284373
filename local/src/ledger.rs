//! Records the calls of functions to AWS, between the real SDK clients and the emulators.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::AddAssign,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::body::Bytes;
use emulators::{Answer, Cloud};
use serde_json::{Value, json};

use crate::{
    iam::{Permission, Role},
    template::ACCOUNT,
};

/// The calls of an invocation.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Usage {
    /// Calls that read the table.
    pub reads: u32,
    /// Calls that write to it.
    pub writes: u32,
    /// Read units, as `DynamoDB` counts them: 1 for each 4 KB read strongly consistent, half of it otherwise.
    pub read_units: f64,
    /// Write units: 1 for each KB of an item, and as many for its place in an index; in a transaction the item's count
    /// twice.
    pub write_units: f64,
    /// Events put on the bus.
    pub events: u32,
    /// Requests to SQS.
    pub messages: u32,
    /// Bytes that it wrote to its log: the metrics. Errors and refusals, which are logged too, are not counted.
    pub logged: u32,
}

impl AddAssign for Usage {
    fn add_assign(&mut self, more: Self) {
        self.reads += more.reads;
        self.writes += more.writes;
        self.read_units += more.read_units;
        self.write_units += more.write_units;
        self.events += more.events;
        self.messages += more.messages;
        self.logged += more.logged;
    }
}

impl Usage {
    /// The maximum of each number.
    #[must_use]
    pub fn most(self, other: Self) -> Self {
        Self {
            reads: self.reads.max(other.reads),
            writes: self.writes.max(other.writes),
            read_units: self.read_units.max(other.read_units),
            write_units: self.write_units.max(other.write_units),
            events: self.events.max(other.events),
            messages: self.messages.max(other.messages),
            logged: self.logged.max(other.logged),
        }
    }
}

/// An invocation that has ended.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// The function's name.
    pub function: String,
    /// The name of the event that its messages were, if they were all of one.
    pub event: Option<String>,
    /// Its calls.
    pub usage: Usage,
}

/// The records so far. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Ledger(Arc<Mutex<Entries>>);

#[derive(Debug, Default)]
struct Entries {
    used: BTreeMap<String, BTreeSet<Permission>>,
    /// Whether invocations are counted, each by itself.
    counting: bool,
    /// How many have ended.
    ended: u64,
    /// The calls so far of the running invocation of each function.
    running: BTreeMap<String, Usage>,
    invocations: Vec<Invocation>,
}

impl Ledger {
    /// A ledger that counts each invocation by itself. No two of a function may run at once.
    pub(crate) fn counting() -> Self {
        Self(Arc::new(Mutex::new(Entries { counting: true, ..Entries::default() })))
    }

    /// The permissions that a function used.
    pub fn used(&self, function: &str) -> BTreeSet<Permission> {
        self.entries().used.get(function).cloned().unwrap_or_default()
    }

    /// The invocations so far, in order. Empty if they are not counted.
    pub fn invocations(&self) -> Vec<Invocation> {
        self.entries().invocations.clone()
    }

    /// How many invocations have ended.
    pub(crate) fn count(&self) -> u64 {
        self.entries().ended
    }

    /// Whether invocations are counted, each by itself.
    pub(crate) fn is_counting(&self) -> bool {
        self.entries().counting
    }

    /// Records that an invocation has ended.
    pub(crate) fn ended(&self, function: &str, event: Option<String>) {
        let mut entries = self.entries();
        entries.ended += 1;
        if entries.counting {
            let usage = entries.running.remove(function).unwrap_or_default();
            entries.invocations.push(Invocation { function: function.to_owned(), event, usage });
        }
    }

    /// Records a line of the log of a function's running invocation.
    pub(crate) fn logged(&self, function: &str, line: &str) {
        let mut entries = self.entries();
        if entries.counting {
            let running = entries.running.entry(function.to_owned()).or_default();
            running.logged += u32::try_from(line.len() + 1).unwrap_or(u32::MAX);
        }
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        // Nothing in here panics half way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The HTTP client between a function's SDK clients and the emulators. Like IAM, it refuses calls that the function's
/// role does not allow, and it records the permissions that are used.
pub(crate) struct MeteredTransport {
    pub(crate) cloud: Cloud,
    pub(crate) function: String,
    pub(crate) role: Role,
    pub(crate) ledger: Ledger,
}

impl MeteredTransport {
    pub(crate) async fn pass(&self, target: &str, body: Bytes) -> Answer {
        let needed = Permission::needed(target, &body);
        if let Some(refused) = needed.iter().find(|permission| !self.role.allows(permission)) {
            return self.refusal(refused);
        }
        let counting = {
            let mut entries = self.ledger.entries();
            let used = entries.used.entry(self.function.clone()).or_default();
            used.extend(needed);
            entries.counting
        };
        if !counting {
            return self.cloud.dispatch(target, &body).await;
        }
        let answer = self.cloud.dispatch(target, &asking_for_units(target, &body)).await;
        let calls = count(target, &body, &answer);
        *self.ledger.entries().running.entry(self.function.clone()).or_default() += calls;
        answer
    }

    fn refusal(&self, Permission { action, resource }: &Permission) -> Answer {
        let function = &self.function;
        tracing::error!(function, action, resource, "its role does not allow it");
        let message = format!(
            "User: arn:aws:sts::{ACCOUNT}:assumed-role/{function}/{function} is not authorized to perform: {action} on \
             resource: {resource} because no identity-based policy allows the {action} action"
        );
        let body = json!({"__type": "com.amazon.coral.service#AccessDeniedException", "message": message});
        let headers = vec![("content-type", "application/x-amz-json-1.0".to_owned())];
        Answer { status: 400, headers, body: body.to_string().into() }
    }
}

/// The same request, with the option that returns the consumed units.
fn asking_for_units(target: &str, body: &Bytes) -> Bytes {
    let wished = || {
        let mut request: Value = serde_json::from_slice(body).ok()?;
        request["ReturnConsumedCapacity"] = "TOTAL".into();
        Some(request.to_string().into())
    };
    if target.starts_with("DynamoDB_") { wished().unwrap_or_else(|| body.clone()) } else { body.clone() }
}

fn count(target: &str, body: &Bytes, answer: &Answer) -> Usage {
    let answered: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let told = &answered["ConsumedCapacity"];
    let tables = told.as_array().map_or(std::slice::from_ref(told), Vec::as_slice);
    let units = tables.iter().filter_map(|table| table["CapacityUnits"].as_f64()).sum();
    match target.split_once('.').unwrap_or_default() {
        ("DynamoDB_20120810", "BatchGetItem" | "GetItem" | "Query" | "Scan" | "TransactGetItems") => {
            Usage { reads: 1, read_units: units, ..Usage::default() }
        }
        ("DynamoDB_20120810", _) => Usage { writes: 1, write_units: units, ..Usage::default() },
        ("AWSEvents", _) => {
            let request: Value = serde_json::from_slice(body).unwrap_or_default();
            let entries = request["Entries"].as_array().map_or(0, Vec::len);
            Usage { events: u32::try_from(entries).unwrap_or(u32::MAX), ..Usage::default() }
        }
        _ => Usage { messages: 1, ..Usage::default() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cloud::call, template::Statement};

    /// A table with an index, and a function that may do anything with it.
    async fn transport() -> MeteredTransport {
        let cloud = Cloud::memory();
        let key = |pk: &str| json!([{"AttributeName": pk, "KeyType": "HASH"}]);
        let attribute = |name: &str| json!({"AttributeName": name, "AttributeType": "S"});
        let index = json!({"IndexName": "by-kind", "KeySchema": key("kind"), "Projection": {"ProjectionType": "ALL"}});
        let table = json!({
            "TableName": "things", "BillingMode": "PAY_PER_REQUEST", "KeySchema": key("id"),
            "AttributeDefinitions": [attribute("id"), attribute("kind")], "GlobalSecondaryIndexes": [index],
        });
        call(&cloud, "DynamoDB_20120810.CreateTable", &table).await.unwrap();
        let all = || vec!["*".to_owned()];
        let role = Role::new(vec![Statement { actions: all(), resources: all() }], None);
        MeteredTransport { cloud, function: "f".to_owned(), role, ledger: Ledger::counting() }
    }

    async fn units(transport: &MeteredTransport, operation: &str, body: Value) -> (f64, f64) {
        let target = format!("DynamoDB_20120810.{operation}");
        let answer = transport.pass(&target, body.to_string().into()).await;
        assert_eq!(answer.status, 200, "{operation}: {:?}", answer.body);
        transport.ledger.ended("f", None);
        let usage = transport.ledger.invocations().pop().unwrap().usage;
        (usage.read_units, usage.write_units)
    }

    #[tokio::test]
    async fn units_are_counted_as_dynamodb_bills_them() {
        let transport = transport().await;
        let text = "x".repeat(1500);
        let plain = json!({"TableName": "things", "Item": {"id": {"S": "plain"}, "text": {"S": text}}});
        let indexed =
            json!({"TableName": "things", "Item": {"id": {"S": "indexed"}, "kind": {"S": "a"}, "text": {"S": text}}});
        assert_eq!(units(&transport, "PutItem", plain.clone()).await, (0.0, 2.0));
        assert_eq!(units(&transport, "PutItem", indexed).await, (0.0, 4.0));
        assert_eq!(
            units(&transport, "TransactWriteItems", json!({"TransactItems": [{"Put": plain}]})).await,
            (0.0, 4.0)
        );
        let key = json!({"id": {"S": "plain"}});
        let get = json!({"TableName": "things", "Key": key, "ConsistentRead": true});
        assert_eq!(units(&transport, "GetItem", get).await, (1.0, 0.0));
        assert_eq!(units(&transport, "GetItem", json!({"TableName": "things", "Key": key})).await, (0.5, 0.0));
        let batch =
            json!({"RequestItems": {"things": {"Keys": [key, {"id": {"S": "indexed"}}], "ConsistentRead": true}}});
        assert_eq!(units(&transport, "BatchGetItem", batch).await, (2.0, 0.0));
        let query = json!({
            "TableName": "things", "IndexName": "by-kind", "KeyConditionExpression": "kind = :kind",
            "ExpressionAttributeValues": {":kind": {"S": "a"}},
        });
        assert_eq!(units(&transport, "Query", query).await, (0.5, 0.0));
    }
}
