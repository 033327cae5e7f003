// SPDX-License-Identifier: EUPL-1.2
//! Reading a client's buffer in shared memory, which the client may cut short at any time.
//!
//! smithay guards the access: a missing page reads as zeroes, ends the client, and is reported here as `None`.

use smithay::{
    reexports::wayland_server::protocol::wl_buffer::WlBuffer,
    wayland::shm::{BufferData, with_buffer_contents},
};

/// Bytes of a pixel in the two formats that every client has.
const PIXEL: usize = 4;

/// Where in its pool a buffer's rows begin and how long each is; `None` if they do not all lie in it.
fn rows(length: usize, data: BufferData) -> Option<(usize, usize, usize, usize)> {
    let [offset, stride, width, height] = [data.offset, data.stride, data.width, data.height]
        .map(|value| usize::try_from(value).ok());
    let (offset, stride, width, height) = (offset?, stride?, width?, height?);
    let row = width.checked_mul(PIXEL)?;
    let last = stride.checked_mul(height.checked_sub(1)?)?;
    let end = offset.checked_add(last)?.checked_add(row)?;
    (end <= length && row <= stride && row > 0).then_some((offset, stride, row, height))
}

/// Whether a buffer's beginning and end are there.
pub fn is_there(buffer: &WlBuffer) -> bool {
    let read = with_buffer_contents(buffer, |pool, length, data| {
        let (offset, stride, row, height) = rows(length, data)?;
        for at in [offset, offset + stride * (height - 1) + row - 1] {
            // SAFETY: `at` is below the length of the pool's mapping, which lives as long as this closure runs. The client
            // may write at the same time, so the byte is read as volatile and its value is not used.
            #[allow(unsafe_code)]
            let _ = unsafe { pool.add(at).read_volatile() };
        }
        Some(())
    });
    read.ok().flatten().is_some()
}

/// A copy of all pixels, row after row.
pub fn copy(buffer: &WlBuffer) -> Option<Vec<u8>> {
    let copied = with_buffer_contents(buffer, |pool, length, data| {
        let (offset, stride, row, height) = rows(length, data)?;
        let mut pixels = vec![0; row * height];
        for (y, line) in pixels.chunks_exact_mut(row).enumerate() {
            // SAFETY: the row lies within the pool's mapping (`rows`), which lives as long as this closure runs, and does not
            // overlap with our own memory. No reference to the pool is made; a client that writes meanwhile spoils only the
            // values.
            #[allow(unsafe_code)]
            unsafe {
                std::ptr::copy_nonoverlapping(
                    pool.add(offset + stride * y),
                    line.as_mut_ptr(),
                    row,
                );
            }
        }
        Some(pixels)
    });
    copied.ok().flatten()
}
