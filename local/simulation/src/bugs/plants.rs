//! How the bugs are planted.

use std::{io, sync::Arc};

use aws_smithy_runtime_api::client::result::ConnectorError;
use bytes::Bytes;
use emulators::Answer;
use sandbox::Asked;
use serde_json::{Value, json};

use super::Bug;
use crate::{counter::PRIVATE, executor::lock, faults::Fault, invocation::Invocation, world::World};

/// The number of keys that a filtered list reads at once. Other lists read no more than a page.
const MOST_AT_ONCE: u64 = 100;

impl Bug {
    /// The call to AWS that a handler with this bug makes.
    pub(crate) async fn request(
        self,
        world: &Arc<World>,
        invocation: &Invocation,
        target: &str,
        body: &Bytes,
    ) -> (String, Bytes) {
        let renamed =
            (self == Self::KeyWithoutCaller).then(|| lock(&world.created).rename(invocation.key.as_deref(), body));
        let body = renamed.as_ref().unwrap_or(body);
        let unchanged = || (target.to_owned(), body.clone());
        if self == Self::AllReadsEventual {
            let body = String::from_utf8_lossy(body).replace("\"ConsistentRead\":true", "\"ConsistentRead\":false");
            return (target.to_owned(), body.into());
        }
        let mut asked: Value = serde_json::from_slice(body).unwrap_or_default();
        if self == Self::PrivatePartPublished
            && let Some(entries) = asked.pointer_mut("/Entries").and_then(Value::as_array_mut)
        {
            for entry in entries.iter_mut().filter(|entry| entry["DetailType"] == "OrderNoted.v1") {
                entry["Resources"] = json!([format!("{PRIVATE}someone")]);
            }
            return (target.to_owned(), asked.to_string().into());
        }
        let single = target.ends_with("PutItem");
        if single {
            asked = json!({"TransactItems": [{"Put": asked}]});
        }
        let Some(items) = asked["TransactItems"].as_array_mut() else { return unchanged() };
        self.plant(world, invocation, target, items).await;
        if items.is_empty() && self != Self::ClosedDisputeRefused {
            // DynamoDB refuses an empty transaction, so this writes an item that has no effect.
            let table = world.stage.deployment.tables.first().map_or("", |table| &table.name);
            let item = json!({"pk": {"S": "nothing"}, "sk": {"S": "nothing"}});
            items.push(json!({"Put": {"TableName": table, "Item": item}}));
        }
        if single {
            return (target.to_owned(), items[0]["Put"].to_string().into());
        }
        (target.to_owned(), asked.to_string().into())
    }

    /// The kind of items that are written without a condition.
    const fn blind_kind(self) -> Option<&'static str> {
        match self {
            Self::BlindAppend => Some("log#"),
            Self::BlindInbox => Some("inbox#"),
            Self::BlindStock => Some("level#"),
            Self::BlindUsage => Some("usage#"),
            Self::BlindOrder => Some("order#"),
            Self::BlindPayment => Some("payment#"),
            Self::BlindEntry => Some("doc#"),
            _ => None,
        }
    }

    /// Changes the writes of a call.
    async fn plant(self, world: &Arc<World>, invocation: &Invocation, target: &str, items: &mut Vec<Value>) {
        self.plant_in_carts(&invocation.handler.function_id(), items);
        self.plant_in_promotions(&invocation.handler.function_id(), items);
        let pk = |item: &Value| item["Put"]["Item"]["pk"]["S"].as_str().unwrap_or_default().to_owned();
        let sk = |item: &Value| item["Put"]["Item"]["sk"]["S"].as_str().unwrap_or_default().to_owned();
        let text = |item: &Value, name: &str| item["Put"]["Item"][name]["S"].as_str().unwrap_or_default().to_owned();
        let is = |item: &Value, kind: &str| pk(item).starts_with(kind);
        if let Some(kind) = self.blind_kind() {
            for item in items.iter_mut().filter(|item| is(item, kind)) {
                unconditional(&mut item["Put"]);
            }
        }
        // The first event starts an order. Without it, nothing else would happen.
        let is_late = |item: &Value| !sk(item).ends_with("00000001");
        let tombstone = |item: &Value, kind: &str, status: &str| {
            is(item, kind) && text(item, "status") == status && item["Put"]["Item"]["version"]["N"] == "1"
        };
        match self {
            Self::BlindProjection if items.iter().any(|item| is_projection(&item["Put"])) => {
                for item in items.iter_mut() {
                    unconditional(&mut item["Put"]);
                }
            }
            Self::NoStamp => drop(items[0]["Put"]["Item"].as_object_mut().map(|item| item.remove("stamps"))),
            Self::PlaceAfterDeadline => {
                let places = items.iter_mut().filter_map(|item| item.pointer_mut("/Put/Item/dueAt"));
                places.for_each(|place| bump(place, 1000));
            }
            Self::LevelsBeforeReservation if items.iter().any(|item| is(item, "reservation#")) => {
                let (levels, others): (Vec<_>, Vec<_>) = items.drain(..).partition(|item| is(item, "level#"));
                *items = others;
                if !levels.is_empty() {
                    let first = json!({"TransactItems": levels});
                    let answer = world.cloud.dispatch(target, first.to_string().as_bytes()).await;
                    world.observed.call(world, invocation, target, &first, Some(&answer), Fault::None);
                }
            }
            Self::PrivatePartStays => items.retain(|item| !item["Update"].is_object()),
            Self::ArchivedStays => {
                items.retain(|item| !is(item, "doc#") || item["Put"]["Item"]["document"].is_object());
            }
            Self::ChunksNotStored => items.retain(|item| !is(item, "snap#")),
            Self::NoInbox => items.retain(|item| !is(item, "inbox#")),
            Self::NoIdempotency => forget_request(items),
            Self::NoStockTombstone => items.retain(|item| !tombstone(item, "reservation#", "released")),
            Self::NoPaymentTombstone => items.retain(|item| !tombstone(item, "payment#", "refused")),
            Self::EventNotStated => {
                items.retain(|item| !(is(item, "order#") && sk(item).starts_with("event#") && is_late(item)));
            }
            Self::ClosedDisputeRefused => {
                // It knows the dispute only from the webhook that opens it, and fails until that arrives.
                let events = items.iter().map(|item| text(item, "name"));
                if events.filter(|name| name.starts_with("Chargeback")).count() == 2 {
                    items.clear();
                }
            }
            Self::SaleWithoutVersion => {
                let stated: Vec<_> = items.iter().filter(|item| sk(item).starts_with("event#")).map(pk).collect();
                for item in items.iter_mut().filter(|item| is(item, "level#") && !stated.contains(&pk(item))) {
                    let before = item["Put"]["ExpressionAttributeValues"][":before"].clone();
                    item["Put"]["Item"]["version"] = before;
                }
            }
            Self::KeptOtherwise => {
                for item in items.iter_mut().filter(|item| is(item, "order#") && sk(item) == "state") {
                    item["Put"]["Item"]["shippingOption"] = json!({"S": "another"});
                }
            }
            Self::UnitFromNowhere => {
                for item in items.iter_mut().filter(|item| is(item, "level#") && sk(item) == "state") {
                    bump(&mut item["Put"]["Item"]["available"], 1);
                }
            }
            Self::HeldNotTaken if invocation.handler.function_id() == "inventory/reserve-stock" => {
                for item in items.iter_mut().filter(|item| is(item, "level#") && sk(item) == "state") {
                    bump(&mut item["Put"]["Item"]["available"], 1);
                    bump(&mut item["Put"]["Item"]["held"], -1);
                }
            }
            Self::NotBooked => {
                for item in items.iter_mut().filter(|item| is(item, "payment#") && sk(item) == "state") {
                    let booked = item["Put"]["Item"]["ledger"]["M"]["transactions"]["L"].as_array_mut();
                    booked.into_iter().filter(|booked| booked.len() > 2).for_each(|booked| drop(booked.pop()));
                }
            }
            Self::PublishedBeforeCommit => {
                let events = items.iter().filter(|item| sk(item).starts_with("event#"));
                let entries: Vec<_> = events
                    .map(|event| {
                        json!({
                            "EventBusName": bus(world), "Source": text(event, "source"),
                            "DetailType": text(event, "name"), "Detail": text(event, "detail"),
                        })
                    })
                    .collect();
                let asked = json!({"Entries": entries});
                let answer = world.cloud.dispatch("AWSEvents.PutEvents", asked.to_string().as_bytes()).await;
                world.observed.call(world, invocation, "AWSEvents.PutEvents", &asked, Some(&answer), Fault::None);
            }
            _ => {}
        }
    }

    /// The reply that a handler with this bug sees.
    pub(crate) fn answer(
        self,
        invocation: &Invocation,
        target: &str,
        asked: &Value,
        answered: Result<Answer, ConnectorError>,
    ) -> Result<Answer, ConnectorError> {
        let mut answer = answered?;
        if self == Self::LevelsReadLate {
            return Ok(invocation.as_before_its_levels(target, asked, answer));
        }
        let mut said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let kind = said["__type"].as_str().unwrap_or_default().to_owned();
        let write = target.ends_with("TransactWriteItems") || target.ends_with("PutItem");
        let swallow = match self {
            Self::SwallowedThrottle => write && kind.ends_with("ThrottlingException"),
            Self::ConflictIsDone => write && answer.body.windows(19).any(|text| text == b"TransactionConflict"),
            _ => false,
        };
        if swallow {
            answer.status = 200;
            answer.body = "{}".into();
        }
        if self == Self::StampNotChecked
            && kind.ends_with("ConditionalCheckFailedException")
            && let Some(item) = said["Item"].as_object_mut()
        {
            item.remove("stamps");
            answer.body = said.to_string().into();
        }
        if self == Self::FingerprintIgnored
            && let Some(reasons) = said.pointer_mut("/CancellationReasons").and_then(Value::as_array_mut)
        {
            let asked = asked["TransactItems"].as_array().into_iter().flatten().map(|item| &item["Put"]["Item"]);
            for (reason, asked) in
                reasons.iter_mut().zip(asked).filter(|(reason, _)| reason["Item"]["createdBy"].is_object())
            {
                reason["Item"]["createdBy"] = asked["createdBy"].clone();
            }
            answer.body = said.to_string().into();
        }
        if self == Self::IncludedTaxAdded && target.ends_with("BatchGetItem") {
            let tables = said["Responses"].as_object_mut().into_iter().flatten();
            for item in tables.flat_map(|(_, items)| items.as_array_mut().into_iter().flatten()) {
                if let Some(included) = item.pointer_mut("/terms/M/included") {
                    *included = json!({"BOOL": false});
                }
            }
            answer.body = said.to_string().into();
        }
        if self == Self::ListFiltersFirst && asked["IndexName"] == "lists" && asked["Limit"] == MOST_AT_ONCE {
            answer.body = r#"{"Items": [], "Count": 0, "ScannedCount": 0}"#.into();
        }
        if self == Self::FailedEntriesIgnored && target.ends_with("PutEvents") && said["FailedEntryCount"] != 0 {
            let entries = asked["Entries"].as_array().into_iter().flatten();
            said["Entries"] = entries.map(|_| json!({"EventId": "taken-for-published"})).collect();
            said["FailedEntryCount"] = 0.into();
            answer.body = said.to_string().into();
        }
        Ok(answer)
    }

    /// The request to the provider that a handler with this bug makes.
    pub(crate) fn asked(self, world: &World, asked: &mut Asked) {
        let charge = asked.path == "/v1/payment_intents" && asked.method == "POST";
        match self {
            Self::NewKeyOnRetry if charge => asked.idempotency_key = Some(format!("{:032x}", world.random())),
            Self::NewRefundKeyOnRetry if asked.path == "/v1/refunds" => {
                asked.idempotency_key = Some(format!("{:032x}", world.random()));
            }
            Self::WrongAmount if charge => {
                let amount = asked.parameters.get("amount").and_then(|amount| amount.parse::<i64>().ok());
                asked.parameters.insert("amount".to_owned(), (amount.unwrap_or_default() + 1).to_string());
            }
            Self::VoidNotAsked | Self::RefusedLeftOpen => {
                let Some(intent) = asked.path.strip_suffix("/cancel") else { return };
                let refused = intent.rsplit('/').next().and_then(|intent| world.provider.status(intent));
                if self == Self::VoidNotAsked || refused.is_some_and(|status| status == "requires_payment_method") {
                    (asked.method, asked.path) = ("GET".to_owned(), intent.to_owned());
                }
            }
            _ => {}
        }
    }

    /// The reply of the provider that a handler with this bug sees.
    pub(crate) fn heard(self, asked: &Asked, answered: io::Result<(u16, String)>) -> io::Result<(u16, String)> {
        match self {
            Self::ActionIsDecline if asked.path == "/v1/payment_intents" => answered.map(|(status, body)| {
                if !body.contains("requires_action") {
                    return (status, body);
                }
                let error = json!({"error": {"type": "card_error", "code": "authentication_required", "message": ""}});
                (402, error.to_string())
            }),
            Self::SilenceIsDecline if answered.is_err() && asked.path == "/v1/payment_intents" => {
                let error = json!({"error": {"type": "card_error", "code": "card_declined", "message": "declined"}});
                Ok((402, error.to_string()))
            }
            Self::VoidNotAsked if asked.method == "GET" => {
                answered.map(|(status, body)| (status, body.replace("requires_capture", "canceled")))
            }
            // The payment is read with its charge, but not here.
            Self::RefusedLeftOpen if asked.method == "GET" && !asked.parameters.contains_key("expand[]") => {
                answered.map(|(status, body)| (status, body.replace("requires_payment_method", "canceled")))
            }
            _ => answered,
        }
    }

    /// Whether a function with this bug does nothing at all.
    pub(crate) fn skips(self, function: &str) -> bool {
        match self {
            Self::NoCompensation => function == "inventory/release-stock",
            Self::NoRefund => function == "payments/void-or-refund",
            Self::NoDeadline => function == "orders/sweep-deadlines",
            Self::NobodyAsksAgain => function == "payments/resolve-unknown",
            Self::GivenUpForgotten => function.ends_with("/republish"),
            Self::NothingLearned => function == "checkout/project-stock",
            Self::CartLeftOpen => function == "checkout/close-cart",
            Self::UseNeverLapses => function == "checkout/lapse-redemptions",
            Self::ProductsNotIndexed => function == "catalog/index-product",
            Self::StockNotIndexed => function == "catalog/index-signals",
            Self::CategoryNotIndexed => function == "catalog/reindex-category",
            _ => false,
        }
    }
}

fn bus(world: &World) -> &str {
    world.stage.deployment.buses.first().map_or("", String::as_str)
}

pub(super) fn bump(number: &mut Value, by: i64) {
    let value = number["N"].as_str().and_then(|value| value.parse::<i64>().ok()).unwrap_or_default();
    number["N"] = (value + by).to_string().into();
}

/// Removes the stored reply of a request. A created entity records another request in its place.
fn forget_request(items: &mut Vec<Value>) {
    items.retain(|item| !item["Put"]["Item"]["answer"].is_object());
    for item in items.iter_mut().filter(|item| item["Put"]["Item"]["createdBy"].is_object()) {
        let created = item["Put"]["Item"]["createdBy"]["S"].as_str().unwrap_or_default();
        let at = created.split('@').next_back().unwrap_or_default();
        item["Put"]["Item"]["createdBy"]["S"] = format!("another@{at}").into();
    }
}

/// Whether a put writes a row of a read model.
fn is_projection(put: &Value) -> bool {
    put["ConditionExpression"].as_str().is_some_and(|condition| condition.ends_with("version < :version"))
}

/// Removes the condition of a put.
fn unconditional(put: &mut Value) {
    for field in ["ConditionExpression", "ExpressionAttributeValues"] {
        put.as_object_mut().expect("a put is an object").remove(field);
    }
}
