//! Show the payment methods of an account, and remove one. On a test stage, add one too.

use askama::Template;
use contracts::PaymentMethodId;
use garde::Validate;
use lambda::{Acted, ApiError, ApiRequest, Form, Function, Html, Problem, Seen, UNAUTHENTICATED, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Storefront,
    entry::to_sign_in,
    method::{self, Method, MethodView},
    shell::Shell,
    signed::Signed,
};

/// The path of the page.
const PATH: &str = "/account/payment-methods";

#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct ShowPaymentMethods {}

/// The payment methods of an account.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "payment_methods.html")]
#[serde(rename_all = "camelCase")]
struct PaymentMethodsPage {
    #[serde(skip)]
    shell: Shell,
    /// The oldest one first.
    payment_methods: Vec<SavedMethod>,
    /// The provider's test methods that can be added. Elsewhere methods are added where the provider asks for the card.
    #[serde(skip)]
    tests: Vec<MethodView>,
    /// The idempotency key of the form.
    #[serde(skip)]
    key: String,
    /// Why the last change was refused.
    #[serde(skip)]
    refused: Option<String>,
}

/// A payment method.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ShownPaymentMethod")]
struct SavedMethod {
    id: PaymentMethodId,
    /// The brand, such as `visa`.
    brand: Option<String>,
    /// The last four digits of its number.
    last4: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Methods {
    items: Vec<SavedMethod>,
}

impl PaymentMethodsPage {
    fn brand(&self, method: &SavedMethod) -> String {
        let brand = method.brand.as_deref().map(|brand| method::named(brand, self.shell.texts));
        brand.unwrap_or_else(|| self.shell.t("payment-method"))
    }
}

/// The payment method to remove.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
struct Remove {
    #[garde(skip)]
    remove: PaymentMethodId,
}

pub fn function() -> Function {
    Function::form("show-payment-methods", show, act)
        .about("The payment methods of the account of the session in the cookie. Without one, it is 401.")
        .problems(&[UNAUTHENTICATED])
}

async fn show(storefront: Storefront, visit: Visit<ShowPaymentMethods>) -> Result<Seen<PaymentMethodsPage>, Problem> {
    let Some(signed) = storefront.customer(&visit).await? else { return Ok(Seen::See(to_sign_in(&visit.visitor)?)) };
    Ok(Seen::Page(Html::new(page(&storefront, &visit, &signed).await?)))
}

async fn page<I>(storefront: &Storefront, visit: &Visit<I>, signed: &Signed) -> Result<PaymentMethodsPage, Problem> {
    let request = signed.with_token(ApiRequest::get("/v1/me/payment-methods?limit=100"));
    let asked = async { storefront.users.send::<Methods>(request).await.map_err(Problem::from) };
    let around = async { storefront.shell(&visit.visitor, Some(signed)).await.map_err(Problem::from) };
    let (methods, shell) = futures::try_join!(asked, around)?;
    let tests = storefront.test_methods.iter().enumerate();
    Ok(PaymentMethodsPage {
        payment_methods: methods.items,
        tests: tests.map(|(at, reference)| Method::test(reference).view(at == 0, shell.texts)).collect(),
        shell,
        key: storefront.random_text(),
        refused: None,
    })
}

async fn act(storefront: Storefront, visit: Visit<Form>) -> Result<Acted<PaymentMethodsPage>, Problem> {
    let Some(signed) = storefront.submitting_customer(&visit).await? else {
        return Ok(Acted::see(to_sign_in(&visit.visitor)?));
    };
    let Some(method) = visit.input.text("method") else {
        let Remove { remove } = visit.input.read()?;
        let request = ApiRequest::new(http::Method::DELETE, format!("/v1/me/payment-methods/{remove}"));
        storefront.users.send::<Value>(signed.with_token(request)).await?;
        return Ok(Acted::see(PATH));
    };
    let offered = storefront.test_methods.iter().find(|reference| *reference == method);
    let Method { reference, brand, last4, .. } =
        offered.map(|reference| Method::test(reference)).ok_or_else(|| Problem::not_found("payment method"))?;
    let body = json!({"reference": reference, "brand": brand, "last4": last4});
    let key = visit.input.text("key").unwrap_or_default();
    let request = ApiRequest::post("/v1/me/payment-methods", key).json(&body);
    match storefront.users.send::<Value>(signed.with_token(request)).await {
        Ok(_) => Ok(Acted::see(PATH)),
        Err(ApiError::Refused(problem)) if matches!(problem.status, 400 | 409 | 422) => {
            let page = page(&storefront, &visit, &signed).await?;
            let text = if problem.status == 409 { "payment-too-many" } else { "form-sent" };
            Ok(Acted::Again(PaymentMethodsPage { refused: Some(page.shell.t(text)), ..page }))
        }
        Err(error) => Err(error.into()),
    }
}
