// SPDX-License-Identifier: EUPL-1.2
//! What is on the screen: layer surfaces, windows, their popups, and a pointer, over paper white.

use smithay::{
    backend::renderer::{
        Color32F, ImportAll, ImportMem, Renderer, Texture,
        element::{
            Kind,
            memory::{MemoryRenderBuffer, MemoryRenderBufferRenderElement},
            surface::{WaylandSurfaceRenderElement, render_elements_from_surface_tree},
            utils::CropRenderElement,
        },
    },
    reexports::wayland_server::protocol::wl_surface::WlSurface,
    render_elements,
    utils::{Logical, Point, Rectangle},
};

use crate::screens::View;

/// The shell's paper white, `#faf7f0`: what is seen while there is no client.
pub const PAPER: Color32F = Color32F::new(250.0 / 255.0, 247.0 / 255.0, 240.0 / 255.0, 1.0);

/// What a screen beside the citizen's shows.
pub const BLACK: Color32F = Color32F::BLACK;

render_elements! {
    /// One thing to draw.
    pub SceneElement<R> where R: ImportAll + ImportMem;
    /// A client's surface.
    Surface = WaylandSurfaceRenderElement<R>,
    /// What lies within limits of a client's surface.
    Limited = CropRenderElement<WaylandSurfaceRenderElement<R>>,
    /// The pointer.
    Pointer = MemoryRenderBufferRenderElement<R>,
}

/// A surface tree on the screen.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Its root.
    pub surface: WlSurface,
    /// The place of its top left corner.
    pub place: Point<i32, Logical>,
    /// The window or layer surface that it belongs to.
    pub root: WlSurface,
    /// What of the screen it may cover; `None` for all of it.
    pub limits: Option<Rectangle<i32, Logical>>,
}

/// Everything to draw in one frame, front to back.
#[derive(Debug, Default)]
pub struct Scene {
    /// The pointer's picture and where its tip is.
    pub pointer: Option<(MemoryRenderBuffer, Point<f64, Logical>)>,
    /// What the clients show.
    pub surfaces: Vec<Shown>,
}

impl Scene {
    /// The surface tree that begins at the screen's corner and may cover all of it, if there is nothing else to see.
    pub fn only_surface(&self) -> Option<&WlSurface> {
        match self.surfaces.as_slice() {
            [only]
                if self.pointer.is_none()
                    && only.place == (0, 0).into()
                    && only.limits.is_none() =>
            {
                Some(&only.surface)
            }
            _ => None,
        }
    }

    /// Whether there is nothing to see but paper.
    pub fn is_empty(&self) -> bool {
        self.pointer.is_none() && self.surfaces.is_empty()
    }

    /// Turns the scene into what a renderer of one kind can draw on a screen.
    pub fn elements<R>(&self, renderer: &mut R, view: View) -> Vec<SceneElement<R>>
    where
        R: Renderer + ImportAll + ImportMem,
        R::TextureId: Texture + Clone + Send + 'static,
    {
        let mut elements = Vec::new();
        if let Some((picture, tip)) = &self.pointer {
            match MemoryRenderBufferRenderElement::from_buffer(
                renderer,
                tip.to_physical(view.scale) + view.offset.to_f64(),
                picture,
                None,
                None,
                None,
                Kind::Cursor,
            ) {
                Ok(pointer) => elements.push(SceneElement::Pointer(pointer)),
                Err(error) => tracing::warn!(%error, "the pointer cannot be drawn"),
            }
        }
        for part in &self.surfaces {
            let tree = render_elements_from_surface_tree::<R, WaylandSurfaceRenderElement<R>>(
                renderer,
                &part.surface,
                view.point(part.place),
                view.scale,
                1.0,
                Kind::Unspecified,
            );
            elements.extend(tree.into_iter().filter_map(|element| {
                match part.limits {
                    None => Some(SceneElement::Surface(element)),
                    Some(limits) => {
                        CropRenderElement::from_element(element, view.scale, view.area(limits))
                            .map(SceneElement::Limited)
                    }
                }
            }));
        }
        elements
    }
}
