// SPDX-License-Identifier: EUPL-1.2
/**
 * Another connection in the same call: the terminal offers one when the one before was lost, and says so by another fingerprint
 * (RFC 8842 3.1). Chromium connects anew within what it has; Firefox answers and stays where it was. So it is begun anew here.
 */

import type { RTCSession } from "jssip/lib/RTCSession";

/** How JsSIP makes a call's connection: its types do not tell. It is pinned, and tests meet this in both browsers. */
interface Maker {
  _createRTCConnection(config: RTCConfiguration, constraints: null): void;
}

/** What a description says of its connection: the proof of whose it is, and the name of its ways (ICE). */
function marks(description: string): (string | null)[] {
  const mark = (of: RegExp): string | null => of.exec(description)?.[1]?.trim() ?? null;
  return [mark(/^a=fingerprint:([^\r\n]+)/m)?.toLowerCase() ?? null, mark(/^a=ice-ufrag:([^\r\n]+)/m)];
}

/**
 * Whether an offer is one of another connection than the one that `agreed` has described. The terminal has three proofs that it takes
 * in turn: who has missed two offers meets the one of before, and knows the new connection by its ways.
 */
export function isAnother(offer: unknown, agreed: string | undefined): boolean {
  if (typeof offer !== "string" || agreed === undefined) {
    return false;
  }
  const before = marks(agreed);
  return marks(offer).some((mark, at) => mark !== null && before[at] !== null && mark !== before[at]);
}

/** Puts a new connection with our sound and picture in the place of the call's, which ends. Told by `peerconnection` as the first was. */
export function renew(session: RTCSession, config: RTCConfiguration, stream: MediaStream): void {
  const before = session.connection;
  (session as unknown as Maker)._createRTCConnection(config, null);
  for (const track of stream.getTracks()) {
    session.connection.addTrack(track, stream);
  }
  before.close();
}
