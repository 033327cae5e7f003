// SPDX-License-Identifier: EUPL-1.2
/** The whole page: a bar that never moves, what has to be told, and the screen. */

import { html, nothing, type TemplateResult } from "lit-html";
import { type Desk, type Inside, link } from "../desk/state.ts";
import { call } from "./call.ts";
import { home } from "./home.ts";
import { type Context, message, problem } from "./parts.ts";
import { ringing } from "./ringing.ts";
import { signIn } from "./signin.ts";
import { wrap } from "./wrap.ts";

/** The page. */
export function page(context: Context, desk: Desk): TemplateResult {
  return html`${bar(context, desk)}
    ${desk.at === "inside" && practises(desk) ? banner(context) : nothing}
    ${desk.at === "inside" ? inform(context, desk) : nothing}
    ${screen(context, desk)}
    <p class="unseen" role="status">${announce(context, desk)}</p>`;
}

/** What the browser's tab says: a clerk works in other windows too. */
export function title(context: Context, desk: Desk): string {
  const mark = desk.at === "inside" && practises(desk) ? `${context.words.practice.mark}: ` : "";
  return mark + matter(context, desk);
}

function matter({ words }: Context, desk: Desk): string {
  if (desk.at === "outside") {
    return `${words.signIn.title} – ${words.title}`;
  }
  switch (desk.phase.at) {
    case "ringing":
      return `☎ ${words.ringing.title}: ${desk.phase.topic ?? ""}`;
    case "talking":
      return `${words.call.title(desk.phase.topic)} – ${words.title}`;
    case "wrapping":
      return `${words.wrap.question} – ${words.title}`;
    case "idle": {
      const { presence, waiting } = desk;
      if (desk.practice !== null) {
        return `${words.practice.now} – ${words.title}`;
      }
      const count = waiting.length > 0 ? ` (${waiting.length})` : "";
      return `${words.presence[desk.wish ?? presence]}${count} – ${words.title}`;
    }
  }
}

function bar({ words, send, switchLanguage }: Context, desk: Desk): TemplateResult {
  const busy = desk.at === "inside" && (desk.phase.at === "ringing" || desk.phase.at === "talking");
  const other = words.tag === "de" ? "en" : "de";
  return html`<header class="bar">
    <p class="brand"><strong>Amtsnah</strong> ${desk.at === "inside" ? words.signedInAs(desk.desk, desk.person) : words.page}</p>
    <button type="button" class="button quiet" id="language" lang=${other} @click=${switchLanguage}>${words.language}</button>
    ${
      desk.at === "inside" && !busy
        ? html`<button type="button" class="button quiet" id="sign-out" @click=${() => send({ is: "sign-out" })}>
          ${words.signOut}
        </button>`
        : nothing
    }
  </header>`;
}

/** Whether what is on the screen is no conversation with a citizen, or none can come. */
function practises({ practice, phase }: Inside): boolean {
  return phase.at === "idle" ? practice !== null : phase.practice;
}

/** Always there, and said once: nobody takes practice for the real thing, or the other way round. */
function banner({ words }: Context): TemplateResult {
  return html`<p class="banner" role="status"><strong>${words.practice.mark}</strong> ${words.practice.banner}</p>`;
}

function inform(context: Context, desk: Inside): TemplateResult | typeof nothing {
  const { words } = context;
  const talking = desk.phase.at === "talking";
  const state = link(desk);
  let about: TemplateResult | typeof nothing = nothing;
  if (desk.expelled !== null) {
    about = message("warning", words.link.expelled);
  } else if (state === "down") {
    about = message("warning", talking ? words.link.downTalking : words.link.down);
  } else if (state === "connecting") {
    about = message("calm", words.link.connecting);
  }
  const trouble = problem(context, desk.problem);
  return about === nothing && trouble === nothing ? nothing : html`<div class="messages">${about} ${trouble}</div>`;
}

function screen(context: Context, desk: Desk): TemplateResult {
  if (desk.at === "outside") {
    return signIn(context, desk);
  }
  const { phase } = desk;
  switch (phase.at) {
    case "idle":
      return home(context, desk);
    case "ringing":
      return ringing(context, desk, phase);
    case "talking":
      return call(context, desk, phase);
    case "wrapping":
      return wrap(context, phase);
  }
}

/** What is said aloud by a screen reader when it changes. */
function announce({ words }: Context, desk: Desk): string {
  if (desk.at === "inside" && desk.phase.at === "ringing") {
    return `${words.ringing.title}: ${desk.phase.topic ?? ""}`;
  }
  return "";
}
