//! Add a payment method to the caller's account.

use garde::Validate;
use lambda::{Call, Committed, Created, FORBIDDEN, Function, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Users, problem::no_account, view::PaymentMethodView, wallet::PaymentMethod};

/// A new payment method.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(transparent)]
#[garde(transparent)]
pub struct AddPaymentMethod(#[garde(dive)] PaymentMethod);

pub fn function() -> Function {
    Function::http("add-payment-method", handle)
        .about(
            "Stores a reference to a payment method of the payment provider, so that the customer can choose it \
             again. Card numbers are refused. The payment method is not charged or checked. An account has at \
             most 20 payment methods. Guests get 403.",
        )
        .problems(&[FORBIDDEN, (409, "too-many-payment-methods")])
}

async fn handle(users: Users, call: Call<AddPaymentMethod>) -> Result<Committed<Created<PaymentMethodView>>, Problem> {
    let owner = call.caller.principal()?;
    let (wallet, subject) = users.store.wallet(owner).await?.ok_or_else(no_account)?;
    let AddPaymentMethod(method) = &call.input;
    let id = call.new_id();
    let (wallet, changed) = wallet.add(id, subject.seal(method)?)?;
    let reply = Created::at(format!("/v1/me/payment-methods/{id}"), PaymentMethodView::new(id, method.clone()));
    Ok(users.store.table().commit(&call.context).save(&wallet).event(&changed).answer(reply).run().await?)
}
