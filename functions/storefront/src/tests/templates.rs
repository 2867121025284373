//! What no template may have, and that each text is in `locales/`.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn files(folder: &str, extension: &str) -> Vec<(String, String)> {
    fn within(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                within(&entry, extension, found);
            } else if entry.extension().is_some_and(|own| own == extension) {
                found.push(entry);
            }
        }
    }
    let mut found = Vec::new();
    within(&Path::new(ROOT).join(folder), extension, &mut found);
    let read =
        |path: PathBuf| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap());
    found.into_iter().map(read).collect()
}

/// What a template has that it must not have.
fn faults(template: &str) -> Vec<&'static str> {
    let lower = template.to_ascii_lowercase();
    let mut faults = Vec::new();
    for (mark, fault) in [
        ("|safe", "text that is not escaped"),
        ("| safe", "text that is not escaped"),
        (" style=", "a style in the page"),
        ("<style", "a style in the page"),
        ("javascript:", "a script in the page"),
        ("hx-on", "a script in the page"),
        ("js:", "a script in the page"),
    ] {
        if lower.contains(mark) {
            faults.push(fault);
        }
    }
    let handler = |part: &str| {
        let name = part.split('=').next().unwrap_or_default();
        name.starts_with("on") && name.len() > 2 && name.bytes().all(|b| b.is_ascii_lowercase()) && part.contains('=')
    };
    if lower.split_whitespace().any(handler) {
        faults.push("a script in the page");
    }
    let scripts = lower.split("<script").skip(1).filter_map(|rest| rest.split('>').next());
    if scripts.into_iter().any(|script| !script.contains("src=") && !script.contains("application/ld+json")) {
        faults.push("a script in the page");
    }
    if lower.contains("={{") || lower.contains("= {{") {
        faults.push("an attribute without quotes");
    }
    if texts(template).iter().any(|text| text.chars().any(char::is_alphabetic)) {
        faults.push("a text that is not in locales/");
    }
    faults
}

/// The texts between the tags of a template, without its expressions.
fn texts(template: &str) -> Vec<String> {
    let mut plain = template.to_owned();
    for (open, close) in [("{%", "%}"), ("{{", "}}"), ("{#", "#}")] {
        while let Some((before, rest)) = plain.split_once(open) {
            let after = rest.split_once(close).map_or("", |(_, after)| after);
            plain = format!("{before}{after}");
        }
    }
    let parts = plain.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    parts.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect()
}

#[test]
fn no_template_has_what_it_must_not_have() {
    for (name, template) in files("templates", "html") {
        assert_eq!(faults(&template), Vec::<&str>::new(), "{name}");
    }
}

#[test]
fn what_no_template_may_have_is_noticed() {
    for (broken, fault) in [
        ("<p>{{ title|safe }}</p>", "text that is not escaped"),
        ("<p style=\"color:red\">{{ title }}</p>", "a style in the page"),
        ("<a onclick=\"go()\">{{ title }}</a>", "a script in the page"),
        ("<script>go()</script>", "a script in the page"),
        ("<a href={{ path }}>{{ title }}</a>", "an attribute without quotes"),
        ("<p>Hello {{ title }}</p>", "a text that is not in locales/"),
    ] {
        assert!(faults(broken).contains(&fault), "{broken}");
    }
    assert_eq!(faults("<p class=\"on\">{{ a }} · <b>{% if b %}{{ c }}{% endif %}</b></p>"), Vec::<&str>::new());
}

/// The keys of the texts in `locales/`.
fn keys() -> BTreeSet<String> {
    let lines = files("locales/en", "ftl")
        .into_iter()
        .flat_map(|(_, text)| text.lines().map(str::to_owned).collect::<Vec<_>>());
    let keys = lines.filter_map(|line| {
        let (key, _) = line.split_once(" =")?;
        key.starts_with(|c: char| c.is_ascii_lowercase()).then(|| key.to_owned())
    });
    keys.collect()
}

/// The texts in quotes of templates and sources.
fn quoted() -> BTreeSet<String> {
    let all = [files("templates", "html"), files("src", "rs")].concat();
    let quoted = all.iter().flat_map(|(_, text)| text.split('"').skip(1).step_by(2).map(str::to_owned));
    let mut quoted: BTreeSet<_> = quoted.collect();
    quoted.extend(all.iter().flat_map(|(_, text)| text.split('"').step_by(2).map(str::to_owned)));
    quoted
}

#[test]
fn every_text_of_a_template_is_there_and_every_text_is_used() {
    let (keys, quoted) = (keys(), quoted());
    for (name, template) in files("templates", "html") {
        for call in ["shell.t(\"", "shell.n(\"", "shell.w(\""] {
            for key in template.split(call).skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(keys.contains(key), "{name}: there is no text {key}");
            }
        }
    }
    // The beginnings of keys that are put together.
    let built = [
        "choices-",
        "country-",
        "currency-",
        "desk-reason-",
        "event-",
        "facet-",
        "field-",
        "language-",
        "ledger-",
        "method-",
        "note-",
        "parcel-option-",
        "problem-",
        "role-",
        "sort-",
        "why-",
    ];
    let unused: Vec<_> =
        keys.iter().filter(|key| !quoted.contains(*key) && !built.iter().any(|start| key.starts_with(start))).collect();
    assert!(unused.is_empty(), "no page has {unused:?}");
}

#[test]
fn the_style_sheet_and_the_font_are_within_their_budgets() {
    let size = |name: &str| fs::metadata(Path::new(ROOT).join("assets").join(name)).unwrap().len();
    assert!(size("instrument-sans.woff2") <= 31 * 1024);
    // 13.3 KB when compressed.
    assert!(size("htmx.min.js") <= 37 * 1024);
    // Nine kilobytes when compressed, which is a quarter of this.
    assert!(size("souk.css") <= 36 * 1024, "{}", size("souk.css"));
}
