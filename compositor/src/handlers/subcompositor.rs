// SPDX-License-Identifier: EUPL-1.2
//! `wl_subcompositor`: surfaces as parts of others.
//!
//! smithay checks most of it. Two things are done here before it hears of them: a part that is to be placed above or below
//! itself, which it does not expect; and the place of a part, which belongs to the state of its parent and takes effect with
//! that, while smithay applies it with the part's own.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use smithay::{
    reexports::wayland_server::{
        Client, DataInit, Dispatch, DisplayHandle, Resource,
        backend::{ClientId, ObjectId},
        delegate_dispatch, delegate_global_dispatch,
        protocol::{
            wl_subcompositor::WlSubcompositor,
            wl_subsurface::{self, WlSubsurface},
            wl_surface::WlSurface,
        },
    },
    utils::{Logical, Point},
    wayland::compositor::{
        Cacheable, CompositorState, SubsurfaceCachedState, SubsurfaceUserData, SurfaceData,
        get_children, with_states,
    },
};

use crate::state::Kiosk;

/// Where a part is.
#[derive(Debug, Default)]
struct Place {
    /// What it has asked for since its parent's last commit.
    wish: Option<Point<i32, Logical>>,
    /// What is in effect.
    now: Point<i32, Logical>,
}

/// Works on a part's place; `None` for a surface that has never asked for one.
fn with_place<T>(states: &SurfaceData, work: impl FnOnce(&mut Place) -> T) -> Option<T> {
    let place = states.data_map.get::<Mutex<Place>>()?;
    Some(work(
        &mut place.lock().unwrap_or_else(PoisonError::into_inner),
    ))
}

/// New places of a surface's parts: a piece of that surface's double-buffered state.
#[derive(Debug, Default)]
struct Places(HashMap<ObjectId, Point<i32, Logical>>);

impl Cacheable for Places {
    fn commit(&mut self, _display: &DisplayHandle) -> Self {
        std::mem::take(self)
    }

    fn merge_into(self, into: &mut Self, _display: &DisplayHandle) {
        into.0.extend(self.0);
    }
}

/// A surface is about to commit: the places that its parts have asked for become part of its state.
pub fn commit_places(parent: &WlSurface) {
    for part in get_children(parent) {
        let wish = with_states(&part, |states| {
            with_place(states, |place| place.wish.take())
        });
        if let Some(place) = wish.flatten() {
            with_states(parent, |states| {
                let mut places = states.cached_state.get::<Places>();
                places.pending().0.insert(part.id(), place);
            });
        }
    }
}

/// A surface's state is in effect: its parts are where it says, and it is itself where its parent has said, whatever order
/// smithay has brought the two into.
pub fn apply_places(parent: &WlSurface) {
    let places = with_states(parent, |states| {
        settle(states);
        std::mem::take(&mut states.cached_state.get::<Places>().current().0)
    });
    if places.is_empty() {
        return;
    }
    for part in get_children(parent) {
        if let Some(now) = places.get(&part.id()) {
            with_states(&part, |states| {
                with_place(states, |place| place.now = *now);
                settle(states);
            });
        }
    }
}

/// Tells smithay where a part is.
fn settle(states: &SurfaceData) {
    if let Some(now) = with_place(states, |place| place.now) {
        let mut state = states.cached_state.get::<SubsurfaceCachedState>();
        state.pending().location = now;
        state.current().location = now;
    }
}

impl Dispatch<WlSubsurface, SubsurfaceUserData> for Kiosk {
    fn request(
        state: &mut Self,
        client: &Client,
        subsurface: &WlSubsurface,
        request: wl_subsurface::Request,
        data: &SubsurfaceUserData,
        display: &DisplayHandle,
        init: &mut DataInit<'_, Self>,
    ) {
        match &request {
            wl_subsurface::Request::PlaceAbove { sibling }
            | wl_subsurface::Request::PlaceBelow { sibling }
                if sibling == data.surface() =>
            {
                subsurface.post_error(
                    wl_subsurface::Error::BadSurface,
                    "a surface is not its own sibling",
                );
            }
            wl_subsurface::Request::SetPosition { x, y } => {
                with_states(data.surface(), |states| {
                    states
                        .data_map
                        .insert_if_missing_threadsafe(Mutex::<Place>::default);
                    with_place(states, |place| place.wish = Some((*x, *y).into()));
                });
            }
            _ => <CompositorState as Dispatch<WlSubsurface, SubsurfaceUserData, Self>>::request(
                state, client, subsurface, request, data, display, init,
            ),
        }
    }

    fn destroyed(
        state: &mut Self,
        client: ClientId,
        subsurface: &WlSubsurface,
        data: &SubsurfaceUserData,
    ) {
        with_states(data.surface(), |states| {
            with_place(states, |place| *place = Place::default())
        });
        <CompositorState as Dispatch<WlSubsurface, SubsurfaceUserData, Self>>::destroyed(
            state, client, subsurface, data,
        );
    }
}

delegate_global_dispatch!(Kiosk: [WlSubcompositor: ()] => CompositorState);
delegate_dispatch!(Kiosk: [WlSubcompositor: ()] => CompositorState);
