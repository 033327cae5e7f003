// SPDX-License-Identifier: EUPL-1.2
/** Saving what came in: one step, by the browser's own download. */

import { bundle, called, type Matter } from "../papers/bundle.ts";
import type { Papers } from "../papers/desk.ts";
import type { Bytes } from "../papers/paper.ts";

/** The browser has taken a download over by then. */
const TAKEN = 10_000;

/** Saves it. */
export function save(papers: Papers, matter: Matter): void {
  const saved = new Date();
  const content: Bytes = bundle(papers, papers.pile, matter, saved);
  const address = URL.createObjectURL(new Blob([content], { type: "application/zip" }));
  content.fill(0);
  const link = document.createElement("a");
  link.href = address;
  link.download = called(saved);
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(address), TAKEN);
}
