// SPDX-License-Identifier: EUPL-1.2
/** Somebody calls: which matter, and one button. */

import { html, type TemplateResult } from "lit-html";
import type { Inside, Ringing } from "../desk/state.ts";
import { CALL } from "../keys.ts";
import { button, type Context, video } from "./parts.ts";

/** The screen. */
export function ringing({ words, send, pictures }: Context, _desk: Inside, phase: Ringing): TemplateResult {
  return html`<main class="ringing">
    <section class="card call-card" aria-labelledby="ringing-title">
      <p class="eyebrow">${words.ringing.title}</p>
      <h1 id="ringing-title" tabindex="-1">${phase.topic ?? words.ringing.unknown}</h1>
      <div class="choices">
        ${button(
          {
            id: "take",
            icon: "phone",
            label: phase.answering ? words.ringing.taking : words.ringing.take,
            key: CALL.take,
            kind: "accent",
            disabled: phase.answering,
          },
          () => send({ is: "answer" }),
        )}
        ${button(
          {
            icon: "cup",
            label: words.ringing.decline,
            ...(phase.practice ? {} : { about: words.ringing.declineAbout }),
            key: CALL.decline,
            disabled: phase.answering,
          },
          () => send({ is: "decline" }),
        )}
      </div>
    </section>
    <figure class="card preview">
      <div class="frame">
        ${video(pictures.own, words.ringing.own, false, pictures.own === null, "mirror")}
        ${pictures.own === null ? html`<p>${words.ringing.ownNone}</p>` : ""}
      </div>
      <figcaption>${words.ringing.own}</figcaption>
    </figure>
  </main>`;
}
