//! Demo data: a shop with products and one account per role, created through the API.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use futures::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Answer, Client};

/// The password of every demo account.
pub const PASSWORD: &str = "souk-demo-password";

/// The products, in an editable file.
const SHOP: &str = include_str!("../demo/shop.yaml");
/// The number of concurrent requests.
const AT_ONCE: usize = 8;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shop {
    /// The names of the accounts, by role.
    accounts: BTreeMap<String, String>,
    /// What each country is taxed with, as `PUT /v1/tax-rates/{country}` takes it.
    tax: BTreeMap<String, Value>,
    shipping: Vec<Shipping>,
    promotions: Vec<Value>,
    departments: Vec<Department>,
    products: Vec<Product>,
}

/// Shipping options, which are the same for several countries.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shipping {
    countries: Vec<String>,
    options: Vec<ShippingOption>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShippingOption {
    id: String,
    name: String,
    days: u32,
    prices: Prices,
    #[serde(default)]
    free_from: Prices,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Department {
    name: String,
    aisles: Vec<String>,
}

impl Shop {
    /// The products, each after one of another department, so that all departments have something new.
    fn mixed(&self) -> Vec<&Product> {
        let department = |product: &Product| {
            let within = |department: &Department| department.aisles.contains(&product.category);
            self.departments.iter().position(within).unwrap_or_default()
        };
        let mut shelves: Vec<Vec<&Product>> = self.departments.iter().map(|_| Vec::new()).collect();
        for product in &self.products {
            shelves.get_mut(department(product)).into_iter().for_each(|shelf| shelf.push(product));
        }
        // Shelves are of different lengths, and their ends are what is new.
        let longest = shelves.iter().map(Vec::len).max().unwrap_or_default();
        let row = |row: usize| {
            shelves.iter().rev().filter_map(move |shelf| shelf.len().checked_sub(row).and_then(|at| shelf.get(at)))
        };
        (1..=longest).rev().flat_map(row).copied().collect()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Product {
    title: String,
    description: String,
    category: String,
    #[serde(default = "standard")]
    tax_class: String,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    /// A picture for each variant, which the storefront draws.
    images: Vec<String>,
    variants: Vec<Variant>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Variant {
    sku: String,
    #[serde(default)]
    options: BTreeMap<String, String>,
    prices: Prices,
    stock: u32,
}

fn standard() -> String {
    "standard".to_owned()
}

/// Amounts in minor units, by currency.
#[derive(Deserialize, Default)]
#[serde(transparent)]
struct Prices(BTreeMap<String, i64>);

impl Prices {
    fn json(&self) -> Value {
        self.0.iter().map(|(currency, amount)| json!({"amount": amount, "currency": currency})).collect()
    }
}

/// Signs in with the demo account of a role: customer, merchant, courier, support or admin.
pub async fn sign_in(anyone: &Client, role: &str) -> Result<Client> {
    let account = json!({"email": email(role), "password": PASSWORD});
    let session = made(&anyone.post("/v1/sessions", &account).await?, "sign in")?;
    Ok(anyone.with_token(session["accessToken"].as_str().context("a session without a token")?))
}

/// Creates all demo data. Data that an earlier attempt created in the last day is not created again. `invoke` invokes
/// a function like a caller with IAM permissions does.
pub async fn seed(anyone: &Client, invoke: impl AsyncFn(&str, &Value) -> Result<Value>) -> Result<()> {
    let shop: Shop = yaml_serde::from_str(SHOP).context("local/demo/shop.yaml")?;
    accounts(anyone, invoke, &shop).await?;
    let merchant = sign_in(anyone, "merchant").await?;
    terms(&merchant, &shop).await?;
    let categories = categories(&merchant, &shop).await?;
    let products = stream::iter(shop.mixed()).map(|product| put_on_sale(&merchant, product, &categories));
    products.buffer_unordered(AT_ONCE).try_collect().await
}

fn email(role: &str) -> String {
    format!("{role}@souk.example")
}

/// Creates one account per role. The first administrator is created with IAM permissions, and creates the others.
async fn accounts(anyone: &Client, invoke: impl AsyncFn(&str, &Value) -> Result<Value>, shop: &Shop) -> Result<()> {
    for (role, name) in &shop.accounts {
        let account = json!({"email": email(role), "password": PASSWORD, "name": name});
        made(&anyone.post("/v1/users", &account).await?, role)?;
    }
    invoke("users/grant-admin", &json!({"email": email("admin")})).await?;
    let admin = sign_in(anyone, "admin").await?;
    let listed = made(&admin.get("/v1/users?limit=100").await?, "list users")?;
    for role in shop.accounts.keys().filter(|role| !matches!(role.as_str(), "customer" | "admin")) {
        let account = listed["items"].as_array().into_iter().flatten().find(|user| user["email"] == email(role));
        let account = account.with_context(|| format!("the account of the {role} is not listed"))?;
        let path = format!("/v1/users/{}/roles", account["id"].as_str().unwrap_or_default());
        let version = format!("\"{}\"", account["version"]);
        let headers = [("content-type", "application/json"), ("if-match", version.as_str())];
        let roles = json!({"roles": [role]}).to_string().into_bytes();
        made(&admin.send("PUT", &path, &headers, roles).await?, role)?;
    }
    Ok(())
}

/// Sets a resource, even if an earlier attempt has set it.
async fn set(merchant: &Client, path: &str, body: &Value) -> Result<()> {
    let headers = [("content-type", "application/json"), ("if-match", "*")];
    made(&merchant.send("PUT", path, &headers, body.to_string().into_bytes()).await?, path).map(drop)
}

/// Tax, shipping and promotions.
async fn terms(merchant: &Client, shop: &Shop) -> Result<()> {
    for (country, rates) in &shop.tax {
        set(merchant, &format!("/v1/tax-rates/{country}"), rates).await?;
    }
    for Shipping { countries, options } in &shop.shipping {
        let option = |option: &ShippingOption| {
            let ShippingOption { id, name, days, prices, free_from } = option;
            json!({"id": id, "name": name, "days": days, "prices": prices.json(), "freeFrom": free_from.json()})
        };
        let options: Vec<_> = options.iter().map(option).collect();
        for country in countries {
            set(merchant, &format!("/v1/shipping-rates/{country}"), &json!({"options": options})).await?;
        }
    }
    for promotion in &shop.promotions {
        let code = promotion["code"].as_str().unwrap_or_default();
        make(merchant, "/v1/promotions", promotion, code).await?;
    }
    Ok(())
}

/// Creates the tree of categories, and returns their ids by name.
async fn categories(merchant: &Client, shop: &Shop) -> Result<BTreeMap<String, String>> {
    let create = async |name: &str, parent: Option<&String>| {
        let category = json!({"name": name, "parentId": parent});
        let category = make(merchant, "/v1/categories", &category, name).await?;
        category["id"].as_str().map(str::to_owned).context("a category without an id")
    };
    let mut ids = BTreeMap::new();
    for Department { name, aisles } in &shop.departments {
        let id = create(name, None).await?;
        for aisle in aisles {
            ids.insert(aisle.clone(), create(aisle, Some(&id)).await?);
        }
        ids.insert(name.clone(), id);
    }
    Ok(ids)
}

/// Publishes a product and receives its stock.
async fn put_on_sale(merchant: &Client, product: &Product, categories: &BTreeMap<String, String>) -> Result<()> {
    let Product { title, description, category, tax_class, attributes, images, variants } = product;
    let category = categories.get(category).with_context(|| format!("{title} is in no category"))?;
    let variant =
        |variant: &Variant| json!({"sku": variant.sku, "options": variant.options, "prices": variant.prices.json()});
    let body = json!({
        "title": title,
        "description": description,
        "categoryIds": [category],
        "images": images,
        "attributes": attributes,
        "taxClass": tax_class,
        "variants": variants.iter().map(variant).collect::<Vec<_>>(),
    });
    make(merchant, "/v1/products", &body, title).await?;
    for Variant { sku, stock, .. } in variants.iter().filter(|variant| variant.stock > 0) {
        let received = json!({"delta": stock, "reason": "received"});
        make(merchant, &format!("/v1/stock/{sku}/adjustments"), &received, sku).await?;
    }
    Ok(())
}

/// Posts a body with an idempotency key from its name, so that a restart does not create it twice.
async fn make(merchant: &Client, path: &str, body: &Value, name: &str) -> Result<Value> {
    let key = format!("demo-{}", name.replace(' ', "-"));
    made(&merchant.post_once(path, body, &key).await?, name)
}

/// The body of an answer that is not a problem.
fn made(answer: &Answer, what: &str) -> Result<Value> {
    ensure!((200..300).contains(&answer.status), "{what}: {} {}", answer.status, answer.text());
    Ok(answer.json())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_shop_is_worth_looking_at() {
        let shop: Shop = yaml_serde::from_str(SHOP).unwrap();
        assert!(shop.products.len() >= 40);
        let skus: Vec<_> =
            shop.products.iter().flat_map(|product| &product.variants).map(|variant| &variant.sku).collect();
        assert_eq!(skus.iter().collect::<BTreeSet<_>>().len(), skus.len(), "a SKU is one variant's");
        let titles: BTreeSet<_> = shop.products.iter().map(|product| &product.title).collect();
        assert_eq!(titles.len(), shop.products.len());
        for product in &shop.products {
            let known = shop.departments.iter().any(|department| department.aisles.contains(&product.category));
            assert!(known, "{}: {}", product.title, product.category);
            assert_eq!(product.images.len(), product.variants.len(), "{}", product.title);
            for variant in &product.variants {
                assert!(
                    variant.prices.0.contains_key("EUR") && variant.prices.0.contains_key("GBP"),
                    "{}",
                    variant.sku
                );
            }
        }
        let last = shop.mixed().into_iter().rev().take(12).map(|product| product.category.as_str());
        let last: BTreeSet<_> = last.collect();
        let is_shown = |department: &Department| department.aisles.iter().any(|aisle| last.contains(aisle.as_str()));
        assert!(shop.departments.iter().all(is_shown), "the newest products are of all departments: {last:?}");
        let included = |country: &str| shop.tax[country]["included"].as_bool().unwrap_or_default();
        assert_eq!(["DE", "FR", "IE", "GB", "US"].map(included), [true, true, true, false, false]);
        assert!(shop.tax.len() >= 5 && shop.shipping.iter().flat_map(|shipping| &shipping.countries).count() >= 5);
    }
}
