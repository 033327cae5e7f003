// SPDX-License-Identifier: EUPL-1.2
/**
 * Keys of the page. Function keys: they work while one writes, and no single letter does something by accident (WCAG 2.1.4).
 * The same finger does the same thing on every screen. Pure.
 */

import type { Deed } from "./desk/event.ts";
import type { Desk, Outcome, Presence, Talking } from "./desk/state.ts";

/** Keys of what a desk is. */
export const PRESENCE: Record<Presence, string> = { free: "F4", busy: "F7", break: "F8" };
/** Keys of practice: those that write and end in a call. */
export const PRACTICE = { begin: "F9", stop: "F10" } as const;
/** Keys of outcomes. */
export const OUTCOME: Record<Outcome, string> = { done: "F2", "follow-up": "F3", unresolved: "F4" };
/** Keys of a call. */
export const CALL = {
  take: "F2",
  decline: "F8",
  handOver: "F3",
  mute: "F4",
  hide: "F7",
  pause: "F8",
  pick: "F2",
  share: "F6",
  earlier: "PageUp",
  later: "PageDown",
  write: "F9",
  end: "F10",
  back: "Escape",
} as const;

/** Which key is meant, as an entry of `table`. */
function entry<T extends string>(table: Record<T, string>, key: string): T | undefined {
  return (Object.keys(table) as T[]).find((name) => table[name] === key);
}

/** The deed that turns the page that is looked at, or else the one that is shown, by so many, if there is such a page. */
export function turn({ papers, pages, looks }: Talking, by: 1 | -1): Deed | null {
  if (looks !== null) {
    const page = looks.page + by;
    return page >= 1 && page <= (looks.pages ?? 1) ? { is: "look", id: looks.id, page } : null;
  }
  const { shown } = papers;
  if (shown === null) {
    return null;
  }
  const page = shown.page + by;
  return page >= 1 && page <= (pages[shown.id] ?? 1) ? { is: "show", id: shown.id, page } : null;
}

/** What a key does; some are no deeds: a place to `write`, files to `pick`, and the page with which one can `practise`. */
export function deed(desk: Desk, key: string): Deed | "write" | "pick" | "practise" | null {
  if (desk.at === "outside") {
    return null;
  }
  const { phase } = desk;
  switch (phase.at) {
    case "idle": {
      if (desk.practice !== null) {
        return key === PRACTICE.stop ? { is: "stop-practice" } : null;
      }
      if (key === PRACTICE.begin) {
        return "practise";
      }
      const presence = entry(PRESENCE, key);
      return presence === undefined ? null : { is: "wish", presence };
    }
    case "ringing":
      if (phase.answering) {
        return null;
      }
      return key === CALL.take ? { is: "answer" } : key === CALL.decline ? { is: "decline" } : null;
    case "wrapping": {
      const outcome = entry(OUTCOME, key);
      return outcome === undefined ? null : { is: "outcome", outcome };
    }
    case "talking":
      switch (entry(CALL, key)) {
        case "mute":
          return { is: "mute" };
        case "hide":
          return { is: "hide" };
        // The same key declines while it rings.
        case "decline":
        case "pause":
          return { is: "pause" };
        // The same key takes a call while it rings.
        case "take":
        case "pick":
          return phase.papers.open && phase.handing === null ? "pick" : null;
        case "share":
          return phase.handing === null ? { is: phase.papers.shared === null ? "share" : "unshare" } : null;
        case "earlier":
          return turn(phase, -1);
        case "later":
          return turn(phase, 1);
        case "handOver":
          return phase.handing === null ? { is: "choose" } : null;
        case "back":
          return phase.handing === "choosing" ? { is: "keep" } : null;
        case "write":
          return phase.writes ? "write" : null;
        case "end":
          return { is: "end" };
        default:
          return null;
      }
  }
}
