//! Show the basket, and change what is in it.

use askama::Template;
use contracts::{Money, ProductId, Sku};
use garde::Validate;
use lambda::{Acted, ApiError, ApiRequest, Form, Function, Html, Problem, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Storefront,
    aisle::Aisles,
    cart::{Cart, CartLine, Totals, Warning},
    goods::Look,
    item::Item,
    link,
    shell::Shell,
    signed::Signed,
};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct ShowBasket {
    /// Whether the visitor comes from adding something. Without a session, the browser did not keep the cookie.
    #[garde(skip)]
    added: Option<String>,
}

/// The basket.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "basket.html")]
#[serde(rename_all = "camelCase")]
pub(crate) struct BasketPage {
    #[serde(skip)]
    shell: Shell,
    lines: Vec<LineView>,
    promotions: Vec<PromotionView>,
    /// The codes that take nothing off, and why.
    refused_codes: Vec<RefusedCodeView>,
    /// `null` if the basket is empty.
    totals: Option<Totals>,
    problems: Vec<Warning>,
    /// Whether something was added, and the browser did not keep the cookie.
    needs_cookie: bool,
    /// Why the last change was refused.
    #[serde(skip)]
    refused: Option<String>,
    /// The code that was entered.
    #[serde(skip)]
    entered_code: String,
}

/// A line of the basket.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "BasketLine")]
struct LineView {
    sku: Sku,
    product_id: Option<ProductId>,
    title: String,
    /// The path of the product's page. `null` if the product is not known.
    path: Option<String>,
    picture: Option<String>,
    /// The options of the variant in one text.
    options: String,
    quantity: u32,
    unit_price: Option<Money>,
    /// The price of all units before discounts.
    before: Option<Money>,
    /// `null` if it cannot be bought.
    total: Option<Money>,
    problems: Vec<Warning>,
    #[serde(skip)]
    hue: &'static str,
}

/// A promotion that takes something off.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "BasketPromotion")]
struct PromotionView {
    code: Option<String>,
    name: String,
    amount: Money,
}

/// A code that takes nothing off.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RefusedCodeView {
    code: String,
    reason: String,
}

impl BasketPage {
    fn of(cart: Option<&Cart>, items: &[Item], aisles: &Aisles, shell: Shell) -> Self {
        let line = |line: &CartLine| LineView::of(line, items, aisles);
        let promotions = cart.iter().flat_map(|cart| &cart.promotions);
        let (applied, idle): (Vec<_>, Vec<_>) = promotions.partition(|promotion| promotion.applied);
        Self {
            lines: cart.iter().flat_map(|cart| &cart.lines).map(line).collect(),
            promotions: applied
                .into_iter()
                .map(|promotion| PromotionView {
                    code: promotion.code.clone(),
                    name: promotion.name.clone().unwrap_or_default(),
                    amount: promotion.amount,
                })
                .collect(),
            refused_codes: idle
                .into_iter()
                .filter_map(|promotion| {
                    Some(RefusedCodeView { code: promotion.code.clone()?, reason: promotion.detail.clone()? })
                })
                .collect(),
            totals: cart.filter(|cart| !cart.lines.is_empty()).map(|cart| cart.totals.clone()),
            problems: cart.map(|cart| cart.problems.clone()).unwrap_or_default(),
            needs_cookie: false,
            refused: None,
            entered_code: String::new(),
            shell,
        }
    }

    /// The number of units.
    fn units(&self) -> u32 {
        self.lines.iter().map(|line| line.quantity).sum()
    }

    /// What is paid before shipping and, where it is not included, tax.
    fn goods(&self) -> Option<Money> {
        let totals = self.totals.as_ref()?;
        totals.items.minus(totals.discount).ok()
    }
}

impl LineView {
    fn of(line: &CartLine, items: &[Item], aisles: &Aisles) -> Self {
        let Look { options, path, picture, hue } = Look::of(&line.sku, line.product_id, &line.title, items, aisles);
        let discount = line.discount.filter(|discount| discount.amount > 0);
        Self {
            sku: line.sku.clone(),
            product_id: line.product_id,
            title: line.title.clone(),
            path,
            picture,
            options,
            quantity: line.quantity,
            unit_price: line.unit_price,
            before: discount.and(line.unit_price).and_then(|price| price.times(line.quantity).ok()),
            total: line.total,
            problems: line.problems.clone(),
            hue,
        }
    }
}

pub fn function() -> Function {
    Function::form("show-basket", show, act).about(
        "The basket of the session in the cookie. Without a session, it is empty. Prices and problems are those of the \
         cart at this time.",
    )
}

async fn show(storefront: Storefront, visit: Visit<ShowBasket>) -> Result<Html<BasketPage>, Problem> {
    let signed = storefront.signed(&visit).await?;
    let mut page = page(&storefront, &visit, signed.as_ref()).await?;
    page.needs_cookie = signed.is_none() && visit.input.added.is_some();
    Ok(Html::new(page))
}

async fn page<I>(storefront: &Storefront, visit: &Visit<I>, signed: Option<&Signed>) -> Result<BasketPage, Problem> {
    let cart = match signed {
        Some(signed) => storefront.cart(signed).await?,
        None => None,
    };
    let products: Vec<_> = cart.iter().flat_map(|cart| &cart.lines).filter_map(|line| line.product_id).collect();
    let (aisles, items) = storefront.store.aisles_and_items(&products).await?;
    let shell = Shell::of(&visit.visitor, &aisles, None).with_session(signed, &storefront.sealer);
    Ok(BasketPage::of(cart.as_ref(), &items, &aisles, shell))
}

/// A change of the basket.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase")]
struct SetUnits {
    #[garde(skip)]
    sku: Sku,
    #[garde(range(max = 999))]
    quantity: u32,
}

#[derive(Debug, Deserialize, JsonSchema, Validate)]
struct Code {
    #[garde(length(chars, min = 1, max = 100))]
    code: String,
}

async fn act(storefront: Storefront, visit: Visit<Form>) -> Result<Acted<BasketPage>, Problem> {
    let Some(signed) = storefront.submitted(&visit).await? else { return Ok(Acted::see("/basket")) };
    let Some(cart) = storefront.cart(&signed).await? else { return Ok(Acted::see("/basket")) };
    let form = &visit.input;
    let changed = match form.text("action") {
        Some("remove") => {
            let sku = form.text("sku").unwrap_or_default();
            storefront.set_units(&signed, cart.id, sku, 0).await
        }
        Some("apply") => match form.read::<Code>() {
            Ok(Code { code }) => code_of(&storefront, &signed, &cart, &code, http::Method::PUT).await,
            Err(_) => Ok(()),
        },
        Some("withdraw") => {
            let code = form.text("code").unwrap_or_default();
            code_of(&storefront, &signed, &cart, code, http::Method::DELETE).await
        }
        _ => {
            let SetUnits { sku, quantity } = form.read()?;
            storefront.set_units(&signed, cart.id, sku.as_str(), quantity).await
        }
    };
    match changed {
        Ok(()) => Ok(Acted::see("/basket")),
        Err(ApiError::Refused(problem)) => {
            let mut page = page(&storefront, &visit, Some(&signed)).await?;
            page.refused = Some(problem.detail);
            form.text("code").unwrap_or_default().clone_into(&mut page.entered_code);
            Ok(Acted::Again(page))
        }
        Err(error) => Err(error.into()),
    }
}

/// Applies a code to a cart, or takes it away.
async fn code_of(
    storefront: &Storefront,
    signed: &Signed,
    cart: &Cart,
    code: &str,
    method: http::Method,
) -> Result<(), ApiError> {
    let path = format!("/v1/carts/{}/promotions/{}", cart.id, link::part(code));
    let is_put = method == http::Method::PUT;
    let request = ApiRequest::new(method, path);
    let request = if is_put { request.json(&json!({})) } else { request };
    storefront.checkout.send::<Value>(signed.with_token(request)).await.map(|_| ())
}
