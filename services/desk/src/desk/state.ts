// SPDX-License-Identifier: EUPL-1.2
/**
 * Where a desk stands. Plain values only: what is here is all that the page knows, and all that it can forget.
 *
 * ```text
 * outside ── signed-in ──► inside:  idle ── rings ──► ringing ── answered ──► talking ── gone ──► wrapping ── outcome ──► idle
 *    ▲                      │        ▲                  │ gone, decline                                          │
 *    └──── signed-out ──────┘        └──────────────────┴────────────────────────────────────────────────────────┘
 * ```
 *
 * A desk that practises (O10) goes the same way, rung by a second page of its own and by nobody else; nothing of it is told to the exchange.
 *
 * Free, busy and break are what the exchange says of a desk that is idle; what was asked for and not confirmed yet is `wish`.
 */

import type { Pile } from "../papers/desk.ts";
import type { Said } from "./text.ts";

/** What a clerk says of themself. */
export type Presence = "free" | "busy" | "break";

/** Somebody who waits: never who. */
export interface Waiter {
  readonly department: string;
  /** What they came for, in the words of citizens. */
  readonly topic: string;
  /** Since when, on the clock of the page in milliseconds. */
  readonly since: number;
  /** Whether this desk rings for them. */
  readonly rings: boolean;
}

/** The desk practises: what for, once it is called. */
export interface Practice {
  readonly department: string | null;
  readonly topic: string | null;
}

/** Where a call can be handed to. */
export interface Department {
  readonly id: string;
  /** In German and, where it has one, in English. */
  readonly name: { readonly de: string; readonly en: string };
  readonly open: boolean;
  /** How many wait there. */
  readonly waiting: number;
}

/** An authority whose clerks have accounts of their own. */
export interface Provider {
  readonly authority: string;
  /** What the authority is called, in German and, where it has one, in English. */
  readonly name: { readonly de: string; readonly en: string };
  /** What its button says, where it is not the usual. */
  readonly label: null | { readonly de: string; readonly en: string };
}

/** How one can sign in. */
export interface Ways {
  /** With a desk's own password. */
  readonly passwords: boolean;
  readonly providers: readonly Provider[];
}

/** What went wrong. Each has its words, with the next step in them. */
export type Trouble =
  | "wrong"
  | "wait"
  | "full"
  | "unreachable"
  | "unavailable"
  | "session-over"
  | "provider-away"
  | "provider-untrusted"
  | "provider-refused"
  | "provider-late"
  | "provider-no-desk"
  | "provider-taken"
  | "not-allowed"
  | "no-devices"
  | "devices-busy"
  | "no-camera"
  | "taken"
  | "left"
  | "failed"
  | "presence"
  | "hand-over"
  | "pause"
  | "paper-size"
  | "paper-room"
  | "paper-kind"
  | "share-none"
  | "share-failed"
  | "share-browser"
  | "share-terminal"
  | "share-not-now"
  | "practice-left"
  | "practice-failed";

/** A trouble, and for how many seconds one has to wait where that is known. */
export interface Problem {
  readonly what: Trouble;
  readonly wait?: number;
}

/** How a conversation can be left. */
export type Outcome = "done" | "follow-up" | "unresolved";

/** Who or what ended it. */
export type Ending = "us" | "them" | "lost" | "handed-over";

/** Whether sound and picture come through. */
export type Media = "connecting" | "flowing" | "lost";

/** No call. */
export interface Idle {
  readonly at: "idle";
}

/** Somebody calls. */
export interface Ringing {
  readonly at: "ringing";
  readonly call: string;
  /** Its department, once the exchange has said which. */
  readonly department: string | null;
  readonly topic: string | null;
  /** Nobody calls: it is practised. */
  readonly practice: boolean;
  /** The call is being taken. */
  readonly answering: boolean;
}

/** Face to face. */
export interface Talking {
  readonly at: "talking";
  readonly call: string;
  readonly department: string | null;
  readonly topic: string | null;
  /** Nobody is there: it is practised. */
  readonly practice: boolean;
  readonly since: number;
  /** Our sound is not sent. */
  readonly muted: boolean;
  /** Our picture is not sent. */
  readonly hidden: boolean;
  /** We pause. */
  readonly paused: boolean;
  /** A change of `paused` is under way. */
  readonly pausing: boolean;
  /** The other side pauses. */
  readonly held: boolean;
  readonly media: Media;
  /** Since when the media is lost. */
  readonly lost: number | null;
  /** Text can be sent. */
  readonly writes: boolean;
  readonly said: Said;
  /** What stands in the own field and was sent. */
  readonly draft: string;
  readonly papers: Pile;
  /** The browser asks what of the screen is to be shown. */
  readonly choosing: boolean;
  /** How many pages documents of ours have, by their number: nothing until they were looked at. */
  readonly pages: Readonly<Record<number, number>>;
  /** The page of a document of the terminal that is looked at, and how many there are: nothing until it was drawn. */
  readonly looks: null | { readonly id: number; readonly page: number; readonly pages: number | null };
  /** The choice of departments is open, or one was chosen. */
  readonly handing: null | "choosing" | { readonly to: string };
}

/** It is over; nothing of it is left but how it ended. */
export interface Wrapping {
  readonly at: "wrapping";
  readonly ending: Ending;
  /** It was practised: what is said of it is counted nowhere. */
  readonly practice: boolean;
  /** What the desk is afterwards. */
  readonly next: Presence;
}

/** What happens at a desk. */
export type Phase = Idle | Ringing | Talking | Wrapping;

/** Nobody is signed in. */
export interface Outside {
  readonly at: "outside";
  /** The exchange is being asked: whether there is a session already, or to begin one. */
  readonly asking: null | "session" | "password";
  readonly ways: Ways;
  readonly problem: Problem | null;
}

/** Somebody is signed in. */
export interface Inside {
  readonly at: "inside";
  readonly desk: string;
  /** Who it is, where an account of the authority says so. */
  readonly person: string;
  /** How one can sign in afterwards. */
  readonly ways: Ways;
  readonly presence: Presence;
  /** What was asked for and is not confirmed. */
  readonly wish: Presence | null;
  /** The exchange's events arrive. */
  readonly events: boolean;
  /** The exchange can ring us. */
  readonly line: boolean;
  /** Both were there once since sign-in. */
  readonly once: boolean;
  readonly waiting: readonly Waiter[];
  /** What is practised, as the exchange tells. Nobody else rings meanwhile, and what the desk is holds again afterwards. */
  readonly practice: Practice | null;
  /** Nothing until they were asked for, and after the call that asked. */
  readonly departments: readonly Department[] | null;
  readonly phase: Phase;
  readonly problem: Problem | null;
  /** The exchange has ended the session during a call: told when the call is over. */
  readonly expelled: Problem | null;
}

/** A desk. */
export type Desk = Outside | Inside;

/** The page as it begins: it asks whether somebody is signed in already. */
export const BEGIN: Desk = {
  at: "outside",
  asking: "session",
  ways: { passwords: true, providers: [] },
  problem: null,
};

/** What a desk shows of its link to the exchange. */
export function link(inside: Inside): "connecting" | "up" | "down" {
  if (inside.events && inside.line) {
    return "up";
  }
  return inside.once ? "down" : "connecting";
}
