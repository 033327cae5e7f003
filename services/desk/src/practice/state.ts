// SPDX-License-Identifier: EUPL-1.2
/**
 * Where the page that plays a terminal stands (O10). Plain values only.
 *
 * ```text
 * beginning ── begun ──► here:  ready ── call ──► calling ── answered ──► talking ── over ──► ready
 *     │                    │      ▲                  │ over
 *     └──── ended ◄────────┘      └──────────────────┘
 * ```
 */

import type { Said } from "../desk/text.ts";
import type { Answer } from "../papers/frame.ts";
import type { Lying } from "../papers/terminal.ts";

/** A department of the desk. */
export interface Department {
  readonly id: string;
  readonly name: { readonly de: string; readonly en: string };
}

/** Why there is no practice, or none any more. */
export type End = "over" | "signed-out" | "elsewhere" | "occupied" | "unreachable" | "unavailable";

/** How the last call ended. */
export type Result = "us" | "clerk" | "declined" | "unanswered" | "not-reached" | "failed";

/** No call. */
export interface Ready {
  readonly at: "ready";
  readonly result: Result | null;
}

/** The desk is called. */
export interface Calling {
  readonly at: "calling";
  /** It rings there. */
  readonly rings: boolean;
}

/** Face to face with the clerk. */
export interface Talking {
  readonly at: "talking";
  readonly since: number;
  /** Picture and sound of the clerk come. */
  readonly flows: boolean;
  /** The clerk pauses. */
  readonly held: boolean;
  /** We want to pause. */
  readonly pauses: boolean;
  /** We do. */
  readonly paused: boolean;
  /** The clerk's sound is heard here; otherwise it is only seen how loud it is: both pages are at one desk. */
  readonly listens: boolean;
  readonly writes: boolean;
  readonly said: Said;
  readonly draft: string;
  readonly papers: Lying;
  /** How many pages documents have, by their number. */
  readonly pages: Readonly<Record<number, number>>;
}

/** What happens here. */
export type Phase = Ready | Calling | Talking;

/** The exchange is asked for a practice. */
export interface Beginning {
  readonly at: "beginning";
}

/** There is none, or none any more. */
export interface Ended {
  readonly at: "ended";
  readonly why: End;
}

/** A practice. */
export interface Here {
  readonly at: "here";
  readonly departments: readonly Department[];
  /** Whom the next call is for. */
  readonly department: string;
  /** The desk can be rung. */
  readonly reachable: boolean;
  readonly phase: Phase;
}

/** The page. */
export type Tab = Beginning | Ended | Here;

/** The page as it begins. */
export const BEGIN: Tab = { at: "beginning" };

/** What can happen. */
export type Event =
  // What who plays the citizen does.
  | { readonly is: "choose"; readonly department: string }
  | { readonly is: "call" }
  | { readonly is: "hang-up" }
  | { readonly is: "pause" }
  | { readonly is: "listen" }
  | { readonly is: "type"; readonly text: string }
  | { readonly is: "line" }
  | { readonly is: "print"; readonly agrees: boolean }
  | { readonly is: "scan"; readonly agrees: boolean }
  | { readonly is: "put" }
  | { readonly is: "again" }
  // What the exchange, the line and the clerk do.
  | { readonly is: "begun"; readonly departments: readonly Department[] }
  | { readonly is: "ended"; readonly why: End }
  | { readonly is: "told"; readonly reachable: boolean }
  | { readonly is: "rings" }
  | { readonly is: "answered" }
  | { readonly is: "over"; readonly result: Result }
  | { readonly is: "flows"; readonly flows: boolean }
  | { readonly is: "held"; readonly held: boolean }
  | { readonly is: "paused"; readonly paused: boolean }
  | { readonly is: "writes"; readonly open: boolean }
  | { readonly is: "text"; readonly piece: string }
  | { readonly is: "papers"; readonly lying: Lying }
  | { readonly is: "pages"; readonly id: number; readonly pages: number };

/** What has to be done. */
export type Effect =
  | { readonly does: "begin" }
  | { readonly does: "call"; readonly department: string }
  | { readonly does: "hang-up" }
  | { readonly does: "pause"; readonly on: boolean }
  | { readonly does: "write"; readonly piece: string }
  /** The citizen's answer to a print; the printer's follows by itself where they agree. */
  | { readonly does: "print"; readonly answer: Answer }
  | { readonly does: "scan"; readonly answer: "agreed" | "declined" }
  /** Put a made page on the made scanner. */
  | { readonly does: "put" };
