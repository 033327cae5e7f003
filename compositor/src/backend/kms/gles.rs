// SPDX-License-Identifier: EUPL-1.2
//! Drawing by the card's GPU: OpenGL ES over EGL on GBM buffers.
//!
//! libEGL and Mesa's drivers are loaded only here, so a machine without a GPU never carries them in memory.

use smithay::{
    backend::{
        allocator::{
            Fourcc,
            gbm::{GbmAllocator, GbmBufferFlags, GbmDevice},
        },
        drm::{
            DrmDevice, DrmNode, NodeType, compositor::DrmCompositor,
            exporter::gbm::GbmFramebufferExporter,
        },
        egl::{EGLContext, EGLDevice, EGLDisplay},
        renderer::{ImportDma, gles::GlesRenderer},
    },
    output::Output,
    reexports::drm::{
        Device as _,
        control::{Mode, connector, crtc},
    },
};

use crate::handlers::dmabuf::Import;

use super::{
    Drawing,
    canvas::{Canvas, Planed, primary_only},
};

/// Drivers of cards that only show what the processor has drawn, or draw on another machine's behalf.
const NO_GPU: [&str; 14] = [
    "ast",
    "bochs-drm",
    "cirrus",
    "efidrm",
    "gud",
    "hyperv_drm",
    "mgag200",
    "ofdrm",
    "qxl",
    "simpledrm",
    "udl",
    "vboxvideo",
    "vesadrm",
    "virtio_gpu",
];

/// The library that smithay loads.
const EGL: &str = "libEGL.so.1";

/// Whether to try the GPU: when asked to, and by default where the driver is one of real hardware with a render node.
pub fn is_worth_it(drawing: Drawing, drm: &DrmDevice) -> bool {
    let driver = drm
        .get_driver()
        .map(|driver| driver.name().to_string_lossy().into_owned());
    let has_render_node = DrmNode::from_file(drm.device_fd())
        .ok()
        .and_then(|node| node.dev_path_with_type(NodeType::Render))
        .is_some_and(|path| path.exists());
    decide(drawing, driver.ok().as_deref(), has_render_node)
}

fn decide(drawing: Drawing, driver: Option<&str>, has_render_node: bool) -> bool {
    match drawing {
        Drawing::Pixman => false,
        Drawing::Gles => true,
        Drawing::Auto => has_render_node && driver.is_some_and(|driver| !NO_GPU.contains(&driver)),
    }
}

/// Makes the canvas.
pub fn new(
    drm: &mut DrmDevice,
    crtc: crtc::Handle,
    mode: Mode,
    connector: connector::Handle,
    output: &Output,
) -> Result<Box<dyn Canvas>, String> {
    check_library()?;
    let gbm =
        GbmDevice::new(drm.device_fd().clone()).map_err(|error| format!("open GBM: {error}"))?;
    let renderer = renderer(&gbm)?;
    // Clients make their buffers by the node that anybody may draw with, where there is one.
    let node = DrmNode::from_file(drm.device_fd()).ok().map(|node| {
        let render = node.node_with_type(NodeType::Render).and_then(Result::ok);
        render.unwrap_or(node)
    });
    let surface = drm
        .create_surface(crtc, mode, &[connector])
        .map_err(|error| format!("make the surface: {error}"))?;
    let planes = primary_only(surface.plane_info().clone());
    let allocator = GbmAllocator::new(
        gbm.clone(),
        GbmBufferFlags::RENDERING | GbmBufferFlags::SCANOUT,
    );
    let import = node.map(|node| Import {
        device: node.dev_id(),
        formats: renderer.dmabuf_formats().iter().copied().collect(),
    });
    let formats = renderer.egl_context().dmabuf_render_formats().clone();
    let compositor = DrmCompositor::new(
        output,
        surface,
        Some(planes),
        allocator,
        GbmFramebufferExporter::new(gbm.clone(), None),
        [Fourcc::Xrgb8888, Fourcc::Argb8888],
        formats,
        drm.cursor_size(),
        None,
    )
    .map_err(|error| format!("make the swap chain: {error}"))?;
    Ok(Box::new(Planed {
        name: "gles",
        compositor,
        import,
        renderer,
    }))
}

/// Makes sure that libEGL is there: smithay loads it too, but takes it for granted.
fn check_library() -> Result<(), String> {
    // SAFETY: libEGL's loading has no effect but to reserve memory and register its clean-up at exit; no symbol of it is
    // used here, and as it is never unloaded (its handle is kept by smithay or leaked below) no code of it can vanish.
    #[allow(unsafe_code)]
    let library =
        unsafe { libloading::Library::new(EGL) }.map_err(|error| format!("load {EGL}: {error}"))?;
    std::mem::forget(library);
    Ok(())
}

/// The renderer, unless it would be Mesa's software one: pixman is faster than that and far smaller.
fn renderer(gbm: &GbmDevice<smithay::backend::drm::DrmDeviceFd>) -> Result<GlesRenderer, String> {
    // SAFETY: a GBM device is a native display by EGL's GBM platform; the display keeps the device alive, and this is
    // the only display made of it.
    #[allow(unsafe_code)]
    let display =
        unsafe { EGLDisplay::new(gbm.clone()) }.map_err(|error| format!("open EGL: {error}"))?;
    let device = EGLDevice::device_for_display(&display)
        .map_err(|error| format!("ask EGL for its device: {error}"))?;
    if device.is_software() {
        return Err("EGL draws by software".to_owned());
    }
    let context =
        EGLContext::new(&display).map_err(|error| format!("make the EGL context: {error}"))?;
    // SAFETY: the context is new, is moved into the renderer and used by this thread alone.
    #[allow(unsafe_code)]
    unsafe { GlesRenderer::new(context) }.map_err(|error| format!("make the renderer: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_real_gpus_are_tried_by_default() {
        for (driver, tried) in [
            ("i915", true),
            ("amdgpu", true),
            ("virtio_gpu", false),
            ("simpledrm", false),
        ] {
            assert_eq!(decide(Drawing::Auto, Some(driver), true), tried, "{driver}");
        }
        assert!(
            !decide(Drawing::Auto, Some("i915"), false),
            "without a render node there is no GPU"
        );
        assert!(!decide(Drawing::Auto, None, true));
        assert!(!decide(Drawing::Pixman, Some("i915"), true));
        assert!(decide(Drawing::Gles, Some("virtio_gpu"), true));
    }
}
