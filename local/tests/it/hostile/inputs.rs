//! Hostile requests to an operation, made from its schema in the published contract: whatever the schema says of
//! a field, here is what it does not say.

use std::sync::LazyLock;

use local::{Client, scenarios::Request};
use serde_json::{Value, json};

/// A text that is too long anywhere.
const LONG: usize = 10_001;
/// Stands for what is written into a body afterwards, because no JSON value can say it.
const MARK: &str = "@here@";
/// The body of an operation that the contract gives none: an object that says nothing.
static NO_FIELDS: LazyLock<Value> = LazyLock::new(|| json!({"type": "object", "properties": {}}));

/// A request that is to be refused.
#[derive(Debug)]
pub(super) struct Hostile {
    pub(super) what: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
    /// The field that is wrong, if only one is.
    pub(super) at: Option<String>,
    pub(super) expected: &'static [u16],
}

/// An operation, and what the contract says of it.
pub(super) struct Operation<'a> {
    pub(super) name: &'static str,
    request: &'a Request,
    pub(super) contract: &'a Value,
    schemas: &'a Value,
}

impl Hostile {
    pub(super) async fn send(&self, client: &Client) -> anyhow::Result<local::Answer> {
        let key = uuid::Uuid::new_v4().to_string();
        let given = |name: &str| self.headers.iter().any(|(known, _)| *known == name);
        let usual = [("content-type", "application/json"), ("idempotency-key", &key), ("if-match", "*")];
        let usual = usual.into_iter().filter(|(name, _)| !given(name));
        // A header that is empty here is one that is not sent.
        let own =
            self.headers.iter().map(|(name, value)| (*name, value.as_str())).filter(|(_, value)| !value.is_empty());
        let headers: Vec<_> = usual.chain(own).collect();
        client.send(&self.method, &self.path, &headers, self.body.clone()).await
    }
}

impl<'a> Operation<'a> {
    pub(super) fn of(name: &'static str, request: &'a Request, contract: &'a Value) -> Self {
        Self {
            name,
            request,
            contract: &contract["paths"][&request.route][request.method.to_lowercase()],
            schemas: &contract["components"]["schemas"],
        }
    }

    /// Everything hostile that can be made of it.
    pub(super) fn hostile(&self) -> Vec<Hostile> {
        let parts = [self.sizes(), self.paths(), self.queries(), self.bodies(), self.fields(), self.headers()];
        parts.into_iter().flatten().collect()
    }

    /// Its sample, to be made hostile.
    fn hostile_request(&self, what: impl Into<String>, expected: &'static [u16]) -> Hostile {
        let headers = vec![("content-type", self.request.content_type().to_owned())];
        let (method, path, body) =
            (self.request.method.clone(), self.request.path(), self.request.content().into_bytes());
        Hostile { what: what.into(), method, path, headers, body, at: None, expected }
    }

    /// What its body has to be; nothing, where a body is taken as it is: its bytes are the operation's own affair.
    fn body_schema(&self) -> Option<&Value> {
        let kinds = self.contract["requestBody"]["content"].as_object();
        let Some(kind) = kinds.and_then(|kinds| kinds.values().next()) else { return Some(&NO_FIELDS) };
        // An operation knows every field of the body that it binds, and refuses others.
        Some(self.resolved(&kind["schema"])).filter(|schema| schema["additionalProperties"] == false)
    }

    /// Whether it says all in its address.
    fn reads(&self) -> bool {
        matches!(self.request.method.as_str(), "GET" | "DELETE")
    }

    pub(super) fn takes_bytes(&self) -> bool {
        self.body_schema().is_none()
    }

    /// The fields of its sample's body, if those are fields.
    fn sample_fields(&self) -> Value {
        serde_json::from_str(&self.request.content()).unwrap_or_else(|_| json!({}))
    }

    fn parameters(&self, place: &'static str) -> impl Iterator<Item = &Value> {
        let parameters = self.contract["parameters"].as_array().into_iter().flatten();
        parameters.filter(move |parameter| parameter["in"] == place)
    }

    fn sizes(&self) -> Vec<Hostile> {
        let mut many = self.hostile_request("more headers than anyone sends", &[431]);
        many.headers.extend((0..200).map(|_| ("x-h", "1".to_owned())));
        let large = |bytes, what| Hostile { body: vec![b' '; bytes], ..self.hostile_request(what, &[413]) };
        let mut most = large(1024 * 1024 + 1, "more JSON than any operation takes");
        if self.takes_bytes() {
            // What is taken as it is may be as large as Lambda takes: this is refused for saying nothing.
            most.expected = &[400, 422];
        } else if self.reads() {
            most.expected = &[422];
        }
        vec![many, large(6 * 1024 * 1024 + 1, "a body that Lambda does not take"), most]
    }

    /// Every variable of the path, oddly encoded.
    fn paths(&self) -> Vec<Hostile> {
        let long = "x".repeat(LONG);
        let odd = ["%00", "%FF", "%2F", "..%2F..%2Fme", "%E2%80%AE", "%ED%A0%80", "%", "'%20OR%201=1", "*", &long];
        let with = |name: &str, value: &str| {
            let sample = self.request.path();
            let parts = self.request.route.split('/').zip(sample.split('/'));
            let variable = format!("{{{name}}}");
            let path: Vec<_> = parts.map(|(part, sample)| if part == variable { value } else { sample }).collect();
            let what = format!("{name} as {value:.20} in the path");
            Hostile {
                path: path.join("/"),
                at: Some(format!("/{name}")),
                ..self.hostile_request(what, &[400, 404, 422])
            }
        };
        let names = self.parameters("path").map(|parameter| parameter["name"].as_str().unwrap());
        names
            .flat_map(|name| odd.into_iter().map(move |value| (name, value)))
            .map(|(name, value)| with(name, value))
            .collect()
    }

    /// Every field of the query: twice, too long, of another kind; and one that nobody knows. The other required fields
    /// are as they should be.
    fn queries(&self) -> Vec<Hostile> {
        let path = self.request.path();
        let path = path.split('?').next().unwrap();
        let is_required = |name: &str| {
            self.parameters("query").any(|parameter| parameter["name"] == name && parameter["required"] == true)
        };
        let with = |query: &str, at: &str| Hostile {
            path: {
                let others = self.request.query.iter().filter(|(name, _)| name != at && is_required(name));
                others.fold(format!("{path}?{query}"), |path, (name, value)| format!("{path}&{name}={value}"))
            },
            // What a cursor should be, only its list can tell.
            at: (at != "cursor").then(|| format!("/{at}")),
            ..self.hostile_request(format!("?{query:.40}"), &[400, 422])
        };
        let (mut queries, long) = (vec![with("no%00body=1", "no\0body"), with("nobody=1", "nobody")], "x".repeat(LONG));
        for parameter in self.parameters("query") {
            let name = parameter["name"].as_str().unwrap();
            let numbers = ["-1", "1.5", "1e400", "9223372036854775808", "0x1", "1,2", "NaN"];
            let texts = ["%00", "%E2%80%AE", "%FF", &long];
            let is_number = self.resolved(&parameter["schema"])["type"] == "integer";
            let numbers = numbers.into_iter().filter(|_| is_number);
            queries.extend(texts.into_iter().chain(numbers).map(|value| with(&format!("{name}={value}"), name)));
            queries.push(with(&format!("{name}=1&{name}=2"), name));
        }
        queries
    }

    /// What is no body of any operation as a whole.
    pub(super) fn bodies(&self) -> Vec<Hostile> {
        let with = |what: &str, body: &[u8]| Hostile { body: body.to_vec(), ..self.hostile_request(what, &[400, 422]) };
        let (lists, objects) = ("[".repeat(100_000), r#"{"a":"#.repeat(100_000));
        let name = "x".repeat(100_000);
        let (twice, illegible) = (format!(r#"{{"{name}": 1, "{name}": 2}}"#), format!(r#"{{"{name}": "\u0000"}}"#));
        let odd: [(&str, &[u8]); 12] = [
            ("a list", b"[]"),
            ("null", b"null"),
            ("a text", b"\"text\""),
            ("half a body", b"{"),
            ("two bodies", b"{} {}"),
            ("bytes that are no text", b"{\"\xff\": 1}"),
            ("a byte order mark", b"\xef\xbb\xbf{}"),
            ("lists in lists", lists.as_bytes()),
            ("objects in objects", objects.as_bytes()),
            ("an unknown field twice", br#"{"nobody": 1, "nobody": 2}"#),
            ("a field with a long name twice", twice.as_bytes()),
            ("a field with a long name that says NUL", illegible.as_bytes()),
        ];
        let mut bodies: Vec<_> = odd.into_iter().map(|(what, body)| with(what, body)).collect();
        let required = |schema| self.resolved(schema)["required"].as_array().is_some_and(|names| !names.is_empty());
        if self.body_schema().is_none_or(required) {
            bodies.push(with("no body", b""));
        }
        bodies
    }

    /// Every field of the body, at every level, as what it is not; and what is in path or query, where it is not.
    fn fields(&self) -> Vec<Hostile> {
        let Some(schema) = self.body_schema() else { return Vec::new() };
        let (sample, mut odd) = (self.sample_fields(), Vec::new());
        self.walk(schema, Some(&sample), "", &mut odd);
        for parameter in self.parameters("path").chain(self.parameters("query")) {
            let replaced = format!("/{}", parameter["name"].as_str().unwrap());
            let (what, at) = ("a field of the address".to_owned(), Some(replaced.clone()));
            // Nothing is wrong with it but its place: whatever may be absent may be null.
            odd.push(Odd { what, at, replaced, text: "null".to_owned() });
        }
        let hostile = odd.into_iter().map(|Odd { what, at, replaced, text }| {
            let mut body = sample.clone();
            put(&mut body, &replaced, MARK.into());
            let body = body.to_string().replace(&format!("\"{MARK}\""), &text).into_bytes();
            // What goes on as it is may still be refused for how things stand.
            let what = format!("{what} at {}", at.as_deref().unwrap_or(&replaced));
            Hostile { body, at, ..self.hostile_request(what, &[400, 409, 422]) }
        });
        hostile.collect()
    }

    fn walk(&self, schema: &Value, sample: Option<&Value>, at: &str, odd: &mut Vec<Odd>) {
        let schema = self.resolved(schema);
        let mut add = |what: &str, text: String| {
            odd.push(Odd { what: what.to_owned(), at: Some(at.to_owned()), replaced: at.to_owned(), text });
        };
        match kind(schema) {
            "string" => {
                let long = LONG.max(usize::try_from(schema["maxLength"].as_u64().unwrap_or(0)).unwrap() + 1);
                add("a long text", json!("x".repeat(long)).to_string());
                add("a flood of accents", json!("\u{301}".repeat(long)).to_string());
                add("a list of texts", "[\"a\"]".to_owned());
                add("an object", "{}".to_owned());
                add("true", "true".to_owned());
                add("NUL", r#""a\u0000b""#.to_owned());
                add("half a surrogate pair", r#""a\ud800b""#.to_owned());
                add("text from right to left", "\"a\u{202e}b\"".to_owned());
            }
            "integer" => {
                let edges = ["9223372036854775807", "9223372036854775808", "-9223372036854775809", "9007199254740993"];
                let others = ["1.5", "-0", "1e400", "\"1\"", "NaN", "0x1", "01", "true", "[]", "{}"];
                let below = (schema["minimum"].as_i64() == Some(0)).then_some("-1");
                edges.into_iter().chain(others).chain(below).for_each(|number| add(number, number.to_owned()));
            }
            "boolean" => ["0", "\"true\"", "[]"].into_iter().for_each(|text| add(text, text.to_owned())),
            "array" => {
                for text in ["{}", "\"a\"", "1"] {
                    add(text, text.to_owned());
                }
                let first = sample.and_then(|items| items.get(0));
                self.walk(&schema["items"], first, &format!("{at}/0"), odd);
            }
            _ => {
                ["[]", "\"a\"", "1"].into_iter().filter(|_| !at.is_empty()).for_each(|text| add(text, text.to_owned()));
                self.walk_object(schema, sample, at, odd);
            }
        }
    }

    fn walk_object(&self, schema: &Value, sample: Option<&Value>, at: &str, odd: &mut Vec<Odd>) {
        let (known, from) = (sample.and_then(Value::as_object), odd.len());
        if let Some((name, value)) = known.and_then(|fields| fields.iter().next()) {
            let rest = known
                .into_iter()
                .flatten()
                .fold(String::new(), |rest, (name, value)| format!("{rest}, {}: {value}", json!(name)));
            let text = format!("{{{}: {value}{rest}}}", json!(name));
            odd.push(Odd {
                what: "a field twice".to_owned(),
                at: Some(format!("{at}/{name}")),
                replaced: at.to_owned(),
                text,
            });
        }
        match schema["properties"].as_object() {
            Some(fields) => {
                for (name, field) in fields {
                    self.walk(field, sample.and_then(|sample| sample.get(name)), &format!("{at}/{name}"), odd);
                }
                let replaced = format!("{at}/nobody");
                let at = Some(replaced.clone());
                odd.push(Odd { what: "an unknown field".to_owned(), at, replaced, text: "1".to_owned() });
            }
            // Whatever names there are, all say the same kind of thing.
            None => self.walk(&schema["additionalProperties"], None, &format!("{at}/name"), odd),
        }
        if known.is_none() {
            // Without its other fields, any of them may be what is said to be missing.
            odd[from..].iter_mut().for_each(|odd| odd.at = None);
        }
    }

    /// Its headers that are conditions, and the type of its body.
    fn headers(&self) -> Vec<Hostile> {
        let with = |name: &'static str, value: &str, expected| {
            let mut hostile = self.hostile_request(format!("{name}: {value:.20}"), expected);
            hostile.headers.retain(|(known, _)| *known != name);
            hostile.headers.push((name, value.to_owned()));
            hostile
        };
        let mut headers = Vec::new();
        if self.parameters("header").any(|header| header["name"] == "Idempotency-Key") {
            let long = "x".repeat(LONG);
            headers.extend(["", " ", &long].map(|key| with("idempotency-key", key, &[400])));
        }
        let kinds = ["", "text/plain", "application/jsonx", "application/x-www-form-urlencoded", "json", ";"];
        if self.takes_bytes() {
            // A webhook is refused for its signature before anybody asks what else it is.
            headers.extend(kinds.map(|kind| with("content-type", kind, &[400, 415])));
            return headers;
        }
        if self.reads() {
            // It takes no body, so no type of a body is wrong.
            return headers;
        }
        // An empty body has no type that could be wrong, so here is always one.
        let body = self.sample_fields().to_string().into_bytes();
        headers.extend(kinds.map(|kind| Hostile { body: body.clone(), ..with("content-type", kind, &[415]) }));
        let known = with("content-type", "APPLICATION/JSON; charset=utf-8", &[400]);
        headers.push(Hostile { body: b"{".to_vec(), ..known });
        headers
    }

    fn resolved<'b>(&'b self, schema: &'b Value) -> &'b Value {
        let name = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next());
        if let Some(name) = name {
            return self.resolved(&self.schemas[name]);
        }
        // What may be absent may be null.
        match schema["anyOf"].as_array() {
            Some(kinds) => self.resolved(&kinds[0]),
            None => schema,
        }
    }
}

/// What a field is to be instead.
struct Odd {
    what: String,
    at: Option<String>,
    /// What is written over: the field, or what it is in.
    replaced: String,
    text: String,
}

fn kind(schema: &Value) -> &str {
    let kind = schema["type"].as_array().map_or(&schema["type"], |kinds| &kinds[0]);
    kind.as_str().unwrap_or(if schema["enum"].is_array() || schema["oneOf"].is_array() { "string" } else { "object" })
}

/// Puts a value where a pointer points, and makes the way there.
fn put(body: &mut Value, pointer: &str, value: Value) {
    let mut place = body;
    for part in pointer.split('/').skip(1) {
        place = if let Ok(at) = part.parse::<usize>() {
            if place.get(at).is_none() {
                *place = json!([null]);
            }
            &mut place[at]
        } else {
            if !place.is_object() {
                *place = json!({});
            }
            &mut place[part]
        };
    }
    *place = value;
}
