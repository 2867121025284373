//! Set the reorder policy of a SKU.

use contracts::{Role, Sku};
use dynamo::Commit;
use garde::Validate;
use lambda::{Call, Found, Function, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Inventory, level::Level};

/// The reorder policy of a SKU.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetReorderPolicy {
    #[garde(skip)]
    sku: Sku,
    /// Reorder when available stock is at or below this level.
    #[garde(range(max = 1_000_000))]
    reorder_point: u32,
    /// Units to reorder.
    #[garde(range(min = 1, max = 1_000_000))]
    reorder_quantity: u32,
}

/// The reorder policy of a SKU.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicyView {
    sku: Sku,
    reorder_point: u32,
    reorder_quantity: u32,
}

pub fn function() -> Function {
    Function::http("set-reorder-policy", handle)
        .about(
            "When the available stock is at or below `reorderPoint`, `reorderQuantity` units are requested from \
             the supplier. The `ETag` is that of the policy, from the last reply to this operation, not that of \
             the stock.",
        )
        .roles(&[Role::Merchant])
        .versioned()
}

async fn handle(inventory: Inventory, call: Call<SetReorderPolicy>) -> Result<Found<PolicyView>, Problem> {
    let level = inventory.store.level(&call.input.sku).await?;
    let level = level.unwrap_or_else(|| Level::new(call.input.sku.clone()));
    call.expects(level.policy_revision())?;
    let SetReorderPolicy { sku, reorder_point, reorder_quantity } = call.input;
    let level = level.with_policy(reorder_point, reorder_quantity);
    let commit = inventory.store.table().commit(&call.context).save(&level);
    // Stock may be low already.
    level.low().iter().fold(commit, Commit::event).run().await?;
    Ok(Found::new(PolicyView { sku, reorder_point, reorder_quantity }).version(level.policy_revision()))
}
