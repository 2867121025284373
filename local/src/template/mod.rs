//! The templates, read as CloudFormation and SAM would: the only list of functions, routes, subscriptions and tables.
//!
//! [`load`] reads the root template and the nested ones, and returns a [`Deployment`]: everything that the local
//! stack brings up, with all names resolved. What it does not understand, and what would matter, is an error that
//! names file and resource; what exists only in the cloud (alarms, log groups, the edge) is passed over by type, in
//! one list.

mod check;
mod document;
mod events;
mod functions;
mod identity;
mod lines;
mod loops;
mod model;
mod policies;
mod resources;
mod scope;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
    rc::Rc,
};

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub(crate) use identity::name_in_arn;
pub use identity::queue_url;
pub use model::*;
pub use scope::{ACCOUNT, REGION};

pub(crate) use document::Document;
use scope::Scope;

/// A fault in a template, in one sentence after the file, the line and the resource:
/// `functions/orders/template.yaml:61: PlaceOrderFunction: …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateError {
    file: String,
    line: Option<usize>,
    resource: Option<String>,
    event: Option<String>,
    message: String,
}

impl TemplateError {
    pub(crate) fn new(file: &str, resource: &str, message: impl fmt::Display) -> Self {
        Self { resource: Some(resource.to_owned()), ..Self::of_file(file, &message) }
    }

    pub(crate) fn of_file(file: &str, message: &dyn fmt::Display) -> Self {
        Self { file: file.to_owned(), line: None, resource: None, event: None, message: message.to_string() }
    }

    /// The fault is in one of the resource's `Events`.
    fn in_event(self, event: &str) -> Self {
        Self { event: Some(event.to_owned()), ..self }
    }

    /// Adds the line, from the text of the file. `root` is the text of the root template, if it is not in a file.
    fn located(self, folder: &Path, root: Option<&str>) -> Self {
        let text = match root {
            Some(text) if self.file == ROOT => Some(text.to_owned()),
            _ => fs::read_to_string(folder.join(&self.file)).ok(),
        };
        let line = lines::line_of(
            &text.unwrap_or_default(),
            self.resource.as_deref().unwrap_or_default(),
            self.event.as_deref(),
        );
        Self { line, ..self }
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        self.line.map_or(Ok(()), |line| write!(f, ":{line}"))?;
        self.resource.as_ref().map_or(Ok(()), |resource| write!(f, ": {resource}"))?;
        self.event.as_ref().map_or(Ok(()), |event| write!(f, ": Events.{event}"))?;
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for TemplateError {}

/// Types of resources that are not needed on one machine.
const ONLY_IN_THE_CLOUD: &[&str] = &[
    "AWS::CloudFront::",
    "AWS::CloudWatch::",
    "AWS::Events::Archive",
    "AWS::KMS::",
    "AWS::Lambda::Permission",
    "AWS::Logs::",
    "AWS::SNS::",
    "AWS::SQS::QueuePolicy",
    "AWS::Serverless::Connector",
    "AWS::WAFv2::",
];

/// The name of the root template.
const ROOT: &str = "template.yaml";

/// The root template nearest to `folder`: in it or above it, beside the services' folders.
pub fn find_root(folder: &Path) -> Option<PathBuf> {
    folder
        .ancestors()
        .map(|folder| folder.join(ROOT))
        .find(|file| file.is_file() && file.parent().is_some_and(|folder| folder.join("functions").is_dir()))
}

/// Reads the root template and everything nested in it. `parameters` are the root's, beside its defaults.
pub fn load(file: &Path, parameters: &BTreeMap<String, String>) -> Result<Deployment, TemplateError> {
    let root = file.parent().unwrap_or(Path::new("."));
    let read = Document::read(root, file).and_then(|document| described(root, document, parameters));
    read.map_err(|error| error.located(root, None))
}

/// Reads a root template that is not a file. Nested templates are read from `root`.
pub fn parse(root: &Path, text: &str, parameters: &BTreeMap<String, String>) -> Result<Deployment, TemplateError> {
    let document = Document::parse(ROOT.to_owned(), root.to_owned(), text);
    let read = document.and_then(|document| described(root, document, parameters));
    read.map_err(|error| error.located(root, Some(text)))
}

fn described(
    root: &Path,
    document: Document,
    parameters: &BTreeMap<String, String>,
) -> Result<Deployment, TemplateError> {
    let given = parameters.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    let stage = parameters.get("Stage").map_or("local", String::as_str);
    let scope = Rc::new(Scope::new(root, document, format!("souk-{stage}"), &given)?);
    let mut deployment = Deployment::default();
    collect(&scope, &mut deployment)?;
    deployment.check()?;
    Ok(deployment)
}

/// Parameters of the root template: name and declared type.
pub fn root_parameters(file: &Path) -> Result<BTreeMap<String, String>, TemplateError> {
    let document = Document::read(file.parent().unwrap_or(Path::new(".")), file)?;
    let declared = document.json["Parameters"].as_object().into_iter().flatten();
    Ok(declared
        .map(|(name, parameter)| (name.clone(), parameter["Type"].as_str().unwrap_or("String").to_owned()))
        .collect())
}

fn collect(scope: &Rc<Scope>, into: &mut Deployment) -> Result<(), TemplateError> {
    for name in &scope.document.order {
        let resource = scope.document.resource(name).unwrap_or_default();
        if let Some(condition) = resource["Condition"].as_str()
            && !scope.condition(condition).map_err(|error| scope.error(name, error))?
        {
            continue;
        }
        let kind = resource["Type"].as_str().unwrap_or_default();
        let resource = Resource { scope, name, kind, json: resource };
        match kind {
            "AWS::Serverless::Application" => {
                let nested = scope.nested(name).map_err(|error| scope.error(name, error))?;
                collect(&nested, into)?;
            }
            "AWS::Serverless::Function" => functions::function(&resource, into)?,
            "AWS::Serverless::HttpApi" => into.apis.push(functions::api(&resource)?),
            "AWS::DynamoDB::Table" => into.tables.push(resources::table(&resource)?),
            "AWS::SQS::Queue" => into.queues.push(resources::queue(&resource)?),
            "AWS::Events::EventBus" => into.buses.push(resource.identity()?.name),
            "AWS::Events::Rule" => into.rules.push(resources::rule(&resource)?),
            "AWS::IAM::ManagedPolicy" => {
                into.policies.insert(resource.identity()?.reference, policies::managed(&resource)?);
            }
            "AWS::SecretsManager::Secret" => into.secrets.push(resources::secret(&resource)?),
            _ if ONLY_IN_THE_CLOUD.iter().any(|known| kind.starts_with(known)) => {}
            _ => return Err(resource.error(format_args!("the local stack does not support the type {kind}"))),
        }
    }
    Ok(())
}

/// A resource and its place in a template.
pub(crate) struct Resource<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) name: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) json: &'a Value,
}

impl Resource<'_> {
    pub(crate) fn error(&self, message: impl fmt::Display) -> TemplateError {
        TemplateError::new(&self.scope.document.name, self.name, message)
    }

    pub(crate) fn identity(&self) -> Result<identity::Identity, TemplateError> {
        self.scope.identity(self.name).map_err(|error| self.scope.error(self.name, error))
    }

    /// The service that the template is of: the folder that it is in.
    pub(crate) fn service(&self) -> String {
        self.scope.document.folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// The properties, evaluated and read as `T`, which refuses what it does not know; `passed_over` mean nothing here.
    pub(crate) fn properties<T: DeserializeOwned>(&self, passed_over: &[&str]) -> Result<T, TemplateError> {
        let mut properties = self.json.get("Properties").cloned().unwrap_or_else(|| json!({}));
        if self.kind == "AWS::Serverless::Function" {
            merge(&mut properties, &self.scope.document.json["Globals"]["Function"]);
        }
        if let Value::Object(properties) = &mut properties {
            properties.retain(|name, _| !passed_over.contains(&name.as_str()));
        }
        self.read(self.scope.evaluate(self.name, &properties)?)
    }

    pub(crate) fn read<T: DeserializeOwned>(&self, value: Value) -> Result<T, TemplateError> {
        serde_json::from_value(value)
            .map_err(|error| self.error(format_args!("the local stack cannot use it: {error}")))
    }
}

/// Adds the template's globals to a resource that does not set them.
fn merge(own: &mut Value, globals: &Value) {
    if let (Value::Object(own), Value::Object(globals)) = (own, globals) {
        for (key, global) in globals {
            match own.get_mut(key) {
                Some(value) if value.is_object() && global.is_object() => merge(value, global),
                Some(_) => {}
                None => drop(own.insert(key.clone(), global.clone())),
            }
        }
    }
}
