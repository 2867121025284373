//! The adapter of operations with a route: from an API Gateway request to the HTTP response of a reply or a problem.

use std::{future::Future, sync::Arc};

use contracts::Role;
use dynamo::{Earlier, IdempotencyKey, Ids, Limit, RequestContext};
use futures::future::BoxFuture;
use http::{StatusCode, header, response::Builder};
use jiff::Timestamp;
use lambda_http::{Body, Response};
use lambda_runtime::Context;
use schemars::{Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    Call, Caller, Env, FieldError, Input, Problem, ProblemKind, Reply, ReplyShape, Request, Service,
    bind::shorten,
    etag::{self, Preconditions},
    outcome::Outcome,
    problem::Details,
    reply::{JSON, Rendered},
    request::answered,
    retry,
};

/// The maximum length of an idempotency key, in characters.
pub const LONGEST_KEY: usize = 255;

/// `Cache-Control` of everything that depends on the caller, and of problems. No cache stores it.
pub(crate) const PRIVATE: &str = "no-store";

/// For how many seconds the reply to a GET of a public operation may be kept, if the function does not set it.
const MAX_AGE: u32 = 60;

/// The contract of an operation with a route.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a declaration of its own")]
pub struct Http {
    /// What a caller must know beside the summary. Empty if the function does not say it.
    pub about: &'static str,
    /// The schema of the input: path parameters, query and body by name.
    pub input: fn(&mut SchemaGenerator) -> Schema,
    /// Status and body of the reply.
    pub reply: ReplyShape,
    /// Whether the operation can be called without a token.
    pub public: bool,
    /// The roles that may call the operation, beside administrators. Empty if a role alone does not decide.
    pub roles: &'static [Role],
    /// Whether a POST needs an idempotency key.
    pub keyed: bool,
    /// For how many seconds clients and the edge may keep the reply to a GET, if the operation is public.
    pub max_age: u32,
    /// Whether what a POST creates has an id that is derived from the key, so that an old key is refused.
    pub creates: bool,
    /// Whether the reply has an `ETag`. A PUT or PATCH then needs `If-Match`.
    pub versioned: bool,
    /// The media types of a body that the operation reads itself. Empty if the body is JSON, bound to the input.
    pub media_types: &'static [&'static str],
    /// The kinds of problems that the operation answers, beside those of the runtime.
    pub problems: &'static [ProblemKind],
}

impl Http {
    /// An operation that needs a token, and declares nothing else yet.
    pub(crate) fn new(input: fn(&mut SchemaGenerator) -> Schema, reply: ReplyShape) -> Self {
        Self {
            about: "",
            input,
            reply,
            public: false,
            roles: &[],
            keyed: false,
            max_age: MAX_AGE,
            creates: false,
            versioned: false,
            media_types: &[],
            problems: &[],
        }
    }
}

pub(crate) struct Operation<S, I, F> {
    pub(crate) name: &'static str,
    pub(crate) contract: Http,
    pub(crate) service: S,
    pub(crate) env: Env,
    pub(crate) handle: fn(S, Call<I>) -> F,
    /// The reply to the first of the requests that create the same.
    pub(crate) first_reply: Option<FirstReply<S, I>>,
}

pub(crate) type FirstReply<S, I> =
    Box<dyn Fn(S, Call<I>) -> BoxFuture<'static, Result<Rendered, Problem>> + Send + Sync>;

/// Answers an API Gateway request (payload format 2.0).
pub(crate) async fn serve<S, I, R, F>(
    operation: Arc<Operation<S, I, F>>,
    payload: Box<RawValue>,
    invocation: Context,
) -> Outcome
where
    S: Service,
    I: Input + 'static,
    R: Reply + 'static,
    F: Future<Output = Result<R, Problem>> + Send + 'static,
{
    let request = Request::read(&payload, invocation)?;
    answered(operation.respond(&request).await)
}

impl<S, I, R, F> Operation<S, I, F>
where
    S: Service,
    I: Input,
    R: Reply,
    F: Future<Output = Result<R, Problem>> + Send,
{
    async fn respond(&self, request: &Request<'_>) -> Response<Body> {
        let outcome = self.run(request).await.map_err(in_short);
        let response = match &outcome {
            Ok((rendered, replayed)) => reply_response(request, rendered, *replayed, &self.contract),
            Err(problem) => problem_response(problem, request.path(), request.id()),
        };
        match outcome {
            Err(problem @ Problem::Internal(_)) => {
                tracing::error!(error = &problem as &dyn std::error::Error, "the operation failed");
            }
            Err(problem) => tracing::info!(status = problem.status(), problem = problem.slug(), "refused"),
            Ok(_) => {}
        }
        response
    }

    /// The reply, and whether it is the stored reply to an earlier request with the same key.
    async fn run(&self, request: &Request<'_>) -> Result<(Rendered, bool), Problem> {
        let caller = request.caller(self.env.find("EDGE_SECRET"))?;
        self.admit(&caller)?;
        let key = self.idempotency_key(request, &caller)?;
        let seed = self.env.random();
        let context = || context(request, &caller, key.clone(), self.env.now(), seed);
        let call = || {
            I::bind(request).map(|input| Call {
                input,
                caller: caller.clone(),
                context: context(),
                accept_language: request.header(header::ACCEPT_LANGUAGE.as_str()).map(str::to_owned),
                preconditions: Preconditions {
                    if_match: request.header(header::IF_MATCH.as_str()).map(str::to_owned),
                    if_none_match: request.header(header::IF_NONE_MATCH.as_str()).map(str::to_owned),
                },
            })
        };
        let outcome = retry::run(&self.env, request.context(), || {
            let call = call();
            async { Box::pin((self.handle)(self.service.clone(), call?)).await }
        });
        let earlier = match outcome.await {
            Ok(reply) => return Ok((reply.render()?, false)),
            Err(Problem::Repeated(earlier)) => earlier,
            // The first request may have changed what this one was refused for.
            Err(problem @ Problem::Known(_)) if key.is_some() => {
                self.service.table().earlier(&context()).await?.ok_or(problem)?
            }
            Err(problem) => return Err(problem),
        };
        let reply = match (earlier, &self.first_reply) {
            (Earlier::Answered(reply), _) => serde_json::from_str(&reply).map_err(Problem::internal)?,
            (Earlier::Created, Some(first_reply)) => first_reply(self.service.clone(), call()?).await?,
            (Earlier::Created, None) => return Err(Problem::internal("what was created has no first reply")),
        };
        Ok((reply, true))
    }

    /// Checks the caller and its role, before any input is read.
    fn admit(&self, caller: &Caller) -> Result<(), Problem> {
        if !self.contract.roles.is_empty() {
            caller.require(self.contract.roles)?;
        } else if !self.contract.public {
            caller.principal()?;
        }
        Ok(())
    }

    fn idempotency_key(&self, request: &Request<'_>, caller: &Caller) -> Result<Option<IdempotencyKey>, Problem> {
        if !self.contract.has_key(request.method()) {
            return Ok(None);
        }
        let key = request.header("idempotency-key").unwrap_or_default();
        if !(1..=LONGEST_KEY).contains(&key.len()) || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Problem::new(400, "idempotency-key-missing", "An idempotency key is required").detail(
                "Send a header Idempotency-Key with a unique value of 1 to 255 printable ASCII characters without spaces. Send \
                 the same value when you repeat the request.",
            ));
        }
        let principal = caller.id.map_or_else(|| "anonymous".to_owned(), |id| id.to_string());
        // Only a file has a query.
        let query = Some(request.query().as_bytes()).filter(|query| !query.is_empty());
        let parts = [self.name.as_bytes(), request.path().as_bytes()].into_iter().chain(query);
        let input = parts.chain([request.body()]).collect::<Vec<_>>().join(&0);
        let fingerprint = self.service.table().request_fingerprint(&input);
        Ok(Some(IdempotencyKey { key: format!("{principal}#{key}"), fingerprint }))
    }
}

pub(crate) fn context(
    request: &Request<'_>,
    caller: &Caller,
    key: Option<IdempotencyKey>,
    now: Timestamp,
    seed: u128,
) -> RequestContext {
    let id = request.id().to_owned();
    RequestContext {
        now,
        principal: caller.id.map_or_else(|| "anonymous".to_owned(), |id| id.to_string()),
        causation: id.clone(),
        correlation: id,
        trace: request.trace(),
        ids: Ids::new(now, seed),
        message: None,
        idempotency_key: key,
    }
}

fn reply_response(request: &Request<'_>, rendered: &Rendered, replayed: bool, contract: &Http) -> Response<Body> {
    let mut response = Response::builder().status(rendered.status).header("x-request-id", request.id());
    let is_read = request.method() == "GET";
    if contract.public && is_read {
        // Its CORS headers depend on the origin.
        response = response.header(header::CACHE_CONTROL, format!("public, max-age={}", contract.max_age));
        response = response.header(header::VARY, "origin");
    } else {
        response = response.header(header::CACHE_CONTROL, PRIVATE);
    }
    if let Some(version) = rendered.version {
        response = response.header(header::ETAG, etag::of_version(version));
        if is_read && etag::is_known(request.header(header::IF_NONE_MATCH.as_str()), version) {
            return finished(response.status(StatusCode::NOT_MODIFIED), Body::Empty);
        }
    }
    if let Some(location) = &rendered.location {
        response = response.header(header::LOCATION, location);
    }
    if let Some(next) = &rendered.next {
        response = response.header(header::LINK, format!("<{}>; rel=\"next\"", next_page(request, next)));
    }
    if replayed {
        response = response.header("idempotency-replayed", "true");
    }
    match (&rendered.body, &rendered.file) {
        (Some(body), _) => finished(response.header(header::CONTENT_TYPE, JSON), Body::Text(body.get().to_owned())),
        (None, Some(file)) => {
            let response = response.header(header::CONTENT_TYPE, "text/csv; charset=utf-8");
            let response = response.header(header::CONTENT_DISPOSITION, file.disposition());
            finished(response, Body::Text(file.text().to_owned()))
        }
        (None, None) => finished(response, Body::Empty),
    }
}

/// The body of an `application/problem+json` response (RFC 9457).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ProblemBody<'a> {
    /// A stable path that identifies the kind of problem.
    #[serde(rename = "type")]
    kind: String,
    /// The kind of problem, for display.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// A description of this occurrence of the problem, for display.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    /// The path of the request.
    instance: &'a str,
    /// The request's id, for support.
    request_id: &'a str,
    /// The wrong fields, when the status is 422.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
}

/// What a caller is told. Of an internal error, that is not its cause.
pub(crate) fn details(problem: &Problem) -> Details {
    match problem {
        Problem::Known(details) => (**details).clone(),
        Problem::Conflict => Details {
            retry_after: Some(1),
            detail: Some("Send the request again.".to_owned()),
            ..Details::new(409, "conflict", "Another request is changing the resource")
        },
        Problem::AlreadyDone => Details {
            detail: Some("The resource is already as the request asks.".to_owned()),
            ..Details::new(409, "already-done", "Nothing has to change")
        },
        Problem::Internal(_) | Problem::Repeated(_) => Details {
            detail: Some(
                "The server failed. Try again later, and give support the requestId if it fails again.".to_owned(),
            ),
            ..Details::new(500, "internal", "Internal error")
        },
    }
}

/// The response of a problem. It does not contain the cause of an internal error.
pub(crate) fn problem_response(problem: &Problem, path: &str, request_id: &str) -> Response<Body> {
    let details = &details(problem);
    let body = ProblemBody {
        kind: format!("/problems/{}", details.slug),
        title: details.title,
        status: details.status,
        detail: details.detail.as_deref(),
        instance: path,
        request_id,
        errors: &details.errors,
    };
    let mut response = Response::builder()
        .status(details.status)
        .header(header::CONTENT_TYPE, "application/problem+json")
        .header(header::CACHE_CONTROL, PRIVATE)
        .header("x-request-id", request_id);
    if details.status == 401 {
        response = response.header(header::WWW_AUTHENTICATE, challenge(details));
    }
    if let Some(seconds) = details.retry_after {
        response = response.header(header::RETRY_AFTER, seconds);
    }
    if let (Some(limit), Some(seconds)) = (details.limit, details.retry_after) {
        response = response
            .header("ratelimit-policy", policy(limit))
            .header("ratelimit", format!("\"attempts\";r=0;t={seconds}"));
    }
    finished(response, Body::Text(serde_json::to_string(&body).unwrap_or_default()))
}

/// The challenge of a 401 (RFC 6750): with an error only if a token was sent.
fn challenge(details: &Details) -> String {
    if !details.refuses_token {
        return "Bearer".to_owned();
    }
    let reason = details.detail.as_deref().unwrap_or(details.title);
    let allowed = |c: &char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
    let reason: String = reason.chars().filter(allowed).collect();
    format!("Bearer error=\"invalid_token\", error_description=\"{reason}\"")
}

/// A rate limit, in the form of `RateLimit-Policy`.
fn policy(limit: Limit) -> String {
    let window = limit.every.saturating_mul(i32::try_from(limit.burst).unwrap_or(i32::MAX)).as_secs();
    let seconds = u64::try_from(window).unwrap_or_default() + 1;
    format!("\"attempts\";q={};w={seconds}", limit.burst)
}

/// Shortens the parts of the request that the problem repeats.
fn in_short(mut problem: Problem) -> Problem {
    if let Problem::Known(details) = &mut problem {
        let details = &mut **details;
        let errors = details.errors.iter_mut().flat_map(|error| [&mut error.pointer, &mut error.detail]);
        errors.chain(&mut details.detail).for_each(shorten);
    }
    problem
}

/// Adds the body. All parts of the response were checked before, so this does not fail.
pub(crate) fn finished(response: Builder, body: Body) -> Response<Body> {
    response.body(body).unwrap_or_else(|error| {
        tracing::error!(%error, "a response could not be made");
        let mut response = Response::new(Body::Empty);
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

/// The same list from the next item on.
fn next_page(request: &Request<'_>, cursor: &str) -> String {
    let kept = request.query().split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
    let query: Vec<_> = kept.map(str::to_owned).chain([format!("cursor={cursor}")]).collect();
    format!("{}?{}", request.path(), query.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_repeats_little_of_what_was_sent() {
        let long = "é".repeat(100_000);
        let problem = in_short(Problem::invalid(format!("/{long}"), &long).detail(&long));
        let Problem::Known(details) = problem else { panic!("{problem}") };
        let FieldError { pointer, detail } = &details.errors[0];
        let told = [pointer, detail, details.detail.as_ref().unwrap()].map(|text| text.chars().count());
        assert_eq!(told, [300; 3]);
        let short = in_short(Problem::invalid("/quantity", "must be 1 at least")).to_string();
        assert!(short.ends_with("; /quantity must be 1 at least"), "{short}");
    }
}
