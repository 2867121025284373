//! The adapter of API Gateway's Lambda authorizer (payload format 2.0, simple responses).

use std::{collections::HashMap, future::Future, sync::Arc};

use contracts::{CustomerGroupId, Role, SessionId, UserId};
use jiff::Timestamp;
use lambda_runtime::Context;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    Problem, Service,
    outcome::{Outcome, failed, read_event, respond},
    retry,
    schedule::Job,
};

/// The credentials of a request.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The bearer token, if the header has one.
    pub token: Option<String>,
    /// The time of the request.
    pub now: Timestamp,
}

/// The identity of a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The account or guest.
    pub id: UserId,
    /// Its roles.
    pub roles: Vec<Role>,
    /// The session that the token belongs to. `None` for a guest's first token.
    pub session: Option<SessionId>,
    /// The customer groups of the account.
    pub groups: Vec<CustomerGroupId>,
    /// Whether the account has proved its e-mail address.
    pub verified: bool,
}

#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    headers: HashMap<String, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    is_authorized: bool,
    context: HashMap<&'static str, String>,
}

/// Authenticates a request for API Gateway.
///
/// An invalid token is let through without an identity, but with the reason. API Gateway could answer only 403
/// without a body, while the operation answers 401 with a problem that tells the client to sign in again. An
/// operation that is not public refuses the request before it does anything else.
pub(crate) async fn authorize<S, F>(
    job: Arc<Job<S, Credentials, F>>,
    payload: Box<RawValue>,
    context: Context,
) -> Outcome
where
    S: Service,
    F: Future<Output = Result<Identity, Problem>> + Send,
{
    let request: Request = read_event(&payload)?;
    let header = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    let token =
        header.and_then(|(_, value)| value.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let token = token.map(|(_, token)| token.trim().to_owned());
    let identity = retry::run(&job.env, &context, || {
        (job.handle)(job.service.clone(), Credentials { token: token.clone(), now: job.env.now() })
    });
    let context = match identity.await {
        Ok(Identity { id, roles, session, groups, verified }) => HashMap::from([
            ("principal", id.to_string()),
            ("roles", roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(",")),
            ("session", session.map(|session| session.to_string()).unwrap_or_default()),
            ("groups", groups.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")),
            ("verified", verified.to_string()),
        ]),
        Err(Problem::Known(details)) if details.status == 401 => {
            HashMap::from([("refused", details.detail.unwrap_or_else(|| details.title.to_owned()))])
        }
        Err(problem) => return Err(failed(&problem)),
    };
    respond(&Response { is_authorized: true, context })
}
