//! Create a price list, which has no prices yet.

use contracts::{Currency, CustomerGroupId, Role, events::catalog::PriceListKind};
use garde::Validate;
use jiff::Timestamp;
use lambda::{Call, Committed, Created, Function, Problem, each_once, usual_time};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Catalog,
    input::country,
    price_list::{PriceList, Terms, USUAL_PRIORITY},
    view::PriceListView,
};

/// A new price list.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreatePriceList {
    /// The name of the list, for merchants. Customers do not see it.
    #[garde(length(chars, min = 1, max = 60))]
    name: String,
    /// The currency of its prices.
    #[garde(skip)]
    currency: Currency,
    /// The purpose of the list. `group` requires at least one customer group; otherwise the kind has no effect. Both
    /// kinds can have customer groups, countries and times.
    #[garde(skip)]
    kind: PriceListKind,
    /// The customer groups that the list is for. Defaults to everyone. A list of the kind `group` needs at least one.
    #[garde(length(max = 20), custom(each_once))]
    #[serde(default)]
    customer_groups: Vec<CustomerGroupId>,
    /// The country codes (ISO 3166-1 alpha-2) that the list is for. Defaults to all. A list for countries has no effect until
    /// the country of the cart is known.
    #[garde(length(max = 50), custom(each_once), inner(custom(country)))]
    #[serde(default)]
    countries: Vec<String>,
    /// The time from which the list is valid. If absent, it is valid at once.
    #[garde(inner(custom(usual_time)))]
    valid_from: Option<Timestamp>,
    /// The time until which the list is valid, exclusive. If absent, there is no end.
    #[garde(inner(custom(usual_time)))]
    valid_to: Option<Timestamp>,
    /// 0 to 1000. If several lists have a price for a SKU, the list with the lowest number applies. Defaults to 500.
    #[garde(inner(range(max = 1000)))]
    priority: Option<u32>,
}

pub fn function() -> Function {
    Function::http("create-price-list", handle)
        .about(
            "The prices of the list replace the catalog's prices in the carts that the list is for, even if they are \
             higher. If several lists have a price for a SKU, the list with the lowest `priority` applies. If their \
             priorities are equal, the lowest price applies. A SKU that has no catalog price in the currency of the \
             cart cannot be bought, even if a price list has a price for it. There can be at most 50 lists.",
        )
        .roles(&[Role::Merchant])
        .versioned()
        .problems(&[(409, "too-many-price-lists")])
}

async fn handle(catalog: Catalog, call: Call<CreatePriceList>) -> Result<Committed<Created<PriceListView>>, Problem> {
    let (id, context) = (call.new_id(), call.context);
    let CreatePriceList { name, currency, kind, customer_groups, countries, .. } = call.input;
    let CreatePriceList { valid_from, valid_to, priority, .. } = call.input;
    let priority = priority.unwrap_or(USUAL_PRIORITY);
    let terms = Terms { name, customer_groups, countries, valid_from, valid_to, priority };
    let (list, changed) = PriceList::create(id, currency, kind, terms)?;
    let living = catalog.store.living_lists().await?.add(id)?;
    let commit = catalog.store.table().commit(&context).save(&living).save(&list).event(&changed);
    let list = PriceList { version: commit.version(), ..list };
    let reply = Created::at(format!("/v1/price-lists/{id}"), PriceListView::of(&list)).version(&list.version);
    Ok(commit.answer(reply).run().await?)
}
