//! Budgets: what functions ask of AWS is what `local/budgets.md` says, and what their roles allow.

use std::fs;

use local::budgets::{self, Budgets, FILE};
use tokio::sync::OnceCell;

async fn counted() -> &'static Budgets {
    static COUNTED: OnceCell<Budgets> = OnceCell::const_new();
    COUNTED.get_or_init(async || budgets::count().await.unwrap_or_else(|error| panic!("{error:#}"))).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operations_ask_for_what_the_page_says() {
    let (page, counted) = (fs::read_to_string(FILE).unwrap(), counted().await.page());
    let changed = counted.lines().filter(|line| !page.lines().any(|known| known == *line));
    let changed: Vec<_> = changed.collect();
    assert!(page == counted, "`cargo run -- budgets --write` would change these lines:\n{}", changed.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_is_one_call_and_a_write_is_one_read_and_one_transaction() {
    let excesses = counted().await.excesses();
    assert!(excesses.is_empty(), "{}", excesses.join("\n"));
}

/// Nothing missing: whatever a role does not allow is refused in every stack.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_permission_is_used() {
    let unused = counted().await.unused();
    assert!(unused.is_empty(), "{}", unused.join("\n"));
}
