// SPDX-License-Identifier: EUPL-1.2
/** The page: state machine, outside, and screen, put together. */

import "./style.css";
import { render } from "lit-html";
import type { Event } from "./desk/event.ts";
import { BEGIN, type Desk } from "./desk/state.ts";
import type { Said } from "./desk/text.ts";
import { update } from "./desk/update.ts";
import { arrived } from "./edge/arrival.ts";
import { Doing } from "./edge/doing.ts";
import { deed } from "./keys.ts";
import { page, title } from "./view/page.ts";
import type { Context } from "./view/parts.ts";
import { de, type Words } from "./words/de.ts";
import { en } from "./words/en.ts";

/** Times on the page are looked at so often. */
const TICK = 1000;

let desk: Desk = BEGIN;
let words: Words = de;
let screen = "";
let drawing = false;
let said: Said | null = null;

const doing = new Doing(step, draw);

function step(event: Event): void {
  const [after, effects] = update(desk, event, performance.now());
  desk = after;
  for (const effect of effects) {
    doing.do(effect);
  }
  draw();
}

/** Once for all that happens in a turn. */
function draw(): void {
  if (!drawing) {
    drawing = true;
    queueMicrotask(paint);
  }
}

function paint(): void {
  drawing = false;
  const context: Context = {
    words,
    now: performance.now(),
    pictures: doing.pictures,
    send: step,
    switchLanguage: () => {
      words = words === de ? en : de;
      draw();
    },
  };
  document.documentElement.lang = words.tag;
  document.title = title(context, desk);
  render(page(context, desk), document.body);
  focus();
  follow();
  const talking = desk.at === "inside" && desk.phase.at === "talking" ? desk.phase : null;
  const canvas = document.querySelector<HTMLCanvasElement>("canvas.page");
  doing.draw(canvas, talking);
}

/** The newest of what was written stays in sight. */
function follow(): void {
  const now = desk.at === "inside" && desk.phase.at === "talking" ? desk.phase.said : null;
  const log = document.querySelector(".said");
  if (now !== said && log !== null) {
    log.scrollTop = log.scrollHeight;
  }
  said = now;
}

/** On a new screen the keyboard begins at its heading, or at the one thing that is to be done. */
function focus(): void {
  let now: string = desk.at;
  if (desk.at === "outside" && desk.asking === "session") {
    now = "looking";
  }
  if (desk.at === "inside") {
    now = desk.phase.at === "talking" && desk.phase.handing !== null ? "handing" : desk.phase.at;
    if (desk.phase.at === "idle" && desk.practice !== null) {
      now = "practising";
    }
  }
  if (now === screen) {
    return;
  }
  const before = screen;
  screen = now;
  const places: Record<string, string> = {
    // The first of them that is there.
    outside: "#provider, #desk",
    ringing: "#take",
    handing: "#hand-over-title",
    talking: before === "handing" ? "#hand-over" : "h1",
  };
  document.querySelector<HTMLElement>(places[now] ?? "h1")?.focus();
}

window.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) {
    return;
  }
  const does = deed(desk, event.key);
  if (does === null) {
    return;
  }
  event.preventDefault();
  if (does === "write") {
    document.querySelector<HTMLElement>("#write")?.focus();
  } else if (does === "pick" || does === "practise") {
    document.querySelector<HTMLElement>(`#${does}`)?.click();
  } else {
    step(does);
  }
});

// Whoever closes the page in a call is asked first; and if it closes, the other side is told.
window.addEventListener("beforeunload", (event) => {
  if (desk.at === "inside" && desk.phase.at === "talking") {
    event.preventDefault();
  }
});
window.addEventListener("pagehide", () => {
  if (desk.at === "inside" && desk.phase.at === "talking") {
    step({ is: "end" });
  }
});

setInterval(() => {
  if (desk.at === "inside") {
    step({ is: "tick" });
  }
}, TICK);
draw();
void doing.begin(arrived(window.location.search));
// Told once: whoever loads the page anew begins anew.
window.history.replaceState(null, "", window.location.pathname);
