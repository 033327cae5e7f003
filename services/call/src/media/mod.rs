// SPDX-License-Identifier: EUPL-1.2
//! Media: sound, picture and text between two peers, encrypted end to end (DTLS-SRTP).

mod board;
mod camera;
mod control;
mod echo;
pub mod ends;
mod feed;
mod make;
mod own;
mod patience;
pub mod peer;
mod receive;
mod send;

pub use camera::Camera;
pub use ends::{Ends, Frame, Microphone, Picture, Samples, Speaker};
pub use make::{MediaError, start};
pub use peer::{Event, Peer};
