//! Show a product to a merchant, change its prices and adjust its stock.

use askama::Template;
use contracts::{ProductId, Role, Sku, events::catalog::Variant};
use garde::Validate;
use lambda::{
    Acted, ApiError, ApiRequest, FORBIDDEN, Form, Function, Html, NOT_FOUND, Problem, Seen, UNAUTHENTICATED, Visit,
    Visitor, missing,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Storefront,
    entered::Entered,
    entry::to_sign_in,
    level::Level,
    link,
    product::{PriceForm, Product, ProductStatus},
    shell::Shell,
    signed::Signed,
};

/// Why stock is adjusted. `received` is a delivery, and any other reason corrects the count.
const REASONS: [&str; 4] = ["received", "counted", "damaged", "lost"];
/// The most units of one adjustment.
const MOST_UNITS: i64 = 1_000_000;

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase")]
pub struct ShowDeskProduct {
    #[garde(skip)]
    product_id: ProductId,
    /// What the visitor comes from saving.
    #[garde(skip)]
    saved: Option<String>,
}

/// A product as a merchant sees it.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "desk_product.html")]
#[serde(rename_all = "camelCase")]
struct DeskProductPage {
    #[serde(skip)]
    shell: Shell,
    id: ProductId,
    title: String,
    status: ProductStatus,
    tax_class: String,
    #[schemars(with = "Vec<PricedVariant>")]
    variants: Vec<Variant>,
    /// The stock of each variant. `null` if inventory does not answer.
    stock: Option<Vec<Level>>,
    #[serde(skip)]
    prices: PriceForm,
    /// The version that is changed.
    #[serde(skip)]
    version: String,
    /// The form for the stock.
    #[serde(skip)]
    entered: Entered,
    #[serde(skip)]
    notice: Option<Notice>,
}

/// A variant with all its prices.
#[derive(Debug, JsonSchema)]
#[expect(dead_code, reason = "the schema of a variant")]
struct PricedVariant {
    sku: Sku,
    options: std::collections::BTreeMap<String, String>,
    prices: Vec<contracts::events::catalog::Price>,
}

/// What happened to a form.
#[derive(Debug)]
struct Notice {
    tone: &'static str,
    title: String,
    text: String,
}

impl DeskProductPage {
    fn in_shop(&self) -> String {
        link::product(self.id, &self.title)
    }

    fn status_text(&self) -> String {
        self.shell.t(match self.status {
            ProductStatus::Draft => "desk-draft",
            ProductStatus::Published => "desk-published",
        })
    }

    fn is_published(&self) -> bool {
        self.status == ProductStatus::Published
    }

    /// The reasons that can be chosen: value, name, and whether it is chosen.
    fn reasons(&self) -> [(&'static str, String, bool); 4] {
        let chosen = self.entered.value("reason");
        REASONS.map(|reason| (reason, self.shell.t(&format!("desk-reason-{reason}")), reason == chosen))
    }

    fn note(&mut self, tone: &'static str, title: &str, text: &str) {
        self.notice = Some(Notice { tone, title: self.shell.t(title), text: self.shell.t(text) });
    }
}

pub fn function() -> Function {
    Function::form("show-desk-product", show, act)
        .about("Also a draft is shown. Without an account it is 401, and without the role of a merchant 403.")
        .problems(&[UNAUTHENTICATED, FORBIDDEN, NOT_FOUND])
}

async fn show(storefront: Storefront, visit: Visit<ShowDeskProduct>) -> Result<Seen<DeskProductPage>, Problem> {
    let Some(signed) = storefront.at_desk(Role::Merchant, &visit).await? else {
        return Ok(Seen::See(to_sign_in(&visit.visitor)?));
    };
    let (id, saved) = (visit.input.product_id, visit.input.saved.as_deref());
    let mut page = page(&storefront, &visit, &signed, id, |_| {}).await?;
    match saved {
        Some("prices") => page.note("good", "desk-prices-saved", "desk-prices-saved-text"),
        Some("stock") => page.note("good", "desk-stock-saved", "desk-stock-saved-text"),
        _ => {}
    }
    let missing = missing([("stock", page.stock.is_none())]);
    Ok(Seen::Page(Html::new(page).without(missing)))
}

/// The page with the values of now.
async fn page<I>(
    storefront: &Storefront,
    visit: &Visit<I>,
    signed: &Signed,
    id: ProductId,
    change: impl FnOnce(&mut DeskProductPage) + Send,
) -> Result<DeskProductPage, Problem> {
    let asked = async { storefront.product(signed, id).await.map_err(Problem::from) };
    let around = async { storefront.shell(&visit.visitor, Some(signed)).await.map_err(Problem::from) };
    let ((product, version), shell) = futures::try_join!(asked, around)?;
    let Product { title, status, tax_class, variants } = product;
    let skus: Vec<_> = variants.iter().map(|variant| variant.sku.clone()).collect();
    let stock = match storefront.levels(signed, &skus).await {
        Ok(levels) => Some(Level::each(&skus, &levels)),
        Err(ApiError::Unavailable) => None,
        Err(error) => return Err(error.into()),
    };
    let prices = PriceForm::of(&variants, visit.now());
    let entered = Entered::default().or("key", Some(&storefront.random_text()));
    let mut page = DeskProductPage {
        shell,
        id,
        title,
        status,
        tax_class,
        variants,
        stock,
        prices,
        version,
        entered,
        notice: None,
    };
    change(&mut page);
    Ok(page)
}

/// The product of a form, which has no other input than its fields.
fn id_of(visitor: &Visitor) -> Result<ProductId, Problem> {
    let segment = visitor.path.rsplit('/').next().unwrap_or_default();
    segment.parse().map_err(|_| Problem::not_found("product"))
}

async fn act(storefront: Storefront, visit: Visit<Form>) -> Result<Acted<DeskProductPage>, Problem> {
    let Some(signed) = storefront.submitting_at_desk(Role::Merchant, &visit).await? else {
        return Ok(Acted::see(to_sign_in(&visit.visitor)?));
    };
    let id = id_of(&visit.visitor)?;
    if visit.input.text("action") == Some("adjust") {
        adjust(&storefront, &visit, &signed, id).await
    } else {
        set_prices(&storefront, &visit, &signed, id).await
    }
}

/// Sets all prices in one change of the product, at the version that the form shows.
async fn set_prices(
    storefront: &Storefront,
    visit: &Visit<Form>,
    signed: &Signed,
    id: ProductId,
) -> Result<Acted<DeskProductPage>, Problem> {
    let (product, version) = storefront.product(signed, id).await?;
    let prices = PriceForm::entered(&product.variants, &visit.input, visit.now());
    let is_known = visit.input.text("version") == Some(version.as_str());
    let refused = if is_known && prices.faults().is_empty() {
        match storefront.set_variants(signed, id, &version, &prices.variants(visit.now())).await {
            Ok(()) => return Ok(Acted::see(format!("/desk/products/{id}?saved=prices"))),
            Err(ApiError::Refused(problem)) if matches!(problem.status, 409 | 412 | 422) => Some(problem),
            Err(error) => return Err(error.into()),
        }
    } else {
        None
    };
    let again = page(storefront, visit, signed, id, |page| {
        page.prices = PriceForm::entered(&page.variants, &visit.input, visit.now());
        match refused {
            Some(problem) if problem.status != 412 => {
                page.notice = Some(Notice {
                    tone: "bad",
                    title: page.shell.t("desk-prices-refused"),
                    text: problem.errors.into_iter().next().map_or(problem.detail, |error| error.detail),
                });
            }
            None if is_known => {}
            _ => page.note("warn", "desk-product-changed", "desk-product-changed-text"),
        }
    });
    Ok(Acted::Again(again.await?))
}

/// Adjusts the stock of a SKU, once for a form.
async fn adjust(
    storefront: &Storefront,
    visit: &Visit<Form>,
    signed: &Signed,
    id: ProductId,
) -> Result<Acted<DeskProductPage>, Problem> {
    let form = &visit.input;
    let entered = Entered::of(form, &["sku", "delta", "reason", "key"]);
    let sku: Option<Sku> = entered.value("sku").parse().ok();
    let delta = delta(entered.value("delta"));
    let reason = REASONS.into_iter().find(|reason| *reason == entered.value("reason"));
    let refused = match (sku, delta, reason) {
        (Some(sku), Some(delta), Some(reason)) => {
            let request = ApiRequest::post(format!("/v1/stock/{sku}/adjustments"), entered.value("key"));
            let request = request.json(&json!({"delta": delta, "reason": reason}));
            match storefront.inventory.send::<Value>(signed.with_token(request)).await {
                Ok(_) => return Ok(Acted::see(format!("/desk/products/{id}?saved=stock"))),
                Err(ApiError::Refused(problem)) if matches!(problem.status, 400 | 409 | 422) => Some(problem),
                Err(error) => return Err(error.into()),
            }
        }
        _ => None,
    };
    let again = page(storefront, visit, signed, id, |page| {
        let fresh = page.entered.value("key").to_owned();
        page.entered = entered;
        match refused {
            Some(problem) if problem.status == 409 => {
                page.entered.wrong("delta", page.shell.t("desk-not-enough"));
            }
            Some(_) => {
                // The key of the form is spent, or it has none.
                page.entered.replace("key", fresh);
                page.note("warn", "desk-stock-unsaved", "form-sent");
            }
            None if delta.is_none() => page.entered.wrong("delta", page.shell.t("desk-delta-wrong")),
            None => page.note("bad", "desk-stock-unsaved", "desk-stock-choose"),
        }
    });
    Ok(Acted::Again(again.await?))
}

/// A number of units to add, or to remove after a minus: `20`, `+20`, `-3`.
fn delta(text: &str) -> Option<i64> {
    let number: i64 = text.trim().replace('−', "-").parse().ok()?;
    (number != 0 && (-MOST_UNITS..=MOST_UNITS).contains(&number)).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_added_or_removed() {
        assert_eq!(["20", " +20", "-3", "−3"].map(delta), [Some(20), Some(20), Some(-3), Some(-3)]);
        assert_eq!(["", "0", "x", "1.5", "1000001", "-1000001", "-9223372036854775808"].map(delta), [None; 7]);
    }
}
