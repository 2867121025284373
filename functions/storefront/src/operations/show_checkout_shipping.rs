//! Show the second step of the checkout, and choose how the basket is shipped.

use askama::Template;
use contracts::Money;
use garde::Validate;
use lambda::{Acted, ApiError, Form, Function, Html, Problem, Seen, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Storefront,
    cart::{CartShipping, ShippingOption},
    checkout::{Basket, Frame, Stage, StageView, Summary, first},
    shell::Shell,
};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct ShowCheckoutShipping {}

/// How the basket is shipped.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "checkout_shipping.html")]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ShippingStep")]
pub(crate) struct CheckoutShippingPage {
    #[serde(skip)]
    shell: Shell,
    #[serde(skip)]
    stages: Vec<StageView>,
    summary: Summary,
    options: Vec<OptionView>,
    #[serde(skip)]
    refused: Option<String>,
}

/// A way to ship.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ShippingChoice")]
struct OptionView {
    id: String,
    name: String,
    days: u32,
    price: Money,
    /// Shipping is free if the items cost at least this.
    free_from: Option<Money>,
    /// Whether it is the chosen one.
    is_chosen: bool,
}

impl OptionView {
    fn of(option: ShippingOption, chosen: Option<&str>) -> Self {
        let ShippingOption { id, name, price, days, free_from } = option;
        Self { is_chosen: chosen == Some(id.as_str()), id, name, days, price, free_from }
    }

    /// How long it takes, and what makes it free.
    fn note(&self, shell: &Shell) -> String {
        let days = shell.n("shipping-days", self.days);
        let free = self.free_from.map(|from| {
            let key = if self.price.amount == 0 { "shipping-free" } else { "shipping-free-from" };
            shell.w(key, "price", shell.money(from))
        });
        free.map_or_else(|| format!("{days}."), |free| format!("{days}. {free}"))
    }
}

pub fn function() -> Function {
    Function::form("show-checkout-shipping", show, act)
        .about("Without an address, it leads to the step of the address.")
        .problems(&[(409, "step-needed")])
}

async fn show(
    storefront: Storefront,
    visit: Visit<ShowCheckoutShipping>,
) -> Result<Seen<CheckoutShippingPage>, Problem> {
    let visitor = &visit.visitor;
    let signed = storefront.signed(&visit).await?;
    let Some(basket) = storefront.basket(signed).await? else { return first(visitor, "/basket") };
    let Some(shipping) = &basket.cart.shipping else { return first(visitor, Stage::Address.path()) };
    let page = page(&storefront, &visit, &basket, shipping).await?;
    page.map_or_else(|| first(visitor, Stage::Address.path()), |page| Ok(Seen::Page(Html::new(page))))
}

/// `None` if nothing is shipped there any more.
async fn page<I>(
    storefront: &Storefront,
    visit: &Visit<I>,
    basket: &Basket,
    shipping: &CartShipping,
) -> Result<Option<CheckoutShippingPage>, Problem> {
    let options = match storefront.shipping_options(basket, &shipping.address).await {
        Ok(options) => options.items,
        Err(error) if error.has_status(422) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let Frame { shell, stages, summary } = storefront.frame(&visit.visitor, basket, Stage::Shipping).await?;
    let chosen = shipping.option.as_ref().or(options.first()).map(|option| option.id.clone());
    let options = options.into_iter().map(|option| OptionView::of(option, chosen.as_deref())).collect();
    Ok(Some(CheckoutShippingPage { shell, stages, summary, options, refused: None }))
}

async fn act(storefront: Storefront, visit: Visit<Form>) -> Result<Acted<CheckoutShippingPage>, Problem> {
    let signed = storefront.submitted(&visit).await?;
    let Some(basket) = storefront.basket(signed).await? else { return Ok(Acted::see("/basket")) };
    let Some(shipping) = &basket.cart.shipping else { return Ok(Acted::see(Stage::Address.path())) };
    let option = visit.input.text("option").unwrap_or_default();
    let refused = match storefront.ship(&basket, &shipping.address, option).await {
        Ok(()) => return Ok(Acted::see(Stage::Payment.path())),
        Err(ApiError::Refused(problem)) if problem.status == 422 => {
            let detail = problem.errors.into_iter().next().map(|error| error.detail);
            detail.unwrap_or(problem.detail)
        }
        // The cart was ordered in another tab.
        Err(error) if error.has_status(409) => return Ok(Acted::see("/basket")),
        Err(error) => return Err(error.into()),
    };
    let page = page(&storefront, &visit, &basket, shipping).await?;
    Ok(page.map_or_else(
        || Acted::see(Stage::Address.path()),
        |page| Acted::Again(CheckoutShippingPage { refused: Some(refused), ..page }),
    ))
}
