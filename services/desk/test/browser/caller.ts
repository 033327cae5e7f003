// SPDX-License-Identifier: EUPL-1.2
/**
 * The calling side, in a page of a second browser window: a picture that is red on the left and blue on the right, a tone, text. It
 * does what `services/call` does, by the same libraries as the desk. No part of the product.
 */

import * as JsSIP from "jssip";
import type { RTCSession } from "jssip/lib/RTCSession";

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
    });
    agent.on("connected", () => {
      states.push("connected");
      session = agent.call(to, {
        mediaStream: own(),
        pcConfig: { iceServers: account.ice, bundlePolicy: "max-bundle" },
        eventHandlers: {
          progress: () => states.push("rings"),
          accepted: () => states.push("accepted"),
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
