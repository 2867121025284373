//! A call of an operation: input, caller, cause, preconditions.

use contracts::{Role, SessionId, UserId};
use dynamo::Cause;
use jiff::Timestamp;
use uuid::Uuid;

use crate::Problem;

/// Everything that an operation knows of a request.
#[derive(Debug)]
pub struct Call<T> {
    /// The operation's input, bound and validated.
    pub input: T,
    /// Who calls.
    pub caller: Caller,
    /// Time, ids, idempotency key: what a commit remembers.
    pub cause: Cause,
    pub(crate) if_match: Option<String>,
}

impl<T> Call<T> {
    /// A call as the runtime makes it: for tests of operations.
    pub fn new(input: T, caller: Caller, cause: Cause) -> Self {
        Self { input, caller, cause, if_match: None }
    }

    /// The time of the request.
    pub fn now(&self) -> Timestamp {
        self.cause.now
    }

    /// A new id.
    pub fn new_id<I: From<Uuid>>(&self) -> I {
        self.cause.ids.next()
    }

    /// Compares `If-Match` with the stored version. Version 0 means that nothing was ever set; then the header may be
    /// absent. `*` matches any version, 0 too.
    ///
    /// # Errors
    /// 428 without the header where there is a version, 412 with another version.
    pub fn expects(&self, version: u64) -> Result<(), Problem> {
        match self.if_match.as_deref().filter(|tag| !tag.is_empty()) {
            None if version == 0 => Ok(()),
            None => Err(Problem::new(428, "precondition-required", "The version to change is needed")
                .detail("Send the ETag of what you read as If-Match.")),
            Some(tag) if tag == "*" || tag == etag(version) => Ok(()),
            Some(_) => Err(Problem::new(412, "version-changed", "It was changed meanwhile")
                .detail("Read it again, and send its ETag as If-Match.")),
        }
    }
}

/// The entity tag of a version.
pub(crate) fn etag(version: u64) -> String {
    format!("\"{version}\"")
}

/// Who calls, as the authorizer knows them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// The account or guest; none for an anonymous caller of a public operation.
    pub id: Option<UserId>,
    /// Its roles.
    pub roles: Vec<Role>,
    /// The session that the access token belongs to.
    pub session: Option<SessionId>,
    /// The network address, for rate limits only; with IPv6, that of the /64 network.
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

    /// The caller's id, if it has one of some roles.
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
