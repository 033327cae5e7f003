// SPDX-License-Identifier: EUPL-1.2
/** What can happen at a desk, and what then has to be done outside of the state machine. */

import type { Pile, Shown } from "../papers/desk.ts";
import type { Department, Ending, Media, Outcome, Practice, Presence, Problem, Waiter, Ways } from "./state.ts";

/** What the clerk does. */
export type Deed =
  | { readonly is: "sign-in"; readonly desk: string; readonly password: string }
  | { readonly is: "sign-out" }
  | { readonly is: "wish"; readonly presence: Presence }
  | { readonly is: "stop-practice" }
  | { readonly is: "answer" }
  | { readonly is: "decline" }
  | { readonly is: "mute" }
  | { readonly is: "hide" }
  | { readonly is: "pause" }
  | { readonly is: "type"; readonly text: string }
  | { readonly is: "line" }
  | { readonly is: "choose" }
  | { readonly is: "keep" }
  | { readonly is: "hand-over"; readonly to: string }
  /** Files that the clerk has picked: they go through here and stay nowhere. */
  | { readonly is: "add-papers"; readonly files: readonly File[] }
  | { readonly is: "show"; readonly id: number; readonly page: number }
  | { readonly is: "unshow" }
  /** Show the screen, or a part of it; or not any more. */
  | { readonly is: "share" }
  | { readonly is: "unshare" }
  | { readonly is: "point"; readonly at: Shown["point"] }
  | { readonly is: "take-back"; readonly id: number }
  | { readonly is: "print"; readonly id: number }
  /** Ask for a paper of the citizen's. */
  | { readonly is: "scan" }
  /** Look at a page of what came from the terminal, or at none any more. */
  | { readonly is: "look"; readonly id: number; readonly page: number }
  | { readonly is: "look-away" }
  | { readonly is: "save" }
  | { readonly is: "end" }
  | { readonly is: "next"; readonly presence: Presence }
  | { readonly is: "outcome"; readonly outcome: Outcome }
  | { readonly is: "dismiss" };

/** What the exchange, the line, the devices and time do. Whatever belongs to a call names it: it may come too late. */
export type News =
  | { readonly is: "ways"; readonly ways: Ways }
  | { readonly is: "signed-in"; readonly desk: string; readonly person: string }
  | { readonly is: "not-signed-in"; readonly problem: Problem | null }
  | { readonly is: "signed-out"; readonly problem: Problem | null }
  | {
      readonly is: "told";
      readonly presence: Presence;
      readonly waiting: readonly Waiter[];
      readonly practice: Practice | null;
    }
  | { readonly is: "departments"; readonly departments: readonly Department[] }
  | { readonly is: "events"; readonly up: boolean }
  | { readonly is: "line-is"; readonly up: boolean }
  | { readonly is: "wished"; readonly presence: Presence }
  | { readonly is: "wish-failed" }
  | { readonly is: "trouble"; readonly problem: Problem }
  | { readonly is: "rings"; readonly call: string; readonly practice: boolean }
  | { readonly is: "answered"; readonly call: string }
  | { readonly is: "not-answered"; readonly call: string; readonly problem: Problem }
  | { readonly is: "gone"; readonly call: string; readonly ending: Ending; readonly problem: Problem | null }
  | { readonly is: "media"; readonly call: string; readonly media: Media }
  | { readonly is: "held"; readonly call: string; readonly held: boolean }
  | { readonly is: "paused"; readonly call: string; readonly paused: boolean; readonly failed: boolean }
  | { readonly is: "writes"; readonly call: string; readonly open: boolean }
  | { readonly is: "text"; readonly call: string; readonly piece: string }
  | { readonly is: "papers"; readonly call: string; readonly pile: Pile }
  /** The browser's question what to show of the screen is answered: it is shown, or there is a problem. */
  | { readonly is: "shared"; readonly call: string; readonly problem: Problem | null }
  /** A document of ours has so many pages. */
  | { readonly is: "pages"; readonly call: string; readonly id: number; readonly pages: number }
  /** And so many has a document of the terminal. */
  | { readonly is: "their-pages"; readonly call: string; readonly id: number; readonly pages: number }
  | { readonly is: "handed-over"; readonly call: string; readonly problem: Problem | null }
  | { readonly is: "tick" };

/** All of it. */
export type Event = Deed | News;

/** What has to be done. */
export type Effect =
  | { readonly does: "sign-in"; readonly desk: string; readonly password: string }
  | { readonly does: "sign-out" }
  /** Listen to the exchange's events and be there to be rung. */
  | { readonly does: "connect"; readonly desk: string }
  | { readonly does: "disconnect" }
  | { readonly does: "presence"; readonly presence: Presence }
  | { readonly does: "stop-practice" }
  /** Ask whether camera and microphone may be used, before somebody waits for them. */
  | { readonly does: "permission" }
  | { readonly does: "ring"; readonly on: boolean }
  /** Open camera and microphone. */
  | { readonly does: "open" }
  /** Close them, and let go of everything of the call. */
  | { readonly does: "forget" }
  | { readonly does: "answer"; readonly call: string }
  | { readonly does: "decline"; readonly call: string }
  | { readonly does: "end"; readonly call: string }
  | { readonly does: "send"; readonly call: string; readonly sound: boolean; readonly picture: boolean }
  | { readonly does: "pause"; readonly call: string; readonly on: boolean }
  | { readonly does: "write"; readonly call: string; readonly piece: string }
  | { readonly does: "add-papers"; readonly call: string; readonly files: readonly File[] }
  | { readonly does: "show"; readonly call: string; readonly id: number; readonly page: number }
  | { readonly does: "unshow"; readonly call: string }
  /** Let the clerk choose what of the screen the citizen sees, and show it. */
  | { readonly does: "share"; readonly call: string }
  | { readonly does: "unshare"; readonly call: string }
  | { readonly does: "point"; readonly call: string; readonly at: Shown["point"] }
  | { readonly does: "take-back"; readonly call: string; readonly id: number }
  /** Ask for a document of ours to be printed at the terminal. */
  | { readonly does: "print"; readonly call: string; readonly id: number }
  /** Ask for a paper to be scanned there. */
  | { readonly does: "scan"; readonly call: string }
  /** Save what came in, with what is known of it. */
  | { readonly does: "save"; readonly call: string; readonly department: string | null; readonly topic: string | null }
  | { readonly does: "departments" }
  | { readonly does: "hand-over"; readonly call: string; readonly to: string }
  | { readonly does: "outcome"; readonly outcome: Outcome };
