//! Pages: what a browser visits. One function answers a page as HTML, what the page shows as JSON, and the form on it.
//!
//! A page has a path of its own, and its JSON is at `/v1/pages/…`. The form of a page is posted to the page's path. It
//! answers 303 and where to go, or 422 and the page again with what was entered.

use std::future::Future;

use dynamo::RequestContext;
use http::header;
use jiff::Timestamp;
use uuid::Uuid;

use crate::{Caller, Form, Http, Problem, Request, Service};

/// The path of what pages show, as JSON.
pub const AS_JSON: &str = "/v1/pages/";

/// How a page is declared.
#[derive(Debug, Clone, Copy)]
pub struct WebPage {
    /// The contract of its JSON. Its reply has no schema if the function answers a file.
    pub json: Http,
    /// Whether all visitors without a session see the same, so that the edge may keep it for a minute.
    pub is_shared: bool,
    /// Whether it has a form.
    pub has_form: bool,
}

/// A service with pages.
pub trait Site: Service {
    /// The name of the cookie with the session. What a visitor with this cookie gets is for that visitor only.
    const SESSION_COOKIE: &'static str;

    /// The page that says what went wrong, as HTML.
    fn problem_page(self, visitor: Visitor, problem: ShownProblem) -> impl Future<Output = String> + Send;
}

/// A visit of a page.
#[derive(Debug)]
pub struct Visit<I> {
    /// The input of the page, or its form.
    pub input: I,
    /// Who visits it.
    pub visitor: Visitor,
    /// The time and the ids, for the commit.
    pub context: RequestContext,
}

impl<I> Visit<I> {
    /// The time of the visit.
    pub fn now(&self) -> Timestamp {
        self.context.now
    }

    /// A new id.
    pub fn new_id<T: From<Uuid>>(&self) -> T {
        self.context.ids.next()
    }
}

/// What is known of a visitor.
#[derive(Debug, Clone, Default)]
pub struct Visitor {
    /// The path of the page.
    pub path: String,
    /// The query, without the question mark.
    pub query: String,
    /// The network address, which other services count by.
    pub address: String,
    /// The header `Accept-Language`.
    pub accept_language: Option<String>,
    /// The header `User-Agent`.
    pub user_agent: Option<String>,
    /// The scheme and host of the page, such as `https://souk.example`.
    pub origin: String,
    cookies: String,
}

impl Visitor {
    pub(crate) fn of(request: &Request<'_>, edge_secret: Option<&str>) -> Result<Self, Problem> {
        let Caller { address, .. } = request.caller(edge_secret)?;
        let header = |name: &str| request.header(name).map(str::to_owned);
        Ok(Self {
            path: request.path().to_owned(),
            query: request.query().to_owned(),
            address,
            accept_language: header(header::ACCEPT_LANGUAGE.as_str()),
            user_agent: header(header::USER_AGENT.as_str()),
            origin: request.own_origin(edge_secret),
            cookies: header(header::COOKIE.as_str()).unwrap_or_default(),
        })
    }

    /// The path of the page with its query.
    pub fn here(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let pairs = self.cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
        pairs.into_iter().find(|(own, _)| *own == name).map(|(_, value)| value)
    }
}

/// A problem, as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownProblem {
    /// The HTTP status.
    pub status: u16,
    /// The name of the kind of problem, such as `not-found`.
    pub slug: &'static str,
    /// What happened, if there is more to say than the kind.
    pub detail: Option<String>,
    /// Seconds until another attempt can succeed.
    pub retry_after: Option<u64>,
    /// The form that was sent, if it can be read.
    pub form: Option<Form>,
    /// The id of the request, for support.
    pub request_id: String,
}
