//! Templates that are refused, and what is said about them.

use super::{Files, function, of};

/// Each message is one sentence after the file, and the resource if it is in one.
#[test]
fn a_mistake_is_told_with_its_place() {
    let route = "Events: { R: { Type: HttpApi, Properties: { ApiId: other, Method: GET, Path: /x } } }";
    let mistakes = [
        ("Resources: [".to_owned(), "template.yaml: "),
        ("Outputs: {}".to_owned(), "template.yaml: it has no Resources"),
        (
            "Resources: { X: { Type: AWS::S3::Bucket } }".to_owned(),
            "X: the local stack does not support the type AWS::S3::Bucket",
        ),
        (function("{ Retries: 3 }"), "DoFunction: the local stack cannot use it: unknown field `Retries`"),
        (function("{ Timeout: !Ref Nothing }"), "DoFunction: there is no parameter or resource Nothing"),
        (
            function("{ Timeout: !GetAtt Queue.Colour }"),
            "DoFunction: the local stack does not support the attribute Colour of Queue",
        ),
        (function("{ Timeout: !Split [a, b] }"), "DoFunction: the local stack does not support Fn::Split"),
        (function("{ Description: !Sub \"${a\" }"), "is never closed"),
        (
            function("{ Events: { E: { Type: S3, Properties: {} } } }"),
            "DoFunction: Events.E: the local stack does not support the event type S3",
        ),
        (
            function("{ Events: { E: { Type: ScheduleV2, Properties: { ScheduleExpression: cron(0 1 * * ? *) } } } }"),
            "only schedules such as rate(5 minutes)",
        ),
        (
            function("{ Events: { E: { Type: SQS, Properties: { Queue: !GetAtt Queue.Arn, BatchSize: 11 } } } }"),
            "BatchSize",
        ),
        (
            function("{ Events: { E: { Type: SQS, Properties: { Queue: arn:aws:sqs:eu-west-1:0:x } } } }"),
            "DoFunction: there is no queue x",
        ),
        (function(&format!("{{ {route} }}")), "DoFunction: the route GET /x has no such API or authorizer"),
        (
            function(&format!("{{ {} }}", route.replace("GET", "HEAD"))),
            "DoFunction: the route HEAD /x has no GET that is like it",
        ),
        (function("{}").replace("Binary: do", ""), "DoFunction: Metadata.BuildProperties.Binary names no binary"),
        (function("{ PermissionsBoundary: beyond }"), "DoFunction: there is no policy beyond"),
        (
            function("{ Policies: { Statement: [{ Effect: Deny, Action: [a], Resource: b }] } }"),
            "DoFunction: the local stack cannot use it: unknown variant `Deny`",
        ),
        ("Parameters: { P: { Type: String } }\nResources: {}".to_owned(), "P: this parameter has no default"),
        (
            "Resources: { N: { Type: AWS::Serverless::Application, Properties: { Location: no.yaml } } }".to_owned(),
            "no.yaml: No such file",
        ),
    ];
    for (text, expected) in mistakes {
        let told = of(&text).expect_err(&text).to_string();
        assert!(told.contains(expected) && told.contains(".yaml:") && !told.contains('\n'), "{told}");
    }
}

#[test]
fn stacks_that_need_each_other_are_refused() {
    let root = r"
Resources:
  One:
    Type: AWS::Serverless::Application
    Properties: { Location: a.yaml, Parameters: { P: !GetAtt Two.Outputs.O } }
  Two:
    Type: AWS::Serverless::Application
    Properties: { Location: a.yaml, Parameters: { P: !GetAtt One.Outputs.O } }
";
    let nested = "Parameters: { P: { Type: String } }\nResources: {}\nOutputs: { O: { Value: !Ref P } }";
    let told = Files::new(&[("template.yaml", root), ("a.yaml", nested)]).load(&[]).unwrap_err().to_string();
    assert!(told.contains("needs itself"), "{told}");
}

/// Two functions with these events, and a queue with these properties.
fn pair(one: &str, two: &str, queue: &str) -> String {
    let function = |name: &str, events: &str| {
        format!(
            "  {name}Function:\n    Type: AWS::Serverless::Function\n    Metadata: {{ BuildProperties: {{ Binary: {name} }} }}\n    \
             Properties:\n      Timeout: 40\n      Events:\n        Route: {{ Type: {events} }}\n"
        )
    };
    format!(
        "Resources:\n  Api: {{ Type: AWS::Serverless::HttpApi }}\n  Other: {{ Type: AWS::Serverless::HttpApi }}\n{}{}  \
         Queue:\n    Type: AWS::SQS::Queue\n    Properties: {queue}\n",
        function("One", one),
        function("Two", two)
    )
}

fn route(api: &str, method: &str, path: &str) -> String {
    format!("HttpApi, Properties: {{ ApiId: !Ref {api}, Method: {method}, Path: \"{path}\" }}")
}

#[test]
fn a_method_that_http_apis_do_not_have_is_refused_at_its_line() {
    for method in ["FETCH", "GETS", "\"\""] {
        let error = of(&pair(&route("Api", "GET", "/x"), &route("Api", method, "/y"), "{}")).unwrap_err().to_string();
        let (place, message) = error.split_once(": the method ").unwrap_or_else(|| panic!("{error}"));
        assert_eq!(place, "template.yaml:17: TwoFunction: Events.Route");
        assert!(message.ends_with("is not one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, ANY"), "{error}");
    }
    for method in ["get", "Any", "PATCH"] {
        of(&pair(&route("Api", "GET", "/x"), &route("Api", method, "/y"), "{}")).unwrap();
    }
}

#[test]
fn a_route_of_two_functions_is_refused_at_the_line_of_the_second() {
    let two = |first: (&str, &str, &str), second: (&str, &str, &str)| {
        let of_route = |(api, method, path)| route(api, method, path);
        of(&pair(&of_route(first), &of_route(second), "{}"))
    };
    let first = ("Api", "GET", "/x/{id}/y");
    for second in [first, ("Api", "get", "/x/{id}/y"), ("Api", "GET", "/x/{other}/y"), ("Other", "GET", "/x/{id}/y")] {
        let error = two(first, second).unwrap_err().to_string();
        let expected = "template.yaml:17: TwoFunction: Events.Route: souk-local-OneFunction already has the route GET ";
        assert_eq!(error, format!("{expected}{}", second.2));
    }
    let others = [
        ("POST", "/x/{id}/y"),
        ("ANY", "/x/{id}/y"),
        ("GET", "/x/{id}"),
        ("GET", "/x/{id}/{y}"),
        ("GET", "/x/{id+}/y"),
    ];
    for (method, path) in others {
        two(first, ("Api", method, path)).unwrap();
    }
    // Each API has a fallback of its own.
    for fallback in ["$default", "/{path+}"] {
        two(("Api", "ANY", fallback), ("Other", "ANY", fallback)).unwrap();
        two(("Api", "ANY", fallback), ("Api", "ANY", fallback)).unwrap_err();
    }
}

#[test]
fn a_queue_that_shows_messages_before_their_function_has_ended_is_refused_at_its_line() {
    let with =
        |queue: &str| of(&pair("SQS, Properties: { Queue: !GetAtt Queue.Arn }", &route("Api", "GET", "/y"), queue));
    for (queue, seconds) in [("{ VisibilityTimeout: 39 }", 39), ("{}", 30)] {
        let message = format!("the VisibilityTimeout of {seconds} s is below the Timeout of 40 s of OneFunction");
        assert_eq!(with(queue).unwrap_err().to_string(), format!("template.yaml:18: Queue: {message}"));
    }
    with("{ VisibilityTimeout: 40 }").unwrap();
}
