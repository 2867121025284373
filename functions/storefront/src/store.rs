//! The keys and queries of the service's table.

use contracts::{CartId, ProductId, Sku, UserId};
use dynamo::{Commit, Entity, Error, Key, Paging, RequestContext, Table, by_age};
use jiff::{SignedDuration, Timestamp};

use crate::{
    aisle::Aisles,
    item::{Item, Stock},
    session::{Session, session_key, sessions_of},
};

/// The list of the products on sale, by age.
const NEW: &str = "new";
/// The time for which the cart of an account is known. Checkout keeps a cart for as long after its last change.
const BASKET_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How many sessions of an account are shown.
const MOST_SESSIONS: u32 = 100;
/// How many keys are read at once.
const MOST_KEYS: usize = 100;

impl Entity for Item {
    fn key(&self) -> Key {
        item_key(self.id)
    }

    fn list(&self) -> Option<(String, String)> {
        self.on_sale().map(|_| (NEW.to_owned(), by_age(self.since, self.id)))
    }
}

impl Entity for Stock {
    fn key(&self) -> Key {
        stock_key(&self.sku)
    }
}

impl Entity for Aisles {
    fn key(&self) -> Key {
        aisles_key()
    }
}

/// The product that a SKU belongs to. A SKU never moves to another product.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Owner {
    pub(crate) sku: Sku,
    pub(crate) product: ProductId,
}

impl Entity for Owner {
    fn key(&self) -> Key {
        owner_key(&self.sku)
    }
}

/// The cart of an account, for its next session.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Basket {
    account: UserId,
    cart: CartId,
    since: Timestamp,
}

impl Entity for Basket {
    fn key(&self) -> Key {
        basket_key(self.account)
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.since + BASKET_KEPT)
    }
}

impl Basket {
    fn of(session: &Session, now: Timestamp) -> Option<Self> {
        session.own_basket().map(|(account, cart)| Self { account, cart, since: now })
    }
}

fn basket_key(account: UserId) -> Key {
    Key::of("basket", account)
}

fn item_key(product: ProductId) -> Key {
    Key::of("item", product)
}

fn stock_key(sku: &Sku) -> Key {
    Key::of("stock", sku)
}

fn owner_key(sku: &Sku) -> Key {
    Key::of("owner", sku)
}

fn aisles_key() -> Key {
    Key::of("aisles", "all")
}

/// What a page reads at once.
#[derive(Debug, Default)]
pub(crate) struct Around {
    pub(crate) aisles: Aisles,
    pub(crate) items: Vec<Item>,
    pub(crate) session: Option<Session>,
}

/// The service's table.
#[derive(Debug, Clone)]
pub(crate) struct Store(Table);

impl Store {
    pub(crate) fn new(table: Table) -> Self {
        Self(table)
    }

    pub(crate) fn table(&self) -> &Table {
        &self.0
    }

    /// The aisles, for a page. They may be a moment old.
    pub(crate) async fn aisles(&self) -> Result<Aisles, Error> {
        Ok(self.aisles_and_items(&[]).await?.0)
    }

    /// The aisles, to change them.
    pub(crate) async fn latest_aisles(&self) -> Result<Aisles, Error> {
        Ok(self.0.get(&aisles_key()).await?.unwrap_or_default())
    }

    /// The aisles and some products, in the order of their ids.
    pub(crate) async fn aisles_and_items(&self, products: &[ProductId]) -> Result<(Aisles, Vec<Item>), Error> {
        let Around { aisles, items, .. } = self.around(products, None).await?;
        Ok((aisles, items))
    }

    /// The aisles, some products in the order of their ids, and a session, for a page that does nothing with the session
    /// but show it. All of it may be a moment old.
    pub(crate) async fn around(&self, products: &[ProductId], session: Option<&str>) -> Result<Around, Error> {
        let keys = [aisles_key()].into_iter().chain(session.map(session_key));
        let keys: Vec<_> = keys.chain(products.iter().map(|id| item_key(*id))).collect();
        let mut rows = self.0.eventual().get_rows(&keys).await?;
        let mut items: Vec<Item> = rows.take("item")?;
        items.sort_by_key(|item| products.iter().position(|id| *id == item.id));
        Ok(Around { aisles: rows.take_one("aisles")?.unwrap_or_default(), items, session: rows.take_one("session")? })
    }

    /// The products that went on sale last.
    pub(crate) async fn newest(&self, limit: u32) -> Result<Vec<Item>, Error> {
        let paging = Paging { limit: Some(limit), cursor: None };
        Ok(self.0.eventual().list(NEW).newest_first().page(&paging).await?.items)
    }

    /// The products that went on sale last, as many as there are.
    pub(crate) async fn all_newest(&self, most: usize) -> Result<Vec<Item>, Error> {
        let mut paging = Paging { limit: Some(100), cursor: None };
        let mut items = Vec::new();
        loop {
            let page = self.0.eventual().list(NEW).newest_first().page(&paging).await?;
            items.extend(page.items);
            paging.cursor = page.next.filter(|_| items.len() < most);
            if paging.cursor.is_none() {
                items.truncate(most);
                return Ok(items);
            }
        }
    }

    /// A product, to change it.
    pub(crate) async fn item(&self, product: ProductId) -> Result<Option<Item>, Error> {
        self.0.get(&item_key(product)).await
    }

    /// The latest stock of SKUs.
    pub(crate) async fn stocks(&self, skus: &[Sku]) -> Result<Vec<Stock>, Error> {
        let mut stocks = Vec::with_capacity(skus.len());
        for skus in skus.chunks(MOST_KEYS) {
            let keys: Vec<_> = skus.iter().map(stock_key).collect();
            stocks.extend(self.0.get_many::<Stock>(&keys).await?);
        }
        Ok(stocks)
    }

    /// The product that a SKU belongs to.
    pub(crate) async fn owner(&self, sku: &Sku) -> Result<Option<ProductId>, Error> {
        Ok(self.0.get::<Owner>(&owner_key(sku)).await?.map(|owner| owner.product))
    }

    /// A session by its id.
    pub(crate) async fn session(&self, id: &str) -> Result<Option<Session>, Error> {
        self.0.get(&session_key(id)).await
    }

    /// The sessions of an account, the newest first. They may be a moment old.
    pub(crate) async fn sessions(&self, account: UserId, now: Timestamp) -> Result<Vec<Session>, Error> {
        let paging = Paging { limit: Some(MOST_SESSIONS), cursor: None };
        let page = self.0.eventual().list(sessions_of(account)).newest_first().page::<Session>(&paging).await?;
        Ok(page.items.into_iter().filter(|session| !session.has_ended(now)).collect())
    }

    /// Saves a session, and returns it at its new version.
    pub(crate) async fn keep(&self, session: Session, context: &RequestContext) -> Result<Session, Error> {
        let commit = self.0.commit(context).save(&session);
        let version = commit.version();
        commit.run().await?;
        Ok(session.at(version))
    }

    /// Saves a session with a new cart. An account has it in its next session too.
    pub(crate) async fn keep_basket(&self, session: Session, context: &RequestContext) -> Result<(), Error> {
        let commit = self.0.commit(context).save(&session);
        Basket::of(&session, context.now).iter().fold(commit, Commit::put_record).run().await.map(|_| ())
    }

    /// Starts a session in the place of another one.
    pub(crate) async fn replace_session(
        &self,
        old: Option<&str>,
        session: &Session,
        context: &RequestContext,
    ) -> Result<(), Error> {
        let commit = self.0.commit(context).save(session);
        let commit = Basket::of(session, context.now).iter().fold(commit, Commit::put_record);
        old.map(session_key).iter().fold(commit, Commit::delete).run().await.map(|_| ())
    }

    /// The cart of an account.
    pub(crate) async fn basket(&self, account: UserId) -> Result<Option<CartId>, Error> {
        Ok(self.0.get::<Basket>(&basket_key(account)).await?.map(|basket| basket.cart))
    }

    /// Removes a session.
    pub(crate) async fn end_session(&self, id: &str, context: &RequestContext) -> Result<(), Error> {
        self.0.commit(context).delete(&session_key(id)).run().await.map(|_| ())
    }

    /// Notes which product SKUs belong to.
    pub(crate) async fn own(&self, product: ProductId, skus: &[Sku], context: &RequestContext) -> Result<(), Error> {
        for skus in skus.chunks(MOST_KEYS) {
            let keys: Vec<_> = skus.iter().map(owner_key).collect();
            let known = self.0.get_many::<Owner>(&keys).await?;
            let new = skus.iter().filter(|sku| !known.iter().any(|owner| owner.sku == **sku));
            let owners: Vec<_> = new.map(|sku| Owner { sku: sku.clone(), product }).collect();
            if !owners.is_empty() {
                owners.iter().fold(self.0.commit(context), dynamo::Commit::put_record).run().await?;
            }
        }
        Ok(())
    }
}
