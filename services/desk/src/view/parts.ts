// SPDX-License-Identifier: EUPL-1.2
/** What several screens have. */

import { html, nothing, type TemplateResult } from "lit-html";
import { guard } from "lit-html/directives/guard.js";
import type { Deed } from "../desk/event.ts";
import type { Problem } from "../desk/state.ts";
import type { Pictures } from "../edge/doing.ts";
import type { Message, Words } from "../words/de.ts";
import { type Icon, icon } from "./icons.ts";

/** What a screen needs. */
export interface Context {
  readonly words: Words;
  /** The page's clock, in milliseconds. */
  readonly now: number;
  readonly pictures: Pictures;
  /** The clerk does something. */
  readonly send: (deed: Deed) => void;
  /** The other language. */
  readonly switchLanguage: () => void;
}

/** A button's face. */
export interface Face {
  readonly icon: Icon;
  readonly label: string;
  readonly key?: string;
  readonly kind?: "accent" | "stop" | "plain";
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  readonly about?: string;
  readonly id?: string;
}

/** A button with its words and its key. */
export function button(face: Face, act: () => void): TemplateResult {
  return html`<button
    type="button"
    id=${face.id ?? nothing}
    class="button ${face.kind ?? "plain"}"
    aria-pressed=${face.pressed === undefined ? nothing : String(face.pressed)}
    aria-keyshortcuts=${face.key ?? nothing}
    aria-disabled=${face.disabled === true ? "true" : nothing}
    @click=${() => {
      if (face.disabled !== true) {
        act();
      }
    }}
  >
    ${icon(face.icon)}
    <span class="label">${face.label}${face.about === undefined ? nothing : html`<small>${face.about}</small>`}</span>
    ${face.key === undefined ? nothing : keycap(face.key)}
  </button>`;
}

/** A key, as it is written on it. What listens learns it from `aria-keyshortcuts`. */
export function keycap(key: string): TemplateResult {
  return html`<kbd aria-hidden="true">${key === "Escape" ? "Esc" : key}</kbd>`;
}

/** A message: what happened, and what comes next. */
export function message(
  kind: "warning" | "calm",
  { what, next }: Message,
  close?: () => void,
  label = "",
): TemplateResult {
  return html`<div class="message ${kind}" role=${kind === "warning" ? "alert" : "status"}>
    ${icon(kind === "warning" ? "warning" : "later")}
    <p><strong>${what}</strong> ${next}</p>
    ${close === undefined ? nothing : html`<button type="button" class="button quiet" @click=${close}>${label}</button>`}
  </div>`;
}

/** Troubles that are no fault of anything. */
const CALM: readonly string[] = ["taken", "left", "practice-left"];

/** A problem in words, if there is one. */
export function problem(context: Context, problem: Problem | null, closes = true): TemplateResult | typeof nothing {
  if (problem === null) {
    return nothing;
  }
  const { words, send } = context;
  const kind = CALM.includes(problem.what) ? "calm" : "warning";
  const dismiss = closes ? (): void => send({ is: "dismiss" }) : undefined;
  return message(kind, words.trouble[problem.what](problem.wait), dismiss, words.close);
}

/** A time that runs, as `3:07`. */
export function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** A moving picture. Its stream is set when it is another one and not at every stroke: setting it begins the picture anew. */
export function video(
  stream: MediaStream | null,
  name: string,
  sound: boolean,
  hidden: boolean,
  extra = "",
): TemplateResult {
  return html`<video
    class=${extra}
    aria-label=${name}
    autoplay
    playsinline
    ?hidden=${hidden}
    .muted=${!sound}
    .srcObject=${guard([stream], () => stream)}
  ></video>`;
}
