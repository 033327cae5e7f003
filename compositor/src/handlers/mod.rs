// SPDX-License-Identifier: EUPL-1.2
//! The Wayland protocols that clients may speak, a file each. What is not here is not offered.

mod buffer;
mod compositor;
mod cursor_shape;
mod data_device;
pub mod dmabuf;
mod foreign_toplevel_list;
mod fractional_scale;
pub mod idle_notify;
mod input_method;
mod layer_shell;
mod output;
pub mod output_management;
mod presentation;
mod seat;
mod security_context;
pub mod session_lock;
pub mod shm;
mod single_pixel_buffer;
mod subcompositor;
pub mod text_input;
mod viewporter;
mod virtual_keyboard;
mod xdg_shell;
