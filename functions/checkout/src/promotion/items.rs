//! The items that a promotion is for.

use contracts::{CategoryId, ProductId, Sku};
use garde::Validate;
use lambda::each_once;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The items that a promotion is for: those of any of the products, categories and SKUs. If none is given, all items.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "PromotionItems")]
pub(crate) struct Items {
    #[garde(length(max = 100), custom(each_once))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) product_ids: Vec<ProductId>,
    /// Categories, with all categories below them.
    #[garde(length(max = 20), custom(each_once))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) category_ids: Vec<CategoryId>,
    #[garde(length(max = 100), custom(each_once))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) skus: Vec<Sku>,
    /// If true, only items whose price is from a price list; if false, only the others. Defaults to both.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) on_sale: Option<bool>,
    /// Items that it is not for, although they match.
    #[garde(dive)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) not: Option<ItemSet>,
}

/// Items of some products, categories and SKUs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ItemSet {
    #[garde(length(max = 100), custom(each_once))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) product_ids: Vec<ProductId>,
    /// Categories, with all categories below them.
    #[garde(length(max = 20), custom(each_once))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) category_ids: Vec<CategoryId>,
    #[garde(length(max = 100), custom(each_once))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) skus: Vec<Sku>,
}

impl Items {
    /// Whether an item is one of these. `categories` are the categories of its product and all
    /// categories above them, and `sale` says whether its price is from a price list.
    pub(crate) fn contain(&self, sku: &Sku, product: ProductId, categories: &[CategoryId], sale: bool) -> bool {
        let Self { product_ids, category_ids, skus, on_sale, not } = self;
        let all = product_ids.is_empty() && category_ids.is_empty() && skus.is_empty();
        let named = names(product_ids, category_ids, skus, (sku, product, categories));
        let is_out = |not: &ItemSet| names(&not.product_ids, &not.category_ids, &not.skus, (sku, product, categories));
        (all || named) && on_sale.is_none_or(|on_sale| on_sale == sale) && !not.as_ref().is_some_and(is_out)
    }

    /// The number of products, categories and SKUs that are named.
    pub(crate) fn named(&self) -> usize {
        let Self { product_ids, category_ids, skus, not, .. } = self;
        let out = not.as_ref().map_or(0, |not| not.product_ids.len() + not.category_ids.len() + not.skus.len());
        product_ids.len() + category_ids.len() + skus.len() + out
    }
}

fn names(
    products: &[ProductId],
    categories: &[CategoryId],
    skus: &[Sku],
    (sku, product, listed_in): (&Sku, ProductId, &[CategoryId]),
) -> bool {
    products.contains(&product) || skus.contains(sku) || categories.iter().any(|category| listed_in.contains(category))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn items_are_named_by_product_category_or_sku() {
        let (product, category) = (Uuid::from_u128(1).into(), Uuid::from_u128(2).into());
        let is_in = |items: &Items| items.contain(&"LAMP".parse().unwrap(), product, &[category], true);
        let of_product = Items { product_ids: vec![product], ..Items::default() };
        let of_category = Items { category_ids: vec![category], ..Items::default() };
        let of_sku = |sku: &str| Items { skus: vec![sku.parse().unwrap()], ..Items::default() };
        assert!([&Items::default(), &of_product, &of_category, &of_sku("LAMP")].into_iter().all(is_in));
        assert!(!is_in(&of_sku("MOON")));
        assert!(is_in(&Items { skus: of_sku("MOON").skus, ..of_product.clone() }), "one of them is enough");
        let sale = |on_sale| Items { on_sale: Some(on_sale), ..of_product.clone() };
        assert!(is_in(&sale(true)) && !is_in(&sale(false)), "its price is from a price list");
        let but = |not: ItemSet| Items { not: Some(not), ..of_product.clone() };
        assert!(!is_in(&but(ItemSet { category_ids: vec![category], ..ItemSet::default() })));
        assert!(is_in(&but(ItemSet { skus: of_sku("MOON").skus, ..ItemSet::default() })));
        assert!(is_in(&but(ItemSet::default())), "nothing is left out if nothing is named");
    }

    #[test]
    fn all_that_is_named_counts() {
        let set = |count| ItemSet {
            product_ids: vec![Uuid::nil().into(); count],
            category_ids: vec![Uuid::nil().into(); count * 10],
            skus: vec!["LAMP".parse().unwrap(); count * 100],
        };
        let ItemSet { product_ids, category_ids, skus } = set(1);
        let items = Items { product_ids, category_ids, skus, on_sale: None, not: Some(set(2)) };
        assert_eq!((items.named(), Items::default().named()), (333, 0));
    }
}
