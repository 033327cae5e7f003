// SPDX-License-Identifier: EUPL-1.2
//! The whole system, booted from the built images and met as a person or an attacker meets it.
//!
//! `cargo os test system` builds the images and runs this. The first boot of a flavour happens once; every scenario starts from a
//! snapshot of the device as it was after it. Everything is read from the screen, the disk and the console.

// A step that fails ends its scenario: the error says what was awaited and where the pictures are.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc)]

mod boot;
mod braille;
#[path = "../../../services/call/tests/common/browser.rs"]
#[allow(dead_code)]
mod browser;
#[path = "../../../services/call/tests/common/built.rs"]
mod built;
mod case;
#[path = "../../../services/call/tests/common/children.rs"]
#[allow(dead_code)]
mod children;
mod consultation;
mod crash;
mod device;
#[path = "../../../services/print/tests/common/documents.rs"]
#[allow(dead_code)]
mod documents;
#[path = "../../../services/scan/tests/common/escl.rs"]
#[allow(dead_code)]
mod escl;
mod gpu;
mod network;
mod packets;
mod paperwork;
mod power;
mod printer;
mod probe;
mod recovery;
mod residue;
mod screens;
mod sheet;
mod tamper;
#[path = "../../../services/call/tests/common/town.rs"]
#[allow(dead_code)]
mod town;
mod tree;
mod usb;
mod voice;
mod words;
