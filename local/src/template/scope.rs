//! What names mean inside one stack: parameters, resources, conditions, and the intrinsic functions over them.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    path::{Path, PathBuf},
    rc::Rc,
};

use serde_json::{Map, Value};

use super::{TemplateError, document::Document, identity::Identity};

/// The region in every ARN.
pub const REGION: &str = "eu-west-1";
/// The account in every ARN.
pub const ACCOUNT: &str = "000000000000";

/// One stack: a template with values for its parameters. Nested stacks are read when something needs them.
pub(crate) struct Scope {
    pub(crate) document: Document,
    /// The stack's name, from which resources without a name of their own get theirs.
    pub(crate) stack: String,
    root: PathBuf,
    parameters: BTreeMap<String, Value>,
    nested: RefCell<BTreeMap<String, Option<Rc<Scope>>>>,
}

/// Why a value has no value, to be said with the file and resource that it is in.
pub(crate) type Evaluated<T> = Result<T, Unresolved>;

/// A mistake in this place, or one that already says its place: in a nested stack.
pub(crate) enum Unresolved {
    Here(String),
    There(TemplateError),
}

impl From<String> for Unresolved {
    fn from(message: String) -> Self {
        Self::Here(message)
    }
}

impl From<TemplateError> for Unresolved {
    fn from(error: TemplateError) -> Self {
        Self::There(error)
    }
}

impl Scope {
    pub(crate) fn new(
        root: &Path,
        document: Document,
        stack: String,
        given: &BTreeMap<String, Value>,
    ) -> Result<Self, TemplateError> {
        let mut parameters = BTreeMap::new();
        for (name, declared) in document.json["Parameters"].as_object().into_iter().flatten() {
            let value = given.get(name).or_else(|| declared.get("Default"));
            let value = value.ok_or_else(|| {
                TemplateError::new(&document.name, name, "this parameter has no default and was not given a value")
            })?;
            parameters.insert(name.clone(), typed(declared, value));
        }
        if let Some(unknown) = given.keys().find(|name| !parameters.contains_key(*name)) {
            return Err(TemplateError::new(&document.name, unknown, "this parameter is given, but not declared"));
        }
        Ok(Self { document, stack, root: root.to_owned(), parameters, nested: RefCell::default() })
    }

    /// Evaluates, and says the resource if that fails.
    pub(crate) fn evaluate(&self, resource: &str, value: &Value) -> Result<Value, TemplateError> {
        self.value(value).map(Option::unwrap_or_default).map_err(|error| self.error(resource, error))
    }

    pub(crate) fn error(&self, resource: &str, error: impl Into<Unresolved>) -> TemplateError {
        match error.into() {
            Unresolved::Here(message) => TemplateError::new(&self.document.name, resource, message),
            Unresolved::There(error) => error,
        }
    }

    /// The stack nested as resource `name`.
    pub(crate) fn nested(&self, name: &str) -> Evaluated<Rc<Self>> {
        if let Some(known) = self.nested.borrow().get(name) {
            return known.clone().ok_or_else(|| format!("the nested stack {name} needs itself").into());
        }
        self.nested.borrow_mut().insert(name.to_owned(), None);
        let resource = self.document.resource(name).unwrap_or_default();
        let location = resource["Properties"]["Location"].as_str();
        let location = location.ok_or_else(|| format!("{name} has no Location that is a path"))?;
        let mut given = BTreeMap::new();
        for (parameter, value) in resource["Properties"]["Parameters"].as_object().into_iter().flatten() {
            if let Some(value) = self.value(value)? {
                given.insert(parameter.clone(), value);
            }
        }
        let document = Document::read(&self.root, &self.document.folder.join(location))?;
        let scope = Rc::new(Self::new(&self.root, document, format!("{}-{name}", self.stack), &given)?);
        self.nested.borrow_mut().insert(name.to_owned(), Some(scope.clone()));
        Ok(scope)
    }

    /// The value of an expression; none for `AWS::NoValue`.
    pub(crate) fn value(&self, expression: &Value) -> Evaluated<Option<Value>> {
        match expression {
            Value::Object(fields) => match only(fields) {
                Some((function, argument)) if function == "Ref" || function.starts_with("Fn::") => {
                    self.call(function, argument)
                }
                _ => {
                    let mut object = Map::new();
                    for (key, field) in fields {
                        if let Some(value) = self.value(field)? {
                            object.insert(key.clone(), value);
                        }
                    }
                    Ok(Some(Value::Object(object)))
                }
            },
            Value::Array(items) => {
                let values = items.iter().filter_map(|item| self.value(item).transpose());
                Ok(Some(Value::Array(values.collect::<Result<_, _>>()?)))
            }
            plain => Ok(Some(plain.clone())),
        }
    }

    fn call(&self, function: &str, argument: &Value) -> Evaluated<Option<Value>> {
        match (function, argument) {
            ("Ref", Value::String(name)) if name == "AWS::NoValue" => Ok(None),
            ("Ref", Value::String(name)) => self.reference(name).map(Some),
            ("Fn::GetAtt", Value::String(path)) => {
                let (resource, attribute) =
                    path.split_once('.').ok_or_else(|| format!("!GetAtt {path} names no attribute"))?;
                self.attribute(resource, attribute).map(Some)
            }
            ("Fn::GetAtt", Value::Array(parts)) => match parts.as_slice() {
                [Value::String(resource), Value::String(attribute)] => self.attribute(resource, attribute).map(Some),
                _ => Err(format!("Fn::GetAtt {argument} is not a resource and an attribute").into()),
            },
            ("Fn::Sub", Value::String(text)) => self.substitute(text, &Map::new()).map(Some),
            ("Fn::Sub", Value::Array(parts)) => match parts.as_slice() {
                [Value::String(text), Value::Object(more)] => self.substitute(text, more).map(Some),
                _ => Err("Fn::Sub takes a text, or a text and a map".to_owned().into()),
            },
            ("Fn::Join", Value::Array(parts)) => match parts.as_slice() {
                [Value::String(separator), items] => {
                    let items = self.value(items)?.unwrap_or_default();
                    let texts: Vec<_> = items.as_array().into_iter().flatten().map(text_of).collect();
                    Ok(Some(texts.join(separator).into()))
                }
                _ => Err("Fn::Join takes a separator and a list".to_owned().into()),
            },
            ("Fn::If", Value::Array(parts)) => match parts.as_slice() {
                [Value::String(condition), then, otherwise] => {
                    self.value(if self.condition(condition)? { then } else { otherwise })
                }
                _ => Err("Fn::If takes a condition and two values".to_owned().into()),
            },
            ("Fn::FindInMap", Value::Array(path)) => {
                let mut found = &self.document.json["Mappings"];
                for key in path {
                    let key = self.value(key)?.as_ref().map(text_of).unwrap_or_default();
                    found = found.get(&key).ok_or_else(|| format!("no mapping has {key}"))?;
                }
                Ok(Some(found.clone()))
            }
            _ => Err(format!("the local stack does not support {function} {argument}").into()),
        }
    }

    /// Whether a condition holds.
    pub(crate) fn condition(&self, name: &str) -> Evaluated<bool> {
        let condition = self.document.json["Conditions"].get(name);
        self.holds(condition.ok_or_else(|| format!("there is no condition {name}"))?)
    }

    fn holds(&self, condition: &Value) -> Evaluated<bool> {
        match condition.as_object().and_then(only).map(|(function, argument)| (function.as_str(), argument)) {
            Some(("Condition", Value::String(name))) => self.condition(name),
            Some(("Fn::Equals", Value::Array(sides))) if sides.len() == 2 => {
                let side = |side: &Value| Ok::<_, Unresolved>(self.value(side)?.as_ref().map(text_of));
                Ok(side(&sides[0])? == side(&sides[1])?)
            }
            Some(("Fn::Not", Value::Array(one))) if one.len() == 1 => Ok(!self.holds(&one[0])?),
            Some(("Fn::And", Value::Array(all))) => all.iter().try_fold(true, |so_far, c| Ok(so_far & self.holds(c)?)),
            Some(("Fn::Or", Value::Array(any))) => any.iter().try_fold(false, |so_far, c| Ok(so_far | self.holds(c)?)),
            _ => Err(format!("the local stack does not support the condition {condition}").into()),
        }
    }

    fn reference(&self, name: &str) -> Evaluated<Value> {
        let pseudo = match name {
            "AWS::Region" => Some(REGION),
            "AWS::AccountId" => Some(ACCOUNT),
            "AWS::Partition" => Some("aws"),
            "AWS::URLSuffix" => Some("amazonaws.com"),
            "AWS::StackName" => Some(self.stack.as_str()),
            _ => None,
        };
        if let Some(value) = pseudo {
            return Ok(value.into());
        }
        if let Some(value) = self.parameters.get(name) {
            return Ok(value.clone());
        }
        Ok(self.identity(name)?.reference.into())
    }

    fn attribute(&self, resource: &str, attribute: &str) -> Evaluated<Value> {
        if let Some(output) = attribute.strip_prefix("Outputs.") {
            let nested = self.nested(resource)?;
            let value = nested.document.json["Outputs"][output].get("Value");
            let value = value.ok_or_else(|| format!("the nested stack {resource} has no output {output}"))?;
            return Ok(nested.evaluate(output, value)?);
        }
        let identity = self.identity(resource)?;
        let value = identity.attributes.get(attribute).cloned();
        value
            .map(Value::String)
            .ok_or_else(|| format!("the local stack does not support the attribute {attribute} of {resource}").into())
    }

    /// What a resource is called once it exists.
    pub(crate) fn identity(&self, name: &str) -> Evaluated<Identity> {
        let resource = self.document.resource(name);
        let resource = resource.ok_or_else(|| format!("there is no parameter or resource {name}"))?;
        let kind = resource["Type"].as_str().unwrap_or_default();
        let named = match Identity::name_property(kind).and_then(|property| resource["Properties"].get(property)) {
            Some(property) => self.value(property)?,
            None => None,
        };
        let name = named.as_ref().map_or_else(|| format!("{}-{name}", self.stack), text_of);
        Ok(Identity::of(kind, name))
    }

    fn substitute(&self, text: &str, more: &Map<String, Value>) -> Evaluated<Value> {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, following) =
                after.split_once('}').ok_or_else(|| format!("a ${{ in {text:?} is never closed"))?;
            out += before;
            rest = following;
            let value = if let Some(literal) = name.strip_prefix('!') {
                format!("${{{literal}}}").into()
            } else if let Some(value) = more.get(name) {
                self.value(value)?.unwrap_or_default()
            } else if let Some((resource, attribute)) = name.split_once('.') {
                self.attribute(resource, attribute)?
            } else {
                self.reference(name)?
            };
            out += &text_of(&value);
        }
        Ok((out + rest).into())
    }
}

/// The one entry of a map that has no other.
fn only(fields: &Map<String, Value>) -> Option<(&String, &Value)> {
    fields.iter().next().filter(|_| fields.len() == 1)
}

/// `CloudFormation`'s parameters are texts. Their declared types tell which of them are numbers or lists.
fn typed(declared: &Value, value: &Value) -> Value {
    match value {
        Value::String(text) if declared["Type"] == "Number" => {
            text.parse::<serde_json::Number>().map_or_else(|_| value.clone(), Value::Number)
        }
        Value::String(text) if declared["Type"] == "CommaDelimitedList" => {
            text.split(',').map(str::trim).filter(|item| !item.is_empty()).collect()
        }
        _ => value.clone(),
    }
}

/// A scalar as text.
pub(crate) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
