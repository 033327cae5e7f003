// SPDX-License-Identifier: EUPL-1.2
/** After the call: how it went, one press, and on. */

import { html, nothing, type TemplateResult } from "lit-html";
import type { Outcome, Wrapping } from "../desk/state.ts";
import { OUTCOME } from "../keys.ts";
import type { Icon } from "./icons.ts";
import { button, type Context } from "./parts.ts";

const ICONS: Record<Outcome, Icon> = { done: "check", "follow-up": "later", unresolved: "not" };

/** The screen. */
export function wrap({ words, send }: Context, phase: Wrapping): TemplateResult {
  return html`<main class="narrow">
    <section class="card wrap" aria-labelledby="wrap-title">
      <h1 id="wrap-title" tabindex="-1">${words.wrap.title[phase.ending]}</h1>
      <p class="lead">${words.wrap.gone}</p>
      <h2 id="wrap-question">${words.wrap.question}</h2>
      <div class="choices column" role="group" aria-labelledby="wrap-question">
        ${(["done", "follow-up", "unresolved"] as const).map((outcome) =>
          button(
            {
              icon: ICONS[outcome],
              label: words.wrap.outcome[outcome],
              about: words.wrap.about[outcome],
              key: OUTCOME[outcome],
              kind: outcome === "done" ? "accent" : "plain",
            },
            () => send({ is: "outcome", outcome }),
          ),
        )}
      </div>
      ${phase.practice ? nothing : next(words, send, phase)}
      <p class="hint">${phase.practice ? words.practice.wrap : words.wrap.counted}</p>
    </section>
  </main>`;
}

/** What the desk is afterwards. After practice it is what it was. */
function next(words: Context["words"], send: Context["send"], phase: Wrapping): TemplateResult {
  return html`<fieldset class="next">
    <legend>${words.wrap.next}</legend>
    ${(["free", "break"] as const).map(
      (presence) => html`<label>
        <input
          type="radio"
          name="next"
          .checked=${phase.next === presence}
          @change=${() => send({ is: "next", presence })}
        />
        ${words.presence[presence]}
      </label>`,
    )}
  </fieldset>`;
}
