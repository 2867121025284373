//! The function runtime: everything between AWS Lambda and an operation.
//!
//! An operation is an async function that takes its service's handle. [`Function`] defines what invokes it (a
//! request, an event, a schedule, a stream), and [`run`] is the main function of its binary. The local stack starts
//! the same functions in one process, so the code here and in the services does not read the process's environment;
//! it gets an [`Env`].
#![deny(missing_docs)]

mod authorizer;
mod aws;
mod bind;
mod body;
mod call;
mod consumer;
mod contract;
mod env;
mod etag;
mod fields;
mod form;
mod function;
mod http;
mod https;
pub mod json;
pub mod jws;
pub mod keyring;
mod kinds;
mod log;
mod metrics;
mod outcome;
mod page;
mod page_reply;
mod page_runtime;
mod problem;
mod relay;
mod reply;
mod republish;
mod request;
mod retry;
mod run;
mod schedule;
mod service_api;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
mod text;
mod time;
mod trace;

pub use authorizer::{Credentials, Identity};
pub use bind::{Input, NoQuery, RawBody};
pub use body::MERGE_PATCH;
pub use call::{Call, Caller};
pub use consumer::{Event, Message};
pub use dynamo::{Committed, DEFAULT_LIMIT, DerivedIds, Page, Paging, SealError, Sealer};
pub use env::{Env, Service, StartError};
pub use fields::{default_if_null, each_once, usual_time};
pub use form::Form;
pub use function::{Function, Instance, Trigger};
pub use http::{Http, LONGEST_KEY};
pub use https::OutboundHttp;
pub use kinds::{FORBIDDEN, INVALID_AMOUNT, NOT_FOUND, ProblemKind, TOO_MANY_REQUESTS, UNAUTHENTICATED};
pub use metrics::Metrics;
pub use outcome::InvocationError;
pub use page::{AS_JSON, ShownProblem, Site, Visit, Visitor, WebPage};
pub use page_reply::{Acted, Html, Seen, Shape, Shown, StaticFile, missing};
pub use problem::{FieldError, Problem};
pub use reply::{Accepted, Created, CsvFile, Found, NoContent, Reply, ReplyShape};
pub use request::Request;
pub use run::{Exit, run};
pub use schedule::Tick;
pub use service_api::{ApiError, ApiProblem, ApiRequest, ServiceApi};
pub use text::{Exact, ExactText, LongText, nfc};
pub use time::Time;

pub use lambda_runtime::Context;
