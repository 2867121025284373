//! Show the orders of a customer.

use askama::Template;
use contracts::{Money, OrderId};
use futures::future::join_all;
use garde::Validate;
use lambda::{ApiError, Function, Html, Problem, Seen, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Storefront,
    aisle::Aisles,
    checkout::led,
    goods::Goods,
    item::Item,
    link,
    order::{Order, Status},
    shell::Shell,
    signed::Signed,
    when,
};

/// How many orders are on a page.
const SHOWN: usize = 20;
/// How many payments are asked about at once. A visitor who comes from the bank has approved one of the newest.
const MOST_ASKED: usize = 4;

#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct ShowOrders {
    /// These orders only.
    #[garde(skip)]
    status: Option<Kind>,
    #[garde(skip)]
    cursor: Option<String>,
    /// Whether the visitor comes back from the bank.
    #[garde(skip)]
    approved: Option<String>,
}

/// Which orders are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ShownOrders")]
pub enum Kind {
    /// Those that are not delivered yet.
    Open,
    Delivered,
    Cancelled,
}

impl Kind {
    /// Its name in an address, and the statuses of its orders.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Open => ("open", "placed,reserved,confirmed,shipped"),
            Self::Delivered => ("delivered", "delivered"),
            Self::Cancelled => ("cancelled", "cancelled"),
        }
    }
}

/// The orders of a customer, the newest first.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "orders.html")]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "OwnOrdersPage")]
pub(crate) struct OrdersPage {
    #[serde(skip)]
    shell: Shell,
    orders: Vec<OrderCard>,
    next_cursor: Option<String>,
    /// Whether there is no session, so that nobody knows whose orders to show.
    needs_sign_in: bool,
    #[serde(skip)]
    filters: Vec<Filter>,
    #[serde(skip)]
    is_filtered: bool,
    /// The path of the next page.
    #[serde(skip)]
    next: Option<String>,
}

/// An order in the list.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OrderCard {
    id: OrderId,
    status: Status,
    /// What was ordered: `Fold desk lamp and 1 more`.
    title: String,
    picture: Option<String>,
    /// The day on which it was placed, as it is shown.
    placed: String,
    total: Money,
    #[serde(skip)]
    hue: &'static str,
    #[serde(skip)]
    tag: String,
    #[serde(skip)]
    tone: &'static str,
}

/// A link to the orders with a status.
#[derive(Debug)]
struct Filter {
    name: String,
    path: String,
    is_current: bool,
}

impl OrderCard {
    fn of(order: &Order, items: &[Item], aisles: &Aisles, shell: &Shell) -> Self {
        let first = order.lines.first().and_then(|line| Goods::sold(line, items, aisles));
        let title = order.lines.first().map(|line| line.title.clone()).unwrap_or_default();
        let more = order.lines.len().saturating_sub(1);
        let (tag, tone) = order.status.tag();
        Self {
            id: order.id,
            status: order.status,
            title: if more == 0 { title } else { format!("{title} {}", shell.n("orders-more", more)) },
            picture: first.as_ref().and_then(|goods| goods.picture.clone()),
            placed: when::date(order.placed_at),
            total: order.totals.total,
            hue: first.map(|goods| goods.hue).unwrap_or_default(),
            tag: shell.t(tag),
            tone,
        }
    }
}

pub fn function() -> Function {
    Function::page("show-orders", show)
        .about("The orders of the session's customer. Without a session, there are none.")
}

async fn show(storefront: Storefront, visit: Visit<ShowOrders>) -> Result<Seen<OrdersPage>, Problem> {
    let ShowOrders { status, cursor, approved } = &visit.input;
    let signed = storefront.signed(&visit).await?;
    let (orders, next_cursor) = match &signed {
        None => (Vec::new(), None),
        Some(signed) => {
            let query = query(status.map(|kind| kind.names().1), cursor.as_deref());
            let listed = match storefront.list_orders::<Order>(signed, &format!("limit={SHOWN}{query}")).await {
                // A cursor of another list leads to the first page.
                Err(error) if cursor.is_some() && error.has_status(400) => return Ok(led(&visit.visitor, "/orders")),
                listed => listed?,
            };
            (listed.items, listed.next_cursor)
        }
    };
    if let Some((signed, _)) = signed.as_ref().zip(approved.as_ref())
        && let Some(order) = confirmed(&storefront, signed, &orders).await
    {
        return Ok(led(&visit.visitor, &format!("/orders/{order}")));
    }
    let products: Vec<_> = orders.iter().filter_map(|order| Some(order.lines.first()?.product_id)).collect();
    let (aisles, items) = storefront.store.aisles_and_items(&products).await?;
    let shell = Shell::of(&visit.visitor, &aisles, None).with_session(signed.as_ref(), &storefront.sealer);
    let filter =
        |name: &str, of: Option<Kind>| Filter { name: shell.t(name), path: path(of, None), is_current: of == *status };
    let page = OrdersPage {
        orders: orders.iter().map(|order| OrderCard::of(order, &items, &aisles, &shell)).collect(),
        needs_sign_in: signed.is_none(),
        filters: vec![
            filter("orders-all", None),
            filter("orders-open", Some(Kind::Open)),
            filter("status-delivered", Some(Kind::Delivered)),
            filter("status-cancelled", Some(Kind::Cancelled)),
        ],
        is_filtered: status.is_some(),
        next: next_cursor.as_deref().map(|cursor| path(*status, Some(cursor))),
        next_cursor,
        shell,
    };
    Ok(Seen::Page(Html::new(page)))
}

/// Asks what the customer decided at the bank, for every order that waits for it. Returns the newest of these orders.
async fn confirmed(storefront: &Storefront, signed: &Signed, orders: &[Order]) -> Option<OrderId> {
    let waiting = orders.iter().filter_map(|order| Some((order.id, order.payment_id?)));
    let waiting: Vec<_> = waiting.take(MOST_ASKED).collect();
    let asked = waiting.iter().map(|(_, payment)| storefront.confirm_payment(signed, *payment));
    // The provider tells payments the decision in any case, so the order moves on all the same.
    let _: Vec<Result<(), ApiError>> = join_all(asked).await;
    waiting.first().map(|(order, _)| *order).or_else(|| orders.first().map(|order| order.id))
}

fn query(status: Option<&str>, cursor: Option<&str>) -> String {
    let status = status.map(|status| format!("&status={status}")).unwrap_or_default();
    format!("{status}{}", link::cursor(cursor))
}

fn path(kind: Option<Kind>, cursor: Option<&str>) -> String {
    let query = query(kind.map(|kind| kind.names().0), cursor);
    if query.is_empty() { "/orders".to_owned() } else { format!("/orders?{}", query.trim_start_matches('&')) }
}
