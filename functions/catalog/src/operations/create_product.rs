//! Create a product, on sale at once or as a draft.

use contracts::Role;
use lambda::{Call, Created, Function, Problem};

use crate::{Catalog, input::CreateProduct, problem::not_stored, store::save_change, view::ProductView};

pub fn function() -> Function {
    Function::http("create-product", handle).roles(&[Role::Merchant])
}

async fn handle(catalog: Catalog, call: Call<CreateProduct>) -> Result<Created<ProductView>, Problem> {
    let (id, cause) = (call.new_id(), call.cause);
    let categories = catalog.store.categories(&call.input.category_ids).await?;
    let change = call.input.create(id, &categories)?;
    let reply = Created::at(format!("/v1/products/{id}"), ProductView::of(&change.product));
    let reply = reply.version(change.product.version);
    let commit = catalog.store.table().commit(&cause);
    save_change(commit, &change).answer(&reply).run().await.map_err(not_stored)?;
    Ok(reply)
}
