//! Create a promotion: a code for a discount on items, on the order or on shipping.

use contracts::Role;
use lambda::{Call, Committed, Created, Function, Problem};

use crate::{
    Checkout,
    input::CreatePromotion,
    promotion::{Promotion, Rules, Terms},
    view::PromotionView,
};

pub fn function() -> Function {
    Function::http("create-promotion", handle)
        .about(
            "Customers apply the code to their carts. A promotion cannot be changed afterwards, only ended. The \
             code cannot be used for another promotion, even after this one has ended.",
        )
        .roles(&[Role::Merchant])
        .versioned()
        .problems(&[(409, "code-taken")])
}

async fn handle(
    checkout: Checkout,
    mut call: Call<CreatePromotion>,
) -> Result<Committed<Created<PromotionView>>, Problem> {
    let benefit = call.input.benefit()?;
    let now = call.now();
    let CreatePromotion { code, level, items, valid_from, valid_to, minimum, .. } = call.input;
    let CreatePromotion { minimum_quantity, countries, priority, combines_with, .. } = call.input;
    let terms = Terms { valid_from, valid_to, minimum, minimum_quantity, countries };
    let rules = Rules { level, items, priority: priority.unwrap_or(Rules::USUAL_PRIORITY), combines_with };
    let existing = checkout.store.promotion(&code).await?;
    let (promotion, changed) = Promotion::create(existing.as_ref(), code.clone(), benefit, terms, rules, now)?;
    let commit = checkout.store.table().commit(&call.context).save(&promotion).event(&changed);
    let reply = Created::at(format!("/v1/promotions/{code}"), PromotionView::of(promotion));
    let reply = reply.version(&commit.version());
    Ok(commit.answer(reply).run().await?)
}
