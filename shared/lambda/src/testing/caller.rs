//! The caller of a request, as the authorizer identified it.

use contracts::{CustomerGroupId, Role, UserId};
use serde_json::json;

use super::Request;

impl Request {
    /// From a caller with roles.
    #[must_use]
    pub fn from(mut self, caller: UserId, roles: &[Role]) -> Self {
        let roles: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
        self.authorizer = json!({"lambda": {"principal": caller, "roles": roles.join(","), "session": ""}});
        self
    }

    /// With the customer groups of its caller's token.
    #[must_use]
    pub fn groups(mut self, groups: &[CustomerGroupId]) -> Self {
        let groups: Vec<_> = groups.iter().map(ToString::to_string).collect();
        self.authorizer["lambda"]["groups"] = json!(groups.join(","));
        self
    }

    /// Sets a token that the authorizer refused.
    #[must_use]
    pub fn refused(mut self, reason: &str) -> Self {
        self.authorizer = json!({"lambda": {"refused": reason}});
        self
    }
}
