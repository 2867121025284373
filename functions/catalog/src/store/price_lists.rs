//! The keys and queries of price lists.

use std::collections::HashMap;

use contracts::{PriceListId, ProductId, Sku, events::catalog::SkuPrices};
use dynamo::{Commit, Entity, Error, Key, Page, Paging, Version};

use super::{Claim, Store, owners, sku_key};
use crate::{
    list_prices::{ListedSku, PriceSheet},
    price_list::{LivingLists, PriceList},
};

impl Entity for PriceList {
    fn key(&self) -> Key {
        price_list_key(self.id)
    }

    /// Lists are listed by age until they are deleted. Ids sort by age.
    fn list(&self) -> Option<(String, String)> {
        (!self.deleted).then(|| ("price-lists".to_owned(), self.id.to_string()))
    }
}

impl Entity for LivingLists {
    fn key(&self) -> Key {
        living_lists_key()
    }
}

impl Entity for PriceSheet {
    fn key(&self) -> Key {
        price_sheet_key(self.list)
    }
}

impl Entity for ListedSku {
    fn key(&self) -> Key {
        listed_sku_key(self.list, &self.prices.sku)
    }
}

fn price_list_key(id: PriceListId) -> Key {
    Key::of("price-list", id)
}

fn living_lists_key() -> Key {
    Key::of("price-lists", "living")
}

fn price_sheet_key(list: PriceListId) -> Key {
    Key::of("list-prices", list)
}

fn listed_sku_key(list: PriceListId, sku: &Sku) -> Key {
    price_sheet_key(list).child("price", sku)
}

impl Store {
    /// A price list that is not deleted.
    pub(crate) async fn price_list(&self, id: PriceListId) -> Result<Option<PriceList>, Error> {
        let list: Option<PriceList> = self.table.get(&price_list_key(id)).await?;
        Ok(list.filter(|list| !list.deleted))
    }

    /// The lists that are not deleted.
    pub(crate) async fn living_lists(&self) -> Result<LivingLists, Error> {
        Ok(self.table.get(&living_lists_key()).await?.unwrap_or_default())
    }

    /// A price list, even if it is deleted, and the lists that are not deleted, in one call.
    pub(crate) async fn price_list_and_living(
        &self,
        id: PriceListId,
    ) -> Result<(Option<PriceList>, LivingLists), Error> {
        let mut rows = self.table.get_rows(&[price_list_key(id), living_lists_key()]).await?;
        Ok((rows.take_one("price-list")?, rows.take_one("price-lists")?.unwrap_or_default()))
    }

    /// Price lists, newest first.
    pub(crate) async fn price_lists(&self, paging: &Paging) -> Result<Page<PriceList>, Error> {
        self.table.list("price-lists").newest_first().page(paging).await
    }

    /// The prices of some SKUs in a price list that is not deleted, and the products of the SKUs.
    pub(crate) async fn prices_to_set(&self, id: PriceListId, skus: &[Sku]) -> Result<Option<PricesToSet>, Error> {
        let of_skus = skus.iter().flat_map(|sku| [listed_sku_key(id, sku), sku_key(sku)]);
        let keys: Vec<_> = [price_list_key(id), price_sheet_key(id)].into_iter().chain(of_skus).collect();
        let mut rows = self.table.get_rows(&keys).await?;
        let list: Option<PriceList> = rows.take_one("price-list")?;
        if list.is_none_or(|list| list.deleted) {
            return Ok(None);
        }
        let sheet = rows.take_one("list-prices")?.unwrap_or(PriceSheet { list: id, version: Version::default() });
        let known: Vec<ListedSku> = rows.take("price")?;
        let owners = owners(&rows.take::<Claim>("sku")?);
        Ok(Some(PricesToSet { sheet, known: known.into_iter().map(|known| known.prices).collect(), owners }))
    }

    /// The prices of a price list, by SKU.
    pub(crate) async fn list_prices(&self, id: PriceListId, paging: &Paging) -> Result<Page<ListedSku>, Error> {
        self.table.query(price_sheet_key(id).pk).prefix("price#").page(paging).await
    }
}

/// What is needed to set prices of a price list.
#[derive(Debug)]
pub(crate) struct PricesToSet {
    pub(crate) sheet: PriceSheet,
    pub(crate) known: Vec<SkuPrices>,
    pub(crate) owners: HashMap<Sku, ProductId>,
}

/// Writes the prices of SKUs in a price list. The condition on its sheet, which is saved with them, covers them too.
pub(crate) fn put_prices<'a>(commit: Commit<'a>, list: PriceListId, skus: &[SkuPrices]) -> Commit<'a> {
    skus.iter().fold(commit, |commit, prices| match &prices.tiers[..] {
        [] => commit.delete(&listed_sku_key(list, &prices.sku)),
        _ => commit.put_record(&ListedSku { list, prices: prices.clone() }),
    })
}
