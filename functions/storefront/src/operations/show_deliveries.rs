//! Show the parcels of a courier, and those that can be taken over.

use askama::Template;
use contracts::{Role, ShipmentId, UserId};
use garde::Validate;
use jiff::Timestamp;
use lambda::{FORBIDDEN, Function, Html, Problem, Seen, UNAUTHENTICATED, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Storefront,
    entry::to_sign_in,
    link,
    order::Listed,
    parcel::{Parcel, ParcelStatus},
    shell::Shell,
    when,
};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct ShowDeliveries {}

/// The parcels of a courier, and those that can be taken over.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "deliveries.html")]
#[serde(rename_all = "camelCase")]
struct DeliveriesPage {
    #[serde(skip)]
    shell: Shell,
    /// Those that are on their way, that come back, that are to be fetched, and that nobody has taken over, if there are any.
    sections: Vec<Section>,
    #[serde(skip)]
    today: String,
    #[serde(skip)]
    courier: String,
}

/// Parcels with the same status.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ParcelSection")]
struct Section {
    status: ParcelStatus,
    parcels: Vec<ParcelCard>,
    /// Whether there are more than these.
    has_more: bool,
    #[serde(skip)]
    title: String,
}

/// A parcel in the list.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ParcelCard {
    id: ShipmentId,
    shipping_option: String,
    /// The failed attempts.
    attempts: u32,
    dispatch_by: Timestamp,
    #[serde(skip)]
    title: String,
    #[serde(skip)]
    meta: String,
    #[serde(skip)]
    tag: String,
    #[serde(skip)]
    tone: &'static str,
}

impl ParcelCard {
    fn of(parcel: Parcel, courier: UserId, shell: &Shell, now: Timestamp) -> Self {
        let (tag, tone) = parcel.tag(courier, shell);
        let until = || shell.w("parcel-until", "time", when::time_or_date(parcel.dispatch_by, now));
        let facts = [
            Some(parcel.option(shell)),
            parcel.is_waiting().then(until),
            (parcel.attempts > 0).then(|| shell.n("parcel-attempts", parcel.attempts)),
        ];
        Self {
            title: shell.w("parcel-number", "number", link::short(parcel.id)),
            meta: facts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            id: parcel.id,
            shipping_option: parcel.shipping_option,
            attempts: parcel.attempts,
            dispatch_by: parcel.dispatch_by,
            tag,
            tone,
        }
    }
}

pub fn function() -> Function {
    Function::page("show-deliveries", show)
        .about("For couriers. Without a session, it is 401, and for others 403.")
        .problems(&[UNAUTHENTICATED, FORBIDDEN])
}

async fn show(storefront: Storefront, visit: Visit<ShowDeliveries>) -> Result<Seen<DeliveriesPage>, Problem> {
    let Some(signed) = storefront.at_desk(Role::Courier, &visit).await? else {
        return Ok(Seen::See(to_sign_in(&visit.visitor)?));
    };
    let (courier, now) = (signed.session.person.id, visit.now());
    let [sent, returning, assigned] =
        ["dispatched", "returning", "assigned"].map(|status| format!("courierId={courier}&status={status}"));
    let around = async { storefront.shell(&visit.visitor, Some(&signed)).await.map_err(Problem::from) };
    let (shell, sent, returning, assigned, scheduled) = futures::try_join!(
        around,
        storefront.parcels(&signed, &sent),
        storefront.parcels(&signed, &returning),
        storefront.parcels(&signed, &assigned),
        storefront.parcels(&signed, "status=scheduled"),
    )?;
    let section = |status, title, listed: Listed<Parcel>| Section {
        status,
        title: shell.n(title, listed.items.len()),
        has_more: listed.next_cursor.is_some(),
        parcels: listed.items.into_iter().map(|parcel| ParcelCard::of(parcel, courier, &shell, now)).collect(),
    };
    let sections = [
        section(ParcelStatus::Dispatched, "parcels-sent", sent),
        section(ParcelStatus::Returning, "parcels-returning", returning),
        section(ParcelStatus::Assigned, "parcels-to-fetch", assigned),
        section(ParcelStatus::Scheduled, "parcels-free", scheduled),
    ];
    let sections = sections.into_iter().filter(|section| section.has_more || !section.parcels.is_empty()).collect();
    let courier = signed.session.person.name.clone().unwrap_or_default();
    Ok(Seen::Page(Html::new(DeliveriesPage { today: when::date(now), courier, sections, shell })))
}
