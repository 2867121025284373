//! Update a price list with a JSON merge patch (RFC 7396).

use contracts::{CustomerGroupId, PriceListId, Role};
use garde::Validate;
use jiff::Timestamp;
use lambda::{Call, Committed, Found, Function, NOT_FOUND, Problem, default_if_null, each_once, usual_time};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Catalog,
    input::country,
    price_list::{PriceList, Terms, USUAL_PRIORITY},
    view::PriceListView,
};

/// Changes to a price list.
#[expect(clippy::option_option, reason = "a field that is absent and one that is null differ")]
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdatePriceList {
    #[garde(skip)]
    price_list_id: PriceListId,
    #[garde(length(chars, min = 1, max = 60))]
    #[serde(default, deserialize_with = "default_if_null")]
    name: Option<String>,
    /// Replaces the customer groups that the list is for.
    #[garde(length(max = 20), inner(custom(each_once)))]
    #[serde(default, deserialize_with = "default_if_null")]
    customer_groups: Option<Vec<CustomerGroupId>>,
    /// Replaces the country codes (ISO 3166-1 alpha-2) that the list is for.
    #[garde(length(max = 50), inner(custom(each_once), inner(custom(country))))]
    #[serde(default, deserialize_with = "default_if_null")]
    countries: Option<Vec<String>>,
    /// The time from which the list is valid.
    #[garde(inner(inner(custom(usual_time))))]
    #[serde(default, deserialize_with = "default_if_null")]
    valid_from: Option<Option<Timestamp>>,
    /// The time until which the list is valid, exclusive.
    #[garde(inner(inner(custom(usual_time))))]
    #[serde(default, deserialize_with = "default_if_null")]
    valid_to: Option<Option<Timestamp>>,
    /// 0 to 1000. If several lists have a price for a SKU, the list with the lowest number applies. `null`
    /// sets it to 500.
    #[garde(inner(inner(range(max = 1000))))]
    #[serde(default, deserialize_with = "default_if_null")]
    priority: Option<Option<u32>>,
}

impl UpdatePriceList {
    fn edited(self, before: &Terms) -> Terms {
        let before = before.clone();
        let priority = self.priority.map(|priority| priority.unwrap_or(USUAL_PRIORITY));
        Terms {
            name: self.name.unwrap_or(before.name),
            customer_groups: self.customer_groups.unwrap_or(before.customer_groups),
            countries: self.countries.unwrap_or(before.countries),
            valid_from: self.valid_from.unwrap_or(before.valid_from),
            valid_to: self.valid_to.unwrap_or(before.valid_to),
            priority: priority.unwrap_or(before.priority),
        }
    }
}

pub fn function() -> Function {
    Function::http("update-price-list", handle)
        .about(
            "Fields that are absent do not change. `null` clears the customer groups, the countries and the times, and \
             sets the priority to 500. The kind and the currency cannot be changed. Quotes that were created before keep \
             their prices.",
        )
        .roles(&[Role::Merchant])
        .versioned()
        .problems(&[NOT_FOUND])
}

async fn handle(catalog: Catalog, call: Call<UpdatePriceList>) -> Result<Committed<Found<PriceListView>>, Problem> {
    let list = catalog.store.price_list(call.input.price_list_id).await?;
    let list = list.ok_or_else(|| Problem::not_found("price list"))?;
    call.expects(&list.version)?;
    let terms = call.input.edited(&list.terms);
    let reply = |list: &PriceList| Found::new(PriceListView::of(list)).version(&list.version);
    let unchanged = reply(&list);
    let Some((list, changed)) = list.update(terms)? else { return Ok(Committed::unchanged(unchanged)) };
    let commit = catalog.store.table().commit(&call.context).save(&list).event(&changed);
    let list = PriceList { version: commit.version(), ..list };
    Ok(commit.answer(reply(&list)).run().await?)
}
