//! The invariants of every step: checks of each item that a transaction writes.

use jiff::{SignedDuration, Timestamp};
use lambda::Trigger;
use serde_json::Value;

use crate::{invocation::Invocation, observed::Seen, plain::whole, promotions};

/// The kinds of items that are saved only at the version that was read.
const GUARDED: &[&str] =
    &["cart#", "level#", "order#", "payment#", "redemption#", "reservation#", "shipment#", "usage#"];

type Found = Vec<(&'static str, String)>;

/// Checks a written item.
pub(crate) fn put(seen: &mut Seen, invocation: &Invocation, put: &Value, violations: &mut Found) {
    let (table, item) = (put["TableName"].as_str().unwrap_or_default(), whole(&put["Item"]));
    let item = &item;
    let text = |name: &str| item[name].as_str().unwrap_or_default();
    let (pk, sk) = (text("pk"), text("sk"));
    let key = format!("{table}/{pk}/{sk}");
    seen.checks += 1;
    if let Some(message) = pk.strip_prefix("inbox#") {
        seen.recorded.insert(invocation.number);
        // A second time may never come in a run: that nothing stands against it is enough.
        if !put["ConditionExpression"].is_string() {
            violations
                .push(("a message takes effect once", format!("{message} is recorded whether it was before or not")));
        }
        if !seen.inboxes.insert(format!("{table}/{message}")) {
            violations.push(("a message takes effect once", format!("{message} was consumed twice")));
        }
    } else if sk.starts_with("event#") && item["detail"].is_string() {
        if !put["ConditionExpression"].is_string() {
            violations.push(("history is never rewritten", format!("{key} is written whatever was there")));
        }
        event(seen, &key, item, violations);
    } else if sk == "state" && item["version"].is_u64() && !pk.starts_with("once#") {
        let guarded = put["ConditionExpression"].is_string();
        if !guarded && GUARDED.iter().any(|kind| pk.starts_with(kind)) {
            violations.push(("no change is lost", format!("{key} is saved whatever was saved meanwhile")));
        }
        // A refund is saved before the provider is asked for it, and once more with the answer.
        // After a conflict the handler runs again, whether its first attempt took effect or not.
        let once = matches!(invocation.trigger, Trigger::Http(_))
            && invocation.handler.function != "refund-payment"
            && !invocation.has_conflicted();
        if once && !seen.changed.insert((invocation.number, key.clone())) {
            violations.push(("a request changes a thing once", format!("{} saves {key} again", invocation.label())));
        }
        if let Some(late) = late(item) {
            violations.push(("what is overdue is found", format!("{key} {late}")));
        }
        state(seen, &key, item, violations);
        match pk.split('#').next() {
            Some("level") => level(item, violations),
            Some("order") => {
                let version = item["version"].as_u64().unwrap_or_default();
                seen.orders.entry(text("id").to_owned()).or_default().insert(version, text("status").to_owned());
            }
            Some("payment") => payment(item, violations),
            Some("usage") if invocation.handler.function == "create-quote" => usage(item, violations),
            _ => {}
        }
    }
}

/// Its place in the index of overdue entities, if that is after its deadline.
fn late(item: &Value) -> Option<String> {
    let place = Timestamp::from_millisecond(item["dueAt"].as_i64()?).ok()?;
    let idle = time(&item["changedAt"]).map(|changed| changed + SignedDuration::from_hours(24));
    let lapses = time(&item["quotedUntil"]).map(|end| end + SignedDuration::from_hours(1));
    let deadline = ["deadline", "heldUntil", "due", "resumeAt"].iter().find_map(|name| time(&item[*name]));
    let deadline = deadline.or(idle).or(lapses)?;
    // The index has milliseconds.
    (place > deadline).then(|| format!("is looked for at {place}, after {deadline}"))
}

/// A stored time: text, or milliseconds since the epoch.
fn time(value: &Value) -> Option<Timestamp> {
    let text = value.as_str().and_then(|text| text.parse().ok());
    text.or_else(|| Timestamp::from_millisecond(value.as_i64()?).ok())
}

/// A quote holds no more uses than the limit allows.
fn usage(item: &Value, violations: &mut Found) {
    let counted = ["redeemed", "held"].iter().filter_map(|name| item[*name].as_u64()).sum::<u64>();
    let limit = promotions::limit(item);
    if counted > limit {
        violations.push(("no limit is exceeded", format!("{item} counts {counted} of {limit}")));
    }
}

fn event(seen: &mut Seen, key: &str, item: &Value, violations: &mut Found) {
    let detail: Value = serde_json::from_str(item["detail"].as_str().unwrap_or_default()).unwrap_or_default();
    let id = detail["metadata"]["id"].as_str().unwrap_or_default().to_owned();
    if let Some(before) = seen.history.insert(key.to_owned(), id.clone()).filter(|before| *before != id) {
        violations.push(("history is never rewritten", format!("{key} was {before}, and is {id}")));
    }
    let named = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
    seen.committed.insert(id, (named("source"), named("name"), detail));
}

/// A change raises the version by the number of its events, or by one.
fn state(seen: &mut Seen, key: &str, item: &Value, violations: &mut Found) {
    let version = item["version"].as_u64().unwrap_or_default();
    let before = seen.versions.insert(key.to_owned(), (version, item.clone()));
    if let Some((before, was)) = before {
        if version <= before {
            violations.push(("no change is lost", format!("{key} went from version {before} to {version}")));
        }
        if let Some(what) = backwards(was["status"].as_str(), item["status"].as_str(), key) {
            violations.push(("what has ended stays so", what));
        }
    }
}

fn backwards(was: Option<&str>, is: Option<&str>, key: &str) -> Option<String> {
    let (was, is) = (was?, is?);
    let ended = if key.contains("/order#") {
        &["delivered", "cancelled"][..]
    } else if key.contains("/reservation#") {
        &["released", "rejected"][..]
    } else {
        &[][..]
    };
    (ended.contains(&was) && was != is).then(|| format!("{key} was {was}, and is {is}"))
}

/// Every unit that was received or added by hand is available, held or sold.
fn level(item: &Value, violations: &mut Found) {
    let count = |name: &str| item[name].as_i64().unwrap_or_default();
    let (came, there) = (count("received") + count("adjusted"), count("available") + count("held") + count("sold"));
    if came != there || count("available") < 0 || count("held") < 0 {
        violations.push(("stock is conserved", format!("{came} came, {there} are accounted for: {item}")));
    }
}

/// Each movement is from one account to another, and only accounts that may be negative are negative.
fn payment(item: &Value, violations: &mut Found) {
    let (mut held, mut cash, mut disputed, mut customer) = (0, 0, 0, 0);
    for booked in item["ledger"]["transactions"].as_array().into_iter().flatten() {
        let amount = booked["amount"].as_i64().unwrap_or_default();
        let (from, to): (&mut i64, &mut i64) = match booked["kind"].as_str().unwrap_or_default() {
            "authorization" => (&mut customer, &mut held),
            "void" => (&mut held, &mut customer),
            "capture" => (&mut held, &mut cash),
            "refund" => (&mut cash, &mut customer),
            "refundReversed" => (&mut customer, &mut cash),
            "chargeback" => (&mut cash, &mut disputed),
            "chargebackWon" => (&mut disputed, &mut cash),
            "chargebackLost" => (&mut disputed, &mut customer),
            other => {
                violations.push(("money is conserved", format!("a booking {other:?}")));
                return;
            }
        };
        *from -= amount;
        *to += amount;
    }
    if held < 0 || disputed < 0 || customer > 0 || held + cash + disputed + customer != 0 {
        violations.push((
            "money is conserved",
            format!("{held} held, {cash} cash, {disputed} disputed, {customer} customer"),
        ));
    }
}
