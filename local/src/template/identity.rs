//! What resources are called once they exist: what `!Ref` and `!GetAtt` answer.

use std::collections::BTreeMap;

use super::scope::{ACCOUNT, REGION};

/// A resource's physical name in its forms.
pub(crate) struct Identity {
    pub(crate) name: String,
    /// `!Ref`.
    pub(crate) reference: String,
    /// `!GetAtt`.
    pub(crate) attributes: BTreeMap<&'static str, String>,
}

impl Identity {
    /// The property that names a resource of this type.
    pub(crate) fn name_property(kind: &str) -> Option<&'static str> {
        Some(match kind {
            "AWS::Serverless::Function" => "FunctionName",
            "AWS::DynamoDB::Table" => "TableName",
            "AWS::SQS::Queue" => "QueueName",
            "AWS::SNS::Topic" => "TopicName",
            "AWS::Logs::LogGroup" => "LogGroupName",
            "AWS::IAM::ManagedPolicy" => "ManagedPolicyName",
            "AWS::Events::EventBus"
            | "AWS::Events::Rule"
            | "AWS::SecretsManager::Secret"
            | "AWS::Serverless::HttpApi" => "Name",
            _ => return None,
        })
    }

    pub(crate) fn of(kind: &str, name: String) -> Self {
        let arn = |service: &str, path: &str| format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{path}{name}");
        let (reference, attributes) = match kind {
            "AWS::Serverless::Function" => (name.clone(), vec![("Arn", arn("lambda", "function:"))]),
            "AWS::DynamoDB::Table" => {
                let arn = arn("dynamodb", "table/");
                (name.clone(), vec![("StreamArn", format!("{arn}/stream/local")), ("Arn", arn)])
            }
            "AWS::SQS::Queue" => {
                let url = queue_url(&name);
                (url.clone(), vec![("Arn", arn("sqs", "")), ("QueueName", name.clone()), ("QueueUrl", url)])
            }
            "AWS::Events::EventBus" => {
                (name.clone(), vec![("Arn", arn("events", "event-bus/")), ("Name", name.clone())])
            }
            "AWS::Events::Rule" => (name.clone(), vec![("Arn", arn("events", "rule/"))]),
            "AWS::SecretsManager::Secret" => {
                let arn = arn("secretsmanager", "secret:");
                (arn.clone(), vec![("Id", arn)])
            }
            "AWS::SNS::Topic" => (arn("sns", ""), vec![("TopicName", name.clone())]),
            "AWS::Logs::LogGroup" => (name.clone(), vec![("Arn", arn("logs", "log-group:"))]),
            "AWS::IAM::ManagedPolicy" => (format!("arn:aws:iam::{ACCOUNT}:policy/{name}"), vec![]),
            _ => (name.clone(), vec![("Arn", arn("local", ""))]),
        };
        Self { name, reference, attributes: attributes.into_iter().collect() }
    }
}

/// A queue's address, of which the emulator reads only the name.
pub fn queue_url(name: &str) -> String {
    format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}")
}

/// The last part of an ARN: a function's, queue's, table's or secret's name.
pub(crate) fn name_in_arn(arn: &str) -> &str {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or(arn);
    let resource = resource.strip_prefix("function:").or_else(|| resource.strip_prefix("secret:")).unwrap_or(resource);
    resource.strip_prefix("table/").and_then(|rest| rest.split('/').next()).unwrap_or(resource)
}
