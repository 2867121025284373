//! Get what search engines may read.

use garde::Validate;
use lambda::{Function, Problem, StaticFile, Visit};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::Storefront;

/// The beginnings of paths that are of a visitor, or of no use to those who search.
const PRIVATE: [&str; 12] = [
    "/account",
    "/basket",
    "/checkout",
    "/currency",
    "/deliveries",
    "/desk",
    "/fragments",
    "/orders",
    "/register",
    "/search",
    "/sign-",
    "/support",
];

#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct GetRobots {}

pub fn function() -> Function {
    Function::page("get-robots", show).shared()
}

async fn show(_: Storefront, visit: Visit<GetRobots>) -> Result<StaticFile, Problem> {
    let refused = PRIVATE.map(|path| format!("Disallow: {path}")).join("\n");
    let sitemap = format!("Sitemap: {}/sitemap.xml", visit.visitor.origin);
    // A filter of an aisle is a link, and the combinations of filters are without number.
    Ok(StaticFile::new(
        "text/plain; charset=utf-8",
        format!("User-agent: *\n{refused}\nDisallow: /aisles/*?\n\n{sitemap}\n"),
    ))
}
