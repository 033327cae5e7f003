// SPDX-License-Identifier: EUPL-1.2
/**
 * Papers: documents that go between desk and terminal over a data channel, and what is done with them. Pure. How they go is told in
 * `services/call/src/papers/mod.rs`; both sides read `vectors.json` there.
 */

/** The most bytes of a document. */
export const BYTES = 16 * 1024 * 1024;
/** The most bytes of all documents of one side. */
export const ALL_BYTES = 64 * 1024 * 1024;
/** The most documents of one side at the same time. */
export const DOCUMENTS = 32;
/** The most documents of one side in a call. */
export const NUMBERS = 1000;
/** The most bytes of a name. */
export const NAME = 120;
/** The most bytes of a chunk. */
export const CHUNK = 16 * 1024;
/** So many bytes may be under way: more would hold up sound and picture on a poor line. */
export const WINDOW = 64 * 1024;
/** The most pages of a document. */
export const PAGES = 2000;
/** The most copies that are asked for. */
export const COPIES = 5;
/** The most bytes of a frame. */
export const FRAME = CHUNK + 9;
/** The version of all this. Another one is not understood. */
export const VERSION = 1;
