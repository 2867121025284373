//! Show the first step of the checkout, and set where the basket goes.

use askama::Template;
use contracts::Address;
use garde::Validate;
use lambda::{Acted, ApiError, ApiProblem, Form, Function, Html, Problem, Seen, Visit, Visitor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Storefront,
    address::{self, CountryView, FieldView},
    checkout::{Basket, Frame, Stage, StageView, Summary, first},
    entered::Entered,
    saved_address::SavedAddress,
    shell::Shell,
    signed::Signed,
};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct ShowCheckoutAddress {
    /// Whether to enter an address, and not to choose one of the account's.
    #[garde(skip)]
    new: Option<String>,
}

/// Where the basket goes.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "checkout_address.html")]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AddressStep")]
pub(crate) struct CheckoutAddressPage {
    #[serde(skip)]
    shell: Shell,
    #[serde(skip)]
    stages: Vec<StageView>,
    summary: Summary,
    /// The address so far. `null` if nothing but its country is known.
    address: Option<Address>,
    #[serde(skip)]
    country: String,
    /// The countries that can be chosen.
    countries: Vec<CountryView>,
    /// The account's addresses. Empty if an address is to be entered.
    saved: Vec<SavedView>,
    #[serde(skip)]
    rows: Vec<Vec<FieldView>>,
    #[serde(skip)]
    entered: Entered,
    /// What was refused, and why.
    #[serde(skip)]
    refused: Option<(String, String)>,
    #[serde(skip)]
    is_guest: bool,
}

/// An address of the account.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SavedAddress")]
struct SavedView {
    id: String,
    name: String,
    /// The address in one line, without its name.
    line: String,
    is_chosen: bool,
}

/// What is said about an address that was entered.
#[derive(Debug, Default)]
struct Told {
    entered: Entered,
    refused: Option<(String, String)>,
}

impl CheckoutAddressPage {
    fn of(frame: Frame, address: Address, saved: &[SavedAddress], told: Told, is_guest: bool) -> Self {
        let Frame { shell, stages, summary } = frame;
        let texts = shell.texts;
        let current = saved.iter().position(|saved| saved.address == address);
        let chosen = current.or_else(|| saved.iter().position(|saved| saved.is_default)).unwrap_or_default();
        let view = |(at, saved): (usize, &SavedAddress)| SavedView {
            id: saved.id.to_string(),
            name: saved.address.name.clone(),
            line: address::below_name(&saved.address, texts),
            is_chosen: at == chosen,
        };
        Self {
            rows: address::rows(&address, texts),
            countries: address::countries(&address.country, texts),
            saved: saved.iter().enumerate().map(view).collect(),
            entered: told.entered,
            refused: told.refused,
            country: address.country.clone(),
            address: (!address::is_blank(&address)).then_some(address),
            summary,
            stages,
            shell,
            is_guest,
        }
    }
}

pub fn function() -> Function {
    Function::form("show-checkout-address", show, act).problems(&[(409, "step-needed")]).about(
        "The first step of the checkout. Without a basket, it leads to the basket. A customer with addresses chooses one \
         of them, or enters another one.",
    )
}

async fn show(storefront: Storefront, visit: Visit<ShowCheckoutAddress>) -> Result<Seen<CheckoutAddressPage>, Problem> {
    let visitor = &visit.visitor;
    let Some(signed) = storefront.signed(&visit).await? else { return first(visitor, "/basket") };
    let is_new = visit.input.new.is_some();
    let saved = async { if is_new { Vec::new() } else { storefront.saved_addresses(&signed).await } };
    let (basket, saved) = futures::join!(storefront.basket(Some(signed.clone())), saved);
    let Some(basket) = basket? else { return first(visitor, "/basket") };
    let address = basket.cart.shipping.as_ref().map(|shipping| shipping.address.clone());
    let address = address.unwrap_or_else(|| address::usual(basket.cart.currency));
    Ok(Seen::Page(Html::new(page(&storefront, visitor, &basket, address, (&saved, Told::default())).await?)))
}

async fn page(
    storefront: &Storefront,
    visitor: &Visitor,
    basket: &Basket,
    address: Address,
    (saved, told): (&[SavedAddress], Told),
) -> Result<CheckoutAddressPage, Problem> {
    let frame = storefront.frame(visitor, basket, Stage::Address).await?;
    Ok(CheckoutAddressPage::of(frame, address, saved, told, basket.signed.session.is_guest()))
}

impl Storefront {
    /// The addresses of an account. None if they cannot be read: an address can be entered all the same.
    async fn saved_addresses(&self, signed: &Signed) -> Vec<SavedAddress> {
        if signed.session.is_guest() {
            return Vec::new();
        }
        self.addresses(signed).await.unwrap_or_default()
    }
}

async fn act(storefront: Storefront, visit: Visit<Form>) -> Result<Acted<CheckoutAddressPage>, Problem> {
    let signed = storefront.submitted(&visit).await?;
    let Some(basket) = storefront.basket(signed).await? else { return Ok(Acted::see("/basket")) };
    let (form, visitor) = (&visit.input, &visit.visitor);
    let address = match form.text("address") {
        Some("new") => return Ok(Acted::see("/checkout/address?new=1")),
        Some(id) => {
            let saved = storefront.saved_addresses(&basket.signed).await;
            let Some(saved) = saved.into_iter().find(|saved| saved.id.to_string() == id) else {
                return Ok(Acted::see(Stage::Address.path()));
            };
            saved.address
        }
        None => address::entered(form),
    };
    let told =
        if form.text("change").is_some() { Some(Told::default()) } else { set(&storefront, &basket, &address).await? };
    match told {
        None => Ok(Acted::see(Stage::Shipping.path())),
        Some(told) => page(&storefront, visitor, &basket, address, (&[], told)).await.map(Acted::Again),
    }
}

/// Sets where a basket goes: with the option that it had, or else with the first one. Returns what is wrong, if it is.
async fn set(storefront: &Storefront, basket: &Basket, address: &Address) -> Result<Option<Told>, Problem> {
    let texts = crate::texts::Texts::default();
    let mut entered = Entered::default();
    address::require(address, &mut entered, texts);
    if !entered.is_right() {
        return Ok(Some(Told { entered, refused: None }));
    }
    let set = async {
        let options = storefront.shipping_options(basket, address).await?.items;
        let had = basket.cart.shipping.as_ref().and_then(|shipping| shipping.option.as_ref());
        let same = options.iter().find(|option| had.is_some_and(|had| had.id == option.id));
        let Some(option) = same.or_else(|| options.first()) else {
            return Err(ApiError::Refused(ApiProblem {
                slug: "country-not-served".to_owned(),
                ..ApiProblem::default()
            }));
        };
        storefront.ship(basket, address, &option.id).await
    };
    let problem = match set.await {
        Ok(()) => return Ok(None),
        Err(ApiError::Refused(problem)) if [409, 422].contains(&problem.status) || problem.status == 0 => problem,
        Err(error) => return Err(error.into()),
    };
    address::note(&problem.errors, &mut entered, texts);
    let country = address::country(&address.country, texts);
    let refused = match problem.slug.as_str() {
        "country-not-served" => Some((texts.with("address-nowhere", "country", &country), problem.detail)),
        _ if entered.is_right() => Some((texts.plain("address-refused"), problem.detail)),
        _ => None,
    };
    Ok(Some(Told { entered, refused }))
}
