//! How the products of other shops fit into this one: their categories, tax classes and variants.

use super::*;

/// Imports an export and works off its chunks.
async fn done(harness: &Harness, text: &str) -> Value {
    let request = file("text/csv", text).query("mode", "upsert").query("currency", "EUR");
    let id = imported(harness, request).await;
    work_off(harness).await;
    progress(harness, &id).await
}

async fn product(harness: &Harness, sku: &str) -> Value {
    let page = harness.call(list_products, Request::new("GET", "/v1/products").query("sku", sku)).await;
    assert_eq!(page.status, 200, "{page:?}");
    page.json["items"][0].clone()
}

const PICTURE: &str = "https://a.example/1.jpg";

#[tokio::test]
async fn a_product_is_in_the_categories_that_its_file_names() {
    let harness = harness().await;
    let kitchen = category(&harness, "Kitchen", None).await;
    let cups = category(&harness, "Cups & mugs", Some(&kitchen)).await;
    let sale = category(&harness, "Sale", None).await;
    let woocommerce = format!(
        "Type,SKU,Name,Regular price,Categories,Images\n\
         simple,MUG,Mug,5,\"KITCHEN > Cups &amp; Mugs, Sale\",{PICTURE}\n\
         simple,JAR,Jar,5,\"Kitchen > Jars, Sale\",{PICTURE}\n\
         simple,PAN,Pan,5,Uncategorized,{PICTURE}\n"
    );
    let progress = done(&harness, &woocommerce).await;
    assert_eq!(counts(&progress), [3, 0, 0], "{progress}");
    let (mug, jar, pan) =
        (product(&harness, "MUG").await, product(&harness, "JAR").await, product(&harness, "PAN").await);
    assert_eq!((&mug["categoryIds"], &mug["attributes"]), (&json!([cups, sale]), &json!({})));
    assert_eq!(
        (&jar["categoryIds"], &jar["attributes"]),
        (&json!([sale]), &json!({"categories": "Kitchen > Jars, Sale"}))
    );
    assert_eq!(pan["categoryIds"], json!([]));
    let query = Request::new("GET", "/v1/products").query("categoryId", &kitchen);
    assert_eq!(ids(&harness.call(list_products, query).await).len(), 1);
    let warned = progress["rowWarnings"].as_array().unwrap();
    assert_eq!((warned.len(), &warned[0]["row"]), (1, &json!(3)), "{progress}");
    assert_eq!(warned[0]["warnings"], json!(["the category \"Kitchen > Jars\" does not exist"]));
    assert_eq!(
        progress["warnings"],
        json!([
            "These categories do not exist: \"Kitchen > Jars\". Create them, and import the file again with mode=upsert"
        ])
    );
    let jars = category(&harness, "Jars", Some(&kitchen)).await;
    assert_eq!(done(&harness, &woocommerce).await["rowWarnings"], json!([]));
    assert_eq!(product(&harness, "JAR").await["categoryIds"], json!([jars, sale]));
}

#[tokio::test]
async fn a_type_of_shopify_is_a_category_if_there_is_one() {
    let harness = harness().await;
    let cups = category(&harness, "Cups", None).await;
    let shopify = format!(
        "Handle,Title,Product Category,Type,Variant SKU,Variant Price,Image Src\n\
         mug,Mug,Home & Garden > Kitchen,cups,MUG,5,{PICTURE}\njar,Jar,,Jars,JAR,5,{PICTURE}\n"
    );
    let progress = done(&harness, &shopify).await;
    let mug = product(&harness, "MUG").await;
    assert_eq!(mug["categoryIds"], json!([cups]));
    assert_eq!(mug["attributes"], json!({"category": "Home & Garden > Kitchen", "type": "cups"}));
    let warned = progress["rowWarnings"].as_array().unwrap();
    assert_eq!(warned.len(), 1, "{progress}");
    assert_eq!(warned[0]["warnings"], json!(["the category \"Home & Garden > Kitchen\" does not exist"]));
}

#[tokio::test]
async fn goods_that_are_not_taxable_have_a_tax_class_that_says_so() {
    let harness = harness().await;
    let text = format!(
        "Type,SKU,Name,Regular price,Tax status,Tax class,Images\n\
         simple,MUG,Mug,5,none,,{PICTURE}\n\
         simple,BOOK,Book,5,taxable,reduced-rate,{PICTURE}\n\
         simple,PAN,Pan,5,taxable,,{PICTURE}\n"
    );
    let progress = done(&harness, &text).await;
    for (sku, class) in [("MUG", "none"), ("BOOK", "reduced"), ("PAN", "standard")] {
        assert_eq!(product(&harness, sku).await["taxClass"], class);
    }
    assert_eq!(
        (&progress["rowWarnings"][0]["warnings"], &progress["rowWarnings"][1]["warnings"]),
        (
            &json!(["is not taxable: it gets the tax class none, which is taxed at 0 % while no rate is set for it"]),
            &json!(["gets the tax class reduced, which is taxed at 0 % in countries without a rate for it"]),
        )
    );
    // What is taxable again is so after the next import.
    done(&harness, &text.replace("none,,", "taxable,,")).await;
    assert_eq!(product(&harness, "MUG").await["taxClass"], "standard");
}

#[tokio::test]
async fn a_product_with_too_many_variants_says_so_and_all_others_are_imported() {
    let harness = harness().await;
    let rows = |handle: &str, count: usize| {
        let row = |at: usize| format!("{handle},Chair,Number,{at},5,{}\n", if at == 0 { PICTURE } else { "" });
        (0..count).map(row).collect::<String>()
    };
    let header = "Handle,Title,Option1 Name,Option1 Value,Variant Price,Image Src\n";
    let text = [header, &rows("a", 40), &rows("b", 55), &rows("c", 1)].concat();
    let progress = done(&harness, &text).await;
    assert_eq!(counts(&progress), [2, 1, 0], "{progress}");
    let reason = "has 55 variants, and a product can have at most 40: make several products of it";
    assert_eq!(progress["problems"], json!([{"row": 42, "reason": reason}]));
    assert_eq!(product(&harness, "a.39").await["variants"].as_array().unwrap().len(), 40);
    // A change may not make more of them either.
    let more =
        done(&harness, &[header, &rows("a", 40).replace("a,Chair,Number,0,", "a,Chair,Number,new,")].concat()).await;
    let reason = more["problems"][0]["reason"].as_str().unwrap();
    assert!(reason.ends_with("would have 41 variants, and can have at most 40"), "{more}");
}
