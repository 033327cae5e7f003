// SPDX-License-Identifier: EUPL-1.2
/** The call of the page that plays a terminal: the same way as a terminal's, by SIP through the exchange's Kamailio and by WebRTC. */

import * as JsSIP from "jssip";
import type { EndEvent, HoldEvent, IceCandidateEvent, RTCSession } from "jssip/lib/RTCSession";
import type { Account } from "../edge/exchange.ts";
import { taking } from "../edge/screen.ts";
import { Terminal } from "../papers/terminal.ts";
import type { Event, Result } from "./state.ts";

/** Ways to us are looked for so long once there is one; a relay is as good as it gets. */
const GATHERING = 700;
/** Seconds until the desk's silence is taken for nobody there: the exchange gives up before. */
const UNANSWERED = 60;
/** The exchange's proxy is waited for so long, in milliseconds. */
const PATIENCE = 8000;
/** A pause is tried so often, so many milliseconds apart. */
const [TRIES, AGAIN] = [20, 250];

/** No screen is larger, as at a terminal. */
const SCREEN = [1600, 1200] as const;

/** What a call needs of others. */
export interface Outlet {
  tell(event: Event): void;
  /** The clerk's picture and sound. */
  show(clerk: MediaStream | null): void;
  /** What may come of the clerk's screen. */
  screen(screen: MediaStream | null): void;
}

/** A call. */
export class Call {
  readonly papers: Terminal;
  private readonly agent: JsSIP.UA;
  private session: RTCSession | null = null;
  private text: RTCDataChannel | null = null;
  private way: RTCDataChannel | null = null;
  private slides: RTCRtpTransceiver | null = null;
  private over = false;
  /** That it be paused. */
  private wants = false;

  /** Calls `uri` with our picture and sound. */
  constructor(
    account: Account,
    uri: string,
    private readonly stream: MediaStream,
    private readonly outlet: Outlet,
  ) {
    this.papers = new Terminal(
      (bytes) => {
        if (this.way?.readyState === "open") {
          this.way.send(bytes);
        }
      },
      (lying) => this.tell({ is: "papers", lying }),
    );
    this.agent = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(account.wss)],
      uri: account.uri,
      realm: account.realm,
      authorization_user: account.user,
      password: account.password,
      register: false,
      no_answer_timeout: UNANSWERED,
      // As a terminal: neither side asks whether the other is still there.
      session_timers: false,
      user_agent: "practice",
    });
    const patience = window.setTimeout(() => this.ended("not-reached"), PATIENCE);
    this.agent.on("connected", () => {
      window.clearTimeout(patience);
      if (this.session === null && !this.over) {
        this.begin(account, uri);
      }
    });
    this.agent.start();
  }

  /** Ends it. */
  hangUp(): void {
    this.forget();
  }

  /** Pauses, or goes on. */
  pause(on: boolean): void {
    this.wants = on;
    this.agree(0);
  }

  /** While both sides agree on something else, a pause is refused: then a moment later. */
  private agree(tries: number): void {
    const { session, wants } = this;
    if (this.over || session === null || session.isOnHold().local === wants) {
      return;
    }
    const done = (): void => this.tell({ is: "paused", paused: wants });
    const begun = wants ? session.hold({}, done) : session.unhold({}, done);
    if (!begun && tries < TRIES) {
      window.setTimeout(() => this.agree(tries + 1), AGAIN);
    }
  }

  /** Sends a piece of text. */
  write(piece: string): void {
    if (this.text?.readyState === "open") {
      this.text.send(piece);
    }
  }

  private begin(account: Account, uri: string): void {
    let deadline = false;
    const session = this.agent.call(uri, {
      // What is sent is added here: a screen is taken in after it, and the first picture is ours.
      mediaConstraints: { audio: false, video: false },
      pcConfig: { iceServers: account.ice.map((server) => ({ ...server })), bundlePolicy: "max-bundle" },
      eventHandlers: {
        progress: () => this.tell({ is: "rings" }),
        accepted: () => this.answered(session.connection),
        failed: (event: EndEvent) => this.ended(why(event)),
        ended: () => this.ended("clerk"),
        icecandidate: ({ candidate, ready }: IceCandidateEvent) => {
          if (candidate.type === "relay") {
            ready();
          } else if (!deadline) {
            deadline = true;
            window.setTimeout(ready, GATHERING);
          }
        },
      },
    });
    this.session = session;
    for (const track of this.stream.getTracks()) {
      session.connection.addTrack(track, this.stream);
    }
    this.slides = session.connection.addTransceiver("video", { direction: "recvonly" });
    session.on("sdp", (event) => {
      if (String(event.originator) === "local" && event.type === "offer") {
        event.sdp = taking(event.sdp, SCREEN);
      }
    });
    session.on("hold", (event: HoldEvent) => this.held(event, true));
    session.on("unhold", (event: HoldEvent) => this.held(event, false));
    this.watch(session.connection);
    this.carry(session.connection);
  }

  /** What has opened meanwhile is told now: before there was no call that it belonged to. */
  private answered(peer: RTCPeerConnection): void {
    this.tell({ is: "answered" });
    this.tell({ is: "flows", flows: peer.connectionState === "connected" });
    this.tell({ is: "writes", open: this.text?.readyState === "open" });
    this.tell({ is: "papers", lying: this.papers.lying });
  }

  private held(event: HoldEvent, held: boolean): void {
    if (String(event.originator) === "remote") {
      this.tell({ is: "held", held });
    }
  }

  private watch(peer: RTCPeerConnection): void {
    const tracks: MediaStreamTrack[] = [];
    peer.addEventListener("track", ({ track, transceiver }) => {
      if (transceiver === this.slides) {
        if (!this.over) {
          this.outlet.screen(new MediaStream([track]));
        }
        return;
      }
      tracks.push(track);
      if (!this.over) {
        this.outlet.show(new MediaStream(tracks));
      }
    });
    peer.addEventListener("connectionstatechange", () => {
      this.tell({ is: "flows", flows: peer.connectionState === "connected" });
    });
  }

  /** Channels of text and of papers, agreed on beforehand. */
  private carry(peer: RTCPeerConnection): void {
    const text = peer.createDataChannel("text", { negotiated: true, id: 0, protocol: "t140" });
    this.text = text;
    text.addEventListener("open", () => this.tell({ is: "writes", open: true }));
    text.addEventListener("close", () => this.tell({ is: "writes", open: false }));
    text.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
      if (typeof data === "string") {
        this.tell({ is: "text", piece: data });
      }
    });
    const way = peer.createDataChannel("papers", { negotiated: true, id: 1 });
    way.binaryType = "arraybuffer";
    this.way = way;
    way.addEventListener("open", () => this.papers.way(true));
    way.addEventListener("close", () => this.papers.way(false));
    way.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
      if (data instanceof ArrayBuffer && !this.over) {
        void this.papers.take(new Uint8Array(data));
      }
    });
  }

  private ended(result: Result): void {
    if (!this.over) {
      this.forget();
      this.outlet.tell({ is: "over", result });
    }
  }

  private tell(event: Event): void {
    if (!this.over) {
      this.outlet.tell(event);
    }
  }

  private forget(): void {
    this.over = true;
    this.papers.forget();
    this.outlet.show(null);
    this.outlet.screen(null);
    this.text = null;
    this.way = null;
    // It ends the call by itself, and what is still to be said to the proxy is said before it stops.
    this.agent.stop();
  }
}

/** Why a call came to nothing. */
function why(event: EndEvent): Result {
  const { message } = event;
  const status = message !== null && "status_code" in message ? Number(message.status_code) : 0;
  if (status === 486) {
    return "declined";
  }
  if (status === 480 || status === 404) {
    return "not-reached";
  }
  return status === 408 || status === 487 ? "unanswered" : "failed";
}
