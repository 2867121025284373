//! Visits of the pages that need the cookie of a visitor, and their forms, which need what the page has hidden in them.
//! Scenarios cannot have either.

use std::{cell::RefCell, collections::BTreeMap, time::Duration};

use anyhow::{Context, Result, ensure};
use lambda::AS_JSON;
use serde_json::Value;

use crate::{
    Stack,
    browser::{Browser, Page},
    demo, quiet,
    scenarios::{Run, StackWorld, World as _},
};

/// A time after which the token of a session is replaced.
const STALE: Duration = Duration::from_mins(10);
const PERSON: [(&str, &str); 3] =
    [("name", "Ada Lovelace"), ("email", "ada@souk.example"), ("password", "a lamp for the hall")];
const ADDRESS: [(&str, &str); 5] =
    [("country", "DE"), ("name", "Ada Lovelace"), ("line1", "Torstraße 12"), ("postcode", "10115"), ("city", "Berlin")];

/// Visitors of a stack.
struct Visits<'a> {
    stack: &'a Stack,
    world: &'a StackWorld<'a>,
    browser: Browser,
    product: String,
    /// What pages show, by their functions.
    shown: RefCell<BTreeMap<&'static str, Value>>,
}

/// Visits every page with a session, sends every form, and returns what the pages show, by their functions. In a stack whose
/// time passes, each page is also visited with a token to replace.
///
/// # Errors
/// If a page fails, or a form is refused.
pub(crate) async fn all(stack: &Stack, world: &StackWorld<'_>) -> Result<BTreeMap<&'static str, Value>> {
    let shelf = Run::new(world);
    shelf.run("adjust-stock").await?;
    let product = shelf.name("productId").await?;
    let product = format!("/products/{}", product.as_str().unwrap_or_default());
    quiet::settled(stack).await?;
    let visits = Visits { stack, world, browser: Browser::new(stack.client()), product, shown: RefCell::default() };
    visits.buy().await.context("a guest buys")?;
    visits.register().await.context("a guest registers")?;
    let order = Run::new(world);
    order.run("place-order").await?;
    quiet::settled(stack).await?;
    let id = async |name| Ok::<_, anyhow::Error>(order.name(name).await?.as_str().unwrap_or_default().to_owned());
    visits.sell().await.context("a merchant works")?;
    visits.deliver(&id("shipmentId").await?).await.context("a courier works")?;
    visits.support(&id("orderId").await?).await.context("support works")?;
    Ok(visits.shown.into_inner())
}

impl Visits<'_> {
    /// The page of a function.
    async fn page(&self, function: &'static str, path: &str) -> Result<Page> {
        let json = self.browser.visit(&format!("{AS_JSON}{}", path.trim_start_matches('/'))).await?;
        if let Ok(shown) = serde_json::from_str(&json.html)
            && json.status == 200
        {
            self.shown.borrow_mut().insert(function, shown);
        }
        if self.world.keeps_time() {
            self.world.pass(STALE).await?;
        }
        let page = self.browser.visit(path).await?;
        ensure!(page.status == 200, "{path} is {}: {}", page.status, page.html);
        Ok(page)
    }

    /// A form of a page that leads elsewhere.
    async fn send(&self, page: &Page, action: &str, control: &str, values: &[(&str, &str)]) -> Result<Page> {
        let next = self.browser.submit(page, action, control, values).await?;
        ensure!(next.status == 200, "{action} leads to {} with {}: {}", next.path, next.status, next.html);
        Ok(next)
    }

    async fn add(&self) -> Result<Page> {
        let page = self.browser.visit(&self.product).await?;
        self.send(&page, &page.path, "sku", &[]).await
    }

    async fn buy(&self) -> Result<()> {
        self.add().await?;
        for (function, path) in [
            ("show-product", self.product.as_str()),
            ("show-home", "/"),
            ("show-listing", "/search?q=lamp"),
            ("choose-currency", "/currency"),
            ("show-terms", "/terms"),
            ("show-withdrawal", "/withdrawal"),
        ] {
            self.page(function, path).await?;
        }
        let basket = self.page("show-basket", "/basket").await?;
        self.send(&basket, "/basket", "quantity", &[("quantity", "2")]).await?;
        let page = self.page("show-checkout-address", "/checkout/address").await?;
        self.send(&page, "/checkout/address", "country", &ADDRESS).await?;
        let page = self.page("show-checkout-shipping", "/checkout/shipping").await?;
        self.send(&page, "/checkout/shipping", "option", &[]).await?;
        let page = self.page("show-checkout-payment", "/checkout/payment").await?;
        self.send(&page, "/checkout/payment", "method", &[("method", "pm_card_visa")]).await?;
        let review = self.page("show-checkout-review", "/checkout/review").await?;
        let order = self.send(&review, "/checkout/review", "quote", &[]).await?.path;
        quiet::settled(self.stack).await?;
        self.page("show-orders", "/orders").await?;
        let page = self.page("show-order", &order).await?;
        self.page("show-order-live", &format!("/fragments{order}/live")).await?;
        self.send(&page, &order, "reason", &[("action", "cancel")]).await?;
        quiet::settled(self.stack).await
    }

    async fn register(&self) -> Result<()> {
        self.add().await?;
        let page = self.page("show-registration", "/register").await?;
        self.send(&page, "/register", "password", &PERSON).await?;
        let page = self.page("show-account", "/account").await?;
        self.send(&page, "/account", "name", &[("name", "Ada Byron")]).await?;
        let new = "/account/addresses/new";
        let page = self.page("show-address", new).await?;
        let page = self.send(&page, new, "country", &ADDRESS).await?;
        let saved = page.link("/account/addresses/adr_").context("there is no address")?;
        let page = self.page("show-address", &saved).await?;
        self.send(&page, &saved, "country", &[("line1", "Torstraße 13")]).await?;
        let page = self.page("show-addresses", "/account/addresses").await?;
        self.send(&page, "/account/addresses", "address", &[]).await?;
        let page = self.browser.visit("/account/payment-methods").await?;
        self.send(&page, "/account/payment-methods", "method", &[]).await?;
        let page = self.page("show-payment-methods", "/account/payment-methods").await?;
        self.send(&page, "/account/payment-methods", "remove", &[]).await?;
        let other = Browser::new(self.stack.client());
        let page = other.visit("/sign-in").await?;
        other.submit(&page, "/sign-in", "password", &PERSON[1..]).await?;
        let page = self.page("show-sessions", "/account/sessions").await?;
        self.send(&page, "/account/sessions", "session", &[]).await?;
        let page = self.page("show-sign-out", "/sign-out").await?;
        self.send(&page, "/sign-out", "csrf", &[]).await?;
        // The cart of the account takes what the guest brings. It has the two of the order that was cancelled, and one more.
        self.add().await?;
        let page = self.page("show-sign-in", "/sign-in").await?;
        self.send(&page, "/sign-in", "password", &PERSON[1..]).await?;
        let basket = self.browser.visit("/basket").await?;
        ensure!(basket.html.contains("value=\"4\""), "the baskets are not one: {}", basket.html);
        Ok(())
    }

    /// Signs in with the demo account of a role.
    async fn work(&self, role: &str) -> Result<()> {
        let page = self.browser.visit("/sign-out").await?;
        if page.path == "/sign-out" {
            self.send(&page, "/sign-out", "csrf", &[]).await?;
        }
        let page = self.browser.visit("/sign-in").await?;
        let account = [("email", &*format!("{role}@souk.example")), ("password", demo::PASSWORD)];
        self.send(&page, "/sign-in", "password", &account).await.map(|_| ())
    }

    async fn sell(&self) -> Result<()> {
        self.work("merchant").await?;
        self.page("show-desk", "/desk").await?;
        self.page("show-desk-products", "/desk/products").await?;
        self.page("show-desk-orders", "/desk/orders").await?;
        let product = format!("/desk{}", self.product);
        let page = self.page("show-desk-product", &product).await?;
        let page = self.send(&page, &product, "version", &[("action", "prices")]).await?;
        let adjustment = [("delta", "5"), ("reason", "received"), ("action", "adjust")];
        self.send(&page, &product, "delta", &adjustment).await?;
        let new = "/desk/promotions/new";
        let page = self.page("show-desk-promotion", new).await?;
        let code = [("code", "VISIT10"), ("value", "10"), ("name", "Ten off")];
        self.send(&page, new, "kind", &code).await?;
        let page = self.page("show-desk-promotions", "/desk/promotions").await?;
        self.send(&page, "/desk/promotions", "csrf", &[]).await?;
        let page = self.page("show-desk-imports", "/desk/imports").await?;
        let file = [("csv", "title,sku,price.EUR\nHat,VISIT-HAT,1250\nCap,VISIT-CAP,no\n")];
        let import = self.send(&page, "/desk/imports", "csv", &file).await?.path;
        quiet::settled(self.stack).await?;
        self.page("show-desk-import", &import).await?;
        let import = import.split('?').next().unwrap_or_default();
        self.page("show-desk-import-live", &format!("/fragments{}/live", import.trim_start_matches("/desk"))).await?;
        self.page("get-import-errors", &format!("{import}/errors")).await.map(|_| ())
    }

    async fn deliver(&self, shipment: &str) -> Result<()> {
        self.work("courier").await?;
        self.page("show-deliveries", "/deliveries").await?;
        let path = format!("/deliveries/{shipment}");
        let page = self.page("show-delivery", &path).await?;
        let page = self.send(&page, &path, "key", &[("action", "take-over")]).await?;
        self.send(&page, &path, "key", &[("action", "dispatch")]).await?;
        quiet::settled(self.stack).await
    }

    async fn support(&self, order: &str) -> Result<()> {
        self.work("support").await?;
        self.page("show-support", "/support?q=ada@souk.example").await?;
        let path = format!("/support/orders/{order}");
        let page = self.page("show-support-order", &path).await?;
        let refund = [("amount", "1"), ("reason", "damaged"), ("action", "refund")];
        self.send(&page, &path, "amount", &refund).await?;
        quiet::settled(self.stack).await
    }
}
