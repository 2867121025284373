//! A call of an operation: input, caller, context, preconditions.

use contracts::{CustomerGroupId, Role, SessionId, UserId};
use dynamo::RequestContext;
use jiff::Timestamp;
use uuid::Uuid;

use crate::{Problem, etag::Preconditions};

/// A request to an operation.
#[derive(Debug)]
pub struct Call<T> {
    /// The operation's input, bound and validated.
    pub input: T,
    /// The caller.
    pub caller: Caller,
    /// The time, the ids and the idempotency key, for the commit.
    pub context: RequestContext,
    /// The header `Accept-Language`, as it was sent.
    pub accept_language: Option<String>,
    pub(crate) preconditions: Preconditions,
}

impl<T> Call<T> {
    /// Creates a call like the runtime does, for tests of operations.
    pub fn new(input: T, caller: Caller, context: RequestContext) -> Self {
        Self { input, caller, context, accept_language: None, preconditions: Preconditions::default() }
    }

    /// The time of the request.
    pub fn now(&self) -> Timestamp {
        self.context.now
    }

    /// A new id.
    pub fn new_id<I: From<Uuid>>(&self) -> I {
        self.context.ids.next()
    }

    /// Compares `If-Match` and `If-None-Match` with the stored version. Version 0 means that nothing is stored;
    /// `If-Match` may then be absent. In `If-Match`, `*` matches any version, including 0, and `W/"3"` is the same as
    /// `"3"`: an edge that compresses a response makes its tag weak.
    ///
    /// # Errors
    /// 428 if `If-Match` is missing and a version is stored; 412 if `If-Match` does not include the version, or
    /// `If-None-Match` does; 400 if one of them is malformed.
    pub fn expects(&self, version: impl Into<u64>) -> Result<(), Problem> {
        self.preconditions.check(version.into())
    }
}

/// The caller, as the authorizer identified it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// The account or guest. `None` for an anonymous caller of a public operation.
    pub id: Option<UserId>,
    /// Its roles.
    pub roles: Vec<Role>,
    /// The session that the access token belongs to.
    pub session: Option<SessionId>,
    /// The customer groups of the account when its access token was issued, at most ten. Empty for guests and for tokens
    /// that were issued before there were groups.
    pub groups: Vec<CustomerGroupId>,
    /// Whether the account has proved its e-mail address. False for guests.
    pub verified: bool,
    /// The network address, used for rate limits only. With IPv6, it is the address of the /64 network.
    pub address: String,
}

impl Caller {
    /// The caller's id: an account or a guest.
    ///
    /// # Errors
    /// 401 for an anonymous caller.
    pub fn principal(&self) -> Result<UserId, Problem> {
        self.id.ok_or_else(|| Problem::unauthenticated("Sign in, or ask for a guest's token."))
    }

    /// Whether the caller has a role. An administrator has every role.
    pub fn has(&self, role: Role) -> bool {
        self.roles.iter().any(|own| *own == role || *own == Role::Admin)
    }

    /// The caller's id, if the caller has one of the roles.
    ///
    /// # Errors
    /// 401 for an anonymous caller, 403 for one without any of the roles.
    pub fn require(&self, roles: &[Role]) -> Result<UserId, Problem> {
        let id = self.principal()?;
        if roles.iter().any(|role| self.has(*role)) {
            return Ok(id);
        }
        let names: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
        Err(Problem::forbidden(format_args!("This needs the role {}.", names.join(" or "))))
    }
}
