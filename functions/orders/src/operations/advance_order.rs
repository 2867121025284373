//! Advance an order on an event of inventory, payments or delivery.

use lambda::{Consumes, Event, Events, Function, Problem};

use crate::{Orders, saga::SagaEvent};

pub fn function() -> Function {
    Function::consumer("advance-order", handle).idempotent()
}

impl Consumes for SagaEvent {
    fn events(events: Events<'_, Self>) -> Events<'_, Self> {
        events
            .event(Self::StockReserved)
            .event(Self::StockRejected)
            .event(Self::PaymentAuthorized)
            .event(Self::PaymentDeclined)
            .event(Self::PaymentVoided)
            .event(Self::ShipmentDispatched)
            .event(Self::ShipmentDelivered)
            .event(Self::DeliveryFailed)
    }
}

async fn handle(orders: Orders, event: Event<SagaEvent>) -> Result<(), Problem> {
    let order = orders.store.order(event.data.order()).await?.ok_or_else(|| Problem::not_found("order"))?;
    orders.commit_decision(order, &event.cause, |order, now| order.advance(&event.data, now)).await
}
