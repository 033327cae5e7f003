// SPDX-License-Identifier: EUPL-1.2
/** The papers of a call: what is shown at the terminal, what lies there, and the pile of what came from it. */

import { html, nothing, type TemplateResult } from "lit-html";
import type { Deed } from "../desk/event.ts";
import type { Talking } from "../desk/state.ts";
import { CALL, turn } from "../keys.ts";
import { type Ours, type Scan, type Shared, type Shown, scans, type Theirs } from "../papers/desk.ts";
import type { Words } from "../words/de.ts";
import type { Icon } from "./icons.ts";
import { icon } from "./icons.ts";
import { button, type Context, video } from "./parts.ts";

/** All of a page, in the parts that places on it are told in. */
const WHOLE = 65_535;
/** A step of the arrow keys. */
const STEP = WHOLE / 50;
/** Where the mouse points is told so often, in milliseconds. */
const PACE = 40;

/** The card. */
export function papers(context: Context, phase: Talking): TemplateResult {
  const { words, send } = context;
  const { open, ours, theirs, shown, shared, scan } = phase.papers;
  const { looks } = phase;
  const picked = ({ target }: Event): void => {
    const input = target as HTMLInputElement;
    send({ is: "add-papers", files: [...(input.files ?? [])] });
    // The same file may be picked again, and the page holds none.
    input.value = "";
  };
  return html`<section class="card papers" aria-labelledby="papers-title">
    <h2 id="papers-title">${words.papers.title}</h2>
    <p class="scans" role="status">${scan === null ? nothing : scanning(words, scan)}</p>
    ${shared === null ? nothing : screen(context, shared)}
    ${
      looks !== null
        ? look(context, phase, looks)
        : shown !== null && shared === null
          ? preview(context, phase, shown)
          : nothing
    }
    ${button(
      {
        id: "show-document",
        icon: "paper",
        label: words.papers.pick,
        about: words.papers.pickAbout,
        key: CALL.pick,
        disabled: !open,
      },
      () => document.querySelector<HTMLElement>("#pick")?.click(),
    )}
    ${
      shared === null
        ? button(
            {
              id: "share",
              icon: "screen",
              label: words.papers.share,
              about: phase.choosing ? words.papers.choosing : words.papers.shareAbout,
              key: CALL.share,
              disabled: !open || phase.choosing,
            },
            () => send({ is: "share" }),
          )
        : nothing
    }
    <input id="pick" type="file" hidden multiple accept=".pdf,.png,.jpg,.jpeg" @change=${picked} />
    ${button(
      {
        id: "scan-there",
        icon: "scan",
        label: words.papers.scan,
        about: words.papers.scanAbout,
        disabled: !open || scans(scan),
      },
      () => send({ is: "scan" }),
    )}
    ${
      ours.length === 0
        ? nothing
        : html`<h3 id="ours-title">${words.papers.ours}</h3>
          <ul aria-labelledby="ours-title">${ours.map((one) => mine(context, one, shown))}</ul>`
    }
    ${
      theirs.length === 0
        ? nothing
        : html`<h3 id="theirs-title">${words.papers.theirs}</h3>
          <ul aria-labelledby="theirs-title">${theirs.map((one) => came(context, one, looks?.id === one.id))}</ul>
          ${button(
            {
              id: "save",
              icon: "save",
              label: words.papers.save,
              about: words.papers.saveAbout,
              kind: "accent",
              disabled: !theirs.some(({ whole }) => whole),
            },
            () => send({ is: "save" }),
          )}`
    }
    ${ours.length + theirs.length === 0 ? html`<p class="empty">${words.papers.empty}</p>` : nothing}
    <p class="hint">${open ? words.papers.about : words.papers.closed}</p>
  </section>`;
}

/** What of the clerk's screen the citizen sees, in words and as it is, and the end of it. */
function screen({ words, pictures, send }: Context, shared: Shared): TemplateResult {
  const text = words.papers;
  return html`<figure class="shown screen">
    ${video(pictures.screen, text.screen, false, false)}
    <figcaption>
      <p><strong>${text.shares[shared.surface]}</strong> ${shared.label === "" ? nothing : html`<span dir="auto">${shared.label}</span>`}</p>
      ${button({ id: "unshare", icon: "not", label: text.unshow, key: CALL.share, kind: "stop" }, () =>
        send({ is: "unshare" }),
      )}
    </figcaption>
  </figure>`;
}

let pointed = 0;

/** The page that is shown, and what follows the clerk on it. */
function preview({ words, send }: Context, phase: Talking, shown: Shown): TemplateResult {
  const text = words.papers;
  const name = phase.papers.ours.find(({ id }) => id === shown.id)?.name ?? "";
  const place = (value: number): number => Math.min(WHOLE, Math.max(0, Math.round(value)));
  const moved = (event: PointerEvent): void => {
    if (event.timeStamp - pointed < PACE) {
      return;
    }
    pointed = event.timeStamp;
    const { left, top, width, height } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const at = [((event.clientX - left) / width) * WHOLE, ((event.clientY - top) / height) * WHOLE] as const;
    send({ is: "point", at: [place(at[0]), place(at[1])] });
  };
  const lift = (): void => send({ is: "point", at: null });
  const keyed = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const [x, y] = shown.point ?? [WHOLE / 2, WHOLE / 2];
      send({ is: "point", at: [place(x + (step[0] ?? 0) * STEP), place(y + (step[1] ?? 0) * STEP)] });
    }
  };
  const at = shown.point;
  return html`<figure class="shown">
    <div class="paper">
      <canvas
        class="page"
        width="1"
        height="1"
        tabindex="0"
        role="img"
        aria-label=${text.preview(name)}
        @pointermove=${moved}
        @pointerleave=${lift}
        @keydown=${keyed}
        @blur=${lift}
      ></canvas>
      <p class="none">${text.noPreview}</p>
      ${
        at === null
          ? nothing
          : html`<svg class="point" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
            <ellipse cx=${(at[0] / WHOLE) * 100} cy=${(at[1] / WHOLE) * 100} rx="3" ry="2.2" />
          </svg>`
      }
    </div>
    ${turns({ words, send }, phase, text.page(shown.page, phase.pages[shown.id]), text.unshow, { is: "unshow" })}
  </figure>`;
}

/** A page of what came from the terminal: only the clerk sees it. */
function look({ words, send }: Context, phase: Talking, looks: NonNullable<Talking["looks"]>): TemplateResult {
  const text = words.papers;
  const name = phase.papers.theirs.find(({ id }) => id === looks.id)?.name ?? "";
  return html`<figure class="shown looked">
    <div class="paper">
      <canvas class="page" width="1" height="1" tabindex="0" role="img" aria-label=${text.looked(name)}></canvas>
      <p class="none">${text.noPreview}</p>
    </div>
    ${turns({ words, send }, phase, text.page(looks.page, looks.pages ?? undefined), text.lookAway, { is: "look-away" })}
  </figure>`;
}

/** Below a page: which it is, the ways to the others, and the end of it. */
function turns(
  { words, send }: Pick<Context, "words" | "send">,
  phase: Talking,
  page: string,
  end: string,
  ends: Deed,
): TemplateResult {
  const text = words.papers;
  const go = (label: string, name: Icon, key: string, deed: Deed | null): TemplateResult => html`<button
    type="button"
    class="button small"
    aria-keyshortcuts=${key}
    aria-disabled=${deed === null ? "true" : nothing}
    @click=${() => deed !== null && send(deed)}
  >
    ${icon(name)} <span class="unseen">${label}</span>
  </button>`;
  return html`<figcaption role="group" aria-label=${text.turn}>
    ${go(text.earlier, "back", CALL.earlier, turn(phase, -1))}
    <span role="status">${page}</span>
    ${go(text.later, "next", CALL.later, turn(phase, 1))}
    <button type="button" class="button small" @click=${() => send(ends)}>${end}</button>
  </figcaption>`;
}

/** How far it is with a paper that was asked for. */
function scanning({ papers }: Words, { says, reason }: Scan): string {
  return reason === null ? papers.scans[says] : `${papers.scans[says]} ${papers.troubles[reason]}`;
}

/** So much of it, in percent: never all before it is all. */
function percent(had: number, bytes: number): number {
  return Math.min(99, Math.floor((had / bytes) * 100));
}

function mine({ words, send }: Context, one: Ours, shown: Shown | null): TemplateResult {
  const text = words.papers;
  const here = shown?.id === one.id;
  let state = text.refused;
  if (one.sent === "going") {
    state = text.going(percent(one.had, one.bytes));
  } else if (one.sent === "whole") {
    state = one.print !== null ? text.prints[one.print] : here ? text.shown : text.there;
  }
  const act = (label: string, deed: () => void): TemplateResult => html`<button
    type="button"
    class="button small"
    aria-label=${text.of(label, one.name)}
    @click=${deed}
  >
    ${label}
  </button>`;
  const waits = one.print === "asked" || one.print === "agreed";
  return html`<li>
    <p><strong dir="auto">${one.name}</strong> <span role="status">${state}</span></p>
    <div class="acts">
      ${here || one.sent === "refused" ? nothing : act(text.show, () => send({ is: "show", id: one.id, page: 1 }))}
      ${one.sent === "whole" && !waits ? act(text.print, () => send({ is: "print", id: one.id })) : nothing}
      ${act(text.takeBack, () => send({ is: "take-back", id: one.id }))}
    </div>
  </li>`;
}

function came({ words, send }: Context, { id, name, had, bytes, whole }: Theirs, looked: boolean): TemplateResult {
  const text = words.papers;
  return html`<li>
    <p>
      <strong dir="auto">${name}</strong>
      <span role="status">${whole ? text.here : text.coming(percent(had, bytes))}</span>
    </p>
    ${
      whole && !looked
        ? html`<div class="acts">
            <button
              type="button"
              class="button small"
              aria-label=${text.of(text.look, name)}
              @click=${() => send({ is: "look", id, page: 1 })}
            >
              ${text.look}
            </button>
          </div>`
        : nothing
    }
  </li>`;
}
