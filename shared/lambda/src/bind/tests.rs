use std::collections::BTreeMap;

use contracts::{OrderId, Role};
use lambda_runtime::Context;
use serde::Deserialize;
use serde_json::{json, value::to_raw_value};

use super::{explain::LONGEST_TEXT, *};
use crate::{ExactText, LongText};

#[derive(Debug, PartialEq, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Sample {
    #[garde(skip)]
    order_id: Option<OrderId>,
    #[garde(range(min = 1, max = 9))]
    how_many: u32,
    #[garde(skip)]
    #[serde(default)]
    roles: Vec<Role>,
    #[garde(dive)]
    #[serde(default)]
    parts: Vec<Part>,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Part {
    #[garde(length(min = 1))]
    part_name: String,
}

fn texts(pairs: &[(&str, &str)]) -> Fields {
    let field = |text: &str| Field { value: text.into(), is_parameter: true, is_in_path: false };
    pairs.iter().map(|(name, text)| ((*name).to_owned(), field(text))).collect()
}

fn pointers(problem: Problem) -> Vec<String> {
    let Problem::Known(details) = problem else { panic!("{problem}") };
    details.errors.into_iter().map(|error| error.pointer).collect()
}

fn from_json(json: &str) -> Result<Sample, Problem> {
    <Sample as Input>::from_json(serde_json::from_str(json).unwrap())
}

#[test]
fn texts_of_path_and_query_take_the_type_of_their_field() {
    let fields =
        texts(&[("orderId", "ord_0000000000000000000000000000002a"), ("howMany", "3"), ("roles", "guest,admin")]);
    let read: Sample = read(&fields, NORMALIZED).unwrap();
    assert_eq!((read.how_many, read.roles), (3, vec![Role::Guest, Role::Admin]));
    assert_eq!(pointers(super::read::<Sample>(&texts(&[("howMany", "many")]), NORMALIZED).unwrap_err()), ["/howMany"]);
}

#[test]
fn what_is_no_id_in_the_path_belongs_to_nothing() {
    let bound = |parameters: serde_json::Value, query: &str| {
        let http = json!({"requestContext": {"http": {"method": "GET"}}, "pathParameters": parameters, "rawQueryString": query});
        let event = to_raw_value(&http).unwrap();
        Sample::bind(&Request::read(&event, Context::default()).unwrap()).unwrap_err()
    };
    let not_found = |problem: Problem| match problem {
        Problem::Known(details) => (details.status, details.slug, details.detail, details.errors.len()),
        other => panic!("{other:?}"),
    };
    for id in ["ord_1", "ORD_0000000000000000000000000000002A", "\0"] {
        let said = not_found(bound(json!({"orderId": id}), "howMany=1"));
        assert_eq!(said, (404, "not-found", Some("There is no such order.".to_owned()), 0), "{id}");
    }
    assert_eq!(pointers(bound(json!({}), "howMany=1&orderId=ord_1")), ["/orderId"], "of the query");
    assert_eq!(pointers(bound(json!({"howMany": "x"}), "")), ["/howMany"], "no id");
    assert_eq!(words("paymentMethod"), "payment method");
}

#[test]
fn a_request_that_reads_or_removes_says_in_its_address_what_it_is_about() {
    let bound = |method: &str, body: &str| {
        let headers = json!({"content-type": "application/json"});
        let event = json!({"headers": headers, "body": body, "requestContext": {"http": {"method": method}}});
        let event = to_raw_value(&event).unwrap();
        Sample::bind(&Request::read(&event, Context::default()).unwrap())
    };
    assert_eq!(bound("POST", r#"{"howMany": 3}"#).unwrap().how_many, 3);
    for method in ["GET", "DELETE"] {
        let problem = bound(method, r#"{"howMany": 3}"#).unwrap_err().to_string();
        assert!(problem.ends_with("/howMany is not a field of the body"), "{method}: {problem}");
        // An empty body is accepted: the problem reports the missing field, not the body.
        let problem = bound(method, "{}").unwrap_err().to_string();
        assert!(problem.ends_with("/howMany is required"), "{method}: {problem}");
    }
}

#[test]
fn what_a_request_changes_does_not_stand_in_its_address() {
    let event = |method: &str| json!({"rawQueryString": "howMany=3", "requestContext": {"http": {"method": method}}});
    let bound = |method: &str| {
        let event = to_raw_value(&event(method)).unwrap();
        Sample::bind(&Request::read(&event, Context::default()).unwrap())
    };
    assert_eq!(bound("GET").unwrap().how_many, 3);
    for method in ["POST", "PUT", "PATCH"] {
        let problem = bound(method).unwrap_err().to_string();
        assert!(problem.ends_with("/howMany is not a field of the query"), "{method}: {problem}");
    }
}

#[test]
fn every_invalid_field_is_named() {
    let problem = from_json(r#"{"howMany": 10, "parts": [{"partName": "a"}, {"partName": ""}]}"#).unwrap_err();
    assert_eq!(pointers(problem), ["/howMany", "/parts/1/partName"]);
}

#[test]
fn an_answer_stays_small_however_wrong_the_input() {
    let parts = vec![r#"{"partName": ""}"#; 1000].join(",");
    let problem = from_json(&format!(r#"{{"howMany": 1, "parts": [{parts}]}}"#)).unwrap_err();
    assert_eq!(pointers(problem).len(), 100);
    let long = "x".repeat(10_000);
    for json in [format!(r#"{{"howMany": "{long}"}}"#), format!(r#"{{"howMany": 1, "{long}": 1}}"#)] {
        let problem = from_json(&json).unwrap_err();
        assert!(problem.to_string().len() < 3 * LONGEST_TEXT, "{problem}");
    }
}

#[test]
fn a_missing_surplus_or_mistyped_field_is_named() {
    assert_eq!(pointers(from_json("{}").unwrap_err()), ["/howMany"]);
    assert_eq!(pointers(from_json(r#"{"howMany": 1, "extra": 1}"#).unwrap_err()), ["/extra"]);
    assert_eq!(pointers(from_json(r#"{"howMany": 1, "parts": [{}]}"#).unwrap_err()), ["/parts/0/partName"]);
    assert_eq!(pointers(from_json(r#"{"howMany": "1"}"#).unwrap_err()), ["/howMany"]);
    assert_eq!(pointers(from_json(r#"{"howMany": 1, "orderId": "ord_1"}"#).unwrap_err()), ["/orderId"]);
}

fn errors(problem: Problem) -> Vec<(String, String)> {
    let Problem::Known(details) = problem else { panic!("{problem}") };
    details.errors.into_iter().map(|error| (error.pointer, error.detail)).collect()
}

fn told<T: Input>(input: serde_json::Value) -> Vec<(String, String)> {
    match T::from_json(input) {
        Ok(_) => Vec::new(),
        Err(problem) => errors(problem),
    }
}

fn pairs(told: &[(&str, &str)]) -> Vec<(String, String)> {
    told.iter().map(|(pointer, detail)| ((*pointer).to_owned(), (*detail).to_owned())).collect()
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Texts {
    #[garde(length(chars, min = 1, max = 3))]
    name: String,
    #[garde(length(chars, max = 9))]
    notes: LongText,
    #[garde(skip)]
    secret: ExactText,
    #[garde(skip)]
    #[serde(default)]
    more: BTreeMap<String, String>,
}

impl std::fmt::Debug for ExactText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self)
    }
}

const TYPED: &str = " e\u{301}\u{200b}a ";

fn typed() -> serde_json::Value {
    json!({"name": TYPED, "notes": "a\r\nb", "secret": TYPED, "more": {TYPED: TYPED}})
}

#[test]
fn each_text_is_bound_in_its_form() {
    let texts = Texts::from_json(typed()).unwrap();
    assert_eq!((&*texts.name, &*texts.notes, &*texts.secret), ("éa", "a\nb", TYPED));
    assert_eq!(texts.more, BTreeMap::from([("éa".to_owned(), "éa".to_owned())]));
    let query = [("name", TYPED), ("notes", "a\nb"), ("secret", TYPED)];
    let texts: Texts = read(&super::tests::texts(&query), NORMALIZED).unwrap();
    assert_eq!((&*texts.name, &*texts.notes, &*texts.secret), ("éa", "a\nb", TYPED));
}

#[test]
fn an_exact_input_is_read_as_it_was_sent() {
    let Exact(mut texts) =
        Exact::<Texts>::from_json(json!({"name": "a ", "notes": "a\r\n", "secret": " ", "more": {" ": " "}})).unwrap();
    assert_eq!((&*texts.name, &*texts.notes, &*texts.secret), ("a ", "a\r\n", " "));
    assert_eq!(texts.more.pop_first().unwrap(), (" ".to_owned(), " ".to_owned()));
    assert_eq!(told::<Exact<Texts>>(json!({"name": "\0"})), pairs(&[("/name", "must not have control characters")]));
}

#[test]
fn a_text_is_counted_in_its_form() {
    let with = |name: &str| told::<Texts>(json!({"name": name, "notes": "", "secret": ""}));
    for name in ["  ", "\u{a0}\u{2003}", "\u{200b}", "\t", "\u{3164}", "abcd"] {
        assert_eq!(with(name), pairs(&[("/name", "must be text of 1 to 3 characters")]), "{name:?}");
    }
    for name in ["e\u{301}e\u{301}e\u{301}", "  abc  ", "a\u{ad}b\u{ad}c"] {
        assert_eq!(with(name), [], "{name:?}");
    }
    assert_eq!(with("a\nb"), pairs(&[("/name", "must be a single line")]));
    assert_eq!(with("\u{202e}a"), pairs(&[("/name", "must close each mark of reading direction on its line")]));
}

#[test]
fn two_spellings_of_a_name_are_one_name() {
    let names = json!({"name": "a", "notes": "", "secret": "", "more": {"e\u{301}": "1", "\u{e9}": "2"}});
    assert_eq!(told::<Texts>(names), pairs(&[("/more", "must have each name once")]));
}

#[test]
fn the_schema_of_a_text_has_its_bounds() {
    let schema = schemars::schema_for!(Texts).to_value();
    let (name, notes) = (&schema["properties"]["name"], &schema["properties"]["notes"]);
    assert_eq!((&name["type"], &name["minLength"], &name["maxLength"]), (&json!("string"), &json!(1), &json!(3)));
    assert_eq!((&notes["type"], &notes["maxLength"]), (&json!("string"), &json!(9)));
}

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "only read and refused")]
struct Wide {
    #[garde(range(min = 1, max = 999))]
    quantity: u32,
    #[garde(skip)]
    price: contracts::Money,
    #[garde(length(min = 1, max = 2))]
    list: Vec<String>,
    #[garde(skip)]
    when: Option<jiff::Timestamp>,
    #[garde(skip)]
    sure: Option<bool>,
    #[garde(inner(range(min = 1, max = 100)))]
    limit: Option<u32>,
    #[garde(skip)]
    role: Option<Role>,
    #[garde(skip)]
    order_id: Option<OrderId>,
    #[garde(skip)]
    #[serde(default)]
    names: BTreeMap<String, String>,
}

#[test]
fn all_that_is_missing_is_told_at_once() {
    let missing = told::<Wide>(json!({"price": {}}));
    let required = ["/price/amount", "/price/currency", "/quantity", "/list"].map(|pointer| (pointer, "is required"));
    let mut missing: Vec<_> = missing;
    let mut required = pairs(&required);
    missing.sort();
    required.sort();
    assert_eq!(missing, required);
}

#[test]
fn what_is_allowed_is_told_in_words_of_the_api() {
    let good = || json!({"quantity": 1, "price": {"amount": 1, "currency": "EUR"}, "list": ["a"]});
    let with = |pointer: &str, wrong: serde_json::Value| {
        let mut input = good();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        *input.pointer_mut(parent).unwrap().as_object_mut().unwrap().entry(name).or_insert(json!(0)) = wrong;
        told::<Wide>(input)
    };
    let money = "must be an amount in minor units, such as 1299 for 12.99";
    for (pointer, wrong, detail) in [
        ("/quantity", json!("1"), "must be a whole number from 1 to 999"),
        ("/quantity", json!(1.5), "must be a whole number from 1 to 999"),
        ("/quantity", json!(0), "must be a whole number from 1 to 999"),
        ("/quantity", json!(-1), "must be a whole number from 1 to 999"),
        ("/quantity", json!(u64::MAX), "must be a whole number from 1 to 999"),
        ("/quantity", json!(null), "must be a whole number from 1 to 999"),
        ("/price", json!("12.99"), "must be an object"),
        ("/price", json!([1299, "EUR"]), "must be an object"),
        ("/price/amount", json!(12.99), money),
        ("/price/amount", json!("12.99"), money),
        ("/price/currency", json!("eur"), "must be one of: CHF, EUR, GBP, JPY, KWD, USD"),
        ("/price/currency", json!(1), "must be one of: CHF, EUR, GBP, JPY, KWD, USD"),
        ("/list", json!("a"), "must be a list of 1 to 2 entries"),
        ("/list", json!([]), "must be a list of 1 to 2 entries"),
        ("/when", json!("tomorrow"), "must be a time, such as 2026-01-31T12:00:00Z"),
        ("/when", json!(1), "must be a time, such as 2026-01-31T12:00:00Z"),
        ("/sure", json!("true"), "must be true or false"),
        ("/orderId", json!("ord_1"), "must be an id such as ord_0198c2f06d2a7c1e9d4b8a3f5e6c7d80"),
        ("/names", json!([]), "must be an object"),
        ("/names", json!({"a/b": 1}), "must be text"),
    ] {
        let at = if detail == "must be text" { "/names/a~1b" } else { pointer };
        assert_eq!(with(pointer, wrong.clone()), pairs(&[(at, detail)]), "{pointer} {wrong}");
    }
    assert_eq!(with("/limit", json!(101)), pairs(&[("/limit", "must be 100 or less")]));
    assert_eq!(with("/limit", json!(0)), pairs(&[("/limit", "must be 1 or more")]));
    let known = "quantity, price, list, when, sure, limit, role, orderId, names";
    let unknown = with("/colour", json!(1)).remove(0);
    assert_eq!(unknown.0, "/colour");
    let mut listed: Vec<_> =
        unknown.1.strip_prefix("is not a field here; the fields are: ").unwrap().split(", ").collect();
    listed.sort_unstable();
    let mut known: Vec<_> = known.split(", ").collect();
    known.sort_unstable();
    assert_eq!(listed, known);
}

#[test]
fn every_wrong_type_is_told_at_once() {
    let wrong = json!({"quantity": "1", "price": 5, "list": [1], "sure": 1, "names": {"a": 1}});
    let mut pointers: Vec<_> = told::<Wide>(wrong).into_iter().map(|(pointer, _)| pointer).collect();
    pointers.sort();
    assert_eq!(pointers, ["/list/0", "/names/a", "/price", "/quantity", "/sure"]);
}

#[test]
fn parameters_of_the_wrong_type_are_told_what_is_allowed() {
    let query = |name: &str, text: &str| errors(read::<Wide>(&texts(&[(name, text)]), NORMALIZED).unwrap_err());
    let of = |name: &str, text: &str| {
        let at = format!("/{name}");
        query(name, text).into_iter().find(|(pointer, _)| *pointer == at).map(|(_, detail)| detail)
    };
    assert_eq!(of("quantity", "1.5").unwrap(), "must be a whole number from 1 to 999");
    assert_eq!(of("sure", "yes").unwrap(), "must be true or false");
    assert_eq!(of("role", "owl").unwrap(), "must be one of: guest, customer, merchant, courier, support, admin");
    assert_eq!((of("quantity", "1"), of("sure", "true"), of("list", "a,b")), (None, None, None));
}

#[test]
fn a_parameter_whose_bytes_are_not_utf_8_is_refused() {
    #[derive(Debug, Deserialize, JsonSchema, Validate)]
    struct Search {
        #[garde(skip)]
        #[expect(dead_code, reason = "it is never read")]
        text: String,
    }

    let decoded = form_urlencoded::parse(b"text=%FF").next().unwrap().1.into_owned();
    let problem = read::<Search>(&texts(&[("text", &decoded)]), NORMALIZED).unwrap_err();
    let Problem::Known(details) = problem else { panic!("{problem}") };
    let error = &details.errors[0];
    assert_eq!((&*error.pointer, &*error.detail), ("/text", "must be text in UTF-8, percent-encoded"));
}
