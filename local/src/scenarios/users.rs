//! Users: accounts, sessions, addresses, payment methods, roles.

use std::time::Duration;

use serde_json::json;

use super::{
    Access::{Account, Own},
    Scenario, Step,
    Who::{Admin, Anyone, Customer, Merchant, Support},
    again, call, invoke, run,
};
use crate::shopper::address;

/// With the right password after them, these are enough attempts for it to reset the count, which is a write.
const WRONG: usize = 9;

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        call(Anyone, "create-guest").json(json!({})).gives("guestToken", "/accessToken"),
        call(Anyone, "register-user")
            .json(json!({"email": "{account}@souk.example", "password": "{password}", "name": "Ada Lovelace"}))
            .fresh("account", "ada-")
            .default("password", PASSPHRASE),
        call(Anyone, "register-user")
            .variant("as a guest")
            .json(json!({"email": "{account}@souk.example", "password": "{password}", "name": "Ada", "language": "de", "guestToken": "{guestToken}"}))
            .fresh("account", "ada-")
            .default("password", PASSPHRASE),
        call(Anyone, "sign-in")
            .json(json!({"email": "{account}@souk.example", "password": "{password}"}))
            .after([run("register-user")])
            .default("password", PASSPHRASE)
            .gives("accessToken", "/accessToken")
            .gives("refreshToken", "/refreshToken")
            .gives("userId", "/user/id"),
        call(Anyone, "sign-in")
            .variant("with a wrong password")
            .json(json!({"email": "{account}@souk.example", "password": "not the passphrase"}))
            .after([run("register-user")])
            .refused(401),
        call(Anyone, "sign-in")
            .variant("after wrong passwords")
            .json(json!({"email": "{account}@souk.example", "password": "{password}"}))
            .after([again("sign-in with a wrong password", WRONG)])
            .default("password", PASSPHRASE),
        call(Anyone, "refresh-session").json(json!({"refreshToken": "{refreshToken}"})),
        // The same token again, when the time for a retry is over: another client may have it.
        call(Anyone, "refresh-session")
            .variant("with a token that was used")
            .json(json!({"refreshToken": "{refreshToken}"}))
            .after([run("refresh-session"), Step::Pass(Duration::from_secs(11))])
            .refused(401),
        call(Anyone, "get-jwks"),
        call(Customer, "get-profile"),
        call(Customer, "update-profile").json(json!({"name": "Ada King"})).access(Account),
        call(Customer, "add-address")
            .json(json!({"address": address(), "default": true}))
            .gives("addressId", "/id")
            .access(Account),
        call(Customer, "list-addresses").after([run("add-address")]).access(Account),
        call(Customer, "update-address").json(json!({"address": address(), "default": true})).access(Own),
        call(Customer, "remove-address").access(Account),
        call(Customer, "add-payment-method")
            .json(json!({"reference": "pm_card_visa", "brand": "visa", "last4": "4242"}))
            .gives("paymentMethodId", "/id")
            .access(Account),
        call(Customer, "list-payment-methods").after([run("add-payment-method")]).access(Account),
        call(Customer, "remove-payment-method").access(Account),
        call(Support, "list-users").query("limit=20").after([run("sign-in")]),
        call(Support, "list-users")
            .variant("of an address")
            .query("email={account}@souk.example")
            .after([run("register-user")]),
        call(Merchant, "create-customer-group").json(json!({"name": "Trade"})).gives("groupId", "/id"),
        call(Support, "list-customer-groups").query("limit=20").after([run("create-customer-group")]),
        call(Merchant, "add-group-member").json(json!({})).after([run("create-customer-group"), run("sign-in")]),
        call(Merchant, "remove-group-member").after([run("add-group-member")]),
        call(Admin, "set-roles").json(json!({"roles": ["customer", "merchant"]})),
        // It ends the session that everything else of its customer is done with.
        call(Customer, "sign-out"),
        invoke("grant-admin", json!({"email": "{account}@souk.example"})).after([run("register-user")]),
        invoke("rotate-signing-key", json!({})).after([Step::Pass(Duration::from_hours(11 * 24))]),
        invoke("republish", json!({"aggregate": "user#{userId}"})),
    ]
}

const PASSPHRASE: &str = "a long enough passphrase";
