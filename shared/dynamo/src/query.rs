//! Queries: one partition, in order, page by page.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use contracts::Sealed;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Error, Table,
    table::{Item, read},
};

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

/// A query over one partition of the table or of its index.
#[derive(Debug, Clone)]
pub struct Query {
    table: Table,
    index: bool,
    pk: String,
    prefix: Option<String>,
    only: Option<(String, String)>,
    newest_first: bool,
}

impl Table {
    /// Starts a query over one partition: `table.query(key.pk)`.
    pub fn query(&self, pk: impl Into<String>) -> Query {
        Query::partition(self.clone(), pk.into())
    }

    /// Starts a query over one partition of the index: eventually consistent.
    pub fn query_index(&self, gsi1pk: impl Into<String>) -> Query {
        Query { index: true, ..Query::partition(self.clone(), gsi1pk.into()) }
    }
}

impl Query {
    fn partition(table: Table, pk: String) -> Self {
        Self { table, index: false, pk, prefix: None, only: None, newest_first: false }
    }

    /// Only items whose sort key begins so.
    #[must_use]
    pub fn prefix(self, prefix: impl Into<String>) -> Self {
        Self { prefix: Some(prefix.into()), ..self }
    }

    /// Only items whose attribute has a value. The store drops the others after it read them, so a page
    /// may be short, or empty, and still have a next one.
    #[must_use]
    pub fn only(self, attribute: &str, value: impl Into<String>) -> Self {
        Self { only: Some((attribute.to_owned(), value.into())), ..self }
    }

    /// From the greatest sort key down.
    #[must_use]
    pub fn newest_first(self) -> Self {
        Self { newest_first: true, ..self }
    }

    /// One page.
    ///
    /// # Errors
    /// [`Error::InvalidCursor`] for a cursor that was not made for this very query.
    pub async fn page<T: DeserializeOwned>(&self, paging: &Paging) -> Result<Page<T>, Error> {
        let limit = paging.limit.unwrap_or(DEFAULT_LIMIT);
        let start = paging.cursor.as_deref().map(|cursor| self.open(cursor)).transpose()?;
        let (items, last) = self.fetch(i32::try_from(limit).ok(), start).await?;
        let next = last.map(|last| self.seal(last)).transpose()?;
        Ok(Page { items: items.into_iter().map(read).collect::<Result<_, _>>()?, next })
    }

    /// Everything, in as many calls as it takes: for what is known to be small.
    pub async fn all<T: DeserializeOwned>(&self) -> Result<Vec<T>, Error> {
        let (mut all, mut start) = (Vec::new(), None);
        loop {
            let (items, last) = self.fetch(None, start).await?;
            for item in items {
                all.push(read(item)?);
            }
            match last {
                Some(last) => start = Some(last),
                None => return Ok(all),
            }
        }
    }

    async fn fetch(&self, limit: Option<i32>, start: Option<Item>) -> Result<(Vec<Item>, Option<Item>), Error> {
        let (pk, sk) = if self.index { ("gsi1pk", "gsi1sk") } else { ("pk", "sk") };
        let mut condition = "#pk = :pk".to_owned();
        let mut call = self.table.client().query().table_name(self.table.name());
        if let Some(prefix) = &self.prefix {
            condition.push_str(" AND begins_with(#sk, :prefix)");
            call = call
                .expression_attribute_names("#sk", sk)
                .expression_attribute_values(":prefix", AttributeValue::S(prefix.clone()));
        }
        if let Some((attribute, value)) = &self.only {
            call = call
                .filter_expression("#only = :only")
                .expression_attribute_names("#only", attribute)
                .expression_attribute_values(":only", AttributeValue::S(value.clone()));
        }
        let answer = call
            .set_index_name(self.index.then(|| "gsi1".to_owned()))
            .consistent_read(!self.index)
            .key_condition_expression(condition)
            .expression_attribute_names("#pk", pk)
            .expression_attribute_values(":pk", AttributeValue::S(self.pk.clone()))
            .scan_index_forward(!self.newest_first)
            .set_limit(limit)
            .set_exclusive_start_key(start)
            .send()
            .await?;
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key))
    }

    /// A cursor opens only for the list that it was made for: nobody pages through another's.
    fn purpose(&self) -> String {
        format!("cursor {} {} {:?} {:?} {}", self.index, self.pk, self.prefix, self.only, self.newest_first)
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
