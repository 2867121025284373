//! Find an order for support: by its number, by that of its shipment, or by the e-mail address of an account.

use askama::Template;
use contracts::{Money, OrderId, Role, ShipmentId, UserId};
use garde::Validate;
use jiff::Timestamp;
use lambda::{ApiError, ApiRequest, FORBIDDEN, Function, Html, Problem, Seen, UNAUTHENTICATED, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Storefront,
    checkout::led,
    entry::to_sign_in,
    link,
    order::{Listed, Order, Status},
    shell::Shell,
    signed::Signed,
    when,
};

/// How many orders are on a page.
const SHOWN: usize = 20;

#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct ShowSupport {
    /// The number of an order or of a shipment, or the e-mail address of an account.
    #[garde(skip)]
    q: Option<String>,
    #[garde(skip)]
    cursor: Option<String>,
}

/// The search of support, and what it found.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "support.html")]
#[serde(rename_all = "camelCase")]
struct SupportPage {
    #[serde(skip)]
    shell: Shell,
    /// What was searched for.
    query: String,
    /// The account with the e-mail address that was searched for.
    account: Option<Account>,
    /// Its orders, the newest first.
    orders: Vec<OrderRow>,
    next_cursor: Option<String>,
    /// The path of the next page.
    #[serde(skip)]
    next: Option<String>,
}

/// An account, as users answers it.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[schemars(rename = "FoundAccount")]
struct Account {
    id: UserId,
    email: String,
    name: String,
}

/// An order in the list.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "FoundOrder")]
struct OrderRow {
    id: OrderId,
    status: Status,
    placed_at: Timestamp,
    total: Money,
    #[serde(skip)]
    number: String,
    #[serde(skip)]
    placed: String,
    #[serde(skip)]
    tag: String,
    #[serde(skip)]
    tone: &'static str,
}

/// The part of an order that says that it is there.
#[derive(Debug, Deserialize)]
struct OrderItself {
    id: OrderId,
}

/// The part of a shipment that says which order it is of.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ShipmentOf {
    order_id: OrderId,
}

/// What is searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Wanted<'a> {
    Order(OrderId),
    Shipment(ShipmentId),
    Email(&'a str),
}

impl<'a> Wanted<'a> {
    fn of(query: &'a str) -> Option<Self> {
        let order = query.parse().map(Self::Order);
        let shipment = || query.parse().map(Self::Shipment);
        order.or_else(|_| shipment()).ok().or_else(|| query.contains('@').then_some(Self::Email(query)))
    }
}

impl OrderRow {
    fn of(order: &Order, shell: &Shell, now: Timestamp) -> Self {
        let (tag, tone) = order.status.tag();
        Self {
            number: link::short(order.id),
            placed: when::time_or_date(order.placed_at, now),
            id: order.id,
            status: order.status,
            placed_at: order.placed_at,
            total: order.totals.total,
            tag: shell.t(tag),
            tone,
        }
    }
}

impl SupportPage {
    /// Whether a search found nothing.
    fn is_nothing(&self) -> bool {
        !self.query.is_empty() && self.account.is_none()
    }
}

pub fn function() -> Function {
    Function::page("show-support", show)
        .about("For support. Without a session, it is 401, and for others 403.")
        .problems(&[UNAUTHENTICATED, FORBIDDEN])
}

async fn show(storefront: Storefront, visit: Visit<ShowSupport>) -> Result<Seen<SupportPage>, Problem> {
    let Some(signed) = storefront.at_desk(Role::Support, &visit).await? else {
        return Ok(Seen::See(to_sign_in(&visit.visitor)?));
    };
    let query = visit.input.q.as_deref().unwrap_or_default().trim().to_owned();
    let (account, order) = match Wanted::of(&query) {
        None => (None, None),
        Some(Wanted::Email(email)) => (storefront.account_of(&signed, email).await?, None),
        Some(Wanted::Order(id)) => (None, storefront.order_with(&signed, id).await?),
        Some(Wanted::Shipment(id)) => (None, storefront.order_in(&signed, id).await?),
    };
    if let Some(order) = order {
        return Ok(led(&visit.visitor, &format!("/support/orders/{order}")));
    }
    let cursor = visit.input.cursor.as_deref();
    let listed = match &account {
        None => Listed { items: Vec::new(), next_cursor: None },
        Some(account) => match storefront.orders_of(&signed, account.id, cursor).await {
            // A cursor of another list leads to the first page.
            Err(error) if cursor.is_some() && error.has_status(400) => {
                return Ok(led(&visit.visitor, &path(&query, None)));
            }
            listed => listed?,
        },
    };
    let shell = storefront.shell(&visit.visitor, Some(&signed)).await?;
    let row = |order: &Order| OrderRow::of(order, &shell, visit.now());
    Ok(Seen::Page(Html::new(SupportPage {
        orders: listed.items.iter().map(row).collect(),
        next: listed.next_cursor.as_deref().map(|cursor| path(&query, Some(cursor))),
        next_cursor: listed.next_cursor,
        query,
        account,
        shell,
    })))
}

fn path(query: &str, cursor: Option<&str>) -> String {
    format!("/support?q={}{}", link::part(query), link::cursor(cursor))
}

/// The answer, or `None` if what was asked for is not there.
fn found<T>(answer: Result<T, ApiError>) -> Result<Option<T>, ApiError> {
    match answer {
        Err(error) if error.has_status(404) || error.has_status(422) => Ok(None),
        answer => answer.map(Some),
    }
}

impl Storefront {
    /// The account with an e-mail address.
    async fn account_of(&self, signed: &Signed, email: &str) -> Result<Option<Account>, ApiError> {
        let request = ApiRequest::get(format!("/v1/users?email={}", link::part(email)));
        let listed = found(self.users.send::<Listed<Account>>(signed.with_token(request)).await)?;
        Ok(listed.and_then(|listed| listed.items.into_iter().next()))
    }

    /// The order with a number, if it is there.
    async fn order_with(&self, signed: &Signed, id: OrderId) -> Result<Option<OrderId>, ApiError> {
        let request = signed.with_token(ApiRequest::get(format!("/v1/orders/{id}")));
        Ok(found(self.orders.send::<OrderItself>(request).await)?.map(|order| order.id))
    }

    /// The order that is in a shipment.
    async fn order_in(&self, signed: &Signed, id: ShipmentId) -> Result<Option<OrderId>, ApiError> {
        let request = signed.with_token(ApiRequest::get(format!("/v1/shipments/{id}")));
        Ok(found(self.delivery.send::<ShipmentOf>(request).await)?.map(|shipment| shipment.order_id))
    }

    /// The orders of a customer, the newest first.
    async fn orders_of(
        &self,
        signed: &Signed,
        customer: UserId,
        cursor: Option<&str>,
    ) -> Result<Listed<Order>, ApiError> {
        let cursor = link::cursor(cursor);
        let path = format!("/v1/orders?customerId={customer}&limit={SHOWN}{cursor}");
        self.orders.send(signed.with_token(ApiRequest::get(path))).await
    }
}
