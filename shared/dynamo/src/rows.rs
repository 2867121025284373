//! Items of several kinds from one read.

use std::collections::HashMap;

use serde::de::DeserializeOwned;

use crate::{
    Error, Key, Query, Table,
    item::{Item, key_of},
    table::read,
};

/// Items from one read, grouped by the kind in their key.
#[derive(Debug, Default)]
pub struct Rows(HashMap<String, Vec<Item>>);

impl Rows {
    fn of(items: impl IntoIterator<Item = Item>) -> Result<Self, Error> {
        let mut rows = Self::default();
        for item in items {
            let key = key_of(&item)?;
            rows.0.entry(key.kind().to_owned()).or_default().push(item);
        }
        Ok(rows)
    }

    /// Takes the items of a [kind](Key::kind), in the order in which they were read.
    ///
    /// # Errors
    /// [`Error::Malformed`] if an item does not have the form of `T`.
    pub fn take<T: DeserializeOwned>(&mut self, kind: &str) -> Result<Vec<T>, Error> {
        self.0.remove(kind).unwrap_or_default().into_iter().map(read).collect()
    }

    /// Takes the only item of a [kind](Key::kind), if there is one.
    ///
    /// # Errors
    /// [`Error::Malformed`] if the item does not have the form of `T`.
    pub fn take_one<T: DeserializeOwned>(&mut self, kind: &str) -> Result<Option<T>, Error> {
        Ok(self.take(kind)?.pop())
    }
}

impl Table {
    /// Reads many items of several kinds, as [`Table::get_many`] does.
    ///
    /// # Errors
    /// As for every call of the store.
    pub async fn get_rows(&self, keys: &[Key]) -> Result<Rows, Error> {
        Rows::of(self.get_items(keys).await?)
    }
}

impl Query {
    /// Reads all items, of several kinds, in as many calls as needed. Use it only for small results.
    ///
    /// # Errors
    /// As for every call of the store.
    pub async fn rows(&self) -> Result<Rows, Error> {
        Rows::of(self.items().await?)
    }
}
