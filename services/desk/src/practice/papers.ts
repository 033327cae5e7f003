// SPDX-License-Identifier: EUPL-1.2
/** The papers of the page that plays a terminal: the clerk's questions first, then what is shown, then what lies there. */

import { html, nothing, type TemplateResult } from "lit-html";
import type { Lying } from "../papers/terminal.ts";
import { button, video } from "../view/parts.ts";
import type { Words } from "../words/practice-de.ts";
import type { Event, Talking } from "./state.ts";

/** All of a page, in the parts that places on it are told in. */
const WHOLE = 65_535;

interface Context {
  readonly words: Words;
  readonly screen: MediaStream | null;
  readonly send: (event: Event) => void;
}

/** The card. */
export function papers(context: Context, phase: Talking): TemplateResult {
  const { words } = context;
  const { papers } = phase;
  return html`<section class="card papers" tabindex="0" aria-labelledby="papers-title">
    <h2 id="papers-title">${words.papers.title}</h2>
    ${scan(context, papers.scan)} ${print(context, papers)}
    ${
      papers.shares
        ? screen(context)
        : papers.shown === null
          ? html`<p class="empty">${words.papers.empty}</p>`
          : shown(context, phase, papers.shown)
    }
    ${came(context, papers)}
  </section>`;
}

/** A real terminal has this in the clerk's picture, large, with the face beside it. */
function screen({ words, screen }: Context): TemplateResult {
  return html`<figure class="shown screen">
    <figcaption><span role="status">${words.papers.screen}</span></figcaption>
    ${video(screen, words.papers.screen, false, false)}
  </figure>`;
}

function name(papers: Lying, id: number): string {
  return papers.came.find(({ offer }) => offer.id === id)?.offer.name ?? "";
}

function scan({ words, send }: Context, scan: Lying["scan"]): TemplateResult | typeof nothing {
  const text = words.papers.scan;
  if (scan === null) {
    return nothing;
  }
  if (scan.answer !== null && scan.answer !== "agreed") {
    return html`<p class="answered" role="status">${text.says[scan.answer]}</p>`;
  }
  const asked = scan.answer === null;
  return html`<div class="question" role="group" aria-label=${text.ask}>
    <p role="alert">${asked ? text.ask : text.says.agreed}</p>
    <div class="choices">
      ${
        asked
          ? button({ id: "scan-yes", icon: "scan", label: text.yes, kind: "accent" }, () =>
              send({ is: "scan", agrees: true }),
            )
          : button({ id: "put", icon: "scan", label: text.put, about: text.putAbout, kind: "accent" }, () =>
              send({ is: "put" }),
            )
      }
      ${button({ id: "scan-no", icon: "not", label: text.no }, () => send({ is: "scan", agrees: false }))}
    </div>
  </div>`;
}

function print({ words, send }: Context, papers: Lying): TemplateResult | typeof nothing {
  const text = words.papers.print;
  const { print } = papers;
  if (print === null) {
    return nothing;
  }
  if (print.answer !== null) {
    return html`<p class="answered" role="status">${text.says[print.answer]}</p>`;
  }
  const question = text.ask(name(papers, print.id));
  return html`<div class="question" role="group" aria-label=${question}>
    <p role="alert">${question}</p>
    <div class="choices">
      ${button({ id: "print-yes", icon: "print", label: text.yes, kind: "accent" }, () =>
        send({ is: "print", agrees: true }),
      )}
      ${button({ id: "print-no", icon: "not", label: text.no }, () => send({ is: "print", agrees: false }))}
    </div>
  </div>`;
}

function shown({ words }: Context, { papers, pages }: Talking, at: NonNullable<Lying["shown"]>): TemplateResult {
  const text = words.papers;
  const called = name(papers, at.id);
  const whole = papers.came.some(({ offer, whole }) => offer.id === at.id && whole);
  return html`<figure class="shown looked">
    <figcaption>
      <strong dir="auto">${text.shown(called)}</strong>
      <span role="status">${text.page(at.page, pages[at.id])}</span>
    </figcaption>
    ${
      whole
        ? html`<div class="paper">
            <canvas class="page" width="1" height="1" role="img" aria-label=${text.preview(called)}></canvas>
            <p class="none">${text.noPreview}</p>
            ${
              at.point === null
                ? nothing
                : html`<svg class="point" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
                    <ellipse
                      cx=${(100 * at.point[0]) / WHOLE}
                      cy=${(100 * at.point[1]) / WHOLE}
                      rx="6"
                      ry="4.5"
                    />
                  </svg>`
            }
          </div>`
        : nothing
    }
  </figure>`;
}

function came({ words }: Context, { came }: Lying): TemplateResult | typeof nothing {
  const text = words.papers;
  return came.length === 0
    ? nothing
    : html`<h3 id="came-title">${text.came}</h3>
        <ul aria-labelledby="came-title">
          ${came.map(
            ({ offer, had, whole }) => html`<li>
              <strong dir="auto">${offer.name}</strong>
              ${whole ? nothing : html`<span>${text.coming(Math.min(99, Math.floor((100 * had) / offer.bytes)))}</span>`}
            </li>`,
          )}
        </ul>`;
}
