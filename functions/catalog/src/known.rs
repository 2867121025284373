//! The products that have the SKUs of rows.

use std::collections::{BTreeSet, HashMap};

use contracts::{ProductId, Sku};
use dynamo::Error;

use crate::{
    product::{Product, Status},
    store::Store,
};

/// Products by the SKUs that they have or had.
#[derive(Debug)]
pub(crate) struct Known {
    owners: HashMap<Sku, ProductId>,
    products: HashMap<ProductId, Product>,
}

impl Known {
    /// Reads the products of owners of SKUs.
    pub(crate) async fn read(store: &Store, owners: HashMap<Sku, ProductId>) -> Result<Self, Error> {
        let ids: BTreeSet<ProductId> = owners.values().copied().collect();
        let products = store.products_of(&ids.into_iter().collect::<Vec<_>>()).await?;
        Ok(Self { owners, products: products.into_iter().map(|product| (product.id, product)).collect() })
    }

    /// The product that has these SKUs, if one has any of them. Returns why it cannot be changed.
    pub(crate) fn owner(&self, skus: &[Sku]) -> Result<Option<&Product>, String> {
        let mut owned = skus.iter().filter_map(|sku| Some((sku, *self.owners.get(sku)?)));
        let Some((first, id)) = owned.next() else { return Ok(None) };
        if let Some((sku, other)) = owned.find(|(_, other)| *other != id) {
            return Err(format!("has SKUs of several products: {first} belongs to {id}, and {sku} to {other}"));
        }
        match self.products.get(&id) {
            Some(product) if product.status == Status::Archived => {
                Err(format!("the SKU {first} belongs to {id}, which is archived"))
            }
            product => Ok(product),
        }
    }
}
