//! Journeys over HTTP against the booted templates: one binary, one stack for all tests that need none of
//! their own.

mod access;
mod budgets;
mod carts;
mod commands;
mod contract;
mod conventions;
mod hostile;
mod import;
mod pages;
mod purchase;
mod races;
mod restart;
mod samples;
mod sessions;
mod shop;
mod tokens;
mod webhooks;
mod world;
