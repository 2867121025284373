//! The JSON body of a request.

use serde_json::Value;

use crate::{Problem, Request, json};

/// The maximum size of a JSON body in bytes. No operation needs more.
const LARGEST_JSON: usize = 1024 * 1024;

/// The media type of a PATCH (RFC 7396).
pub const MERGE_PATCH: &str = "application/merge-patch+json";

/// Reads the body as JSON.
pub(crate) fn read(request: &Request<'_>) -> Result<Value, Problem> {
    if matches!(request.method(), "GET" | "DELETE") {
        // Only an empty object says nothing. Its media type does not matter.
        return json::read(request.body()).map_err(|_| Problem::invalid("", "must not have a body"));
    }
    if !is_json(request.method(), request.header(http::header::CONTENT_TYPE.as_str())) {
        return Err(Problem::new(415, "unsupported-media-type", "The media type is not supported")
            .detail("Send Content-Type: application/json."));
    }
    if request.body().len() > LARGEST_JSON {
        return Err(Problem::new(413, "body-too-large", "The body is too large")
            .detail(format_args!("Send at most {LARGEST_JSON} bytes.")));
    }
    json::read(request.body())
}

/// Whether the media type is JSON, in any case and with any parameters. A PATCH may also name it a merge patch
/// (RFC 7396).
fn is_json(method: &str, content_type: Option<&str>) -> bool {
    let kind = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json") || (method == "PATCH" && kind.eq_ignore_ascii_case(MERGE_PATCH))
}

#[cfg(test)]
mod tests {
    use lambda_runtime::Context;
    use serde_json::{json, value::to_raw_value};

    use super::*;

    #[test]
    fn a_request_that_reads_has_no_other_problem_with_its_body() {
        let event = json!({"body": "{oops", "requestContext": {"http": {"method": "GET"}}});
        let event = to_raw_value(&event).unwrap();
        let problem = read(&Request::read(&event, Context::default()).unwrap()).unwrap_err();
        assert_eq!((problem.status(), problem.slug()), (422, Some("invalid-input")));
    }

    #[test]
    fn only_a_patch_may_be_a_merge_patch() {
        let bound = |method: &str, content_type: &str| {
            let headers = json!({"content-type": content_type});
            let body = r#"{"howMany": 3}"#;
            let event = json!({"headers": headers, "body": body, "requestContext": {"http": {"method": method}}});
            let event = to_raw_value(&event).unwrap();
            read(&Request::read(&event, Context::default()).unwrap()).is_ok()
        };
        assert!(bound("PATCH", "application/merge-patch+json; charset=utf-8"));
        assert!(bound("PATCH", "application/json"));
        assert!(!bound("POST", "application/merge-patch+json"));
        assert!(!bound("PATCH", "application/json-patch+json"));
    }
}
