//! Kinds of problems that many operations declare.

/// A kind of problem: the HTTP status, and the slug in its `type`.
pub type ProblemKind = (u16, &'static str);

/// The resource does not exist, or it belongs to another caller.
pub const NOT_FOUND: ProblemKind = (404, "not-found");
/// The caller is known, but not allowed to do this. Operations with roles have it in any case.
pub const FORBIDDEN: ProblemKind = (403, "forbidden");
/// The credentials are invalid. Operations that need a token have it in any case.
pub const UNAUTHENTICATED: ProblemKind = (401, "unauthenticated");
/// A rate limit refuses the request.
pub const TOO_MANY_REQUESTS: ProblemKind = (429, "too-many-requests");
/// An amount is too large to be computed.
pub const INVALID_AMOUNT: ProblemKind = (422, "invalid-amount");
