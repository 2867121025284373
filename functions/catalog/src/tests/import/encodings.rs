//! Files in the encodings that spreadsheets write.

use super::*;

const TEXT: &str = "title;description;sku;price.EUR\r\nMüller’s crème brûlée – für zwei;20 £ “ou” 25 €;A;100\r\n";
/// The text in windows-1252 and in Mac Roman.
const WINDOWS: &[u8] = b"title;description;sku;price.EUR\r\nM\xfcller\x92s cr\xe8me br\xfbl\xe9e \x96 f\xfcr zwei;20 \xa3 \x93ou\x94 25 \x80;A;100\r\n";
const MAC: &[u8] = b"title;description;sku;price.EUR\r\nM\x9fller\xd5s cr\x8fme br\x9el\x8ee \xd0 f\x9fr zwei;20 \xa3 \xd2ou\xd3 25 \xdb;A;100\r\n";

fn bytes(media_type: &str, bytes: &[u8]) -> Request {
    as_merchant("POST", "/v1/imports").header("content-type", media_type).bytes(bytes)
}

#[tokio::test]
async fn excels_encodings_are_told_apart() {
    let utf_16 = |unit: fn(u16) -> [u8; 2]| format!("\u{feff}{TEXT}").encode_utf16().flat_map(unit).collect::<Vec<_>>();
    for (file, guessed) in [
        (TEXT.as_bytes(), None),
        (format!("\u{feff}{TEXT}").as_bytes(), None),
        (&utf_16(u16::to_le_bytes), None),
        (&utf_16(u16::to_be_bytes), None),
        (WINDOWS, Some("windows-1252")),
        (MAC, Some("macintosh")),
    ] {
        for media_type in ["text/csv", "text/csv; charset=utf-8", "application/csv", "application/vnd.ms-excel"] {
            let harness = harness().await;
            let id = imported(&harness, bytes(media_type, file)).await;
            work_off(&harness).await;
            let progress = progress(&harness, &id).await;
            assert_eq!(counts(&progress), [1, 0, 0], "{progress}");
            let page = harness.call(list_products, Request::new("GET", "/v1/products")).await;
            assert_eq!(page.json["items"][0]["title"], "Müller’s crème brûlée – für zwei");
            assert_eq!(page.json["items"][0]["description"], "20 £ “ou” 25 €");
            let warning = |name| {
                format!(
                    "The file is not UTF-8 and was read as {name}. If its letters are wrong, save it as UTF-8 and import it \
                     again with mode=upsert"
                )
            };
            assert_eq!(progress["warnings"], json!(guessed.map(warning).into_iter().collect::<Vec<_>>()));
        }
    }
}

#[tokio::test]
async fn a_file_in_another_encoding_is_read_if_it_is_named() {
    let harness = harness().await;
    // `лампа` and `чёрная` in windows-1251.
    let text = b"title;sku;price.EUR\r\n\xeb\xe0\xec\xef\xe0 \xf7\xb8\xf0\xed\xe0\xff;A;100\r\n";
    let refused = harness.call(import_products, bytes("text/csv", text)).await;
    assert_eq!(refused.status, 422, "{refused:?}");
    let detail = refused.json["errors"][0]["detail"].as_str().unwrap();
    assert!(detail.starts_with("has characters in line 2 that are not UTF-8. Save the file as UTF-8"), "{detail}");
    let id = imported(&harness, bytes("text/csv; charset=windows-1251", text)).await;
    work_off(&harness).await;
    let progress = progress(&harness, &id).await;
    assert_eq!((counts(&progress), &progress["warnings"]), ([1, 0, 0], &json!([])));
    let page = harness.call(list_products, Request::new("GET", "/v1/products")).await;
    assert_eq!(page.json["items"][0]["title"], "лампа чёрная");
}

#[tokio::test]
async fn json_is_unicode() {
    let harness = harness().await;
    let refused = harness.call(import_products, bytes("application/x-ndjson", b"{\"title\": \"Gr\xf6\xdfe\"}")).await;
    assert_eq!(refused.status, 422, "{refused:?}");
}
