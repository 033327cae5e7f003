// SPDX-License-Identifier: EUPL-1.2
/** Who comes from an identity provider and is not signed in: the exchange says in the page's address why (`services/exchange/src/api/provider.rs`). */

import type { Problem, Trouble } from "../desk/state.ts";

const TROUBLES: ReadonlyMap<string, Trouble> = new Map([
  ["away", "provider-away"],
  ["untrusted", "provider-untrusted"],
  ["refused", "provider-refused"],
  ["late", "provider-late"],
  ["no-desk", "provider-no-desk"],
  ["taken", "provider-taken"],
  ["full", "full"],
]);

/** What the part of an address behind `?` says; nothing that is not one of the exchange's own words. */
export function arrived(search: string): Problem | null {
  const what = TROUBLES.get(new URLSearchParams(search).get("sign-in") ?? "");
  return what === undefined ? null : { what };
}
