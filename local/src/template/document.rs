//! A template file as JSON, with its loops expanded and every intrinsic function in its long form: `!Ref X` is
//! `{"Ref": "X"}`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value};

use super::{TemplateError, loops};

/// One template file.
#[derive(Debug)]
pub(crate) struct Document {
    /// As it is named in messages: relative to the root template's folder.
    pub(crate) name: String,
    /// Where paths in it start from.
    pub(crate) folder: PathBuf,
    pub(crate) json: Value,
    /// Names of resources, in the order in which they are written or their loops make them.
    pub(crate) order: Vec<String>,
}

impl Document {
    pub(crate) fn read(root: &Path, file: &Path) -> Result<Self, TemplateError> {
        let name = file.strip_prefix(root).unwrap_or(file).display().to_string();
        let text = fs::read_to_string(file).map_err(|error| TemplateError::of_file(&name, &error))?;
        let folder = file.parent().unwrap_or(root).to_owned();
        Self::parse(name, folder, &text)
    }

    pub(crate) fn parse(name: String, folder: PathBuf, text: &str) -> Result<Self, TemplateError> {
        let yaml: yaml_serde::Value =
            yaml_serde::from_str(text).map_err(|error| TemplateError::of_file(&name, &error))?;
        let mut json = long_form(&yaml).map_err(|error| TemplateError::of_file(&name, &error))?;
        loops::expand(&name, &mut json)?;
        if !json["Resources"].is_object() {
            return Err(TemplateError::of_file(&name, &"it has no Resources"));
        }
        let resources = yaml.get("Resources").and_then(yaml_serde::Value::as_mapping);
        Ok(Self { name, folder, json, order: resources.map(loops::names).unwrap_or_default() })
    }

    /// A resource by its logical name.
    pub(crate) fn resource(&self, name: &str) -> Option<&Value> {
        self.json["Resources"].get(name)
    }
}

fn long_form(yaml: &yaml_serde::Value) -> Result<Value, String> {
    use yaml_serde::Value as Yaml;
    Ok(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => (*value).into(),
        Yaml::Number(number) => serde_json::to_value(number).map_err(|error| error.to_string())?,
        Yaml::String(text) => text.as_str().into(),
        Yaml::Sequence(items) => Value::Array(items.iter().map(long_form).collect::<Result<_, _>>()?),
        Yaml::Mapping(fields) => {
            let mut object = Map::new();
            for (key, value) in fields {
                let key = match key {
                    Yaml::String(key) => key.clone(),
                    Yaml::Number(key) => key.to_string(),
                    other => return Err(format!("a key is not a text: {other:?}")),
                };
                object.insert(key, long_form(value)?);
            }
            Value::Object(object)
        }
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let tag = tag.trim_start_matches('!');
            let name = match tag {
                "Ref" | "Condition" => tag.to_owned(),
                _ => format!("Fn::{tag}"),
            };
            Value::Object(Map::from_iter([(name, long_form(&tagged.value)?)]))
        }
    })
}
