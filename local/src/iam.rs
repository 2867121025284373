//! IAM for functions: compares the permissions that each request to AWS needs with the function's policy and
//! boundary.

use std::{borrow::Cow, collections::BTreeMap};

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::template::{ACCOUNT, Deployment, FunctionSpec, REGION, Statement};

/// An action on a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    /// `dynamodb:GetItem`.
    pub action: String,
    /// An ARN; `*` if the request names no known resource.
    pub resource: String,
}

impl Permission {
    /// The permissions that a request needs. A request that cannot be read needs its action on all resources.
    pub fn needed(target: &str, body: &[u8]) -> Vec<Self> {
        let (service, operation) = target.split_once('.').unwrap_or(("", target));
        let about: Option<About<'_>> = serde_json::from_slice(body).ok();
        let mut needed = match (service, about) {
            ("DynamoDB_20120810", Some(about)) => on_tables(operation, &about),
            ("AmazonSQS", Some(About { queue_url: Some(url), .. })) => {
                let name = url.rsplit('/').next().unwrap_or_default();
                // A batch needs what its entries need.
                let action = operation.strip_suffix("Batch").unwrap_or(operation);
                vec![permission("sqs", action, arn("sqs", "", name))]
            }
            ("AWSEvents", Some(About { entries: Some(entries), .. })) => {
                let buses = entries.iter().map(|entry| entry.event_bus_name.as_deref().unwrap_or("default"));
                buses.map(|bus| permission("events", operation, arn("events", "event-bus/", bus))).collect()
            }
            _ => Vec::new(),
        };
        if needed.is_empty() {
            needed.push(permission(service, operation, "*".to_owned()));
        }
        needed.sort();
        needed.dedup();
        needed
    }
}

/// The permissions of a function: those that both its policy and its boundary allow.
#[derive(Debug)]
pub struct Role {
    policy: Vec<Statement>,
    boundary: Option<Vec<Statement>>,
}

impl Role {
    pub(crate) fn new(policy: Vec<Statement>, boundary: Option<Vec<Statement>>) -> Self {
        Self { policy, boundary }
    }

    /// A function's role in the templates.
    pub fn of(function: &FunctionSpec, deployment: &Deployment) -> Self {
        let boundary = function.boundary.as_ref();
        // A missing boundary allows nothing. Reading the templates has already refused it.
        let boundary = boundary.map(|arn| deployment.policies.get(arn).cloned().unwrap_or_default());
        Self::new(function.policy.clone(), boundary)
    }

    /// Whether it allows an action on a resource.
    pub fn allows(&self, wanted: &Permission) -> bool {
        let covered = |statements: &Vec<Statement>| statements.iter().any(|statement| covers(statement, wanted));
        covered(&self.policy) && self.boundary.as_ref().is_none_or(covered)
    }
}

fn covers(statement: &Statement, wanted: &Permission) -> bool {
    statement.actions.iter().any(|action| matches(action.as_bytes(), wanted.action.as_bytes()))
        && statement.resources.iter().any(|resource| matches(resource.as_bytes(), wanted.resource.as_bytes()))
}

/// Whether a text matches a pattern, in which `*` is any number of characters and `?` is one.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|at| matches(rest, &text[at..])),
        Some((first, rest)) => {
            text.split_first().is_some_and(|(c, text)| (*first == b'?' || first == c) && matches(rest, text))
        }
    }
}

/// The fields of a request's body that name its resources.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct About<'a> {
    #[serde(borrow)]
    table_name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    index_name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    request_items: Option<BTreeMap<Cow<'a, str>, &'a RawValue>>,
    #[serde(borrow)]
    transact_items: Option<Vec<BTreeMap<Cow<'a, str>, OnTable<'a>>>>,
    #[serde(borrow)]
    queue_url: Option<Cow<'a, str>>,
    #[serde(borrow)]
    entries: Option<Vec<Entry<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OnTable<'a> {
    #[serde(borrow)]
    table_name: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry<'a> {
    #[serde(borrow)]
    event_bus_name: Option<Cow<'a, str>>,
}

fn on_tables(operation: &str, about: &About<'_>) -> Vec<Permission> {
    let table = |name: &str| arn("dynamodb", "table/", name);
    let action = |action: &str, resource| permission("dynamodb", action, resource);
    match about {
        About { transact_items: Some(items), .. } => {
            let actions =
                items.iter().flatten().map(|(kind, on)| action(&format!("{kind}Item"), table(&on.table_name)));
            actions.collect()
        }
        About { request_items: Some(tables), .. } => tables.keys().map(|name| action(operation, table(name))).collect(),
        About { table_name: Some(name), index_name: Some(index), .. } => {
            vec![action(operation, format!("{}/index/{index}", table(name)))]
        }
        About { table_name: Some(name), .. } => vec![action(operation, table(name))],
        _ => Vec::new(),
    }
}

fn permission(service: &str, operation: &str, resource: String) -> Permission {
    Permission { action: format!("{service}:{operation}"), resource }
}

/// The ARN of a resource, from its name or its ARN.
fn arn(service: &str, path: &str, name: &str) -> String {
    if name.starts_with("arn:") {
        name.to_owned()
    } else {
        format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{path}{name}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const TABLE: &str = "arn:aws:dynamodb:eu-west-1:000000000000:table/t";

    fn told(target: &str, body: &Value) -> Vec<(String, String)> {
        let needed = Permission::needed(target, body.to_string().as_bytes()).into_iter();
        needed.map(|permission| (permission.action, permission.resource)).collect()
    }

    #[test]
    fn a_request_needs_its_actions_on_its_resources() {
        let table = |action: &str, path: &str| (format!("dynamodb:{action}"), format!("{TABLE}{path}"));
        let dynamo = |operation: &str, body: Value| told(&format!("DynamoDB_20120810.{operation}"), &body);
        assert_eq!(dynamo("GetItem", json!({"TableName": "t"})), [table("GetItem", "")]);
        assert_eq!(dynamo("Query", json!({"TableName": TABLE})), [table("Query", "")]);
        assert_eq!(dynamo("Query", json!({"TableName": "t", "IndexName": "i"})), [table("Query", "/index/i")]);
        assert_eq!(dynamo("BatchGetItem", json!({"RequestItems": {"t": {"Keys": []}}})), [table("BatchGetItem", "")]);
        let items = ["Put", "Update", "Delete", "ConditionCheck", "Put"].map(|kind| json!({kind: {"TableName": "t"}}));
        assert_eq!(
            dynamo("TransactWriteItems", json!({"TransactItems": items})),
            ["ConditionCheckItem", "DeleteItem", "PutItem", "UpdateItem"].map(|action| table(action, ""))
        );
        let queue = json!({"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/000000000000/q", "Entries": [{"Id": "1"}]});
        let sqs = ("sqs:SendMessage".to_owned(), "arn:aws:sqs:eu-west-1:000000000000:q".to_owned());
        assert_eq!(told("AmazonSQS.SendMessageBatch", &queue), [sqs]);
        let bus =
            |name| ("events:PutEvents".to_owned(), format!("arn:aws:events:eu-west-1:000000000000:event-bus/{name}"));
        let entries = json!({"Entries": [{"EventBusName": "b"}, {}]});
        assert_eq!(told("AWSEvents.PutEvents", &entries), [bus("b"), bus("default")]);
    }

    #[test]
    fn what_is_not_known_needs_everything() {
        assert_eq!(
            told("DynamoDB_20120810.ListTables", &json!({})),
            [("DynamoDB_20120810:ListTables".to_owned(), "*".to_owned())]
        );
        assert_eq!(Permission::needed("AmazonSQS.SendMessage", b"{")[0].resource, "*");
    }

    #[test]
    fn a_role_allows_what_its_policy_does_as_far_as_its_boundary_goes() {
        let statement = |action: &str, resource: &str| Statement {
            actions: vec![action.to_owned()],
            resources: vec![resource.to_owned()],
        };
        let policy = vec![statement("dynamodb:GetItem", TABLE), statement("dynamodb:Q*", TABLE)];
        let within = |boundary: &[Statement]| Role::new(policy.clone(), Some(boundary.to_vec()));
        let wanted = |action: &str, resource: &str| permission("dynamodb", action, resource.to_owned());
        let free = Role::new(policy.clone(), None);
        assert!(free.allows(&wanted("GetItem", TABLE)) && free.allows(&wanted("Query", TABLE)));
        assert!(!free.allows(&wanted("PutItem", TABLE)));
        assert!(!free.allows(&wanted("GetItem", &format!("{TABLE}/index/lists"))));
        assert!(within(&[statement("dynamodb:*Item", "arn:*:table/?")]).allows(&wanted("GetItem", TABLE)));
        assert!(!within(&[statement("dynamodb:*Item", "arn:*:table/?")]).allows(&wanted("Query", TABLE)));
        assert!(!within(&[]).allows(&wanted("GetItem", TABLE)));
    }
}
