//! Create a promotion: a discount on items, on the order or on shipping, with a code or without one.

use contracts::{PromotionId, Role};
use dynamo::Error;
use lambda::{Call, Committed, Created, Function, Problem};

use crate::{
    Checkout,
    input::CreatePromotion,
    problem::code_taken,
    promotion::{Promotion, Usage},
    store::code_key,
    view::PromotionView,
};

pub fn function() -> Function {
    Function::http("create-promotion", handle)
        .about(
            "Customers apply the code to their carts. A promotion without a code is automatic: it applies to every \
             cart that it is for. There can be at most 50 automatic promotions that have not ended, of which at most \
             10 can have a total limit. A code cannot be used for another promotion, even after this one has ended.",
        )
        .roles(&[Role::Merchant])
        .versioned()
        .problems(&[(409, "code-taken"), (409, "too-many-automatic")])
}

async fn handle(checkout: Checkout, call: Call<CreatePromotion>) -> Result<Committed<Created<PromotionView>>, Problem> {
    let (id, now) = (call.new_id::<PromotionId>(), call.now());
    let (promotion, changed) = Promotion::create(id, call.input.draft()?, now)?;
    let commit = checkout.store.table().commit(&call.context);
    let commit = promotion.code.iter().fold(commit, |commit, code| commit.claim(&code_key(code), id));
    let commit = checkout.store.copy(commit, &promotion, now).await?;
    let commit = commit.save(&promotion).event(&changed);
    let reply = Created::at(format!("/v1/promotions/{id}"), PromotionView::of(promotion, &Usage::none(id), now));
    let reply = reply.version(&commit.version());
    commit.answer(reply).run().await.map_err(|error| match error {
        Error::Taken { .. } => code_taken(),
        error => error.into(),
    })
}
