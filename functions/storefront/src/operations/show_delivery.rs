//! Show a parcel to a courier, take it over, dispatch it, and deliver it.

use askama::Template;
use contracts::{Role, ShipmentId};
use garde::Validate;
use jiff::Timestamp;
use lambda::{
    Acted, ApiError, ApiProblem, ApiRequest, FORBIDDEN, Form, Function, Html, NOT_FOUND, Problem, Seen,
    UNAUTHENTICATED, Visit, Visitor,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Storefront, address,
    entered::Entered,
    entry::to_sign_in,
    link,
    parcel::{AddressedParcel, Packed, ParcelStatus},
    shell::Shell,
    signed::Signed,
    when,
};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase")]
pub struct ShowDelivery {
    #[garde(skip)]
    shipment_id: ShipmentId,
}

/// A parcel: where it goes, and what the courier can do with it.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "delivery.html")]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ParcelPage")]
struct DeliveryPage {
    #[serde(skip)]
    shell: Shell,
    id: ShipmentId,
    status: ParcelStatus,
    /// Whether the session's courier has it.
    is_mine: bool,
    recipient: String,
    /// The address below the name.
    address: String,
    contents: Vec<Packed>,
    shipping_option: String,
    /// The failed attempts.
    attempts: u32,
    dispatch_by: Timestamp,
    delivered_at: Option<Timestamp>,
    #[serde(skip)]
    attempts_left: u32,
    #[serde(skip)]
    until: Option<String>,
    #[serde(skip)]
    tag: String,
    #[serde(skip)]
    tone: &'static str,
    #[serde(skip)]
    key: String,
    #[serde(skip)]
    entered: Entered,
    /// Why delivery did not do it, although no field is wrong.
    #[serde(skip)]
    refused: Option<String>,
}

impl DeliveryPage {
    fn of(parcel: AddressedParcel, signed: &Signed, shell: Shell, now: Timestamp) -> Self {
        let AddressedParcel { parcel, lines, ship_to } = parcel;
        let courier = signed.session.person.id;
        let (tag, tone) = parcel.tag(courier, &shell);
        Self {
            id: parcel.id,
            status: parcel.status,
            is_mine: parcel.is_of(courier),
            address: address::below_name(&ship_to, shell.texts),
            recipient: ship_to.name,
            contents: lines,
            attempts: parcel.attempts,
            attempts_left: parcel.attempts_left(),
            dispatch_by: parcel.dispatch_by,
            until: parcel.is_waiting().then(|| when::time_or_date(parcel.dispatch_by, now)),
            delivered_at: parcel.delivered_at,
            shipping_option: parcel.option(&shell),
            key: String::new(),
            entered: Entered::default(),
            refused: None,
            tag,
            tone,
            shell,
        }
    }

    fn path(&self) -> String {
        path(self.id)
    }

    /// The secret field of its forms.
    fn token(&self) -> String {
        self.shell.form_token(&self.path())
    }

    fn map(&self) -> String {
        format!("https://www.openstreetmap.org/search?query={}", link::part(&self.address))
    }

    fn can_be_taken_over(&self) -> bool {
        self.status == ParcelStatus::Scheduled
    }

    fn can_be_dispatched(&self) -> bool {
        self.is_mine && self.status == ParcelStatus::Assigned
    }

    fn can_be_delivered(&self) -> bool {
        self.is_mine && self.status == ParcelStatus::Dispatched
    }

    /// When it was delivered, as it is shown.
    fn delivered(&self) -> Option<String> {
        self.delivered_at.map(|at| format!("{}, {}", when::date(at), when::time(at)))
    }

    /// What there is to know if there is nothing to do.
    fn idle(&self) -> &'static str {
        match self.status {
            ParcelStatus::Returning => "parcel-returning-text",
            ParcelStatus::Cancelled => "parcel-cancelled-text",
            _ => "parcel-others-text",
        }
    }

    /// The same page after delivery refused what was entered.
    fn refused(mut self, entered: Entered, problem: ApiProblem) -> Self {
        let is_wrong = |pointer: &str| problem.errors.iter().any(|error| error.pointer == pointer);
        self.entered = entered;
        if is_wrong("/pin") {
            // Delivery counts failed attempts, and no wrong PINs.
            let fault = self.shell.n("pin-wrong", self.attempts_left);
            self.entered.wrong("pin", fault);
        } else if is_wrong("/reason") {
            self.entered.wrong("reason", self.shell.t("reason-wrong"));
        } else {
            self.refused = Some(problem.detail);
        }
        self
    }
}

pub fn function() -> Function {
    Function::form("show-delivery", show, act)
        .about("For couriers. Without a session, it is 401, and for others 403.")
        .problems(&[UNAUTHENTICATED, FORBIDDEN, NOT_FOUND])
}

async fn show(storefront: Storefront, visit: Visit<ShowDelivery>) -> Result<Seen<DeliveryPage>, Problem> {
    let Some(signed) = storefront.at_desk(Role::Courier, &visit).await? else {
        return Ok(Seen::See(to_sign_in(&visit.visitor)?));
    };
    Ok(Seen::Page(Html::new(page(&storefront, &visit, &signed, visit.input.shipment_id).await?)))
}

async fn page<I>(
    storefront: &Storefront,
    visit: &Visit<I>,
    signed: &Signed,
    id: ShipmentId,
) -> Result<DeliveryPage, Problem> {
    let around = async { storefront.shell(&visit.visitor, Some(signed)).await.map_err(Problem::from) };
    let (parcel, shell) = futures::try_join!(storefront.parcel(signed, id), around)?;
    let page = DeliveryPage::of(parcel, signed, shell, visit.now());
    Ok(DeliveryPage { key: storefront.random_text(), ..page })
}

fn path(id: ShipmentId) -> String {
    format!("/deliveries/{id}")
}

/// The id in the path of the page, to which its forms are posted.
fn id_in(visitor: &Visitor) -> Option<ShipmentId> {
    visitor.path.strip_prefix("/deliveries/")?.parse().ok()
}

/// What a form asks delivery for: an error is the field that it lacks, and the text that says so.
fn asked(form: &Form, id: ShipmentId) -> Option<Result<ApiRequest, (&'static str, &'static str)>> {
    let (key, action) = (form.text("key")?, form.text("action")?);
    let post = |step: &str| ApiRequest::post(format!("/v1/shipments/{id}/{step}"), key);
    // Couriers read a PIN aloud in groups.
    let digits = |pin: &str| pin.split_whitespace().collect::<String>();
    Some(match action {
        "take-over" => Ok(post("assignment").json(&json!({}))),
        "dispatch" => Ok(post("dispatch").json(&json!({}))),
        "deliver" => match form.text("pin") {
            Some(pin) => Ok(post("delivery").json(&json!({"pin": digits(pin)}))),
            None => Err(("pin", "pin-missing")),
        },
        "deliver-without-pin" => Ok(post("delivery").json(&json!({}))),
        "fail" => match form.text("reason") {
            Some(reason) => Ok(post("failure").json(&json!({"reason": reason}))),
            None => Err(("reason", "reason-missing")),
        },
        _ => return None,
    })
}

async fn act(storefront: Storefront, visit: Visit<Form>) -> Result<Acted<DeliveryPage>, Problem> {
    let id = id_in(&visit.visitor).ok_or_else(|| Problem::not_found("shipment"))?;
    let Some(signed) = storefront.submitting_at_desk(Role::Courier, &visit).await? else {
        return Ok(Acted::see(to_sign_in(&visit.visitor)?));
    };
    let entered = Entered::of(&visit.input, &["pin", "reason"]);
    let request = match asked(&visit.input, id) {
        None => return Ok(Acted::see(path(id))),
        Some(Ok(request)) => request,
        Some(Err((field, text))) => {
            let mut page = page(&storefront, &visit, &signed, id).await?;
            page.entered = entered;
            page.entered.wrong(field, page.shell.t(text));
            return Ok(Acted::Again(page));
        }
    };
    match storefront.delivery.send::<Value>(signed.with_token(request)).await {
        Ok(_) => Ok(Acted::see(path(id))),
        Err(ApiError::Refused(problem)) if [403, 409, 422].contains(&problem.status) => {
            Ok(Acted::Again(page(&storefront, &visit, &signed, id).await?.refused(entered, problem)))
        }
        Err(error) => Err(error.into()),
    }
}
