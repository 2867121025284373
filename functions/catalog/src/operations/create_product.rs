//! Create a product, as a draft or published.

use contracts::Role;
use lambda::{Call, Committed, Created, Function, Problem};

use crate::{
    Catalog, input::CreateProduct, problem::not_stored, product::Product, store::save_change, view::ProductView,
};

pub fn function() -> Function {
    Function::http("create-product", handle)
        .about(
            "A draft is not listed and cannot be bought until its status is set to `published`. A SKU belongs to \
             its product permanently: another product cannot have it (409 `sku-taken`).",
        )
        .roles(&[Role::Merchant])
        .versioned()
        .problems(&[(409, "sku-taken")])
}

async fn handle(catalog: Catalog, call: Call<CreateProduct>) -> Result<Committed<Created<ProductView>>, Problem> {
    let (id, context) = (call.new_id(), call.context);
    let categories = catalog.store.categories(&call.input.category_ids).await?;
    let change = call.input.create(id, &categories)?;
    let commit = save_change(catalog.store.table().commit(&context), &change);
    let product = Product { version: commit.version(), ..change.product };
    let reply = Created::at(format!("/v1/products/{id}"), ProductView::of(&product)).version(&product.version);
    commit.answer(reply).run().await.map_err(not_stored)
}
