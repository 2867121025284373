//! The stock of a SKU, as inventory answers it.

use contracts::Sku;
use futures::future::try_join_all;
use lambda::{ApiError, ApiRequest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Storefront, item::FEW, order::Listed, signed::Signed};

/// How many SKUs inventory answers at once.
const MOST_SKUS: usize = 100;

/// The stock of a SKU, in units.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ShownLevel")]
pub(crate) struct Level {
    pub(crate) sku: Sku,
    pub(crate) on_hand: u64,
    /// Units that belong to orders.
    pub(crate) reserved: u64,
    /// Units that can be sold.
    pub(crate) available: u64,
}

/// The class of a number of units that can be sold. Empty if there are enough.
pub(crate) const fn tone(available: u64) -> &'static str {
    match available {
        0 => "bad",
        available if available <= FEW as u64 => "warn",
        _ => "",
    }
}

impl Level {
    /// The stock of a SKU in this order. A SKU that inventory does not know has none.
    pub(crate) fn each(skus: &[Sku], levels: &[Self]) -> Vec<Self> {
        let level = |sku: &Sku| levels.iter().find(|level| level.sku == *sku).cloned();
        let none = |sku: &Sku| Self { sku: sku.clone(), on_hand: 0, reserved: 0, available: 0 };
        skus.iter().map(|sku| level(sku).unwrap_or_else(|| none(sku))).collect()
    }

    /// The units of a SKU that can be sold.
    pub(crate) fn available_of(sku: &Sku, levels: &[Self]) -> u64 {
        levels.iter().find(|level| level.sku == *sku).map_or(0, |level| level.available)
    }

    pub(crate) fn tone(&self) -> &'static str {
        tone(self.available)
    }
}

impl Storefront {
    /// The stock of SKUs: a call for each hundred, at the same time. SKUs that inventory does not know are left out.
    pub(crate) async fn levels(&self, signed: &Signed, skus: &[Sku]) -> Result<Vec<Level>, ApiError> {
        let asked = skus.chunks(MOST_SKUS).map(|skus| {
            let skus: Vec<_> = skus.iter().map(Sku::as_str).collect();
            let request = ApiRequest::get(format!("/v1/stock?limit={MOST_SKUS}&skus={}", skus.join(",")));
            self.inventory.send::<Listed<Level>>(signed.with_token(request))
        });
        Ok(try_join_all(asked).await?.into_iter().flat_map(|listed| listed.items).collect())
    }
}
