// SPDX-License-Identifier: EUPL-1.2
//! Requests that are well formed but make no sense, in any order and with any numbers.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Client, Kiosk};
use proptest::prelude::*;
use wayland_client::{
    Proxy,
    protocol::{
        wl_buffer::WlBuffer, wl_compositor::WlCompositor, wl_output::Transform, wl_shm::Format,
        wl_subcompositor::WlSubcompositor, wl_subsurface::WlSubsurface, wl_surface::WlSurface,
    },
};
use wayland_protocols::{
    wp::{
        presentation_time::client::wp_presentation::WpPresentation,
        viewporter::client::{wp_viewport::WpViewport, wp_viewporter::WpViewporter},
    },
    xdg::shell::client::{
        xdg_popup::XdgPopup,
        xdg_positioner::{Anchor, ConstraintAdjustment, Gravity, XdgPositioner},
        xdg_surface::XdgSurface,
        xdg_toplevel::XdgToplevel,
        xdg_wm_base::XdgWmBase,
    },
};

/// One request: what, on the how many-th object, with which numbers.
type Request = (u8, usize, usize, [i32; 4]);

/// Numbers of all sorts. smithay's debug assertions are about sizes and sums, which a release build lets wrap: where they
/// are on, the numbers are ordinary and only their order is wild.
fn number() -> BoxedStrategy<i32> {
    let ordinary = prop_oneof![4 => 0..64i32, 1 => 1..2000i32];
    if cfg!(debug_assertions) {
        return ordinary.boxed();
    }
    let extreme = prop_oneof![Just(i32::MAX), Just(i32::MIN), -64..0i32, any::<i32>()];
    prop_oneof![5 => ordinary, 4 => extreme].boxed()
}

fn request() -> impl Strategy<Value = Request> {
    (
        0..REQUESTS,
        0..4usize,
        0..4usize,
        [number(), number(), number(), number()],
    )
}

const REQUESTS: u8 = 30;

#[derive(Default)]
struct Objects {
    surfaces: Vec<WlSurface>,
    xdg_surfaces: Vec<XdgSurface>,
    toplevels: Vec<XdgToplevel>,
    popups: Vec<XdgPopup>,
    positioners: Vec<XdgPositioner>,
    subsurfaces: Vec<WlSubsurface>,
    viewports: Vec<WpViewport>,
    buffers: Vec<WlBuffer>,
}

/// An object by number, if it is still one.
fn pick<T: Proxy>(all: &[T], number: usize) -> Option<&T> {
    all.get(number).filter(|object| object.is_alive())
}

impl Objects {
    #[allow(clippy::too_many_lines)]
    fn send(&mut self, client: &mut Client, (what, one, two, [a, b, c, d]): Request) -> Option<()> {
        let handle = client.handle();
        let surface = || pick(&self.surfaces, one);
        match what {
            0 => self
                .surfaces
                .push(client.bind::<WlCompositor>().create_surface(&handle, ())),
            1 => self
                .xdg_surfaces
                .push(
                    client
                        .bind::<XdgWmBase>()
                        .get_xdg_surface(surface()?, &handle, ()),
                ),
            2 => self
                .toplevels
                .push(pick(&self.xdg_surfaces, one)?.get_toplevel(&handle, ())),
            3 => self
                .positioners
                .push(client.bind::<XdgWmBase>().create_positioner(&handle, ())),
            4 => {
                let positioner = pick(&self.positioners, one)?;
                positioner.set_size(a, b);
                positioner.set_anchor_rect(c, d, a, b);
            }
            5 => {
                let positioner = pick(&self.positioners, one)?;
                positioner.set_offset(a, b);
                positioner.set_anchor(Anchor::try_from(c.unsigned_abs() % 9).ok()?);
                positioner.set_gravity(Gravity::try_from(d.unsigned_abs() % 9).ok()?);
                positioner.set_constraint_adjustment(ConstraintAdjustment::from_bits_truncate(
                    a.cast_unsigned(),
                ));
            }
            6 => {
                let parent = pick(&self.xdg_surfaces, two);
                let positioner = pick(&self.positioners, two)?;
                self.popups.push(pick(&self.xdg_surfaces, one)?.get_popup(
                    parent,
                    positioner,
                    &handle,
                    (),
                ));
            }
            7 => pick(&self.popups, one)?
                .reposition(pick(&self.positioners, two)?, a.cast_unsigned()),
            8..=11 => surface()?.commit(),
            12 => surface()?.attach(pick(&self.buffers, two), 0, 0),
            13 => surface()?.attach(None, a, b),
            14 => surface()?.damage(a, b, c, d),
            15 => surface()?.damage_buffer(a, b, c, d),
            16 => surface()?.set_buffer_scale(a),
            17 => surface()?.set_buffer_transform(Transform::try_from(a.unsigned_abs() % 8).ok()?),
            18 => {
                let region = client.bind::<WlCompositor>().create_region(&handle, ());
                region.add(a, b, c, d);
                region.subtract(b, c, d, a);
                surface()?.set_opaque_region(Some(&region));
                surface()?.set_input_region(Some(&region));
            }
            19 => {
                let subcompositor: WlSubcompositor = client.bind();
                self.subsurfaces.push(subcompositor.get_subsurface(
                    surface()?,
                    pick(&self.surfaces, two)?,
                    &handle,
                    (),
                ));
            }
            20 => {
                let subsurface = pick(&self.subsurfaces, one)?;
                subsurface.set_position(a, b);
                if c % 2 == 0 {
                    subsurface.set_desync();
                } else {
                    subsurface.place_above(pick(&self.surfaces, two)?);
                }
            }
            21 => self
                .viewports
                .push(
                    client
                        .bind::<WpViewporter>()
                        .get_viewport(surface()?, &handle, ()),
                ),
            22 => pick(&self.viewports, one)?.set_source(
                f64::from(a) / 256.0,
                f64::from(b),
                f64::from(c),
                f64::from(d) / 7.0,
            ),
            23 => pick(&self.viewports, one)?.set_destination(a, b),
            24 => pick(&self.xdg_surfaces, one)?.set_window_geometry(a, b, c, d),
            25 => pick(&self.xdg_surfaces, one)?
                .ack_configure(client.seen.configured.unwrap_or(a.cast_unsigned())),
            26 => {
                let toplevel = pick(&self.toplevels, one)?;
                toplevel.set_min_size(a, b);
                toplevel.set_max_size(c, d);
                toplevel.set_parent(pick(&self.toplevels, two));
            }
            27 => {
                surface()?.frame(&handle, ());
                client
                    .bind::<WpPresentation>()
                    .feedback(surface()?, &handle, ());
            }
            28 => {
                let (width, height) = (a.rem_euclid(64) + 1, b.rem_euclid(64) + 1);
                let pool = client.pool(&vec![c as u8; (width * height * 4) as usize]);
                let format = if d % 2 == 0 {
                    Format::Argb8888
                } else {
                    Format::Xrgb8888
                };
                self.buffers.push(pool.create_buffer(
                    0,
                    width,
                    height,
                    width * 4,
                    format,
                    &handle,
                    (),
                ));
            }
            _ => match a.rem_euclid(6) {
                0 => surface()?.destroy(),
                1 => pick(&self.xdg_surfaces, one)?.destroy(),
                2 => pick(&self.toplevels, one)?.destroy(),
                3 => pick(&self.popups, one)?.destroy(),
                4 => pick(&self.buffers, one)?.destroy(),
                _ => pick(&self.subsurfaces, one)?.destroy(),
            },
        }
        Some(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Proves T12: no order of requests and no number in them brings the screen down.
    #[test]
    fn any_requests_are_survived(requests in prop::collection::vec(request(), 0..120)) {
        let mut kiosk = Kiosk::new();
        let mut client = kiosk.client();
        kiosk.until(&mut client, "globals", Client::globals_are_known);
        let mut objects = Objects::default();
        // Something to begin with, or most requests would have no object.
        for what in [0, 0, 0, 0, 1, 1, 2, 3, 3, 28, 28] {
            let one = objects.xdg_surfaces.len() * usize::from(what == 1);
            objects.send(&mut client, (what, one, 0, [40, 30, 200, 1]));
        }
        for request in requests {
            objects.send(&mut client, request);
            if request.0 == 9 && !client.seen.disconnected {
                kiosk.step(Some(&mut client));
            }
            if client.seen.disconnected {
                break;
            }
        }
        for _ in 0..3 {
            kiosk.step(Some(&mut client));
        }
        kiosk.touch(100.0, 100.0);
        kiosk.step(None);
        drop(client);
        let mut next = kiosk.client();
        kiosk.until(&mut next, "globals", Client::globals_are_known);
    }
}
