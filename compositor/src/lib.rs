// SPDX-License-Identifier: EUPL-1.2
//! The screen of a kiosk: a Wayland compositor with one output, one shell, one application at a time, and nothing else.
//!
//! ```text
//!   /dev/input/* --- backend::libinput --+                              +-- backend::kms ------ /dev/dri/card*
//!    (grabbed)                           |      +-------+               |    (pixman or GPU)
//!                      policy (keys) ----+----> | Kiosk | -- frame --> -+
//!                                               +-------+    scene      |
//!   sockets of the service manager              ^                       +-- backend::headless   memory (tests)
//!     shell, applications --- client (admission) +
//!                    handlers (a file a protocol)
//! ```
//!
//! # What a citizen can do to it
//!
//! Touch, move a pointer, type text: [`policy`] says which keys there are, all others do not exist. Every input device is
//! opened by the compositor itself and grabbed (`EVIOCGRAB`), so the kernel's own keyboard handlers hear nothing: no virtual
//! terminals, no magic `SysRq`, no Ctrl-Alt-Delete. A device that cannot be grabbed is not used, nor is one that the site has
//! not allowed.
//!
//! # What a program can do to it
//!
//! Nothing, unless it comes by a socket that the service manager listens on. By one ([`SOCKET_NAME`]) comes the shell: while
//! it lives every further connection is closed, when it is gone the next takes its place. Its window fills the screen, and it
//! alone may use what acts on others: layer surfaces, the lock, the keyboard on the screen, idleness, the list of windows,
//! the screens.
//! By the other ([`APPLICATIONS`]), or by one that the shell makes, come applications: one is shown at a time, inside the frame
//! that the shell's layer surfaces leave free. It draws and hears nothing outside; its dialogs are in the middle of the frame;
//! what it copies no other is offered; if it does not answer it is disconnected. Nobody can read the screen or other input,
//! because no such protocol is offered. Whatever a client sends, at worst it loses its connection.
//!
//! # When it draws
//!
//! When something has changed, once, and only the changed part; never before the last frame is seen. A still screen causes no
//! wake-up at all. Without a client the screen is paper white.
//!
//! # Where it draws
//!
//! On the first graphics card with a connected screen; both may come late, go, and come back. Dumb buffers and pixman work
//! everywhere. Where the driver is one of a real GPU, OpenGL ES is tried first, and libEGL and Mesa are loaded only
//! then; while it draws, clients may paint in the GPU's memory (linux-dmabuf).
//!
//! # Modules
//!
//! | module | what it is |
//! |---|---|
//! | `server` | [`Compositor`]: the event loop, one turn of it |
//! | `wait` | what ends the wait of a turn |
//! | `state` | `Kiosk`: what every handler works on |
//! | `client` | who may connect |
//! | `handlers` | the protocols, a file each |
//! | `windows`, `popups`, `layers` | what is shown where |
//! | `layout` | the frame that layer surfaces leave free (pure) |
//! | `focus` | who has the keyboard, what is under a point |
//! | `pings` | whether an application still answers |
//! | `rules` | what differs between a kiosk and a test |
//! | `scene`, `pointer` | what is to be seen |
//! | `screens` | which screen is the citizen's, and how the scene lies on each (pure) |
//! | `heads` | what the shell may ask of screens (pure) |
//! | `frame` | from a change to "it is seen" |
//! | `input` | from a device's event to the client |
//! | [`policy`], `fingers` | which keys and touches pass (pure) |
//! | [`backend`] | card, memory, libinput |
//! | `settings`, `news` | what the site says of screens and devices, and what newer ones say |
//! | `activation` | the passed or the development socket |
//!
//! # Tests
//!
//! A test holds a [`Compositor`] with [`Screen::Memory`], [offers](Compositor::offer) it one end of a socket pair, lets both
//! sides take [turns](Compositor::turn), [injects](Compositor::inject) input and reads the [picture](Compositor::snapshot).

mod activation;
pub mod backend;
mod client;
mod error;
mod fingers;
mod focus;
mod frame;
mod handlers;
mod heads;
mod input;
mod layers;
mod layout;
mod news;
mod pings;
mod pointer;
pub mod policy;
mod popups;
mod rules;
mod scene;
mod screens;
mod server;
mod settings;
mod state;
mod wait;
mod windows;

pub use activation::{APPLICATIONS, SOCKET_NAME, development_socket, passed_sockets};
pub use backend::{headless::Snapshot, kms::Drawing};
pub use client::Rank;
pub use error::Error;
pub use input::{Input, Share};
pub use rules::{Placement, Rules};
pub use scene::PAPER;
pub use screens::{Second, Wishes};
pub use server::{Compositor, Screen, Waker};
pub use settings::Settings;
pub use smithay::reexports::wayland_server::Client;
