// SPDX-License-Identifier: EUPL-1.2
/** What the page that plays a terminal asks of the exchange (`services/exchange/src/api/practice.rs`). It is known by the desk's cookie. */

import { type Account, ask, Refusal, read, record, text } from "../edge/exchange.ts";
import type { Department } from "./state.ts";

/** A practice. */
export interface Practice {
  readonly id: string;
  readonly departments: readonly Department[];
}

/** Begins one. */
export async function begin(): Promise<Practice> {
  const begun = record(await ask("POST", "practice"));
  const list = begun?.["departments"];
  const id = text(begun?.["id"]);
  if (!/^[a-z2-9]+$/.test(id) || !Array.isArray(list)) {
    throw new Refusal({ what: "unavailable" });
  }
  const departments = list.slice(0, 200).map((entry: unknown) => {
    const department = record(entry);
    const name = record(department?.["name"]);
    const de = text(name?.["de"]);
    return { id: text(department?.["id"]), name: { de, en: text(name?.["en"]) || de } };
  });
  return { id, departments };
}

/** The address that rings the desk, and the account that may call it. */
export async function call(id: string, department: string): Promise<{ uri: string; account: Account }> {
  const called = record(await ask("POST", `practice/${id}/call`, { department }));
  return { uri: text(called?.["uri"]), account: read(called?.["account"]) };
}

/** Ends it, also while the page is being closed. */
export function end(id: string): void {
  const init = { method: "DELETE", credentials: "same-origin", keepalive: true } as const;
  // If it does not arrive, the exchange notices that the page is gone.
  fetch(`/api/desk/practice/${id}`, init).catch(() => undefined);
}

/** Reads what an event of the exchange says; nothing where it is none. */
export function told(data: string): { readonly reachable: boolean } | null {
  try {
    const state = record(JSON.parse(data));
    return state === null ? null : { reachable: state["reachable"] === true };
  } catch {
    return null;
  }
}
