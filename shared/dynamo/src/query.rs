//! Queries: one partition, or one list, in order, page by page.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use contracts::Sealed;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Error, Table,
    table::{Item, key_of, primary, read},
};

/// The attributes that put an item into the index `lists`: the name of a list, and what its items are sorted by.
pub(crate) const LIST_NAME: &str = "listName";
pub(crate) const LIST_SORT: &str = "listSort";
/// Most items that are read at once to be filtered: as many as one call of `BatchGetItem` returns.
const MOST_AT_ONCE: usize = 100;

/// A page's size where the caller does not say.
const DEFAULT_LIMIT: u32 = 20;

/// Which page is wanted.
#[derive(Debug, Clone, Default)]
pub struct Paging {
    /// How many items, 1 to 100; 20 when absent.
    pub limit: Option<u32>,
    /// Where the last page ended.
    pub cursor: Option<String>,
}

/// Some items of a list, and where the next ones begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// The cursor of the next page; none at the end.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// The page with each item turned into something else.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next }
    }
}

/// A query over one partition of the table, or over one list of its index `lists`.
#[derive(Debug, Clone)]
pub struct Query {
    table: Table,
    listed: bool,
    pk: String,
    prefix: Option<String>,
    only: Option<(String, String)>,
    newest_first: bool,
}

/// An item that a query found, and its place there: what a cursor after it is made of.
type Found = (Item, Item);

impl Table {
    /// Starts a query over one partition: `table.query(key.pk)`. Strongly consistent.
    pub fn query(&self, pk: impl Into<String>) -> Query {
        Query { table: self.clone(), listed: false, pk: pk.into(), prefix: None, only: None, newest_first: false }
    }

    /// Starts a query over a list: the items that [`crate::Entity::list`] puts there. The index says which, eventually
    /// consistent. They are read as they are, so what has left the list since is left out. A page is two calls.
    pub fn list(&self, name: impl Into<String>) -> Query {
        Query { listed: true, ..self.query(name) }
    }
}

impl Query {
    /// Only items whose sort key begins so.
    #[must_use]
    pub fn prefix(self, prefix: impl Into<String>) -> Self {
        Self { prefix: Some(prefix.into()), ..self }
    }

    /// Only items whose attribute has a value. The others are left out after they were read, and more are read until the
    /// page is full.
    #[must_use]
    pub fn only(self, attribute: &str, value: impl Into<String>) -> Self {
        Self { only: Some((attribute.to_owned(), value.into())), ..self }
    }

    /// From the greatest sort key down.
    #[must_use]
    pub fn newest_first(self) -> Self {
        Self { newest_first: true, ..self }
    }

    /// One page: it is full, or the last one.
    ///
    /// # Errors
    /// [`Error::InvalidCursor`] for a cursor that was not made for this very query.
    pub async fn page<T: DeserializeOwned>(&self, paging: &Paging) -> Result<Page<T>, Error> {
        let limit = paging.limit.unwrap_or(DEFAULT_LIMIT) as usize;
        let mut items = Vec::with_capacity(limit);
        let mut start = paging.cursor.as_deref().map(|cursor| self.open(cursor)).transpose()?;
        loop {
            // Of those that are read to be filtered, most may be left out.
            let wanted = if self.only.is_some() { MOST_AT_ONCE } else { limit - items.len() };
            let (found, last) = self.fetch(Some(wanted), start).await?;
            let mut found = found.into_iter();
            while let Some((place, item)) = found.next() {
                items.push(read(item)?);
                if items.len() == limit {
                    let more = found.len() > 0 || last.is_some();
                    let next = more.then(|| self.seal(place)).transpose()?;
                    return Ok(Page { items, next });
                }
            }
            match last {
                Some(last) => start = Some(last),
                None => return Ok(Page { items, next: None }),
            }
        }
    }

    /// Everything, in as many calls as it takes: for what is known to be small.
    pub async fn all<T: DeserializeOwned>(&self) -> Result<Vec<T>, Error> {
        self.items().await?.into_iter().map(read).collect()
    }

    pub(crate) async fn items(&self) -> Result<Vec<Item>, Error> {
        let (mut all, mut start) = (Vec::new(), None);
        loop {
            let (found, last) = self.fetch(None, start).await?;
            all.extend(found.into_iter().map(|(_, item)| item));
            match last {
                Some(last) => start = Some(last),
                None => return Ok(all),
            }
        }
    }

    /// The next items that the query is for, and where it goes on if there may be more.
    async fn fetch(&self, limit: Option<usize>, start: Option<Item>) -> Result<(Vec<Found>, Option<Item>), Error> {
        let (pk, sk) = if self.listed { (LIST_NAME, LIST_SORT) } else { ("pk", "sk") };
        let mut condition = "#pk = :pk".to_owned();
        let mut call = self.table.client().query().table_name(self.table.name());
        if let Some(prefix) = &self.prefix {
            condition.push_str(" AND begins_with(#sk, :prefix)");
            call = call
                .expression_attribute_names("#sk", sk)
                .expression_attribute_values(":prefix", AttributeValue::S(prefix.clone()));
        }
        let answer = call
            .set_index_name(self.listed.then(|| "lists".to_owned()))
            .consistent_read(!self.listed)
            .key_condition_expression(condition)
            .expression_attribute_names("#pk", pk)
            .expression_attribute_values(":pk", AttributeValue::S(self.pk.clone()))
            .scan_index_forward(!self.newest_first)
            .set_limit(limit.and_then(|limit| i32::try_from(limit).ok()))
            .set_exclusive_start_key(start)
            .send()
            .await?;
        let found = answer.items.unwrap_or_default();
        let mut found = if self.listed {
            self.read_listed(found).await?
        } else {
            found.into_iter().map(|item| Ok((primary(&key_of(&item)?), item))).collect::<Result<_, Error>>()?
        };
        if let Some((attribute, value)) = &self.only {
            found.retain(|(_, item)| has(item, attribute, value));
        }
        Ok((found, answer.last_evaluated_key))
    }

    /// The items at places of a list, in its order, but for those that have left it since.
    pub(crate) async fn read_listed(&self, places: Vec<Item>) -> Result<Vec<Found>, Error> {
        let keys = places.iter().map(key_of).collect::<Result<Vec<_>, _>>()?;
        let items = self.table.get_items(&keys).await?.into_iter();
        let mut items = items.map(|item| Ok((key_of(&item)?, item))).collect::<Result<HashMap<_, _>, Error>>()?;
        let found = places.into_iter().zip(&keys).filter_map(|(place, key)| Some((place, items.remove(key)?)));
        Ok(found.filter(|(_, item)| has(item, LIST_NAME, &self.pk)).collect())
    }

    /// A cursor opens only for the list that it was made for: nobody pages through another's.
    fn purpose(&self) -> String {
        format!("cursor {} {} {:?} {:?} {}", self.listed, self.pk, self.prefix, self.only, self.newest_first)
    }

    fn seal(&self, last: Item) -> Result<String, Error> {
        let last: HashMap<String, String> = serde_dynamo::from_item(last).map_err(Error::malformed)?;
        let sealed = self.table.sealer().seal(&self.purpose(), &last).map_err(Error::malformed)?;
        Ok(sealed.ciphertext().to_owned())
    }

    fn open(&self, cursor: &str) -> Result<Item, Error> {
        let sealed = Sealed::<HashMap<String, String>>::from_ciphertext(cursor.to_owned());
        let last = self.table.sealer().open(&self.purpose(), &sealed).map_err(|_| Error::InvalidCursor)?;
        Ok(last.into_iter().map(|(name, value)| (name, AttributeValue::S(value))).collect())
    }
}

fn has(item: &Item, attribute: &str, value: &str) -> bool {
    item.get(attribute).and_then(|known| known.as_s().ok()).is_some_and(|known| known == value)
}
