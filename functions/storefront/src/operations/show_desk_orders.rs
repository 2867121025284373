//! Show the orders of the shop to a merchant.

use askama::Template;
use contracts::Role;
use garde::Validate;
use jiff::Timestamp;
use lambda::{FORBIDDEN, Function, Html, Problem, Seen, UNAUTHENTICATED, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Storefront,
    checkout::led,
    entry::to_sign_in,
    link,
    order::Status,
    shell::Shell,
    shop_order::{OrderRow, ShopOrder},
    when,
};

/// How many orders are on a page.
const SHOWN: usize = 50;

#[derive(Debug, Clone, Default, Deserialize, JsonSchema, Validate)]
pub struct ShowDeskOrders {
    /// Orders with this status only. Any other text is all orders.
    #[garde(skip)]
    #[serde(default)]
    status: String,
    /// Orders of this day or a later one: `2026-11-30`. Days are those of UTC.
    #[garde(skip)]
    #[serde(default)]
    from: String,
    /// Orders of this day or an earlier one.
    #[garde(skip)]
    #[serde(default)]
    to: String,
    #[garde(skip)]
    cursor: Option<String>,
}

/// The orders of the shop, the newest first.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "desk_orders.html")]
#[serde(rename_all = "camelCase")]
struct DeskOrdersPage {
    #[serde(skip)]
    shell: Shell,
    orders: Vec<OrderRow>,
    next_cursor: Option<String>,
    #[serde(skip)]
    filter: ShowDeskOrders,
    /// What is wrong with the days.
    #[serde(skip)]
    fault: Option<String>,
    /// The path of the next page.
    #[serde(skip)]
    next: Option<String>,
}

impl DeskOrdersPage {
    /// The statuses that can be chosen: name in the address, text, and whether it is chosen.
    fn statuses(&self) -> Vec<(&'static str, String, bool)> {
        let status = |status: Status| {
            let text = self.shell.t(if status == Status::Reserved { "desk-status-reserved" } else { status.tag().0 });
            (status.name(), text, self.filter.status == status.name())
        };
        Status::ALL.into_iter().map(status).collect()
    }
}

impl ShowDeskOrders {
    /// The query for orders, and for the address of this page, without the cursor.
    fn queries(&self) -> Result<(String, String), &'static str> {
        let status = Status::ALL.into_iter().map(Status::name).find(|name| *name == self.status);
        let day = |text: &str, is_end| match text {
            "" => Ok(None),
            day => when::midnight(day, is_end).map(Some).ok_or("desk-day-wrong"),
        };
        let (from, to) = (day(&self.from, false)?, day(&self.to, true)?);
        if from.zip(to).is_some_and(|(from, to)| to <= from) {
            return Err("desk-days-wrong");
        }
        let status = status.map(|status| format!("&status={status}")).unwrap_or_default();
        let part =
            |name: &str, value: Option<String>| value.map(|value| format!("&{name}={value}")).unwrap_or_default();
        let time = |name, time: Option<Timestamp>| part(name, time.map(|time| time.to_string()));
        let day = |name, day: &str, time: Option<Timestamp>| part(name, time.map(|_| link::part(day)));
        let query = format!("{status}{}{}", time("from", from), time("to", to));
        let path = format!("{status}{}{}", day("from", &self.from, from), day("to", &self.to, to));
        Ok((query, path))
    }
}

pub fn function() -> Function {
    Function::page("show-desk-orders", show)
        .about("Orders have no addresses here. Without an account it is 401, and without the role of a merchant 403.")
        .problems(&[UNAUTHENTICATED, FORBIDDEN])
}

async fn show(storefront: Storefront, visit: Visit<ShowDeskOrders>) -> Result<Seen<DeskOrdersPage>, Problem> {
    let Some(signed) = storefront.at_desk(Role::Merchant, &visit).await? else {
        return Ok(Seen::See(to_sign_in(&visit.visitor)?));
    };
    let filter = visit.input.clone();
    let around = async { storefront.shell(&visit.visitor, Some(&signed)).await.map_err(Problem::from) };
    let (query, path) = match filter.queries() {
        Ok(queries) => queries,
        Err(fault) => {
            let shell = around.await?;
            let fault = Some(shell.t(fault));
            let page = DeskOrdersPage { shell, orders: Vec::new(), next_cursor: None, filter, fault, next: None };
            return Ok(Seen::Page(Html::new(page)));
        }
    };
    let after = link::cursor(filter.cursor.as_deref());
    let query = format!("limit={SHOWN}{query}{after}");
    let asked = async { Ok(storefront.shop_orders(&signed, &query).await) };
    let (listed, shell) = futures::try_join!(asked, around)?;
    let listed = match listed {
        // A cursor of another list leads to the first page.
        Err(error) if filter.cursor.is_some() && error.has_status(400) => {
            return Ok(led(&visit.visitor, &at(&path)));
        }
        listed => listed?,
    };
    let row = |order: &ShopOrder| OrderRow::of(order, &shell, visit.now());
    let next = |cursor: &str| at(&format!("{path}{}", link::cursor(Some(cursor))));
    let page = DeskOrdersPage {
        orders: listed.items.iter().map(row).collect(),
        next: listed.next_cursor.as_deref().map(next),
        next_cursor: listed.next_cursor,
        filter,
        fault: None,
        shell,
    };
    Ok(Seen::Page(Html::new(page)))
}

fn at(query: &str) -> String {
    let query = query.trim_start_matches('&');
    if query.is_empty() { "/desk/orders".to_owned() } else { format!("/desk/orders?{query}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queries(status: &str, from: &str, to: &str) -> Result<(String, String), &'static str> {
        let (status, from, to) = (status.to_owned(), from.to_owned(), to.to_owned());
        ShowDeskOrders { status, from, to, cursor: None }.queries()
    }

    #[test]
    fn the_last_day_counts_to_its_end() {
        let (query, path) = queries("shipped", "2026-11-30", "2026-11-30").unwrap();
        assert_eq!(query, "&status=shipped&from=2026-11-30T00:00:00Z&to=2026-12-01T00:00:00Z");
        assert_eq!(path, "&status=shipped&from=2026-11-30&to=2026-11-30");
        assert_eq!(queries("all", "", ""), Ok((String::new(), String::new())));
    }

    #[test]
    fn days_that_are_none_are_noticed() {
        assert_eq!(queries("", "2026-12-01", "2026-11-30"), Err("desk-days-wrong"));
        assert_eq!(queries("", "tomorrow", ""), Err("desk-day-wrong"));
        assert_eq!(queries("", "", "9999-12-31"), Err("desk-day-wrong"));
    }
}
