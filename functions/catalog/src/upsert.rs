//! Merges a row of an import into the product that has its SKUs.

use contracts::events::catalog::Variant;
use serde_json::Value;

use crate::{
    input::{CreateProduct, MOST_ATTRIBUTES, MOST_VARIANTS},
    product::{Content, Product, Status},
};

/// A product as a row changes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Merged {
    pub(crate) status: Status,
    pub(crate) content: Content,
    /// What of the row has no effect.
    pub(crate) warning: Option<&'static str>,
}

/// Merges a row into a product. `row` is the JSON of `input`: fields that it does not have do not change. Returns why
/// the result is not a product.
pub(crate) fn merge(product: &Product, row: &Value, input: CreateProduct) -> Result<Merged, String> {
    let has = |field: &str| row.get(field).is_some();
    let (status, new) = input.into_content();
    let before = product.content.clone();
    let mut attributes = before.attributes;
    attributes.extend(new.attributes);
    let content = Content {
        title: new.title,
        description: if has("description") { new.description } else { before.description },
        categories: if has("categoryIds") { new.categories } else { before.categories },
        images: if has("images") { new.images } else { before.images },
        attributes,
        tax_class: if has("taxClass") { new.tax_class } else { before.tax_class },
        variants: variants(before.variants, new.variants),
    };
    for (what, count, most) in
        [("variants", content.variants.len(), MOST_VARIANTS), ("attributes", content.attributes.len(), MOST_ATTRIBUTES)]
    {
        if count > most {
            return Err(format!("the product {} would have {count} {what}, and can have at most {most}", product.id));
        }
    }
    // A product that is on sale never becomes a draft again.
    let stays = product.status == Status::Published && status == Some(Status::Draft);
    let status = if stays { product.status } else { status.unwrap_or(product.status) };
    Ok(Merged { status, content, warning: stays.then_some("is on sale, and stays so") })
}

/// The variants with those of the row. A row without options or without prices in a currency leaves those.
fn variants(mut variants: Vec<Variant>, new: Vec<Variant>) -> Vec<Variant> {
    for new in new {
        match variants.iter_mut().find(|variant| variant.sku == new.sku) {
            Some(variant) => {
                if !new.options.is_empty() {
                    variant.options = new.options;
                }
                if new.prices.is_empty() {
                    continue;
                }
                variant.prices.retain(|price| new.prices.iter().all(|new| new.currency != price.currency));
                variant.prices.extend(new.prices);
                variant.prices.sort_by_key(|price| (price.currency, price.valid_from));
            }
            None => variants.push(new),
        }
    }
    variants
}

#[cfg(test)]
mod tests {
    use lambda::Input;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn input(row: &Value) -> CreateProduct {
        CreateProduct::from_json(row.clone()).unwrap()
    }

    fn product(row: &Value) -> Product {
        input(row).create(Uuid::nil().into(), &[]).unwrap().product
    }

    fn lamp() -> Value {
        json!({
            "title": "Lamp", "description": "Flat.", "images": ["/1.jpg"], "attributes": {"material": "steel"},
            "taxClass": "reduced", "variants": [
                {"sku": "A", "options": {"size": "S"}, "prices": [{"currency": "EUR", "amount": 1}, {"currency": "USD", "amount": 2}]},
                {"sku": "B", "options": {"size": "M"}, "prices": [{"currency": "EUR", "amount": 3}]},
            ],
        })
    }

    fn merged(row: &Value) -> Merged {
        merge(&product(&lamp()), row, input(row)).unwrap()
    }

    #[test]
    fn what_a_row_does_not_say_stays() {
        let row = json!({"title": "Desk lamp", "variants": [{"sku": "A", "prices": []}]});
        let expected = product(&json!({"title": "Desk lamp", "variants": lamp()["variants"], "description": "Flat.",
            "images": ["/1.jpg"], "attributes": {"material": "steel"}, "taxClass": "reduced"}));
        assert_eq!(merged(&row), Merged { status: Status::Published, content: expected.content, warning: None });
    }

    #[test]
    fn what_a_row_says_replaces_what_was_there() {
        let row = json!({
            "title": "Lamp", "description": "", "images": [], "attributes": {"material": "oak", "colour": "red"},
            "taxClass": "zero", "variants": [
                {"sku": "A", "options": {"size": "XS"}, "prices": [{"currency": "EUR", "amount": 9}]},
                {"sku": "C", "prices": []},
            ],
        });
        let content = merged(&row).content;
        assert_eq!((content.description.as_str(), content.images.len(), content.tax_class.as_str()), ("", 0, "zero"));
        assert_eq!(json!(content.attributes), json!({"material": "oak", "colour": "red"}));
        let skus: Vec<_> = content.variants.iter().map(|variant| variant.sku.as_str()).collect();
        assert_eq!(skus, ["A", "B", "C"]);
        let prices: Vec<_> =
            content.variants[0].prices.iter().map(|price| (price.currency.code(), price.amount)).collect();
        assert_eq!((prices, &content.variants[0].options["size"]), (vec![("EUR", 9), ("USD", 2)], &"XS".to_owned()));
    }

    #[test]
    fn the_same_row_changes_nothing_the_second_time() {
        let row = json!({"title": "Lamp", "status": "published", "variants": [
            {"sku": "A", "prices": [{"currency": "USD", "amount": 5}, {"currency": "CHF", "amount": 6}]}]});
        let Merged { status, content, .. } = merged(&row);
        let first = product(&lamp()).update(status, content, &[]).unwrap().unwrap().product;
        let Merged { status, content, .. } = merge(&first, &row, input(&row)).unwrap();
        assert_eq!(first.update(status, content, &[]), Ok(None));
    }

    #[test]
    fn a_product_on_sale_stays_on_sale() {
        let row = json!({"title": "Lamp", "status": "draft", "variants": []});
        assert_eq!((merged(&row).status, merged(&row).warning), (Status::Published, Some("is on sale, and stays so")));
        let mut draft = product(&lamp());
        draft.status = Status::Draft;
        let publish = json!({"title": "Lamp", "status": "published", "variants": []});
        assert_eq!(merge(&draft, &publish, input(&publish)).unwrap().status, Status::Published);
        let silent = json!({"title": "Lamp", "variants": []});
        assert_eq!(merge(&draft, &silent, input(&silent)).unwrap().status, Status::Draft);
    }

    #[test]
    fn a_product_does_not_grow_beyond_its_bounds() {
        let variants: Vec<_> = (0..39).map(|at| json!({"sku": format!("N{at}"), "prices": []})).collect();
        let row = json!({"title": "Lamp", "variants": variants});
        let reason = merge(&product(&lamp()), &row, input(&row)).unwrap_err();
        assert!(reason.contains("would have 41 variants, and can have at most 40"), "{reason}");
        let attributes: serde_json::Map<_, _> = (0..50).map(|at| (format!("a{at}"), "x".into())).collect();
        let row = json!({"title": "Lamp", "attributes": attributes, "variants": []});
        assert!(merge(&product(&lamp()), &row, input(&row)).unwrap_err().contains("51 attributes"));
    }
}
