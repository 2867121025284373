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
    entity::STATE,
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

/// The sort key of a time in a list that is sorted by age, for [`Query::from`] and [`Query::to`]: after everything that
/// is older than the time, and before everything else. Lists know whole milliseconds, so the time is rounded up to one.
pub fn age(time: Timestamp) -> String {
    let millis = (time.as_nanosecond() + NANOS - 1).div_euclid(NANOS);
    // A list has no time that does not have 13 digits.
    format!("{:013}", millis.clamp(0, 9_999_999_999_999))
}

/// The nanoseconds of a millisecond.
const NANOS: i128 = 1_000_000;

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

/// What a query reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// A partition of the table.
    Partition,
    /// A list of the index `lists`.
    List,
    /// The index `states`.
    States,
}

impl Source {
    /// The index, and its partition and sort key.
    fn keys(self) -> (Option<&'static str>, &'static str, &'static str) {
        match self {
            Self::Partition => (None, "pk", "sk"),
            Self::List => (Some("lists"), LIST_NAME, LIST_SORT),
            Self::States => (Some("states"), "sk", LIST_SORT),
        }
    }

    /// The name in the sealing purpose of a cursor. Clients keep cursors, so it never changes.
    fn purpose(self) -> &'static str {
        match self {
            Self::Partition => "false",
            Self::List => "true",
            Self::States => "states",
        }
    }
}

/// A query over one partition of the table, over one list of its index `lists`, or over its index `states`.
#[derive(Debug, Clone)]
pub struct Query {
    table: Table,
    source: Source,
    pk: String,
    prefix: Option<String>,
    from: Option<String>,
    to: Option<String>,
    /// An attribute, and the values that pass.
    only: Option<(String, Vec<String>)>,
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
            source: Source::Partition,
            pk: pk.into(),
            prefix: None,
            from: None,
            to: None,
            only: None,
            newest_first: false,
            most_reads: MOST_READS,
        }
    }

    /// Starts a query over a list: the items that name it in [`crate::Entity::list`]. The keys come from the index,
    /// which is eventually consistent. The items are then read from the table, and those that have left the list are
    /// left out. A page takes two calls.
    pub fn list(&self, name: impl Into<String>) -> Query {
        Query { source: Source::List, ..self.query(name) }
    }

    /// Starts a query over all entities that have a list, whichever it is, by their sort key in it. Only a table whose
    /// lists are sorted alike has the index `states` for it. Entities have no attribute for this index, which is over `sk` and
    /// `listSort`: it costs one write when an entity is created, and none when it changes. It has one partition, so it
    /// accepts 1,000 new entities a second (`DynamoDB`'s limit).
    pub fn states(&self) -> Query {
        Query { source: Source::States, ..self.query(STATE) }
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

    /// Only items up to this sort key, which must not be before that of [`Query::from`]. It replaces a prefix.
    #[must_use]
    pub fn to(self, sort: impl Into<String>) -> Self {
        Self { to: Some(sort.into()), prefix: None, ..self }
    }

    /// Only items whose attribute has this value. Other items are left out after they are read, and more items are
    /// read until the page is full.
    #[must_use]
    pub fn only(self, attribute: &str, value: impl Into<String>) -> Self {
        self.only_any(attribute, [value])
    }

    /// Only items whose attribute has one of these values, as [`Query::only`].
    #[must_use]
    pub fn only_any<V: Into<String>>(self, attribute: &str, values: impl IntoIterator<Item = V>) -> Self {
        Self { only: Some((attribute.to_owned(), values.into_iter().map(Into::into).collect())), ..self }
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
        let (index, pk, sk) = self.source.keys();
        let mut call = self.table.client().query().table_name(self.table.name());
        let values = [(":prefix", &self.prefix), (":from", &self.from), (":to", &self.to)];
        for (name, value) in values.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))) {
            call = call.expression_attribute_values(name, AttributeValue::S(value));
        }
        let condition = match (&self.prefix, &self.from, &self.to) {
            (Some(_), ..) => "begins_with(#sk, :prefix)",
            (None, Some(_), Some(_)) => "#sk BETWEEN :from AND :to",
            (None, Some(_), None) => "#sk >= :from",
            (None, None, Some(_)) => "#sk <= :to",
            (None, None, None) => "",
        };
        let condition = if condition.is_empty() {
            "#pk = :pk".to_owned()
        } else {
            call = call.expression_attribute_names("#sk", sk);
            format!("#pk = :pk AND {condition}")
        };
        call.set_index_name(index.map(str::to_owned))
            .consistent_read(self.table.consistent && index.is_none())
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
        let mut found = if self.source == Source::Partition {
            found.into_iter().map(|item| Ok((primary(&key_of(&item)?), item))).collect::<Result<_, Error>>()?
        } else {
            self.read_listed(found).await?
        };
        if let Some((attribute, values)) = &self.only {
            found.retain(|(_, item)| values.iter().any(|value| has(item, attribute, value)));
        }
        Ok((found, answer.last_evaluated_key))
    }

    /// Reads the items at positions of a list, in the list's order, without those that have left it.
    pub(crate) async fn read_listed(&self, places: Vec<Item>) -> Result<Vec<Found>, Error> {
        let keys = places.iter().map(key_of).collect::<Result<Vec<_>, _>>()?;
        let items = self.table.get_items(&keys).await?.into_iter();
        let mut items = items.map(|item| Ok((key_of(&item)?, item))).collect::<Result<HashMap<_, _>, Error>>()?;
        let found = places.into_iter().zip(&keys).filter_map(|(place, key)| Some((place, items.remove(key)?)));
        let (_, partition, sort) = self.source.keys();
        Ok(found.filter(|(_, item)| has(item, partition, &self.pk) && item.contains_key(sort)).collect())
    }

    /// The sealing purpose of a cursor. A cursor can be opened only for the list that it was made for.
    fn purpose(&self) -> String {
        let from = self.from.as_ref().map_or_else(String::new, |from| format!(" {from}"));
        let to = self.to.as_ref().map_or_else(String::new, |to| format!(" to {to}"));
        let Self { source, pk, prefix, only, newest_first, .. } = self;
        // One value is written as before there could be several.
        let only = match only {
            Some((attribute, values)) if values.len() == 1 => format!("{:?}", Some((attribute, &values[0]))),
            only => format!("{only:?}"),
        };
        format!("cursor {} {pk} {prefix:?} {only} {newest_first}{from}{to}", source.purpose())
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
