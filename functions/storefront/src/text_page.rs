//! A page that is nothing but text.

use askama::Template;
use schemars::JsonSchema;
use serde::Serialize;

use crate::shell::Shell;

/// A text of the shop.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "text.html")]
#[serde(rename_all = "camelCase")]
pub(crate) struct TextPage {
    #[serde(skip)]
    shell: Shell,
    title: String,
    lead: String,
    sections: Vec<Section>,
}

/// A part of a text.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "TextSection")]
pub(crate) struct Section {
    title: String,
    paragraphs: Vec<String>,
    /// Shown as a list.
    points: Vec<String>,
}

impl TextPage {
    /// A page of these texts, named by their keys.
    pub(crate) fn of(shell: Shell, title: &str, lead: &str, sections: Vec<Section>) -> Self {
        Self { title: shell.t(title), lead: shell.t(lead), sections, shell }
    }
}

impl Section {
    /// A part of these texts, named by their keys.
    pub(crate) fn of(shell: &Shell, title: &str, paragraphs: &[&str], points: &[&str]) -> Self {
        let all = |keys: &[&str]| keys.iter().map(|key| shell.t(key)).collect();
        Self { title: shell.t(title), paragraphs: all(paragraphs), points: all(points) }
    }
}
