// SPDX-License-Identifier: EUPL-1.2
/** How a call goes on at a desk, from its ring to its outcome. Pure. */

import { NONE, type Pile, scans } from "../papers/desk.ts";
import type { Effect, Event } from "./event.ts";
import type { Ending, Inside, Practice, Problem, Ringing, Talking } from "./state.ts";
import { BACKSPACE, edits, LINE, received, write } from "./text.ts";
import type { Step } from "./update.ts";

/** A call whose sound and picture are lost for so long is over. The terminal mends it for a minute. */
export const LOST = 75_000;

/** What an event means for the call that there is, or for one that comes. */
export function during(desk: Inside, event: Event, now: number): Step {
  if (event.is === "rings") {
    return rings(desk, event.call, event.practice);
  }
  const { phase } = desk;
  switch (phase.at) {
    case "idle":
      return [desk, []];
    case "ringing":
      return ringing(desk, phase, event, now);
    case "talking":
      return talking(desk, phase, event, now);
    case "wrapping":
      if (event.is === "next") {
        return [{ ...desk, phase: { ...phase, next: event.presence } }, []];
      }
      if (event.is === "outcome" && phase.practice) {
        // As after a conversation, but nobody counts it, and the desk is what it was.
        return [{ ...desk, phase: { at: "idle" }, problem: null }, []];
      }
      if (event.is === "outcome") {
        return [
          { ...desk, phase: { at: "idle" }, wish: phase.next, problem: null },
          [
            { does: "outcome", outcome: event.outcome },
            { does: "presence", presence: phase.next },
          ],
        ];
      }
      return [desk, []];
  }
}

function rings(desk: Inside, call: string, practice: boolean): Step {
  // One at a time: the exchange rings free desks only, but a call may overtake what we told it.
  if (desk.phase.at !== "idle") {
    return [desk, [{ does: "decline", call }]];
  }
  const phase: Ringing = { at: "ringing", call, ...chosen(desk, practice), practice, answering: false };
  return [{ ...desk, phase, problem: null }, [{ does: "ring", on: true }, { does: "open" }]];
}

/** The service that was chosen: the exchange says for whom we ring. */
function chosen(desk: Inside, practice: boolean): Practice {
  if (practice) {
    return desk.practice ?? { department: null, topic: null };
  }
  const waiter = desk.waiting.find((waiter) => waiter.rings);
  return { department: waiter?.department ?? null, topic: waiter?.topic ?? null };
}

function ringing(desk: Inside, phase: Ringing, event: Event, now: number): Step {
  const quiet: Effect[] = [{ does: "ring", on: false }];
  const over = (problem: Problem | null): Step => [
    { ...desk, phase: { at: "idle" }, problem },
    [...quiet, { does: "forget" }],
  ];
  switch (event.is) {
    case "told": {
      if (phase.practice && desk.practice === null) {
        const [after, effects] = over(null);
        return [after, [...effects, { does: "decline", call: phase.call }]];
      }
      return [phase.topic === null ? { ...desk, phase: { ...phase, ...chosen(desk, phase.practice) } } : desk, []];
    }
    case "answer":
      if (phase.answering) {
        return [desk, []];
      }
      return [{ ...desk, phase: { ...phase, answering: true } }, [...quiet, { does: "answer", call: phase.call }]];
    case "decline": {
      const [after, effects] = over(null);
      if (phase.practice) {
        return [after, [...effects, { does: "decline", call: phase.call }]];
      }
      return [
        { ...(after as Inside), wish: "break" },
        [...effects, { does: "decline", call: phase.call }, { does: "presence", presence: "break" }],
      ];
    }
    case "answered":
      if (event.call !== phase.call) {
        return [desk, []];
      }
      return [{ ...desk, phase: begin(phase, now) }, quiet];
    case "not-answered": {
      if (event.call !== phase.call) {
        return [desk, []];
      }
      const [after, effects] = over(event.problem);
      return [after, [...effects, { does: "decline", call: phase.call }]];
    }
    case "gone":
      return event.call === phase.call ? over(phase.practice ? rehearsed(event.problem) : event.problem) : [desk, []];
    default:
      return [desk, []];
  }
}

/** What is told of a call that came to nothing, where nobody waits and nobody is free. */
function rehearsed(problem: Problem | null): Problem | null {
  return problem === null ? null : { what: problem.what === "left" ? "practice-left" : "practice-failed" };
}

function begin(phase: Ringing, now: number): Talking {
  return {
    at: "talking",
    call: phase.call,
    department: phase.department,
    topic: phase.topic,
    practice: phase.practice,
    since: now,
    muted: false,
    hidden: false,
    paused: false,
    pausing: false,
    held: false,
    media: "connecting",
    lost: null,
    writes: false,
    said: [],
    draft: "",
    papers: NONE,
    choosing: false,
    pages: {},
    looks: null,
    handing: null,
  };
}

function talking(desk: Inside, phase: Talking, event: Event, now: number): Step {
  const { call } = phase;
  if ("call" in event && event.call !== call) {
    return [desk, []];
  }
  const stay = (change: Partial<Talking>, ...effects: Effect[]): Step => [
    { ...desk, phase: { ...phase, ...change } },
    effects,
  ];
  const send = (muted: boolean, hidden: boolean): Effect => ({
    does: "send",
    call,
    sound: !muted,
    picture: !hidden,
  });
  switch (event.is) {
    case "told":
      // The page that was the terminal is gone, without a word maybe.
      if (phase.practice && desk.practice === null) {
        const [after, effects] = over(desk, "lost", null);
        return [after, [{ does: "end", call }, ...effects]];
      }
      return [desk, []];
    case "mute":
      return stay({ muted: !phase.muted }, send(!phase.muted, phase.hidden));
    case "hide":
      return stay({ hidden: !phase.hidden }, send(phase.muted, !phase.hidden));
    case "pause":
      return phase.pausing
        ? [desk, []]
        : stay({ pausing: true }, ...still(phase), { does: "pause", call, on: !phase.paused });
    case "paused": {
      const after = { ...phase, pausing: false, paused: event.paused };
      return [{ ...desk, phase: after, problem: event.failed ? { what: "pause" } : desk.problem }, []];
    }
    case "held":
      return stay({ held: event.held }, ...still(phase));
    case "media": {
      const lost = event.media === "lost" ? (phase.lost ?? now) : null;
      return stay({ media: event.media, lost });
    }
    case "tick":
      if (phase.lost !== null && now >= phase.lost + LOST) {
        const [after, effects] = over(desk, "lost", null);
        return [after, [{ does: "end", call }, ...effects]];
      }
      return [desk, []];
    case "writes":
      return stay({ writes: event.open });
    case "text":
      return stay({ said: write(phase.said, "them", received(event.piece)) });
    case "type":
    case "line":
      return typed(phase, event, stay);
    case "papers":
      return stay({ papers: event.pile, looks: there(event.pile, phase.looks) });
    case "pages":
      return stay({ pages: { ...phase.pages, [event.id]: event.pages } });
    case "add-papers":
      return phase.papers.open ? [desk, [{ does: "add-papers", call, files: event.files }]] : [desk, []];
    case "show": {
      const pages = phase.pages[event.id] ?? 1;
      const there = phase.papers.ours.some(({ id, sent }) => id === event.id && sent !== "refused");
      return there && event.page >= 1 && event.page <= pages
        ? [desk, [{ does: "show", call, id: event.id, page: event.page }]]
        : [desk, []];
    }
    case "unshow":
      return phase.papers.shown === null ? [desk, []] : [desk, [{ does: "unshow", call }]];
    case "share":
      return share(desk, phase);
    case "shared":
      return [{ ...desk, phase: { ...phase, choosing: false }, problem: event.problem ?? desk.problem }, []];
    case "unshare":
      return [desk, still(phase)];
    case "point":
      return phase.papers.shown === null ? [desk, []] : [desk, [{ does: "point", call, at: event.at }]];
    case "take-back":
      return [desk, [{ does: "take-back", call, id: event.id }]];
    case "print":
      return [desk, [{ does: "print", call, id: event.id }]];
    case "scan":
      return phase.papers.open && !scans(phase.papers.scan) ? [desk, [{ does: "scan", call }]] : [desk, []];
    case "look": {
      const { id, page } = event;
      const pages = phase.looks?.id === id ? phase.looks.pages : null;
      const looks = there(phase.papers, { id, page, pages });
      return looks !== null && page >= 1 && page <= (pages ?? 1) ? stay({ looks }) : [desk, []];
    }
    case "look-away":
      return stay({ looks: null });
    case "their-pages":
      return phase.looks?.id === event.id ? stay({ looks: { ...phase.looks, pages: event.pages } }) : [desk, []];
    case "save":
      return phase.papers.theirs.some(({ whole }) => whole)
        ? [desk, [{ does: "save", call, department: phase.department, topic: phase.topic }]]
        : [desk, []];
    case "choose":
      return phase.handing === null ? stay({ handing: "choosing" }, { does: "departments" }) : [desk, []];
    case "keep":
      return phase.handing === "choosing" ? stay({ handing: null }) : [desk, []];
    case "hand-over":
      if (phase.handing !== "choosing") {
        return [desk, []];
      }
      if (phase.practice) {
        // There is nobody to be handed over.
        const [after, effects] = over(desk, "handed-over", null);
        return [after, [{ does: "end", call }, ...effects]];
      }
      return stay({ handing: { to: event.to } }, { does: "hand-over", call, to: event.to });
    case "handed-over":
      if (event.problem !== null) {
        return [{ ...desk, phase: { ...phase, handing: null }, problem: event.problem }, []];
      }
      {
        const [after, effects] = over(desk, "handed-over", null);
        return [after, [{ does: "end", call }, ...effects]];
      }
    case "end": {
      const [after, effects] = over(desk, "us", null);
      return [after, [{ does: "end", call }, ...effects]];
    }
    case "gone":
      return over(desk, event.ending, event.problem);
    default:
      return [desk, []];
  }
}

/** The screen is shown no more: not in a pause either, in which nothing flows. */
function still({ call, papers }: Talking): readonly Effect[] {
  return papers.shared === null ? [] : [{ does: "unshare", call }];
}

/** The clerk wants to show the screen. */
function share(desk: Inside, phase: Talking): Step {
  const { call, papers, media, paused, pausing, held } = phase;
  if (phase.choosing || papers.shared !== null) {
    return [desk, []];
  }
  if (!papers.open || media !== "flowing" || paused || pausing || held) {
    return [{ ...desk, problem: { what: "share-not-now" } }, []];
  }
  return [{ ...desk, phase: { ...phase, choosing: true }, problem: null }, [{ does: "share", call }]];
}

/** What is looked at, if it is there. */
function there(pile: Pile, looks: Talking["looks"]): Talking["looks"] {
  return pile.theirs.some(({ id, whole }) => whole && id === looks?.id) ? looks : null;
}

/** Nothing of the call goes on: not what was written, not which matter it was. */
function over(desk: Inside, ending: Ending, problem: Problem | null): Step {
  if (desk.expelled !== null) {
    return [
      { at: "outside", asking: null, ways: desk.ways, problem: desk.expelled },
      [{ does: "forget" }, { does: "disconnect" }],
    ];
  }
  const practice = desk.phase.at === "talking" && desk.phase.practice;
  return [
    { ...desk, phase: { at: "wrapping", ending, practice, next: "free" }, departments: null, problem },
    [{ does: "forget" }],
  ];
}

function typed(phase: Talking, event: Event, stay: (change: Partial<Talking>, ...effects: Effect[]) => Step): Step {
  if (!phase.writes) {
    return stay({});
  }
  if (event.is === "line") {
    if (phase.draft === "") {
      return stay({});
    }
    return stay({ draft: "", said: write(phase.said, "us", LINE) }, { does: "write", call: phase.call, piece: LINE });
  }
  if (event.is !== "type") {
    return stay({});
  }
  const text = event.text.replaceAll(/[\r\n\u2028]/g, " ").slice(0, 2000);
  const pieces = edits(phase.draft, text);
  const said = pieces.reduce((said, piece) => write(said, "us", piece), phase.said);
  const draft = pieces.reduce((draft, piece) => apply(draft, piece), phase.draft);
  return stay({ draft, said }, ...pieces.map((piece): Effect => ({ does: "write", call: phase.call, piece })));
}

/** A draft after a piece of [`edits`]. */
function apply(draft: string, piece: string): string {
  const characters = [...draft];
  for (const character of piece) {
    if (character === BACKSPACE) {
      characters.pop();
    } else {
      characters.push(character);
    }
  }
  return characters.join("");
}
