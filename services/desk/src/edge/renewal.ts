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

/** The proof of whose connection a description tells of. */
function fingerprint(description: string): string | null {
  return /^a=fingerprint:([^\r\n]+)/m.exec(description)?.[1]?.trim().toLowerCase() ?? null;
}

/** Whether an offer is one of another connection than the one that `agreed` has described. */
export function isAnother(offer: unknown, agreed: string | undefined): boolean {
  if (typeof offer !== "string" || agreed === undefined) {
    return false;
  }
  const [now, before] = [fingerprint(offer), fingerprint(agreed)];
  return now !== null && before !== null && now !== before;
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
