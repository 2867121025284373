//! What a template means, and what is said of one that means nothing.

mod mistakes;

use std::{collections::BTreeMap, fs, path::PathBuf};

use serde_json::json;

use super::{Deployment, Statement, TemplateError, load};

/// Templates in a folder of their own.
struct Files(PathBuf);

impl Files {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = std::env::temp_dir().join(format!("souk-template-{}", uuid::Uuid::new_v4()));
        for (name, text) in files {
            let file = folder.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        Self(folder)
    }

    fn load(&self, parameters: &[(&str, &str)]) -> Result<Deployment, TemplateError> {
        let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        load(&self.0.join("template.yaml"), &parameters)
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        // What is left of it is the machine's to clean up.
        drop(fs::remove_dir_all(&self.0));
    }
}

fn of(text: &str) -> Result<Deployment, TemplateError> {
    Files::new(&[("template.yaml", text)]).load(&[])
}

/// A function with these properties, and a queue and a table to refer to.
fn function(properties: &str) -> String {
    format!(
        "Resources:\n  DoFunction:\n    Type: AWS::Serverless::Function\n    Metadata: {{ BuildProperties: {{ Binary: do }} }}\n    \
         Properties: {properties}\n  Queue: {{ Type: AWS::SQS::Queue }}\n"
    )
}

#[test]
fn names_conditions_and_functions_are_evaluated() {
    let files = Files::new(&[(
        "template.yaml",
        r#"
Parameters:
  Stage: { Type: String }
  Limit: { Type: Number, Default: "7" }
  Words: { Type: CommaDelimitedList, Default: "souk, list" }
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsSmall: !And [!Not [!Condition IsProd], !Or [!Equals [!Ref Limit, "7"], !Equals [a, b]]]
Mappings:
  Sizes: { queue: { seconds: 90 } }
Resources:
  Left: { Type: AWS::SQS::Queue, Condition: IsProd }
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Join ["-", [!Join ["-", !Ref Words], !Ref Stage, !Sub "${AWS::Region}-${!literal}"]]
      VisibilityTimeout: !FindInMap [Sizes, queue, seconds]
      DelaySeconds: !If [IsSmall, !Ref Limit, !Ref AWS::NoValue]
      MaximumMessageSize: !If [IsProd, 1024, !Ref AWS::NoValue]
"#,
    )]);
    let deployment = files.load(&[("Stage", "test")]).unwrap();
    let [queue] = deployment.queues.as_slice() else { panic!("{:?}", deployment.queues) };
    assert_eq!(queue.name, "souk-list-test-eu-west-1-${literal}");
    let attributes = [("DelaySeconds", "7"), ("VisibilityTimeout", "90")];
    assert_eq!(queue.attributes, attributes.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
}

#[test]
fn a_nested_stack_is_given_parameters_and_gives_outputs() {
    let root = r"
Resources:
  Consumer:
    Type: AWS::Serverless::Application
    Properties:
      Location: functions/consumer/template.yaml
      Parameters: { QueueArn: !GetAtt Owner.Outputs.QueueArn }
  Owner:
    Type: AWS::Serverless::Application
    Properties: { Location: functions/owner/template.yaml }
";
    let owner = r"
Resources: { Queue: { Type: AWS::SQS::Queue } }
Outputs: { QueueArn: { Value: !GetAtt Queue.Arn } }
";
    let consumer = r"
Parameters: { QueueArn: { Type: String } }
Globals: { Function: { Timeout: 4, Environment: { Variables: { A: 1, B: global } } } }
Resources:
  DoFunction:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: do } }
    Properties:
      Environment: { Variables: { B: own } }
      Events: { Queue: { Type: SQS, Properties: { Queue: !Ref QueueArn, FunctionResponseTypes: [ReportBatchItemFailures] } } }
";
    let files = Files::new(&[
        ("template.yaml", root),
        ("functions/owner/template.yaml", owner),
        ("functions/consumer/template.yaml", consumer),
    ]);
    let deployment = files.load(&[]).unwrap();
    let [source] = deployment.queue_sources.as_slice() else { panic!("{:?}", deployment.queue_sources) };
    assert_eq!((source.queue.as_str(), source.partial, source.batch_size), ("souk-local-Owner-Queue", true, 10));
    let [function] = deployment.functions.as_slice() else { panic!("{:?}", deployment.functions) };
    assert_eq!((function.service.as_str(), function.timeout.as_secs()), ("consumer", 4));
    let environment = BTreeMap::from([("A", "1"), ("B", "own")].map(|(k, v)| (k.to_owned(), v.to_owned())));
    assert_eq!(function.environment, environment);
}

#[test]
fn a_function_that_two_services_have_is_named_with_its_service() {
    let function = |name: &str| {
        format!(
            "{name}Function: {{ Type: AWS::Serverless::Function, Metadata: {{ BuildProperties: {{ Binary: {} }} }} }}",
            name.to_lowercase()
        )
    };
    let nested = |name: &str| {
        format!("{name}: {{ Type: AWS::Serverless::Application, Properties: {{ Location: {name}/template.yaml }} }}")
    };
    let files = Files::new(&[
        ("template.yaml", &format!("Resources:\n  {}\n  {}\n", nested("one"), nested("two"))),
        ("one/template.yaml", &format!("Resources:\n  {}\n", function("Relay"))),
        ("two/template.yaml", &format!("Resources:\n  {}\n  {}\n", function("Relay"), function("Own"))),
    ]);
    let deployment = files.load(&[]).unwrap();
    let found = |name: &str| deployment.find(name).map(super::FunctionSpec::id);
    assert_eq!(found("relay"), None);
    assert_eq!(found("two/relay"), Some("two/relay".to_owned()));
    assert_eq!(found("own"), Some("two/own".to_owned()));
    let relay = deployment.find("one/relay").unwrap();
    assert_eq!([found(&relay.name), found(&relay.arn())], [Some(relay.id()), Some(relay.id())]);
    let shared: Vec<_> = deployment.functions.iter().filter(|spec| deployment.is_shared(spec)).collect();
    assert_eq!(shared.iter().map(|spec| spec.id()).collect::<Vec<_>>(), ["one/relay", "two/relay"]);
}

#[test]
fn a_rule_is_what_put_rule_and_put_targets_take() {
    let deployment = of(r"
Resources:
  Bus: { Type: AWS::Events::EventBus, Properties: { Name: bus } }
  Queue: { Type: AWS::SQS::Queue, Properties: { QueueName: queue } }
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventBusName: !Ref Bus
      EventPattern: { source: [souk.orders], detail-type: [OrderPlaced.v1] }
      Targets: [{ Id: queue, Arn: !GetAtt Queue.Arn }]
")
    .unwrap();
    let [rule] = deployment.rules.as_slice() else { panic!("{:?}", deployment.rules) };
    assert_eq!(rule.bus, "bus");
    assert_eq!(rule.pattern, json!({"source": ["souk.orders"], "detail-type": ["OrderPlaced.v1"]}));
    assert_eq!(rule.targets, [json!({"Id": "queue", "Arn": "arn:aws:sqs:eu-west-1:000000000000:queue"})]);
}

#[test]
fn a_function_is_given_its_policy_and_its_boundary() {
    let deployment = of(r#"
Resources:
  Boundary:
    Type: AWS::IAM::ManagedPolicy
    Properties: { PolicyDocument: { Version: "2012-10-17", Statement: [{ Effect: Allow, Action: "sqs:*", Resource: "*" }] } }
  DoFunction:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: do } }
    Properties:
      PermissionsBoundary: !Ref Boundary
      Policies:
        Statement:
          - { Effect: Allow, Action: [sqs:SendMessage, sqs:DeleteMessage], Resource: [a, b] }
          - { Effect: Allow, Action: kms:Decrypt, Resource: "*", Condition: { StringEquals: { kms:ViaService: dynamodb } } }
"#)
    .unwrap();
    let statement = |actions: &[&str], resources: &[&str]| Statement {
        actions: actions.iter().map(ToString::to_string).collect(),
        resources: resources.iter().map(ToString::to_string).collect(),
    };
    let [function] = deployment.functions.as_slice() else { panic!("{:?}", deployment.functions) };
    assert_eq!(function.policy, [statement(&["sqs:SendMessage", "sqs:DeleteMessage"], &["a", "b"])]);
    let boundary = &deployment.policies[function.boundary.as_ref().unwrap()];
    assert_eq!(*boundary, [statement(&["sqs:*"], &["*"])]);
}

/// A template with the transform and these resources.
fn extended(resources: &str) -> String {
    format!("Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]\nResources:\n{resources}")
}

#[test]
fn a_loop_makes_its_resources_for_each_item() {
    let deployment = of(&extended(
        r#"
  First: { Type: AWS::SQS::Queue, Properties: { QueueName: first } }
  Fn::ForEach::Consumers:
    - Consumer
    - [Ship, Bill]
    - ${Consumer}Rule:
        Type: AWS::Events::Rule
        Properties:
          EventBusName: !Sub ["${Consumer}-${All}-${Region}", { All: !Join [+, !FindInMap [Consumers, !Ref Consumer, Sources]], Region: !Ref AWS::Region }]
          EventPattern: { source: !FindInMap [Consumers, !Ref Consumer, Sources] }
          Targets: [{ Id: !Ref Consumer, Arn: !GetAtt [!Sub "${Consumer}Queue", Arn] }]
      ${Consumer}Queue:
        Type: AWS::SQS::Queue
        Properties:
          QueueName: !Sub ["${Stack}-${Name}", { Stack: !Ref AWS::StackName, Name: !FindInMap [Consumers, !Ref Consumer, Name] }]
          VisibilityTimeout: !FindInMap [Consumers, !Ref Consumer, Seconds]
      Fn::ForEach::Parts:
        - Part
        - [Left, Right]
        - ${Consumer}${Part}: { Type: AWS::SQS::Queue, Properties: { QueueName: !Sub "${Part}-of-${Consumer}" } }
  Last: { Type: AWS::SQS::Queue, Properties: { QueueName: last } }
Mappings:
  Consumers:
    Ship: { Name: ship, Sources: [souk.orders], Seconds: 60 }
    Bill: { Name: bill, Sources: [souk.orders, souk.delivery], Seconds: 180 }
"#,
    ))
    .unwrap();
    let names: Vec<_> = deployment.queues.iter().map(|queue| queue.name.as_str()).collect();
    let (ship, bill) = ("souk-local-ship", "souk-local-bill");
    assert_eq!(names, ["first", ship, "Left-of-Ship", "Right-of-Ship", bill, "Left-of-Bill", "Right-of-Bill", "last"]);
    assert_eq!(
        (&*deployment.queues[4].place.resource, &*deployment.queues[4].attributes["VisibilityTimeout"]),
        ("BillQueue", "180")
    );
    let [ship, bill] = deployment.rules.as_slice() else { panic!("{:?}", deployment.rules) };
    assert_eq!((&*ship.bus, &*bill.bus), ("Ship-souk.orders-eu-west-1", "Bill-souk.orders+souk.delivery-eu-west-1"));
    assert_eq!(bill.pattern, json!({"source": ["souk.orders", "souk.delivery"]}));
    assert_eq!(ship.targets, [json!({"Id": "Ship", "Arn": "arn:aws:sqs:eu-west-1:000000000000:souk-local-ship"})]);
}

#[test]
fn a_loop_inside_a_resource_makes_its_properties() {
    let deployment = of(&extended(
        r#"
  DoFunction:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: do } }
    Properties:
      Environment:
        Variables:
          ALONE: "1"
          Fn::ForEach::Peers: [Peer, [LEFT, RIGHT], { "${Peer}_URL": !Sub "https://${Peer}.example/${AWS::Region}/${!Peer}" }]
"#,
    ))
    .unwrap();
    let environment = &deployment.functions[0].environment;
    let url = |peer: &str| format!("https://{peer}.example/eu-west-1/${{Peer}}");
    let expected = [("ALONE", "1".to_owned()), ("LEFT_URL", url("LEFT")), ("RIGHT_URL", url("RIGHT"))];
    assert_eq!(*environment, expected.map(|(name, value)| (name.to_owned(), value)).into());
}

#[test]
fn a_mistake_in_a_loop_names_the_loop_or_the_resource_that_it_makes() {
    let queue = |name: &str, properties: &str| {
        format!("{{ \"{name}\": {{ Type: AWS::SQS::Queue, Properties: {properties} }} }}")
    };
    let looped = |of: &str| extended(&format!("  Fn::ForEach::Queues: {of}\n"));
    let good = format!("[Name, [Ship, Bill], {}]", queue("${Name}Queue", "{ DelaySeconds: 1 }"));
    assert_eq!(of(&looped(&good)).unwrap().queues.len(), 2);
    let hundred = (0..100).map(|number| format!("X{number}")).collect::<Vec<_>>().join(", ");
    let deep = format!("{{ Fn::ForEach::Inner: [Inner, [{hundred}], {{ \"${{Name}}${{Inner}}\": {{}} }}] }}");
    let mistakes = [
        (
            looped(&good).replace("AWS::LanguageExtensions, ", ""),
            "Fn::ForEach::Queues: it needs `Transform: [AWS::LanguageExtensions",
        ),
        (looped("[Name, [Ship]]"), "Fn::ForEach::Queues: it is not a variable, a list of texts and a map"),
        (looped(&good.replace("Bill", "2")), "loops over an item that is not a string"),
        (looped(&good.replace("${Name}Queue", "Queue")), "Fn::ForEach::Queues: it makes Queue twice"),
        (
            format!("Parameters: {{ Name: {{ Type: String, Default: x }} }}\n{}", looped(&good)),
            "has the variable Name, which already",
        ),
        (looped(&format!("[Name, [A, B, C, D, E, F], {deep}]")), "makes more than 500 copies"),
        (looped(&good.replace("DelaySeconds: 1", "QueueName: \"${Name}\"")), "ShipQueue: ${Name} needs !Sub"),
        (
            looped(&good.replace("DelaySeconds: 1", "Colour: red")),
            "ShipQueue: the local stack cannot use it: unknown field `Colour`",
        ),
        (
            looped(&good.replace("DelaySeconds: 1", "DelaySeconds: !FindInMap [Queues, !Ref Name, Delay]")),
            "ShipQueue: no mapping has Queues",
        ),
        (
            looped(&good.replace("DelaySeconds: 1", "DelaySeconds: !GetAtt [!Sub \"${Name}Rule\", Arn]")),
            "ShipQueue: there is no parameter or resource ShipRule",
        ),
    ];
    for (text, expected) in mistakes {
        let told = of(&text).expect_err(&text).to_string();
        assert!(told.contains(expected) && told.starts_with("template.yaml:"), "{told}");
    }
}
