//! Converts rejections into problems for the caller.

use lambda::Problem;

use crate::{account, address_book, groups, password::Weakness, session, wallet};

/// The problem of a guest who calls an operation that needs an account.
pub(crate) fn no_account() -> Problem {
    Problem::forbidden("This needs an account: register, then sign in.")
}

impl From<account::Rejection> for Problem {
    fn from(rejection: account::Rejection) -> Self {
        match rejection {
            account::Rejection::SameRoles | account::Rejection::SameGroups => Self::AlreadyDone,
            account::Rejection::NoRole => Self::invalid("/roles", "must name at least one role"),
            account::Rejection::Guest => Self::invalid("/roles", "must not name guest: guests have no account"),
            account::Rejection::OwnAdmin => {
                Self::new(409, "own-admin-role", "Administrators cannot remove their own admin role")
                    .detail("Only another administrator can remove it.")
            }
            account::Rejection::TooManyGroups => {
                Self::new(409, "too-many-groups", "The account is in too many customer groups")
                    .detail(format_args!("An account is in at most {} groups.", account::MOST_GROUPS))
            }
        }
    }
}

impl From<address_book::Rejection> for Problem {
    fn from(rejection: address_book::Rejection) -> Self {
        match rejection {
            address_book::Rejection::NotThere => Self::not_found("address"),
            address_book::Rejection::Full => Self::new(409, "too-many-addresses", "The address book is full")
                .detail(format_args!("An account has at most {} addresses.", address_book::MOST)),
        }
    }
}

impl From<groups::Rejection> for Problem {
    fn from(rejection: groups::Rejection) -> Self {
        match rejection {
            groups::Rejection::Full => Self::new(409, "too-many-customer-groups", "There are too many customer groups")
                .detail(format_args!("There can be at most {} groups.", groups::MOST)),
        }
    }
}

impl From<wallet::Rejection> for Problem {
    fn from(rejection: wallet::Rejection) -> Self {
        match rejection {
            wallet::Rejection::Full => {
                Self::new(409, "too-many-payment-methods", "The account has too many payment methods")
                    .detail(format_args!("An account has at most {} payment methods.", wallet::MOST))
            }
        }
    }
}

/// Ended or reused. The caller learns only that the token is invalid.
impl From<session::Rejection> for Problem {
    fn from(_: session::Rejection) -> Self {
        Self::unauthenticated("The refresh token is invalid or has expired. Sign in again.")
    }
}

impl From<Weakness> for Problem {
    fn from(weakness: Weakness) -> Self {
        Self::invalid("/password", weakness)
    }
}
