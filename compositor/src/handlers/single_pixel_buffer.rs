// SPDX-License-Identifier: EUPL-1.2
//! `wp_single_pixel_buffer`: areas of one colour without memory.

use smithay::delegate_single_pixel_buffer;

use crate::state::Kiosk;

delegate_single_pixel_buffer!(Kiosk);
