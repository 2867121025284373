//! What pages look like in each of their states, as files that a change of a template changes too:
//! `INSTA_UPDATE=always cargo test -p storefront` writes them anew.

use lambda::testing::Answer;

/// Compares the main part of a page with the file of this name.
pub(super) fn golden(name: &str, page: &Answer) {
    insta::with_settings!({ snapshot_path => "golden", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, main(&page.text));
    });
}

/// The main part without what is random: the secrets and the keys of forms, and the ids of sessions.
fn main(html: &str) -> String {
    let main = html.split_once("<main ").and_then(|(_, rest)| rest.split_once("</main>"));
    let main = main.unwrap_or_else(|| panic!("{html}")).0;
    let fields = ["csrf", "key", "session"].map(|name| format!(" name=\"{name}\" value=\""));
    fields.iter().fold(main.to_owned(), |main, field| {
        let mut parts = main.split(field.as_str());
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |all, rest| {
            let (value, rest) = rest.split_once('"').unwrap_or_default();
            let shown = if value.is_empty() { "" } else { "…" };
            format!("{all}{field}{shown}\"{rest}")
        })
    })
}
