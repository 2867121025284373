//! The goods of a cart while promotions are taken off.

use contracts::{CategoryId, Money, MoneyError, OrderLine, ProductId, Sku};

use crate::promotion::Items;

/// A line of a cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Good {
    pub(crate) sku: Sku,
    pub(crate) product: ProductId,
    /// The categories of the product, and all categories above them.
    pub(crate) categories: Vec<CategoryId>,
    pub(crate) unit_price: Money,
    pub(crate) quantity: u32,
    /// What is left to pay for the line.
    pub(crate) left: Money,
    /// Whether its price is from a price list.
    pub(crate) on_sale: bool,
    /// The units that have served a promotion that counts units. A unit serves one of them only.
    pub(crate) used: u32,
}

impl Good {
    pub(crate) fn of(line: &OrderLine, categories: &[CategoryId]) -> Self {
        let OrderLine { sku, product, unit_price, quantity, total, price_list, .. } = line.clone();
        let (categories, on_sale) = (categories.to_vec(), price_list.is_some());
        Self { sku, product, categories, unit_price, quantity, left: total, on_sale, used: 0 }
    }

    /// Whether it is one of the items.
    pub(crate) fn is_in(&self, items: &Items) -> bool {
        items.contain(&self.sku, self.product, &self.categories, self.on_sale)
    }

    /// The units that have not served a promotion that counts units.
    pub(super) const fn unused(&self) -> u32 {
        self.quantity.saturating_sub(self.used)
    }

    /// What is left to pay for a number of its units.
    pub(super) fn worth_of(&self, units: u32) -> Money {
        let rest = self.quantity.saturating_sub(units);
        self.left.split(&[units.into(), rest.into()]).first().copied().unwrap_or(self.left)
    }
}

/// What is left to pay for the goods that match.
pub(super) fn worth(goods: &[Good], like: Money, matches: impl Fn(&Good) -> bool) -> Result<Money, MoneyError> {
    Money::sum(like.currency, goods.iter().filter(|good| matches(good)).map(|good| good.left))
}
