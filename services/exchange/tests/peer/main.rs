// SPDX-License-Identifier: EUPL-1.2
//! The exchange with the real Kamailio and coturn.

#![allow(clippy::unwrap_used)] // A test ends at the first surprise.

mod client;
mod database;
mod desks;
mod files;
mod load;
mod many;
mod phone;
mod place;
mod postgres;
mod practice;
mod provider;
mod relay;
mod restart;
mod sign_in;
mod signalling;
mod terminals;
