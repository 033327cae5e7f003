// SPDX-License-Identifier: EUPL-1.2
/** No call: what the desk is, and who waits. */

import { html, type TemplateResult } from "lit-html";
import { type Inside, link, type Presence } from "../desk/state.ts";
import { PRACTICE, PRESENCE } from "../keys.ts";
import { type Icon, icon } from "./icons.ts";
import { button, type Context, keycap } from "./parts.ts";

const ICONS: Record<Presence, Icon> = { free: "phone", busy: "work", break: "cup" };

/** The screen. */
export function home(context: Context, desk: Inside): TemplateResult {
  return html`<main class="home">
    ${desk.practice === null ? presence(context, desk) : practice(context, desk)} ${waiting(context, desk)}
  </main>`;
}

function presence({ words, send }: Context, desk: Inside): TemplateResult {
  const shown = desk.wish ?? desk.presence;
  const up = link(desk) === "up";
  return html`<section class="card presence" aria-labelledby="presence-title">
      <h1 id="presence-title" tabindex="-1">${words.presence.now[shown]}</h1>
      <p class="lead">${up || shown !== "free" ? words.presence.about[shown] : words.link[link(desk) === "down" ? "down" : "connecting"].what}</p>
      <div class="choices" role="group" aria-label=${words.presence.title}>
        ${(["free", "busy", "break"] as const).map((presence) =>
          button(
            {
              icon: ICONS[presence],
              label: words.presence[presence],
              key: PRESENCE[presence],
              pressed: shown === presence,
              kind: shown === presence ? "accent" : "plain",
            },
            () => send({ is: "wish", presence }),
          ),
        )}
      </div>
      <div class="aside">
        <a
          id="practise"
          class="button"
          href="/practice.html#${words.tag}"
          target="_blank"
          rel="noopener"
          aria-keyshortcuts=${PRACTICE.begin}
        >
          ${icon("person")}
          <span class="label">${words.practice.begin}<small>${words.practice.beginAbout}</small></span>
          ${keycap(PRACTICE.begin)}
        </a>
      </div>
    </section>`;
}

/** A practice: what to do, and the end of it. What the desk was is not chosen meanwhile. */
function practice({ words, send }: Context, desk: Inside): TemplateResult {
  const text = words.practice;
  return html`<section class="card presence practising" aria-labelledby="practice-title">
    <h1 id="practice-title" tabindex="-1">${text.now}</h1>
    <p class="lead">${text.about}</p>
    <ol class="steps">
      ${text.steps.map((step) => html`<li>${step}</li>`)}
    </ol>
    <div class="choices">
      ${button(
        {
          id: "stop-practice",
          icon: "not",
          label: text.stop,
          about: text.after(words.presence[desk.presence]),
          key: PRACTICE.stop,
          kind: "accent",
        },
        () => send({ is: "stop-practice" }),
      )}
    </div>
  </section>`;
}

function waiting({ words, now }: Context, desk: Inside): TemplateResult {
  const { waiting } = desk;
  return html`<section class="card waiting" aria-labelledby="waiting-title">
    <h2 id="waiting-title">${words.waiting.title}</h2>
    ${
      waiting.length === 0
        ? html`<p class="empty">${words.waiting.none}</p>`
        : html`<p class="count">${words.waiting.count(waiting.length)}</p>
          <table>
            <thead>
              <tr>
                <th scope="col">${words.waiting.topic}</th>
                <th scope="col">${words.waiting.since}</th>
              </tr>
            </thead>
            <tbody>
              ${waiting.map(
                (waiter) => html`<tr>
                  <td>${waiter.topic}${waiter.rings ? html` <span class="tag">${words.waiting.rings}</span>` : ""}</td>
                  <td class="number">${words.waiting.minutes(Math.floor((now - waiter.since) / 60_000))}</td>
                </tr>`,
              )}
            </tbody>
          </table>`
    }
  </section>`;
}
