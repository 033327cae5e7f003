// SPDX-License-Identifier: EUPL-1.2
//! The D-Bus contracts of Amtsnah. Every interface is written once, here; `zbus` makes the server's and the
//! client's side from the same lines, and `xml/` holds what others may read without Rust. A test compares both.
//!
//! | bus name | module | who serves | who calls |
//! |---|---|---|---|
//! | `de.amtsnah.Applications1` | [`applications`] | `applications` (case only) | the shell |
//! | `de.amtsnah.Call1` (and `de.amtsnah.Papers1`) | [`call`] | `call` | the shell |
//! | `de.amtsnah.Clerk1` | [`clerk`] | `clerk` (case only) | the shell |
//! | `de.amtsnah.Inventory1` | [`inventory`] | `inventory` (case only) | the shell |
//! | `de.amtsnah.Network1` | [`network`] | `network` | the shell |
//! | `de.amtsnah.Print1` | [`print`] | `print` | the shell |
//! | `de.amtsnah.Scan1` | [`scan`] | `scan` | the shell |
//! | `de.amtsnah.Session1` | [`session`] | `session` | the shell, `scan` (documents) |
//! | `de.amtsnah.Sound1` | [`sound`] | `sound` | the shell |
//! | `de.amtsnah.Trust1` | [`trust`] | `trust` | the shell |

pub mod applications;
pub mod bus;
pub mod call;
pub mod clerk;
pub mod inventory;
pub mod network;
pub mod print;
pub mod request;
pub mod scan;
pub mod secret;
pub mod session;
pub mod sound;
pub mod trust;
