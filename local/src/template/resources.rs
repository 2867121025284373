//! Tables, queues, rules, secrets.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Queue, Resource, Rule, Secret, Table, TemplateError, functions::place, identity::name_in_arn, scope::text_of,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TableProperties {
    attribute_definitions: Value,
    key_schema: Value,
    global_secondary_indexes: Option<Value>,
    local_secondary_indexes: Option<Value>,
    billing_mode: String,
    time_to_live_specification: Option<TimeToLive>,
    stream_specification: Option<StreamSpecification>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TimeToLive {
    attribute_name: String,
    enabled: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct StreamSpecification {
    stream_view_type: String,
}

pub(super) fn table(resource: &Resource<'_>) -> Result<Table, TemplateError> {
    let passed_over = [
        "ContributorInsightsSpecification",
        "DeletionProtectionEnabled",
        "PointInTimeRecoverySpecification",
        "SSESpecification",
        "TableClass",
        "TableName",
        "Tags",
    ];
    let properties: TableProperties = resource.properties(&passed_over)?;
    let name = resource.identity()?.name;
    let mut create = json!({
        "TableName": name,
        "AttributeDefinitions": properties.attribute_definitions,
        "KeySchema": properties.key_schema,
        "BillingMode": properties.billing_mode,
    });
    if let Some(indexes) = properties.global_secondary_indexes {
        create["GlobalSecondaryIndexes"] = indexes;
    }
    if let Some(indexes) = properties.local_secondary_indexes {
        create["LocalSecondaryIndexes"] = indexes;
    }
    if let Some(stream) = properties.stream_specification {
        create["StreamSpecification"] = json!({"StreamEnabled": true, "StreamViewType": stream.stream_view_type});
    }
    let ttl = properties.time_to_live_specification.filter(|ttl| ttl.enabled).map(|ttl| ttl.attribute_name);
    Ok(Table { place: place(resource), name, create, ttl })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct QueueProperties {
    redrive_policy: Option<RedrivePolicy>,
    visibility_timeout: Option<Value>,
    message_retention_period: Option<Value>,
    delay_seconds: Option<Value>,
    maximum_message_size: Option<Value>,
    receive_message_wait_time_seconds: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RedrivePolicy {
    dead_letter_target_arn: String,
    max_receive_count: u32,
}

pub(super) fn queue(resource: &Resource<'_>) -> Result<Queue, TemplateError> {
    let passed_over = ["QueueName", "RedriveAllowPolicy", "SqsManagedSseEnabled", "KmsMasterKeyId", "Tags"];
    let properties: QueueProperties = resource.properties(&passed_over)?;
    let redrive = properties.redrive_policy;
    let policy = redrive.as_ref().map(|redrive| {
        json!({"deadLetterTargetArn": redrive.dead_letter_target_arn, "maxReceiveCount": redrive.max_receive_count})
            .to_string()
            .into()
    });
    let attributes = [
        ("VisibilityTimeout", properties.visibility_timeout),
        ("MessageRetentionPeriod", properties.message_retention_period),
        ("DelaySeconds", properties.delay_seconds),
        ("MaximumMessageSize", properties.maximum_message_size),
        ("ReceiveMessageWaitTimeSeconds", properties.receive_message_wait_time_seconds),
        ("RedrivePolicy", policy),
    ];
    let attributes: BTreeMap<_, _> =
        attributes.into_iter().filter_map(|(name, value)| Some((name.to_owned(), text_of(&value?)))).collect();
    let dead_letters = redrive.map(|redrive| name_in_arn(&redrive.dead_letter_target_arn).to_owned());
    Ok(Queue { place: place(resource), name: resource.identity()?.name, attributes, dead_letters })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct RuleProperties {
    event_bus_name: String,
    event_pattern: Value,
    targets: Vec<Value>,
}

pub(super) fn rule(resource: &Resource<'_>) -> Result<Rule, TemplateError> {
    let RuleProperties { event_bus_name, event_pattern, targets } = resource.properties(&["Name", "Description"])?;
    Ok(Rule {
        place: place(resource),
        name: resource.identity()?.name,
        bus: event_bus_name,
        pattern: event_pattern,
        targets,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SecretProperties {
    generate_secret_string: Option<GenerateSecretString>,
    secret_string: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct GenerateSecretString {
    password_length: Option<usize>,
    secret_string_template: Option<String>,
    generate_string_key: Option<String>,
    /// Ours have letters and digits only, which every rule allows.
    #[serde(rename = "ExcludePunctuation")]
    _exclude_punctuation: Option<bool>,
    #[serde(rename = "ExcludeCharacters")]
    _exclude_characters: Option<String>,
}

pub(super) fn secret(resource: &Resource<'_>) -> Result<Secret, TemplateError> {
    let properties: SecretProperties = resource.properties(&["Name", "Description", "KmsKeyId", "Tags"])?;
    let generate = properties.generate_secret_string;
    let template = generate
        .as_ref()
        .and_then(|generate| Some((generate.secret_string_template.clone()?, generate.generate_string_key.clone()?)));
    Ok(Secret {
        name: resource.identity()?.name,
        length: generate.and_then(|generate| generate.password_length).unwrap_or(32),
        template,
        value: properties.secret_string,
    })
}
