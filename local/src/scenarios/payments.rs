//! Payments: requests to the provider, and its webhooks.

use std::time::Duration;

use contracts::Role;
use serde_json::{Value, json};

use super::{
    Access::{Owner, Signature},
    Scenario, Step,
    Who::{Anyone, Shopper, Support},
    call, event, invoke, message, once_with, run, with,
};

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        call(Shopper, "get-payment").after([run("place-order")]).access(Owner(&[Role::Support])),
        call(Shopper, "list-payments").query("orderId={orderId}"),
        call(Support, "refund-payment")
            .json(json!({"amount": {"amount": 100, "currency": "EUR"}, "reason": "arrived broken"}))
            .after([run("dispatch-shipment")])
            .settles(),
        call(Shopper, "confirm-payment")
            .json(json!({}))
            .after([once_with("place-order", "paymentMethod", "pm_sandbox_3ds_unreported"), Step::Approve])
            .access(Owner(&[Role::Support])),
        // Only the provider can sign it.
        call(Anyone, "receive-webhook")
            .headers(&[("stripe-signature", SIGNATURE)])
            .json(webhook())
            .refused(400)
            .access(Signature),
        // Only a webhook reports a dispute.
        message(
            "apply-webhook",
            json!({"about": {"disputeOpened": {
                "intent": "pi_3T7kQz2eZvKYlo2C1a2b3c4d",
                "dispute": "dp_3T7kQz2eZvKYlo2C1g7h8i9j",
                "amount": 12_166,
                "reason": "fraudulent",
            }}}),
            [
                with("place-order", "paymentMethod", "pm_sandbox_dispute"),
                run("dispatch-shipment"),
                Step::Until("get-payment", is_disputed),
            ],
        ),
        invoke("resolve-unknown", json!({})).after([
            with("place-order", "paymentMethod", "pm_sandbox_unreachable"),
            Step::Pass(Duration::from_hours(1)),
        ]),
        // The cancellation moved its deadline, but not its place in the index.
        invoke("resolve-unknown", json!({})).variant("found early").after([
            with("place-order", "paymentMethod", "pm_sandbox_unreachable"),
            run("cancel-order"),
            Step::Pass(Duration::from_secs(70)),
        ]),
        event("PaymentActionRequired.v1", [with("place-order", "paymentMethod", "pm_sandbox_3ds")]),
        event("PaymentAuthorized.v1", [run("place-order")]),
        event("PaymentDeclined.v1", [with("place-order", "paymentMethod", "pm_card_chargeDeclined")]),
        // The provider's hold lapses, long before the parcel leaves.
        event("PaymentVoided.v1", [run("place-order"), Step::Publish("PaymentVoided.v1")]),
        invoke("republish", json!({"aggregate": "payment#{paymentId}"})).after([run("place-order")]),
    ]
}

/// With the secret of no stage.
const SIGNATURE: &str = "t=1772443804,v1=a02d817c50f2f0e2863495102a37e26d48643f9831478fe536f3b2698635a84f";

fn webhook() -> Value {
    json!({
        "id": "evt_3T7kQz2eZvKYlo2C1c9d8e7f",
        "object": "event",
        "api_version": "2025-09-30.clover",
        "created": 1_772_443_804,
        "type": "charge.dispute.created",
        "livemode": false,
        "data": {"object": {
            "id": "dp_3T7kQz2eZvKYlo2C1g7h8i9j",
            "object": "dispute",
            "amount": 12_166,
            "charge": "ch_3T7kQz2eZvKYlo2C1e5f6a7b",
            "currency": "eur",
            "livemode": false,
            "payment_intent": "pi_3T7kQz2eZvKYlo2C1a2b3c4d",
            "reason": "fraudulent",
            "status": "needs_response",
        }},
    })
}

fn is_disputed(payment: &Value) -> bool {
    let booked = payment["transactions"].as_array().into_iter().flatten();
    booked.into_iter().any(|transaction| transaction["type"] == "chargeback")
}
