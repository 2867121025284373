//! Carts and promotions as callers see them.

mod promotion;

use addresses::{AddressWarning, AddressWarningCode};
use contracts::{
    Address, CartId, Currency, LineDiscountView, Money, PriceListId, ProductId, Role, Sku, TaxClass, TotalsView,
    sealed_for,
};
use lambda::{Caller, Problem, Time};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    Checkout,
    cart::{Cart, LeftOut, MOST_LINES, MOST_UNITS, Status},
    pricing::{Priced, PricedLine, Warning},
    promotion::PromotionCode,
    rates::ShippingOption,
};

pub(crate) use promotion::{AppliedPromotionView, Kind, PromotionView};

/// A cart, with its current prices.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CartView {
    id: CartId,
    status: Status,
    currency: Currency,
    lines: Vec<LineView>,
    /// The first of its promotion codes.
    promotion: Option<PromotionCode>,
    /// Its promotions: those that apply, in the order in which they are taken off, then the others.
    promotions: Vec<AppliedPromotionView>,
    shipping: Option<ShippingView>,
    /// The totals of the lines that can be bought. Shipping and tax are 0 until shipping is chosen.
    totals: TotalsView,
    /// The warnings that are not about one line.
    problems: Vec<WarningView>,
    changed_at: Time,
    /// The number of changes to the cart. It is not an entity tag: prices change without a new version.
    version: u64,
    /// For guests only: proof of ownership. After signing in, send it to merge this cart into the account's cart.
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<String>,
}

/// A line of a cart, with its current prices. It has no prices if it cannot be bought.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LineView {
    sku: Sku,
    product_id: Option<ProductId>,
    title: String,
    quantity: u32,
    /// The price of one unit, before discounts. It contains the tax if `taxIncluded` is true.
    unit_price: Option<Money>,
    /// The catalog's price of one unit, not that of a price list. `null` if it is equal to `unitPrice`.
    list_price: Option<Money>,
    /// The price list that `unitPrice` is from. `null` if it is the catalog's price.
    price_list: Option<PriceListId>,
    /// The discount on the whole line. Not negative.
    discount: Option<Money>,
    /// The part of the discount that each promotion gave, in the order in which they were applied.
    discounts: Vec<LineDiscountView>,
    /// The tax class of the product.
    tax_class: Option<TaxClass>,
    /// Whether the price contains the tax. Known once shipping is chosen; false before.
    tax_included: bool,
    /// The tax on the line after the discount.
    tax: Option<Money>,
    /// `unitPrice × quantity − discount`. It contains the tax if `taxIncluded` is true.
    total: Option<Money>,
    problems: Vec<WarningView>,
}

/// The address and the shipping option of a cart.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShippingView {
    /// The chosen shipping option. `null` if it no longer exists.
    pub(crate) option: Option<ShippingOptionView>,
    pub(crate) address: Address,
}

/// A warning for the customer.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WarningView {
    /// What the warning is about.
    code: WarningCode,
    /// The warning as text, for display.
    detail: String,
}

/// What a warning about a cart or a quote is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum WarningCode {
    /// The price is not the one that the customer saw before.
    PriceChanged,
    /// Fewer units are in stock than are in the cart.
    LowStock,
    /// No unit is in stock.
    OutOfStock,
    /// The SKU is not on sale.
    NotSold,
    /// The promotion gives no discount.
    PromotionNotValid,
    /// The chosen shipping option no longer exists.
    ShippingGone,
    /// Units of a cancelled order did not fit into the cart.
    NotReturned,
    /// The postcode does not have the form that is usual in its country.
    UnusualPostcode,
}

impl WarningView {
    pub(crate) fn of(warning: &Warning) -> Self {
        let (code, detail) = match warning {
            Warning::Unsold(why) => (WarningCode::NotSold, format!("It is {why}.")),
            Warning::OnlyLeft(0) => (WarningCode::OutOfStock, "It is out of stock.".to_owned()),
            Warning::OnlyLeft(left) => (WarningCode::LowStock, format!("Only {left} left.")),
            Warning::PriceChanged { was, now } => {
                (WarningCode::PriceChanged, format!("The price changed from {was} to {now}."))
            }
        };
        Self { code, detail }
    }

    /// The warnings about an address.
    pub(crate) fn of_address(address: &Address) -> Vec<Self> {
        let of = |AddressWarning { code, detail }| match code {
            AddressWarningCode::UnusualPostcode => Self { code: WarningCode::UnusualPostcode, detail },
        };
        addresses::warnings(address).into_iter().map(of).collect()
    }
}

impl LineView {
    pub(crate) fn of(PricedLine { line, sold, warnings, .. }: &PricedLine) -> Self {
        let sold = sold.as_ref().ok();
        Self {
            sku: line.sku.clone(),
            product_id: sold.map(|sold| sold.product),
            title: sold.map_or_else(|| line.title.clone(), |sold| sold.title.clone()),
            quantity: line.quantity,
            unit_price: sold.map(|sold| sold.unit_price),
            list_price: sold.and_then(|sold| sold.list_price),
            price_list: sold.and_then(|sold| sold.price_list),
            discount: sold.map(|sold| sold.discount),
            discounts: sold
                .map(|sold| sold.discounts.iter().cloned().map(LineDiscountView::from).collect())
                .unwrap_or_default(),
            tax_class: sold.map(|sold| sold.tax_class.clone()),
            tax_included: sold.is_some_and(|sold| sold.tax_included),
            tax: sold.map(|sold| sold.tax),
            total: sold.map(|sold| sold.total),
            problems: warnings.iter().map(WarningView::of).collect(),
        }
    }
}

impl CartView {
    /// The cart for its owner, with the address in plain text. A guest also gets the claim.
    pub(crate) fn of(checkout: &Checkout, caller: &Caller, cart: &Cart, priced: &Priced) -> Result<Self, Problem> {
        let option = priced.shipping.as_ref().map(|(option, price)| ShippingOptionView::of(option, *price));
        let address =
            cart.shipping.as_ref().map(|to| checkout.sealer.open(sealed_for::ADDRESS, &to.address)).transpose()?;
        let gone =
            WarningView { code: WarningCode::ShippingGone, detail: "Choose another shipping option.".to_owned() };
        let refused =
            priced.refused().map(|why| WarningView { code: WarningCode::PromotionNotValid, detail: why.to_string() });
        let left_out = cart.left_out.iter().map(|LeftOut { sku, title, quantity }| WarningView {
            code: WarningCode::NotReturned,
            detail: format!(
                "{quantity} × {title} ({sku}) of a cancelled order did not fit into the cart. A cart has at most \
                 {MOST_LINES} lines of {MOST_UNITS} units."
            ),
        });
        let gone = (address.is_some() && option.is_none()).then_some(gone);
        let unusual = address.as_ref().map(WarningView::of_address).unwrap_or_default();
        let claim = caller.roles.contains(&Role::Guest).then(|| checkout.claim(cart.id));
        Ok(Self {
            id: cart.id,
            status: cart.status,
            currency: cart.currency,
            lines: priced.lines.iter().map(LineView::of).collect(),
            promotion: cart.promotions.first().map(|applied| applied.code.clone()),
            promotions: priced.promotions.iter().map(|own| AppliedPromotionView::of(own, cart.currency)).collect(),
            shipping: address.map(|address| ShippingView { option, address }),
            totals: priced.totals.clone().into(),
            problems: refused.chain(gone).chain(left_out).chain(unusual).collect(),
            changed_at: cart.changed_at.into(),
            version: cart.version.number(),
            claim,
        })
    }
}

/// A shipping option.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShippingOptionView {
    id: String,
    name: String,
    /// The delivery time in days.
    days: u32,
    /// The price for the items in the cart. It is 0 if they cost at least `freeFrom` after discounts. It contains the tax in
    /// the countries whose tax rates are `included`.
    price: Money,
    /// Shipping is free if the items cost at least this after discounts.
    free_from: Option<Money>,
}

impl ShippingOptionView {
    pub(crate) fn of(option: &ShippingOption, price: Money) -> Self {
        let ShippingOption { id, name, days, .. } = option.clone();
        Self { id, name, days, price, free_from: option.free_from(price.currency) }
    }
}
