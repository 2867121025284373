//! The desks: pages for those who run the shop. Each is for a role, and the APIs behind it refuse others all the same.

use contracts::Role;
use lambda::{Form, Problem, Visit};

use crate::{Storefront, session::Session, signed::Signed};

/// A desk. Its texts are named by their keys.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) role: Role,
    pub(crate) path: &'static str,
    pub(crate) name: &'static str,
    /// The pages in its navigation: path and name.
    pub(crate) pages: &'static [(&'static str, &'static str)],
    /// What someone without the role is told.
    refusal: &'static str,
}

/// Every desk.
pub(crate) const DESKS: [Desk; 3] = [
    Desk {
        role: Role::Merchant,
        path: "/desk",
        name: "desk-merchant",
        pages: &[
            ("/desk", "desk-today"),
            ("/desk/products", "desk-products"),
            ("/desk/orders", "desk-orders"),
            ("/desk/promotions", "desk-promotions"),
            ("/desk/imports", "desk-imports"),
        ],
        refusal: "This page is for merchants. Sign in with the account of a merchant to see it.",
    },
    Desk {
        role: Role::Courier,
        path: "/deliveries",
        name: "desk-courier",
        pages: &[("/deliveries", "desk-deliveries")],
        refusal: "This page is for couriers. Sign in with the account of a courier to see it.",
    },
    Desk {
        role: Role::Support,
        path: "/support",
        name: "desk-support",
        pages: &[("/support", "desk-find")],
        refusal: "This page is for support. Sign in with an account of support to see it.",
    },
];

impl Desk {
    /// The desk of a role.
    fn of(role: Role) -> Option<&'static Self> {
        DESKS.iter().find(|desk| desk.role == role)
    }

    /// The desk that a page belongs to.
    pub(crate) fn at(path: &str) -> Option<&'static Self> {
        DESKS.iter().find(|desk| is_within(path, desk.path))
    }

    /// Whether someone works here. An administrator may do what everyone may do.
    pub(crate) fn is_for(&self, session: &Session) -> bool {
        session.person.roles.iter().any(|role| [self.role, Role::Admin].contains(role))
    }

    /// The page of the navigation that a path is, or is below.
    pub(crate) fn page(&self, path: &str) -> Option<&'static str> {
        let above = self.pages.iter().map(|(page, _)| *page).filter(|page| is_within(path, page));
        above.max_by_key(|page| page.len())
    }
}

fn is_within(path: &str, page: &str) -> bool {
    path.strip_prefix(page).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Storefront {
    /// The session of a visitor who works at the desk of a role. `None` if the visitor is not signed in.
    pub(crate) async fn at_desk<I>(&self, role: Role, visit: &Visit<I>) -> Result<Option<Signed>, Problem> {
        self.customer(visit).await?.map(|signed| allowed(role, signed)).transpose()
    }

    /// The same for the session that a form belongs to.
    pub(crate) async fn submitting_at_desk(&self, role: Role, visit: &Visit<Form>) -> Result<Option<Signed>, Problem> {
        self.submitting_customer(visit).await?.map(|signed| allowed(role, signed)).transpose()
    }
}

fn allowed(role: Role, signed: Signed) -> Result<Signed, Problem> {
    match Desk::of(role) {
        Some(desk) if !desk.is_for(&signed.session) => Err(Problem::forbidden(desk.refusal)),
        _ => Ok(signed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_below_a_desk_belongs_to_it_and_to_the_nearest_page() {
        let at = |path: &str| Desk::at(path).map(|desk| (desk.role, desk.page(path)));
        assert_eq!(at("/desk"), Some((Role::Merchant, Some("/desk"))));
        assert_eq!(at("/desk/products/prd_1"), Some((Role::Merchant, Some("/desk/products"))));
        assert_eq!(at("/deliveries/shp_1"), Some((Role::Courier, Some("/deliveries"))));
        assert_eq!((at("/desks"), at("/")), (None, None));
    }
}
