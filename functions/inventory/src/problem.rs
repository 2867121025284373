//! Converts rejections into problems for the caller.

use lambda::Problem;

use crate::{level, replenishment, reservation};

impl From<level::Rejection> for Problem {
    fn from(rejection: level::Rejection) -> Self {
        match rejection {
            level::Rejection::Nothing => Self::invalid("/delta", "must not be 0"),
            level::Rejection::TooMany => Self::invalid("/delta", "must not raise the stock above 4294967295 units"),
            level::Rejection::NotEnough { available } => {
                Self::new(409, "not-enough-stock", "Not enough stock is available")
                    .detail(format_args!("Only {available} are available."))
            }
        }
    }
}

impl From<reservation::Rejection> for Problem {
    fn from(rejection: reservation::Rejection) -> Self {
        match rejection {
            reservation::Rejection::AlreadyDone => Self::AlreadyDone,
            reservation::Rejection::NotHeld { status } => {
                Self::new(409, "not-held", "No stock is reserved for the order")
                    .detail(format_args!("Its status is {status:?}."))
            }
            reservation::Rejection::Level(rejection) => {
                Self::internal(format!("the books are wrong: a level does not allow what is held, {rejection:?}"))
            }
        }
    }
}

impl From<replenishment::Rejection> for Problem {
    fn from(rejection: replenishment::Rejection) -> Self {
        match rejection {
            replenishment::Rejection::AlreadyReceived => {
                Self::new(409, "already-received", "The goods were already received")
                    .detail("A replenishment is received once. Adjust the stock to correct it.")
            }
        }
    }
}
