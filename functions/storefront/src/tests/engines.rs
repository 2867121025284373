//! What search engines get.

use contracts::events::catalog::ProductArchived;

use super::*;

#[tokio::test]
async fn search_engines_are_told_what_is_of_no_use_to_them_and_where_the_pages_are() {
    let harness = alone().await;
    let robots =
        harness.call(get_robots::function, Request::new("GET", "/robots.txt").header("host", "souk.example")).await;
    assert_eq!((robots.status, robots.headers["content-type"].as_str()), (200, "text/plain; charset=utf-8"));
    for line in ["User-agent: *", "Disallow: /checkout", "Disallow: /desk", "Sitemap: https://souk.example/sitemap.xml"]
    {
        assert!(robots.text.lines().any(|own| own == line), "{line}: {}", robots.text);
    }
    assert!(!robots.text.contains("Disallow: /products"), "{}", robots.text);
}

#[tokio::test]
async fn the_sitemap_has_the_aisles_and_what_is_on_sale() {
    let harness = alone().await;
    open_aisles(&harness).await;
    publish(&harness, lamp()).await;
    let get = async || {
        let request = Request::new("GET", "/sitemap.xml").header("host", "souk.example");
        harness.call(get_sitemap::function, request).await
    };
    let sitemap = get().await;
    assert_eq!((sitemap.status, sitemap.headers["content-type"].as_str()), (200, "text/xml; charset=utf-8"));
    let day = harness.now().strftime("%F");
    let lamp = crate::link::product(lamp_id(), "Fold desk lamp");
    for path in ["/".to_owned(), crate::link::aisle(id(3), "Lighting"), lamp.clone()] {
        assert!(sitemap.text.contains(&format!("<loc>https://souk.example{path}</loc>")), "{path}: {}", sitemap.text);
    }
    assert!(sitemap.text.contains(&format!("{lamp}</loc><lastmod>{day}</lastmod>")), "{}", sitemap.text);
    let archived = ProductArchived { product: Uuid::from_u128(1).into(), skus: Vec::new() };
    harness.deliver(copy_product::function, &harness.envelope("product#1", 2, archived)).await.unwrap();
    assert!(!get().await.text.contains("/products/"));
}
