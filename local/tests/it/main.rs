//! Journeys over HTTP against the booted templates: one binary, one stack for all tests that need none of
//! their own.

mod access;
mod conventions;
mod crash;
mod import;
mod purchase;
mod races;
mod restart;
mod samples;
mod shop;
