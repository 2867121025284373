//! The caps of store calls: one call for a read, two for a list, one read and one atomic write for a write, and one read
//! more for a page.
//! Exceptions are listed here.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use lambda::Trigger;

use crate::{Usage, handlers::Handler, services};

/// A function with a higher cap, and the reason.
struct Exception {
    function: &'static str,
    reads: u32,
    writes: u32,
    reason: &'static str,
}

const EXCEPTIONS: &[Exception] = &[
    exception("catalog/get-import-adjustments", 2, 0, "the import says how many records have its stock"),
    exception(
        "catalog/get-list-prices",
        2,
        0,
        "the price list says whether it was deleted; its prices are of another item",
    ),
    exception(
        "catalog/get-search-status",
        13,
        0,
        "four lists, in each the number of changes and the last of them; and which snapshot they are compared with",
    ),
    exception(
        "catalog/import-chunk",
        3,
        4,
        "the chunk says which SKUs to read, and these which products to change; each row is a transaction of its own, so \
         that a bad row does not affect the others; the file here has three",
    ),
    exception(
        "catalog/import-products",
        2,
        2,
        "chunks are stored, ten at a time, before the import that they belong to; if the file names categories, their list \
         says which to read",
    ),
    exception("catalog/index-product", 2, 1, "the product says which categories and stock to read"),
    exception(
        "catalog/index-signals",
        4,
        2,
        "the stock is noted before the entry that it may change; the SKU says which product to read, and that what else",
    ),
    exception(
        "catalog/rebuild-search",
        24,
        5,
        "it reads every product and every entry, page by page, and stores a snapshot as every snapshot-search",
    ),
    exception(
        "catalog/reindex-category",
        3,
        1,
        "the list says which products to read, and these which categories and stock; each entry is a write of its own",
    ),
    exception(
        "catalog/resume-imports",
        6,
        1,
        "as every sweep; the remaining chunks of each overdue import are read separately",
    ),
    exception(
        "catalog/search-products",
        10,
        0,
        "at most one look a second: four lists of what has changed, what each list names, and the synonyms; a new \
         instance also reads which snapshot is stored, and its chunks",
    ),
    exception(
        "catalog/snapshot-search",
        14,
        5,
        "it counts four lists; if a snapshot is due, it reads them, and stores here one chunk, before it and after it the head",
    ),
    exception("catalog/suggest-products", 10, 0, "as catalog/search-products"),
    exception(
        "checkout/abandon-carts",
        5,
        2,
        "a sweep reads the four partitions of what is due, and then what they name; each cart is a write, here two",
    ),
    exception("checkout/apply-promotion", 2, 1, "the code says which promotion to read"),
    exception("checkout/close-cart", 2, 1, "the uses of promotions that an order redeems are read after its cart"),
    exception("checkout/create-quote", 2, 1, "the cart says which prices to read"),
    exception("checkout/end-promotion", 2, 1, "an automatic promotion is also in the item that has all of them"),
    exception("checkout/get-cart", 2, 0, "the cart says which prices to read"),
    exception("checkout/lapse-redemptions", 6, 1, "as every sweep; a read and a transaction for each use, here one"),
    exception("checkout/list-promotions", 3, 0, "the page says which usages to read"),
    exception("checkout/merge-cart", 2, 1, "the carts say which prices to read"),
    exception("checkout/list-shipping-options", 2, 0, "the cart says which prices to read"),
    exception("checkout/reopen-cart", 2, 1, "the cart says which uses of promotions the order redeemed"),
    exception("checkout/set-shipping", 2, 1, "the cart says which prices to read"),
    exception("checkout/update-promotion", 2, 1, "an automatic promotion is also in the item that has all of them"),
    exception("inventory/commit-stock", 2, 1, "the reservation says which levels to read"),
    exception(
        "inventory/expire-reservations",
        6,
        1,
        "as every sweep; a read and a transaction for each reservation that lapsed, here one",
    ),
    exception("inventory/receive-replenishment", 2, 1, "the replenishment says which level to read"),
    exception("inventory/release-stock", 2, 1, "the reservation says which levels to read"),
    exception("payments/resolve-unknown", 5, 1, "as every sweep"),
    exception("orders/sweep-deadlines", 5, 1, "as every sweep; a transaction for each overdue order, here one"),
    exception(
        "storefront/copy-product",
        3,
        2,
        "the product that each SKU belongs to is noted before the stock is read: see the operation",
    ),
    exception(
        "storefront/copy-stock",
        3,
        2,
        "the stock is noted before the product that it may change is looked up; the product says which stock to read",
    ),
    exception(
        "storefront/show-home",
        3,
        0,
        "the aisles, and at the same time the list of what is new, which says what to read",
    ),
    exception(
        "storefront/get-sitemap",
        5,
        0,
        "the aisles, and two pages of the list of products, each with what it names",
    ),
    exception(
        "storefront/show-desk",
        4,
        1,
        "as a page, and at the same time the list of the newest products, of which it shows what is running out",
    ),
    exception(
        "storefront/show-product",
        1,
        2,
        "the first product starts the session of a guest, whose cart is noted then",
    ),
    exception(
        "storefront/show-sessions",
        4,
        1,
        "as a page; the list of the sessions says which to read, and each that is ended is written, here one",
    ),
    exception("storefront/show-sign-in", 3, 1, "as a page; the account says which cart takes what the guest brings"),
    exception("payments/authorize-payment", 1, 2, "the request is stored before the provider is called"),
    exception("payments/refund-payment", 1, 2, "the request is stored before the provider is called"),
    exception("payments/void-or-refund", 1, 2, "the request is stored before the provider is called"),
    exception(
        "users/create-guest",
        1,
        3,
        "the rate limit of the IP address is counted first, with two calls if requests were counted before",
    ),
    exception("users/grant-admin", 2, 1, "the e-mail address says which account to read"),
    exception("users/list-users", 3, 0, "the keys that open the page's profiles are read after it, in one call"),
    exception(
        "users/refresh-session",
        3,
        3,
        "the rate limit of the IP address is counted first, with two calls if requests were counted before; the session says which account to read; the signing keys are read every five minutes",
    ),
    exception(
        "users/register-user",
        2,
        3,
        "the rate limit of the IP address is counted first, with two calls if requests were counted before; a guest's token needs the keys",
    ),
    exception(
        "users/sign-in",
        3,
        7,
        "the same for three limits; the e-mail address says which account to read; the signing keys are read every five minutes",
    ),
];

const fn exception(function: &'static str, reads: u32, writes: u32, reason: &'static str) -> Exception {
    Exception { function, reads, writes, reason }
}

pub(super) const HEAD: &str = "\
## Exceptions

A read is one call of the store, a list is two (the index, and what it names), and a write is one read and one
transaction. A page is two reads and one write: the visitor's session and what is around every page, and new tokens for a
session whose token is about to end. Only these ask more often:";

pub(super) fn table() -> String {
    let mut table = "| function | reads | writes | because |\n|---|--:|--:|---|\n".to_owned();
    for Exception { function, reads, writes, reason } in EXCEPTIONS {
        let _ = writeln!(table, "| `{function}` | {reads} | {writes} | {reason} |");
    }
    table
}

/// Whether it is a page, or a part of one.
pub(super) fn is_page(handler: &Handler) -> bool {
    let function = services::find(services::ALL, &handler.service, &handler.function);
    function.is_some_and(|function| matches!(function.trigger(), Trigger::Page(_)))
}

/// Which handlers call the store more often than they may, and which exceptions none of their function's handlers
/// needs. `listing` are the functions that read a list, by their id.
pub(super) fn excesses(operations: &BTreeMap<Handler, Usage>, listing: &BTreeSet<String>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (handler, usage) in operations {
        let exception = EXCEPTIONS.iter().find(|exception| exception.function == handler.function_id());
        let usual = if is_page(handler) {
            (2, 1)
        } else if listing.contains(&handler.function_id()) {
            (2, 0)
        } else {
            (1, 1)
        };
        let (reads, writes) = exception.map_or(usual, |exception| (exception.reads, exception.writes));
        if usage.reads > reads || usage.writes > writes {
            wrong.push(format!(
                "{handler} reads {} and writes {} times, and may {reads} and {writes}",
                usage.reads, usage.writes
            ));
        }
    }
    for Exception { function, reads, writes, .. } in EXCEPTIONS {
        let usages =
            || operations.iter().filter(|(handler, _)| handler.function_id() == *function).map(|(_, usage)| usage);
        let most = usages().map(|usage| usage.reads).max().zip(usages().map(|usage| usage.writes).max());
        match most {
            None => wrong.push(format!("there is no {function}")),
            Some(most) if most == (*reads, *writes) => {}
            Some(most) => wrong.push(format!("{function} needs {most:?} calls, not {reads} and {writes}")),
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The violations of the caps if a function makes these calls, and all other functions match their exceptions.
    fn excesses_with(id: &str, reads: u32, writes: u32, lists: bool) -> Vec<String> {
        let usage = |reads, writes| Usage { reads, writes, ..Usage::default() };
        let handler = |id: &str| {
            let (service, function) = id.split_once('/').unwrap();
            Handler { service: service.to_owned(), function: function.to_owned(), event: None }
        };
        let usual = EXCEPTIONS.iter().map(|one| (handler(one.function), usage(one.reads, one.writes)));
        let operations = usual.chain([(handler(id), usage(reads, writes))]).collect();
        excesses(&operations, &lists.then(|| id.to_owned()).into_iter().collect())
    }

    #[test]
    fn a_call_more_than_the_cap_is_an_excess() {
        let is_within = |reads, writes, lists| excesses_with("orders/any", reads, writes, lists).is_empty();
        assert!(is_within(1, 1, false) && is_within(2, 0, true));
        assert!(
            ![(2, 0, false), (1, 2, false), (3, 0, true), (1, 1, true)].into_iter().any(|(r, w, l)| is_within(r, w, l))
        );
    }

    #[test]
    fn a_page_may_read_its_session_and_replace_the_tokens() {
        let is_within = |reads, writes| excesses_with("storefront/show-basket", reads, writes, false).is_empty();
        assert!(is_within(2, 1) && !is_within(3, 1) && !is_within(2, 2));
    }

    #[test]
    fn an_exception_is_exactly_what_its_function_needs() {
        let is_within = |reads, writes| excesses_with("users/grant-admin", reads, writes, false).is_empty();
        assert!(is_within(2, 1));
        assert!(![(1, 1), (2, 0), (3, 1), (2, 2)].into_iter().any(|(reads, writes)| is_within(reads, writes)));
    }

    #[test]
    fn an_exception_of_a_function_that_is_gone_is_told() {
        let gone = excesses(&BTreeMap::new(), &BTreeSet::new());
        assert!(gone.contains(&"there is no users/sign-in".to_owned()), "{gone:?}");
    }
}
