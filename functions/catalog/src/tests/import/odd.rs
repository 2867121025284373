//! Exports as merchants have them: saved again by Excel, with texts of an editor, prices with separators of thousands and
//! pictures without encryption.

use super::*;

async fn done(harness: &Harness, media_type: &str, bytes: &[u8]) -> Value {
    let request = as_merchant("POST", "/v1/imports").header("content-type", media_type).bytes(bytes);
    let id = imported(harness, request.query("mode", "upsert").query("currency", "EUR")).await;
    work_off(harness).await;
    progress(harness, &id).await
}

async fn products(harness: &Harness) -> Vec<Value> {
    let page = harness.call(list_products, Request::new("GET", "/v1/products")).await;
    page.json["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_export_that_a_german_excel_saved_is_read() {
    let handle = "esstisch-aus-massiver-eiche-geoelt-mit-ansteckplatten-und-x-gestell-200-x-100";
    let text = format!(
        "Handle;Title;Body (HTML);Vendor;Type;Tags;Published;Option1 Name;Option1 Value;Option2 Name;Option2 Value;Variant SKU;\
         Variant Price;Variant Taxable;Variant Barcode;Image Src;Image Position;Gift Card;Variant Image;Status\r\n\
         {handle};Esstisch „Björn“ – Eiche;\"<h2 style=\"\"color: #333\"\">Gr&ouml;&szlig;e &amp; Gewicht</h2><p>L&auml;nge: \
         200&nbsp;cm<br>45 kg</p><ul><li>ge&ouml;lt</li><li>FSC&reg;</li></ul><!-- x --><iframe src=\"\"https://y.example\"\"></iframe>\";\
         Möbel Müller;Tisch;Eiche, Esszimmer;WAHR;Größe;200 × 100;Farbe;Natur;;1.234,56;WAHR;'4006381333931;\
         http://cdn.example/tisch 1.jpg?v=16;1;FALSCH;;active\r\n\
         {handle};;;;;;;;240 × 100;;Natur;TISCH 240/N;1399,00;WAHR;;http://cdn.example/tisch2.jpg;2;;http://cdn.example/tisch2.jpg;\r\n\
         vase;Vase;<p>Schön.</p>;Möbel Müller;;;FALSCH;Title;Default Title;;;;19,90;FALSCH;;//cdn.example/vase.jpg;1;FALSCH;;active\r\n\
         gutschein;Gutschein;;Möbel Müller;;;WAHR;Wert;10 €;;;;10;FALSCH;;;;WAHR;;active\r\n"
    );
    let harness = harness().await;
    let (bytes, _, is_lost) = encoding_rs::WINDOWS_1252.encode(&text);
    assert!(!is_lost);
    let progress = done(&harness, "application/vnd.ms-excel", &bytes).await;
    assert_eq!(counts(&progress), [2, 1, 0], "{progress}");
    assert_eq!(progress["problems"], json!([{"row": 5, "reason": "is a gift card, which cannot be imported"}]));
    let table = products(&harness).await.remove(0);
    assert_eq!(table["title"], "Esstisch „Björn“ – Eiche");
    assert_eq!(table["description"], "Größe & Gewicht\n\nLänge: 200 cm\n45 kg\n\n- geölt\n- FSC®");
    assert_eq!(table["images"], json!(["https://cdn.example/tisch%201.jpg?v=16", "https://cdn.example/tisch2.jpg"]));
    assert_eq!(table["attributes"], json!({"vendor": "Möbel Müller", "type": "Tisch", "tags": "Eiche, Esszimmer"}));
    let variant = |at: usize| (&table["variants"][at]["options"], &table["variants"][at]["prices"][0]["amount"]);
    assert_eq!(variant(0), (&json!({"Größe": "200 × 100", "Farbe": "Natur"}), &json!(123_456)));
    assert_eq!(variant(1), (&json!({"Größe": "240 × 100", "Farbe": "Natur"}), &json!(139_900)));
    let skus = [0, 1].map(|at| table["variants"][at]["sku"].as_str().unwrap());
    assert!(skus[0].starts_with("esstisch-aus-massiver-eiche") && skus[0].len() <= 64, "{skus:?}");
    assert!(skus[1].starts_with("TISCH-240-N-"), "{skus:?}");
    let vase = &progress["rowWarnings"][1];
    assert_eq!(
        (&vase["row"], &vase["warnings"][0]),
        (&json!(4), &json!("is not published, so a new product is a draft"))
    );
    let vase = get(&harness, vase["productId"].as_str().unwrap()).await.json;
    assert_eq!((&vase["status"], &vase["taxClass"]), (&json!("draft"), &json!("none")));
    assert_eq!(vase["images"], json!(["https://cdn.example/vase.jpg"]));
}

#[tokio::test]
async fn an_export_of_the_sample_shop_of_woocommerce_is_read() {
    let harness = harness().await;
    let text = "ID,Type,SKU,Name,Published,Visibility in catalog,Short description,Description,Tax status,Tax class,Stock,Weight (kg),\
                Sale price,Regular price,Tags,Images,Parent,Attribute 1 name,Attribute 1 value(s),Attribute 1 default\n\
                44,variable,tee,V-Neck T-Shirt,1,visible,A shirt.,\"<strong>Cotton</strong> only\\n\\nSoft &amp; light\",taxable,,,.5,,,\
                \"red\\, blue, sale\",\"https://w.example/1.jpg, https://w.example/2.jpg\",,Color,\"Green, Red\",Green\n\
                61,variation,tee-red,V-Neck T-Shirt - Red,1,visible,,,taxable,parent,,,,20,,http://w.example/1.jpg,tee,Color,Red,\n\
                62,variation,,V-Neck T-Shirt - Green,1,visible,,,taxable,parent,7,,18.5,20,,,id:44,Color,Green,\n\
                64,grouped,set,Set,1,visible,,,taxable,,,,,,,,,,,\n";
    let progress = done(&harness, "text/csv", text.as_bytes()).await;
    assert_eq!(counts(&progress), [1, 1, 0], "{progress}");
    assert_eq!(
        progress["rowWarnings"][0]["warnings"],
        json!([
            "images with an http address, which is changed to https: 1",
            "variants with a sale price, which replaces the regular price: 1",
            "variants without a SKU, which is made of the name and the options: 1",
        ])
    );
    let tee = products(&harness).await.remove(0);
    assert_eq!(tee["description"], "A shirt.\n\nCotton only\n\nSoft & light");
    assert_eq!(tee["attributes"], json!({"tags": "red, blue, sale", "weight (kg)": ".5"}));
    assert_eq!(tee["images"], json!(["https://w.example/1.jpg", "https://w.example/2.jpg"]));
    let price = |amount: u32| json!([{"currency": "EUR", "amount": amount}]);
    assert_eq!(
        tee["variants"],
        json!([
            {"sku": "tee-red", "options": {"Color": "Red"}, "prices": price(2000)},
            {"sku": "tee.Green", "options": {"Color": "Green"}, "prices": price(1850)},
        ])
    );
}
