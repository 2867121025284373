//! Get the list of pages for search engines.

use askama::Template;
use garde::Validate;
use lambda::{Function, Problem, StaticFile, Visit};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Storefront, link};

/// How many products it names. One function can read them in a few seconds; a search engine finds the others by the aisles.
const MOST_PRODUCTS: usize = 1_000;

#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct GetSitemap {}

#[derive(Debug, Template)]
#[template(path = "sitemap.xml")]
struct Sitemap {
    origin: String,
    pages: Vec<PageView>,
}

#[derive(Debug)]
struct PageView {
    path: String,
    /// The day of its last change, if that is known.
    changed: Option<String>,
}

/// The first page, the aisles, and the products that went on sale last.
pub fn function() -> Function {
    Function::page("get-sitemap", show).shared()
}

async fn show(storefront: Storefront, visit: Visit<GetSitemap>) -> Result<StaticFile, Problem> {
    let store = &storefront.store;
    let (aisles, products) = futures::try_join!(store.aisles(), store.all_newest(MOST_PRODUCTS))?;
    let page = |path| PageView { path, changed: None };
    let aisles = aisles.all().map(|(id, aisle)| page(link::aisle(id, &aisle.name)));
    let products = products.iter().filter_map(|item| {
        let path = link::product(item.id, &item.on_sale()?.title);
        Some(PageView { path, changed: Some(item.changed.strftime("%F").to_string()) })
    });
    let pages = [page("/".to_owned())].into_iter().chain(aisles).chain(products).collect();
    let sitemap = Sitemap { origin: visit.visitor.origin, pages };
    Ok(StaticFile::new("text/xml; charset=utf-8", sitemap.render().map_err(Problem::internal)?))
}
