//! Storefront: the pages.

use super::{Scenario, Who::Anyone, call, run};

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        call(Anyone, "show-basket"),
        // Without a session, there is nothing to order.
        call(Anyone, "show-checkout-address").refused(409),
        call(Anyone, "show-checkout-payment").refused(409),
        call(Anyone, "show-checkout-review").refused(409),
        call(Anyone, "show-checkout-shipping").refused(409),
        call(Anyone, "show-home").after([run("create-product")]),
        call(Anyone, "show-listing").after([run("create-product")]),
        call(Anyone, "show-product").after([run("create-product")]),
        // Without a session, nobody knows whose order it is.
        call(Anyone, "show-order").after([run("place-order")]).refused(401),
        call(Anyone, "show-order-live").after([run("place-order")]).refused(401),
        call(Anyone, "show-orders"),
        call(Anyone, "show-terms"),
        call(Anyone, "show-withdrawal"),
        call(Anyone, "choose-currency"),
        // Without a session, the pages of an account lead to /sign-in, and their JSON is 401.
        call(Anyone, "show-account").refused(401),
        call(Anyone, "show-address").default("addressId", "new").refused(303),
        call(Anyone, "show-addresses").refused(401),
        call(Anyone, "show-payment-methods").refused(401),
        call(Anyone, "show-sessions").refused(401),
        call(Anyone, "show-desk-products").refused(401),
        call(Anyone, "show-desk-product").after([run("create-product")]).refused(401),
        call(Anyone, "show-desk-orders").refused(401),
        call(Anyone, "show-desk").refused(401),
        call(Anyone, "show-desk-promotions").refused(401),
        call(Anyone, "show-desk-promotion").refused(303),
        call(Anyone, "show-desk-imports").refused(303),
        call(Anyone, "show-desk-import").default("importId", "imp_00000000000000000000000000000001").refused(401),
        call(Anyone, "show-desk-import-live").default("importId", "imp_00000000000000000000000000000001").refused(401),
        call(Anyone, "get-import-errors").default("importId", "imp_00000000000000000000000000000001").refused(401),
        call(Anyone, "show-registration"),
        call(Anyone, "show-sign-in"),
        call(Anyone, "show-sign-out").refused(303),
        call(Anyone, "show-deliveries").refused(401),
        call(Anyone, "show-delivery").after([run("place-order")]).refused(401),
        call(Anyone, "show-support").refused(401),
        call(Anyone, "show-support-order").after([run("place-order")]).refused(401),
        call(Anyone, "get-asset").default("version", "0").default("name", "souk.css"),
        call(Anyone, "get-asset")
            .variant("that is not there")
            .default("version", "0")
            .default("name", "x")
            .refused(404),
        call(Anyone, "get-picture").default("name", "lamp-red.svg"),
        call(Anyone, "get-picture").variant("that is not there").default("name", "x").refused(404),
        call(Anyone, "get-robots"),
        call(Anyone, "get-sitemap").after([run("create-product")]),
        call(Anyone, "show-nothing").default("path", "nowhere").refused(404),
    ]
}
