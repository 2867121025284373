//! Remove one of the caller's payment methods.

use contracts::PaymentMethodId;
use garde::Validate;
use lambda::{Call, Function, NoContent, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Users, problem::no_account};

/// Which payment method.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemovePaymentMethod {
    #[garde(skip)]
    payment_method_id: PaymentMethodId,
}

/// This function.
pub fn function() -> Function {
    Function::http("remove-payment-method", handle)
}

async fn handle(users: Users, call: Call<RemovePaymentMethod>) -> Result<NoContent, Problem> {
    let owner = call.caller.principal()?;
    let (wallet, _) = users.store.wallet(owner).await?.ok_or_else(no_account)?;
    let (wallet, changed) = wallet.remove(call.input.payment_method_id)?;
    users.store.table().commit(&call.cause).save(&wallet).event(&changed).run().await?;
    Ok(NoContent::DONE)
}
