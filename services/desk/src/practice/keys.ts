// SPDX-License-Identifier: EUPL-1.2
/** Keys of the page that plays a terminal: those of the desk, for the same things. Pure. */

import { CALL } from "../keys.ts";
import type { Event, Tab } from "./state.ts";

/** The keys. */
export const KEYS = {
  call: CALL.take,
  listen: CALL.mute,
  pause: CALL.pause,
  write: CALL.write,
  hangUp: CALL.end,
} as const;

/** What a key does; `write` is no event but a place to go to. */
export function deed(tab: Tab, key: string): Event | "write" | null {
  if (tab.at !== "here") {
    return null;
  }
  switch (tab.phase.at) {
    case "ready":
      return key === KEYS.call && tab.reachable ? { is: "call" } : null;
    case "calling":
      return key === KEYS.hangUp ? { is: "hang-up" } : null;
    case "talking":
      switch (key) {
        case KEYS.hangUp:
          return { is: "hang-up" };
        case KEYS.pause:
          return { is: "pause" };
        case KEYS.listen:
          return { is: "listen" };
        case KEYS.write:
          return tab.phase.writes ? "write" : null;
        default:
          return null;
      }
  }
}
