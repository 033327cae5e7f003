// SPDX-License-Identifier: EUPL-1.2
//! Making and linking elements of GStreamer.

use gstreamer as gst;
use gstreamer::prelude::*;
use thiserror::Error;

/// Why media cannot be had.
#[derive(Debug, Error)]
pub enum MediaError {
    /// GStreamer itself.
    #[error("cannot start GStreamer")]
    Start(#[source] gst::glib::Error),
    /// A part that the image has to have.
    #[error("cannot make the element `{element}`")]
    Missing {
        /// Its name.
        element: &'static str,
        /// What GStreamer says.
        #[source]
        source: gst::glib::BoolError,
    },
    /// Parts that do not fit together.
    #[error("cannot link the elements of the {chain}")]
    Link {
        /// Which.
        chain: &'static str,
        /// What GStreamer says.
        #[source]
        source: gst::glib::BoolError,
    },
    /// A camera, a microphone or a sink that does not run.
    #[error("cannot run the media")]
    Run(#[source] gst::StateChangeError),
    /// A camera that is not there.
    #[error("there is no camera")]
    Away,
    /// A relay that is none.
    #[error("cannot use the relay `{0}`")]
    Relay(String),
    /// A description that GStreamer does not take.
    #[error("cannot take in a description")]
    Description,
}

/// Starts GStreamer, and makes our parts known to it. Again is no harm.
pub fn start() -> Result<(), MediaError> {
    gst::init().map_err(MediaError::Start)?;
    gstrsrtp::plugin_register_static().map_err(|source| MediaError::Missing {
        element: "rtpgccbwe",
        source,
    })
}

/// An element.
pub fn element(name: &'static str) -> Result<gst::Element, MediaError> {
    with(name, |builder| builder)
}

/// An element with properties.
pub fn with(
    name: &'static str,
    set: impl FnOnce(
        gst::element_factory::ElementBuilder<'_>,
    ) -> gst::element_factory::ElementBuilder<'_>,
) -> Result<gst::Element, MediaError> {
    set(gst::ElementFactory::make(name))
        .build()
        .map_err(|source| MediaError::Missing {
            element: name,
            source,
        })
}

/// An element that lets through what `caps` say.
pub fn filter(caps: gst::Caps) -> Result<gst::Element, MediaError> {
    with("capsfilter", |filter| filter.property("caps", caps))
}

/// Puts `elements` into `bin` and links them in a row.
pub fn chain<'a>(
    bin: &gst::Bin,
    name: &'static str,
    elements: impl IntoIterator<Item = &'a gst::Element>,
) -> Result<(), MediaError> {
    let wrong = |source| MediaError::Link {
        chain: name,
        source,
    };
    let elements: Vec<&gst::Element> = elements.into_iter().collect();
    for element in &elements {
        bin.add(*element).map_err(wrong)?;
    }
    gst::Element::link_many(elements).map_err(wrong)
}
