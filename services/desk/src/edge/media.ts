// SPDX-License-Identifier: EUPL-1.2
/**
 * What hangs on a call's connection: sound and picture that come, text, papers. A call may have several connections, one after the
 * other; what was written and shown stays.
 */

import type { News } from "../desk/event.ts";
import { Papers } from "../papers/desk.ts";
import { chosen, Screen } from "./screen.ts";

/** What media tell of. */
export interface Outlet {
  /** Tells what happened. */
  tell(news: News): void;
  /** The other side's sound and picture. */
  show(other: MediaStream | null): void;
  /** What of our screen the other side sees. */
  preview(screen: MediaStream | null): void;
}

/** Media of a call. */
export class Media {
  /** The papers of the call. */
  readonly papers: Papers;
  /** The screen that is shared in it. */
  readonly screen = new Screen();
  private peer: RTCPeerConnection | null = null;
  private text: RTCDataChannel | null = null;
  private way: RTCDataChannel | null = null;
  private shares: MediaStream | null = null;

  constructor(
    private readonly call: string,
    private readonly outlet: Outlet,
  ) {
    this.papers = new Papers(
      (bytes) => {
        if (this.way?.readyState === "open") {
          this.way.send(bytes);
        }
      },
      (pile) => {
        // Once it has ended, nothing is told any more.
        if (this.peer !== null) {
          // A page has taken its place.
          if (pile.shared === null) {
            this.unshare();
          }
          outlet.tell({ is: "papers", call, pile });
        }
      },
    );
  }

  /** What the terminal has said of itself, as it was last agreed on. */
  get agreed(): string | undefined {
    return this.peer?.remoteDescription?.sdp;
  }

  /** Takes a connection, in the place of the one before. */
  take(peer: RTCPeerConnection): void {
    const { call, outlet } = this;
    const again = this.peer !== null;
    this.peer = peer;
    if (again) {
      outlet.tell({ is: "media", call, media: "lost" });
      outlet.tell({ is: "writes", call, open: false });
      this.papers.way(false);
    }
    this.screen.take(peer);
    this.watch(peer);
    this.write(peer);
    this.carry(peer);
  }

  /** Sends a piece of text. */
  send(piece: string): void {
    if (this.text?.readyState === "open") {
      this.text.send(piece);
    }
  }

  /** Shows this of our screen; says whether that can be. */
  share(stream: MediaStream): boolean {
    const track = stream.getVideoTracks()[0];
    if (this.screen.takes === null || !this.papers.pile.open || track?.readyState !== "live") {
      return false;
    }
    this.screen.send(stream);
    this.outlet.preview(stream);
    // The browser has a button of its own for that.
    track.addEventListener("ended", () => {
      if (this.shares === stream) {
        this.papers.unshare();
      }
    });
    this.shares = stream;
    this.papers.share(chosen(stream));
    return true;
  }

  private unshare(): void {
    if (this.shares !== null) {
      this.shares = null;
      this.screen.stop();
      this.outlet.preview(null);
    }
  }

  /** Forgets everything. */
  end(): void {
    this.unshare();
    this.text?.close();
    this.peer = null;
    this.text = null;
    this.way = null;
    this.papers.forget();
  }

  private watch(peer: RTCPeerConnection): void {
    const { call, outlet } = this;
    // JsSIP ends a call whose way is lost. The terminal looks for a new one for a minute, and a clerk does not hang up meanwhile.
    const state = Object.getOwnPropertyDescriptor(RTCPeerConnection.prototype, "iceConnectionState")?.get;
    Object.defineProperty(peer, "iceConnectionState", {
      get: (): unknown => {
        const now: unknown = state?.call(peer);
        return now === "failed" ? "disconnected" : now;
      },
    });
    peer.addEventListener("connectionstatechange", () => {
      if (this.peer !== peer) {
        return;
      }
      if (peer.connectionState === "connected") {
        outlet.tell({ is: "media", call, media: "flowing" });
      } else if (peer.connectionState === "disconnected" || peer.connectionState === "failed") {
        outlet.tell({ is: "media", call, media: "lost" });
      }
    });
    const tracks = new Map<string, MediaStreamTrack>();
    peer.addEventListener("track", ({ track }) => {
      tracks.set(track.kind, track);
      if (this.peer === peer) {
        outlet.show(new MediaStream([...tracks.values()]));
      }
    });
  }

  /** The channel of text, agreed on beforehand, so that it is there with the connection (RFC 8865). */
  private write(peer: RTCPeerConnection): void {
    const { call, outlet } = this;
    const channel = peer.createDataChannel("text", { negotiated: true, id: 0, protocol: "t140" });
    this.text = channel;
    const open = (open: boolean) => (): void => {
      if (this.text === channel) {
        outlet.tell({ is: "writes", call, open });
      }
    };
    channel.addEventListener("open", open(true));
    channel.addEventListener("close", open(false));
    channel.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
      if (typeof data === "string" && this.text === channel) {
        outlet.tell({ is: "text", call, piece: data });
      }
    });
  }

  /** The channel of papers, agreed on beforehand as well. */
  private carry(peer: RTCPeerConnection): void {
    const channel = peer.createDataChannel("papers", { negotiated: true, id: 1 });
    channel.binaryType = "arraybuffer";
    this.way = channel;
    const way = (open: boolean) => (): void => {
      if (this.way === channel) {
        this.papers.way(open);
      }
    };
    channel.addEventListener("open", way(true));
    channel.addEventListener("close", way(false));
    channel.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
      if (data instanceof ArrayBuffer && this.way === channel) {
        void this.papers.take(new Uint8Array(data));
      }
    });
  }
}
