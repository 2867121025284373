use serde_json::{Value, json};

use super::{
    super::{Format, Sheet},
    *,
};

const HEADER: &str = "ID,Type,SKU,Name,Published,Is featured?,Visibility in catalog,Short description,Description,Date sale price starts,\
                      Date sale price ends,Tax status,In stock?,Stock,Weight (kg),Sale price,Regular price,Categories,Images,Parent,\
                      Attribute 1 name,Attribute 1 value(s),Attribute 1 visible,Attribute 2 name,Attribute 2 value(s)\n";
const PICTURE: &str = "https://a.example/1.jpg";

fn sheet(rows: &str) -> Sheet {
    Format::Csv.read(format!("{HEADER}{rows}").as_bytes(), None, Some(Currency::Eur)).unwrap()
}

fn lines(rows: &str) -> Vec<Line> {
    sheet(rows).lines
}

fn line(row: &str) -> Line {
    lines(row).remove(0)
}

fn product(line: &Line) -> &Value {
    line.content.as_ref().unwrap()
}

fn reason(line: &Line) -> &str {
    line.content.as_ref().unwrap_err()
}

fn simple(published: &str, visibility: &str, sale: &str, starts: &str, ends: &str, regular: &str) -> String {
    format!(
        "7,simple,MUG,Mug,{published},0,{visibility},,,{starts},{ends},taxable,1,,,{sale},{regular},,{PICTURE},,,,,,\n"
    )
}

#[test]
fn a_simple_product_is_one_row() {
    let line = line(
        "7,\"simple, virtual\",MUG,Mug &amp; spoon,1,0,visible,Short.,<p>Long\\ntext.</p>\\n<p>End.</p>,,,taxable,1,5,.5,,\"19,99\",\
         Kitchen > Cups,\"https://a.example/1.jpg, http://a.example/2,3.jpg\",,Colour,\"Red, Blue\",1,,\n",
    );
    assert_eq!(
        *product(&line),
        json!({
            "title": "Mug & spoon",
            "description": "Short.\n\nLong text.\n\nEnd.",
            "status": "published",
            "images": ["https://a.example/1.jpg", "https://a.example/2,3.jpg"],
            "attributes": {"Colour": "Red, Blue", "weight (kg)": ".5", "categories": "Kitchen > Cups"},
            "variants": [{"sku": "MUG", "options": {}, "prices": [{"currency": "EUR", "amount": 1999}]}],
        })
    );
    assert_eq!(line.warnings, ["images with an http address, which is changed to https: 1"]);
    assert_eq!(line.stock, [("MUG".to_owned(), 5)]);
}

#[test]
fn variations_belong_to_their_parent_wherever_they_are() {
    let lines = lines(&format!(
        "8,variation,,Lamp - Red,1,0,visible,,,,,taxable,1,3,,,10,,https://a.example/red.jpg,LAMP,Colour,Red,,Size,S\n\
         9,variable,LAMP,Lamp,1,0,visible,,,,,taxable,1,,,,,,{PICTURE},,Colour,\"Red, Blue\",1,Material,Steel\n\
         10,variation,LAMP-BLUE,Lamp - Blue,1,0,visible,,,,,taxable,1,parent,,,12.50,,,id:9,Colour,Blue,,Size,\n\
         11,variation,X,Ghost,1,0,visible,,,,,taxable,1,,,,1,,,GHOST,,,,,\n\
         12,variable,,Chair,1,0,visible,,,,,taxable,1,,,,,,{PICTURE},,Size,\"S, M\",1,,\n\
         13,variation,,Chair - S,1,0,visible,,,,,taxable,1,,,,1,,,id:12,Size,S,,,\n",
    ));
    assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), [3, 5, 6]);
    let lamp = product(&lines[0]);
    let price = |amount: i64| json!([{"currency": "EUR", "amount": amount}]);
    assert_eq!(
        lamp["variants"],
        json!([
            {"sku": "LAMP.Red.S", "options": {"Colour": "Red", "Size": "S"}, "prices": price(1000)},
            {"sku": "LAMP-BLUE", "options": {"Colour": "Blue"}, "prices": price(1250)},
        ])
    );
    assert_eq!(lamp["attributes"], json!({"Material": "Steel"}), "the other attribute is an option");
    assert_eq!(lamp["images"], json!([PICTURE, "https://a.example/red.jpg"]));
    assert_eq!(lines[0].stock, [("LAMP.Red.S".to_owned(), 3)]);
    assert!(lines[0].warnings.iter().any(|warning| warning.starts_with("variations that take any value")));
    assert_eq!(reason(&lines[1]), "is a variation of \"GHOST\", which the file does not have");
    assert_eq!(product(&lines[2])["variants"][0]["sku"], "chair-12.S");
}

#[test]
fn a_product_with_variations_has_them_unless_it_is_simple() {
    let of = |kind: &str| {
        lines(&format!(
            "9,{kind},LAMP,Lamp,1,0,visible,,,,,taxable,1,,,,,,{PICTURE},,Size,\"S, M\",1,,\n\
             10,variation,LAMP-S,Lamp - S,1,0,visible,,,,,taxable,1,3,,,10,,,LAMP,Size,S,,,\n"
        ))
    };
    let variants = json!([
        {"sku": "LAMP-S", "options": {"Size": "S"}, "prices": [{"currency": "EUR", "amount": 1000}]},
    ]);
    for kind in ["", "virtual", "variable"] {
        let lines = of(kind);
        assert_eq!((lines.len(), &product(&lines[0])["variants"]), (1, &variants), "{kind}");
        assert_eq!(lines[0].stock, [("LAMP-S".to_owned(), 3)]);
    }
    for kind in ["simple", "\"simple, virtual\""] {
        let lines = of(kind);
        assert_eq!(product(&lines[0])["variants"][0]["sku"], "LAMP", "{kind}");
        assert_eq!(reason(&lines[1]), "is a variation of \"LAMP\", which has the type simple");
    }
}

#[test]
fn what_is_not_on_sale_there_is_a_draft() {
    for (published, visibility, status) in [
        ("1", "visible", "published"),
        ("0", "visible", "draft"),
        ("-1", "visible", "draft"),
        ("1", "hidden", "draft"),
        ("", "", "published"),
    ] {
        let line = line(&simple(published, visibility, "", "", "", "5"));
        assert_eq!(product(&line)["status"], status, "{published} {visibility}");
        assert_eq!(line.warnings.is_empty(), status == "published", "{:?}", line.warnings);
    }
}

#[test]
fn a_variation_that_is_not_published_gets_no_price() {
    let rows = |parent: &str| {
        format!(
            "9,variable,LAMP,Lamp,{parent},0,visible,,,,,taxable,1,,,,,,{PICTURE},,,,,,\n\
             10,variation,A,Lamp - A,1,0,visible,,,,,taxable,1,,,,10,,,LAMP,Size,S,,,\n\
             11,variation,B,Lamp - B,-1,0,visible,,,,,taxable,1,,,,10,,,LAMP,Size,M,,,\n"
        )
    };
    let prices = |line: &Line| product(line)["variants"][1]["prices"].as_array().unwrap().len();
    let published = line(&rows("1"));
    assert_eq!((&product(&published)["status"], prices(&published)), (&json!("published"), 0));
    assert!(
        published.warnings.contains(&"variations that are not published, whose prices are not imported: 1".to_owned())
    );
    let draft = line(&rows("-1"));
    assert_eq!((&product(&draft)["status"], prices(&draft)), (&json!("draft"), 1));
}

#[test]
fn a_sale_has_its_days() {
    let prices = |row: &str| product(&line(row))["variants"][0]["prices"].clone();
    let sale = simple("1", "visible", "8", "2026-03-01", "2026-03-31 23:59:59", "10");
    assert_eq!(
        prices(&sale),
        json!([
            {"currency": "EUR", "amount": 1000, "validTo": "2026-03-01T00:00:00Z"},
            {"currency": "EUR", "amount": 800, "validFrom": "2026-03-01T00:00:00Z", "validTo": "2026-04-01T00:00:00Z"},
            {"currency": "EUR", "amount": 1000, "validFrom": "2026-04-01T00:00:00Z"},
        ])
    );
    let open = line(&simple("1", "visible", "8", "", "", "10"));
    assert_eq!(product(&open)["variants"][0]["prices"], json!([{"currency": "EUR", "amount": 800}]));
    assert_eq!(open.warnings, ["variants with a sale price, which replaces the regular price: 1"]);
    assert_eq!(prices(&simple("1", "visible", "12", "", "", "10")), json!([{"currency": "EUR", "amount": 1000}]));
    for (starts, ends, part) in [("soon", "", "\"soon\" as a date"), ("2026-03-02", "2026-03-01", "ends before")] {
        assert!(reason(&line(&simple("1", "visible", "8", starts, ends, "10"))).contains(part), "{starts} {ends}");
    }
}

#[test]
fn what_cannot_be_sold_here_is_refused() {
    for kind in ["grouped", "external", "variable-subscription"] {
        let line = line(&simple("1", "visible", "", "", "", "5").replace("simple", kind));
        assert_eq!(reason(&line), format!("has the type {kind:?}, which cannot be imported"));
    }
    let wrong = line(&simple("1", "visible", "", "", "", "free"));
    assert!(reason(&wrong).starts_with("has the price \"free\""), "{}", reason(&wrong));
}

#[test]
fn what_is_lost_is_warned_of() {
    let line = line("7,\"simple, downloadable\",,Song,1,0,visible,,,,,none,1,,,,,,,,,,,,\n");
    let warnings = line.warnings.join("\n");
    for part in ["is downloadable", "has no price", "has no image", "is not taxable", "without a SKU"] {
        assert!(warnings.contains(part), "{part}: {warnings}");
    }
    assert_eq!(product(&line)["variants"][0]["sku"], "song-7");
    let sheet = sheet(&simple("1", "visible", "", "", "", "5"));
    assert_eq!(sheet.warnings, ["These columns are not imported: \"Is featured?\", \"In stock?\""]);
}

#[test]
fn a_product_has_the_tax_class_of_its_rows() {
    let read = |rows: &str| {
        let header = "ID,Type,SKU,Name,Regular price,Tax status,Tax class,Parent,Images\n";
        Format::Csv.read(format!("{header}{rows}").as_bytes(), None, Some(Currency::Eur)).unwrap().lines.remove(0)
    };
    for (status, class, expected, part) in [
        ("taxable", "", json!("standard"), ""),
        ("taxable", "reduced-rate", json!("reduced"), "gets the tax class reduced"),
        ("taxable", "zero-rate", json!("zero"), "gets the tax class zero"),
        ("", "zero-rate", json!("zero"), "gets the tax class zero"),
        ("none", "reduced-rate", json!("none"), "is not taxable: it gets the tax class none"),
        ("shipping", "", json!("none"), "is not taxable: it gets the tax class none"),
        ("taxable", "ermäßigt", Value::Null, "variants with the tax class \"ermäßigt\", which is not imported: 1"),
    ] {
        let line = read(&format!("7,simple,MUG,Mug,5,{status},{class},,{PICTURE}\n"));
        assert_eq!(product(&line)["taxClass"], expected, "{status} {class}");
        assert_eq!(line.warnings.is_empty(), part.is_empty(), "{:?}", line.warnings);
        assert!(line.warnings.join("\n").starts_with(part), "{:?}", line.warnings);
    }
    for (of_parent, of_variation, expected) in [
        ("taxable,reduced-rate", "taxable,parent", "reduced"),
        ("taxable,", "taxable,zero-rate", "zero"),
        ("taxable,reduced-rate", "taxable,", "standard"),
        ("none,", ",parent", "none"),
    ] {
        let line = read(&format!(
            "7,variable,MUG,Mug,,{of_parent},,{PICTURE}\n8,variation,MUG-S,Mug - S,5,{of_variation},MUG,\n"
        ));
        assert_eq!(product(&line)["taxClass"], expected, "{of_parent} {of_variation}");
    }
    // Without a column of tax classes, a variation is as taxable as its parent.
    let rows = "Type,SKU,Name,Regular price,Tax status,Parent\nvariable,MUG,Mug,,none,\nvariation,MUG-S,Mug,5,,MUG\n";
    let line = Format::Csv.read(rows.as_bytes(), None, Some(Currency::Eur)).unwrap().lines.remove(0);
    assert_eq!(product(&line)["taxClass"], "none");
}

#[test]
fn a_comma_within_an_entry_of_a_list_is_no_separator() {
    let line = line(&format!(
        "7,simple,MUG,Mug,1,0,visible,,,,,taxable,1,,,,5,\"Cups\\, mugs > Blue, Sale\",{PICTURE},,Colour,\"Red\\, dark, Blue\",1,,\n"
    ));
    assert_eq!(
        product(&line)["attributes"],
        json!({"Colour": "Red, dark, Blue", "categories": "Cups, mugs > Blue, Sale"})
    );
    let paths: Vec<_> = line.categories.iter().map(|named| named.path.join("/")).collect();
    assert_eq!(paths, ["Cups, mugs/Blue", "Sale"]);
}
