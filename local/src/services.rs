//! The services, with the functions that each has. Everything else about them is in their templates.

use lambda::Function;

/// A service's functions, as its crate lists them.
#[derive(Debug, Clone, Copy)]
pub struct Service {
    /// Its name, which is also its folder's.
    pub name: &'static str,
    /// What makes its functions.
    pub functions: &'static [fn() -> Function],
}

/// Every service.
pub const ALL: &[Service] = &[
    Service { name: "users", functions: users::FUNCTIONS },
    Service { name: "catalog", functions: catalog::FUNCTIONS },
    Service { name: "inventory", functions: inventory::FUNCTIONS },
    Service { name: "checkout", functions: checkout::FUNCTIONS },
    Service { name: "orders", functions: orders::FUNCTIONS },
    Service { name: "payments", functions: payments::FUNCTIONS },
    Service { name: "delivery", functions: delivery::FUNCTIONS },
];

/// The function whose binary is called `binary`, in a service.
pub(crate) fn find(services: &[Service], service: &str, binary: &str) -> Option<Function> {
    let service = services.iter().find(|known| known.name == service)?;
    service.functions.iter().map(|make| make()).find(|function| function.name() == binary)
}
