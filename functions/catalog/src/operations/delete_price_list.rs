//! Delete a price list. Nothing happens if it was deleted before.

use contracts::{PriceListId, Role};
use garde::Validate;
use lambda::{Call, Function, NOT_FOUND, NoContent, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::Catalog;

/// The price list to delete.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeletePriceList {
    #[garde(skip)]
    price_list_id: PriceListId,
}

pub fn function() -> Function {
    Function::http("delete-price-list", handle)
        .about(
            "The list cannot be restored. Quotes that were created before keep its prices. If the list was deleted \
             before, nothing changes, and the reply is also 204.",
        )
        .roles(&[Role::Merchant])
        .problems(&[NOT_FOUND])
}

/// No version is needed: the list is deleted in any state.
async fn handle(catalog: Catalog, call: Call<DeletePriceList>) -> Result<NoContent, Problem> {
    let (list, living) = catalog.store.price_list_and_living(call.input.price_list_id).await?;
    let list = list.ok_or_else(|| Problem::not_found("price list"))?;
    let Some((list, changed)) = list.delete() else { return Ok(NoContent::DONE) };
    let living = living.remove(list.id);
    catalog.store.table().commit(&call.context).save(&living).save(&list).event(&changed).run().await?;
    Ok(NoContent::DONE)
}
