//! Planted bugs, which test whether the invariants find them. They are in the transport, so the deployed code does
//! not contain them: each changes calls, replies or deliveries so that they look like those of a handler with the
//! bug.

use std::{io, sync::Arc};

use aws_smithy_runtime_api::client::result::ConnectorError;
use bytes::Bytes;
use emulators::Answer;
use sandbox::Asked;
use serde_json::{Value, json};

use crate::{faults::Fault, invocation::Invocation, world::World};

macro_rules! bugs {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// A bug that can be planted.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Bug {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Bug {
            /// All bugs.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// A short description of the bug.
            pub fn about(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($doc),+).trim_ascii(),)+
                }
            }
        }
    };
}

bugs! {
    /// A consumed message is not recorded.
    NoInbox,
    /// A consumed message is recorded without checking whether it already was.
    BlindInbox,
    /// Stock is saved without its version condition.
    BlindStock,
    /// An order is saved without its version condition.
    BlindOrder,
    /// A payment is saved without its version condition.
    BlindPayment,
    /// The reply to a request is not stored with its idempotency key.
    NoIdempotency,
    /// A quote can be used more than once.
    QuoteNotClaimed,
    /// Inventory stores no tombstone for a cancellation that arrives first.
    NoStockTombstone,
    /// Payments stores no tombstone for a cancellation that arrives first.
    NoPaymentTombstone,
    /// Events are put on the bus before their transaction.
    PublishedBeforeCommit,
    /// A change does not write its event.
    EventNotStated,
    /// A unit is counted that was not received.
    UnitFromNowhere,
    /// Held units are not subtracted from the available units.
    HeldNotTaken,
    /// A movement of money is not booked.
    NotBooked,
    /// A throttled write is treated as done.
    SwallowedThrottle,
    /// A conflict is treated as done.
    ConflictIsDone,
    /// Entries that the bus refused are treated as published.
    FailedEntriesIgnored,
    /// A message is acknowledged before it is handled.
    AcknowledgedFirst,
    /// A whole batch is acknowledged although some of its messages failed.
    WholeBatchAcknowledged,
    /// The stream's checkpoint moves before its events are published.
    CheckpointBeforePublishing,
    /// Orders have no deadline.
    NoDeadline,
    /// Payments with an unknown outcome are never resolved.
    NobodyAsksAgain,
    /// The stock of a cancelled order is not released.
    NoCompensation,
    /// The payment of a cancelled order is not refunded.
    NoRefund,
    /// Each attempt of a charge has a new idempotency key.
    NewKeyOnRetry,
    /// Each attempt of a refund has a new idempotency key.
    NewRefundKeyOnRetry,
    /// A missing reply of the provider is treated as a decline.
    SilenceIsDecline,
    /// A cent more is charged than was quoted.
    WrongAmount,
    /// A hold is treated as released without a request to the provider.
    VoidNotAsked,
    /// Every caller can read every order.
    OwnerNotChecked,
    /// A read model is not updated.
    NothingLearned,
    /// The cart of an order stays open.
    CartLeftOpen,
    /// The stored order differs from its events.
    KeptOtherwise,
    /// A dispute that is closed before it was opened is refused.
    ClosedDisputeRefused,
    /// Levels that were read after a later change of their reservation are treated as older.
    LevelsReadLate,
    /// A row of a read model is written without a condition, so its consumer is not idempotent although it declares
    /// it.
    BlindProjection,
    /// A sale, which has no event, does not raise the version of its level.
    SaleWithoutVersion,
    /// A single put has no stamp.
    NoStamp,
    /// A single put that has already been made is not recognised by its stamp.
    StampNotChecked,
    /// The place in the index of overdue entities is after the deadline.
    PlaceAfterDeadline,
    /// The levels of a reservation are saved before it, in a transaction of their own.
    LevelsBeforeReservation,
}

impl Bug {
    /// The bug with a name.
    ///
    /// # Errors
    /// If there is no such bug. The message lists all names.
    pub fn named(name: &str) -> Result<Self, String> {
        let known = Self::ALL.iter().find(|bug| format!("{bug:?}") == name);
        known.copied().ok_or_else(|| format!("there are: {:?}", Self::ALL))
    }

    /// The call to AWS that a handler with this bug makes.
    pub(crate) async fn request(
        self,
        world: &Arc<World>,
        invocation: &Invocation,
        target: &str,
        body: &Bytes,
    ) -> (String, Bytes) {
        let unchanged = || (target.to_owned(), body.clone());
        let mut asked: Value = serde_json::from_slice(body).unwrap_or_default();
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

    /// Changes the writes of a call.
    async fn plant(self, world: &Arc<World>, invocation: &Invocation, target: &str, items: &mut Vec<Value>) {
        let pk = |item: &Value| item["Put"]["Item"]["pk"]["S"].as_str().unwrap_or_default().to_owned();
        let sk = |item: &Value| item["Put"]["Item"]["sk"]["S"].as_str().unwrap_or_default().to_owned();
        let text = |item: &Value, name: &str| item["Put"]["Item"][name]["S"].as_str().unwrap_or_default().to_owned();
        let is = |item: &Value, kind: &str| pk(item).starts_with(kind);
        let blind = |items: &mut Vec<Value>, kind: &str| {
            for item in items.iter_mut().filter(|item| is(item, kind)) {
                unconditional(&mut item["Put"]);
            }
        };
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
                let places = items.iter_mut().map(|item| &mut item["Put"]["Item"]["dueAt"]);
                places.filter(|place| place.is_object()).for_each(|place| bump(place, 1000));
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
            Self::NoInbox => items.retain(|item| !is(item, "inbox#")),
            Self::BlindInbox => blind(items, "inbox#"),
            Self::BlindStock => blind(items, "level#"),
            Self::BlindOrder => blind(items, "order#"),
            Self::BlindPayment => blind(items, "payment#"),
            Self::NoIdempotency => forget_request(items),
            Self::QuoteNotClaimed => items.retain(|item| !is(item, "quote#")),
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
            Self::VoidNotAsked if asked.path.ends_with("/cancel") => {
                "GET".clone_into(&mut asked.method);
                asked.path = asked.path.trim_end_matches("/cancel").to_owned();
            }
            _ => {}
        }
    }

    /// The reply of the provider that a handler with this bug sees.
    pub(crate) fn heard(self, asked: &Asked, answered: io::Result<(u16, String)>) -> io::Result<(u16, String)> {
        match self {
            Self::SilenceIsDecline if answered.is_err() && asked.path == "/v1/payment_intents" => {
                let error = json!({"error": {"type": "card_error", "code": "card_declined", "message": "declined"}});
                Ok((402, error.to_string()))
            }
            Self::VoidNotAsked if asked.method == "GET" => {
                answered.map(|(status, body)| (status, body.replace("requires_capture", "canceled")))
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
            Self::NothingLearned => function == "checkout/project-stock",
            Self::CartLeftOpen => function == "checkout/close-cart",
            _ => false,
        }
    }
}

fn bus(world: &World) -> &str {
    world.stage.deployment.buses.first().map_or("", String::as_str)
}

fn bump(number: &mut Value, by: i64) {
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
