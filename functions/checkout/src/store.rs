//! The keys and queries of the service's table.

mod uses;

use std::collections::BTreeMap;

use contracts::{CartId, PromotionId, QuoteId, Sku};
use dynamo::{Commit, Entity, Error, Key, OverdueScan, Page, Paging, RequestContext, Rows, Table, by_age};
use jiff::{SignedDuration, Timestamp};
use lambda::{Problem, keyring};
use serde::Deserialize;

use crate::{
    cart::{Cart, IDLE_FOR, Status},
    kept::KeptQuote,
    listing::{Listing, Stock},
    price_list::PriceLists,
    pricing::PricingContext,
    promotion::{Automatic, Promotion, PromotionCode, Redemption, Usage},
    quote::QuoteKeys,
    rates::{Country, ShippingRates, TaxRates},
};
pub(crate) use uses::save_counted;
use uses::{redemption_key, usage_key, uses_of, with_limits};

/// The time for which an unchanged cart and its events are kept.
const CART_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// The time for which a cart is kept after everything in it was ordered. It contains an address. Its order is dispatched
/// or cancelled within a week, and the event of that arrives within another, even from a dead-letter queue.
const ORDERED_CART_KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);
/// The time for which a quote can be read and calculated again.
const QUOTE_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// The list of promotions. Those that were stored before promotions had ids are in another one.
const PROMOTIONS: &str = "promotions-by-id";

impl Entity for Cart {
    const EVENTS_KEPT: Option<SignedDuration> = Some(CART_KEPT);

    fn key(&self) -> Key {
        cart_key(self.id)
    }

    /// An open cart is found when it counts as abandoned.
    fn due(&self) -> Option<Timestamp> {
        self.is_waiting().then(|| self.changed_at + IDLE_FOR)
    }

    fn expires(&self) -> Option<Timestamp> {
        let kept = if self.status == Status::Ordered { ORDERED_CART_KEPT } else { CART_KEPT };
        Some(self.changed_at + kept)
    }
}

impl Entity for Listing {
    fn key(&self) -> Key {
        listing_key(&self.sku)
    }
}

impl Entity for PriceLists {
    fn key(&self) -> Key {
        price_lists_key()
    }
}

impl Entity for Stock {
    fn key(&self) -> Key {
        stock_key(&self.sku)
    }
}

impl Entity for Promotion {
    fn key(&self) -> Key {
        promotion_key(self.id)
    }

    fn list(&self) -> Option<(String, String)> {
        Some((PROMOTIONS.to_owned(), by_age(self.created_at, self.id)))
    }
}

impl Entity for Automatic {
    fn key(&self) -> Key {
        automatic_key()
    }
}

impl Entity for KeptQuote {
    fn key(&self) -> Key {
        kept_quote_key(self.id)
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.made_at + QUOTE_KEPT)
    }
}

/// The promotion that has a code.
#[derive(Deserialize)]
struct CodeHolder {
    id: PromotionCode,
    holder: PromotionId,
}

impl Entity for TaxRates {
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

fn price_lists_key() -> Key {
    Key::of("price-lists", "all")
}

fn stock_key(sku: &Sku) -> Key {
    Key::of("stock", sku)
}

fn promotion_key(id: PromotionId) -> Key {
    Key::of("promotion", id)
}

pub(crate) fn code_key(code: &PromotionCode) -> Key {
    Key::of("code", code)
}

fn kept_quote_key(id: QuoteId) -> Key {
    Key::of("quote", id)
}

fn automatic_key() -> Key {
    Key::of("automatic", "promotions")
}

fn tax_key(country: &Country) -> Key {
    Key::of("tax", country)
}

fn shipping_key(country: &Country) -> Key {
    Key::of("shipping", country)
}

/// The keys of the data that a cart is priced with: at most 99, read in one call.
fn pricing_keys(cart: &Cart, country: Option<&Country>) -> Vec<Key> {
    let lines = cart.lines.iter().flat_map(|line| [listing_key(&line.sku), stock_key(&line.sku)]);
    let to = country.into_iter().flat_map(|country| [tax_key(country), shipping_key(country)]);
    let promotions = cart.promotions.iter().map(|applied| applied.promotion);
    let promotions =
        promotions.flat_map(|id| [promotion_key(id), usage_key(id), redemption_key(id, cart.id, cart.generation)]);
    lines.chain(to).chain(promotions).chain([automatic_key(), price_lists_key()]).collect()
}

/// The data that a cart is priced with, from the items that were read, if it is shipped to a country.
fn pricing(read: &mut Rows, cart: &Cart, country: Option<&Country>) -> Result<PricingContext, Error> {
    let codes: Vec<_> = cart.promotions.iter().map(|applied| applied.promotion).collect();
    Ok(PricingContext {
        country: country.cloned(),
        groups: Vec::new(),
        price_lists: read.take_one("price-lists")?.unwrap_or_default(),
        listings: read.take("sku")?,
        stocks: read.take("stock")?,
        promotions: read.take("promotion")?,
        automatic: read.take_one::<Automatic>("automatic")?.unwrap_or_default().promotions,
        uses: uses_of(read, &codes, cart.id, cart.generation)?,
        tax: read.take_one("tax")?,
        shipping: read.take_one("shipping")?,
    })
}

/// The table of the service.
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

    /// Reads a cart, and the cart that its lines are in if it was merged.
    pub(crate) async fn cart_and_target(&self, id: CartId) -> Result<(Option<Cart>, Option<Cart>), Error> {
        let Some(cart) = self.cart(id).await? else { return Ok((None, None)) };
        let (mut next, mut target) = (cart.merged_into, None);
        while let Some(id) = next {
            target = self.cart(id).await?;
            next = target.as_ref().and_then(|target: &Cart| target.merged_into);
        }
        Ok((Some(cart), target))
    }

    /// Saves a cart, and the cart that its lines are in if it was merged.
    pub(crate) fn save_with_target<'a>(
        &'a self,
        cart: &Cart,
        target: Option<&Cart>,
        context: &'a RequestContext,
    ) -> Commit<'a> {
        let commit = self.table.commit(context).save(cart);
        target.into_iter().fold(commit, Commit::save)
    }

    /// Reads two carts in one call.
    pub(crate) async fn carts(&self, one: CartId, other: CartId) -> Result<[Option<Cart>; 2], Error> {
        let carts: Vec<Cart> = self.table.get_many(&[cart_key(one), cart_key(other)]).await?;
        Ok([one, other].map(|id| carts.iter().find(|cart| cart.id == id).cloned()))
    }

    /// Reads a cart and the read model of a SKU in one call.
    pub(crate) async fn cart_and_sku(&self, id: CartId, sku: &Sku) -> Result<(Option<Cart>, PricingContext), Error> {
        let keys = [cart_key(id), listing_key(sku), stock_key(sku), price_lists_key()];
        let mut read = self.table.get_rows(&keys).await?;
        let cart: Option<Cart> = read.take_one("cart")?;
        let pricing = PricingContext {
            country: cart.as_ref().and_then(Cart::country).cloned(),
            price_lists: read.take_one("price-lists")?.unwrap_or_default(),
            listings: read.take("sku")?,
            stocks: read.take("stock")?,
            ..PricingContext::default()
        };
        Ok((cart, pricing))
    }

    /// Reads a cart and the promotion of a code.
    pub(crate) async fn cart_and_promotion(
        &self,
        id: CartId,
        code: &PromotionCode,
    ) -> Result<(Option<Cart>, Option<Promotion>), Error> {
        let mut read = self.table.get_rows(&[cart_key(id), code_key(code)]).await?;
        let promotion = match read.take_one("code")? {
            Some(CodeHolder { holder, .. }) => self.table.get(&promotion_key(holder)).await?,
            None => None,
        };
        Ok((read.take_one("cart")?, promotion))
    }

    /// The data that a cart is priced with until there is a quote.
    pub(crate) async fn pricing(&self, cart: &Cart) -> Result<PricingContext, Error> {
        self.pricing_to(cart, cart.country()).await
    }

    /// The data that a cart is priced with if it is shipped to a country.
    pub(crate) async fn pricing_to(&self, cart: &Cart, country: Option<&Country>) -> Result<PricingContext, Error> {
        let table = self.table.eventual();
        let pricing = pricing(&mut table.get_rows(&pricing_keys(cart, country)).await?, cart, country)?;
        with_limits(&table, cart, pricing).await
    }

    /// Reads the data that a cart is priced with and the keys that can sign its quote, in one call.
    pub(crate) async fn pricing_and_keys(&self, cart: &Cart) -> Result<(PricingContext, QuoteKeys), Error> {
        let keys: Vec<_> = pricing_keys(cart, cart.country()).into_iter().chain([keyring::key()]).collect();
        let mut read = self.table.get_rows(&keys).await?;
        let pricing = with_limits(&self.table, cart, pricing(&mut read, cart, cart.country())?).await?;
        Ok((pricing, read.take_one(keyring::key().kind())?.unwrap_or_default()))
    }

    /// The uses of promotions by a generation of a cart.
    pub(crate) async fn uses(
        &self,
        promotions: &[PromotionId],
        cart: CartId,
        generation: u64,
    ) -> Result<Vec<(Redemption, Vec<Usage>)>, Error> {
        uses::uses(&self.table, promotions, cart, generation).await
    }

    /// The uses that may have lapsed.
    pub(crate) fn unordered(&self, now: Timestamp) -> OverdueScan<Redemption> {
        self.table.due("redemption", now)
    }

    pub(crate) async fn kept_quote(&self, id: QuoteId) -> Result<Option<KeptQuote>, Error> {
        self.table.get(&kept_quote_key(id)).await
    }

    /// A page of the kept quotes, and the key after which the next one begins. It reads the whole table.
    pub(crate) async fn kept_quotes(&self, after: Option<&Key>) -> Result<(Vec<KeptQuote>, Option<Key>), Error> {
        self.table.scan("quote", after).await
    }

    /// Reads the read model of some SKUs, and that of the price lists, with one call per hundred.
    pub(crate) async fn listings_and_lists<'a>(
        &self,
        skus: impl IntoIterator<Item = &'a Sku>,
    ) -> Result<(Vec<Listing>, PriceLists), Error> {
        let keys: Vec<_> = skus.into_iter().map(listing_key).chain([price_lists_key()]).collect();
        let mut rows = self.table.get_rows(&keys).await?;
        Ok((rows.take("sku")?, rows.take_one("price-lists")?.unwrap_or_default()))
    }

    /// The read model of the price lists.
    pub(crate) async fn price_lists(&self) -> Result<PriceLists, Error> {
        Ok(self.table.get(&price_lists_key()).await?.unwrap_or_default())
    }

    /// The carts that count as abandoned.
    pub(crate) fn idle(&self, now: Timestamp) -> OverdueScan<Cart> {
        self.table.due("cart", now)
    }

    /// A promotion, and how often it is used.
    pub(crate) async fn promotion(&self, id: PromotionId) -> Result<Option<(Promotion, Usage)>, Error> {
        let mut read = self.table.get_rows(&[promotion_key(id), usage_key(id)]).await?;
        let usage = read.take_one("usage")?.unwrap_or_else(|| Usage::none(id));
        Ok(read.take_one("promotion")?.map(|promotion| (promotion, usage)))
    }

    /// A promotion, and the promotions that have some of these codes.
    pub(crate) async fn promotion_and_holders(
        &self,
        id: PromotionId,
        codes: &[PromotionCode],
    ) -> Result<(Option<Promotion>, BTreeMap<PromotionCode, PromotionId>), Error> {
        let keys: Vec<_> = codes.iter().map(code_key).chain([promotion_key(id)]).collect();
        let mut read = self.table.get_rows(&keys).await?;
        let holders = read.take::<CodeHolder>("code")?.into_iter();
        Ok((read.take_one("promotion")?, holders.map(|code| (code.id, code.holder)).collect()))
    }

    /// The automatic promotions that had not ended at the last change of one of them.
    async fn automatic(&self) -> Result<Automatic, Error> {
        Ok(self.table.get(&automatic_key()).await?.unwrap_or_default())
    }

    /// Adds the copy of a promotion to a commit, if it is automatic.
    pub(crate) async fn copy<'a>(
        &'a self,
        commit: Commit<'a>,
        promotion: &Promotion,
        now: Timestamp,
    ) -> Result<Commit<'a>, Problem> {
        Ok(match &promotion.code {
            Some(_) => commit,
            None => commit.save(&self.automatic().await?.with(promotion, now)?),
        })
    }

    /// Promotions with how often each is used, newest first.
    pub(crate) async fn promotions(&self, paging: &Paging) -> Result<Page<(Promotion, Usage)>, Error> {
        let page: Page<Promotion> = self.table.list(PROMOTIONS).newest_first().page(paging).await?;
        let counted = page.items.iter().filter(|promotion| promotion.is_counted());
        let keys: Vec<_> = counted.map(|promotion| usage_key(promotion.id)).collect();
        let mut usages: Vec<Usage> = self.table.eventual().get_many(&keys).await?;
        Ok(page.map(|promotion| {
            let at = usages.iter().position(|usage| usage.promotion == promotion.id);
            let usage = at.map_or_else(|| Usage::none(promotion.id), |at| usages.swap_remove(at));
            (promotion, usage)
        }))
    }

    pub(crate) async fn tax_rates(&self, country: &Country) -> Result<Option<TaxRates>, Error> {
        self.table.get(&tax_key(country)).await
    }

    pub(crate) async fn shipping_rates(&self, country: &Country) -> Result<Option<ShippingRates>, Error> {
        self.table.get(&shipping_key(country)).await
    }
}
