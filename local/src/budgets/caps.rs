//! The cap: a read is one call of the store; a write is one read and one transaction. And the exceptions.

use std::{collections::BTreeMap, fmt::Write as _};

use crate::Usage;

/// A function that calls the store more often, and why.
struct Exception {
    function: &'static str,
    reads: u32,
    writes: u32,
    reason: &'static str,
}

const EXCEPTIONS: &[Exception] = &[
    exception(
        "import-chunk",
        3,
        4,
        "each row is a transaction of its own, so that a bad one spoils no other; the file here has three",
    ),
    exception("import-products", 1, 2, "chunks are stored, ten at a time, before the import that they belong to"),
    exception("resume-imports", 6, 1, "as every sweep; what is left of each forgotten import is looked up by itself"),
    exception("abandon-carts", 5, 1, "a sweep reads the four partitions of what is due, and then what they name"),
    exception("create-quote", 2, 0, "the cart says which prices to read"),
    exception("get-cart", 2, 0, "the cart says which prices to read"),
    exception("merge-cart", 2, 1, "the carts say which prices to read"),
    exception("list-shipments", 2, 0, "a courier's list names shipments, and each says whose it is now"),
    exception("commit-stock", 2, 1, "the reservation says which levels to read"),
    exception(
        "expire-reservations",
        7,
        2,
        "as every sweep; a read and a transaction for each reservation that lapsed, here two",
    ),
    exception("receive-replenishment", 2, 1, "the replenishment says which level to read"),
    exception("release-stock", 2, 1, "the reservation says which levels to read"),
    exception("resolve-unknown", 5, 1, "as every sweep"),
    exception("sweep-deadlines", 5, 2, "as every sweep; a transaction for each overdue order, here two"),
    exception("authorize-payment", 1, 2, "what is wanted is stored before the provider is asked for it"),
    exception("refund-payment", 1, 2, "what is wanted is stored before the provider is asked for it"),
    exception("void-or-refund", 1, 2, "what is wanted is stored before the provider is asked for it"),
    exception(
        "create-guest",
        1,
        3,
        "one is taken from the address's bucket first, in two calls once it is no longer full",
    ),
    exception("grant-admin", 2, 1, "the e-mail address says which account to read"),
    exception("list-users", 2, 0, "the keys that open the page's profiles are read after it, in one call"),
    exception(
        "refresh-session",
        3,
        2,
        "one is taken from the address's bucket first; the session says which account to read; the signing keys are read every five minutes",
    ),
    exception(
        "register-user",
        2,
        3,
        "one is taken from the address's bucket first, in two calls once it is no longer full; a guest's token needs the keys",
    ),
    exception("sign-in", 3, 5, "the same for two buckets; the e-mail address says which account to read; the keys"),
];

const fn exception(function: &'static str, reads: u32, writes: u32, reason: &'static str) -> Exception {
    Exception { function, reads, writes, reason }
}

pub(super) const HEAD: &str = "\
## Exceptions

A read is one call of the store, and a write is one read and one transaction. Only these ask more often:";

pub(super) fn table() -> String {
    let mut table = "| function | reads | writes | because |\n|---|--:|--:|---|\n".to_owned();
    for Exception { function, reads, writes, reason } in EXCEPTIONS {
        let _ = writeln!(table, "| `{function}` | {reads} | {writes} | {reason} |");
    }
    table
}

pub(super) fn excesses(operations: &BTreeMap<(String, String), Usage>) -> Vec<String> {
    let mut wrong = Vec::new();
    for ((_, function), usage) in operations {
        let exception = EXCEPTIONS.iter().find(|exception| exception.function == function);
        let allowed = exception.map_or((1, 1), |exception| (exception.reads, exception.writes));
        let asked = (usage.reads, usage.writes);
        let within = match exception {
            Some(_) => asked == allowed,
            None => asked.0 <= allowed.0 && asked.1 <= allowed.1,
        };
        if !within {
            wrong.push(format!(
                "{function} reads {} and writes {} times, not {} and {}",
                asked.0, asked.1, allowed.0, allowed.1
            ));
        }
    }
    let known = |function: &str| operations.keys().any(|(_, known)| known == function);
    wrong.extend(EXCEPTIONS.iter().filter(|e| !known(e.function)).map(|e| format!("there is no {}", e.function)));
    wrong
}
