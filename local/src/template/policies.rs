//! Policies: what functions may do.

use serde::Deserialize;
use serde_json::Value;

use super::{Resource, Statement, TemplateError};

/// A policy's document.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Policy {
    #[serde(rename = "Version")]
    _version: Option<String>,
    statement: Vec<Declared>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Declared {
    #[serde(rename = "Effect")]
    _effect: Effect,
    action: OneOrMany,
    resource: OneOrMany,
    condition: Option<Value>,
}

#[derive(Deserialize)]
enum Effect {
    Allow,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ManagedProperties {
    policy_document: Policy,
}

/// What a managed policy allows.
pub(super) fn managed(resource: &Resource<'_>) -> Result<Vec<Statement>, TemplateError> {
    let properties: ManagedProperties = resource.properties(&["Description", "ManagedPolicyName", "Path"])?;
    Ok(properties.policy_document.statements())
}

impl Policy {
    /// A statement with a condition allows nothing here: conditions are for what AWS's services do on a function's
    /// behalf (`kms:ViaService`).
    pub(super) fn statements(self) -> Vec<Statement> {
        let unconditional = self.statement.into_iter().filter(|declared| declared.condition.is_none());
        unconditional
            .map(|declared| Statement { actions: declared.action.into(), resources: declared.resource.into() })
            .collect()
    }
}

impl From<OneOrMany> for Vec<String> {
    fn from(listed: OneOrMany) -> Self {
        match listed {
            OneOrMany::One(only) => vec![only],
            OneOrMany::Many(all) => all,
        }
    }
}
