//! One file per operation, each a Lambda function of its own.

pub mod add_address;
pub mod add_payment_method;
pub mod authorize;
pub mod create_guest;
pub mod get_jwks;
pub mod get_profile;
pub mod grant_admin;
pub mod list_addresses;
pub mod list_payment_methods;
pub mod list_users;
pub mod refresh_session;
pub mod register_user;
pub mod remove_address;
pub mod remove_payment_method;
pub mod rotate_signing_key;
pub mod set_roles;
pub mod sign_in;
pub mod sign_out;
pub mod update_address;
pub mod update_profile;
pub mod users_relay;
pub mod users_republish;
