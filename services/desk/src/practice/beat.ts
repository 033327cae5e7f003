// SPDX-License-Identifier: EUPL-1.2
/** A beat from beside the page: a page in the background, as this one is while the clerk works at the desk, has its own timers slowed down. */

/** Milliseconds between two beats: the pictures of a call. */
const BEAT = 50;

setInterval(() => postMessage(null), BEAT);
