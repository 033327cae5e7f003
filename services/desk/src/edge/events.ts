// SPDX-License-Identifier: EUPL-1.2
/**
 * The exchange's stream of events. `EventSource` keeps its silence to itself; here what has not been heard of for a while counts as
 * broken, and is opened anew.
 */

/** The exchange says something every ten seconds. */
const SILENCE = 25_000;
/** Waits between tries. */
const WAITS = [250, 500, 1000, 2000, 4000];
/** The most characters of an event. */
const LONGEST = 256 * 1024;

/** What comes of a stream. */
export interface Listener {
  /** An event, its name and its data. */
  event(name: string, data: string): void;
  /** It stands, or it broke and is being opened anew. */
  up(up: boolean): void;
  /** The exchange does not know us any more. */
  refused(): void;
}

/** Listens until the function that it gives back is called. */
export function listen(path: string, listener: Listener): () => void {
  let over = false;
  let tries = 0;
  let wake: (() => void) | null = null;
  let current: AbortController | null = null;

  const once = async (controller: AbortController): Promise<boolean> => {
    let silence = setTimeout(() => controller.abort(), SILENCE);
    try {
      const response = await fetch(path, {
        headers: { Accept: "text/event-stream" },
        credentials: "same-origin",
        cache: "no-store",
        redirect: "error",
        signal: controller.signal,
      });
      if (response.status === 401 || response.status === 404) {
        return true;
      }
      if (!response.ok || response.body === null) {
        return false;
      }
      listener.up(true);
      tries = 0;
      const parse = parser((name, data) => listener.event(name, data));
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        clearTimeout(silence);
        if (done) {
          return false;
        }
        silence = setTimeout(() => controller.abort(), SILENCE);
        parse(value);
      }
    } catch {
      // Broken, silent or ended: the next try tells.
      return false;
    } finally {
      clearTimeout(silence);
    }
  };

  const run = async (): Promise<void> => {
    while (!over) {
      current = new AbortController();
      const refused = await once(current);
      current.abort();
      if (over) {
        return;
      }
      if (refused) {
        listener.refused();
        return;
      }
      listener.up(false);
      const wait = WAITS[Math.min(tries, WAITS.length - 1)] ?? 0;
      tries += 1;
      await new Promise<void>((done) => {
        const timer = setTimeout(done, wait);
        wake = () => {
          clearTimeout(timer);
          done();
        };
      });
    }
  };

  // A network that is back is tried at once.
  const online = (): void => wake?.();
  window.addEventListener("online", online);
  void run();
  return () => {
    over = true;
    window.removeEventListener("online", online);
    current?.abort();
    wake?.();
  };
}

/** Takes the stream's text piece by piece and gives out its events. */
export function parser(event: (name: string, data: string) => void): (piece: string) => void {
  let buffer = "";
  let name = "";
  let data: string[] = [];
  return (piece) => {
    buffer += piece;
    if (buffer.length > LONGEST) {
      throw new Error("an event is too long");
    }
    for (;;) {
      const end = buffer.search(/\r\n|\n|\r(?!$)/);
      if (end < 0) {
        return;
      }
      const line = buffer.slice(0, end);
      buffer = buffer.slice(end + (buffer.startsWith("\r\n", end) ? 2 : 1));
      if (line === "") {
        if (data.length > 0) {
          event(name || "message", data.join("\n"));
        }
        name = "";
        data = [];
        continue;
      }
      const colon = line.indexOf(":");
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "event") {
        name = value;
      } else if (field === "data") {
        data.push(value);
      }
    }
  };
}
