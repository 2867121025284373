//! The prices of a price list, by SKU.

use std::collections::{BTreeMap, HashMap, HashSet};

use contracts::{
    PriceListId, ProductId, Sku,
    events::catalog::{PriceTier, SkuPrices},
};
use dynamo::Version;
use garde::Validate;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// The maximum number of prices of a SKU in a list.
pub(crate) const MOST_TIERS: usize = 10;

/// The number of changes of a list's prices. Each change of prices is also a change of this item, so the prices of a list have
/// one writer at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PriceSheet {
    pub(crate) list: PriceListId,
    pub(crate) version: Version,
}

/// The prices of a SKU in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListedSku {
    pub(crate) list: PriceListId,
    pub(crate) prices: SkuPrices,
}

/// A price to set or to remove.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PriceChange {
    #[garde(skip)]
    pub(crate) sku: Sku,
    /// The price of one unit in minor units of the list's currency, 0 to 1,000,000,000. If `null`, the price is removed.
    /// The price contains the tax in the countries whose tax rates are `included`.
    #[garde(inner(range(min = 0, max = 1_000_000_000)))]
    #[serde(deserialize_with = "Option::deserialize")]
    #[schemars(required, schema_with = "amount_or_null")]
    pub(crate) amount: Option<i64>,
    /// The minimum number of units of the SKU in the cart for this price, 1 to 999. Defaults to 1.
    #[garde(range(min = 1, max = 999))]
    #[serde(default = "one")]
    pub(crate) min_quantity: u32,
}

/// An amount that must be given, be it as `null`: who forgets it would remove a price.
fn amount_or_null(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": ["integer", "null"], "format": "int64", "minimum": 0, "maximum": 1_000_000_000})
}

const fn one() -> u32 {
    1
}

/// The reason why prices cannot be set, with the place of the price in the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// No product has or had the SKU.
    UnknownSku { at: usize },
    /// Another price of the request is for the same SKU and number of units.
    Repeated { at: usize, other: usize },
    /// The SKU would have more prices than allowed.
    TooManyTiers { at: usize },
}

/// The result of a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Change {
    /// The SKUs whose prices changed, with all their prices.
    pub(crate) skus: Vec<SkuPrices>,
    /// The number of prices that were set to another amount, added or removed.
    pub(crate) changed: usize,
}

/// Sets and removes prices. `known` are the prices of the SKUs in the list, and `owners` the products of the SKUs.
pub(crate) fn set(
    known: Vec<SkuPrices>,
    changes: &[PriceChange],
    owners: &HashMap<Sku, ProductId>,
) -> Result<Change, Rejection> {
    let mut known: HashMap<Sku, BTreeMap<u32, i64>> = known
        .into_iter()
        .map(|SkuPrices { sku, tiers, .. }| (sku, tiers.iter().map(|tier| (tier.min_quantity, tier.amount)).collect()))
        .collect();
    let (mut seen, mut order, mut count) = (HashMap::new(), Vec::new(), 0);
    let mut listed = HashSet::new();
    for (at, PriceChange { sku, amount, min_quantity }) in changes.iter().enumerate() {
        if !owners.contains_key(sku) {
            return Err(Rejection::UnknownSku { at });
        }
        if let Some(other) = seen.insert((sku, min_quantity), at) {
            return Err(Rejection::Repeated { at, other });
        }
        let tiers = known.entry(sku.clone()).or_default();
        let before = match amount {
            Some(amount) => tiers.insert(*min_quantity, *amount),
            None => tiers.remove(min_quantity),
        };
        if before != *amount {
            count += 1;
            if listed.insert(sku) {
                order.push(sku);
            }
        }
    }
    // Prices that are removed make room for others of the same request, so their number is checked last.
    let crowded = |change: &PriceChange| known.get(&change.sku).is_some_and(|tiers| tiers.len() > MOST_TIERS);
    if let Some(at) = changes.iter().rposition(|change| change.amount.is_some() && crowded(change)) {
        return Err(Rejection::TooManyTiers { at });
    }
    let skus = order.into_iter().filter_map(|sku| {
        let tiers = known
            .get(sku)?
            .iter()
            .map(|(min_quantity, amount)| PriceTier { min_quantity: *min_quantity, amount: *amount });
        Some(SkuPrices { sku: sku.clone(), product: *owners.get(sku)?, tiers: tiers.collect() })
    });
    Ok(Change { skus: skus.collect(), changed: count })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn price(sku: &str, min_quantity: u32, amount: Option<i64>) -> PriceChange {
        PriceChange { sku: sku.parse().unwrap(), amount, min_quantity }
    }

    fn priced(sku: &str, tiers: &[(u32, i64)]) -> SkuPrices {
        let tiers =
            tiers.iter().map(|(min_quantity, amount)| PriceTier { min_quantity: *min_quantity, amount: *amount });
        SkuPrices { sku: sku.parse().unwrap(), product: Uuid::nil().into(), tiers: tiers.collect() }
    }

    /// Sets prices of the SKUs `A` and `B`.
    fn set(known: Vec<SkuPrices>, changes: &[PriceChange]) -> Result<Change, Rejection> {
        let owners = ["A", "B"].map(|sku| (sku.parse().unwrap(), Uuid::nil().into())).into();
        super::set(known, changes, &owners)
    }

    #[test]
    fn prices_are_set_and_removed_and_the_others_stay() {
        let known = vec![priced("A", &[(1, 100), (10, 90)])];
        let changes = [price("A", 10, None), price("A", 5, Some(95)), price("B", 1, Some(7))];
        let change = set(known, &changes).unwrap();
        assert_eq!(change.changed, 3);
        assert_eq!(change.skus, [priced("A", &[(1, 100), (5, 95)]), priced("B", &[(1, 7)])]);
    }

    #[test]
    fn only_what_changes_counts() {
        let known = vec![priced("A", &[(1, 100)])];
        let changes = [price("A", 1, Some(100)), price("A", 2, None), price("B", 1, None)];
        assert_eq!(set(known, &changes), Ok(Change::default()));
    }

    #[test]
    fn the_last_price_of_a_sku_can_be_removed() {
        let change = set(vec![priced("A", &[(1, 100)])], &[price("A", 1, None)]).unwrap();
        assert_eq!((change.changed, change.skus), (1, vec![priced("A", &[])]));
    }

    #[test]
    fn a_price_is_named_once_and_for_a_sku_that_exists() {
        let twice = [price("A", 1, Some(1)), price("A", 2, Some(1)), price("A", 1, None)];
        assert_eq!(set(vec![], &twice), Err(Rejection::Repeated { at: 2, other: 0 }));
        assert_eq!(set(vec![], &[price("A", 1, None), price("C", 1, None)]), Err(Rejection::UnknownSku { at: 1 }));
    }

    #[test]
    fn a_sku_has_ten_prices_in_a_list_at_most() {
        let tiers: Vec<_> = (1..=10).map(|quantity| (quantity, 5)).collect();
        let full = || vec![priced("A", &tiers)];
        let changes = [price("B", 1, Some(1)), price("A", 11, Some(1)), price("A", 12, None)];
        assert_eq!(set(full(), &changes), Err(Rejection::TooManyTiers { at: 1 }));
        assert!(set(full(), &[price("A", 11, Some(1)), price("A", 1, None)]).is_ok());
        assert!(set(full(), &[price("A", 10, Some(1))]).is_ok());
    }
}
