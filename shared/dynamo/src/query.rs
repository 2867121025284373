//! Queries: one partition, or one list, in order, page by page.

use std::{collections::HashMap, fmt};

use aws_sdk_dynamodb::{
    operation::query::builders::QueryFluentBuilder,
    types::{AttributeValue, Select},
};
use contracts::Sealed;
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Error, Table,
    item::{Item, key_of, primary},
    table::read,
};

/// The attributes that place an item in the index `lists`: the name of a list, and the sort key in it.
pub(crate) const LIST_NAME: &str = "listName";
pub(crate) const LIST_SORT: &str = "listSort";
/// The maximum number of items that are read at once to be filtered, which is what one call of `BatchGetItem`
/// returns.
const MOST_AT_ONCE: usize = 100;
/// The maximum number of times that a page reads on for items that pass its filter: up to 5,000 items, in about a second.
const MOST_READS: usize = 50;

/// The place in a list that is sorted by age, and among the items of one millisecond by the end of the id. The whole id
/// would make items larger, and each kilobyte that is written is billed.
pub fn by_age(since: Timestamp, id: impl fmt::Display) -> String {
    let id = id.to_string();
    let end = id.char_indices().rev().nth(ID_END - 1).map_or(&*id, |(at, _)| &id[at..]);
    // Milliseconds have 13 digits until the year 2286.
    format!("{:013}#{end}", since.as_millisecond())
}

/// The number of characters of an id in [`by_age`].
const ID_END: usize = 4;

/// The maximum number of items in a page, if the caller does not set one.
pub const DEFAULT_LIMIT: u32 = 20;

/// The page to read.
#[derive(Debug, Clone, Default)]
pub struct Paging {
    /// The maximum number of items, 1 to 100. Defaults to 20.
    pub limit: Option<u32>,
    /// The cursor of the previous page.
    pub cursor: Option<String>,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// The cursor of the next page. `None` on the last page.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Converts each item of the page.
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
    from: Option<String>,
    only: Option<(String, String)>,
    newest_first: bool,
    pub(crate) most_reads: usize,
}

/// An item that a query found, and its position, from which a cursor is made.
type Found = (Item, Item);

impl Table {
    /// Starts a query over one partition: `table.query(key.pk)`. Strongly consistent unless the table is
    /// [`Table::eventual`].
    pub fn query(&self, pk: impl Into<String>) -> Query {
        Query {
            table: self.clone(),
            listed: false,
            pk: pk.into(),
            prefix: None,
            from: None,
            only: None,
            newest_first: false,
            most_reads: MOST_READS,
        }
    }

    /// Starts a query over a list: the items that name it in [`crate::Entity::list`]. The keys come from the index,
    /// which is eventually consistent. The items are then read from the table, and those that have left the list are
    /// left out. A page takes two calls.
    pub fn list(&self, name: impl Into<String>) -> Query {
        Query { listed: true, ..self.query(name) }
    }
}

impl Query {
    /// Only items whose sort key has this prefix.
    #[must_use]
    pub fn prefix(self, prefix: impl Into<String>) -> Self {
        Self { prefix: Some(prefix.into()), ..self }
    }

    /// Only items from this sort key on. It replaces a prefix.
    #[must_use]
    pub fn from(self, sort: impl Into<String>) -> Self {
        Self { from: Some(sort.into()), prefix: None, ..self }
    }

    /// Only items whose attribute has this value. Other items are left out after they are read, and more items are
    /// read until the page is full.
    #[must_use]
    pub fn only(self, attribute: &str, value: impl Into<String>) -> Self {
        Self { only: Some((attribute.to_owned(), value.into())), ..self }
    }

    /// Sorts the items by descending sort key.
    #[must_use]
    pub fn newest_first(self) -> Self {
        Self { newest_first: true, ..self }
    }

    /// Reads one page. It is full unless it is the last one. A page that leaves out thousands of items in a row can be
    /// short and still have a next page, so that it does not outlast its function.
    ///
    /// # Errors
    /// [`Error::InvalidCursor`] if the cursor was not made for this query.
    pub async fn page<T: DeserializeOwned>(&self, paging: &Paging) -> Result<Page<T>, Error> {
        self.page_of(paging, |items| std::future::ready(Ok(items.into_iter().map(Some).collect()))).await
    }

    /// Reads one page of what `resolve` makes of the items: a value for each of them in their order, or `None` to leave
    /// it out. Filters go there, because a filter that is applied to a page makes it short. The page is as full as in
    /// [`Query::page`].
    ///
    /// # Errors
    /// As for [`Query::page`], and those of `resolve`.
    pub async fn page_of<T, U, E, F>(&self, paging: &Paging, resolve: impl Fn(Vec<T>) -> F) -> Result<Page<U>, E>
    where
        T: DeserializeOwned,
        E: From<Error>,
        F: Future<Output = Result<Vec<Option<U>>, E>>,
    {
        let limit = paging.limit.unwrap_or(DEFAULT_LIMIT) as usize;
        let mut page = Vec::with_capacity(limit);
        let mut start = paging.cursor.as_deref().map(|cursor| self.open(cursor)).transpose()?;
        // With a filter, most of the items that are read may be left out.
        let mut at_once = if self.only.is_some() { MOST_AT_ONCE } else { limit };
        for _ in 0..self.most_reads {
            let (found, last) = self.fetch(Some(at_once), start).await?;
            let (places, items): (Vec<_>, Vec<_>) = found.into_iter().unzip();
            let items = items.into_iter().map(read).collect::<Result<Vec<T>, Error>>()?;
            let mut found =
                places.into_iter().zip(resolve(items).await?).filter_map(|(place, item)| Some((place, item?)));
            while let Some((place, item)) = found.next() {
                page.push(item);
                if page.len() == limit {
                    let more = found.next().is_some() || last.is_some();
                    let next = more.then(|| self.seal(place)).transpose()?;
                    return Ok(Page { items: page, next });
                }
            }
            start = last;
            if start.is_none() {
                break;
            }
            at_once = MOST_AT_ONCE;
        }
        Ok(Page { items: page, next: start.map(|place| self.seal(place)).transpose()? })
    }

    /// Reads the first item of the query, if there is one, in one call.
    pub(crate) async fn first<T: DeserializeOwned>(&self) -> Result<Option<T>, Error> {
        let (found, _) = self.fetch(Some(1), None).await?;
        found.into_iter().next().map(|(_, item)| read(item)).transpose()
    }

    /// Reads all items, in as many calls as needed. Use it only for small results.
    pub async fn all<T: DeserializeOwned>(&self) -> Result<Vec<T>, Error> {
        self.items().await?.into_iter().map(read).collect()
    }

    /// Counts the items of a list by its index, without reading them. Items that have just left the list can still be
    /// counted.
    ///
    /// # Errors
    /// As for every call of the store.
    pub async fn count(&self) -> Result<usize, Error> {
        let (mut all, mut start) = (0, None);
        loop {
            let answer = self.call(start).select(Select::Count).send().await?;
            all += usize::try_from(answer.count).unwrap_or_default();
            match answer.last_evaluated_key {
                Some(last) => start = Some(last),
                None => return Ok(all),
            }
        }
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

    /// The call for the items after `start`.
    fn call(&self, start: Option<Item>) -> QueryFluentBuilder {
        let (pk, sk) = if self.listed { (LIST_NAME, LIST_SORT) } else { ("pk", "sk") };
        let mut condition = "#pk = :pk".to_owned();
        let mut call = self.table.client().query().table_name(self.table.name());
        if let Some(prefix) = &self.prefix {
            condition.push_str(" AND begins_with(#sk, :prefix)");
            call = call
                .expression_attribute_names("#sk", sk)
                .expression_attribute_values(":prefix", AttributeValue::S(prefix.clone()));
        }
        if let Some(from) = &self.from {
            condition.push_str(" AND #sk >= :from");
            call = call
                .expression_attribute_names("#sk", sk)
                .expression_attribute_values(":from", AttributeValue::S(from.clone()));
        }
        call.set_index_name(self.listed.then(|| "lists".to_owned()))
            .consistent_read(self.table.consistent && !self.listed)
            .key_condition_expression(condition)
            .expression_attribute_names("#pk", pk)
            .expression_attribute_values(":pk", AttributeValue::S(self.pk.clone()))
            .scan_index_forward(!self.newest_first)
            .set_exclusive_start_key(start)
    }

    /// The next items of the query, and where the next call begins if there may be more.
    async fn fetch(&self, limit: Option<usize>, start: Option<Item>) -> Result<(Vec<Found>, Option<Item>), Error> {
        let limit = limit.and_then(|limit| i32::try_from(limit).ok());
        let answer = self.call(start).set_limit(limit).send().await?;
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

    /// Reads the items at positions of a list, in the list's order, without those that have left it.
    pub(crate) async fn read_listed(&self, places: Vec<Item>) -> Result<Vec<Found>, Error> {
        let keys = places.iter().map(key_of).collect::<Result<Vec<_>, _>>()?;
        let items = self.table.get_items(&keys).await?.into_iter();
        let mut items = items.map(|item| Ok((key_of(&item)?, item))).collect::<Result<HashMap<_, _>, Error>>()?;
        let found = places.into_iter().zip(&keys).filter_map(|(place, key)| Some((place, items.remove(key)?)));
        Ok(found.filter(|(_, item)| has(item, LIST_NAME, &self.pk)).collect())
    }

    /// The sealing purpose of a cursor. A cursor can be opened only for the list that it was made for.
    fn purpose(&self) -> String {
        let from = self.from.as_ref().map_or_else(String::new, |from| format!(" {from}"));
        format!("cursor {} {} {:?} {:?} {}{from}", self.listed, self.pk, self.prefix, self.only, self.newest_first)
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
