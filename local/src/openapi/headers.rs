//! Headers of requests and responses.

use lambda::Http;
use serde_json::{Value, json};

const COMPONENTS: [(&str, &str); 9] = [
    ("ETag", "The version of the resource. A guest's profile has none."),
    ("Idempotency-Replayed", "`true` if this is the reply to an earlier request with the same key."),
    ("Link", "The next page, with `rel=\"next\"`, if there is one."),
    ("Location", "The path of the resource."),
    ("RateLimit", "The state of the rate limit that refused the request: requests left, and seconds until its reset."),
    ("RateLimit-Policy", "The rate limit that refused the request: requests allowed, and its window in seconds."),
    ("Retry-After", "The number of seconds after which the request can be sent again."),
    ("WWW-Authenticate", "The authentication scheme: `Bearer`."),
    ("X-Request-Id", "The id of the request, for support."),
];

/// Every header of a response.
pub(super) fn components() -> Value {
    let header = |(name, description): &(&str, &str)| {
        ((*name).to_owned(), json!({"description": description, "schema": {"type": "string"}}))
    };
    Value::Object(COMPONENTS.iter().map(header).collect())
}

/// A header of a response.
pub(super) fn referred(name: &str) -> Value {
    json!({"$ref": format!("#/components/headers/{name}")})
}

/// The headers of the reply of an operation.
pub(super) fn of_response(method: &str, http: Http) -> Value {
    let mut names = vec!["X-Request-Id"];
    // A POST that creates something without a path has no Location, and neither has one that starts a session.
    if matches!(http.reply.status, 201 | 202) && http.has_key(method) {
        names.push("Location");
    }
    if http.has_key(method) {
        names.push("Idempotency-Replayed");
    }
    if http.versioned {
        names.push("ETag");
    }
    if http.is_paged() {
        names.push("Link");
    }
    Value::Object(names.into_iter().map(|name| (name.to_owned(), referred(name))).collect())
}

/// Headers that make a request conditional, or safe to repeat.
pub(super) fn of_request(method: &str, http: Http) -> Vec<Value> {
    let header = |name: &str, required: bool, description: &str, example: &str| {
        let schema = json!({"type": "string"});
        json!({"name": name, "in": "header", "required": required, "description": description, "schema": schema, "example": example})
    };
    match method {
        "POST" if http.has_key(method) => {
            let expires = if http.creates {
                " After 24 hours, the same value is refused (409, `idempotency-key-expired`)."
            } else {
                ""
            };
            let description = format!(
                "A unique value of 1 to 255 printable ASCII characters without spaces. Send the same value when you repeat the request, within 24 hours. A different request with the same value is refused (422, `idempotency-key-reused`).{expires}"
            );
            let mut key = header("Idempotency-Key", true, &description, "26add928-ac25-317d-8bf6-eae4bb515556");
            key["schema"]["pattern"] = format!("^[!-~]{{1,{}}}$", lambda::LONGEST_KEY).into();
            vec![key]
        }
        "PATCH" | "PUT" if http.versioned => {
            let description = "The `ETag` of the version to change, or `*` for any version. Without it, the request is refused (428), unless it sets the resource for the first time.";
            vec![header("If-Match", false, description, "\"1\"")]
        }
        "GET" if http.versioned => {
            vec![header(
                "If-None-Match",
                false,
                "The `ETag` of the version that the caller has. If it is the current version, the reply is 304, without a body.",
                "\"1\"",
            )]
        }
        _ => Vec::new(),
    }
}
