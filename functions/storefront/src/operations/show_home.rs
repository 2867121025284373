//! Show the first page of the shop.

use askama::Template;
use contracts::CategoryId;
use garde::Validate;
use lambda::{Function, Html, Problem, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Storefront, card::CardView, link, shell::Shell, store::Around};

/// How many products are new.
const NEWEST: u32 = 12;

#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct ShowHome {}

/// The first page.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "home.html")]
#[serde(rename_all = "camelCase")]
pub(crate) struct HomePage {
    #[serde(skip)]
    shell: Shell,
    departments: Vec<DepartmentView>,
    /// The products that went on sale last, the newest first.
    newest: Vec<CardView>,
}

/// A department with the aisles in it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct DepartmentView {
    id: CategoryId,
    name: String,
    path: String,
    aisles: Vec<AisleView>,
    /// The picture of its newest product. `null` if no new product is in it.
    picture: Option<String>,
    #[serde(skip)]
    hue: &'static str,
}

impl DepartmentView {
    /// The names of its aisles in one text: `Lighting, kitchen, textiles`.
    fn names(&self) -> String {
        let mut names: Vec<_> = self.aisles.iter().map(|aisle| aisle.name.clone()).collect();
        names.iter_mut().skip(1).for_each(|name| *name = name.to_lowercase());
        names.join(", ")
    }
}

/// A link to an aisle.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AisleView {
    pub(crate) name: String,
    pub(crate) path: String,
}

pub fn function() -> Function {
    Function::page("show-home", show)
        .about("The departments with their aisles, and the products that went on sale last.")
        .shared()
}

async fn show(storefront: Storefront, visit: Visit<ShowHome>) -> Result<Html<HomePage>, Problem> {
    let around = storefront.around(&visit.visitor, &[], visit.now());
    let (Around { aisles, session, .. }, newest) = futures::try_join!(around, storefront.store.newest(NEWEST))?;
    let shell = Shell::of(&visit.visitor, &aisles, None).with_known(session, &storefront.sealer);
    let below = |id| {
        aisles
            .below(Some(id))
            .map(|(id, aisle)| AisleView { name: aisle.name.clone(), path: link::aisle(id, &aisle.name) })
    };
    let newest: Vec<_> = newest.iter().filter_map(|item| CardView::of(item, &aisles, &shell, visit.now())).collect();
    let picture = |hue| newest.iter().filter(|card| card.hue == hue).find_map(|card| card.picture.clone());
    let department = |(id, aisle): (CategoryId, &crate::aisle::Aisle)| DepartmentView {
        id,
        name: aisle.name.clone(),
        path: link::aisle(id, &aisle.name),
        aisles: below(id).collect(),
        picture: picture(aisles.hue(id)),
        hue: aisles.hue(id),
    };
    let departments = aisles.departments().map(department).collect();
    Ok(Html::new(HomePage { shell, departments, newest }))
}
