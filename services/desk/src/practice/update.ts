// SPDX-License-Identifier: EUPL-1.2
/** How the page that plays a terminal goes on. Pure: time comes in with every event. */

import { BACKSPACE, edits, LINE, received, write } from "../desk/text.ts";
import { EMPTY } from "../papers/terminal.ts";
import type { Effect, Event, Here, Result, Tab, Talking } from "./state.ts";

/** A page and what has to be done. */
export type Step = readonly [Tab, readonly Effect[]];

/** The page after `event` at `now`, in milliseconds. */
export function update(tab: Tab, event: Event, now: number): Step {
  if (event.is === "ended") {
    // Whatever was going on ends with the practice.
    const calls = tab.at === "here" && tab.phase.at !== "ready";
    return [{ at: "ended", why: event.why }, calls ? [{ does: "hang-up" }] : []];
  }
  switch (tab.at) {
    case "beginning":
      if (event.is === "begun") {
        const { departments } = event;
        const department = departments[0]?.id ?? "";
        const phase = { at: "ready", result: null } as const;
        return [{ at: "here", departments, department, reachable: false, phase }, []];
      }
      return [tab, []];
    case "ended":
      return event.is === "again" ? [{ at: "beginning" }, [{ does: "begin" }]] : [tab, []];
    case "here":
      return here(tab, event, now);
  }
}

function here(tab: Here, event: Event, now: number): Step {
  const { phase } = tab;
  if (event.is === "told") {
    return [{ ...tab, reachable: event.reachable }, []];
  }
  const over = (result: Result, ...effects: Effect[]): Step => [{ ...tab, phase: { at: "ready", result } }, effects];
  switch (phase.at) {
    case "ready":
      if (event.is === "choose" && tab.departments.some(({ id }) => id === event.department)) {
        return [{ ...tab, department: event.department }, []];
      }
      if (event.is === "call" && tab.reachable && tab.department !== "") {
        return [{ ...tab, phase: { at: "calling", rings: false } }, [{ does: "call", department: tab.department }]];
      }
      return [tab, []];
    case "calling":
      switch (event.is) {
        case "rings":
          return [{ ...tab, phase: { at: "calling", rings: true } }, []];
        case "answered":
          return [{ ...tab, phase: begin(now) }, []];
        case "hang-up":
          return over("us", { does: "hang-up" });
        case "over":
          return over(event.result);
        default:
          return [tab, []];
      }
    case "talking":
      switch (event.is) {
        case "hang-up":
          return over("us", { does: "hang-up" });
        case "over":
          return over(event.result);
        default: {
          const [after, effects] = talking(phase, event);
          return [after === phase ? tab : { ...tab, phase: after }, effects];
        }
      }
  }
}

function begin(since: number): Talking {
  return {
    at: "talking",
    since,
    flows: false,
    held: false,
    pauses: false,
    paused: false,
    listens: false,
    writes: false,
    said: [],
    draft: "",
    papers: EMPTY,
    pages: {},
  };
}

function talking(phase: Talking, event: Event): readonly [Talking, readonly Effect[]] {
  const { print, scan } = phase.papers;
  switch (event.is) {
    case "flows":
      return [{ ...phase, flows: event.flows }, []];
    case "held":
      return [{ ...phase, held: event.held }, []];
    case "pause":
      return [{ ...phase, pauses: !phase.pauses }, [{ does: "pause", on: !phase.pauses }]];
    case "paused":
      return [{ ...phase, paused: event.paused }, []];
    case "listen":
      return [{ ...phase, listens: !phase.listens }, []];
    case "writes":
      return [{ ...phase, writes: event.open }, []];
    case "text":
      return [{ ...phase, said: write(phase.said, "them", received(event.piece)) }, []];
    case "type":
      return phase.writes ? type(phase, event.text) : [phase, []];
    case "line":
      return phase.writes && phase.draft !== ""
        ? [{ ...phase, draft: "", said: write(phase.said, "us", LINE) }, [{ does: "write", piece: LINE }]]
        : [phase, []];
    case "papers":
      return [{ ...phase, papers: event.lying }, []];
    case "pages":
      return [{ ...phase, pages: { ...phase.pages, [event.id]: event.pages } }, []];
    case "print":
      return print !== null && print.answer === null
        ? [phase, [{ does: "print", answer: event.agrees ? "agreed" : "declined" }]]
        : [phase, []];
    case "scan":
      // Whoever has agreed can still change their mind.
      return scan !== null && (scan.answer === null || (scan.answer === "agreed" && !event.agrees))
        ? [phase, [{ does: "scan", answer: event.agrees ? "agreed" : "declined" }]]
        : [phase, []];
    case "put":
      return scan?.answer === "agreed" ? [phase, [{ does: "put" }]] : [phase, []];
    default:
      return [phase, []];
  }
}

/** What is typed travels at once. */
function type(phase: Talking, typed: string): readonly [Talking, readonly Effect[]] {
  const text = typed.replaceAll(/[\r\n\u2028]/g, " ").slice(0, 2000);
  const pieces = edits(phase.draft, text);
  const said = pieces.reduce((said, piece) => write(said, "us", piece), phase.said);
  const draft = [...text].filter((character) => character !== BACKSPACE).join("");
  return [{ ...phase, draft, said }, pieces.map((piece): Effect => ({ does: "write", piece }))];
}
