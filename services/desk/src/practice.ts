// SPDX-License-Identifier: EUPL-1.2
/** The page that plays a terminal (O10): state machine, outside, and screen, put together. The desk's page opens it. */

import "./style.css";
import "./practice.css";
import { render } from "lit-html";
import { Doing } from "./practice/doing.ts";
import { deed } from "./practice/keys.ts";
import { BEGIN, type Event, type Tab } from "./practice/state.ts";
import { update } from "./practice/update.ts";
import { type Context, page, title } from "./practice/view.ts";
import { practiceDe, type Words } from "./words/practice-de.ts";
import { practiceEn } from "./words/practice-en.ts";

/** Time and loudness are looked at so often. */
const TICK = 250;

let tab: Tab = BEGIN;
// In the language of the desk that opened it.
let words: Words = location.hash === "#en" ? practiceEn : practiceDe;
let screen = "";
let drawing = false;
let length = 0;

const doing = new Doing(step, draw, () => words);

function step(event: Event): void {
  const [after, effects] = update(tab, event, performance.now());
  tab = after;
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
    own: doing.own,
    clerk: doing.clerk,
    screen: doing.screen,
    level: doing.level,
    send: step,
    switchLanguage: () => {
      words = words === practiceDe ? practiceEn : practiceDe;
      draw();
    },
  };
  document.documentElement.lang = words.tag;
  document.title = title(context, tab);
  render(page(context, tab), document.body);
  const talking = tab.at === "here" && tab.phase.at === "talking" ? tab.phase : null;
  doing.draw(document.querySelector<HTMLCanvasElement>("canvas.page"), talking);
  const log = document.querySelector(".said");
  const written = talking?.said.reduce((sum, line) => sum + line.text.length, 0) ?? 0;
  if (log !== null && written !== length) {
    log.scrollTop = log.scrollHeight;
  }
  length = written;
  const now = tab.at === "here" ? tab.phase.at : tab.at;
  if (now !== screen) {
    screen = now;
    document.querySelector<HTMLElement>("h1")?.focus();
  }
}

window.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) {
    return;
  }
  const does = deed(tab, event.key);
  if (does === null) {
    return;
  }
  event.preventDefault();
  if (does === "write") {
    document.querySelector<HTMLElement>("#write")?.focus();
  } else {
    step(does);
  }
});

// Closed, the page ends its call and its practice; brought back by the browser, it begins anew.
window.addEventListener("pagehide", () => doing.leave());
window.addEventListener("pageshow", ({ persisted }) => {
  if (persisted) {
    location.reload();
  }
});

setInterval(() => {
  if (tab.at === "here" && tab.phase.at === "talking") {
    draw();
  }
}, TICK);
draw();
void doing.begin();
