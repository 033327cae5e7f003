// SPDX-License-Identifier: EUPL-1.2
//! The exchange: the server side of a consultation (X1–X4). Kamailio and coturn do the telephony; what they are told, and who may
//! call whom, is decided here.
//!
//! ```text
//!  exchange.toml ─► config ─┬─► kamailio, coturn, rules: texts            desk's page ──HTTPS──► api::desk ─────┐
//!                           ├─► directory: opening hours, holidays        terminal ─────mTLS───► api::terminal ─┼─► exchange ─► queue (pure)
//!                           └─► supervise: both as children               Kamailio ─loopback───► api::control ──┘       └─► keeper ─► store (SQLite, PostgreSQL)
//! ```
//!
//! | module | noun |
//! |---|---|
//! | [`config`] | the one configuration file, checked |
//! | [`account`] | short-lived accounts for SIP and TURN |
//! | [`state`] | the state directory with the secrets, made on first start |
//! | [`identity`] | the authority that certifies terminals |
//! | [`kamailio`], [`coturn`], [`rules`] | what is generated from the configuration |
//! | [`supervise`] | the children |
//! | [`calendar`], [`directory`] | holidays; who is there when |
//! | [`queue`] | tickets, desks and who rings: pure |
//! | [`store`] | what outlives a restart, in SQLite or PostgreSQL |
//! | [`keeper`] | what is still to be written there |
//! | [`exchange`] | the queue with its clock and store, shared by all connections |
//! | [`openid`] | signing in at an authority's identity provider |
//! | [`given`] | files of the operator's with secrets and certificates |
//! | [`session`] | who is signed in, and how often somebody may try |
//! | [`api`], [`server`] | HTTP |
//! | [`serve`] | all of it, running |

pub mod account;
pub mod api;
pub mod calendar;
pub mod config;
pub mod coturn;
pub mod directory;
pub mod exchange;
pub mod given;
pub mod identity;
pub mod kamailio;
pub mod keeper;
pub mod openid;
pub mod queue;
pub mod random;
pub mod rules;
pub mod serve;
pub mod server;
pub mod session;
pub mod state;
pub mod store;
pub mod supervise;
