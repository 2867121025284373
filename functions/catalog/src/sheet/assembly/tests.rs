use lambda::Input;

use super::*;
use crate::input::CreateProduct;

fn prices() -> Vec<Value> {
    vec![json!({"currency": "EUR", "amount": 100})]
}

fn lamp() -> Assembly {
    let mut lamp = Assembly::default();
    lamp.title("Lamp");
    lamp.image("https://a.example/1.jpg");
    lamp
}

fn options(values: &[&str]) -> Vec<(String, String)> {
    values.iter().map(|value| ("Size".to_owned(), (*value).to_owned())).collect()
}

#[test]
fn what_is_too_long_is_cut_to_what_a_product_takes() {
    let mut large = Assembly::default();
    large.title(&"t".repeat(LONGEST_TITLE + 1));
    large.description(&"d".repeat(LONGEST_DESCRIPTION + 1));
    for at in 0..=MOST_IMAGES {
        large.image(&format!("https://a.example/{at}.jpg"));
    }
    for at in 0..=MOST_ATTRIBUTES {
        large.attribute(&format!("{at:02}{}", "n".repeat(LONGEST_NAME)), &"a".repeat(LONGEST_TEXT + 1)[at..]);
    }
    let long = "o".repeat(LONGEST_TEXT + 1);
    large.variant("A", "lamp", vec![(long.clone(), long)], prices());
    let line = large.line(1);
    let product = line.content.unwrap();
    assert!(CreateProduct::from_json(product.clone()).is_ok(), "{product}");
    assert_eq!(product["title"].as_str().unwrap().len(), LONGEST_TITLE);
    assert_eq!(product["images"].as_array().unwrap().len(), MOST_IMAGES);
    let warnings = line.warnings.join("\n");
    for part in [
        "title has 201",
        "description has 10001",
        "images after the first 20, which are not imported: 1",
        "attributes after",
    ] {
        assert!(warnings.contains(part), "{part}: {warnings}");
    }
}

#[test]
fn a_product_without_a_price_is_a_draft() {
    let mut unpriced = lamp();
    unpriced.variant("A", "lamp", Vec::new(), Vec::new());
    let line = unpriced.line(1);
    assert_eq!((&line.content.unwrap()["status"], &line.warnings[..]), (&json!("draft"), &[NO_PRICE.to_owned()][..]));
    let mut half = lamp();
    half.variant("A", "lamp", options(&["S"]), Vec::new());
    half.variant("B", "lamp", options(&["M"]), prices());
    let line = half.line(1);
    assert_eq!(line.content.unwrap()["status"], "published");
    assert_eq!(line.warnings, ["variants without a price, which are on sale only if they have one already: 1"]);
}

#[test]
fn pictures_are_read_as_https() {
    let mut lamp = Assembly::default();
    lamp.title("Lamp");
    for address in ["http://a.example/1.jpg", "https://a.example/1.jpg", "//a.example/my lamp.jpg", "lamp.jpg", ""] {
        lamp.image(address);
    }
    let line = lamp.line(1);
    assert_eq!(line.content.unwrap()["images"], json!(["https://a.example/1.jpg", "https://a.example/my%20lamp.jpg"]));
    let warnings = line.warnings.join("\n");
    assert!(warnings.contains("changed to https: 1") && warnings.contains("which are not imported: 1"), "{warnings}");
    assert!(Assembly::default().line(1).warnings.contains(&NO_IMAGE.to_owned()));
}

#[test]
fn a_missing_sku_is_made_and_a_wrong_one_is_changed() {
    let mut lamp = lamp();
    let skus: Vec<_> = [("", "S"), ("'0123", "M"), ("A 1", "L"), ("A 1", "XL")]
        .into_iter()
        .map(|(sku, size)| lamp.variant(sku, "lamp", options(&[size]), prices()))
        .collect();
    assert_eq!(skus, ["lamp.S", "0123", "A-1", "lamp.XL"]);
    let warnings = lamp.line(1).warnings.join("\n");
    for part in [
        "variants without a SKU",
        "\"A 1\" is imported as A-1",
        "with the SKU of another variant, which get one made of the name and the options: 1",
    ] {
        assert!(warnings.contains(part), "{part}: {warnings}");
    }
}

#[test]
fn units_in_stock_are_noted() {
    let mut lamp = lamp();
    for (sku, units) in
        [("A", "5"), ("B", "0"), ("C", "-2"), ("D", "2.0"), ("E", "1.5"), ("F", ""), ("G", "many"), ("H", "1e9")]
    {
        lamp.stock(sku, units);
    }
    lamp.variant("A", "lamp", Vec::new(), prices());
    let line = lamp.line(1);
    assert_eq!(line.stock, [("A".to_owned(), 5), ("D".to_owned(), 2)]);
    let warnings = line.warnings.join("\n");
    assert!(warnings.contains("less than 0 in stock, which are not in the adjustments: 1"), "{warnings}");
    assert!(warnings.contains("without a whole number in stock, which are not in the adjustments: 3"), "{warnings}");
}

#[test]
fn a_product_with_too_many_variants_is_refused() {
    const TOO_MANY: &str = "has 41 variants, and a product can have at most 40: make several products of it";
    let of = |count: usize| {
        let mut lamp = lamp();
        for at in 0..count {
            lamp.variant(&format!("A-{at}"), "lamp", Vec::new(), prices());
        }
        lamp.line(1).content
    };
    assert!(CreateProduct::from_json(of(MOST_VARIANTS).unwrap()).is_ok());
    assert_eq!(of(MOST_VARIANTS + 1), Err(TOO_MANY.to_owned()));
    let mut wrong = lamp();
    for at in 0..=MOST_VARIANTS {
        wrong.refuse(format!("line {at} has the price \"on request\", which is not an amount such as 19.99"));
        wrong.variant(&format!("A-{at}"), "lamp", Vec::new(), Vec::new());
    }
    assert!(wrong.line(1).content.unwrap_err().starts_with(TOO_MANY), "reasons that are too long are cut off");
}

#[test]
fn a_product_is_not_longer_than_a_row_can_be() {
    let of = |length: usize| {
        let mut lamp = lamp();
        for at in 0..MOST_VARIANTS {
            let options = ["Size", "Colour", "Material"].map(|name| (name.to_owned(), "🪔".repeat(length)));
            lamp.variant(&format!("A-{at}"), "lamp", options.to_vec(), prices());
        }
        lamp.line(1).content
    };
    assert_eq!(of(LONGEST_TEXT), Err(too_long()));
    let longest = (1..LONGEST_TEXT).map_while(|length| of(length).ok()).last().unwrap();
    let bytes = longest.to_string().len();
    assert!((LONGEST_ROW - 1000..=LONGEST_ROW).contains(&bytes), "{bytes}");
    assert!(CreateProduct::from_json(longest).is_ok());
}

#[test]
fn a_product_that_is_refused_has_all_reasons() {
    let mut wrong = Assembly::default();
    wrong.title(" ");
    wrong.refuse("is a gift card".to_owned());
    assert_eq!(wrong.line(7).content, Err("has no title; is a gift card".to_owned()));
}
