//! What is wrong with the HTML of a page. Every page that a test gets is checked.

use std::collections::BTreeSet;

use lambda::testing::Answer;
use scraper::{ElementRef, Html, Selector};

/// Panics if an answer is HTML with a fault.
pub(super) fn check(answer: &Answer) {
    let is_html = answer.headers.get("content-type").is_some_and(|kind| kind.starts_with("text/html"));
    if is_html && !answer.text.is_empty() {
        let faults = faults(&answer.text);
        assert!(faults.is_empty(), "{faults:?} in {}", answer.text);
    }
}

/// What is wrong with a page, or with a part of one.
fn faults(html: &str) -> Vec<String> {
    let is_whole = html.starts_with("<!doctype html>");
    let document = if is_whole { Html::parse_document(html) } else { Html::parse_fragment(html) };
    let mut faults: Vec<_> = document.errors.iter().map(ToString::to_string).collect();
    let elements = |selector: &str| {
        let selector = Selector::parse(selector).expect("a selector");
        document.select(&selector).collect::<Vec<_>>()
    };
    let mut ids = BTreeSet::new();
    for element in elements("[id]") {
        let id = element.attr("id").unwrap_or_default();
        if !ids.insert(id) {
            faults.push(format!("two elements have the id {id}"));
        }
    }
    for element in elements("*") {
        for (name, _) in element.value().attrs() {
            if name == "style" || name.starts_with("on") {
                faults.push(format!("{} has {name}", element.value().name()));
            }
        }
    }
    for field in elements("input:not([type=hidden]), select, textarea, progress") {
        if !is_named(field, &elements("label[for]")) {
            faults.push(format!("no label belongs to {}", field.html()));
        }
    }
    for button in elements("button, a[href]") {
        if button.attr("aria-label").is_none() && button.text().collect::<String>().trim().is_empty() {
            faults.push(format!("nothing says what {} does", button.html()));
        }
    }
    if is_whole {
        let headings = elements("h1").len();
        if headings != 1 {
            faults.push(format!("{headings} elements are the first heading"));
        }
        for (attribute, selector) in [
            ("for", "label[for]"),
            ("aria-labelledby", "[aria-labelledby]"),
            ("aria-describedby", "[aria-describedby]"),
            ("href", "a[href^='#']"),
        ] {
            let targets = elements(selector);
            let targets = targets.iter().flat_map(|element| element.attr(attribute).unwrap_or_default().split(' '));
            let missing = targets.map(|target| target.trim_start_matches('#')).filter(|target| !ids.contains(target));
            faults.extend(missing.map(|target| format!("{attribute} leads to {target}, which is not there")));
        }
    }
    faults
}

fn is_named(field: ElementRef<'_>, labels: &[ElementRef<'_>]) -> bool {
    let mut above = field.ancestors().filter_map(ElementRef::wrap);
    field.attr("aria-label").is_some()
        || field.attr("aria-labelledby").is_some()
        || above.any(|element| element.value().name() == "label")
        || field.attr("id").is_some_and(|id| labels.iter().any(|label| label.attr("for") == Some(id)))
}

#[test]
fn what_is_wrong_with_a_page_is_noticed() {
    for (broken, fault) in [
        ("<p>a</div>", "Unexpected"),
        ("<p id=\"a\"></p><p id=\"a\"></p>", "two elements have the id a"),
        ("<p style=\"color:red\">a</p>", "p has style"),
        ("<p onclick=\"go()\">a</p>", "p has onclick"),
        ("<input name=\"a\">", "no label belongs to"),
        ("<label for=\"b\">b</label><input id=\"a\">", "no label belongs to"),
        ("<button></button>", "nothing says what"),
        ("<!doctype html><title>a</title><h1>a</h1><h1>b</h1>", "2 elements are the first heading"),
        ("<!doctype html><title>a</title><h1>a</h1><p aria-describedby=\"b\">a</p>", "aria-describedby leads to b"),
        ("<!doctype html><title>a</title><h1>a</h1><a href=\"#b\">a</a>", "href leads to b"),
    ] {
        let faults = faults(broken);
        assert!(faults.iter().any(|own| own.contains(fault)), "{broken}: {faults:?}");
    }
    let right = "<!doctype html><title>a</title><h1 id=\"b\">a</h1><label for=\"a\">a</label><input id=\"a\" \
                 aria-describedby=\"b\"><label><input type=\"radio\"> c</label><a href=\"#b\">b</a>";
    assert_eq!(faults(right), Vec::<String>::new());
}
