// SPDX-License-Identifier: EUPL-1.2
/** How a desk goes on. Pure: time comes in with every event. Calls are `call.ts`. */

import { during } from "./call.ts";
import type { Effect, Event } from "./event.ts";
import type { Desk, Inside, Outside, Presence, Problem } from "./state.ts";

/** A desk and what has to be done. */
export type Step<D extends Desk = Desk> = readonly [D, readonly Effect[]];

const IDLE = { at: "idle" } as const;

/** The desk after `event` at `now`, in milliseconds. */
export function update(desk: Desk, event: Event, now: number): Step {
  if (event.is === "ways") {
    return [{ ...desk, ways: event.ways }, []];
  }
  return desk.at === "outside" ? outside(desk, event) : inside(desk, event, now);
}

function outside(desk: Outside, event: Event): Step {
  switch (event.is) {
    case "sign-in":
      if (desk.asking !== null) {
        return [desk, []];
      }
      // The password goes through here and stays nowhere.
      return [
        { ...desk, asking: "password", problem: null },
        [{ does: "sign-in", desk: event.desk, password: event.password }],
      ];
    case "not-signed-in":
      return [{ ...desk, asking: null, problem: event.problem }, []];
    case "signed-in":
      return [
        {
          at: "inside",
          desk: event.desk,
          person: event.person,
          ways: desk.ways,
          presence: "break",
          wish: null,
          events: false,
          line: false,
          once: false,
          waiting: [],
          practice: null,
          departments: null,
          phase: IDLE,
          problem: null,
          expelled: null,
        },
        [{ does: "connect", desk: event.desk }],
      ];
    case "dismiss":
      return [{ ...desk, problem: null }, []];
    default:
      return [desk, []];
  }
}

function inside(desk: Inside, event: Event, now: number): Step {
  switch (event.is) {
    case "signed-out":
      // A conversation needs the exchange no more: nobody is cut off in the middle of a sentence.
      if (desk.phase.at === "talking" && !desk.phase.practice) {
        return [{ ...linked({ ...desk, events: false }), expelled: event.problem }, []];
      }
      return leave(desk, event.problem);
    case "sign-out": {
      if (desk.phase.at === "ringing" || desk.phase.at === "talking") {
        return [desk, []];
      }
      const [after, effects] = leave(desk, null);
      return [after, [{ does: "sign-out" }, ...effects]];
    }
    case "events":
      return [linked({ ...desk, events: event.up }), []];
    case "line-is":
      return [linked({ ...desk, line: event.up }), []];
    case "departments":
      return [{ ...desk, departments: event.departments }, []];
    case "wish":
      return wish(desk, event.presence);
    case "wished":
      // Not in a call: there the exchange knows better, and tells.
      return desk.phase.at === "talking" ? [desk, []] : [{ ...desk, presence: event.presence, wish: null }, []];
    case "wish-failed":
      return [{ ...desk, wish: null, problem: { what: "presence" } }, []];
    case "stop-practice":
      return desk.phase.at === "idle" && desk.practice !== null ? [desk, [{ does: "stop-practice" }]] : [desk, []];
    case "trouble":
      return [{ ...desk, problem: event.problem }, []];
    case "dismiss":
      return [{ ...desk, problem: null }, []];
    case "told": {
      const wish = desk.wish === event.presence ? null : desk.wish;
      const told = { ...desk, presence: event.presence, wish, waiting: event.waiting, practice: event.practice };
      return during(told, event, now);
    }
    default:
      return during(desk, event, now);
  }
}

function linked(desk: Inside): Inside {
  return { ...desk, once: desk.once || (desk.events && desk.line) };
}

/** In a call the exchange says what we are; after one the clerk does. What was chosen before a practice stays. */
function wish(desk: Inside, presence: Presence): Step {
  if (desk.phase.at !== "idle" || desk.practice !== null) {
    return [desk, []];
  }
  const effects: Effect[] = [{ does: "presence", presence }];
  if (presence === "free") {
    effects.unshift({ does: "permission" });
  }
  return [{ ...desk, wish: presence, problem: null }, effects];
}

function leave(desk: Inside, problem: Problem | null): Step {
  const effects: Effect[] = [];
  const { phase } = desk;
  if (phase.at === "ringing") {
    effects.push({ does: "ring", on: false }, { does: "decline", call: phase.call }, { does: "forget" });
  }
  if (phase.at === "talking") {
    effects.push({ does: "end", call: phase.call }, { does: "forget" });
  }
  effects.push({ does: "disconnect" });
  return [{ at: "outside", asking: null, ways: desk.ways, problem }, effects];
}
