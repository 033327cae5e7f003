// SPDX-License-Identifier: EUPL-1.2
//! Drawing into buffers that the card shows: by pixman in dumb buffers, which every card has, or by its GPU.

use std::fmt::Debug;

use smithay::{
    backend::{
        allocator::{
            Allocator, Fourcc, Modifier,
            dmabuf::{AsDmabuf, Dmabuf},
            dumb::DumbAllocator,
        },
        drm::{
            DrmDevice, DrmDeviceFd, Framebuffer, PlaneInfo, Planes,
            compositor::{
                DrmCompositor, FrameError, FrameFlags, PrimaryPlaneElement, RenderFrameError,
            },
            exporter::ExportFramebuffer,
        },
        renderer::{
            Bind, ImportAll, ImportDma, ImportMem, Renderer, Texture, pixman::PixmanRenderer,
        },
    },
    output::Output,
    reexports::drm::control::{Mode, connector, crtc},
};

use super::Drawing;
use crate::{
    backend::Drawn,
    handlers::dmabuf::Import,
    scene::{BLACK, PAPER, Scene},
    screens::{Placed, Role},
};

/// Whose fault it is that a frame is not seen.
#[derive(Debug)]
pub enum Failure {
    /// The scene cannot be drawn.
    Scene(String),
    /// The card does not take the frame.
    Card(String),
}

/// Something to draw on.
pub trait Canvas: Debug {
    /// Which kind it is, for the log.
    fn name(&self) -> &'static str;

    /// Draws what has changed and queues it to be shown on a screen.
    fn draw(&mut self, scene: &Scene, placed: &Placed) -> Result<Drawn, Failure>;

    /// What of a GPU's memory it can draw with.
    fn import(&self) -> Option<&Import>;

    /// Whether it can draw with a buffer.
    fn try_import(&mut self, dmabuf: &Dmabuf) -> Result<(), String>;

    /// The queued frame is seen; its predecessor's buffer is free again.
    fn flipped(&mut self) -> Result<(), String>;
}

/// Makes the best canvas there is for a screen.
pub fn new(
    drawing: Drawing,
    drm: &mut DrmDevice,
    crtc: crtc::Handle,
    mode: Mode,
    connector: connector::Handle,
    output: &Output,
) -> Result<Box<dyn Canvas>, String> {
    #[cfg(feature = "gles")]
    if super::gles::is_worth_it(drawing, drm) {
        match super::gles::new(drm, crtc, mode, connector, output) {
            Ok(canvas) => return Ok(canvas),
            Err(error) => tracing::warn!(error, "the GPU cannot be used, the processor draws"),
        }
    }
    #[cfg(not(feature = "gles"))]
    let _ = drawing;
    let renderer = PixmanRenderer::new().map_err(|error| error.to_string())?;
    let fd = drm.device_fd().clone();
    let formats = [Modifier::Linear, Modifier::Invalid];
    let surface = drm
        .create_surface(crtc, mode, &[connector])
        .map_err(|error| error.to_string())?;
    let planes = primary_only(surface.plane_info().clone());
    let compositor = DrmCompositor::with_format(
        output,
        surface,
        Some(planes),
        DumbAllocator::new(fd.clone()),
        fd,
        Fourcc::Xrgb8888,
        formats,
        drm.cursor_size(),
        None,
    )
    .map_err(|error| error.to_string())?;
    Ok(Box::new(Planed {
        name: "pixman",
        compositor,
        renderer,
        import: None,
    }))
}

/// Only the primary plane is used: one client, one surface, nothing to gain from overlays.
pub fn primary_only(primary: PlaneInfo) -> Planes {
    Planes {
        primary: vec![primary],
        cursor: Vec::new(),
        overlay: Vec::new(),
    }
}

/// A canvas of one renderer and one kind of buffers.
pub struct Planed<A, F, R>
where
    A: Allocator,
    F: ExportFramebuffer<A::Buffer>,
    F::Framebuffer: Debug + 'static,
{
    /// Which kind it is.
    pub name: &'static str,
    /// The swap chain and the way to the screen.
    pub compositor: DrmCompositor<A, F, (), DrmDeviceFd>,
    /// What draws.
    pub renderer: R,
    /// What clients' buffers in a GPU's memory it can draw with.
    pub import: Option<Import>,
}

impl<A, F, R> Debug for Planed<A, F, R>
where
    A: Allocator,
    F: ExportFramebuffer<A::Buffer>,
    F::Framebuffer: Debug + 'static,
{
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Planed").field(&self.name).finish()
    }
}

impl<A, F, R> Canvas for Planed<A, F, R>
where
    A: Allocator,
    A::Error: std::error::Error + Send + Sync + 'static,
    A::Buffer: AsDmabuf,
    <A::Buffer as AsDmabuf>::Error: std::error::Error + Send + Sync + Debug + 'static,
    F: ExportFramebuffer<A::Buffer>,
    F::Framebuffer: Framebuffer + Debug + 'static,
    F::Error: std::error::Error + Send + Sync + 'static,
    R: Renderer + ImportAll + ImportDma + ImportMem + Bind<Dmabuf>,
    R::TextureId: Texture + Clone + Send + 'static,
    R::Error: std::error::Error + Send + Sync + 'static,
{
    fn name(&self) -> &'static str {
        self.name
    }

    fn draw(&mut self, scene: &Scene, placed: &Placed) -> Result<Drawn, Failure> {
        // Nobody shows anything any more: what was drawn before may be somebody's. The buffers go, the one on the screen
        // with the next flip; a still screen would keep the others.
        if scene.surfaces.is_empty() {
            self.compositor.reset_buffers();
        }
        let (elements, background) = match placed.role {
            Role::Black => (Vec::new(), BLACK),
            Role::Main | Role::Mirror => (scene.elements(&mut self.renderer, placed.view), PAPER),
        };
        let frame = self
            .compositor
            .render_frame(
                &mut self.renderer,
                &elements,
                background,
                FrameFlags::empty(),
            )
            .map_err(|error| match error {
                RenderFrameError::PrepareFrame(error) => Failure::Card(error.to_string()),
                RenderFrameError::RenderFrame(error) => Failure::Scene(error.to_string()),
            })?;
        if frame.is_empty {
            return Ok(Drawn::Done);
        }
        if frame.needs_sync()
            && let PrimaryPlaneElement::Swapchain(element) = &frame.primary_element
            && let Err(error) = element.sync.wait()
        {
            tracing::warn!(%error, "wait for the GPU");
        }
        drop(frame);
        match self.compositor.queue_frame(()) {
            Ok(()) => Ok(Drawn::Queued),
            Err(FrameError::EmptyFrame) => Ok(Drawn::Done),
            Err(error) => Err(Failure::Card(error.to_string())),
        }
    }

    fn import(&self) -> Option<&Import> {
        self.import.as_ref()
    }

    fn try_import(&mut self, dmabuf: &Dmabuf) -> Result<(), String> {
        let imported = self.renderer.import_dmabuf(dmabuf, None);
        imported.map(drop).map_err(|error| error.to_string())
    }

    fn flipped(&mut self) -> Result<(), String> {
        self.compositor
            .frame_submitted()
            .map(drop)
            .map_err(|error| error.to_string())
    }
}
