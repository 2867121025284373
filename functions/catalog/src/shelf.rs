//! Finds the categories that a file names.

use std::collections::{BTreeMap, HashMap};

use contracts::CategoryId;
use serde_json::json;

use crate::{
    category::Category,
    input::MOST_CATEGORIES,
    sheet::{Line, Named, quote},
};

/// The maximum number of missing categories that the warning of an import names. The others are counted.
const MOST_NAMED: usize = 100;

/// The categories by their names.
pub(crate) struct Shelf<'a> {
    by_names: HashMap<Vec<String>, &'a Category>,
    /// The names of missing categories, and the first line of each.
    missing: BTreeMap<String, u32>,
}

impl<'a> Shelf<'a> {
    /// `categories` has each category after its parent. Of several with the same names, the first counts.
    pub(crate) fn new(categories: &'a [Category]) -> Self {
        let (mut names, mut by_names) = (HashMap::<CategoryId, Vec<String>>::new(), HashMap::new());
        for category in categories {
            let above = category.parent().map_or_else(|| Some(Vec::new()), |parent| names.get(&parent).cloned());
            let Some(mut path) = above else { continue };
            path.push(folded(&category.name));
            names.insert(category.id, path.clone());
            by_names.entry(path).or_insert(category);
        }
        Self { by_names, missing: BTreeMap::new() }
    }

    /// Puts the product of a line into the categories that the file names. Warns of those that do not exist.
    pub(crate) fn place(&mut self, line: &mut Line) {
        let Ok(product) = &mut line.content else { return };
        let (mut found, mut whole) = (Vec::<&Category>::new(), BTreeMap::new());
        for Named { path, attribute } in &line.categories {
            let category = self.by_names.get(&path.iter().map(|name| folded(name)).collect::<Vec<_>>());
            found.extend(category.filter(|category| found.iter().all(|other| other.id != category.id)));
            let Some(attribute) = attribute else { continue };
            *whole.entry(*attribute).or_insert(true) &= category.is_some();
            if category.is_none() {
                let name = quote(&path.join(" > "));
                line.warnings.push(format!("the category {name} does not exist"));
                self.missing.entry(name).or_insert(line.number);
            }
        }
        // A product is also listed in the categories above its own.
        let above: Vec<_> = found.iter().flat_map(|category| category.path.clone()).collect();
        found.retain(|category| !above.contains(&category.id));
        if found.len() > MOST_CATEGORIES {
            let more = found.len() - MOST_CATEGORIES;
            line.warnings.push(format!("categories after the first {MOST_CATEGORIES}, which are not imported: {more}"));
            found.truncate(MOST_CATEGORIES);
        } else if let Some(attributes) = product.get_mut("attributes").and_then(|attributes| attributes.as_object_mut())
        {
            attributes.retain(|name, _| whole.get(name.as_str()) != Some(&true));
        }
        if !found.is_empty() {
            product["categoryIds"] = json!(found.iter().map(|category| category.id).collect::<Vec<_>>());
        }
    }

    /// The warning of the import that names the categories that do not exist, in the order of the file.
    pub(crate) fn missing(self) -> Option<String> {
        let mut missing: Vec<_> = self.missing.into_iter().collect();
        missing.sort_by_key(|(_, line)| *line);
        let more = missing.len().saturating_sub(MOST_NAMED);
        let mut names: Vec<_> = missing.into_iter().map(|(name, _)| name).take(MOST_NAMED).collect();
        names.extend((more > 0).then(|| format!("and {more} more")));
        let names = names.join(", ");
        (!names.is_empty()).then(|| {
            format!("These categories do not exist: {names}. Create them, and import the file again with mode=upsert")
        })
    }
}

/// A name without the differences that do not matter.
fn folded(name: &str) -> String {
    name.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use dynamo::Version;
    use serde_json::Value;
    use uuid::Uuid;

    use super::*;

    fn id(number: u128) -> CategoryId {
        Uuid::from_u128(number).into()
    }

    fn category(number: u128, name: &str, path: &[u128]) -> Category {
        let path = path.iter().map(|one| id(*one)).collect();
        Category { id: id(number), name: name.to_owned(), path, version: Version::default() }
    }

    fn tree() -> Vec<Category> {
        vec![
            category(1, "Kitchen", &[]),
            category(2, "Cups & mugs", &[1]),
            category(3, "Blue", &[1, 2]),
            category(4, "Sale", &[]),
            category(5, "Blue", &[4]),
            category(6, "sale", &[]),
        ]
    }

    fn line(names: &[&[&str]], attribute: Option<&'static str>) -> Line {
        let of = |path: &&[&str]| Named { path: path.iter().map(|name| (*name).to_owned()).collect(), attribute };
        Line {
            number: 2,
            content: Ok(json!({"title": "Mug", "attributes": {"categories": "…", "vendor": "Acme"}})),
            warnings: Vec::new(),
            stock: Vec::new(),
            categories: names.iter().map(of).collect(),
        }
    }

    fn placed(line: &mut Line) -> (Value, Option<String>) {
        let tree = tree();
        let mut shelf = Shelf::new(&tree);
        shelf.place(line);
        (line.content.as_ref().unwrap()["categoryIds"].clone(), shelf.missing())
    }

    #[test]
    fn a_category_is_found_by_the_names_of_its_path_in_any_case() {
        for (path, number) in
            [(&["KITCHEN", "cups  &  mugs", "Blue"][..], 3), (&["sale", "blue"], 5), (&["Kitchen"], 1), (&["Sale"], 4)]
        {
            let mut line = line(&[path], Some("categories"));
            assert_eq!(placed(&mut line), (json!([id(number)]), None), "{path:?}");
            assert_eq!(line.content.unwrap()["attributes"], json!({"vendor": "Acme"}));
            assert!(line.warnings.is_empty());
        }
    }

    #[test]
    fn a_category_that_does_not_exist_is_warned_of() {
        let mut mug = line(&[&["Kitchen", "Blue"], &["Blue"], &["Sale"]], Some("categories"));
        let (ids, missing) = placed(&mut mug);
        assert_eq!(ids, json!([id(4)]));
        assert_eq!(
            mug.warnings,
            ["the category \"Kitchen > Blue\" does not exist", "the category \"Blue\" does not exist"]
        );
        assert_eq!(mug.content.unwrap()["attributes"]["categories"], "…", "its names are kept");
        assert!(missing.unwrap().starts_with("These categories do not exist: \"Blue\", \"Kitchen > Blue\". Create"));
        let mut none = line(&[&["Blue"]], Some("categories"));
        assert_eq!(placed(&mut none).0, Value::Null, "an import with mode=upsert changes no categories then");
        let mut typed = line(&[&["Blue"], &["Sale"]], None);
        assert_eq!(placed(&mut typed), (json!([id(4)]), None));
        assert_eq!((typed.warnings.len(), &typed.content.unwrap()["attributes"]["categories"]), (0, &json!("…")));
    }

    #[test]
    fn a_product_has_each_category_once_and_none_above_another() {
        let mut mug =
            line(&[&["Kitchen"], &["Kitchen", "Cups & mugs"], &["kitchen", "cups & mugs"]], Some("categories"));
        assert_eq!(placed(&mut mug), (json!([id(2)]), None));
    }

    #[test]
    fn a_product_has_so_many_categories_and_no_more() {
        let names: Vec<String> = (0..=MOST_CATEGORIES).map(|at| format!("C{at}")).collect();
        let tree: Vec<_> = (1..).zip(&names).map(|(number, name)| category(number, name, &[])).collect();
        let paths: Vec<_> = names.iter().map(|name| vec![name.as_str()]).collect();
        let mut mug = line(&paths.iter().map(Vec::as_slice).collect::<Vec<_>>(), Some("categories"));
        Shelf::new(&tree).place(&mut mug);
        let product = mug.content.unwrap();
        assert_eq!(product["categoryIds"].as_array().unwrap().len(), MOST_CATEGORIES);
        assert_eq!(product["attributes"]["categories"], "…");
        assert_eq!(mug.warnings, ["categories after the first 5, which are not imported: 1"]);
    }

    #[test]
    fn a_category_whose_parent_is_not_known_yet_is_not_found() {
        let orphan = [category(2, "Cups", &[1])];
        let mut mug = line(&[&["Cups"]], Some("categories"));
        let mut shelf = Shelf::new(&orphan);
        shelf.place(&mut mug);
        assert_eq!(mug.warnings, ["the category \"Cups\" does not exist"]);
    }

    #[test]
    fn missing_categories_are_named_once_in_the_order_of_the_file() {
        let mut shelf = Shelf::new(&[]);
        for at in 0..MOST_NAMED + 5 {
            for number in [2, 3] {
                let mut mug = line(&[&[&format!("Z{}", MOST_NAMED + 5 - at)]], Some("categories"));
                mug.number = number + u32::try_from(at).unwrap();
                shelf.place(&mut mug);
            }
        }
        let missing = shelf.missing().unwrap();
        assert!(missing.starts_with("These categories do not exist: \"Z105\", \"Z104\""), "{missing}");
        assert!(missing.contains(", \"Z6\", and 5 more. Create them"), "{missing}");
    }
}
