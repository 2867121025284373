//! Show the third step of the checkout, and choose how to pay.

use askama::Template;
use contracts::OrderId;
use garde::Validate;
use lambda::{Acted, ApiRequest, Form, Function, Html, Problem, Seen, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Storefront,
    checkout::{Basket, Frame, Stage, StageView, Summary, first},
    method::{Method, MethodView},
    shell::Shell,
    signed::Signed,
};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase")]
pub struct ShowCheckoutPayment {
    /// The order whose payment was declined.
    #[garde(skip)]
    declined_order_id: Option<OrderId>,
}

/// How the basket is paid.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "checkout_payment.html")]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PaymentStep")]
pub(crate) struct CheckoutPaymentPage {
    #[serde(skip)]
    shell: Shell,
    #[serde(skip)]
    stages: Vec<StageView>,
    summary: Summary,
    /// The account's payment methods. On test stages, also the provider's test methods.
    methods: Vec<MethodView>,
    /// Why the payment of the order was declined.
    declined: Option<String>,
    #[serde(skip)]
    is_unchosen: bool,
    #[serde(skip)]
    is_guest: bool,
}

#[derive(Debug, Deserialize)]
struct Saved {
    items: Vec<SavedMethod>,
}

/// A payment method of an account, as users answers it.
#[derive(Debug, Deserialize)]
struct SavedMethod {
    reference: String,
    brand: Option<String>,
    last4: Option<String>,
}

/// Of an order, why its payment was declined.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Declined {
    decline_reason: Option<String>,
}

pub fn function() -> Function {
    Function::form("show-checkout-payment", show, act)
        .about("The chosen method is kept in the session. Without a shipping option, it leads to the step before.")
        .problems(&[(409, "step-needed")])
}

async fn show(storefront: Storefront, visit: Visit<ShowCheckoutPayment>) -> Result<Seen<CheckoutPaymentPage>, Problem> {
    let visitor = &visit.visitor;
    let Some(signed) = storefront.signed(&visit).await? else { return first(visitor, "/basket") };
    let (basket, methods, declined) = futures::join!(
        storefront.basket(Some(signed.clone())),
        storefront.methods(&signed),
        storefront.declined(&signed, visit.input.declined_order_id),
    );
    let Some(basket) = basket? else { return first(visitor, "/basket") };
    if let Some(missing) = basket.missing_before(Stage::Payment, false) {
        return first(visitor, missing.path());
    }
    let page = page(&storefront, &visit, &basket, &methods).await?;
    Ok(Seen::Page(Html::new(CheckoutPaymentPage { declined, ..page })))
}

async fn page<I>(
    storefront: &Storefront,
    visit: &Visit<I>,
    basket: &Basket,
    methods: &[Method],
) -> Result<CheckoutPaymentPage, Problem> {
    let Frame { shell, stages, summary } = storefront.frame(&visit.visitor, basket, Stage::Payment).await?;
    let session = &basket.signed.session;
    let chosen = session.method(&storefront.sealer)?.map(|method| method.reference);
    let at = methods.iter().position(|method| Some(&method.reference) == chosen.as_ref()).unwrap_or_default();
    let views = methods.iter().enumerate().map(|(own, method)| method.view(own == at, shell.texts));
    let (methods, is_guest) = (views.collect(), session.is_guest());
    Ok(CheckoutPaymentPage { shell, stages, summary, methods, declined: None, is_unchosen: false, is_guest })
}

impl Storefront {
    /// The methods that a visitor can pay with.
    async fn methods(&self, signed: &Signed) -> Vec<Method> {
        let own = if signed.session.is_guest() { Vec::new() } else { self.saved_methods(signed).await };
        own.into_iter().chain(self.test_methods.iter().map(|reference| Method::test(reference))).collect()
    }

    /// The methods of an account. None if they cannot be read.
    async fn saved_methods(&self, signed: &Signed) -> Vec<Method> {
        let request = signed.with_token(ApiRequest::get("/v1/me/payment-methods?limit=20"));
        let saved = self.users.send::<Saved>(request).await.map(|saved| saved.items).unwrap_or_default();
        let method = |SavedMethod { reference, brand, last4 }| Method { reference, brand, last4, is_test: false };
        saved.into_iter().map(method).collect()
    }

    /// Why the payment of an order was declined.
    async fn declined(&self, signed: &Signed, order: Option<OrderId>) -> Option<String> {
        let request = signed.with_token(ApiRequest::get(format!("/v1/orders/{}", order?)));
        self.orders.send::<Declined>(request).await.ok()?.decline_reason
    }
}

async fn act(storefront: Storefront, visit: Visit<Form>) -> Result<Acted<CheckoutPaymentPage>, Problem> {
    let Some(signed) = storefront.submitted(&visit).await? else { return Ok(Acted::see("/basket")) };
    let methods = storefront.methods(&signed).await;
    let chosen = methods.iter().find(|method| visit.input.text("method") == Some(method.reference.as_str()));
    if let Some(chosen) = chosen {
        let session = signed.session.with_method(chosen, &storefront.sealer)?;
        storefront.store.keep(session, &visit.context).await?;
        return Ok(Acted::see(Stage::Review.path()));
    }
    let Some(basket) = storefront.basket(Some(signed)).await? else { return Ok(Acted::see("/basket")) };
    let page = page(&storefront, &visit, &basket, &methods).await?;
    Ok(Acted::Again(CheckoutPaymentPage { is_unchosen: true, ..page }))
}
