//! `docs/ARCHITECTURE.md`: its matrix of events is generated, and its paths exist.

use std::{env, fmt::Write as _, fs, path::PathBuf};

use super::tidy::{ROOT, deployment};
use crate::template::Deployment;

/// The comments around the matrix.
const BEGIN: &str = "<!-- begin events -->\n";
const END: &str = "<!-- end events -->\n";

fn page() -> PathBuf {
    ROOT.join("docs/ARCHITECTURE.md")
}

/// The matrix: each event, the service that publishes it, and the functions that listen to it.
fn matrix(deployment: &Deployment) -> String {
    let mut table = "| event | published by | listened to by |\n|---|---|---|\n".to_owned();
    for event in contracts::events::all() {
        let listens = |function: &&_| deployment.events_of(function).contains(event.name);
        let mut listeners: Vec<_> = deployment
            .functions
            .iter()
            .filter(listens)
            .map(|function| format!("{} `{}`", function.service, function.binary))
            .collect();
        listeners.sort_unstable();
        let listeners = if listeners.is_empty() { "-".to_owned() } else { listeners.join(", ") };
        let service = event.source.trim_start_matches("souk.");
        writeln!(table, "| `{}` | {service} | {listeners} |", event.name).unwrap();
    }
    table
}

#[test]
fn the_matrix_of_events_is_what_contracts_and_templates_say() {
    let made = matrix(&deployment());
    let text = fs::read_to_string(page()).unwrap();
    let (head, rest) = text.split_once(BEGIN).unwrap();
    let (kept, tail) = rest.split_once(END).unwrap();
    if env::var_os("SOUK_WRITE").is_some() {
        fs::write(page(), format!("{head}{BEGIN}{made}{END}{tail}")).unwrap();
    } else {
        assert!(kept == made, "SOUK_WRITE=1 cargo test -p local --lib matrix_of_events writes it; made:\n{made}");
    }
}

#[test]
fn the_matrix_names_every_listener_of_a_cancelled_order() {
    let made = matrix(&deployment());
    let row = made.lines().find(|row| row.starts_with("| `OrderCancelled.v1`")).unwrap();
    let listeners =
        "checkout `reopen-cart`, delivery `cancel-shipment`, inventory `release-stock`, payments `void-or-refund`";
    assert_eq!(row, format!("| `OrderCancelled.v1` | orders | {listeners} |"));
}

/// The paths in a page: texts in backquotes that begin with a folder of this repository. Another placeholder than the
/// service ends the part that is checked.
fn paths(page: &str) -> impl Iterator<Item = &str> {
    let quoted = page.split('`').skip(1).step_by(2);
    let folders = ["functions/", "shared/", "local/", "events/", ".ci/", ".github/", "docs/"];
    let paths = quoted.filter(move |text| folders.iter().any(|folder| text.starts_with(folder)));
    paths.map(|path| path.split_once('<').map_or(path, |(folder, _)| &folder[..folder.rfind('/').unwrap_or_default()]))
}

#[test]
fn the_files_that_the_page_names_exist() {
    let text = fs::read_to_string(page()).unwrap().replace("<service>", "orders");
    let gone: Vec<_> = paths(&text).filter(|path| !ROOT.join(path).exists()).collect();
    assert!(gone.is_empty(), "docs/ARCHITECTURE.md names {gone:?}");
    assert!(paths(&text).count() > 20, "no paths are found in docs/ARCHITECTURE.md");
}

#[test]
fn a_path_that_does_not_exist_is_noticed() {
    let page = "See `functions/orders/src/<aggregate>.rs`, `local/src/nowhere.rs` and `Order::place`.";
    let found: Vec<_> = paths(page).collect();
    assert_eq!(found, ["functions/orders/src", "local/src/nowhere.rs"]);
    assert!(ROOT.join(found[0]).exists() && !ROOT.join(found[1]).exists());
}
