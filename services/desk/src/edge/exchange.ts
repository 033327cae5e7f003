// SPDX-License-Identifier: EUPL-1.2
/** The exchange's API for desks (`services/exchange/src/api/desk.rs`). Who we are is a cookie that only the browser sees. */

import type { Department, Outcome, Practice, Presence, Problem, Trouble, Waiter, Ways } from "../desk/state.ts";

/** All that is needed to be called, for ten minutes. */
export interface Account {
  readonly uri: string;
  readonly realm: string;
  readonly user: string;
  readonly password: string;
  /** Seconds since 1970. */
  readonly expires: number;
  readonly wss: string;
  readonly ice: readonly { readonly urls: string[]; readonly username: string; readonly credential: string }[];
}

/** What the exchange tells a desk. */
export interface Told {
  readonly presence: Presence;
  readonly waiting: readonly Waiter[];
  readonly practice: Practice | null;
}

/** The exchange has refused, or was not reached. */
export class Refusal extends Error {
  constructor(
    readonly problem: Problem,
    /** The exchange's word for it. */
    readonly word = "",
  ) {
    super(problem.what);
  }
}

/** An answer is waited for so long. */
const PATIENCE = 10_000;
/** The most bytes of an answer that are read. */
const LONGEST = 256 * 1024;

const TROUBLES: Record<string, Trouble> = {
  wrong: "wrong",
  wait: "wait",
  full: "full",
  "signed-out": "session-over",
};

/** Asks; the answer's JSON, or nothing where there is none. */
export async function ask(method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<unknown> {
  const init: RequestInit = {
    method,
    credentials: "same-origin",
    cache: "no-store",
    redirect: "error",
    signal: AbortSignal.timeout(PATIENCE),
  };
  if (body !== undefined) {
    init.headers = { "Content-Type": "application/json" };
    init.body = JSON.stringify(body);
  }
  let text: string;
  let response: Response;
  try {
    response = await fetch(`/api/desk/${path}`, init);
    text = await response.text();
  } catch {
    throw new Refusal({ what: "unreachable" });
  }
  let json: unknown = null;
  try {
    json = text === "" || text.length > LONGEST ? null : JSON.parse(text);
  } catch {
    // An answer that is none: whoever needs one finds nothing in it.
  }
  if (response.ok) {
    return json;
  }
  const word = record(json)?.["error"];
  const what = (typeof word === "string" && TROUBLES[word]) || "unavailable";
  const wait = Number(response.headers.get("Retry-After") ?? Number.NaN);
  throw new Refusal(
    Number.isFinite(wait) && wait > 0 ? { what, wait } : { what },
    typeof word === "string" ? word : "",
  );
}

/** An object of JSON, if it is one. */
export function record(value: unknown): Record<string, unknown> | null {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
}

/** A text of JSON, within bounds. */
export function text(value: unknown): string {
  return typeof value === "string" ? value.slice(0, 512) : "";
}

/** Signs in; the cookie is set by the answer. */
export async function signIn(desk: string, password: string): Promise<void> {
  await ask("POST", "sign-in", { desk, password });
}

/** Signs out; where the browser goes to do so at the provider too. */
export async function signOut(): Promise<string | null> {
  const next = record(await ask("POST", "sign-out"))?.["next"];
  return typeof next === "string" && next.startsWith("https://") ? next : null;
}

/** Who sits where, if somebody is signed in. */
export async function session(): Promise<{ desk: string; person: string }> {
  const seated = record(await ask("GET", "session"));
  if (seated === null) {
    throw new Refusal({ what: "unavailable" });
  }
  return { desk: text(seated["desk"]), person: text(seated["person"]) };
}

/** How one can sign in. */
export async function ways(): Promise<Ways> {
  const ways = record(await ask("GET", "ways"));
  const providers = ways?.["providers"];
  if (ways === null || !Array.isArray(providers)) {
    throw new Refusal({ what: "unavailable" });
  }
  return {
    passwords: ways["passwords"] !== false,
    providers: providers.slice(0, 512).map((entry: unknown) => {
      const provider = record(entry) ?? {};
      const label = record(provider["label"]);
      return {
        authority: text(provider["authority"]),
        name: both(record(provider["name"])),
        label: label === null ? null : both(label),
      };
    }),
  };
}

/** In German and, where it has one, in English. */
function both(texts: Record<string, unknown> | null): { de: string; en: string } {
  const de = text(texts?.["de"]);
  return { de, en: text(texts?.["en"]) || de };
}

/** Says whether we may be rung. */
export async function presence(presence: Presence): Promise<void> {
  await ask("POST", "presence", { presence });
}

/** A new account. */
export async function account(): Promise<Account> {
  return read(await ask("GET", "account"));
}

/** Reads an account. */
export function read(value: unknown): Account {
  const account = record(value);
  const ice = account?.["ice"];
  if (account === null || !Array.isArray(ice)) {
    throw new Refusal({ what: "unavailable" });
  }
  return {
    uri: text(account["uri"]),
    realm: text(account["realm"]),
    user: text(account["user"]),
    password: text(account["password"]),
    expires: Number(account["expires"]) || 0,
    wss: text(account["wss"]),
    ice: ice.map((server: unknown) => {
      const { urls, username, credential } = record(server) ?? {};
      return {
        urls: Array.isArray(urls) ? urls.map(text) : [],
        username: text(username),
        credential: text(credential),
      };
    }),
  };
}

/** Departments that a call can be handed to. */
export async function departments(): Promise<Department[]> {
  const list = await ask("GET", "departments");
  if (!Array.isArray(list)) {
    throw new Refusal({ what: "unavailable" });
  }
  return list.slice(0, 200).map((entry: unknown) => {
    const department = record(entry) ?? {};
    return {
      id: text(department["id"]),
      name: both(record(department["name"])),
      open: department["open"] === true,
      waiting: Number(department["waiting"]) || 0,
    };
  });
}

/** Sends the one we talk with to another department; they keep the time for which they have waited. */
export async function handOver(department: string): Promise<void> {
  await ask("POST", "hand-over", { department });
}

/** Counts how the last conversation was left; of nobody. */
export async function outcome(outcome: Outcome): Promise<void> {
  await ask("POST", "outcome", { outcome });
}

/** Ends whatever is practised here. */
export async function stopPractice(): Promise<void> {
  await ask("DELETE", "practice");
}

/** Reads what an event of the exchange says; nothing where it is none. `now` is on the page's clock. */
export function told(data: string, now: number): Told | null {
  let state: Record<string, unknown> | null = null;
  try {
    state = record(JSON.parse(data));
  } catch {
    return null;
  }
  const presence = state?.["presence"];
  const waiting = state?.["waiting"];
  if ((presence !== "free" && presence !== "busy" && presence !== "break") || !Array.isArray(waiting)) {
    return null;
  }
  const practice = record(state?.["practice"]);
  return {
    presence,
    practice:
      practice === null
        ? null
        : { department: text(practice["department"]) || null, topic: text(practice["topic"]) || null },
    waiting: waiting.slice(0, 1000).map((entry: unknown) => {
      const waiter = record(entry) ?? {};
      return {
        department: text(waiter["department"]),
        topic: text(waiter["topic"]),
        since: now - 1000 * (Number(waiter["waited"]) || 0),
        rings: waiter["rings"] === true,
      };
    }),
  };
}
