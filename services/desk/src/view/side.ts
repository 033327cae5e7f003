// SPDX-License-Identifier: EUPL-1.2
/** Beside the picture: what is written. */

import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import type { Talking } from "../desk/state.ts";
import { CALL } from "../keys.ts";
import type { Words } from "../words/de.ts";
import { keycap } from "./parts.ts";

/** What it needs: the page that plays a terminal has it too. */
interface Writing {
  readonly words: { readonly chat: Words["chat"] };
  readonly send: (deed: { readonly is: "type"; readonly text: string } | { readonly is: "line" }) => void;
}

/** Written chat: the other side reads along. */
export function chat({ words, send }: Writing, phase: Pick<Talking, "said" | "writes" | "draft">): TemplateResult {
  const { chat } = words;
  const typed = (event: InputEvent): void => {
    // A letter that is being composed is not one yet.
    if (!event.isComposing) {
      send({ is: "type", text: (event.target as HTMLInputElement).value });
    }
  };
  const composed = (event: CompositionEvent): void =>
    send({ is: "type", text: (event.target as HTMLInputElement).value });
  const entered = (event: Event): void => {
    event.preventDefault();
    send({ is: "line" });
  };
  return html`<section class="card chat" aria-labelledby="chat-title">
    <h2 id="chat-title">${chat.title}</h2>
    <div class="said" role="log" tabindex="0" aria-labelledby="chat-title">
      ${
        phase.said.length === 0
          ? html`<p class="empty">${chat.empty}</p>`
          : phase.said.map(
              (line) => html`<p class=${line.who}>
                <span class="who">${line.who === "us" ? chat.us : chat.them}${line.open ? html` <em>${chat.typing[line.who]}</em>` : nothing}</span>
                <span class="text" dir="auto">${line.text}</span>
              </p>`,
            )
      }
    </div>
    ${
      phase.writes
        ? html`<form @submit=${entered} autocomplete="off">
          <label for="write">${chat.field} ${keycap(CALL.write)}</label>
          <input
            id="write"
            maxlength="1000"
            dir="auto"
            aria-describedby="write-hint"
            aria-keyshortcuts=${CALL.write}
            .value=${live(phase.draft)}
            @input=${typed}
            @compositionend=${composed}
          />
          <p class="hint" id="write-hint">${chat.hint}</p>
        </form>`
        : html`<p class="hint">${chat.closed}</p>`
    }
  </section>`;
}
