// SPDX-License-Identifier: EUPL-1.2
/**
 * The telephone line: SIP over secure WebSocket to the exchange's Kamailio (JsSIP), sound, picture and text to the terminal by WebRTC.
 * The terminal's side is `services/call`.
 */

import * as JsSIP from "jssip";
import type { EndEvent, HoldEvent, IceCandidateEvent, ReInviteEvent, RTCSession } from "jssip/lib/RTCSession";
import type { RTCSessionEvent } from "jssip/lib/UA";
import type { Trouble } from "../desk/state.ts";
import type { Papers } from "../papers/desk.ts";
import type { Account } from "./exchange.ts";
import { Media, type Outlet } from "./media.ts";
import { isAnother, renew } from "./renewal.ts";
import type { Slides } from "./screen.ts";
import { tellWay } from "./way.ts";

/** We are registered for so many seconds. JsSIP says after half of them that it will be over: so we know soon whether we are still reached. */
const REGISTERED = 120;
/** Ways to us are looked for so long once there is one; a relay is as good as it gets. */
const GATHERING = 700;
/** After a refusal we try again so much later. */
const AGAIN = 2000;
/** A pause is tried so often, so many milliseconds apart. */
const [TRIES, PAUSE_AGAIN] = [20, 250];
/** A call that nobody takes is the exchange's business; this is the end of all patience, in seconds. */
const UNANSWERED = 120;

/** What a line needs of others. */
export interface Around extends Outlet {
  /** A new account; the old one ends. */
  account(): Promise<Account>;
}

interface Current {
  readonly id: string;
  readonly session: RTCSession;
  readonly media: Media;
  /** What we send. */
  stream: MediaStream | null;
}

/** A line. It registers at once. */
export class Line {
  private readonly agent: JsSIP.UA;
  private current: Current | null = null;
  private number = 0;
  private again: number | null = null;
  private closed = false;

  constructor(
    private account: Account,
    private readonly around: Around,
  ) {
    this.agent = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(account.wss)],
      uri: account.uri,
      realm: account.realm,
      authorization_user: account.user,
      password: account.password,
      register: true,
      register_expires: REGISTERED,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 5,
      no_answer_timeout: UNANSWERED,
      // A refresh (RFC 4028) that finds the terminal away for five seconds would end a call that is being mended; sound and picture say
      // who is there.
      session_timers: false,
      user_agent: "desk",
    });
    this.agent.on("registered", () => around.tell({ is: "line-is", up: true }));
    this.agent.on("unregistered", () => around.tell({ is: "line-is", up: false }));
    this.agent.on("connected", () => this.moved());
    this.agent.on("disconnected", () => {
      around.tell({ is: "line-is", up: false });
      // When the way is back, the account has to be a good one.
      void this.renew();
    });
    this.agent.on("registrationFailed", () => {
      around.tell({ is: "line-is", up: false });
      this.registerAgain();
    });
    // Whoever listens to this registers themself.
    this.agent.on("registrationExpiring", () => void this.renew().finally(() => this.register()));
    this.agent.on("newRTCSession", ({ originator, session }: RTCSessionEvent) => {
      // Compared as text: the names of the enumeration exist in types only.
      if (String(originator) === "remote") {
        this.rings(session);
      }
    });
    this.agent.start();
  }

  /** Leaves. */
  close(): void {
    this.closed = true;
    if (this.again !== null) {
      window.clearTimeout(this.again);
    }
    this.agent.stop();
  }

  /** Takes a call with our sound and picture. */
  answer(call: string, stream: MediaStream): void {
    const current = this.of(call);
    if (current === null) {
      return;
    }
    for (const track of stream.getVideoTracks()) {
      // Signs and lips are read from movement: resolution gives way first.
      track.contentHint = "motion";
    }
    current.stream = stream;
    try {
      current.session.answer({ mediaStream: stream, pcConfig: this.ways() });
    } catch {
      // It has ended in this moment; that is told by itself.
    }
  }

  /** Ends a call, or refuses it while it rings. */
  end(call: string): void {
    const current = this.of(call);
    if (current === null) {
      return;
    }
    this.let(current);
    try {
      current.session.terminate(current.session.isEstablished() ? {} : { status_code: 486 });
    } catch {
      // It has ended already.
    }
  }

  /** Sends sound and picture, or not. */
  send(call: string, sound: boolean, picture: boolean): void {
    const session = this.of(call)?.session;
    session?.mute({ audio: !sound, video: !picture });
    session?.unmute({ audio: sound, video: picture });
  }

  /** Pauses, or goes on; in both directions. While both sides agree on something else that is refused: then a moment later. */
  pause(call: string, on: boolean, tries = 0): void {
    const session = this.of(call)?.session;
    const done = (): void => this.around.tell({ is: "paused", call, paused: on, failed: false });
    const begun = on ? session?.hold({}, done) : session?.unhold({}, done);
    if (begun === true) {
      return;
    }
    const paused = session?.isOnHold().local ?? false;
    if (session !== undefined && paused !== on && tries < TRIES) {
      window.setTimeout(() => this.pause(call, on, tries + 1), PAUSE_AGAIN);
    } else {
      this.around.tell({ is: "paused", call, paused, failed: paused !== on });
    }
  }

  /** Sends a piece of text. */
  write(call: string, piece: string): void {
    this.of(call)?.media.send(piece);
  }

  /** The papers of a call. */
  papers(call: string): Papers | null {
    return this.of(call)?.media.papers ?? null;
  }

  /** What the terminal takes in of a screen; nothing where it cannot. */
  slides(call: string): Slides | null {
    return this.of(call)?.media.screen.takes ?? null;
  }

  /** Shows what was chosen of the screen; says whether that can be now. */
  share(call: string, stream: MediaStream): boolean {
    const current = this.of(call);
    if (current === null) {
      return false;
    }
    const { local, remote } = current.session.isOnHold();
    return !local && !remote && current.media.share(stream);
  }

  /** How ways to the other side are looked for. */
  private ways(): RTCConfiguration {
    return { iceServers: this.account.ice.map((server) => ({ ...server })), bundlePolicy: "max-bundle" };
  }

  private of(call: string): Current | null {
    return this.current?.id === call ? this.current : null;
  }

  private let(current: Current): void {
    if (this.current === current) {
      this.current = null;
      this.around.show(null);
    }
    current.stream = null;
    current.media.end();
  }

  private async renew(): Promise<void> {
    if (this.closed) {
      return;
    }
    try {
      this.account = await this.around.account();
      this.agent.set("authorization_user", this.account.user);
      this.agent.set("password", this.account.password);
    } catch {
      // The exchange is not there either: the next try asks again.
    }
  }

  private register(): void {
    if (!this.closed && this.agent.isConnected()) {
      this.agent.register();
    }
  }

  private registerAgain(): void {
    if (this.closed || this.again !== null) {
      return;
    }
    this.again = window.setTimeout(() => {
      this.again = null;
      void this.renew().finally(() => this.register());
    }, AGAIN);
  }

  /** The exchange reaches us by another connection than before: a call that goes on has to know. */
  private moved(): void {
    const { current } = this;
    // The first connection, or a call that nobody has taken.
    if (current === null || !current.session.isEstablished()) {
      return;
    }
    tellWay(current.session, () => {
      window.setTimeout(() => {
        if (this.current === current && this.agent.isConnected()) {
          this.moved();
        }
      }, AGAIN);
    });
  }

  private rings(session: RTCSession): void {
    if (this.current !== null) {
      session.terminate({ status_code: 486 });
      return;
    }
    this.number += 1;
    const id = `call-${this.number}`;
    const current: Current = { id, session, media: new Media(id, this.around), stream: null };
    this.current = current;
    const { tell } = this.around;
    const mine = (): boolean => this.current === current;
    session.on("accepted", () => {
      if (mine()) {
        tell({ is: "answered", call: id });
      }
    });
    session.on("failed", (event: EndEvent) => {
      if (mine()) {
        this.let(current);
        const what = why(event);
        tell({ is: "gone", call: id, ending: "them", problem: what === null ? null : { what } });
      }
    });
    session.on("ended", (event: EndEvent) => {
      if (mine()) {
        this.let(current);
        const ending = String(event.originator) === "remote" ? "them" : "lost";
        tell({ is: "gone", call: id, ending, problem: null });
      }
    });
    session.on("hold", (event: HoldEvent) => this.held(id, event, true));
    session.on("unhold", (event: HoldEvent) => this.held(id, event, false));
    session.on("reinvite", (event: ReInviteEvent) => {
      if (mine()) {
        this.renewed(current, event);
      }
    });
    session.on("peerconnection", ({ peerconnection }) => current.media.take(peerconnection));
    session.on("sdp", ({ originator, type, sdp }) => {
      // An answer to what we have offered says nothing of it.
      if (String(originator) === "remote" && type === "offer") {
        current.media.screen.offered(sdp);
      }
    });
    let deadline = false;
    session.on("icecandidate", ({ candidate, ready }: IceCandidateEvent) => {
      if (candidate.type === "relay") {
        ready();
      } else if (!deadline) {
        deadline = true;
        window.setTimeout(() => {
          deadline = false;
          ready();
        }, GATHERING);
      }
    });
    // The proxy vouches for the name: nobody calls under another one than their account's.
    tell({ is: "rings", call: id, practice: session.remote_identity.uri.user?.startsWith("practice.") ?? false });
  }

  private held(call: string, event: HoldEvent, held: boolean): void {
    if (String(event.originator) === "remote") {
      this.around.tell({ is: "held", call, held });
    }
  }

  /** The terminal has lost the connection, and offers another. */
  private renewed({ session, stream, media }: Current, { request, reject }: ReInviteEvent): void {
    if (stream === null || !isAnother(request.body, media.agreed)) {
      return;
    }
    try {
      renew(session, this.ways(), stream);
    } catch {
      // The terminal offers again.
      reject({ status_code: 500 });
    }
  }
}

/** Why a call was over before it began, where a clerk wants to know. */
function why(event: EndEvent): Trouble | null {
  if (String(event.originator) !== "remote") {
    return String(event.originator) === "system" ? "failed" : null;
  }
  if (event.cause !== JsSIP.C.causes.CANCELED) {
    return "failed";
  }
  const { message } = event;
  const reason = "getHeader" in message ? message.getHeader("Reason") : undefined;
  return typeof reason === "string" && /cause=200\b/.test(reason) ? "taken" : "left";
}
