use super::{
    super::{Format, Named, Sheet},
    *,
};

const HEADER: &str = "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,\
                      Variant SKU,Variant Inventory Qty,Variant Price,Variant Compare At Price,Variant Taxable,Image Src,\
                      Image Position,Gift Card,Material (product.metafields.shopify.material),Variant Image,Status\n";

fn sheet(rows: &str) -> Sheet {
    Format::Csv.read(format!("{HEADER}{rows}").as_bytes(), None, Some(Currency::Eur)).unwrap()
}

fn lines(rows: &str) -> Vec<Line> {
    sheet(rows).lines
}

fn product(line: &Line) -> &Value {
    line.content.as_ref().unwrap()
}

fn numbers(lines: &[Line]) -> Vec<u32> {
    lines.iter().map(|line| line.number).collect()
}

/// A row with only a price and a picture, so that nothing is warned of.
fn plain(handle: &str, sku: &str, price: &str, status: &str) -> String {
    format!(
        "{handle},Mug,,,,,true,Title,Default Title,,,{sku},,{price},,true,https://a.example/mug.jpg,1,false,,,{status}\n"
    )
}

#[test]
fn rows_with_one_handle_are_one_product() {
    let lines = lines(
        "lamp,Lamp,<p>Folds <b>flat</b>.</p>,Acme,Light,\"desk, steel\",true,Colour,Red,Size,S,L-RED-S,3,49.90,,true,https://a.example/2.jpg,2,false,steel,,active\n\
         lamp,,,,,,,,Blue,,M,L-BLUE-M,0,59,,true,https://a.example/1.jpg,1,,,https://a.example/3.jpg,\n\
         mug,Mug,,,,,true,Title,Default Title,,,M-1,,7.00,,true,https://a.example/mug.jpg,1,false,,,active\n\
         lamp,,,,,,,,,,,,,,,,https://a.example/4.jpg,3,,,,\n",
    );
    assert_eq!(numbers(&lines), [2, 4]);
    let price = |amount: i64| json!([{"currency": "EUR", "amount": amount}]);
    assert_eq!(
        *product(&lines[0]),
        json!({
            "title": "Lamp",
            "description": "Folds flat.",
            "status": "published",
            "images": ["https://a.example/1.jpg", "https://a.example/2.jpg", "https://a.example/4.jpg", "https://a.example/3.jpg"],
            "attributes": {"vendor": "Acme", "type": "Light", "tags": "desk, steel", "Material": "steel"},
            "variants": [
                {"sku": "L-RED-S", "options": {"Colour": "Red", "Size": "S"}, "prices": price(4990)},
                {"sku": "L-BLUE-M", "options": {"Colour": "Blue", "Size": "M"}, "prices": price(5900)},
            ],
        })
    );
    assert_eq!(product(&lines[1])["variants"], json!([{"sku": "M-1", "options": {}, "prices": price(700)}]));
    assert_eq!(lines[0].stock, [("L-RED-S".to_owned(), 3)]);
    assert!(lines.iter().all(|line| line.warnings.is_empty()), "{:?}", lines[0].warnings);
}

#[test]
fn the_columns_of_2025_are_read() {
    let text = "Title,URL handle,Description,Vendor,Published on online store,Status,SKU,Option1 name,Option1 value,Option1 Linked To,\
                Price,Compare-at price,Charge tax,Inventory quantity,Product image URL,Image position\n\
                Lamp,lamp,Folds flat.,Acme,TRUE,Active,L-1,Size,S,,19.99,24.99,FALSE,4,https://a.example/1.jpg,1\n\
                ,lamp,,,,,L-2,,M,,19.99,,TRUE,,,2\n";
    let sheet = Format::Csv.read(text.as_bytes(), None, Some(Currency::Eur)).unwrap();
    let line = &sheet.lines[0];
    assert_eq!(product(line)["variants"][1]["options"], json!({"Size": "M"}));
    assert_eq!((sheet.lines.len(), &product(line)["status"]), (1, &json!("published")));
    assert_eq!(line.stock, [("L-1".to_owned(), 4)]);
    let warnings = line.warnings.join("\n");
    assert!(warnings.contains("compare-at price, which is not imported: 1"), "{warnings}");
    assert!(
        warnings
            .contains("variants that are not taxable, which is not imported because a product has one tax class: 1"),
        "{warnings}"
    );
    assert!(sheet.warnings.iter().any(|warning| warning.starts_with("The stock of 1 SKUs")), "{:?}", sheet.warnings);
}

#[test]
fn what_is_not_on_sale_there_is_a_draft() {
    for (status, part) in [("draft", "\"draft\""), ("archived", "\"archived\""), ("unlisted", "\"unlisted\"")] {
        let lines = lines(&plain("mug", "M", "7.00", status));
        assert_eq!(product(&lines[0])["status"], "draft", "{status}");
        assert!(lines[0].warnings[0].contains(part), "{:?}", lines[0].warnings);
    }
    let hidden = lines(&plain("mug", "M", "7.00", "active").replace(",true,Title", ",false,Title"));
    assert_eq!(product(&hidden[0])["status"], "draft");
    assert_eq!(hidden[0].warnings, ["is not published, so a new product is a draft"]);
    for (published, status) in [("FALSCH", "draft"), ("WAHR", "published"), ("soon", "draft"), ("", "published")] {
        let row = plain("mug", "M", "7.00", "active").replace(",true,Title", &format!(",{published},Title"));
        assert_eq!(product(&lines(&row)[0])["status"], status, "{published}");
    }
    assert_eq!(product(&lines(&plain("mug", "M", "7.00", ""))[0])["status"], "published");
}

#[test]
fn what_is_not_taxable_has_a_tax_class_of_its_own() {
    let rows = |first: &str, second: &str| {
        let text = format!(
            "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Taxable,Image Src\n\
             mug,Mug,Size,S,M-S,7,{first},https://a.example/1.jpg\nmug,,,M,M-M,7,{second},\n"
        );
        Format::Csv.read(text.as_bytes(), None, Some(Currency::Eur)).unwrap().lines.remove(0)
    };
    for (first, second, class, part) in [
        ("false", "FALSCH", json!("none"), "is not taxable: it gets the tax class none"),
        ("true", "false", Value::Null, "variants that are not taxable, which is not imported"),
        ("false", "", Value::Null, "variants that are not taxable, which is not imported"),
        ("true", "", Value::Null, ""),
    ] {
        let line = rows(first, second);
        assert_eq!(product(&line)["taxClass"], class, "{first} {second}");
        assert_eq!(line.warnings.is_empty(), part.is_empty(), "{:?}", line.warnings);
        assert!(line.warnings.join("\n").starts_with(part), "{:?}", line.warnings);
    }
}

#[test]
fn its_category_and_its_type_can_be_categories() {
    let named = |category: &str, kind: &str| {
        let text = format!("Handle,Title,Product Category,Type\nmug,Mug,{category},{kind}\nmug,,Other,Other\n");
        Format::Csv.read(text.as_bytes(), None, Some(Currency::Eur)).unwrap().lines.remove(0).categories
    };
    let path = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        named("Home & Garden > Kitchen", "Cups"),
        [
            Named { path: path(&["Home & Garden", "Kitchen"]), attribute: Some("category") },
            Named { path: path(&["Cups"]), attribute: None },
        ]
    );
    assert_eq!(named("Uncategorized", "Uncategorized"), []);
}

#[test]
fn a_product_with_more_variants_than_there_can_be_says_so_and_costs_no_other() {
    let row = |at: usize| format!("lamp,{},,,,,true,Number,{at},,,,1,5,,,,,,,,\n", if at == 0 { "Lamp" } else { "" });
    let lamp: String = (0..55).map(row).collect();
    let lines = lines(&[plain("mug", "M", "7.00", ""), lamp, plain("cup", "C", "7.00", "")].concat());
    assert_eq!(numbers(&lines), [2, 3, 58]);
    let reason = "has 55 variants, and a product can have at most 40: make several products of it";
    assert_eq!((lines[1].content.clone(), lines[1].stock.len()), (Err(reason.to_owned()), 0));
    assert!(lines[0].content.is_ok() && lines[2].content.is_ok());
}

#[test]
fn a_missing_sku_is_the_same_in_each_file() {
    let long = "very-long-handle-".repeat(5);
    let rows = |first: &str, second: &str| {
        format!(
            "{first},Lamp,,,,,true,Colour,Light Blue,Size,S/M,,,1,,,,,,,,active\n{first},,,,,,,,Red,,L,,,1,,,,,,,,\n{second}"
        )
    };
    let skus = |lines: &[Line]| {
        let of = |line: &Line| {
            product(line)["variants"]
                .as_array()
                .unwrap()
                .iter()
                .map(|variant| variant["sku"].to_string())
                .collect::<Vec<_>>()
        };
        lines.iter().map(of).collect::<Vec<_>>()
    };
    let first = skus(&lines(&rows("lamp", &plain("mug", "", "1", ""))));
    assert_eq!(first[0][1], "\"lamp.Red.L\"");
    assert!(first[0][0].starts_with("\"lamp.Light-Blue.S-M-"), "{first:?}");
    assert_eq!(first[1], ["\"mug\""]);
    assert_eq!(skus(&lines(&rows("lamp", "")))[0], first[0]);
    let long = skus(&lines(&rows(&long, "")));
    assert!(long[0].iter().all(|sku| sku.len() <= 66) && long[0][0] != long[0][1], "{long:?}");
}

#[test]
fn a_product_without_a_price_or_a_picture_is_warned_of() {
    let lines = lines("lamp,Lamp,,,,,true,Title,Default Title,,,L,,,,,,,,,,active\nmug,Mug,,,,,true,,,,,,,,,,,,,,,\n");
    assert_eq!(lines[0].warnings, ["has no price: a new product is a draft", "has no image"]);
    assert_eq!(product(&lines[0])["status"], "draft");
    assert_eq!(product(&lines[1])["variants"][0]["sku"], "mug");
}

#[test]
fn a_wrong_row_is_refused_with_its_line() {
    let rows = format!(
        "lamp,Lamp,,,,,true,Size,S,,,L-1,,5.00,,,,,,,,active\nlamp,,,,,,,,M,,,L-2,,\"1,299\",,,,,,,,\n\
         card,Card,,,,,true,Title,Default Title,,,C,,5.00,,,,,true,,,active\n{},,,,,,,,,,,X,,1,,,,,,,,\n",
        plain("mug", "M", "7.00", "").trim_end().to_owned() + "\nchair"
    );
    let lines = lines(&rows);
    let reasons: Vec<_> = lines.iter().map(|line| line.content.as_ref().err().map_or("", String::as_str)).collect();
    assert!(reasons[0].starts_with("line 3 has the price \"1,299\", which can mean"), "{reasons:?}");
    assert_eq!(reasons[1], "is a gift card, which cannot be imported");
    assert_eq!((reasons[2], reasons[3]), ("", "has no title"));
}

#[test]
fn a_row_without_a_handle_belongs_to_the_product_before_it() {
    let lines = lines(&format!("{},,,,,,,,,,,,,,,,https://a.example/2.jpg,2,,,,\n", plain("mug", "M", "7.00", "")));
    assert_eq!(product(&lines[0])["images"].as_array().unwrap().len(), 2);
    let image = |row: &str| format!("{row},,,,,,,,,,,,,,,,https://a.example/{row}2.jpg,2,,,,\n");
    let lamp = || plain("lamp", "L", "7.00", "");
    let back = sheet(&[lamp(), plain("mug", "M", "7.00", ""), image("lamp"), image("")].concat());
    let images = |line: &Line| product(line)["images"].as_array().unwrap().len();
    assert_eq!(back.lines.iter().map(images).collect::<Vec<_>>(), [3, 1], "it is not that of the last new product");
    let unread = sheet(&[lamp(), format!("mug,{}\n", "x".repeat(50_000)), image("")].concat());
    assert_eq!((unread.lines.len(), unread.lines[2].content.clone()), (3, Err("has no handle".to_owned())));
    let titled = sheet(&plain("", "M", "7.00", ""));
    assert_eq!(product(&titled.lines[0])["title"], "Mug");
    let orphan = sheet(",,,,,,,,,,,,,,,,https://a.example/2.jpg,2,,,,\n");
    assert_eq!(orphan.lines[0].content, Err("has no handle".to_owned()));
}
