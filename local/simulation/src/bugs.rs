//! Bugs that are planted to see whether the invariants bite. They live at the seam, so the code that is deployed knows
//! nothing of them: each makes calls, answers or deliveries as a handler with that bug would.

use std::{io, sync::Arc};

use aws_smithy_runtime_api::client::result::ConnectorError;
use bytes::Bytes;
use emulators::Answer;
use sandbox::Asked;
use serde_json::{Value, json};

use crate::{fates::Fate, invocation::Invocation, world::World};

macro_rules! bugs {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// A bug that can be planted.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Bug {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Bug {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// What is wrong with it, in a few words.
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
    /// A consumed message is recorded whether it was before or not.
    BlindInbox,
    /// Stock is saved whatever was saved meanwhile.
    BlindStock,
    /// An order is saved whatever was saved meanwhile.
    BlindOrder,
    /// A payment is saved whatever was saved meanwhile.
    BlindPayment,
    /// The answer of a request is not kept beside its idempotency key.
    NoIdempotency,
    /// A quote can be used again.
    QuoteNotClaimed,
    /// A cancellation that came first is not remembered by inventory.
    NoStockTombstone,
    /// A cancellation that came first is not remembered by payments.
    NoPaymentTombstone,
    /// Events are on the bus before their transaction.
    PublishedBeforeCommit,
    /// A change does not state its event.
    EventNotStated,
    /// A unit is counted that nobody received.
    UnitFromNowhere,
    /// What is held is not taken from what is available.
    HeldNotTaken,
    /// A movement of money is not booked.
    NotBooked,
    /// A throttled write is taken for done.
    SwallowedThrottle,
    /// A conflict is taken for done.
    ConflictIsDone,
    /// Entries that the bus refused are taken for published.
    FailedEntriesIgnored,
    /// A message is acknowledged before it is handled.
    AcknowledgedFirst,
    /// A batch is acknowledged whole although part of it failed.
    WholeBatchAcknowledged,
    /// The stream's checkpoint moves before its events are published.
    CheckpointBeforePublishing,
    /// Orders wait for ever.
    NoDeadline,
    /// Payments whose outcome is unknown are never asked for again.
    NobodyAsksAgain,
    /// Stock of a cancelled order is not freed.
    NoCompensation,
    /// Money of a cancelled order is not given back.
    NoRefund,
    /// Each try of a charge has a key of its own.
    NewKeyOnRetry,
    /// Each try of a refund has a key of its own.
    NewRefundKeyOnRetry,
    /// No answer of the provider is taken for a decline.
    SilenceIsDecline,
    /// A cent more is charged than was quoted.
    WrongAmount,
    /// A hold is taken for given up without asking.
    VoidNotAsked,
    /// Whoever asks may see an order.
    OwnerNotChecked,
    /// A read model does not learn.
    NothingLearned,
    /// A cart that was ordered from stays open.
    CartLeftOpen,
    /// An order is kept otherwise than its events say.
    KeptOtherwise,
    /// A dispute that is closed before it was opened is refused.
    ClosedDisputeRefused,
    /// Levels that were read after another change of their reservation are taken for older.
    LevelsReadLate,
    /// A row of a read model is written whatever is stored: its consumer is called idempotent and is not.
    BlindProjection,
    /// A sale, which states no event, leaves the version of its level as it was.
    SaleWithoutVersion,
}

impl Bug {
    /// The bug of that name.
    ///
    /// # Errors
    /// With every name there is.
    pub fn named(name: &str) -> Result<Self, String> {
        let known = Self::ALL.iter().find(|bug| format!("{bug:?}") == name);
        known.copied().ok_or_else(|| format!("there are: {:?}", Self::ALL))
    }

    /// What a handler with this bug asks of AWS.
    pub(crate) async fn request(
        self,
        world: &Arc<World>,
        invocation: &Invocation,
        target: &str,
        body: &Bytes,
    ) -> (String, Bytes) {
        let unchanged = || (target.to_owned(), body.clone());
        let mut asked: Value = serde_json::from_slice(body).unwrap_or_default();
        if self == Self::BlindProjection && target.ends_with("PutItem") {
            unconditional(&mut asked);
            return (target.to_owned(), asked.to_string().into());
        }
        if !target.ends_with("TransactWriteItems") {
            return unchanged();
        }
        let Some(items) = asked["TransactItems"].as_array_mut() else { return unchanged() };
        let pk = |item: &Value| item["Put"]["Item"]["pk"]["S"].as_str().unwrap_or_default().to_owned();
        let sk = |item: &Value| item["Put"]["Item"]["sk"]["S"].as_str().unwrap_or_default().to_owned();
        let text = |item: &Value, name: &str| item["Put"]["Item"][name]["S"].as_str().unwrap_or_default().to_owned();
        let is = |item: &Value, kind: &str| pk(item).starts_with(kind);
        let blind = |items: &mut Vec<Value>, kind: &str| {
            for item in items.iter_mut().filter(|item| is(item, kind)) {
                unconditional(&mut item["Put"]);
            }
        };
        // The first event brings an order about: without it nothing else would happen.
        let is_late = |item: &Value| !sk(item).ends_with("00000001");
        let tombstone = |item: &Value, kind: &str, status: &str| {
            is(item, kind) && text(item, "status") == status && item["Put"]["Item"]["version"]["N"] == "1"
        };
        match self {
            Self::NoInbox => items.retain(|item| !is(item, "inbox#")),
            Self::BlindInbox => blind(items, "inbox#"),
            Self::BlindStock => blind(items, "level#"),
            Self::BlindOrder => blind(items, "order#"),
            Self::BlindPayment => blind(items, "payment#"),
            Self::NoIdempotency => items.retain(|item| !is(item, "once#")),
            Self::QuoteNotClaimed => items.retain(|item| !is(item, "quote#")),
            Self::NoStockTombstone => items.retain(|item| !tombstone(item, "reservation#", "released")),
            Self::NoPaymentTombstone => items.retain(|item| !tombstone(item, "payment#", "refused")),
            Self::EventNotStated => {
                items.retain(|item| !(is(item, "order#") && sk(item).starts_with("event#") && is_late(item)));
            }
            Self::ClosedDisputeRefused => {
                // It knows the dispute only from the webhook that opens it, and fails until that comes.
                let events = items.iter().map(|item| text(item, "name"));
                if events.filter(|name| name.starts_with("Chargeback")).count() == 2 {
                    items.clear();
                    return (target.to_owned(), asked.to_string().into());
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
                world.observed.call(world, invocation, "AWSEvents.PutEvents", &asked, Some(&answer), Fate::Ok);
            }
            _ => return unchanged(),
        }
        if items.is_empty() {
            // DynamoDB takes no transaction of nothing: something that matters to nobody.
            let table = world.stage.deployment.tables.first().map_or("", |table| &table.name);
            let item = json!({"pk": {"S": "nothing"}, "sk": {"S": "nothing"}});
            items.push(json!({"Put": {"TableName": table, "Item": item}}));
        }
        (target.to_owned(), asked.to_string().into())
    }

    /// What a handler with this bug takes for the answer.
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
        let write = target.ends_with("TransactWriteItems");
        let swallow = match self {
            Self::SwallowedThrottle => write && kind.ends_with("ThrottlingException"),
            Self::ConflictIsDone => write && answer.body.windows(19).any(|text| text == b"TransactionConflict"),
            _ => false,
        };
        if swallow {
            answer.status = 200;
            answer.body = "{}".into();
        }
        if self == Self::FailedEntriesIgnored && target.ends_with("PutEvents") && said["FailedEntryCount"] != 0 {
            let entries = asked["Entries"].as_array().into_iter().flatten();
            said["Entries"] = entries.map(|_| json!({"EventId": "taken-for-published"})).collect();
            said["FailedEntryCount"] = 0.into();
            answer.body = said.to_string().into();
        }
        Ok(answer)
    }

    /// What a handler with this bug asks of the provider.
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

    /// What a handler with this bug takes for the provider's word.
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

/// Takes the condition from a put.
fn unconditional(put: &mut Value) {
    for field in ["ConditionExpression", "ExpressionAttributeValues"] {
        put.as_object_mut().expect("a put is an object").remove(field);
    }
}
