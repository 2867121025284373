//! Show an order, cancel it, and confirm its payment.

use askama::Template;
use contracts::{Money, OrderId};
use garde::Validate;
use jiff::Timestamp;
use lambda::{Acted, ApiError, ApiRequest, Form, Function, Html, NOT_FOUND, Problem, UNAUTHENTICATED, Visit, Visitor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Storefront, address,
    aisle::Aisles,
    goods::{Goods, Step, steps, taxes},
    item::Item,
    live::Live,
    order::{Known, Status, not_signed},
    progress::{self, Notice},
    shell::Shell,
    signed::Signed,
    when,
};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase")]
pub struct ShowOrder {
    #[garde(skip)]
    order_id: OrderId,
    /// Whether the page does not update itself.
    #[garde(skip)]
    pause: Option<String>,
}

/// An order: how far it is, and what it cost.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "order.html")]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "each shows or hides a part of the page")]
pub(crate) struct OrderPage {
    #[serde(skip)]
    shell: Shell,
    id: OrderId,
    status: Status,
    title: String,
    lead: Option<String>,
    /// What to know now, and what to do.
    notice: Option<Notice>,
    live: Live,
    /// What to tell the courier when the parcel is handed over.
    pin: Option<String>,
    lines: Vec<Goods>,
    /// What was paid, step by step, without the tax that it contains.
    sum: Vec<Step>,
    total: Money,
    /// The tax for each rate.
    taxes: Vec<Step>,
    /// What was paid back. `null` if nothing was.
    refunded: Option<Step>,
    /// The address as it is written on the parcel.
    ship_to: Vec<String>,
    placed_at: Timestamp,
    /// Until when a delivered order can be withdrawn from, as it is shown.
    withdraw_until: Option<String>,
    can_be_cancelled: bool,
    #[serde(skip)]
    is_included: bool,
    #[serde(skip)]
    to_confirm: bool,
    #[serde(skip)]
    is_guest: bool,
    #[serde(skip)]
    key: String,
    #[serde(skip)]
    entered: String,
    #[serde(skip)]
    refused: Option<String>,
    #[serde(skip)]
    missing: Vec<&'static str>,
}

/// For how many days a customer can withdraw after delivery.
const WITHDRAWAL: jiff::SignedDuration = jiff::SignedDuration::from_hours(14 * 24);

impl OrderPage {
    fn of(known: &Known, shell: Shell, (aisles, items): (&Aisles, &[Item]), now: Timestamp, is_paused: bool) -> Self {
        let order = &known.order;
        let lines: Vec<_> = order.lines.iter().filter_map(|line| Goods::sold(line, items, aisles)).collect();
        let (title, lead) = progress::heading(known, &shell);
        let refund = known.payment().filter(|payment| payment.refunded.amount > 0);
        let refunded = refund.map(|payment| {
            let on = payment.last("refund").map(|refund| when::short_date(refund.at)).unwrap_or_default();
            let amount = Money::new(-payment.refunded.amount, payment.refunded.currency);
            Step { description: shell.w("order-refunded-on", "date", on), amount }
        });
        let is_shipped = order.status == Status::Shipped;
        let delivered = known.time_of("OrderDelivered").filter(|_| order.status == Status::Delivered);
        Self {
            notice: progress::notice(known, &shell, now),
            live: Live::of(known, &shell, now, is_paused),
            pin: known.shipment().and_then(|shipment| shipment.pin.clone()).filter(|_| is_shipped),
            sum: steps(&lines, &order.totals, &shell),
            taxes: taxes(&order.lines, &order.totals, &shell),
            ship_to: address::lines(&order.ship_to, shell.texts),
            withdraw_until: delivered.map(|at| when::date(at + WITHDRAWAL)),
            to_confirm: order.payment_id.is_some(),
            id: order.id,
            status: order.status,
            total: order.totals.total,
            is_included: order.totals.tax_included,
            placed_at: order.placed_at,
            can_be_cancelled: order.can_be_cancelled(),
            missing: known.missing(),
            is_guest: false,
            key: String::new(),
            entered: String::new(),
            refused: None,
            title,
            lead,
            lines,
            refunded,
            shell,
        }
    }

    /// The heading of the sum.
    fn sum_title(&self) -> String {
        self.shell.t(match self.status {
            Status::Delivered => "sum-paid",
            Status::Cancelled => "sum-ordered",
            _ => "basket-sum",
        })
    }

    /// What is left to pay after what was paid back.
    fn left(&self) -> Money {
        let refunded = self.refunded.as_ref().map_or(0, |refunded| refunded.amount.amount);
        Money::new(self.total.amount + refunded, self.total.currency)
    }

    /// A PIN in two groups.
    fn grouped(pin: &str) -> String {
        match pin.split_at_checked(3) {
            Some((first, rest)) if pin.len() == 6 => format!("{first} {rest}"),
            _ => pin.to_owned(),
        }
    }

    fn path(&self) -> String {
        format!("/orders/{}", self.id)
    }

    /// The secret field of its forms.
    fn token(&self) -> String {
        self.shell.form_token(&self.path())
    }

    fn placed_on(&self) -> String {
        when::short_date(self.placed_at)
    }

    fn placed(&self) -> String {
        format!("{}, {}", when::date(self.placed_at), when::time(self.placed_at))
    }
}

pub fn function() -> Function {
    Function::form("show-order", show, act).problems(&[UNAUTHENTICATED, NOT_FOUND]).about(
        "An order of the session's customer, with its history, payment and shipment. If one of these three does not \
         answer, the rest is shown.",
    )
}

async fn show(storefront: Storefront, visit: Visit<ShowOrder>) -> Result<Html<OrderPage>, Problem> {
    let signed = storefront.signed(&visit).await?.ok_or_else(not_signed)?;
    let is_paused = visit.input.pause.is_some();
    let page = page(&storefront, &visit, &signed, (visit.input.order_id, is_paused)).await?;
    let missing = page.missing.clone();
    Ok(Html::new(page).without(missing))
}

async fn page<I>(
    storefront: &Storefront,
    visit: &Visit<I>,
    signed: &Signed,
    (id, is_paused): (OrderId, bool),
) -> Result<OrderPage, Problem> {
    let known = storefront.known_order(signed, id).await?;
    let products: Vec<_> = known.order.lines.iter().map(|line| line.product_id).collect();
    let (aisles, items) = storefront.store.aisles_and_items(&products).await?;
    let shell = Shell::of(&visit.visitor, &aisles, None).with_session(Some(signed), &storefront.sealer);
    let page = OrderPage::of(&known, shell, (&aisles, &items), visit.now(), is_paused);
    Ok(OrderPage { key: storefront.random_text(), is_guest: signed.session.is_guest(), ..page })
}

/// The id in the path of the page, to which its forms are posted.
fn id_in(visitor: &Visitor) -> Option<OrderId> {
    visitor.path.strip_prefix("/orders/")?.parse().ok()
}

async fn act(storefront: Storefront, visit: Visit<Form>) -> Result<Acted<OrderPage>, Problem> {
    let id = id_in(&visit.visitor).ok_or_else(|| Problem::not_found("order"))?;
    let signed = storefront.submitted(&visit).await?.ok_or_else(not_signed)?;
    let (form, path) = (&visit.input, format!("/orders/{id}"));
    if form.text("action") == Some("confirm") {
        if let Some(payment) = storefront.payment_of(&signed, id).await? {
            storefront.confirm_payment(&signed, payment.id).await?;
        }
        return Ok(Acted::see(path));
    }
    let Some(key) = form.text("key") else { return Ok(Acted::see(path)) };
    let default = crate::texts::Texts::default().plain("order-cancel-default");
    let reason = form.text("reason").unwrap_or(&default);
    let request = ApiRequest::post(format!("/v1/orders/{id}/cancellation"), key).json(&json!({"reason": reason}));
    match storefront.orders.send::<Value>(signed.with_token(request)).await {
        Ok(_) => Ok(Acted::see(path)),
        Err(ApiError::Refused(problem)) if [409, 422].contains(&problem.status) => {
            let page = page(&storefront, &visit, &signed, (id, false)).await?;
            let detail = problem.errors.into_iter().next().map(|error| error.detail);
            let entered = form.text("reason").unwrap_or_default().to_owned();
            Ok(Acted::Again(OrderPage { refused: Some(detail.unwrap_or(problem.detail)), entered, ..page }))
        }
        Err(error) => Err(error.into()),
    }
}
