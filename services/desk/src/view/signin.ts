// SPDX-License-Identifier: EUPL-1.2
/** Signing in. */

import { html, nothing, type TemplateResult } from "lit-html";
import type { Outside, Provider } from "../desk/state.ts";
import { type Context, problem } from "./parts.ts";

/** The screen. */
export function signIn(context: Context, outside: Outside): TemplateResult {
  const { words } = context;
  if (outside.asking === "session") {
    return html`<main class="narrow"><p class="card" role="status">${words.signIn.looking}</p></main>`;
  }
  const { passwords, providers } = outside.ways;
  return html`<main class="narrow">
    <div class="card">
      <h1 tabindex="-1">${words.signIn.title}</h1>
      <p class="lead">${words.signIn.about}</p>
      ${problem(context, outside.problem, false)}
      ${providers.length === 0 ? nothing : accounts(context, providers)}
      ${passwords && providers.length > 0 ? html`<h2 class="or">${words.signIn.or}</h2>` : nothing}
      ${passwords ? form(context, outside, providers.length === 0) : nothing}
    </div>
  </main>`;
}

/**
 * The accounts that clerks have already. Links, since the browser goes there: the exchange's policy lets no form lead elsewhere. Where there are
 * several, each says whose it is.
 */
function accounts({ words }: Context, providers: readonly Provider[]): TemplateResult {
  const link = ({ authority, name, label }: Provider, first: boolean): TemplateResult => html`<a
    class="button accent wide"
    id=${first ? "provider" : nothing}
    href="/api/desk/provider/${encodeURIComponent(authority)}"
  >
    <span class="label"
      >${label?.[words.tag] ?? words.signIn.provider}${
        providers.length === 1 ? nothing : html`<small>${name[words.tag]}</small>`
      }</span
    >
  </a>`;
  return html`<ul class="accounts">
    ${providers.map((provider, at) => html`<li>${link(provider, at === 0)}</li>`)}
  </ul>`;
}

/** The password stands in its field alone and is taken out of it at once. */
function form({ words, send }: Context, outside: Outside, alone: boolean): TemplateResult {
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
  return html`<form @submit=${go} autocomplete="off">
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
    <button
      type="submit"
      class="button ${alone ? "accent" : "plain"} wide"
      aria-disabled=${outside.asking === null ? nothing : "true"}
    >
      <span class="label">${outside.asking === null ? words.signIn.go : words.signIn.going}</span>
    </button>
  </form>`;
}
