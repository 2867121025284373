//! The services and their functions. Everything else about them is in their templates.

use lambda::Function;

use crate::scenarios::{self, Scenario};

/// A service's functions, as its crate lists them.
#[derive(Debug, Clone, Copy)]
pub struct Service {
    /// Its name, which is also the name of its folder.
    pub name: &'static str,
    /// Which operations it has, for the published contract.
    pub about: &'static str,
    /// The constructors of its functions.
    pub functions: &'static [fn() -> Function],
    /// The scenarios of its operations and events.
    pub scenarios: fn() -> Vec<Scenario>,
}

/// Every service.
pub const ALL: &[Service] = &[
    Service {
        name: "users",
        about: "Accounts, guests, sessions, roles, addresses and payment methods.",
        functions: users::FUNCTIONS,
        scenarios: scenarios::users::scenarios,
    },
    Service {
        name: "catalog",
        about: "Products, their variants and prices, categories, and imports.",
        functions: catalog::FUNCTIONS,
        scenarios: scenarios::catalog::scenarios,
    },
    Service {
        name: "inventory",
        about: "Stock, reorder policies and replenishments.",
        functions: inventory::FUNCTIONS,
        scenarios: scenarios::inventory::scenarios,
    },
    Service {
        name: "checkout",
        about: "Carts, promotions, shipping options, tax rates and quotes.",
        functions: checkout::FUNCTIONS,
        scenarios: scenarios::checkout::scenarios,
    },
    Service {
        name: "orders",
        about: "Orders and their history.",
        functions: orders::FUNCTIONS,
        scenarios: scenarios::orders::scenarios,
    },
    Service {
        name: "payments",
        about: "Payments, refunds and webhooks of the payment provider.",
        functions: payments::FUNCTIONS,
        scenarios: scenarios::payments::scenarios,
    },
    Service {
        name: "delivery",
        about: "Shipments, their couriers and their deliveries.",
        functions: delivery::FUNCTIONS,
        scenarios: scenarios::delivery::scenarios,
    },
    Service {
        name: "storefront",
        about: "The pages of the shop, as JSON.",
        functions: storefront::FUNCTIONS,
        scenarios: scenarios::storefront::scenarios,
    },
];

/// The function whose binary is called `binary`, in a service.
pub(crate) fn find(services: &[Service], service: &str, binary: &str) -> Option<Function> {
    let service = services.iter().find(|known| known.name == service)?;
    service.functions.iter().map(|make| make()).find(|function| function.name() == binary)
}
