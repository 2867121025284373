//! One file per operation, each a Lambda function of its own.

pub mod add_address;
pub mod add_group_member;
pub mod add_payment_method;
pub mod authorize;
pub mod create_customer_group;
pub mod create_guest;
pub mod get_jwks;
pub mod get_profile;
pub mod grant_admin;
pub mod list_addresses;
pub mod list_customer_groups;
pub mod list_payment_methods;
pub mod list_users;
pub mod refresh_session;
pub mod register_user;
pub mod remove_address;
pub mod remove_group_member;
pub mod remove_payment_method;
pub mod rotate_signing_key;
pub mod set_roles;
pub mod sign_in;
pub mod sign_out;
pub mod update_address;
pub mod update_profile;

use lambda::Function;

/// Every function of this service.
pub const FUNCTIONS: &[fn() -> Function] = &[
    add_address::function,
    add_group_member::function,
    add_payment_method::function,
    authorize::function,
    create_customer_group::function,
    create_guest::function,
    get_jwks::function,
    get_profile::function,
    grant_admin::function,
    list_addresses::function,
    list_customer_groups::function,
    list_payment_methods::function,
    list_users::function,
    refresh_session::function,
    register_user::function,
    remove_address::function,
    remove_group_member::function,
    remove_payment_method::function,
    rotate_signing_key::function,
    set_roles::function,
    sign_in::function,
    sign_out::function,
    update_address::function,
    update_profile::function,
    Function::relay,
    Function::republish,
];
