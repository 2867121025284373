//! Calculate what a promotion would take off a cart, without storing anything.

use std::collections::BTreeSet;

use contracts::{Adjustment, Currency, CustomerGroupId, Role, Sealed, Sku, TotalsView};
use garde::Validate;
use lambda::{Call, Found, Function, INVALID_AMOUNT, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Checkout,
    cart::{Cart, Line, MOST_LINES, MOST_UNITS, Shipping},
    input::CreatePromotion,
    pricing::price,
    promotion::{AppliedCode, Promotion, PromotionCode},
    rates::Country,
    view::{AppliedPromotionView, LineView},
};

/// The code that stands for a promotion without one.
const NO_CODE: &str = "PREVIEW";

/// A promotion, and a cart to calculate it for.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PreviewPromotion {
    #[garde(dive)]
    promotion: CreatePromotion,
    #[garde(length(min = 1, max = MOST_LINES), dive)]
    lines: Vec<PreviewLine>,
    #[garde(skip)]
    currency: Currency,
    /// The country that the cart is shipped to. Without it, there is no shipping and no tax.
    #[garde(skip)]
    country: Option<Country>,
    /// The customer groups of the customer.
    #[garde(length(max = 10))]
    #[serde(default)]
    customer_groups: Vec<CustomerGroupId>,
    /// The id of a shipping option of the country. Without it, shipping costs nothing.
    #[garde(inner(length(chars, min = 1, max = 32)))]
    shipping_option: Option<String>,
}

/// A quantity of a SKU.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PreviewLine {
    #[garde(skip)]
    sku: Sku,
    #[garde(range(min = 1, max = MOST_UNITS))]
    quantity: u32,
}

/// The cart with its prices.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PreviewView {
    lines: Vec<LineView>,
    /// The promotion, and the automatic promotions that apply.
    promotions: Vec<AppliedPromotionView>,
    totals: TotalsView,
    /// The steps of the calculation, in order. Their amounts add up to the total.
    trace: Vec<Adjustment>,
}

pub fn function() -> Function {
    Function::http("preview-promotion", handle)
        .about(
            "Calculates the prices of a cart with a promotion that does not exist yet, and with the automatic \
             promotions that are valid now. Nothing is stored. `promotions` says what the promotion takes off, or why \
             it takes nothing off. Its code is `PREVIEW` if it has none.",
        )
        .roles(&[Role::Merchant])
        .problems(&[INVALID_AMOUNT])
}

async fn handle(checkout: Checkout, call: Call<PreviewPromotion>) -> Result<Found<PreviewView>, Problem> {
    let now = call.now();
    let (merchant, id) = (call.caller.principal()?, call.new_id());
    let cart = Cart::create(call.new_id(), merchant, call.input.currency, now);
    let PreviewPromotion { promotion, lines, country, customer_groups, shipping_option, .. } = call.input;
    let promotion = promotion.draft().and_then(|draft| Ok(Promotion::create(id, draft, now)?.0));
    let mut promotion = promotion.map_err(|problem| problem.within("/promotion"))?;
    let code: PromotionCode = match promotion.code.take() {
        Some(code) => code,
        None => NO_CODE.parse().map_err(Problem::internal)?,
    };
    promotion.code = Some(code.clone());
    let mut skus = BTreeSet::new();
    if let Some(at) = lines.iter().position(|line| !skus.insert(&line.sku)) {
        return Err(Problem::invalid(format!("/lines/{at}/sku"), "is the SKU of an earlier line"));
    }
    let cart = cart.apply(AppliedCode { code, promotion: id }, now)?;
    let mut cart = lines.into_iter().try_fold(cart, |cart, PreviewLine { sku, quantity }| {
        cart.put(Line { sku, title: String::new(), quantity, seen: None, returned_at: None }, now)
    })?;
    cart.shipping = country.map(|country| Shipping {
        option: shipping_option.unwrap_or_default(),
        country,
        region: None,
        address: Sealed::from_ciphertext(String::new()),
    });
    let mut pricing = checkout.store.pricing(&cart).await?;
    (pricing.promotions, pricing.groups) = (vec![promotion], customer_groups);
    let priced = price(&cart, &pricing, now)?;
    Ok(Found::new(PreviewView {
        lines: priced.lines.iter().map(LineView::of).collect(),
        promotions: priced.promotions.iter().map(|own| AppliedPromotionView::of(own, cart.currency)).collect(),
        totals: priced.totals.into(),
        trace: priced.trace,
    }))
}
