//! Show the last step of the checkout, and place the order.

use askama::Template;
use contracts::{Adjustment, Money, OrderId};
use garde::Validate;
use jiff::Timestamp;
use lambda::{Acted, ApiError, ApiProblem, ApiRequest, Form, Function, Html, Problem, Seen, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Storefront, address,
    checkout::{Basket, Frame, Stage, StageView, Summary, first},
    goods::{Step, steps},
    method::Method,
    offer::{Claimed, Offer},
    shell::Shell,
    signed::Signed,
    when,
};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct ShowCheckoutReview {}

/// What is ordered, where it goes, and what it costs.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "checkout_review.html")]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ReviewStep")]
pub(crate) struct CheckoutReviewPage {
    #[serde(skip)]
    shell: Shell,
    #[serde(skip)]
    stages: Vec<StageView>,
    summary: Summary,
    /// The address as it is written on the parcel.
    address: Vec<String>,
    /// How it is shipped.
    shipping: String,
    /// How it is paid.
    method: String,
    /// `null` if it cannot be ordered now.
    offer: Option<OfferView>,
    /// Why it cannot be ordered.
    refused: Option<String>,
    /// What is different from the quote before.
    #[serde(skip)]
    differences: Option<Vec<String>>,
    /// Whether it is not known if the order was placed.
    #[serde(skip)]
    is_uncertain: bool,
}

/// A quote.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ShownOffer")]
struct OfferView {
    /// What is paid, step by step.
    steps: Vec<Step>,
    total: Money,
    /// The tax that the prices contain, and what it is. `null` if it is a step.
    tax_included: Option<Step>,
    expires_at: Timestamp,
    /// The signed quote.
    #[serde(skip)]
    quote: String,
    /// The idempotency key of the order.
    #[serde(skip)]
    key: String,
}

impl OfferView {
    fn of(offer: Offer, key: String, summary: &Summary, shell: &Shell) -> Self {
        let Offer { quote, lines, totals, trace, expires_at } = offer;
        let is_included = |step: &Adjustment| totals.tax_included && step.rule.starts_with("tax:");
        let included = trace.iter().find(|step| is_included(step)).map(|step| step.description.clone());
        let included = included.unwrap_or_else(|| shell.t("sum-tax-included"));
        let (taken_off, tax) = (trace.is_empty(), Step { description: shell.t("sum-tax"), amount: totals.tax });
        let told = trace.into_iter().filter(|step| !is_included(step));
        // The prices of the lines come first, in their order. A page writes an amount in another form than the API.
        let mut lines = lines.iter().map(|line| line.priced(shell));
        let told = told.map(|Adjustment { rule, description, amount }| {
            let line = if rule == "price" || rule.starts_with("price:") { lines.next() } else { None };
            Step { description: line.unwrap_or(description), amount }
        });
        let steps: Vec<_> = if taken_off {
            let tax = Some(tax).filter(|_| !totals.tax_included);
            steps(&summary.lines, &totals, shell).into_iter().chain(tax).collect()
        } else {
            told.collect()
        };
        Self {
            steps,
            total: totals.total,
            tax_included: totals.tax_included.then_some(Step { description: included, amount: totals.tax }),
            expires_at,
            quote,
            key,
        }
    }

    fn valid_until(&self) -> String {
        when::time(self.expires_at)
    }
}

pub fn function() -> Function {
    Function::form("show-checkout-review", show, act).problems(&[(409, "step-needed")]).about(
        "The last step of the checkout, with a new quote. It leads to the first step that is not done. The quote is valid \
         for 15 minutes.",
    )
}

/// What the last step is about.
struct Ready {
    basket: Basket,
    method: Method,
}

async fn show(storefront: Storefront, visit: Visit<ShowCheckoutReview>) -> Result<Seen<CheckoutReviewPage>, Problem> {
    let visitor = &visit.visitor;
    let Some(signed) = storefront.signed(&visit).await? else { return first(visitor, "/basket") };
    let method = signed.session.method(&storefront.sealer)?;
    let Some(basket) = storefront.basket(Some(signed)).await? else { return first(visitor, "/basket") };
    if let Some(missing) = basket.missing_before(Stage::Review, method.is_some()) {
        return first(visitor, missing.path());
    }
    let Some(method) = method else { return first(visitor, Stage::Payment.path()) };
    match page(&storefront, &visit, &Ready { basket, method }).await? {
        Ok((page, _)) => Ok(Seen::Page(Html::new(page))),
        Err(to) => first(visitor, to),
    }
}

/// The page with a new quote, and the quote. Otherwise the path of what must be done first.
async fn page<I>(
    storefront: &Storefront,
    visit: &Visit<I>,
    ready: &Ready,
) -> Result<Result<(CheckoutReviewPage, Option<Offer>), &'static str>, Problem> {
    let offer = match storefront.offer(&ready.basket).await {
        Ok(offer) => Ok(offer),
        Err(ApiError::Refused(problem)) if problem.status == 409 => match problem.slug.as_str() {
            "cart-empty" | "cart-closed" => return Ok(Err("/basket")),
            "shipping-needed" => return Ok(Err(Stage::Address.path())),
            _ => Err(problem.detail),
        },
        Err(error) => return Err(error.into()),
    };
    let page = with_offer(storefront, visit, ready, offer.clone(), storefront.random_text()).await?;
    Ok(Ok((page, offer.ok())))
}

async fn with_offer<I>(
    storefront: &Storefront,
    visit: &Visit<I>,
    ready: &Ready,
    offer: Result<Offer, String>,
    key: String,
) -> Result<CheckoutReviewPage, Problem> {
    let Ready { basket, method } = ready;
    let Frame { shell, stages, summary } = storefront.frame(&visit.visitor, basket, Stage::Review).await?;
    let shipping = basket.cart.shipping.as_ref();
    let address = shipping.map(|shipping| address::lines(&shipping.address, shell.texts)).unwrap_or_default();
    let option = shipping.and_then(|shipping| shipping.option.as_ref());
    let shipping = option.map(|option| format!("{}, {}", option.name, shell.n("shipping-days", option.days)));
    let refused = offer.as_ref().err().cloned();
    Ok(CheckoutReviewPage {
        offer: offer.ok().map(|offer| OfferView::of(offer, key, &summary, &shell)),
        method: method.name(shell.texts),
        shipping: shipping.unwrap_or_default(),
        differences: None,
        is_uncertain: false,
        refused,
        address,
        summary,
        stages,
        shell,
    })
}

/// An order, as far as it matters here.
#[derive(Debug, Deserialize)]
struct Placed {
    id: OrderId,
}

impl Storefront {
    /// Places an order. The same key places it once.
    async fn place(
        &self,
        signed: &Signed,
        origin: &str,
        quote: &str,
        key: &str,
        method: &Method,
    ) -> Result<Placed, ApiError> {
        let body = json!({"quote": quote, "paymentMethod": method.reference});
        let place = async |body| {
            let request = ApiRequest::post("/v1/orders", key).json(&body);
            self.orders.send::<Placed>(signed.with_token(request)).await
        };
        // The bank sends its customer back here.
        let mut with_return = body.clone();
        with_return["returnUrl"] = json!(format!("{origin}/orders?approved=1"));
        match place(with_return).await {
            // The shop does not allow the origin that it was visited at.
            Err(ApiError::Refused(problem)) if is_about(&problem, "/returnUrl") => place(body).await,
            answer => answer,
        }
    }
}

fn is_about(problem: &ApiProblem, pointer: &str) -> bool {
    problem.errors.iter().any(|error| error.pointer == pointer)
}

async fn act(storefront: Storefront, visit: Visit<Form>) -> Result<Acted<CheckoutReviewPage>, Problem> {
    let Some(signed) = storefront.submitted(&visit).await? else { return Ok(Acted::see("/basket")) };
    let (form, review) = (&visit.input, Stage::Review.path());
    let (Some(quote), Some(key)) = (form.text("quote"), form.text("key")) else { return Ok(Acted::see(review)) };
    let Some(method) = signed.session.method(&storefront.sealer)? else { return Ok(Acted::see(Stage::Payment.path())) };
    // Once the order is placed, its cart is no longer open. Placing it again must give the same order.
    let basket = storefront.basket(Some(signed.clone())).await?;
    let claimed = Claimed::read(quote);
    let is_outdated = basket.as_ref().zip(claimed.as_ref()).is_some_and(|(now, old)| old.is_outdated(&now.cart));
    let placed = if is_outdated {
        None
    } else {
        Some(storefront.place(&signed, &visit.visitor.origin, quote, key, &method).await)
    };
    let problem = match placed {
        Some(Ok(order)) => return Ok(Acted::see(format!("/orders/{}", order.id))),
        Some(Err(ApiError::Refused(problem))) => Some(problem),
        Some(Err(ApiError::Unavailable)) => {
            let (Some(basket), Some(claimed)) = (basket, claimed) else { return Err(ApiError::Unavailable.into()) };
            let offer = Ok(claimed.offer(quote));
            let page = with_offer(&storefront, &visit, &Ready { basket, method }, offer, key.to_owned()).await?;
            return Ok(Acted::Again(CheckoutReviewPage { is_uncertain: true, ..page }));
        }
        None => None,
    };
    match problem.as_ref().map(|problem| problem.slug.as_str()) {
        // The quote is too old, or its cart has changed.
        None | Some("invalid-quote" | "quote-expired") => {}
        // It was ordered before: the list has the order.
        Some("cart-already-ordered" | "idempotency-key-expired" | "idempotency-key-reused" | "quote-already-used") => {
            return Ok(Acted::see("/orders"));
        }
        Some("cart-closed") => return Ok(Acted::see("/basket")),
        Some("invalid-input") => return Ok(Acted::see(Stage::Payment.path())),
        Some(_) => return Err(problem.map_or(ApiError::Unavailable, ApiError::Refused).into()),
    }
    let Some(basket) = basket else { return Ok(Acted::see("/basket")) };
    match page(&storefront, &visit, &Ready { basket, method }).await? {
        Err(to) => Ok(Acted::see(to)),
        Ok((mut page, offer)) => {
            let told = claimed.zip(offer).map(|(old, new)| old.differences(&new, &page.shell));
            page.differences = Some(told.unwrap_or_default());
            Ok(Acted::Again(page))
        }
    }
}
