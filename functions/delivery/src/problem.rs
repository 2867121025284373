//! Converts rejections into problems for the caller.

use lambda::Problem;

use crate::shipment::Rejection;

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::AlreadyDone => Self::AlreadyDone,
            Rejection::AlreadyAssigned => {
                Self::new(409, "already-assigned", "The shipment is already assigned to the courier")
                    .detail("It does not have to be assigned again.")
            }
            Rejection::AlreadyDispatched => Self::new(409, "already-dispatched", "The shipment was already dispatched")
                .detail("It does not have to be dispatched again."),
            Rejection::AlreadyDelivered => Self::new(409, "already-delivered", "The shipment was already delivered")
                .detail("A delivered shipment cannot be changed."),
            Rejection::WrongStatus { status } => {
                Self::new(409, "wrong-status", "The shipment's status does not allow this")
                    .detail(format_args!("It is {status}."))
            }
            Rejection::NotTheirs => Self::forbidden("The shipment is assigned to another courier."),
            Rejection::AnotherCourier => Self::forbidden("Only an administrator can assign another courier."),
        }
    }
}
