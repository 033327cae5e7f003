// SPDX-License-Identifier: EUPL-1.2
/**
 * The way of a call's messages: they come to us by the connection that we had when we said something last. Whoever has another one
 * says something, else the terminal's go nowhere.
 */

import type { RTCSession } from "jssip/lib/RTCSession";

/** How JsSIP asks something within a call: its types do not tell. It is pinned, and a test meets this. */
interface Asker {
  sendRequest(method: "UPDATE", options: { extraHeaders: string[]; eventHandlers: Handlers }): void;
}

/** What is not handled has no consequence; JsSIP's own requests end the call. */
interface Handlers {
  onErrorResponse(): void;
  onRequestTimeout(): void;
  onDialogError(response: { readonly status_code: number }): void;
}

/** Tells the other side of a call where we are: an UPDATE that describes nothing (RFC 3311). `failed` is called when it was not told. */
export function tellWay(session: RTCSession, failed: () => void): void {
  (session as unknown as Asker).sendRequest("UPDATE", {
    extraHeaders: [`Contact: ${session.contact}`],
    eventHandlers: {
      onErrorResponse: failed,
      onRequestTimeout: failed,
      onDialogError: ({ status_code }) => {
        // A call that the exchange does not know (481) stands by itself; a terminal that does not answer may yet.
        if (status_code === 408) {
          failed();
        }
      },
    },
  });
}
