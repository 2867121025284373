//! What pages and their forms answer.

use std::fmt;

use lambda_http::Body;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;

use crate::{
    Problem,
    reply::{JSON, ReplyShape},
};

/// A type that a page can answer.
pub trait Shown: Send {
    /// Status and schema of its JSON. `None` for a file.
    fn shape() -> ReplyShape;

    /// The answer: as JSON if that was asked for.
    fn answer(self, as_json: bool) -> Result<Shape, Problem>;
}

/// An answer before it has the headers of every reply.
#[derive(Debug)]
pub struct Shape {
    pub(crate) status: u16,
    pub(crate) media_type: &'static str,
    pub(crate) body: Body,
    pub(crate) cookie: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) retry_after: Option<u64>,
    /// The parts that are missing.
    pub(crate) missing: Vec<&'static str>,
    pub(crate) keep: Keep,
}

impl Shape {
    fn to(status: u16, to: String, cookie: Option<String>, keep: Keep) -> Self {
        let media_type = "text/html; charset=utf-8";
        Self {
            status,
            media_type,
            body: Body::Empty,
            cookie,
            location: Some(to),
            retry_after: None,
            missing: Vec::new(),
            keep,
        }
    }
}

/// Who may keep an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// As the page is declared.
    AsDeclared,
    /// The visitor's browser only, and not for later.
    Nobody,
    /// Everybody for a year: its path changes with its content.
    Everybody,
}

/// A page with its view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Html<V> {
    view: V,
    status: u16,
    cookie: Option<String>,
    missing: Vec<&'static str>,
}

impl<V> Html<V> {
    /// A page with the status 200.
    pub const fn new(view: V) -> Self {
        Self { view, status: 200, cookie: None, missing: Vec::new() }
    }

    /// The view.
    pub fn into_view(self) -> V {
        self.view
    }

    /// Sets another status: 404, 410 or 422.
    #[must_use]
    pub fn status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// Sets a cookie, as the value of `Set-Cookie`.
    #[must_use]
    pub fn cookie(self, cookie: Option<String>) -> Self {
        Self { cookie, ..self }
    }

    /// Says which parts of the page are missing because another service did not answer. The header `Souk-Partial` names
    /// them. Nothing keeps such a page.
    #[must_use]
    pub fn without(self, missing: Vec<&'static str>) -> Self {
        Self { missing, ..self }
    }
}

impl<V: Serialize + JsonSchema + fmt::Display + Send> Shown for Html<V> {
    fn shape() -> ReplyShape {
        ReplyShape { status: 200, schema: Some(SchemaGenerator::subschema_for::<V> as _), media_type: JSON }
    }

    fn answer(self, as_json: bool) -> Result<Shape, Problem> {
        let text =
            if as_json { serde_json::to_string(&self.view).map_err(Problem::internal)? } else { self.view.to_string() };
        let keep = if !self.missing.is_empty() || self.status != 200 { Keep::Nobody } else { Keep::AsDeclared };
        let media_type = if as_json { JSON } else { "text/html; charset=utf-8" };
        let (Self { status, cookie, missing, .. }, body) = (self, Body::Text(text));
        Ok(Shape { status, media_type, body, cookie, location: None, retry_after: None, missing, keep })
    }
}

/// The names of the parts that are missing, of each part and whether it is.
pub fn missing<const N: usize>(parts: [(&'static str, bool); N]) -> Vec<&'static str> {
    parts.into_iter().filter(|(_, is_missing)| *is_missing).map(|(part, _)| part).collect()
}

/// A page, or where it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen<V> {
    /// The page.
    Page(Html<V>),
    /// The path of the page, which has another name now (301).
    Moved(String),
    /// The path of another page, which this visitor needs first (303).
    See(String),
}

impl<V: Serialize + JsonSchema + fmt::Display + Send> Shown for Seen<V> {
    fn shape() -> ReplyShape {
        Html::<V>::shape()
    }

    fn answer(self, as_json: bool) -> Result<Shape, Problem> {
        match self {
            Self::Page(page) => page.answer(as_json),
            Self::Moved(to) => Ok(Shape::to(301, to, None, Keep::AsDeclared)),
            Self::See(to) => Ok(Shape::to(303, to, None, Keep::Nobody)),
        }
    }
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticFile {
    media_type: &'static str,
    body: Vec<u8>,
    keep: Keep,
}

impl StaticFile {
    /// A file whose path changes with its content.
    pub fn immutable(media_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { media_type, body: body.into(), keep: Keep::Everybody }
    }

    /// A file that is kept as pages are.
    pub fn new(media_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { media_type, body: body.into(), keep: Keep::AsDeclared }
    }
}

impl Shown for StaticFile {
    fn shape() -> ReplyShape {
        ReplyShape { status: 200, schema: None, media_type: "*/*" }
    }

    fn answer(self, _: bool) -> Result<Shape, Problem> {
        let is_text = ["text/", "image/svg"].iter().any(|start| self.media_type.starts_with(start));
        let body = match String::from_utf8(self.body) {
            Ok(text) if is_text => Body::Text(text),
            Ok(text) => Body::Binary(text.into_bytes()),
            Err(bytes) => Body::Binary(bytes.into_bytes()),
        };
        let Self { media_type, keep, .. } = Self { body: Vec::new(), ..self };
        Ok(Shape {
            status: 200,
            media_type,
            body,
            cookie: None,
            location: None,
            retry_after: None,
            missing: Vec::new(),
            keep,
        })
    }
}

/// What a form led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acted<V> {
    /// It was done. The browser goes to another page, or to the same one again.
    See {
        /// The path to go to.
        to: String,
        /// A cookie, as the value of `Set-Cookie`.
        cookie: Option<String>,
    },
    /// It was refused: the page again, with what was entered and why it was refused.
    Again(V),
    /// It was refused for now (429): the page again, with what was entered and when to try again.
    Later {
        /// The page.
        page: V,
        /// Seconds until another attempt can succeed.
        seconds: u64,
    },
}

impl<V> Acted<V> {
    /// Goes to a page.
    pub fn see(to: impl Into<String>) -> Self {
        Self::See { to: to.into(), cookie: None }
    }
}

impl<V: Serialize + JsonSchema + fmt::Display + Send> Acted<V> {
    pub(crate) fn shape(self) -> Result<Shape, Problem> {
        match self {
            Self::See { to, cookie } => Ok(Shape::to(303, to, cookie, Keep::Nobody)),
            Self::Again(view) => Html::new(view).status(422).answer(false),
            Self::Later { page, seconds } => {
                Ok(Shape { retry_after: Some(seconds), ..Html::new(page).status(429).answer(false)? })
            }
        }
    }
}
