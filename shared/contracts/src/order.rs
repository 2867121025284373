//! Lines and totals, which are the same in a quote and in its order.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Currency, Money, MoneyError, PriceListId, ProductId, PromotionId, Sku, TaxClass};

/// One line of a quote or an order. A field that was added later is not written if it has its default, so that
/// most orders stay as small as before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderLine {
    /// The SKU.
    pub sku: Sku,
    /// The product that the SKU is a variant of.
    pub product: ProductId,
    /// The product's title at the time of the quote.
    pub title: String,
    /// The number of units, 1 to 999.
    pub quantity: u32,
    /// The price of one unit, before discounts. It contains the tax if `tax_included` is true.
    pub unit_price: Money,
    /// The catalog's price of one unit, not that of a price list. `None` if it is equal to `unit_price`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_price: Option<Money>,
    /// The price list that `unit_price` is from. `None` if it is the catalog's price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_list: Option<PriceListId>,
    /// The discount on the whole line. Not negative.
    pub discount: Money,
    /// The part of the discount that each promotion gave, in the order in which they were applied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<LineDiscount>,
    /// The tax class of the product.
    #[serde(default, skip_serializing_if = "TaxClass::is_standard")]
    pub tax_class: TaxClass,
    /// Whether the price contains the tax.
    #[serde(default, skip_serializing_if = "is_false")]
    pub tax_included: bool,
    /// The tax on the line after the discount.
    pub tax: Money,
    /// `unit_price × quantity − discount`. It contains the tax if `tax_included` is true.
    pub total: Money,
}

/// The discount of one promotion on a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LineDiscount {
    /// The promotion.
    pub promotion: PromotionId,
    /// The discount on the whole line. Not negative.
    pub amount: Money,
}

/// The totals of a quote or an order: `total = items − discount + shipping + tax`, or `items − discount + shipping`
/// if `tax_included` is true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// The sum of all lines, before discounts.
    pub items: Money,
    /// The sum of all discounts. Not negative.
    pub discount: Money,
    /// The price of shipping.
    pub shipping: Money,
    /// The tax on lines and shipping.
    pub tax: Money,
    /// Whether the prices of lines and shipping contain the tax.
    #[serde(default, skip_serializing_if = "is_false")]
    pub tax_included: bool,
    /// The amount to pay.
    pub total: Money,
}

impl Totals {
    /// Totals that are all 0.
    pub const fn zero(currency: Currency) -> Self {
        let zero = Money::zero(currency);
        Self { items: zero, discount: zero, shipping: zero, tax: zero, tax_included: false, total: zero }
    }

    /// The amount to pay, from the other totals.
    ///
    /// # Errors
    /// If the amounts have different currencies or the sum is out of range.
    pub fn sum(&self) -> Result<Money, MoneyError> {
        let net = self.items.minus(self.discount)?.plus(self.shipping)?;
        if self.tax_included { Ok(net) } else { net.plus(self.tax) }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// The totals of a cart, a quote or an order: `total = items − discount + shipping + tax`, or
/// `items − discount + shipping` if `taxIncluded` is true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Totals")]
pub struct TotalsView {
    /// The sum of all lines, before discounts.
    items: Money,
    /// The sum of all discounts. Not negative.
    discount: Money,
    /// The price of shipping. It contains the tax if `taxIncluded` is true.
    shipping: Money,
    /// The tax on lines and shipping.
    tax: Money,
    /// Whether the prices of lines and shipping contain the tax. If true, `tax` is a part of `total` that was not
    /// added to it.
    tax_included: bool,
    /// The amount to pay.
    total: Money,
}

impl From<Totals> for TotalsView {
    fn from(Totals { items, discount, shipping, tax, tax_included, total }: Totals) -> Self {
        Self { items, discount, shipping, tax, tax_included, total }
    }
}

/// A line of a quote or an order over HTTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "OrderLine")]
pub struct OrderLineView {
    sku: Sku,
    product_id: ProductId,
    /// The product's title at the time of the quote.
    title: String,
    quantity: u32,
    /// The price of one unit, before discounts. It contains the tax if `taxIncluded` is true.
    unit_price: Money,
    /// The catalog's price of one unit, not that of a price list. `null` if it is equal to `unitPrice`.
    list_price: Option<Money>,
    /// The price list that `unitPrice` is from. `null` if it is the catalog's price.
    price_list: Option<PriceListId>,
    /// The discount on the whole line. Not negative.
    discount: Money,
    /// The part of the discount that each promotion gave, in the order in which they were applied.
    discounts: Vec<LineDiscountView>,
    /// The tax class of the product.
    tax_class: TaxClass,
    /// Whether the price contains the tax.
    tax_included: bool,
    /// The tax on the line after the discount.
    tax: Money,
    /// `unitPrice × quantity − discount`. It contains the tax if `taxIncluded` is true.
    total: Money,
}

/// The discount of one promotion on a line, over HTTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "LineDiscount")]
pub struct LineDiscountView {
    promotion_id: PromotionId,
    /// The discount on the whole line. Not negative.
    amount: Money,
}

impl From<LineDiscount> for LineDiscountView {
    fn from(LineDiscount { promotion, amount }: LineDiscount) -> Self {
        Self { promotion_id: promotion, amount }
    }
}

impl From<OrderLine> for OrderLineView {
    fn from(line: OrderLine) -> Self {
        let OrderLine { sku, product, title, quantity, unit_price, list_price, price_list, .. } = line;
        let OrderLine { discount, discounts, tax_class, tax_included, tax, total, .. } = line;
        Self {
            sku,
            product_id: product,
            title,
            quantity,
            unit_price,
            list_price,
            price_list,
            discount,
            discounts: discounts.into_iter().map(LineDiscountView::from).collect(),
            tax_class,
            tax_included,
            tax,
            total,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eur(amount: i64) -> Money {
        Money::new(amount, Currency::Eur)
    }

    #[test]
    fn tax_that_the_prices_contain_is_not_added() {
        let totals = Totals {
            items: eur(1000),
            discount: eur(100),
            shipping: eur(50),
            tax: eur(190),
            ..Totals::zero(Currency::Eur)
        };
        assert_eq!(totals.sum(), Ok(eur(1140)));
        assert_eq!(Totals { tax_included: true, ..totals }.sum(), Ok(eur(950)));
    }

    #[test]
    fn a_field_that_was_added_later_is_written_only_if_it_is_not_the_default() {
        let line = OrderLine {
            sku: "A".parse().unwrap(),
            product: uuid::Uuid::nil().into(),
            title: String::new(),
            quantity: 1,
            unit_price: eur(1),
            list_price: None,
            price_list: None,
            discount: eur(0),
            discounts: Vec::new(),
            tax_class: TaxClass::STANDARD,
            tax_included: false,
            tax: eur(0),
            total: eur(1),
        };
        let added = |line: &OrderLine, totals: &Totals| {
            let written = [serde_json::to_value(line).unwrap(), serde_json::to_value(totals).unwrap()];
            ["discounts", "taxClass", "taxIncluded", "listPrice", "priceList"]
                .map(|field| written.iter().filter(|value| value.get(field).is_some()).count())
        };
        assert_eq!(added(&line, &Totals::zero(Currency::Eur)), [0, 0, 0, 0, 0]);
        let discounts = vec![LineDiscount { promotion: uuid::Uuid::from_u128(1).into(), amount: eur(0) }];
        let (list_price, price_list) = (Some(eur(2)), Some(uuid::Uuid::nil().into()));
        let line = OrderLine { list_price, price_list, ..line };
        let line = OrderLine { discounts, tax_class: "reduced".parse().unwrap(), tax_included: true, ..line };
        let totals = Totals { tax_included: true, ..Totals::zero(Currency::Eur) };
        assert_eq!(added(&line, &totals), [1, 1, 2, 1, 1]);
        assert_eq!(serde_json::from_value::<OrderLine>(serde_json::to_value(&line).unwrap()).unwrap(), line);
    }
}
