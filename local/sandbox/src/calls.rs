//! The calls that are known, each a pure function of what is kept and what is asked.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::{
    objects::{Dispute, Intent, NOT_AUTHENTICATED, Refund, Status, new_id},
    provider::{Asked, Done, Refusal},
    state::{Change, State},
};

const CREATE: &[&str] = &[
    "amount",
    "capture_method",
    "confirm",
    "currency",
    "description",
    "payment_method",
    "payment_method_types[0]",
    "payment_method_types[]",
    "return_url",
    "use_stripe_sdk",
];

/// A method that the customer must approve, and of whose approval no webhook reports.
const UNREPORTED: &str = "pm_sandbox_3ds_unreported";

/// Answers one call.
pub(crate) fn call(state: &State, asked: &Asked, pages: &str, now: u64) -> Result<Done, Refusal> {
    let path: Vec<&str> = asked.path.split('/').skip(1).collect();
    if let Some(refused) = first_refusal(state, asked, &path) {
        return Ok(refused);
    }
    match (asked.method.as_str(), path.as_slice()) {
        ("POST", ["v1", "payment_intents"]) => create(asked, pages, now),
        ("GET", ["v1", "payment_intents"]) => Ok(list(state)),
        ("GET", ["v1", "payment_intents", "search"]) => search(state, asked),
        ("GET", ["v1", "payment_intents", id]) => {
            let (intent, expand) = (intent(state, id)?, asked.parameters.get("expand[]").map(String::as_str));
            Ok(found(200, if expand == Some("latest_charge") { intent.expanded() } else { intent.json() }))
        }
        ("POST", ["v1", "payment_intents", id, "capture"]) => capture(intent(state, id)?, asked, now),
        ("POST", ["v1", "payment_intents", id, "cancel"]) => cancel(intent(state, id)?),
        ("POST", ["v1", "refunds"]) => refund(state, asked, now),
        ("POST", ["v1", "disputes", id]) => close(state, id, asked),
        ("POST", ["v1", "disputes", id, "close"]) => end(state, id, "lost"),
        (method, _) => {
            let message = format!("Unrecognized request URL ({method}: {}).", asked.path);
            Err(Refusal::invalid(404, "resource_missing", message))
        }
    }
}

/// What is refused once though nothing stands in the way, with a method that is for that.
fn first_refusal(state: &State, asked: &Asked, path: &[&str]) -> Option<Done> {
    let (id, call) = match (asked.method.as_str(), path) {
        ("POST", ["v1", "payment_intents", id, call]) => (*id, *call),
        ("POST", ["v1", "refunds"]) => (asked.parameters.get("payment_intent")?.as_str(), "refund"),
        _ => return None,
    };
    let intent = state.intents.get(id).filter(|intent| intent.method == "pm_sandbox_refusing")?;
    let mut refused = intent.clone();
    if !refused.refused.insert(call.to_owned()) {
        return None;
    }
    let message = "This is refused the first time.";
    let error = json!({
        "type": "invalid_request_error", "code": "processing_error", "message": message, "payment_intent": intent.json(),
    });
    let change = Change { intents: vec![refused], ..Change::default() };
    Some(Done { status: 400, body: json!({"error": error}), change, ..Done::default() })
}

fn found(status: u16, body: serde_json::Value) -> Done {
    Done { status, body, ..Done::default() }
}

fn list(state: &State) -> Done {
    let data: Vec<_> = state.intents.values().map(Intent::json).collect();
    found(200, json!({"object": "list", "url": "/v1/payment_intents", "has_more": false, "data": data}))
}

/// Finds intents by a value of their metadata: `metadata['order']:'…'`.
fn search(state: &State, asked: &Asked) -> Result<Done, Refusal> {
    let query = required(asked, "query")?;
    let (name, value) = query
        .strip_prefix("metadata['")
        .and_then(|rest| rest.strip_suffix('\''))
        .and_then(|rest| rest.split_once("']:'"))
        .ok_or_else(|| Refusal::invalid(400, "parameter_invalid", "This provider searches metadata by one value."))?;
    let is_found = |intent: &&Intent| intent.metadata.get(name).is_some_and(|known| known == value);
    let data: Vec<_> = state.intents.values().filter(is_found).map(Intent::json).collect();
    let url = "/v1/payment_intents/search";
    Ok(found(200, json!({"object": "search_result", "url": url, "has_more": false, "data": data})))
}

fn create(asked: &Asked, pages: &str, now: u64) -> Result<Done, Refusal> {
    let unknown =
        asked.parameters.keys().find(|name| !CREATE.contains(&name.as_str()) && !name.starts_with("metadata["));
    if let Some(name) = unknown {
        return Err(Refusal::invalid(400, "parameter_unknown", format!("Received unknown parameter: {name}")));
    }
    let amount = amount(asked, "amount")?.ok_or_else(|| missing("amount"))?;
    let method = required(asked, "payment_method")?;
    let id = new_id("pi");
    let intent = Intent {
        client_secret: format!("{id}_{}", new_id("secret")),
        page: format!("{pages}/{id}"),
        return_url: asked.parameters.get("return_url").cloned(),
        id,
        charge: new_id("ch"),
        amount,
        received: 0,
        refunded: 0,
        currency: required(asked, "currency")?.to_owned(),
        method: method.to_owned(),
        status: Status::RequiresCapture,
        decline_code: None,
        refused: BTreeSet::new(),
        metadata: metadata(asked),
        created: now,
    };
    if required(asked, "confirm")? != "true" || required(asked, "capture_method")? != "manual" {
        let message = "This provider knows intents with confirm=true and capture_method=manual only.";
        return Err(Refusal::invalid(400, "parameter_invalid", message));
    }
    match method {
        "pm_sandbox_unreachable" => Ok(Done { lost: true, ..Done::default() }),
        "pm_card_chargeDeclined" => Ok(decline(intent, "generic_decline")),
        "pm_card_chargeDeclinedInsufficientFunds" => Ok(decline(intent, "insufficient_funds")),
        "pm_sandbox_3ds" | UNREPORTED => {
            let intent = Intent { status: Status::RequiresAction, ..intent };
            Ok(changed(intent, "payment_intent.requires_action"))
        }
        "pm_sandbox_timeout" => Ok(Done { lost: true, ..hold(intent) }),
        "pm_sandbox_flaky" | "pm_sandbox_dispute" | "pm_sandbox_refusing" => Ok(hold(intent)),
        method if method.starts_with("pm_card_") => Ok(hold(intent)),
        method => Err(Refusal::invalid(400, "resource_missing", format!("No such PaymentMethod: '{method}'"))),
    }
}

fn hold(intent: Intent) -> Done {
    changed(intent, "payment_intent.amount_capturable_updated")
}

fn decline(mut intent: Intent, decline_code: &str) -> Done {
    intent.status = Status::RequiresPaymentMethod;
    intent.decline_code = Some(decline_code.to_owned());
    let mut error = intent.json()["last_payment_error"].clone();
    error["payment_intent"] = intent.json();
    Done { status: 402, body: json!({"error": error}), ..changed(intent, "payment_intent.payment_failed") }
}

fn capture(intent: &Intent, asked: &Asked, now: u64) -> Result<Done, Refusal> {
    if intent.status != Status::RequiresCapture {
        return Err(unexpected(intent));
    }
    let received = amount(asked, "amount_to_capture")?.unwrap_or(intent.amount);
    if received > intent.amount {
        return Err(Refusal::invalid(400, "amount_too_large", "The amount is more than was authorised."));
    }
    let intent = Intent { status: Status::Succeeded, received, ..intent.clone() };
    let disputed = (intent.method == "pm_sandbox_dispute").then(|| dispute(&intent, now));
    let mut done = changed(intent, "payment_intent.succeeded");
    if let Some(dispute) = disputed {
        done.events.push(("charge.dispute.created", dispute.json()));
        done.change.disputes.push(dispute);
    }
    Ok(done)
}

fn dispute(intent: &Intent, now: u64) -> Dispute {
    Dispute {
        id: new_id("dp"),
        intent: intent.id.clone(),
        charge: intent.charge.clone(),
        amount: intent.received,
        currency: intent.currency.clone(),
        status: "needs_response".to_owned(),
        created: now,
    }
}

fn cancel(intent: &Intent) -> Result<Done, Refusal> {
    match intent.status {
        Status::RequiresCapture | Status::RequiresPaymentMethod | Status::RequiresAction => {
            Ok(changed(Intent { status: Status::Canceled, ..intent.clone() }, "payment_intent.canceled"))
        }
        Status::Succeeded | Status::Canceled => Err(unexpected(intent)),
    }
}

/// What the customer decides on the bank's page: `approve` or `refuse`.
pub(crate) fn decide(state: &State, id: &str, decision: &str) -> Result<Done, Refusal> {
    let intent = intent(state, id)?;
    let decided = match decision {
        "approve" => Intent { status: Status::RequiresCapture, decline_code: None, ..intent.clone() },
        "refuse" => Intent {
            status: Status::RequiresPaymentMethod,
            decline_code: Some(NOT_AUTHENTICATED.to_owned()),
            ..intent.clone()
        },
        _ => return Err(Refusal::invalid(400, "parameter_invalid", "decision: send approve or refuse.")),
    };
    // A customer who refused can try again, as with the provider's script.
    let refused = intent.decline_code.as_deref() == Some(NOT_AUTHENTICATED) && decision == "approve";
    if intent.status != Status::RequiresAction && !(refused && intent.status == Status::RequiresPaymentMethod) {
        let message = format!("The payment does not wait for a decision: it is {:?}.", intent.status);
        return Err(Refusal::invalid(409, "payment_intent_unexpected_state", message));
    }
    let kind = match decided.status {
        Status::RequiresCapture => "payment_intent.amount_capturable_updated",
        _ => "payment_intent.payment_failed",
    };
    let mut done = changed(decided, kind);
    if intent.method == UNREPORTED {
        done.events.clear();
    }
    Ok(done)
}

fn refund(state: &State, asked: &Asked, now: u64) -> Result<Done, Refusal> {
    let intent = intent(state, required(asked, "payment_intent")?)?;
    if intent.status != Status::Succeeded {
        return Err(unexpected(intent));
    }
    let disputed = |dispute: &Dispute| dispute.intent == intent.id && dispute.status != "won";
    if state.disputes.values().any(disputed) {
        return Err(Refusal::invalid(400, "charge_disputed", "The charge has been charged back."));
    }
    let left = intent.received - intent.refunded;
    let amount = amount(asked, "amount")?.unwrap_or(left);
    match left {
        0 => return Err(Refusal::invalid(400, "charge_already_refunded", "The charge has already been refunded.")),
        left if amount > left => {
            return Err(Refusal::invalid(400, "amount_too_large", "The amount is more than is left of the charge."));
        }
        _ => {}
    }
    let refund = Refund {
        id: new_id("re"),
        intent: intent.id.clone(),
        charge: intent.charge.clone(),
        amount,
        currency: intent.currency.clone(),
        metadata: metadata(asked),
        created: now,
    };
    let before = intent;
    let mut intent = Intent { refunded: intent.refunded + amount, ..intent.clone() };
    let mut events = vec![("charge.refunded", intent.charge_json())];
    if intent.method == "pm_card_refundFail" {
        intent = before.clone();
        events.push(("refund.failed", refund.in_status("failed")));
    }
    Ok(Done {
        status: 200,
        body: refund.json(),
        events,
        lost: intent.method == "pm_sandbox_flaky",
        change: Change { refunds: vec![refund], intents: vec![intent], ..Change::default() },
    })
}

/// Evidence, as in Stripe's test mode: what it says decides the case.
fn close(state: &State, id: &str, asked: &Asked) -> Result<Done, Refusal> {
    match required(asked, "evidence[uncategorized_text]")? {
        "winning_evidence" => end(state, id, "won"),
        "losing_evidence" => end(state, id, "lost"),
        _ => Err(Refusal::invalid(400, "parameter_invalid", "Say winning_evidence or losing_evidence.")),
    }
}

fn end(state: &State, id: &str, status: &str) -> Result<Done, Refusal> {
    let dispute = state.disputes.get(id).filter(|dispute| dispute.status == "needs_response");
    let dispute =
        dispute.ok_or_else(|| Refusal::invalid(404, "resource_missing", format!("No open dispute: '{id}'")))?;
    let dispute = Dispute { status: status.to_owned(), ..dispute.clone() };
    Ok(Done {
        status: 200,
        body: dispute.json(),
        events: vec![("charge.dispute.closed", dispute.json())],
        change: Change { disputes: vec![dispute], ..Change::default() },
        lost: false,
    })
}

/// An intent in its new state, answered and reported.
fn changed(intent: Intent, kind: &'static str) -> Done {
    Done {
        status: 200,
        body: intent.json(),
        events: vec![(kind, intent.json())],
        lost: intent.method == "pm_sandbox_flaky",
        change: Change { intents: vec![intent], ..Change::default() },
    }
}

pub(crate) fn intent<'a>(state: &'a State, id: &str) -> Result<&'a Intent, Refusal> {
    let missing = || Refusal::invalid(404, "resource_missing", format!("No such payment_intent: '{id}'"));
    state.intents.get(id).ok_or_else(missing)
}

fn unexpected(intent: &Intent) -> Refusal {
    let message = format!("This PaymentIntent cannot be changed so because it has a status of {:?}.", intent.status);
    let mut refusal = Refusal::invalid(400, "payment_intent_unexpected_state", message);
    refusal.error["payment_intent"] = intent.json();
    refusal
}

fn required<'a>(asked: &'a Asked, name: &str) -> Result<&'a str, Refusal> {
    asked.parameters.get(name).map(String::as_str).ok_or_else(|| missing(name))
}

fn missing(name: &str) -> Refusal {
    Refusal::invalid(400, "parameter_missing", format!("Missing required param: {name}."))
}

fn amount(asked: &Asked, name: &str) -> Result<Option<i64>, Refusal> {
    let invalid = || Refusal::invalid(400, "parameter_invalid_integer", format!("Invalid positive integer: {name}"));
    let amount = asked.parameters.get(name).map(|text| text.parse::<i64>().map_err(|_| invalid())).transpose()?;
    if amount.is_some_and(|amount| amount < 1) { Err(invalid()) } else { Ok(amount) }
}

fn metadata(asked: &Asked) -> BTreeMap<String, String> {
    let inside = |name: &str| Some(name.strip_prefix("metadata[")?.strip_suffix(']')?.to_owned());
    asked.parameters.iter().filter_map(|(name, value)| Some((inside(name)?, value.clone()))).collect()
}
