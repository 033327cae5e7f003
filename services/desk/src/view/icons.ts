// SPDX-License-Identifier: EUPL-1.2
/** Icons: only ever beside words. */

import { html, type TemplateResult } from "lit-html";

const PATHS = {
  phone: "M5 4h4l2 5-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4a1 1 0 0 1-1 1A15 15 0 0 1 4 5a1 1 0 0 1 1-1z",
  sound: "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM5 11a7 7 0 0 0 14 0M12 18v3",
  soundOff: "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM5 11a7 7 0 0 0 14 0M12 18v3M4 3l16 18",
  hear: "M4 9h4l5-4v14l-5-4H4zM16 9a4 4 0 0 1 0 6M18.5 6.5a8 8 0 0 1 0 11",
  picture: "M3 7a1 1 0 0 1 1-1h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1zM15 11l6-4v10l-6-4",
  pictureOff: "M3 7a1 1 0 0 1 1-1h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1zM15 11l6-4v10l-6-4M3 3l18 18",
  pause: "M8 5v14M16 5v14",
  go: "M7 4l12 8-12 8z",
  hand: "M4 12h15M13 6l6 6-6 6",
  end: "M3 14c0-6 18-6 18 0v2l-5-1v-3a14 14 0 0 0-8 0v3l-5 1z",
  check: "M4 12l6 6L20 6",
  later: "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM12 7v5l4 2",
  not: "M6 6l12 12M18 6L6 18",
  cup: "M5 8h11v6a5 5 0 0 1-5 5h-1a5 5 0 0 1-5-5zM16 9h2a2 2 0 0 1 0 5h-2M8 3v2M12 3v2",
  paper: "M6 3h8l5 5v13H6zM14 3v5h5M9 13h7M9 17h7",
  print: "M7 8V3h10v5M7 17H4V8h16v9h-3M7 14h10v7H7z",
  scan: "M5 10L19 5M4 12h16v7H4zM7 16h6",
  screen: "M3 5h18v11H3zM9 20h6M12 16v4M12 13V8M9.5 10.5L12 8l2.5 2.5",
  save: "M12 3v12M6 10l6 6 6-6M4 20h16",
  back: "M15 5l-7 7 7 7",
  next: "M9 5l7 7-7 7",
  work: "M4 8h16v11H4zM9 8V5h6v3M4 13h16",
  person: "M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4 21c0-5 3-7 8-7s8 2 8 7",
  warning: "M12 4l9 16H3zM12 10v4M12 17v.5",
} as const;

/** The name of an icon. */
export type Icon = keyof typeof PATHS;

/** An icon; nothing for who listens: the words beside it say the same. */
export function icon(name: Icon): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d=${PATHS[name]} /></svg>`;
}
