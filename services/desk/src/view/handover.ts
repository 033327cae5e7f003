// SPDX-License-Identifier: EUPL-1.2
/** Handing a call to another department. */

import { html, type TemplateResult } from "lit-html";
import type { Department, Inside, Talking } from "../desk/state.ts";
import { CALL } from "../keys.ts";
import { button, type Context } from "./parts.ts";

/** The choice, beside the picture, where otherwise text and papers are. */
export function handOver(
  context: Context,
  desk: Inside,
  phase: Talking,
  handing: NonNullable<Talking["handing"]>,
): TemplateResult {
  const { words, send } = context;
  const others = desk.departments?.filter((department) => department.id !== phase.department) ?? null;
  const name = (id: string): string =>
    desk.departments?.find((department) => department.id === id)?.name[words.tag] ?? id;
  return html`<section
    class="card sheet"
    aria-labelledby="hand-over-title"
  >
    <h2 id="hand-over-title" tabindex="-1">${words.handOver.title}</h2>
    <p class="lead">${handing === "choosing" ? words.handOver.about : words.handOver.going(name(handing.to))}</p>
    ${handing === "choosing" ? html`<div class="departments">${list(context, others)}</div>` : ""}
    ${button({ icon: "not", label: words.handOver.back, key: CALL.back, disabled: handing !== "choosing" }, () =>
      send({ is: "keep" }),
    )}
  </section>`;
}

function list({ words, send }: Context, departments: readonly Department[] | null): TemplateResult {
  if (departments === null || departments.length === 0) {
    const { loading, none } = words.handOver;
    return html`<p class="empty" role="status">${departments === null ? loading : none}</p>`;
  }
  return html`${departments.map((department) =>
    button(
      {
        icon: "hand",
        label: department.name[words.tag],
        about: department.open ? words.handOver.waiting(department.waiting) : words.handOver.closed,
        disabled: !department.open,
      },
      () => send({ is: "hand-over", to: department.id }),
    ),
  )}`;
}
