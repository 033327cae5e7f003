// SPDX-License-Identifier: EUPL-1.2
/** No call: what the desk is, and who waits. */

import { html, type TemplateResult } from "lit-html";
import { type Inside, link, type Presence } from "../desk/state.ts";
import { PRESENCE } from "../keys.ts";
import type { Icon } from "./icons.ts";
import { button, type Context } from "./parts.ts";

const ICONS: Record<Presence, Icon> = { free: "phone", busy: "work", break: "cup" };

/** The screen. */
export function home(context: Context, desk: Inside): TemplateResult {
  const { words, send } = context;
  const shown = desk.wish ?? desk.presence;
  const up = link(desk) === "up";
  return html`<main class="home">
    <section class="card presence" aria-labelledby="presence-title">
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
    </section>
    ${waiting(context, desk)}
  </main>`;
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
