//! Record the arrival of a replenishment.

use contracts::{ReplenishmentId, Role, events::inventory::Account};
use garde::Validate;
use lambda::{Call, Committed, Found, Function, NOT_FOUND, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Inventory, level::Level, store::save_level, view::ReplenishmentView};

/// The units of a replenishment that have arrived.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceiveReplenishment {
    #[garde(skip)]
    replenishment_id: ReplenishmentId,
    /// The number of units that arrived. It may differ from the number that was ordered.
    #[garde(range(min = 1, max = 1_000_000))]
    quantity: u32,
}

pub fn function() -> Function {
    Function::http("receive-replenishment", handle)
        .about("Adds the units that arrived to the available stock of the SKU. A replenishment can arrive once only.")
        .roles(&[Role::Merchant])
        .versioned()
        .problems(&[NOT_FOUND, (409, "already-received")])
}

async fn handle(
    inventory: Inventory,
    call: Call<ReceiveReplenishment>,
) -> Result<Committed<Found<ReplenishmentView>>, Problem> {
    let ReceiveReplenishment { replenishment_id, quantity } = call.input;
    let replenishment = inventory.store.replenishment(replenishment_id).await?;
    let replenishment = replenishment.ok_or_else(|| Problem::not_found("replenishment"))?;
    let level = inventory.store.level(&replenishment.sku).await?;
    let level = level.unwrap_or_else(|| Level::new(replenishment.sku.clone())).replenished();
    let (replenishment, received) = replenishment.receive(quantity)?;
    let reason = replenishment.id.to_string();
    let (level, events) = level.transfer(Account::Received, Account::Available, quantity, &reason)?;
    let commit = inventory.store.table().commit(&call.context).save(&replenishment).event(&received);
    let reply = Found::new(ReplenishmentView::of(&replenishment)).version(&commit.version());
    Ok(save_level(commit, &level, &events).answer(reply).run().await?)
}
