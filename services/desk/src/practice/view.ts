// SPDX-License-Identifier: EUPL-1.2
/** The screens of the page that plays a terminal. */

import { html, nothing, type TemplateResult } from "lit-html";
import { button, clock, message, video } from "../view/parts.ts";
import { chat } from "../view/side.ts";
import type { Words } from "../words/practice-de.ts";
import { KEYS } from "./keys.ts";
import { papers } from "./papers.ts";
import type { Ended, Event, Here, Ready, Tab, Talking } from "./state.ts";

/** What a screen needs. */
export interface Context {
  readonly words: Words;
  readonly now: number;
  /** The made picture, drawn in one canvas that goes from screen to screen. */
  readonly own: HTMLCanvasElement;
  readonly clerk: MediaStream | null;
  /** What may come of the clerk's screen. */
  readonly screen: MediaStream | null;
  /** How loud the clerk is, from 0 to 1. */
  readonly level: number;
  readonly send: (event: Event) => void;
  readonly switchLanguage: () => void;
}

/** The page. That it is practice never leaves the screen. */
export function page(context: Context, tab: Tab): TemplateResult {
  const { words } = context;
  return html`<header class="bar">
      <p class="brand"><strong>Amtsnah</strong> ${words.title}</p>
      <button
        type="button"
        class="button quiet"
        id="language"
        lang=${words.tag === "de" ? "en" : "de"}
        @click=${context.switchLanguage}
      >
        ${words.language}
      </button>
    </header>
    <aside class="banner" aria-label=${words.mark}><strong>${words.mark}</strong> ${words.banner}</aside>
    ${screen(context, tab)}`;
}

/** What the browser's tab says. */
export function title({ words }: Pick<Context, "words">, tab: Tab): string {
  const matter = tab.at === "here" && tab.phase.at === "calling" ? `${words.calling.title} – ` : "";
  return `${words.mark}: ${matter}${words.title}`;
}

function screen(context: Context, tab: Tab): TemplateResult {
  switch (tab.at) {
    case "beginning":
      return html`<main class="narrow"><p class="card" role="status">${context.words.beginning}</p></main>`;
    case "ended":
      return ended(context, tab);
    case "here":
      switch (tab.phase.at) {
        case "ready":
          return ready(context, tab, tab.phase);
        case "calling":
          return calling(context, tab.phase.rings);
        case "talking":
          return talking(context, tab, tab.phase);
      }
  }
}

function ended({ words, send }: Context, { why }: Ended): TemplateResult {
  const { what, next } = words.ended.why[why];
  return html`<main class="narrow">
    <section class="card" aria-labelledby="ended-title">
      <h1 id="ended-title" tabindex="-1">${what}</h1>
      <p class="lead">${next}</p>
      <div class="choices column">
        ${button({ icon: "person", label: words.ended.again, kind: "accent" }, () => send({ is: "again" }))}
        ${button({ icon: "not", label: words.ended.close }, () => window.close())}
      </div>
    </section>
  </main>`;
}

function ready(context: Context, tab: Here, { result }: Ready): TemplateResult {
  const { words, send } = context;
  const text = words.ready;
  const chosen = (event: globalThis.Event): void =>
    send({ is: "choose", department: (event.target as HTMLInputElement).value });
  return html`<main class="ringing">
    <section class="card" aria-labelledby="ready-title">
      <h1 id="ready-title" tabindex="-1">${text.title}</h1>
      <p class="lead">${text.about}</p>
      <div class="told">
        ${tab.reachable ? nothing : message("calm", text.unreachable)}
        ${result === null ? nothing : message("calm", text.result[result])}
      </div>
      <fieldset class="where">
        <legend>${text.department}</legend>
        ${tab.departments.map(
          ({ id, name }) => html`<label>
            <input
              type="radio"
              name="department"
              value=${id}
              .checked=${id === tab.department}
              @change=${chosen}
            />
            ${name[words.tag]}
          </label>`,
        )}
      </fieldset>
      <div class="choices">
        ${button(
          {
            id: "call",
            icon: "phone",
            label: text.call,
            key: KEYS.call,
            kind: "accent",
            disabled: !tab.reachable,
          },
          () => send({ is: "call" }),
        )}
      </div>
    </section>
    ${picture(context, text.own)}
  </main>`;
}

function calling(context: Context, rings: boolean): TemplateResult {
  const { words, send } = context;
  const text = words.calling;
  return html`<main class="ringing">
    <section class="card" aria-labelledby="calling-title">
      <h1 id="calling-title" tabindex="-1" aria-live="polite">${rings ? text.title : text.reaching}</h1>
      <p class="lead">${text.about}</p>
      <div class="choices">
        ${button({ icon: "end", label: text.cancel, key: KEYS.hangUp, kind: "stop" }, () => send({ is: "hang-up" }))}
      </div>
    </section>
    ${picture(context, words.ready.own)}
  </main>`;
}

function picture({ own, words }: Context, caption: string): TemplateResult {
  return html`<figure class="card preview">
    <div class="frame" role="img" aria-label=${words.call.own}>${own}</div>
    <figcaption>${caption}</figcaption>
  </figure>`;
}

function talking(context: Context, tab: Here, phase: Talking): TemplateResult {
  const { words, send, now, clerk, own, level } = context;
  const text = words.call;
  const department = tab.departments.find(({ id }) => id === tab.department);
  const notice = phase.paused
    ? text.paused
    : phase.held
      ? text.held
      : phase.flows && clerk !== null
        ? null
        : text.connecting;
  return html`<main class="call">
    <header class="call-head">
      <h1 id="call-title" tabindex="-1">${text.title(department?.name[words.tag] ?? "")}</h1>
      <p class="time" role="timer">${clock(now - phase.since)}</p>
    </header>
    <section class="stage" aria-labelledby="call-title">
      ${video(clerk, text.clerk, phase.listens && notice === null, notice !== null, "other")}
      <div class="notice" role="status" ?hidden=${notice === null}>
        <p><strong>${notice?.what}</strong></p>
        <p>${notice?.next}</p>
      </div>
      <div class="own" role="img" aria-label=${text.own}>${own}</div>
      <p class="level">
        <label for="level">${text.level}</label>
        <meter id="level" min="0" max="1" .value=${level}></meter>
      </p>
    </section>
    <div class="side">${chat({ words, send }, phase)} ${papers(context, phase)}</div>
    ${controls(context, phase)}
  </main>`;
}

function controls({ words, send }: Context, phase: Talking): TemplateResult {
  const text = words.call;
  return html`<div class="controls" role="group" aria-label=${text.controls}>
    ${button(
      {
        icon: "hear",
        label: phase.listens ? text.unlisten : text.listen,
        about: text.listenAbout,
        key: KEYS.listen,
        kind: phase.listens ? "accent" : "plain",
      },
      () => send({ is: "listen" }),
    )}
    ${button(
      {
        icon: phase.pauses ? "go" : "pause",
        label: phase.pauses ? text.resume : text.pause,
        key: KEYS.pause,
        kind: phase.pauses ? "accent" : "plain",
      },
      () => send({ is: "pause" }),
    )}
    ${button({ icon: "end", label: text.hangUp, key: KEYS.hangUp, kind: "stop" }, () => send({ is: "hang-up" }))}
  </div>`;
}
