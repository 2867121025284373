//! Show an order to support, refund it, and cancel it.

use askama::Template;
use contracts::{Currency, Money, OrderId, PaymentId, Role, ShipmentId, Sku, UserId};
use garde::Validate;
use jiff::Timestamp;
use lambda::{
    Acted, ApiError, ApiProblem, ApiRequest, FORBIDDEN, FieldError, Form, Function, Html, NOT_FOUND, Problem, Seen,
    UNAUTHENTICATED, Visit, Visitor,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Storefront, address,
    entered::Entered,
    entry::to_sign_in,
    ledger::{self, EventRow, TransactionRow},
    link, money,
    order::{Known, Payment, Status},
    shell::Shell,
    signed::Signed,
    when,
};

/// The fields of its forms.
const FIELDS: [&str; 3] = ["amount", "reason", "note"];

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase")]
pub struct ShowSupportOrder {
    #[garde(skip)]
    order_id: OrderId,
    /// Whether a refund was asked for.
    #[garde(skip)]
    refunded: Option<String>,
}

/// An order with all that happened to it and to its money.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "support_order.html")]
#[serde(rename_all = "camelCase")]
struct SupportOrderPage {
    #[serde(skip)]
    shell: Shell,
    id: OrderId,
    status: Status,
    placed_at: Timestamp,
    customer_id: Option<UserId>,
    recipient: String,
    /// The address below the name.
    address: String,
    lines: Vec<SoldRow>,
    total: Money,
    /// The events of the order and of its shipment, the oldest first.
    history: Vec<EventRow>,
    /// `null` if there is none, or if payments did not answer.
    payment: Option<PaymentSummary>,
    shipment_id: Option<ShipmentId>,
    courier_id: Option<UserId>,
    can_be_cancelled: bool,
    #[serde(skip)]
    tag: String,
    #[serde(skip)]
    tone: &'static str,
    #[serde(skip)]
    key: String,
    #[serde(skip)]
    entered: Entered,
    /// Why it was not done, although no field is wrong.
    #[serde(skip)]
    refused: Option<String>,
    #[serde(skip)]
    is_refunded: bool,
    #[serde(skip)]
    missing: Vec<&'static str>,
}

/// A line of the order.
#[derive(Debug, Serialize, JsonSchema)]
struct SoldRow {
    sku: Sku,
    title: String,
    quantity: u32,
    total: Money,
}

/// The payment of the order.
#[derive(Debug, Serialize, JsonSchema)]
struct PaymentSummary {
    id: PaymentId,
    captured: Money,
    refunded: Money,
    /// What was captured and not refunded. Payments also subtracts refunds that are not done, and what is disputed.
    refundable: Money,
    transactions: Vec<TransactionRow>,
}

impl PaymentSummary {
    fn of(payment: &Payment, shell: &Shell, now: Timestamp) -> Self {
        let left = payment.captured.amount - payment.refunded.amount;
        Self {
            id: payment.id,
            captured: payment.captured,
            refunded: payment.refunded,
            refundable: Money::new(left, payment.captured.currency),
            transactions: ledger::transactions(payment, shell, now),
        }
    }
}

impl SupportOrderPage {
    fn of(known: &Known, shell: Shell, now: Timestamp) -> Self {
        let order = &known.order;
        let (tag, tone) = order.status.tag();
        let sold = order.lines.iter().map(|line| SoldRow {
            sku: line.sku.clone(),
            title: line.title.clone(),
            quantity: line.quantity,
            total: line.total,
        });
        Self {
            id: order.id,
            status: order.status,
            placed_at: order.placed_at,
            customer_id: order.customer_id,
            recipient: order.ship_to.name.clone(),
            address: address::below_name(&order.ship_to, shell.texts),
            lines: sold.collect(),
            total: order.totals.total,
            history: ledger::events(known, &shell, now),
            payment: known.payment().map(|payment| PaymentSummary::of(payment, &shell, now)),
            shipment_id: order.shipment_id,
            courier_id: known.shipment().and_then(|shipment| shipment.courier_id),
            can_be_cancelled: order.can_be_cancelled(),
            tag: shell.t(tag),
            tone,
            key: String::new(),
            entered: Entered::default(),
            refused: None,
            is_refunded: false,
            missing: known.missing(),
            shell,
        }
    }

    fn path(&self) -> String {
        path(self.id)
    }

    /// The secret field of its forms.
    fn token(&self) -> String {
        self.shell.form_token(&self.path())
    }

    fn number(&self) -> String {
        link::short(self.id)
    }

    fn placed(&self) -> String {
        format!("{}, {}", when::short_date(self.placed_at), when::time(self.placed_at))
    }

    /// The payment, if some of it can be refunded.
    fn refundable(&self) -> Option<&PaymentSummary> {
        self.payment.as_ref().filter(|payment| payment.refundable.amount > 0)
    }

    /// What was entered as the amount, or all that can be refunded.
    fn amount(&self) -> String {
        let entered = self.entered.value("amount");
        let left = || self.refundable().map(|payment| money::decimal(payment.refundable)).unwrap_or_default();
        if entered.is_empty() && self.entered.is_right() { left() } else { entered.to_owned() }
    }

    /// The same page with what was entered, and what is wrong with it. `reason` is the field of the form with the reason.
    fn refused(self, mut entered: Entered, reason: &'static str, problem: ApiProblem) -> Self {
        let is_wrong = |start: &str| problem.errors.iter().any(|error| error.pointer.starts_with(start));
        if problem.slug == "refund-too-large" || is_wrong("/amount") {
            let Some(payment) = self.refundable() else {
                // The rest was refunded in the meantime, so the page has no form for it.
                return Self { refused: Some(self.shell.t("refund-nothing")), ..self };
            };
            entered.wrong("amount", self.shell.w("refund-most", "amount", self.shell.money(payment.refundable)));
        }
        if is_wrong("/reason") {
            let is_missing = entered.value(reason).is_empty();
            entered.wrong(reason, self.shell.t(if is_missing { "reason-missing" } else { "reason-wrong" }));
        }
        let refused = entered.is_right().then_some(problem.detail);
        Self { entered, refused, ..self }
    }
}

pub fn function() -> Function {
    Function::form("show-support-order", show, act).problems(&[UNAUTHENTICATED, FORBIDDEN, NOT_FOUND]).about(
        "For support: an order with its history, payment and shipment. If one of these three does not answer, the rest is \
         shown. Without a session, it is 401, and for others 403.",
    )
}

async fn show(storefront: Storefront, visit: Visit<ShowSupportOrder>) -> Result<Seen<SupportOrderPage>, Problem> {
    let Some(signed) = storefront.at_desk(Role::Support, &visit).await? else {
        return Ok(Seen::See(to_sign_in(&visit.visitor)?));
    };
    let page = page(&storefront, &visit, &signed, visit.input.order_id).await?;
    let missing = page.missing.clone();
    let page = SupportOrderPage { is_refunded: visit.input.refunded.is_some(), ..page };
    Ok(Seen::Page(Html::new(page).without(missing)))
}

async fn page<I>(
    storefront: &Storefront,
    visit: &Visit<I>,
    signed: &Signed,
    id: OrderId,
) -> Result<SupportOrderPage, Problem> {
    let asked = async { storefront.known_order(signed, id).await.map_err(Problem::from) };
    let around = async { storefront.shell(&visit.visitor, Some(signed)).await.map_err(Problem::from) };
    let (known, shell) = futures::try_join!(asked, around)?;
    let page = SupportOrderPage::of(&known, shell, visit.now());
    Ok(SupportOrderPage { key: storefront.random_text(), ..page })
}

fn path(id: OrderId) -> String {
    format!("/support/orders/{id}")
}

/// The id in the path of the page, to which its forms are posted.
fn id_in(visitor: &Visitor) -> Option<OrderId> {
    visitor.path.strip_prefix("/support/orders/")?.parse().ok()
}

/// A form of the page: what it asks an owner for, or what is wrong with it.
type Asked = Result<ApiRequest, ApiProblem>;

/// What is wrong with a form that no owner needs to see.
fn wrong(pointers: &[&str]) -> ApiProblem {
    let error = |pointer: &&str| FieldError { pointer: (*pointer).to_owned(), detail: String::new() };
    ApiProblem { status: 422, errors: pointers.iter().map(error).collect(), ..ApiProblem::default() }
}

/// A refund, in the currency of the payment. `None` if the form is not one of this page.
fn refund(form: &Form) -> Option<Asked> {
    let payment: PaymentId = form.text("payment")?.parse().ok()?;
    let currency: Currency = serde_json::from_value(json!(form.text("currency")?)).ok()?;
    let amount = form.text("amount").and_then(|amount| money::entered(amount, currency));
    let amount = amount.filter(|amount| *amount > 0).map(|amount| Money::new(amount, currency));
    let request = ApiRequest::post(format!("/v1/payments/{payment}/refunds"), form.text("key")?);
    Some(match (amount, form.text("reason")) {
        (Some(amount), Some(reason)) => Ok(request.json(&json!({"amount": amount, "reason": reason}))),
        (None, Some(_)) => Err(wrong(&["/amount"])),
        (Some(_), None) => Err(wrong(&["/reason"])),
        (None, None) => Err(wrong(&["/amount", "/reason"])),
    })
}

/// A cancellation. `None` if the form is not one of this page.
fn cancellation(form: &Form, id: OrderId) -> Option<Asked> {
    let request = ApiRequest::post(format!("/v1/orders/{id}/cancellation"), form.text("key")?);
    Some(match form.text("note") {
        Some(reason) => Ok(request.json(&json!({"reason": reason}))),
        None => Err(wrong(&["/reason"])),
    })
}

async fn act(storefront: Storefront, visit: Visit<Form>) -> Result<Acted<SupportOrderPage>, Problem> {
    let id = id_in(&visit.visitor).ok_or_else(|| Problem::not_found("order"))?;
    let Some(signed) = storefront.submitting_at_desk(Role::Support, &visit).await? else {
        return Ok(Acted::see(to_sign_in(&visit.visitor)?));
    };
    let form = &visit.input;
    let (asked, owner, reason, to) = match form.text("action") {
        Some("refund") => (refund(form), &storefront.payments, "reason", format!("{}?refunded=1", path(id))),
        Some("cancel") => (cancellation(form, id), &storefront.orders, "note", path(id)),
        _ => return Ok(Acted::see(path(id))),
    };
    let problem = match asked {
        None => return Ok(Acted::see(path(id))),
        Some(Err(problem)) => problem,
        Some(Ok(request)) => match owner.send::<Value>(signed.with_token(request)).await {
            Ok(_) => return Ok(Acted::see(to)),
            Err(ApiError::Refused(problem)) if [404, 409, 422].contains(&problem.status) => problem,
            Err(error) => return Err(error.into()),
        },
    };
    let page = page(&storefront, &visit, &signed, id).await?;
    Ok(Acted::Again(page.refused(Entered::of(form, &FIELDS), reason, problem)))
}
