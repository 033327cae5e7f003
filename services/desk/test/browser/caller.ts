// SPDX-License-Identifier: EUPL-1.2
/**
 * The calling side, in a page of a second browser window: a picture that is red on the left and blue on the right, a tone, text. It
 * does what `services/call` does, by the same libraries as the desk. No part of the product.
 */

import * as JsSIP from "jssip";
import type { OutgoingEvent, RTCSession } from "jssip/lib/RTCSession";
import { type Answer, decode, encode, type Frame, type Scanned, type Trouble } from "../../src/papers/frame.ts";
import { Inbox } from "../../src/papers/inbox.ts";
import { Outbox } from "../../src/papers/outbox.ts";

/** What the caller was shown and sent, in plain words. */
export interface Papers {
  readonly received: readonly { readonly name: string; readonly bytes: number; readonly whole: boolean }[];
  readonly shown: { readonly id: number; readonly page: number } | null;
  readonly point: readonly number[] | null;
  readonly asked: number | null;
  readonly scan: number | null;
}

interface Account {
  readonly uri: string;
  readonly user: string;
  readonly password: string;
  readonly realm: string;
  readonly wss: string;
  readonly ice: RTCIceServer[];
}

/** What the caller has seen and heard. */
export interface Seen {
  readonly states: readonly string[];
  readonly text: string;
  readonly held: boolean;
  readonly frames: number;
  readonly colour: readonly number[];
  readonly level: number;
}

const states: string[] = [];
let held = false;
let text = "";
let frames = 0;
let session: RTCSession | null = null;
let channel: RTCDataChannel | null = null;
let analyser: AnalyserNode | null = null;
const video = document.createElement("video");
video.autoplay = true;
video.muted = true;
document.body.append(video);
const count = (): void => {
  frames += 1;
  video.requestVideoFrameCallback(count);
};
video.requestVideoFrameCallback(count);

function own(): MediaStream {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [640, 480];
  const paint = canvas.getContext("2d") as CanvasRenderingContext2D;
  let number = 0;
  setInterval(() => {
    number += 1;
    paint.fillStyle = "#ff0000";
    paint.fillRect(0, 0, 320, 480);
    paint.fillStyle = "#0000ff";
    paint.fillRect(320, 0, 320, 480);
    paint.fillStyle = number % 2 === 0 ? "#ffffff" : "#000000";
    paint.fillRect(300, 220, 40, 40);
  }, 40);
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  const out = audio.createMediaStreamDestination();
  tone.frequency.value = 880;
  tone.connect(out);
  tone.start();
  const stream = canvas.captureStream(25);
  for (const track of out.stream.getAudioTracks()) {
    stream.addTrack(track);
  }
  return stream;
}

/** The terminal's side of papers, by the same boxes as the desk's. */
const inbox = new Inbox();
const outbox = new Outbox();
let shown: Papers["shown"] = null;
let point: Papers["point"] = null;
let asked: number | null = null;
let scan: number | null = null;
let way: RTCDataChannel | null = null;
const say = (frame: Frame): void => way?.send(encode(frame));

async function frame(frame: Frame): Promise<void> {
  switch (frame.is) {
    case "hello":
      inbox.keep(frame.ids);
      break;
    case "offer": {
      const { is: _, turn, ...offer } = frame;
      say(inbox.offer(turn, offer));
      break;
    }
    case "chunk": {
      const reply = await inbox.chunk(frame.id, frame.from, frame.bytes);
      if (reply !== null) {
        say(reply);
      }
      break;
    }
    case "want":
      outbox.want(frame.id, frame.turn, frame.from);
      break;
    case "have":
      outbox.have(frame.id, frame.bytes);
      break;
    case "drop":
      inbox.drop(frame.id);
      break;
    case "show":
      shown = { id: frame.id, page: frame.page };
      break;
    case "hide":
      shown = null;
      break;
    case "point":
      point = [frame.x, frame.y];
      break;
    case "lift":
      point = null;
      break;
    case "print":
      asked = frame.request;
      break;
    case "scan":
      scan = frame.request;
      break;
    default:
      break;
  }
  for (let chunk = outbox.nextChunk(); chunk !== null; chunk = outbox.nextChunk()) {
    say(chunk);
  }
}

const caller = {
  /** Calls a ticket. */
  call(account: Account, to: string): void {
    const agent = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(account.wss)],
      uri: account.uri,
      realm: account.realm,
      authorization_user: account.user,
      password: account.password,
      register: false,
      session_timers: false,
    });
    agent.on("connected", () => {
      states.push("connected");
      session = agent.call(to, {
        mediaStream: own(),
        pcConfig: { iceServers: account.ice, bundlePolicy: "max-bundle" },
        eventHandlers: {
          progress: () => states.push("rings"),
          accepted: ({ response }: OutgoingEvent) =>
            states.push(response.hasHeader("session-expires") ? "accepted for a while" : "accepted"),
          failed: ({ cause }) => states.push(`failed ${cause}`),
          ended: ({ originator }) => states.push(`ended ${String(originator)}`),
          icecandidate: ({ candidate, ready }) => {
            if (candidate.type === "relay") {
              ready();
            }
          },
        },
      });
      session.on("hold", (event) => {
        held = String(event.originator) === "remote" ? true : held;
      });
      session.on("unhold", (event) => {
        held = String(event.originator) === "remote" ? false : held;
      });
      const peer = session.connection;
      channel = peer.createDataChannel("text", { negotiated: true, id: 0, protocol: "t140" });
      channel.addEventListener("message", ({ data }) => {
        text += String(data);
      });
      way = peer.createDataChannel("papers", { negotiated: true, id: 1 });
      way.binaryType = "arraybuffer";
      let taking = Promise.resolve();
      way.addEventListener("message", ({ data }: MessageEvent<ArrayBuffer>) => {
        taking = taking.then(() => frame(decode(new Uint8Array(data))));
      });
      const stream = new MediaStream();
      peer.addEventListener("track", ({ track }) => {
        stream.addTrack(track);
        video.srcObject = stream;
        // By itself a muted video that nobody sees does not play.
        void video.play();
        if (track.kind === "audio") {
          const audio = new AudioContext();
          analyser = audio.createAnalyser();
          audio.createMediaStreamSource(new MediaStream([track])).connect(analyser);
        }
      });
    });
    agent.start();
  },
  hold: (): boolean => session?.hold() ?? false,
  unhold: (): boolean => session?.unhold() ?? false,
  hangUp: (): void => session?.terminate(),
  open: (): boolean => channel?.readyState === "open",
  write: (piece: string): void => channel?.send(piece),
  /** Sends a document to the desk. */
  offer: async (name: string, content: number[]): Promise<void> => {
    const offered = await outbox.add(name, Uint8Array.from(content));
    if (typeof offered !== "string") {
      say(offered);
    }
  },
  answer: (answer: Answer): void => say({ is: "printing", request: asked ?? 0, answer }),
  scans: (says: Scanned, reason: Trouble | null): void => say({ is: "scanning", request: scan ?? 0, says, reason }),
  papers: (): Papers => ({
    received: inbox.list().map(({ offer: { name, bytes }, whole }) => ({ name, bytes, whole })),
    shown,
    point,
    asked,
    scan,
  }),
  /** What is seen and heard now. */
  look(): Seen {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [16, 16];
    const context = canvas.getContext("2d") as CanvasRenderingContext2D;
    context.drawImage(video, 0, 0, 16, 16);
    const colour = [...context.getImageData(2, 2, 1, 1).data.slice(0, 3)];
    const samples = new Float32Array(analyser?.fftSize ?? 1);
    analyser?.getFloatTimeDomainData(samples);
    const level = Math.max(...samples.map(Math.abs));
    return { states: [...states], text, held, frames, colour, level };
  },
};

declare global {
  interface Window {
    caller: typeof caller;
  }
}

window.caller = caller;
