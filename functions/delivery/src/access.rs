//! Access to shipments.

use contracts::Role;
use lambda::{Caller, Problem};

use crate::shipment::{Actor, Shipment};

/// Whether the caller may see all shipments: couriers choose among them, and support answers questions about them.
pub(crate) fn sees_all(caller: &Caller) -> bool {
    caller.has(Role::Courier) || caller.has(Role::Support)
}

/// Whether the caller may see this shipment.
pub(crate) fn sees(caller: &Caller, shipment: &Shipment) -> bool {
    sees_all(caller) || caller.id == Some(shipment.customer)
}

/// The caller as a courier or an administrator.
pub(crate) fn actor(caller: &Caller) -> Result<Actor, Problem> {
    let id = caller.require(&[Role::Courier])?;
    Ok(if caller.has(Role::Admin) { Actor::Admin(id) } else { Actor::Courier(id) })
}
