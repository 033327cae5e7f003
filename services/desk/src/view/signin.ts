// SPDX-License-Identifier: EUPL-1.2
/** Signing in. */

import { html, nothing, type TemplateResult } from "lit-html";
import type { Outside } from "../desk/state.ts";
import { type Context, problem } from "./parts.ts";

/** The screen. The password stands in its field alone and is taken out of it at once. */
export function signIn(context: Context, outside: Outside): TemplateResult {
  const { words, send } = context;
  if (outside.asking === "session") {
    return html`<main class="narrow"><p class="card" role="status">${words.signIn.looking}</p></main>`;
  }
  const go = (event: Event): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const field = (name: string): HTMLInputElement => form.elements.namedItem(name) as HTMLInputElement;
    const [desk, password] = [field("desk"), field("password")];
    if (outside.asking === null) {
      send({ is: "sign-in", desk: desk.value.trim(), password: password.value });
      password.value = "";
    }
  };
  return html`<main class="narrow">
    <form class="card" @submit=${go} autocomplete="off">
      <h1 tabindex="-1">${words.signIn.title}</h1>
      <p class="lead">${words.signIn.about}</p>
      ${problem(context, outside.problem, false)}
      <label for="desk">${words.signIn.desk}</label>
      <p class="hint" id="desk-hint">${words.signIn.deskHint}</p>
      <input
        id="desk"
        name="desk"
        required
        maxlength="64"
        autocomplete="username"
        autocapitalize="none"
        spellcheck="false"
        aria-describedby="desk-hint"
      />
      <label for="password">${words.signIn.password}</label>
      <input id="password" name="password" type="password" required maxlength="256" autocomplete="current-password" />
      <button type="submit" class="button accent wide" aria-disabled=${outside.asking === null ? nothing : "true"}>
        <span class="label">${outside.asking === null ? words.signIn.go : words.signIn.going}</span>
      </button>
    </form>
  </main>`;
}
