// SPDX-License-Identifier: EUPL-1.2
/** The call: the other side large, and all that can be done below it, in places that never change. */

import { html, nothing, type TemplateResult } from "lit-html";
import type { Inside, Talking } from "../desk/state.ts";
import { CALL } from "../keys.ts";
import type { Message } from "../words/de.ts";
import { handOver } from "./handover.ts";
import { icon } from "./icons.ts";
import { papers } from "./papers.ts";
import { button, type Context, clock, video } from "./parts.ts";
import { chat } from "./side.ts";

/** The screen. */
export function call(context: Context, desk: Inside, phase: Talking): TemplateResult {
  const { words } = context;
  return html`<main class="call">
    <header class="call-head">
      <h1 id="call-title" tabindex="-1">${words.call.title(phase.topic)}</h1>
      <p class="time" role="timer">${clock(context.now - phase.since)}</p>
    </header>
    <section class="stage" aria-labelledby="call-title">${stage(context, phase)}</section>
    <div class="side">
      ${
        phase.handing === null
          ? html`${chat(context, phase)} ${papers(context, phase)}`
          : handOver(context, desk, phase, phase.handing)
      }
    </div>
    ${controls(context, phase)}
  </main>`;
}

/** What stands where the other side's picture would be, if it is not there. */
function instead(context: Context, phase: Talking): Message | null {
  const words = context.words.call;
  if (phase.paused) {
    return words.paused;
  }
  if (phase.held) {
    return words.held;
  }
  if (phase.media === "lost") {
    return words.lost;
  }
  if (phase.media === "connecting" || context.pictures.other === null) {
    return { what: words.connecting, next: "" };
  }
  return null;
}

function stage(context: Context, phase: Talking): TemplateResult {
  const { words, pictures } = context;
  const notice = instead(context, phase);
  const quiet = phase.paused || phase.held;
  const { shared } = phase.papers;
  return html`${video(pictures.other, words.call.other, !quiet, notice !== null, "other")}
    <div class="notice" role="status" ?hidden=${notice === null}>
      <p><strong>${notice?.what}</strong></p>
      <p>${notice?.next}</p>
    </div>
    <p class="sharing" role="status">${shared === null ? nothing : html`${icon("screen")} ${words.papers.shares[shared.surface]}`}</p>
    <div class="own" ?hidden=${phase.paused && !phase.hidden && !phase.muted}>
      ${video(pictures.own, words.call.own, false, phase.hidden || phase.paused, "mirror")}
      ${phase.hidden ? html`<p>${icon("pictureOff")} ${words.call.hiddenNote}</p>` : nothing}
      ${phase.muted ? html`<p>${icon("soundOff")} ${words.call.mutedNote}</p>` : nothing}
    </div>`;
}

function controls({ words, send }: Context, phase: Talking): TemplateResult {
  const { call } = words;
  return html`<div class="controls" role="group" aria-label=${call.controls}>
    ${button(
      {
        icon: phase.muted ? "sound" : "soundOff",
        label: phase.muted ? call.unmute : call.mute,
        key: CALL.mute,
        kind: phase.muted ? "accent" : "plain",
      },
      () => send({ is: "mute" }),
    )}
    ${button(
      {
        icon: phase.hidden ? "picture" : "pictureOff",
        label: phase.hidden ? call.unhide : call.hide,
        key: CALL.hide,
        kind: phase.hidden ? "accent" : "plain",
      },
      () => send({ is: "hide" }),
    )}
    ${button(
      {
        icon: phase.paused ? "go" : "pause",
        label: phase.paused ? call.resume : call.pause,
        key: CALL.pause,
        kind: phase.paused ? "accent" : "plain",
        disabled: phase.pausing,
      },
      () => send({ is: "pause" }),
    )}
    ${button({ id: "hand-over", icon: "hand", label: call.handOver, key: CALL.handOver }, () => send({ is: "choose" }))}
    ${button({ icon: "end", label: call.end, key: CALL.end, kind: "stop" }, () => send({ is: "end" }))}
  </div>`;
}
