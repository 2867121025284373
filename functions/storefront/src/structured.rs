//! What search engines read of a page (schema.org, as JSON-LD).

use std::fmt;

use askama::filters::HtmlSafe;
use serde_json::{Value, json};

use crate::{item::Band, money, variant::VariantView};

/// JSON for the inside of a script element, which it cannot end.
#[derive(Debug, Clone, Default)]
pub(crate) struct JsonLd(String);

impl JsonLd {
    fn of(json: &Value) -> Self {
        Self(json.to_string().replace('<', "\\u003c"))
    }
}

impl fmt::Display for JsonLd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for JsonLd {}

/// A product with an offer per variant that has a price.
pub(crate) fn product(url: &str, title: &str, description: &str, variants: &[VariantView]) -> JsonLd {
    let offer = |variant: &VariantView| {
        let price = variant.price?;
        let stock = if variant.stock == Band::SoldOut { "OutOfStock" } else { "InStock" };
        Some(json!({
            "@type": "Offer", "sku": variant.sku, "price": money::decimal(price),
            "priceCurrency": price.currency.code(), "availability": format!("https://schema.org/{stock}"), "url": url,
        }))
    };
    let offers: Vec<_> = variants.iter().filter_map(offer).collect();
    JsonLd::of(&json!({
        "@context": "https://schema.org", "@type": "Product", "name": title, "description": description,
        "image": variants.iter().find_map(|variant| variant.picture.as_deref()), "offers": offers,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_title_ends_the_script() {
        let text = product("https://souk.example/", "</script><script>alert(1)</script>", "", &[]).to_string();
        assert!(!text.contains('<'), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["name"], "</script><script>alert(1)</script>");
    }
}
