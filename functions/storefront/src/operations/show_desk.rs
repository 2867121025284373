//! Show the day to a merchant: orders, revenue, what is running out, and what failed.

use askama::Template;
use contracts::{Money, ProductId, Role, Sku};
use garde::Validate;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use lambda::{ApiError, FORBIDDEN, Function, Html, Problem, Seen, UNAUTHENTICATED, Visit, missing};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Storefront,
    entry::to_sign_in,
    item::{Band, Item},
    level,
    order::{Listed, Reason, Status},
    shell::Shell,
    shop_order::{OrderRow, ShopOrder},
    when,
};

/// How many orders are counted. There is no call that counts all.
const COUNTED: usize = 100;
/// How many of the latest orders are shown.
const LATEST: usize = 5;
/// How many of the newest products are looked through for what is running out.
const PRODUCTS: u32 = 100;
/// How many rows a table has.
const ROWS: usize = 10;

#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct ShowDesk {}

/// The day of a merchant. Days are those of UTC.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "desk_today.html")]
#[serde(rename_all = "camelCase")]
struct DeskPage {
    #[serde(skip)]
    shell: Shell,
    date: String,
    /// The orders of the day. `null` if orders does not answer, as in the two that follow.
    today: Option<Today>,
    to_dispatch: Option<ToDispatch>,
    /// The orders since yesterday that were cancelled for another reason than the wish of the customer.
    failed: Option<Vec<OrderRow>>,
    latest: Vec<OrderRow>,
    low_stock: Vec<LowStock>,
    /// Whether nothing is on sale and nothing was ordered.
    is_empty: bool,
}

/// The orders of a day.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DeskToday")]
struct Today {
    orders: usize,
    /// What the orders come to that were not cancelled, in each currency.
    revenue: Vec<Money>,
    /// Whether there are more orders than were counted.
    is_more: bool,
}

/// The orders that wait for dispatch.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DeskToDispatch")]
struct ToDispatch {
    orders: usize,
    is_more: bool,
    /// When the first of them must leave, as it is shown.
    next: Option<String>,
}

/// A SKU of which there are few, or none.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DeskLowStock")]
struct LowStock {
    sku: Sku,
    product_id: ProductId,
    title: String,
    available: u32,
}

impl Today {
    fn of(latest: &Listed<ShopOrder>, start: Timestamp) -> Self {
        let own: Vec<_> = latest.items.iter().filter(|order| order.placed_at >= start).collect();
        let mut revenue: Vec<Money> = Vec::new();
        for order in own.iter().filter(|order| order.status != Status::Cancelled) {
            let total = order.totals.total;
            match revenue.iter_mut().find(|sum| sum.currency == total.currency) {
                Some(sum) => sum.amount = sum.amount.saturating_add(total.amount),
                None => revenue.push(total),
            }
        }
        let is_more = latest.next_cursor.is_some() && own.len() == latest.items.len();
        Self { orders: own.len(), revenue, is_more }
    }
}

impl ToDispatch {
    fn of(confirmed: &Listed<ShopOrder>, now: Timestamp) -> Self {
        let next = confirmed.items.iter().filter_map(|order| order.waiting_for).map(|waiting| waiting.until).min();
        let next = next.map(|next| when::time_or_date(next, now));
        Self { orders: confirmed.items.len(), is_more: confirmed.next_cursor.is_some(), next }
    }
}

impl LowStock {
    /// The SKUs on sale of which there are few, the fewest first.
    fn of(items: &[Item]) -> Vec<Self> {
        let mut low = Vec::new();
        for item in items {
            for (sku, _) in item.on_sale().into_iter().flat_map(|content| &content.variants) {
                let available = match item.band_of(sku) {
                    Band::SoldOut => 0,
                    Band::OnlyLeft(left) => left,
                    Band::InStock => continue,
                };
                let title = item.on_sale().map(|content| content.title.clone()).unwrap_or_default();
                low.push(Self { sku: sku.clone(), product_id: item.id, title, available });
            }
        }
        low.sort_by_key(|low| low.available);
        low.truncate(ROWS);
        low
    }

    fn tone(&self) -> &'static str {
        level::tone(self.available.into())
    }
}

impl DeskPage {
    /// The parts that are missing.
    fn missing(&self) -> Vec<&'static str> {
        missing([
            ("today", self.today.is_none()),
            ("toDispatch", self.to_dispatch.is_none()),
            ("failed", self.failed.is_none()),
        ])
    }

    /// A number of orders, with a plus if there are more.
    fn count(orders: usize, is_more: bool) -> String {
        format!("{orders}{}", if is_more { "+" } else { "" })
    }

    fn revenue(&self, today: &Today) -> String {
        if today.revenue.is_empty() {
            return self.shell.money(Money::new(0, self.shell.currency()));
        }
        today.revenue.iter().map(|sum| self.shell.money(*sum)).collect::<Vec<_>>().join(" + ")
    }
}

pub fn function() -> Function {
    Function::page("show-desk", show).problems(&[UNAUTHENTICATED, FORBIDDEN]).about(
        "At most 100 orders are counted, and of the newest 100 products those are listed that are running out. Without an \
         account it is 401, and without the role of a merchant 403.",
    )
}

async fn show(storefront: Storefront, visit: Visit<ShowDesk>) -> Result<Seen<DeskPage>, Problem> {
    let Some(signed) = storefront.at_desk(Role::Merchant, &visit).await? else {
        return Ok(Seen::See(to_sign_in(&visit.visitor)?));
    };
    let now = visit.now();
    let start = now.to_zoned(TimeZone::UTC).start_of_day().map_err(Problem::internal)?;
    let yesterday = start.checked_sub(1.day()).map_err(Problem::internal)?.timestamp();
    let counted = format!("limit={COUNTED}");
    let (dispatch, cancelled) =
        (format!("{counted}&status=confirmed"), format!("{counted}&status=cancelled&from={yesterday}"));
    let asked = async {
        Ok(futures::join!(
            storefront.shop_orders(&signed, &counted),
            storefront.shop_orders(&signed, &dispatch),
            storefront.shop_orders(&signed, &cancelled),
        ))
    };
    let around = async { storefront.shell(&visit.visitor, Some(&signed)).await };
    let ((latest, confirmed, cancelled), shell, items) =
        futures::try_join!(asked, around, storefront.store.newest(PRODUCTS))?;
    let (latest, confirmed, cancelled) = (answered(latest)?, answered(confirmed)?, answered(cancelled)?);
    let row = |order: &ShopOrder| OrderRow::of(order, &shell, now);
    let failed = |cancelled: &Listed<ShopOrder>| {
        let failed = cancelled.items.iter().filter(|order| order.reason != Some(Reason::Requested));
        failed.take(ROWS).map(row).collect()
    };
    let page = DeskPage {
        date: when::date(now),
        is_empty: items.is_empty() && latest.as_ref().is_some_and(|latest| latest.items.is_empty()),
        today: latest.as_ref().map(|latest| Today::of(latest, start.timestamp())),
        to_dispatch: confirmed.as_ref().map(|confirmed| ToDispatch::of(confirmed, now)),
        failed: cancelled.as_ref().map(failed),
        latest: latest.iter().flat_map(|latest| &latest.items).take(LATEST).map(row).collect(),
        low_stock: LowStock::of(&items),
        shell,
    };
    let missing = page.missing();
    Ok(Seen::Page(Html::new(page).without(missing)))
}

/// What was answered. A part of the page is missing if there was no answer.
fn answered<T>(answer: Result<T, ApiError>) -> Result<Option<T>, ApiError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(ApiError::Unavailable) => Ok(None),
        Err(error) => Err(error),
    }
}
