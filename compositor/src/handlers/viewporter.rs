// SPDX-License-Identifier: EUPL-1.2
//! `wp_viewporter`: cropping and scaling of surfaces.

use smithay::delegate_viewporter;

use crate::state::Kiosk;

delegate_viewporter!(Kiosk);
