//! What orders, inventory and delivery do with a message: what their functions do, without a store around it.

use contracts::{Sealed, UserId, events::orders::CancelReason};
use delivery::shipment::{self, Actor, CalledOff, Shipment};
use inventory::reservation::{self, Levels, Reservation, Reserved, per_sku};
use jiff::Timestamp;
use orders::order::{Decision, Order, Rejection};
use uuid::Uuid;

use super::{
    Planted, checks, pairs,
    world::{Broken, Checked, Heard, Message, Parcel, World, holds},
};

impl World<'_> {
    /// Hands a message to the function that it is for.
    pub(super) fn hear(&mut self, about: usize, message: &Message) -> Checked<Heard> {
        let shipment = Shipment::id_of(self.purchases[about].id);
        match message {
            Message::ReserveStock => self.reserve(about),
            Message::ReleaseStock(reason) => self.release(about, *reason),
            Message::CommitStock => self.commit(about),
            Message::OnStockReserved => self.order(about, "stock-reserved", Order::reserved),
            Message::OnStockRejected => {
                self.order(about, "stock-rejected", |order, now| order.fail(CancelReason::OutOfStock, now))
            }
            Message::OnPaymentAuthorized => self.order(about, "payment-authorized", Order::paid),
            Message::OnPaymentDeclined => {
                self.order(about, "payment-declined", |order, now| order.fail(CancelReason::PaymentDeclined, now))
            }
            Message::OnPaymentVoided => {
                self.order(about, "payment-voided", |order, now| order.fail(CancelReason::PaymentVoided, now))
            }
            Message::OnShipmentDispatched => {
                self.order(about, "shipment-dispatched", |order, now| order.dispatched(shipment, now))
            }
            Message::OnShipmentDelivered => {
                self.order(about, "shipment-delivered", |order, now| order.delivered(shipment, now))
            }
            Message::OnShipmentFailed { last: false } => Ok(Heard::Passed),
            Message::OnShipmentFailed { last: true } => {
                self.order(about, "delivery-failed", |order, now| order.fail(CancelReason::DeliveryFailed, now))
            }
            Message::AuthorizePayment(event) => self.authorize(about, event),
            Message::CapturePayment => self.capture(about),
            Message::VoidOrRefund => self.void_or_refund(about),
            Message::ApplyWebhook(notice) => self.apply(about, notice),
            Message::ScheduleShipment(event) => {
                let kept = &self.purchases[about].parcel;
                self.pairs.mark(pairs::SHIPMENT, parcel_state(kept), "schedule-shipment");
                if *kept != Parcel::None {
                    return Ok(Heard::Passed);
                }
                let (shipment, _) = Shipment::schedule((**event).clone(), self.now);
                holds(shipment.version == 1, || format!("a new shipment has version {}", shipment.version))?;
                self.purchases[about].parcel = Parcel::Scheduled(Box::new(shipment));
                Ok(Heard::Taken)
            }
            Message::CancelShipment => self.cancel_shipment(about),
        }
    }

    /// Lets an order decide. What is accepted must be a step that is allowed, and is refused the second time.
    pub(super) fn order(
        &mut self,
        about: usize,
        message: &'static str,
        decide: impl Fn(Order, Timestamp) -> Decision,
    ) -> Checked<Heard> {
        let Some(before) = self.purchases[about].order.clone() else { return Ok(Heard::Refused) };
        let (from, version) = (before.status, before.version);
        self.pairs.mark(pairs::ORDER, from.as_str(), message);
        match decide(before, self.now) {
            Ok((after, facts)) => {
                checks::order_step(from, after.status, message)?;
                holds(!facts.is_empty() && after.version == version + facts.len() as u64, || {
                    format!("{message}: version {} after {version} and {} facts", after.version, facts.len())
                })?;
                let again = decide(after.clone(), self.now);
                holds(again.is_err(), || format!("an order takes {message} twice: {again:?}"))?;
                self.purchases[about].order = Some(after);
                self.publish(about, facts);
                Ok(Heard::Taken)
            }
            Err(Rejection::Unexpected { .. }) => Ok(Heard::Refused),
            Err(_) => Ok(Heard::Passed),
        }
    }

    fn reserve(&mut self, about: usize) -> Checked<Heard> {
        let levels = if self.planted == Some(Planted::StaleStock) { &self.before } else { &self.levels };
        let purchase = &self.purchases[about];
        let lines = per_sku(purchase.wanted.iter().cloned());
        self.pairs.mark(pairs::RESERVATION, reservation_state(purchase.reservation.as_ref()), "reserve-stock");
        match Reservation::reserve(purchase.reservation.as_ref(), purchase.id, lines.clone(), levels, self.now) {
            Ok(Reserved::All(reservation, levels, _)) => {
                let again = Reservation::reserve(Some(&reservation), purchase.id, lines, &self.levels, self.now);
                holds(again == Err(reservation::Rejection::AlreadyDone), || format!("reserved twice: {again:?}"))?;
                self.keep_reservation(about, reservation, levels)?;
                self.send(about, Message::OnStockReserved);
            }
            Ok(Reserved::None(reservation, _)) => {
                self.keep_reservation(about, reservation, Vec::new())?;
                self.send(about, Message::OnStockRejected);
            }
            Err(rejection) => return Ok(heard(&rejection)),
        }
        Ok(Heard::Taken)
    }

    fn release(&mut self, about: usize, reason: CancelReason) -> Checked<Heard> {
        let purchase = &mut self.purchases[about];
        self.pairs.mark(pairs::RESERVATION, reservation_state(purchase.reservation.as_ref()), "release-stock");
        if self.planted == Some(Planted::NoRelease) {
            return Ok(Heard::Passed);
        }
        let Some(reservation) = &purchase.reservation else {
            if self.planted != Some(Planted::NoTombstone) {
                purchase.reservation = Some(Reservation::tombstone(purchase.id, self.now));
            }
            return Ok(Heard::Taken);
        };
        let released = reservation.clone().release(&self.levels, reason).map(|(after, levels, _)| (after, levels));
        self.end_reservation(about, released, |after, levels| after.release(levels, reason).map(drop))
    }

    fn commit(&mut self, about: usize) -> Checked<Heard> {
        let kept = self.purchases[about].reservation.as_ref();
        self.pairs.mark(pairs::RESERVATION, reservation_state(kept), "commit-stock");
        let Some(reservation) = kept else { return Ok(Heard::Refused) };
        let committed = reservation.clone().commit(&self.levels).map(|(after, levels, _)| (after, levels));
        self.end_reservation(about, committed, |after, levels| after.commit(levels).map(drop))
    }

    /// What an order has forgotten lapses.
    pub(super) fn expire(&mut self, about: usize) -> Checked<Heard> {
        let kept = self.purchases[about].reservation.as_ref();
        self.pairs.mark(pairs::RESERVATION, reservation_state(kept), "expire");
        let Some(reservation) = kept else { return Ok(Heard::Refused) };
        let freed = reservation.clone().expire(&self.levels).map(|(after, levels, _)| (after, levels));
        self.end_reservation(about, freed, |after, levels| after.expire(levels).map(drop))
    }

    fn end_reservation(
        &mut self,
        about: usize,
        ended: Result<(Reservation, Levels), reservation::Rejection>,
        again: impl Fn(Reservation, &[inventory::level::Level]) -> Result<(), reservation::Rejection>,
    ) -> Checked<Heard> {
        let (after, levels) = match ended {
            Ok(ended) => ended,
            Err(rejection) => return Ok(heard(&rejection)),
        };
        self.keep_reservation(about, after.clone(), levels)?;
        let again = again(after, &self.levels);
        holds(again == Err(reservation::Rejection::AlreadyDone), || format!("stock is moved twice: {again:?}"))?;
        Ok(Heard::Taken)
    }

    fn keep_reservation(&mut self, about: usize, after: Reservation, levels: Levels) -> Checked {
        let kept = &mut self.purchases[about].reservation;
        checks::reservation_step(kept.as_ref(), &after)?;
        *kept = Some(after);
        self.before.clone_from(&self.levels);
        for (level, _) in levels {
            let known = self.levels.iter_mut().find(|known| known.sku == level.sku);
            let known = known.ok_or_else(|| Broken(format!("{} was never on the shelf", level.sku)))?;
            let stale = self.planted == Some(Planted::StaleStock);
            holds(stale || level.version == known.version + 1, || {
                format!("{} goes from version {} to {}", level.sku, known.version, level.version)
            })?;
            *known = level;
        }
        Ok(())
    }

    fn cancel_shipment(&mut self, about: usize) -> Checked<Heard> {
        let purchase = &mut self.purchases[about];
        self.pairs.mark(pairs::SHIPMENT, parcel_state(&purchase.parcel), "cancel-shipment");
        let before = match &purchase.parcel {
            Parcel::Tombstone => return Ok(Heard::Passed),
            Parcel::None if self.planted == Some(Planted::NoTombstone) => return Ok(Heard::Taken),
            Parcel::None => {
                purchase.parcel = Parcel::Tombstone;
                return Ok(Heard::Taken);
            }
            Parcel::Scheduled(shipment) => (**shipment).clone(),
        };
        let Ok(CalledOff::Cancelled(after, _) | CalledOff::Recalled(after, _)) = before.clone().call_off() else {
            return Ok(Heard::Passed);
        };
        let again = after.clone().call_off();
        holds(again == Err(shipment::Rejection::AlreadyDone), || format!("called off twice: {again:?}"))?;
        self.keep_shipment(about, &before, after)?;
        Ok(Heard::Taken)
    }

    fn keep_shipment(&mut self, about: usize, before: &Shipment, after: Shipment) -> Checked {
        checks::shipment_step(before, &after)?;
        self.purchases[about].parcel = Parcel::Scheduled(Box::new(after));
        Ok(())
    }

    /// An administrator, who may handle every parcel, or a courier has to do with one.
    pub(super) fn carry(&mut self, about: usize, what: Carrying, courier: bool) -> Checked {
        let Parcel::Scheduled(before) = self.purchases[about].parcel.clone() else { return Ok(()) };
        let actor = if courier { Actor::Courier(user(1)) } else { Actor::Admin(user(2)) };
        let name = match what {
            Carrying::Assign => "assign",
            Carrying::Dispatch => "dispatch",
            Carrying::Deliver => "deliver",
            Carrying::Fail => "fail",
        };
        self.pairs.mark(pairs::SHIPMENT, parcel_state(&Parcel::Scheduled(before.clone())), name);
        let shipment = (*before).clone();
        let (after, news) = match what {
            Carrying::Assign => match shipment.assign(actor, actor.id()) {
                Ok((after, _)) => (after, Vec::new()),
                Err(_) => return Ok(()),
            },
            Carrying::Dispatch => match shipment.dispatch(actor) {
                Ok((after, _)) => {
                    (after, vec![Message::OnShipmentDispatched, Message::CommitStock, Message::CapturePayment])
                }
                Err(_) => return Ok(()),
            },
            Carrying::Deliver => match shipment.deliver(actor, self.now) {
                Ok((after, _)) => (after, vec![Message::OnShipmentDelivered]),
                Err(_) => return Ok(()),
            },
            Carrying::Fail => match shipment.fail(actor, Sealed::from_ciphertext("nobody home".to_owned())) {
                Ok((after, failed)) => (after, vec![Message::OnShipmentFailed { last: failed.last }]),
                Err(_) => return Ok(()),
            },
        };
        self.keep_shipment(about, &before, after)?;
        self.tell(|_| format!("order {}: a courier: {name}", about + 1));
        for message in news {
            self.send(about, message);
        }
        Ok(())
    }
}

/// What is done with a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carrying {
    Assign,
    Dispatch,
    Deliver,
    Fail,
}

fn user(number: u128) -> UserId {
    Uuid::from_u128(number).into()
}

fn heard(rejection: &reservation::Rejection) -> Heard {
    if *rejection == reservation::Rejection::AlreadyDone { Heard::Passed } else { Heard::Refused }
}

fn reservation_state(reservation: Option<&Reservation>) -> &'static str {
    reservation.map_or(pairs::NOTHING, |kept| pairs::reservation_state(kept.status))
}

pub(super) fn parcel_state(parcel: &Parcel) -> &'static str {
    match parcel {
        Parcel::None => pairs::NOTHING,
        Parcel::Tombstone => pairs::TOMBSTONE,
        Parcel::Scheduled(shipment) => pairs::shipment_state(shipment.status),
    }
}
