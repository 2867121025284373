//! Book what arrived of a replenishment.

use contracts::{ReplenishmentId, Role, Sku, events::inventory::Account};
use garde::Validate;
use jiff::Timestamp;
use lambda::{Call, Found, Function, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Inventory,
    level::Level,
    replenishment::{Replenishment, Status},
    store::save_level,
};

/// What has come.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceiveReplenishment {
    #[garde(skip)]
    replenishment_id: ReplenishmentId,
    /// How many came, be it more or fewer than asked for.
    #[garde(range(min = 1, max = 1_000_000))]
    quantity: u32,
}

/// Goods asked of the supplier.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReplenishmentView {
    id: ReplenishmentId,
    sku: Sku,
    quantity: u32,
    received: Option<u32>,
    status: Status,
    requested_at: Timestamp,
}

impl ReplenishmentView {
    pub(crate) fn of(replenishment: &Replenishment) -> Self {
        let Replenishment { id, sku, quantity, received, status, requested_at, .. } = replenishment.clone();
        Self { id, sku, quantity, received, status, requested_at }
    }
}

/// This function.
pub fn function() -> Function {
    Function::http("receive-replenishment", handle)
}

async fn handle(inventory: Inventory, call: Call<ReceiveReplenishment>) -> Result<Found<ReplenishmentView>, Problem> {
    call.caller.require(&[Role::Merchant])?;
    let ReceiveReplenishment { replenishment_id, quantity } = call.input;
    let replenishment = inventory.store.replenishment(replenishment_id).await?;
    let replenishment = replenishment.ok_or_else(|| Problem::not_found("replenishment"))?;
    let level = inventory.store.level(&replenishment.sku).await?;
    let level = level.unwrap_or_else(|| Level::new(replenishment.sku.clone())).replenished();
    let (replenishment, received) = replenishment.receive(quantity)?;
    let reason = replenishment.id.to_string();
    let (level, moved) = level.transfer(Account::Received, Account::Available, quantity, &reason)?;
    let reply = Found::new(ReplenishmentView::of(&replenishment)).version(replenishment.version);
    let commit = inventory.store.table().commit(&call.cause).save(&replenishment).event(&received);
    save_level(commit, &(level, moved)).answer(&reply).run().await?;
    Ok(reply)
}
