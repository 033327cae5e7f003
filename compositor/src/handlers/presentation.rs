// SPDX-License-Identifier: EUPL-1.2
//! `wp_presentation`: tells the client when its frame was seen.

use smithay::delegate_presentation;

use crate::state::Kiosk;

delegate_presentation!(Kiosk);
