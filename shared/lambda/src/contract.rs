//! What an operation can answer. The published contract lists it, and tests hold every response to it.

use http::Method;
use schemars::SchemaGenerator;

use crate::{FORBIDDEN, Http, ProblemKind, UNAUTHENTICATED};

impl Http {
    /// Every kind of problem that the operation can answer if its route has this method: those that it declares, and
    /// those of the runtime.
    pub fn problem_kinds(&self, method: &str) -> Vec<ProblemKind> {
        let changes = method == Method::PUT || method == Method::PATCH;
        let mut kinds = self.problems.to_vec();
        kinds.extend([(422, "invalid-input"), (500, "internal"), (503, "timed-out")]);
        if !self.public {
            kinds.push(UNAUTHENTICATED);
        }
        if !self.roles.is_empty() {
            kinds.push(FORBIDDEN);
        }
        if self.has_key(method) {
            kinds.extend([(400, "idempotency-key-missing"), (422, "idempotency-key-reused")]);
        }
        if self.creates {
            kinds.push((409, "idempotency-key-expired"));
        }
        if self.reads_json(method) {
            kinds.extend([(400, "malformed-json"), (413, "body-too-large"), (415, "unsupported-media-type")]);
        }
        if self.versioned && changes {
            kinds.extend([(400, "precondition-malformed"), (412, "version-changed"), (428, "precondition-required")]);
        }
        if self.is_paged() {
            kinds.push((400, "invalid-cursor"));
        }
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// Whether a request needs an idempotency key.
    pub fn has_key(&self, method: &str) -> bool {
        method == Method::POST && self.keyed
    }

    /// Whether the body of a request is JSON, and bound to the input. An operation without fields in its body takes an
    /// empty object.
    fn reads_json(&self, method: &str) -> bool {
        self.media_types.is_empty() && method != Method::GET && method != Method::DELETE
    }

    /// Whether the reply is a page of a list.
    pub fn is_paged(&self) -> bool {
        let mut generator = SchemaGenerator::default();
        let schema = (self.input)(&mut generator).to_value();
        let to = schema["$ref"].as_str().and_then(|to| to.rsplit('/').next());
        let schema = to.and_then(|name| generator.definitions().get(name)).unwrap_or(&schema);
        schema["properties"]["cursor"].is_object()
    }

    /// Why a response to a request with this method is not in the contract. `problem` is the slug of its problem.
    pub fn breach(&self, method: &str, status: u16, has_etag: bool, problem: Option<&str>) -> Option<String> {
        if let Some(slug) = problem {
            let known = self.problem_kinds(method).contains(&(status, slug));
            return (!known).then(|| format!("does not declare the problem {status} {slug}"));
        }
        let reads = method == Method::GET || method == Method::HEAD;
        if status != self.reply.status && !(status == 304 && self.versioned && reads) {
            return Some(format!("does not declare the status {status}"));
        }
        (has_etag && !self.versioned).then(|| "sends an ETag, but is not declared as versioned".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use contracts::Role;

    use super::*;
    use crate::{Call, Created, Found, Function, NOT_FOUND, Problem, Trigger, tests::Counters};

    #[derive(serde::Deserialize, schemars::JsonSchema, garde::Validate)]
    struct List {
        #[garde(skip)]
        #[expect(dead_code, reason = "only its schema is read")]
        cursor: Option<String>,
    }

    #[derive(serde::Deserialize, schemars::JsonSchema, garde::Validate)]
    struct Nothing {}

    fn contract(function: &Function) -> Http {
        match function.trigger() {
            Trigger::Http(http) => *http,
            other => panic!("{other:?}"),
        }
    }

    fn list() -> Function {
        Function::http("list", |_: Counters, _: Call<List>| async { Ok::<_, Problem>(Found::new(1)) })
    }

    fn change() -> Function {
        Function::http("change", |_: Counters, _: Call<Nothing>| async { Ok::<_, Problem>(Created::new(1)) })
    }

    #[expect(clippy::needless_pass_by_value, reason = "each is made for one question")]
    fn has(function: Function, method: &str, kind: ProblemKind) -> bool {
        contract(&function).problem_kinds(method).contains(&kind)
    }

    #[test]
    fn the_runtime_adds_its_own_problems_where_they_can_happen() {
        assert!(has(list(), "GET", (400, "invalid-cursor")) && !has(change(), "PUT", (400, "invalid-cursor")));
        assert!(has(list(), "GET", UNAUTHENTICATED) && !has(list().public(), "GET", UNAUTHENTICATED));
        assert!(has(list().roles(&[Role::Support]), "GET", FORBIDDEN) && !has(list(), "GET", FORBIDDEN));
        let (changed, unsupported) = ((412, "version-changed"), (415, "unsupported-media-type"));
        assert!(has(change().versioned(), "PUT", changed) && !has(change(), "PUT", changed));
        assert!(!has(list().versioned(), "GET", changed));
        assert!(has(change(), "PUT", unsupported) && !has(list(), "GET", unsupported));
        assert!(!has(change().takes(&["text/csv"]), "PUT", unsupported));
        assert!(has(list().problems(&[NOT_FOUND]), "GET", NOT_FOUND) && !has(list(), "GET", NOT_FOUND));
    }

    #[test]
    fn what_is_not_declared_is_a_breach() {
        let (list, change) = (contract(&list()), contract(&change().versioned()));
        assert_eq!(list.breach("GET", 200, false, None), None);
        assert_eq!(list.breach("GET", 200, true, None).unwrap(), "sends an ETag, but is not declared as versioned");
        assert_eq!(list.breach("GET", 304, false, None).unwrap(), "does not declare the status 304");
        assert_eq!(list.breach("GET", 422, false, Some("invalid-input")), None);
        let undeclared = list.breach("GET", 409, false, Some("invalid-input")).unwrap();
        assert_eq!(undeclared, "does not declare the problem 409 invalid-input");
        assert_eq!(change.breach("PUT", 201, true, None), None);
        assert_eq!(change.breach("GET", 304, true, None), None);
        assert_eq!(change.breach("PUT", 200, true, None).unwrap(), "does not declare the status 200");
    }
}
