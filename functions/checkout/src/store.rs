//! Keys and queries: the service's only knowledge of its table.

use contracts::{CartId, Sku};
use dynamo::{Due, Entity, Error, Key, Page, Paging, Rows, Table};
use jiff::{SignedDuration, Timestamp};
use lambda::keyring;

use crate::{
    cart::{Cart, IDLE_FOR},
    listing::{Listing, Stock},
    pricing::Shelf,
    promotion::{Promotion, PromotionCode},
    quote::QuoteKeys,
    rates::{Country, ShippingRates, TaxRate},
};

/// How long a cart that nobody touches is kept, and what it stated.
const CART_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

impl Entity for Cart {
    const EVENTS_KEPT: Option<SignedDuration> = Some(CART_KEPT);

    fn key(&self) -> Key {
        cart_key(self.id)
    }

    /// A cart that somebody may come back to is found once it counts as abandoned.
    fn due(&self) -> Option<Timestamp> {
        self.is_waiting().then(|| self.changed_at + IDLE_FOR)
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.changed_at + CART_KEPT)
    }
}

impl Entity for Listing {
    fn key(&self) -> Key {
        listing_key(&self.sku)
    }
}

impl Entity for Stock {
    fn key(&self) -> Key {
        stock_key(&self.sku)
    }
}

impl Entity for Promotion {
    fn key(&self) -> Key {
        promotion_key(&self.code)
    }

    fn list(&self) -> Option<(String, String)> {
        Some(("promotions".to_owned(), format!("{}#{}", self.created_at, self.code)))
    }
}

impl Entity for TaxRate {
    fn key(&self) -> Key {
        tax_key(&self.country)
    }
}

impl Entity for ShippingRates {
    fn key(&self) -> Key {
        shipping_key(&self.country)
    }
}

fn cart_key(id: CartId) -> Key {
    Key::of("cart", id)
}

fn listing_key(sku: &Sku) -> Key {
    Key::of("sku", sku)
}

fn stock_key(sku: &Sku) -> Key {
    Key::of("stock", sku)
}

fn promotion_key(code: &PromotionCode) -> Key {
    Key::of("promotion", code)
}

fn tax_key(country: &Country) -> Key {
    Key::of("tax", country)
}

fn shipping_key(country: &Country) -> Key {
    Key::of("shipping", country)
}

/// What a cart is priced with: 84 keys at most, one call.
fn shelf_keys(cart: &Cart) -> Vec<Key> {
    let lines = cart.lines.iter().flat_map(|line| [listing_key(&line.sku), stock_key(&line.sku)]);
    let to = cart.shipping.iter().flat_map(|to| [tax_key(&to.country), shipping_key(&to.country)]);
    lines.chain(to).chain(cart.promotion.as_ref().map(promotion_key)).collect()
}

/// What a cart is priced with, of what was read.
fn shelf(read: &mut Rows) -> Result<Shelf, Error> {
    Ok(Shelf {
        listings: read.take("sku")?,
        stocks: read.take("stock")?,
        promotion: read.take_one("promotion")?,
        tax: read.take_one("tax")?,
        shipping: read.take_one("shipping")?,
    })
}

/// The service's table.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    table: Table,
}

impl Store {
    pub(crate) fn new(table: Table) -> Self {
        Self { table }
    }

    pub(crate) fn table(&self) -> &Table {
        &self.table
    }

    pub(crate) async fn cart(&self, id: CartId) -> Result<Option<Cart>, Error> {
        self.table.get(&cart_key(id)).await
    }

    /// Two carts, in one call.
    pub(crate) async fn carts(&self, one: CartId, other: CartId) -> Result<[Option<Cart>; 2], Error> {
        let carts: Vec<Cart> = self.table.get_many(&[cart_key(one), cart_key(other)]).await?;
        Ok([one, other].map(|id| carts.iter().find(|cart| cart.id == id).cloned()))
    }

    /// A cart and what is known of a SKU, in one call.
    pub(crate) async fn cart_and_sku(&self, id: CartId, sku: &Sku) -> Result<(Option<Cart>, Shelf), Error> {
        let mut read = self.table.get_rows(&[cart_key(id), listing_key(sku), stock_key(sku)]).await?;
        Ok((read.take_one("cart")?, shelf(&mut read)?))
    }

    /// A cart and the ways of shipping to a country, in one call.
    pub(crate) async fn cart_and_shipping(
        &self,
        id: CartId,
        country: &Country,
    ) -> Result<(Option<Cart>, Option<ShippingRates>), Error> {
        let mut read = self.table.get_rows(&[cart_key(id), shipping_key(country)]).await?;
        Ok((read.take_one("cart")?, read.take_one("shipping")?))
    }

    /// A cart and a promotion, in one call.
    pub(crate) async fn cart_and_promotion(
        &self,
        id: CartId,
        code: &PromotionCode,
    ) -> Result<(Option<Cart>, Option<Promotion>), Error> {
        let mut read = self.table.get_rows(&[cart_key(id), promotion_key(code)]).await?;
        Ok((read.take_one("cart")?, read.take_one("promotion")?))
    }

    /// What a cart is priced with.
    pub(crate) async fn shelf(&self, cart: &Cart) -> Result<Shelf, Error> {
        shelf(&mut self.table.get_rows(&shelf_keys(cart)).await?)
    }

    /// What a cart is priced with, and the keys that its quote can be signed with, in one call.
    pub(crate) async fn shelf_and_keys(&self, cart: &Cart) -> Result<(Shelf, QuoteKeys), Error> {
        let keys: Vec<_> = shelf_keys(cart).into_iter().chain([keyring::key()]).collect();
        let mut read = self.table.get_rows(&keys).await?;
        Ok((shelf(&mut read)?, read.take_one(keyring::key().kind())?.unwrap_or_default()))
    }

    /// What is known of some SKUs, in one call for each hundred.
    pub(crate) async fn listings<'a>(&self, skus: impl IntoIterator<Item = &'a Sku>) -> Result<Vec<Listing>, Error> {
        let keys: Vec<_> = skus.into_iter().map(listing_key).collect();
        self.table.get_many(&keys).await
    }

    /// Carts that nobody came back to for long enough.
    pub(crate) fn idle(&self, now: Timestamp) -> Due<Cart> {
        self.table.due("cart", now)
    }

    pub(crate) async fn promotion(&self, code: &PromotionCode) -> Result<Option<Promotion>, Error> {
        self.table.get(&promotion_key(code)).await
    }

    /// Promotions, newest first.
    pub(crate) async fn promotions(&self, paging: &Paging) -> Result<Page<Promotion>, Error> {
        self.table.list("promotions").newest_first().page(paging).await
    }

    pub(crate) async fn tax_rate(&self, country: &Country) -> Result<Option<TaxRate>, Error> {
        self.table.get(&tax_key(country)).await
    }

    pub(crate) async fn shipping_rates(&self, country: &Country) -> Result<Option<ShippingRates>, Error> {
        self.table.get(&shipping_key(country)).await
    }
}
