// SPDX-License-Identifier: EUPL-1.2
/**
 * A screen, a window or a tab of the clerk's that the citizen sees: chosen in the browser's own dialogue, and sent in the call's second
 * picture. The terminal offers that from the beginning, so what begins later needs nobody to agree on anything then.
 */

import type { Shared } from "../papers/desk.ts";

/** Letters have to be read and nothing has to move: few pictures a second, all of their pixels, and a bounded part of the line. */
const [PACE, RATE] = [5, 650_000];
/** What is left to the face meanwhile: it is small at the terminal. */
const FACE = { maxBitrate: 250_000, scaleResolutionDownBy: 2 };

/** What a terminal takes in of a screen. */
export interface Slides {
  /** The name of that picture in the call. */
  readonly mid: string;
  /** The most pixels across and down. */
  readonly size: readonly [width: number, height: number];
}

/** What a terminal says of it in its description: a second picture for slides (RFC 4796), and how large (RFC 6236). */
export function slides(description: unknown): Slides | null {
  const parts = typeof description === "string" ? description.split(/^m=/m).slice(1) : [];
  const part = parts.find((part) => part.startsWith("video ") && /^a=content:slides\s*$/m.test(part)) ?? "";
  const mid = /^a=mid:(\S+)/m.exec(part)?.[1];
  const size = /^a=imageattr:\S+ recv \[x=\[\d+:(\d{1,5})\],y=\[\d+:(\d{1,5})\]\]/m.exec(part);
  return mid === undefined || size === null ? null : { mid, size: [Number(size[1]), Number(size[2])] };
}

/** The description of who takes in a screen of this size in the second of its pictures, with that in it. */
export function taking(description: string, [width, height]: Slides["size"]): string {
  const screen = `a=content:slides\r\na=imageattr:* recv [x=[2:${width}],y=[2:${height}]]\r\n`;
  let pictures = 0;
  return description.replaceAll(/^m=video .*\r\n/gm, (line) => {
    pictures += 1;
    return pictures === 2 ? line + screen : line;
  });
}

/** Lets the clerk choose; called while a key or the mouse is still warm. */
export function choose({ size: [width, height] }: Slides): Promise<MediaStream> {
  return navigator.mediaDevices.getDisplayMedia({
    audio: false,
    video: { width: { max: width }, height: { max: height }, frameRate: { ideal: PACE, max: PACE } },
  });
}

/** What was chosen, in words of the browser's where they are words. */
export function chosen(stream: MediaStream): Shared {
  const track = stream.getVideoTracks()[0];
  const surface = track?.getSettings().displaySurface;
  const label = track?.label ?? "";
  return {
    surface: surface === "monitor" || surface === "window" || surface === "browser" ? surface : "unknown",
    // Chromium has numbers there.
    label: /^(screen|window|web-contents-media-stream|fake)\b.*[:/]/.test(label) ? "" : label.slice(0, 80),
  };
}

/** The second picture of a call. It outlives a connection. */
export class Screen {
  private slides: Slides | null = null;
  private peer: RTCPeerConnection | null = null;
  private sender: RTCRtpSender | null = null;
  private stream: MediaStream | null = null;

  /** What the terminal takes in; nothing where it has not said so. */
  get takes(): Slides | null {
    return this.slides;
  }

  /** The terminal has described itself. */
  offered(description: unknown): void {
    this.slides = slides(description);
  }

  /** Takes a connection, in the place of the one before; what is sent goes on. */
  take(peer: RTCPeerConnection): void {
    this.peer = peer;
    this.sender = null;
    // JsSIP darkens all pictures where one's own face is to be hidden. This is none.
    const senders = RTCPeerConnection.prototype.getSenders;
    Object.defineProperty(peer, "getSenders", {
      value: () => senders.call(peer).filter((sender) => sender !== this.sender),
    });
    peer.addEventListener("signalingstatechange", () => {
      if (this.peer !== peer) {
        return;
      }
      if (peer.signalingState === "have-remote-offer") {
        this.prepare(peer);
      } else if (peer.signalingState === "stable") {
        void this.tune();
      }
    });
  }

  /** Sends this from now on. */
  send(stream: MediaStream): void {
    this.stop();
    this.stream = stream;
    for (const track of stream.getVideoTracks()) {
      track.contentHint = "detail";
    }
    void this.feed();
  }

  /** Sends nothing any more, and lets go of it. */
  stop(): void {
    for (const track of this.stream?.getTracks() ?? []) {
      track.stop();
    }
    this.stream = null;
    void this.feed();
  }

  /** Before it is answered: the terminal learns that something may come. */
  private prepare(peer: RTCPeerConnection): void {
    const { slides } = this;
    const found = peer.getTransceivers().find(({ mid }) => slides !== null && mid === slides.mid);
    if (found !== undefined) {
      found.direction = "sendonly";
      this.sender = found.sender;
      void this.feed();
    }
  }

  private async feed(): Promise<void> {
    try {
      await this.sender?.replaceTrack(this.stream?.getVideoTracks()[0] ?? null);
      await this.tune();
    } catch {
      // The connection has ended; another one is fed anew.
    }
  }

  /** Shares the line between the screen and the face. */
  private async tune(): Promise<void> {
    const { peer, sender, stream } = this;
    const face = peer?.getSenders().find(({ track }) => track?.kind === "video");
    const sends = stream !== null && sender !== null;
    try {
      await set(face, sends ? FACE : { maxBitrate: undefined, scaleResolutionDownBy: 1 });
      if (sends) {
        const encoding = { maxBitrate: RATE, maxFramerate: PACE, priority: "low", networkPriority: "low" };
        await set(sender, encoding, "maintain-resolution");
      }
    } catch {
      // Not yet agreed on, or over: it goes as the browser does it.
    }
  }
}

async function set(sender: RTCRtpSender | undefined, encoding: object, gives?: string): Promise<void> {
  const parameters = sender?.getParameters();
  if (sender === undefined || parameters === undefined || parameters.encodings.length === 0) {
    return;
  }
  for (const one of parameters.encodings) {
    Object.assign(one, encoding);
  }
  await sender.setParameters(Object.assign(parameters, gives === undefined ? {} : { degradationPreference: gives }));
}
