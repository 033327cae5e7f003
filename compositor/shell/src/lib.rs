// SPDX-License-Identifier: EUPL-1.2
//! What citizens and clerks meet on the screen.
//!
//! ```text
//!  input, time, news ───► event ──► update(state, event) ──► effects ──► D-Bus
//!                                        │
//!                                        ▼
//!                              screens: state ──► nodes ──► scene ──► pixels ──► Wayland
//! ```
//!
//! Left of the pixels everything is data and pure functions: [`state`] is what is known, [`update`] the only thing
//! that changes it, [`screens`] what it looks like, [`scene`] where everything is. None of them reads a clock or a
//! file. The edges are [`wayland`], [`trust`], [`session`], [`clerk`], [`print`], [`papers`], [`battery`], [`braille`], [`store`] and [`system`].

pub mod access;
pub mod applications;
pub mod battery;
pub mod braille;
pub mod call;
pub mod canvas;
pub mod catalogue;
pub mod clerk;
pub mod event;
mod field;
pub mod focus;
pub mod i18n;
pub mod icons;
pub mod inventory;
pub mod keyboard;
pub mod manner;
pub mod network;
pub mod node;
pub mod paint;
pub mod paper;
pub mod papers;
pub mod press;
pub mod print;
pub mod reading;
pub mod runtime;
pub mod scan;
pub mod scene;
pub mod screens;
pub mod search;
mod service;
pub mod session;
pub mod sound;
pub mod ssip;
pub mod state;
pub mod system;
pub mod text;
pub mod theme;
pub mod trust;
mod unpack;
pub mod update;
pub mod voice;
pub mod wayland;

pub use site::store;
