//! The invariants at quiescence: when every message is handled and every deadline has passed.

use std::{collections::BTreeMap, sync::Arc};

use contracts::{Event, events::orders::OrderConfirmed};
use jiff::{SignedDuration, Timestamp};
use lambda::Trigger;
use local::{
    Filter,
    template::{QueueSource, Rule},
};
use serde_json::{Value, json};

use crate::{
    carts, counter,
    plain::whole,
    pollers::{ask, depth},
    prices::{self, Country},
    promotions,
    provider::Charge,
    replay, search,
    world::World,
};

/// All stored items of the purchase, by kind.
struct Books {
    orders: Vec<Value>,
    reservations: BTreeMap<String, Value>,
    levels: Vec<Value>,
    payments: BTreeMap<String, Value>,
}

impl Books {
    async fn read(world: &World) -> Self {
        let by_order = |items: Vec<Value>| -> BTreeMap<String, Value> {
            items.into_iter().map(|item| (item["order"].as_str().unwrap_or_default().to_owned(), item)).collect()
        };
        let inventory = scan(world, "inventory").await;
        Self {
            orders: of_kind(&scan(world, "orders").await, "order#"),
            reservations: by_order(of_kind(&inventory, "reservation#")),
            levels: of_kind(&inventory, "level#"),
            payments: by_order(of_kind(&scan(world, "payments").await, "payment#")),
        }
    }
}

/// All items in a service's table.
pub(crate) async fn scan(world: &World, service: &str) -> Vec<Value> {
    let table = world.stage.deployment.tables.iter().find(|table| table.place.file.contains(service));
    let said = ask(world, "DynamoDB_20120810.Scan", &json!({"TableName": table.map(|table| &table.name)})).await;
    said["Items"].as_array().into_iter().flatten().map(whole).collect()
}

/// The states of all entities of a kind.
pub(crate) fn of_kind(items: &[Value], kind: &str) -> Vec<Value> {
    // A record of a request has no version.
    let is = |item: &&Value| {
        let of_kind = item["pk"].as_str().is_some_and(|pk| pk.starts_with(kind));
        of_kind && item["sk"] == "state" && item["version"].is_u64()
    };
    items.iter().filter(is).cloned().collect()
}

/// Whether every order has ended, every payment is settled and every dispute decided, nothing is held and no event, message
/// or webhook waits.
pub(crate) async fn nothing_waits(world: &World) -> bool {
    let books = Books::read(world).await;
    let ended = |order: &Value| order["status"] == "delivered" || order["status"] == "cancelled";
    books.orders.iter().all(ended)
        && books.payments.values().all(|payment| payment["due"].is_null())
        && books.reservations.values().all(|reservation| reservation["status"] != "held")
        && !promotions::is_held(world).await
        && world.provider.open_disputes().is_empty()
        && world.provider.has_told_all()
        && is_relayed(world)
        && is_consumed(world).await
}

/// Whether no event waits in the stream of its table.
fn is_relayed(world: &World) -> bool {
    let mut sources = world.stage.deployment.stream_sources.iter();
    sources.all(|source| world.cloud.has_unread(&source.table, &source.function).is_ok_and(|unread| !unread))
}

/// Whether no message waits.
pub(crate) async fn is_consumed(world: &World) -> bool {
    waiting(world).await.is_empty()
}

/// The queues with messages, and the number of messages.
async fn waiting(world: &World) -> Vec<(String, u64)> {
    let mut waiting = Vec::new();
    for queue in &world.stage.deployment.queues {
        match depth(world, &queue.name).await {
            0 => {}
            messages => waiting.push((queue.name.clone(), messages)),
        }
    }
    waiting
}

/// The stock of a cancelled order is released long before its reservation expires.
pub(crate) async fn check_after_a_day(world: &World) {
    let books = Books::read(world).await;
    // The events of recent cancellations are still under way.
    let lately = |order: &&Value| {
        let since = order["updatedAt"].as_i64().and_then(|at| Timestamp::from_millisecond(at).ok());
        since.is_none_or(|since| world.now() < since + SignedDuration::from_hours(1))
    };
    let cancelled = books.orders.iter().filter(|order| order["status"] == "cancelled");
    for order in cancelled.filter(|order| !lately(order)) {
        let held = books.reservations.get(id(order)).is_some_and(|reservation| reservation["status"] == "held");
        expect(world, !held, "no reservation without a live order", || format!("{} holds stock", id(order)));
    }
}

pub(crate) fn id(thing: &Value) -> &str {
    thing["id"].as_str().unwrap_or_default()
}

pub(crate) fn expect(world: &World, holds: bool, invariant: &'static str, what: impl FnOnce() -> String) {
    world.observed.with(|seen| seen.checks += 1);
    if !holds && !world.observed.with(|seen| seen.violations.iter().any(|violations| violations.invariant == invariant))
    {
        world.observed.breaks(invariant, what());
    }
}

/// A payment is not reported as declined if the provider holds its money.
fn check_declines(world: &World) {
    let committed = world.observed.with(|seen| seen.committed.values().cloned().collect::<Vec<_>>());
    let declined = committed.iter().filter(|(_, name, _)| name == "PaymentDeclined.v1");
    let charges = world.provider.charges();
    for (_, _, event) in declined {
        let order = event["data"]["order"].as_str().unwrap_or_default();
        let code = event["data"]["code"].as_str().unwrap_or_default();
        let of_order = charges.iter().find(|charge| charge.order == order);
        let held = of_order.filter(|charge| charge.contradicts_decline(code));
        expect(world, held.is_none(), "a decline is the provider's word", || format!("{order}, {code}: {held:?}"));
    }
}

/// Checks all invariants.
pub(crate) async fn check(world: &Arc<World>) {
    let books = Books::read(world).await;
    for (order, _) in world.observed.with(|seen| seen.accepted.clone()) {
        let kept = books.orders.iter().any(|kept| id(kept) == order);
        expect(world, kept, "what was accepted is kept", || format!("{order} is gone"));
    }
    for order in &books.orders {
        check_order(world, &books, order);
    }
    for level in &books.levels {
        check_level(world, &books, level);
    }
    carts::check(world, &books.orders).await;
    promotions::check(world, &books.orders).await;
    search::check(world, &books.levels).await;
    check_events(world);
    check_counter(world).await;
    check_logs(world, &books.orders).await;
    check_declines(world);
    replay::check(world, &books.orders, &books.levels).await;
    for (queue, messages) in waiting(world).await {
        expect(world, false, "no message is left", || format!("{messages} in {queue}"));
    }
}

fn check_order(world: &World, books: &Books, order: &Value) {
    let (id, status) = (id(order), order["status"].as_str().unwrap_or_default());
    let ended = status == "delivered" || status == "cancelled";
    expect(world, ended, "every order ends", || format!("{id} is {status}"));
    let priced = Country::of_order(order).map_or(Ok(()), |country| prices::check(order, country));
    expect(world, priced.is_ok(), prices::INVARIANT, || format!("{id}: {}", priced.unwrap_err()));
    let stated = world.observed.with(|seen| {
        let events = seen.history.keys().filter(|key| key.contains(&format!("order#{id}/event#")));
        events.count() as u64
    });
    let version = order["version"].as_u64().unwrap_or_default();
    expect(world, stated == version, "every change states its event", || {
        format!("{id} has version {version} and {stated} events")
    });
    let reservation = books.reservations.get(id).map_or("none", |kept| kept["status"].as_str().unwrap_or_default());
    let right = match status {
        "delivered" => reservation == "committed",
        // A parcel that did not come back is lost with its units.
        _ if order["reason"] == "timed-out" => reservation != "held",
        // A parcel that could not be delivered is returning.
        _ if order["reason"] == "delivery-failed" => reservation == "committed",
        _ => ["released", "rejected"].contains(&reservation),
    };
    expect(world, right, "stock follows the order", || format!("{id} is {status}, its reservation is {reservation}"));
    check_money(world, books, order);
}

/// The amount that the provider has for the shop is the amount that the order owes, and the amount in the ledger.
fn check_money(world: &World, books: &Books, order: &Value) {
    let (id, total) = (id(order), order["totals"]["total"]["amount"].as_i64().unwrap_or_default());
    let charges: Vec<_> = world.provider.charges().into_iter().filter(|charge| charge.order == id).collect();
    let open = charges.iter().find(|charge| charge.is_payable());
    expect(world, open.is_none(), "no payment waits for its customer", || format!("{id} can still be paid: {open:?}"));
    let held = charges.iter().filter(|charge| charge.status == "requires_capture").count();
    expect(world, held == 0, "no hold is left", || format!("{id} has a hold at the provider"));
    let lost = |charge: &Charge| charge.dispute.as_ref().is_some_and(|(_, status)| status == "lost");
    let kept: i64 = charges.iter().map(|charge| if lost(charge) { 0 } else { charge.received - charge.refunded }).sum();
    let taken: i64 = charges.iter().map(|charge| charge.received).sum();
    let payment = books.payments.get(id);
    let booked = payment.map_or(0, cash);
    expect(world, kept == booked || charges.iter().any(lost), "the books say what the provider says", || {
        format!("{id}: the provider has {kept}, the books have {booked}")
    });
    let refunds: i64 = payment.map_or(0, |payment| {
        let issued = payment["refunds"].as_array().into_iter().flatten().filter(|refund| refund["status"] == "issued");
        issued.map(|refund| refund["amount"]["amount"].as_i64().unwrap_or_default()).sum()
    });
    // No actor makes refunds in the provider's console.
    let refunded = payment.into_iter().flat_map(|payment| payment["refunds"].as_array().into_iter().flatten());
    let unwanted = refunded.filter(|refund| refund["reason"] == "made-at-provider").count();
    expect(world, unwanted == 0, "what is given back is wanted", || format!("{id}: {unwanted} refunds nobody wanted"));
    match order["status"].as_str() {
        Some("delivered") => {
            expect(world, taken == total, "what is delivered is paid, once", || {
                format!("{id}: {taken} of {total} taken")
            });
            let refunded: i64 = charges.iter().map(|charge| charge.refunded).sum();
            expect(world, refunded == refunds, "what is given back is wanted", || {
                format!("{id}: {refunded} were given back, {refunds} were to be")
            });
        }
        _ => {
            expect(world, kept == 0, "what is cancelled costs nothing", || format!("{id}: {kept} of {taken} are kept"));
        }
    }
}

/// The balance of the account cash in a payment's ledger.
fn cash(payment: &Value) -> i64 {
    let booked = payment["ledger"]["transactions"].as_array().into_iter().flatten();
    booked
        .map(|booked| {
            let amount = booked["amount"].as_i64().unwrap_or_default();
            match booked["kind"].as_str() {
                Some("capture" | "chargebackWon") => amount,
                Some("refund" | "chargeback") => -amount,
                _ => 0,
            }
        })
        .sum()
}

fn check_level(world: &World, books: &Books, level: &Value) {
    let sku = level["sku"].as_str().unwrap_or_default();
    let count = |name: &str| level[name].as_i64().unwrap_or_default();
    let reserved_as = |status: &str| -> i64 {
        let reservations = books.reservations.values().filter(|reservation| reservation["status"] == status);
        let lines = reservations.flat_map(|reservation| reservation["lines"].as_array().into_iter().flatten());
        lines.filter(|line| line["sku"] == sku).map(|line| line["quantity"].as_i64().unwrap_or_default()).sum()
    };
    let (held, sold) = (reserved_as("held"), reserved_as("committed"));
    expect(world, count("held") == 0 && held == 0, "nothing stays held", || {
        format!("{} of {sku}, {held} by reservations", count("held"))
    });
    expect(world, count("sold") == sold, "what is sold has left with an order", || {
        format!("{} of {sku} are sold, {sold} have left", count("sold"))
    });
    // A sale of held units is an event of its reservation. All other movements are events of the level.
    let (available, on_hand) = world.observed.with(|seen| {
        let of_level = |(_, name, detail): &&(String, String, Value)| {
            name.starts_with("StockChanged") && detail["data"]["sku"] == sku
        };
        let mut changes: Vec<_> = seen.committed.values().filter(of_level).map(|(_, _, detail)| detail).collect();
        changes.sort_by_key(|detail| detail["metadata"]["version"].as_u64());
        let is_in = |account: &Value| i64::from(account == "available" || account == "held");
        let movements = changes.iter().map(|detail| &detail["data"]["movement"]);
        let units = |movement: &Value| movement["quantity"].as_i64().unwrap_or_default();
        let came = movements.map(|movement| units(movement) * (is_in(&movement["to"]) - is_in(&movement["from"])));
        let left = seen.committed.values().filter(|(_, name, _)| name == "StockCommitted.v1");
        let left = left.flat_map(|(_, _, detail)| detail["data"]["lines"].as_array().into_iter().flatten());
        let left = left.filter(|line| line["sku"] == sku).filter_map(|line| line["quantity"].as_i64());
        let available = changes.last().and_then(|detail| detail["data"]["available"].as_i64());
        (available, came.sum::<i64>() - left.sum::<i64>())
    });
    let (is, recounted) = ((count("available"), count("available") + count("held")), (available, on_hand));
    expect(world, recounted == (Some(is.0), is.1), "a level follows from its events and reservations", || {
        format!("{sku}: {is:?} are available and on hand, {recounted:?} by the events and reservations")
    });
}

/// A consumer of events.
pub(crate) struct Subscription {
    pub(crate) events: Filter,
    pub(crate) queue: String,
    /// Service and function.
    pub(crate) consumer: String,
}

pub(crate) fn subscriptions(world: &World) -> Vec<Subscription> {
    let deployment = &world.stage.deployment;
    let subscription = |source: &QueueSource| {
        let fed = |rule: &&Rule| {
            let mut targets = rule.targets.iter().filter_map(|target| target["Arn"].as_str());
            targets.any(|arn| arn.ends_with(&format!(":{}", source.queue)))
        };
        let rule = deployment.rules.iter().find(fed)?;
        let events = Filter::new(&[rule.pattern.to_string()], &source.function).ok()?;
        Some(Subscription { events, queue: source.queue.clone(), consumer: world.function(&source.function).id() })
    };
    deployment.queue_sources.iter().filter_map(subscription).collect()
}

/// The counter has counted each confirmed order once.
async fn check_counter(world: &World) {
    let confirmed = world
        .observed
        .with(|seen| seen.committed.values().filter(|(_, name, _)| name == OrderConfirmed::NAME).count() as u64);
    let counted = scan(world, counter::SERVICE.name).await;
    let counted = of_kind(&counted, "count#").first().and_then(|count| count["orders"].as_u64()).unwrap_or_default();
    expect(world, counted == confirmed, "a message takes effect once", || {
        format!("{confirmed} orders were confirmed, {counted} are counted")
    });
}

/// The log of each order has the private part until the order is delivered.
async fn check_logs(world: &World, orders: &[Value]) {
    let events = scan(world, counter::SERVICE.name).await;
    for order in orders {
        let log: Vec<_> = events.iter().filter(|event| event["pk"] == format!("log#{}", id(order))).collect();
        let private = log.iter().filter(|event| event["private"].is_string()).count();
        let confirmed = world.observed.with(|seen| {
            let mut confirmed = seen.committed.values().filter(|(_, name, _)| name == OrderConfirmed::NAME);
            confirmed.any(|(_, _, detail)| detail["data"]["order"] == order["id"])
        });
        let expected = usize::from(confirmed && order["status"] != "delivered");
        expect(
            world,
            private == expected && log.is_empty() != confirmed,
            "a private part is kept until it is removed",
            || format!("the log of {} has {} events and {private} private parts", id(order), log.len()),
        );
    }
}

/// Every event is on the bus, and every subscriber has consumed it.
fn check_events(world: &World) {
    let (committed, published) = world.observed.with(|seen| (seen.committed.clone(), seen.published.clone()));
    let subscriptions = subscriptions(world);
    for (id, (source, name, detail)) in &committed {
        expect(world, published.contains(id), "no event is lost", || format!("{name} was never on the bus"));
        let event = json!({"source": source, "detail-type": name, "detail": detail}).to_string();
        for Subscription { consumer, .. } in subscriptions.iter().filter(|one| one.events.passes(&event)) {
            let consumed = world.observed.with(|seen| seen.consumed.contains(&(consumer.clone(), id.clone())));
            expect(world, consumed, "every event reaches every subscriber", || {
                format!("{consumer} has not consumed {name} of {}", detail["metadata"]["aggregate"])
            });
        }
    }
    let unrecorded = world.observed.with(|seen| {
        let must_record = |function: &str| {
            let trigger = &world.stage.triggers[function];
            matches!(trigger, Trigger::Events { idempotent: false, .. } | Trigger::Messages { idempotent: false })
        };
        let unrecorded = |number| seen.stated.contains(number) && !seen.recorded.contains(number);
        seen.handled.iter().find(|(number, function)| must_record(function) && unrecorded(number)).cloned()
    });
    expect(world, unrecorded.is_none(), "a message takes effect once", || {
        format!(
            "{} stated events without recording its message",
            unrecorded.map(|(_, function)| function).unwrap_or_default()
        )
    });
}
