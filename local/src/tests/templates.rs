//! What every template must and must not say. The checks are in [`checks`]; each is shown something broken here, too.

mod checks;

use std::{env, fs, path::Path};

use serde_json::{Map, Value};

use self::checks::{CHECKS, Check};
use super::tidy::ROOT;
use crate::{services, stack::read_templates, template::Document};

/// A template as JSON, with intrinsic functions in their long form.
pub(super) fn read(file: &Path) -> Value {
    parse(&fs::read_to_string(file).unwrap())
}

fn parse(text: &str) -> Value {
    Document::parse("template.yaml".to_owned(), ROOT.clone(), text).unwrap().json
}

#[test]
fn templates_are_as_they_must_be() {
    let services =
        fs::read_dir(ROOT.join("functions")).unwrap().map(|entry| entry.unwrap().path().join("template.yaml"));
    let mut wrong = Vec::new();
    for file in services.filter(|file| file.exists()).chain([ROOT.join("template.yaml")]) {
        let template = read(&file);
        for Check { name, run } in CHECKS {
            let found = run(&template).into_iter().map(|what| format!("{}: {name}: {what}", file.display()));
            wrong.extend(found);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The golden file says what is deployed for delivery's consumers and relay, in full, so that a change of a loop is
/// seen in review. `.ci/run templates` compares it with the expansion that `.ci/transform.py` makes.
#[test]
fn the_loops_of_delivery_make_the_resources_in_the_golden_file() {
    let text = fs::read_to_string(ROOT.join("functions/delivery/template.yaml")).unwrap();
    let written: yaml_serde::Value = yaml_serde::from_str(&text).unwrap();
    let Value::Object(resources) = parse(&text)["Resources"].take() else { panic!("it has no resources") };
    let made: Map<_, _> =
        resources.into_iter().filter(|(name, _)| written["Resources"].get(name.as_str()).is_none()).collect();
    let made = serde_json::to_string_pretty(&made).unwrap() + "\n";
    let golden = ROOT.join("local/src/tests/templates/delivery.json");
    if env::var_os("SOUK_WRITE").is_some() {
        fs::write(&golden, &made).unwrap();
    }
    let kept = fs::read_to_string(&golden).unwrap();
    assert!(kept == made, "if the change is meant: SOUK_WRITE=1 cargo test -p local --lib golden_file; made:\n{made}");
}

/// Rows of `Mappings` that no loop lists, or that name another function than the one that takes from the row's queue.
fn stray_rows(template: &Value) -> Vec<String> {
    let rows = |mapping: &str| template["Mappings"][mapping].as_object().into_iter().flatten();
    let is_made = |resource: String| !template["Resources"][resource].is_null();
    let takes = |queue: &str, name: &Value| {
        let functions = template["Resources"].as_object().into_iter().flatten().map(|(_, resource)| resource);
        let mut named = functions.filter(|function| function["Metadata"]["BuildProperties"]["Binary"] == *name);
        named.any(|function| function["Properties"]["Events"].to_string().contains(&format!("\"{queue}.Arn\"")))
    };
    let is_right =
        |key: &str, row: &Value| is_made(format!("{key}Queue")) && takes(&format!("{key}Queue"), &row["Name"]);
    let consumers = rows("Consumers").filter(|(key, row)| !is_right(key, row));
    let others = rows("DeadLetters").filter(|(key, _)| !is_made(format!("{key}DeadLetters")));
    consumers.chain(others).map(|(key, _)| key.clone()).collect()
}

#[test]
fn every_row_of_the_mappings_is_used_by_its_function() {
    for service in services::ALL {
        let template = read(&ROOT.join(format!("functions/{}/template.yaml", service.name)));
        assert_eq!(stray_rows(&template), Vec::<String>::new(), "{}", service.name);
    }
}

#[test]
fn a_row_that_no_function_takes_from_is_noticed() {
    let file = fs::read_to_string(ROOT.join("functions/delivery/template.yaml")).unwrap();
    let stray = |from: &str, to: &str| {
        assert!(file.contains(from), "there is no {from}");
        stray_rows(&parse(&file.replacen(from, to, 1)))
    };
    assert_eq!(stray("[ScheduleShipment, CancelShipment]", "[ScheduleShipment]"), ["CancelShipment"]);
    assert_eq!(stray("Name: schedule-shipment", "Name: cancel-shipment"), ["ScheduleShipment"]);
    assert_eq!(stray("    Relay: {", "    Other: { Name: other, Alarm: None. }\n    Relay: {"), ["Other"]);
}

/// A template that passes every check.
const GOOD: &str = r#"
Metadata: { PublicRoutes: [GET /v1/things] }
Globals:
  Function:
    Runtime: provided.al2023
    Timeout: 10
    LoggingConfig: { LogFormat: JSON, LogGroup: !Ref Logs }
    Environment:
      Variables:
        { SEAL_SECRET: "{{resolve:secretsmanager:seal}}", SECRETS_VERSION: !Ref SecretsVersion, TABLE: !Ref Table }
Resources:
  ListFunction:
    Type: AWS::Serverless::Function
    Properties:
      Policies:
        Statement:
          - { Effect: Allow, Action: [dynamodb:GetItem], Resource: !GetAtt Table.Arn }
          - { Effect: Allow, Action: [xray:PutTraceSegments], Resource: "*" }
      Events:
        Route: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: GET, Path: /v1/things, Auth: { Authorizer: NONE } } }
  MakeFunction:
    Type: AWS::Serverless::Function
    Properties:
      Timeout: 5
      Environment: { Variables: { API_KEY: "{{resolve:secretsmanager:provider:SecretString:api_key}}" } }
      Events:
        Route: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: POST, Path: /v1/things } }
  ConsumeFunction:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Queue: { Type: SQS, Properties: { Queue: !GetAtt Queue.Arn, FunctionResponseTypes: [ReportBatchItemFailures] } }
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth: { DefaultAuthorizer: Token }
      DefaultRouteSettings: { ThrottlingRateLimit: 1, ThrottlingBurstLimit: 1 }
      CorsConfiguration: { AllowOrigins: [https://souk.example] }
      AccessLogSettings: { DestinationArn: !GetAtt Logs.Arn }
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: { source: [souk.things], detail-type: [ThingMade.v1, ThingSold.v1] }
      Targets: [{ Id: queue, Arn: !GetAtt Queue.Arn, DeadLetterConfig: { Arn: !GetAtt DeadLetters.Arn } }]
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 60
      SqsManagedSseEnabled: true
      RedrivePolicy: { deadLetterTargetArn: !GetAtt DeadLetters.Arn, maxReceiveCount: 5 }
  DeadLetters:
    Type: AWS::SQS::Queue
    Properties: { MessageRetentionPeriod: 1209600, SqsManagedSseEnabled: true }
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmDescription: consume has dead letters, ThingMade.v1 or ThingSold.v1.
      MetricName: ApproximateNumberOfMessagesVisible
      Dimensions: [{ Name: QueueName, Value: !GetAtt DeadLetters.QueueName }]
      AlarmActions: [!Ref Topic]
  Logs:
    Type: AWS::Logs::LogGroup
    Properties: { RetentionInDays: 30 }
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      TimeToLiveSpecification: { AttributeName: expires, Enabled: true }
      StreamSpecification: { StreamViewType: NEW_IMAGE }
      SSESpecification: { SSEEnabled: true, SSEType: KMS }
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true }
  Edge:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Origins: [{ Id: shop }, { Id: users, OriginCustomHeaders: [{ HeaderName: secret, HeaderValue: "{{resolve:…}}" }] }]
        DefaultCacheBehavior: { TargetOriginId: shop }
        CacheBehaviors:
          - { PathPattern: /v1/users*, TargetOriginId: users, FunctionAssociations: [{ EventType: viewer-request }] }
"#;

/// For each check: what to take out of the good template, what to put there, and so what it must catch.
const BROKEN: &[(&str, &str, &str)] = &[
    ("no wildcard permission", "[dynamodb:GetItem]", "dynamodb:*"),
    ("no wildcard permission", "Resource: !GetAtt Table.Arn", "Resource: [\"*\"]"),
    ("no wildcard permission", "[xray:PutTraceSegments]", "[xray:PutTraceSegments, s3:GetObject]"),
    ("no wildcard permission", "Timeout: 5", "Policies: [AmazonDynamoDBFullAccess]"),
    ("no secret in the environment", "\"{{resolve:secretsmanager:seal}}\"", "hunter2hunter2"),
    ("no secret in the environment", "TABLE: !Ref Table", "TABLE: sk_live_0123456789"),
    ("secrets set by hand are read anew", "SECRETS_VERSION: !Ref SecretsVersion, ", ""),
    ("exact origins", "[https://souk.example]", "[\"*\"]"),
    ("exact origins", "[https://souk.example]", "[\"https://*.souk.example\"]"),
    ("an authorizer", "PublicRoutes: [GET /v1/things]", "PublicRoutes: []"),
    ("an authorizer", "PublicRoutes: [GET /v1/things]", "PublicRoutes: [GET /v1/things, POST /v1/things]"),
    ("an authorizer", "{ DefaultAuthorizer: Token }", "{}"),
    ("queue visibility", "VisibilityTimeout: 60", "VisibilityTimeout: 59"),
    ("queue visibility", "Queue: !GetAtt Queue.Arn", "Queue: arn:aws:sqs:eu-west-1:1:other"),
    ("five receives", "maxReceiveCount: 5", "maxReceiveCount: 3"),
    ("five receives", "RedrivePolicy: { deadLetterTargetArn: !GetAtt DeadLetters.Arn, maxReceiveCount: 5 }", ""),
    ("dead letters are kept", "MessageRetentionPeriod: 1209600", "MessageRetentionPeriod: 345600"),
    ("partial failures", ", FunctionResponseTypes: [ReportBatchItemFailures]", ""),
    ("API functions", "Timeout: 5", "Timeout: 11"),
    ("tables", "PointInTimeRecoveryEnabled: true", "PointInTimeRecoveryEnabled: false"),
    ("tables", "TimeToLiveSpecification: { AttributeName: expires, Enabled: true }", ""),
    ("tables", "StreamSpecification: { StreamViewType: NEW_IMAGE }", ""),
    ("tables", "SSEType: KMS", "SSEType: AES256"),
    ("tables", "BillingMode: PAY_PER_REQUEST", "BillingMode: PROVISIONED"),
    ("a rule has dead letters", ", DeadLetterConfig: { Arn: !GetAtt DeadLetters.Arn }", ""),
    ("an alarm per dead-letter queue", "!GetAtt DeadLetters.QueueName", "!GetAtt Queue.QueueName"),
    ("an alarm per dead-letter queue", "AlarmActions: [!Ref Topic]", ""),
    ("an alarm names its events", ", ThingMade.v1 or ThingSold.v1", ""),
    ("queues are encrypted", "SqsManagedSseEnabled: true", "SqsManagedSseEnabled: false"),
    ("logs and limits", "{ RetentionInDays: 30 }", "{}"),
    ("logs and limits", "AccessLogSettings: { DestinationArn: !GetAtt Logs.Arn }", ""),
    ("logs and limits", "ThrottlingRateLimit: 1, ", ""),
    ("logs and limits", "LogFormat: JSON", "LogFormat: Text"),
    ("the edge says whose request it is", ", FunctionAssociations: [{ EventType: viewer-request }]", ""),
    ("the edge says whose request it is", "{ TargetOriginId: shop }", "{ TargetOriginId: users }"),
];

#[test]
fn no_limit_of_a_rate_is_in_the_way_on_this_machine() {
    let deployment = read_templates(Some(&ROOT.join("template.yaml")), &[]).unwrap();
    let limits = deployment.functions.iter().filter_map(|function| function.environment.get("ATTEMPTS_PER_MINUTE"));
    assert_eq!(limits.collect::<Vec<_>>(), ["100000"; 4]);
    assert!(deployment.apis.iter().all(|api| api.throttling.rate >= 100_000.0));
}

#[test]
fn one_function_knows_every_allowed_origin() {
    let origins = "https://souk.example,http://localhost:5173";
    let deployment = read_templates(Some(&ROOT.join("template.yaml")), &[("AllowedOrigins", origins)]).unwrap();
    let each: Vec<_> = origins.split(',').collect();
    assert!(deployment.apis.iter().all(|api| api.cors.as_ref().is_some_and(|cors| cors.origins == each)));
    let told =
        deployment.functions.iter().filter_map(|f| Some((f.id(), f.environment.get("ALLOWED_ORIGINS")?.as_str())));
    assert_eq!(told.collect::<Vec<_>>(), [("orders/place-order".to_owned(), origins)]);
}

#[test]
fn each_check_catches_what_it_is_for_and_nothing_else() {
    for Check { name, run } in CHECKS {
        assert_eq!(run(&parse(GOOD)), Vec::<String>::new(), "{name}");
        assert!(BROKEN.iter().any(|(check, ..)| check == name), "nothing broken is shown to: {name}");
    }
    for (check, from, to) in BROKEN {
        assert!(GOOD.contains(from), "{check}: there is no {from}");
        let broken = parse(&GOOD.replacen(from, to, 1));
        let caught: Vec<_> =
            CHECKS.iter().filter(|check| !(check.run)(&broken).is_empty()).map(|check| check.name).collect();
        assert!(caught.contains(check), "{check} does not catch {to:?} for {from:?}; caught by {caught:?}");
    }
}
