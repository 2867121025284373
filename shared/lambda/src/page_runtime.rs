//! The adapter of pages: from an API Gateway request to the HTTP response of a page, a form or a problem.

use std::{fmt, future::Future, marker::PhantomData, sync::Arc};

use futures::future::BoxFuture;
use http::{HeaderName, HeaderValue, StatusCode, header, response::Builder};
use lambda_http::{Body, Response};
use lambda_runtime::Context;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    Acted, Caller, Env, Form, Input, Problem, Request, Shape, Shown, ShownProblem, Site, Visit, Visitor, WebPage,
    http as api, outcome::Outcome, page_reply::Keep, problem::Details, request::answered, retry,
};

/// Headers of every reply. Scripts, styles and fonts are from this host only, and no page is shown inside another.
const HEADERS: [(&str, &str); 6] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https:; font-src 'self'; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "geolocation=(self), camera=(), microphone=(), payment=(self)"),
    ("referrer-policy", "strict-origin-when-cross-origin"),
    ("strict-transport-security", "max-age=63072000"),
    ("x-content-type-options", "nosniff"),
];

/// Does what a form asks for.
pub(crate) type Act<S> = Box<dyn Fn(S, Visit<Form>) -> BoxFuture<'static, Result<Shape, Problem>> + Send + Sync>;

pub(crate) fn act<S, V, F>(act: fn(S, Visit<Form>) -> F) -> Act<S>
where
    S: Site,
    V: Serialize + JsonSchema + fmt::Display + Send + 'static,
    F: Future<Output = Result<Acted<V>, Problem>> + Send + 'static,
{
    Box::new(move |site, visit| {
        let acted = act(site, visit);
        Box::pin(async { acted.await?.shape() })
    })
}

/// A page that is started.
pub(crate) struct Started<S, I, F> {
    pub(crate) page: WebPage,
    pub(crate) site: S,
    pub(crate) env: Env,
    pub(crate) show: fn(S, Visit<I>) -> F,
    pub(crate) act: Option<Act<S>>,
    pub(crate) input: PhantomData<I>,
}

/// Answers an API Gateway request (payload format 2.0).
pub(crate) async fn serve<S, I, R, F>(
    started: Arc<Started<S, I, F>>,
    payload: Box<RawValue>,
    invocation: Context,
) -> Outcome
where
    S: Site,
    I: Input + Sync + 'static,
    R: Shown + 'static,
    F: Future<Output = Result<R, Problem>> + Send + 'static,
{
    let request = Request::read(&payload, invocation)?;
    answered(started.respond(&request).await)
}

impl<S, I, R, F> Started<S, I, F>
where
    S: Site,
    I: Input + Sync,
    R: Shown,
    F: Future<Output = Result<R, Problem>> + Send,
{
    async fn respond(&self, request: &Request<'_>) -> Response<Body> {
        let edge_secret = self.env.find("EDGE_SECRET");
        let visitor = Visitor::of(request, edge_secret);
        let as_json = request.path().starts_with("/v1/");
        let outcome = match &visitor {
            Ok(visitor) => self.run(request, visitor, as_json).await,
            Err(_) => Err(Problem::internal("the authorizer's context is malformed")),
        };
        let visitor = visitor.unwrap_or_default();
        let response = Response::builder().header("x-request-id", request.id());
        let response = HEADERS.iter().fold(response, |response, (name, value)| response.header(*name, *value));
        let problem = match outcome {
            Ok(shape) => return self.shaped(response, shape, &visitor),
            Err(problem) => problem,
        };
        if let Problem::Internal(_) = &problem {
            tracing::error!(error = &problem as &dyn std::error::Error, "the page failed");
        } else {
            tracing::info!(status = problem.status(), problem = problem.slug(), "refused");
        }
        if as_json {
            let mut response = api::problem_response(&problem, request.path(), request.id());
            let headers = HEADERS.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
            response.headers_mut().extend(headers);
            return response;
        }
        let Details { status, slug, detail, retry_after, .. } = api::details(&problem);
        let form = if request.method() == "POST" { Form::of(request).await.ok() } else { None };
        let shown = ShownProblem { status, slug, detail, retry_after, form, request_id: request.id().to_owned() };
        let response = response.status(status).header(header::CACHE_CONTROL, api::PRIVATE);
        let response = retry_after.iter().fold(response, |response, wait| response.header(header::RETRY_AFTER, *wait));
        let response = response.header(header::CONTENT_TYPE, "text/html; charset=utf-8");
        api::finished(response, Body::Text(self.site.clone().problem_page(visitor, shown).await))
    }

    async fn run(&self, request: &Request<'_>, visitor: &Visitor, as_json: bool) -> Result<Shape, Problem> {
        let seed = self.env.random();
        let context = || api::context(request, &Caller::default(), None, self.env.now(), seed);
        if request.method() != "POST" {
            let visit = || I::bind(request).map(|input| Visit { input, visitor: visitor.clone(), context: context() });
            let show = || {
                let visit = visit();
                async { Box::pin((self.show)(self.site.clone(), visit?)).await }
            };
            return retry::run(&self.env, request.context(), show).await?.answer(as_json);
        }
        let act = self.act.as_ref().ok_or_else(|| Problem::not_found("form"))?;
        request.is_from(&visitor.origin)?;
        let form = Form::of(request).await?;
        retry::run(&self.env, request.context(), || {
            act(self.site.clone(), Visit { input: form.clone(), visitor: visitor.clone(), context: context() })
        })
        .await
    }

    fn shaped(&self, response: Builder, shape: Shape, visitor: &Visitor) -> Response<Body> {
        let is_anyones = self.page.is_shared && visitor.cookie(S::SESSION_COOKIE).is_none() && shape.cookie.is_none();
        let cache = match shape.keep {
            Keep::Everybody => "public, max-age=31536000, immutable",
            Keep::AsDeclared if is_anyones => "public, max-age=0, s-maxage=60",
            Keep::AsDeclared | Keep::Nobody => "private, no-store",
        };
        let response = response.status(shape.status).header(header::CACHE_CONTROL, cache);
        let response =
            shape.cookie.iter().fold(response, |response, cookie| response.header(header::SET_COOKIE, cookie));
        let response =
            shape.retry_after.iter().fold(response, |response, wait| response.header(header::RETRY_AFTER, *wait));
        let missing = Some(shape.missing.join(", ")).filter(|missing| !missing.is_empty());
        let response = missing.iter().fold(response, |response, missing| response.header("souk-partial", missing));
        let response = match &shape.location {
            Some(location) => response.header(header::LOCATION, location),
            None => response.header(header::CONTENT_TYPE, shape.media_type),
        };
        api::finished(response, shape.body)
    }
}

impl Request<'_> {
    /// Refuses a form that another site posted. A browser says where a form comes from, whatever its page asks for.
    fn is_from(&self, own: &str) -> Result<(), Problem> {
        let is_own = match self.header(header::ORIGIN.as_str()) {
            Some(origin) => origin.eq_ignore_ascii_case(own),
            None => self.header("sec-fetch-site") == Some("same-origin"),
        };
        if is_own {
            return Ok(());
        }
        tracing::warn!(status = %StatusCode::FORBIDDEN, "a form of another site");
        Err(Problem::forbidden(
            "The form was not sent from a page of this shop. Open the page again and send it from there.",
        ))
    }
}
