// SPDX-License-Identifier: EUPL-1.2
//! What is on the screen: the shown window's surfaces, its popups, and a pointer, over paper white.

use smithay::{
    backend::renderer::{
        Color32F, ImportAll, ImportMem, Renderer, Texture,
        element::{
            Kind,
            memory::{MemoryRenderBuffer, MemoryRenderBufferRenderElement},
            surface::{WaylandSurfaceRenderElement, render_elements_from_surface_tree},
        },
    },
    reexports::wayland_server::protocol::wl_surface::WlSurface,
    render_elements,
    utils::{Physical, Point},
};

/// The shell's paper white, `#faf7f0`: what is seen while there is no client.
pub const PAPER: Color32F = Color32F::new(250.0 / 255.0, 247.0 / 255.0, 240.0 / 255.0, 1.0);

render_elements! {
    /// One thing to draw.
    pub SceneElement<R> where R: ImportAll + ImportMem;
    /// A client's surface.
    Surface = WaylandSurfaceRenderElement<R>,
    /// The pointer.
    Pointer = MemoryRenderBufferRenderElement<R>,
}

/// Everything to draw in one frame, front to back.
#[derive(Debug, Default)]
pub struct Scene {
    /// The pointer's picture and where its tip is.
    pub pointer: Option<(MemoryRenderBuffer, Point<f64, Physical>)>,
    /// Surface trees with the place of their top left corner.
    pub surfaces: Vec<(WlSurface, Point<i32, Physical>)>,
}

impl Scene {
    /// Turns the scene into what a renderer of one kind can draw.
    pub fn elements<R>(&self, renderer: &mut R) -> Vec<SceneElement<R>>
    where
        R: Renderer + ImportAll + ImportMem,
        R::TextureId: Texture + Clone + Send + 'static,
    {
        let mut elements = Vec::new();
        if let Some((picture, tip)) = &self.pointer {
            match MemoryRenderBufferRenderElement::from_buffer(
                renderer,
                *tip,
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
        for (surface, place) in &self.surfaces {
            elements.extend(
                render_elements_from_surface_tree::<R, WaylandSurfaceRenderElement<R>>(
                    renderer,
                    surface,
                    *place,
                    1.0,
                    1.0,
                    Kind::Unspecified,
                )
                .into_iter()
                .map(SceneElement::Surface),
            );
        }
        elements
    }
}
