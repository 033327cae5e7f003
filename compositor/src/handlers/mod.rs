// SPDX-License-Identifier: EUPL-1.2
//! The Wayland protocols that clients may speak, a file each. What is not here is not offered.

mod buffer;
mod compositor;
mod cursor_shape;
mod fractional_scale;
mod layer_shell;
mod output;
mod presentation;
mod seat;
mod shm;
mod single_pixel_buffer;
mod subcompositor;
mod viewporter;
mod xdg_shell;
