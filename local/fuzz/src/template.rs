//! A template: it describes a deployment, or an error says what is wrong with it.

use std::{collections::BTreeMap, path::Path};

/// Reads a root template that nests nothing which is there.
pub fn template(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Err(error) = local::template::parse(Path::new("/nowhere"), &text, &BTreeMap::new()) {
        assert!(error.to_string().contains(".yaml:"), "{error} does not say where");
    }
}
