// SPDX-License-Identifier: EUPL-1.2
// A desk for tests: it registers, answers, and says what it sees and hears. No part of the product.
import JsSIP from "jssip";
// What the clerk's page itself has.
import { Papers } from "papers";
import { isAnother, renew } from "renewal";
import { Screen } from "screen";

const CELLS = 16;
const state = { log: [], text: "", frames: 0, open: [], pile: null };
let ua, session, peer, channels = {}, analyser, number = 0;
const screen = new Screen();
const papers = new Papers((bytes) => channels.papers.send(bytes), (pile) => { state.pile = pile; });

// Our picture: red on the left, blue on the right, below them the frame's number, a cell a bit.
const own = document.getElementById("own");
const paint = own.getContext("2d");
function draw() {
  number += 1;
  if (state.bars) {
    bars();
    return;
  }
  paint.fillStyle = "#ff0000";
  paint.fillRect(0, 0, 320, 400);
  paint.fillStyle = "#0000ff";
  paint.fillRect(320, 0, 320, 400);
  for (let cell = 0; cell < CELLS; cell += 1) {
    paint.fillStyle = (number >> cell) & 1 ? "#ffffff" : "#000000";
    paint.fillRect(cell * 40, 400, 40, 80);
  }
}
// What a terminal's test picture is: seven bars, and snow in a corner, which no encoder can foresee.
const BARS = ["#bfbfbf", "#bfbf00", "#00bfbf", "#00bf00", "#bf00bf", "#bf0000", "#0000bf"];
const snow = paint.createImageData(160, 120);
function bars() {
  BARS.forEach((colour, bar) => {
    paint.fillStyle = colour;
    paint.fillRect(Math.floor((bar * 640) / 7), 0, 92, 480);
  });
  for (let at = 0; at < snow.data.length; at += 4) {
    snow.data.fill(Math.random() * 256, at, at + 3);
    snow.data[at + 3] = 255;
  }
  paint.putImageData(snow, 480, 360);
}
setInterval(draw, 40);
draw();

// Our sound: one tone, or what is like a voice (harmonics of a pitch that rises and falls, in syllables) over and over.
function voice(audio) {
  const source = audio.createBufferSource();
  source.buffer = audio.createBuffer(1, 10 * audio.sampleRate, audio.sampleRate);
  source.buffer.getChannelData(0).forEach((_, at, samples) => {
    const [time, turn] = [at / audio.sampleRate, 2 * Math.PI];
    const pitch = turn * 130 * time + 4 * Math.sin(turn * 0.7 * time);
    let sum = 0;
    for (let k = 1; k <= 16; k += 1) sum += Math.sin(k * pitch) / k;
    samples[at] = Math.max(0, Math.sin(turn * 2.3 * time)) * sum * 0.4;
  });
  source.loop = true;
  return source;
}
function tone(audio, hertz) {
  const tone = audio.createOscillator();
  tone.frequency.value = hertz;
  return tone;
}
function sources(hertz, speaks) {
  const audio = new AudioContext();
  const source = speaks ? voice(audio) : tone(audio, hertz);
  const gain = audio.createGain();
  const out = audio.createMediaStreamDestination();
  gain.gain.value = 0.5;
  source.connect(gain).connect(out);
  source.start();
  const stream = own.captureStream(25);
  stream.addTrack(out.stream.getAudioTracks()[0]);
  return stream;
}

// What is on our screen: green on the left, yellow on the right, and one thing that moves.
const slide = document.createElement("canvas");
[slide.width, slide.height] = [800, 600];
const slides = slide.getContext("2d");
setInterval(() => {
  slides.fillStyle = "#00bf00";
  slides.fillRect(0, 0, 400, 600);
  slides.fillStyle = "#bfbf00";
  slides.fillRect(400, 0, 400, 600);
  slides.fillStyle = "#000000";
  slides.fillRect(360 + (number % 80), 560, 20, 20);
}, 200);
// Or a page with lines of two pixels, as letters have them, and with letters.
const page = document.createElement("canvas");
[page.width, page.height] = [1600, 900];
const letters = page.getContext("2d");
setInterval(() => {
  letters.fillStyle = "#ffffff";
  letters.fillRect(0, 0, 1600, 900);
  letters.fillStyle = "#000000";
  for (let x = 0; x < 400; x += 4) letters.fillRect(x, 0, 2, 40);
  letters.font = "15px sans-serif";
  for (let line = 0; line < 34; line += 1) {
    letters.fillText("Bewilligung von Wohngeld nach dem Wohngeldgesetz, Aktenzeichen 4711/26. ".repeat(3), 20, 70 + 24 * line);
  }
  letters.fillRect(1500 + (number % 20), 10, 10, 10);
}, 200);

// What comes: seen in a video, heard by an analyser.
const other = document.getElementById("other");
function receive(track) {
  if (!other.srcObject) other.srcObject = new MediaStream();
  for (const old of other.srcObject.getTracks()) {
    if (old.kind === track.kind) other.srcObject.removeTrack(old);
  }
  other.srcObject.addTrack(track);
  other.play().catch((error) => state.log.push(`play: ${error}`));
  if (track.kind === "audio") {
    const audio = new AudioContext({ sampleRate: 48000 });
    analyser = audio.createAnalyser();
    analyser.fftSize = 8192;
    analyser.smoothingTimeConstant = 0;
    audio.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  }
}
function count() {
  state.frames += 1;
  other.requestVideoFrameCallback(count);
}
other.requestVideoFrameCallback(count);

window.desk = {
  start({ socket, uri, user, password, relays, hertz, only_relays, bars, speaks, refuses }) {
    state.bars = bars;
    const stream = sources(hertz, speaks);
    ua = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(socket)],
      uri, authorization_user: user, password, register: true, register_expires: 120,
    });
    for (const name of ["connected", "disconnected", "registered", "registrationFailed"]) {
      ua.on(name, (event) => state.log.push(name + (event?.cause ? `: ${event.cause}` : "")));
    }
    ua.on("newRTCSession", (event) => {
      session = event.session;
      state.log.push("incoming");
      for (const name of ["accepted", "confirmed", "ended", "failed", "hold", "unhold", "reinvite"]) {
        session.on(name, (event) => state.log.push([name, event?.originator, event?.cause].filter(Boolean).join(" ")));
      }
      for (const name of ["setremotedescriptionfailed", "createanswerfailed", "setlocaldescriptionfailed"]) {
        session.on(`peerconnection:${name}`, (error) => state.log.push(`${name}: ${error}`));
      }
      session.on("reinvite", ({ request }) => {
        if (isAnother(request.body, peer.remoteDescription?.sdp)) {
          state.log.push("renewed");
          papers.way(false);
          renew(session, media.pcConfig, stream);
        }
      });
      session.on("sdp", ({ originator, type, sdp }) => {
        if (originator === "remote" && type === "offer") screen.offered(sdp);
      });
      session.on("peerconnection", ({ peerconnection }) => {
        peer = peerconnection;
        if (refuses) {
          peer.addEventListener("signalingstatechange", () => {
            const pictures = peer.getTransceivers().filter(({ receiver }) => receiver.track.kind === "video");
            if (peer.signalingState === "have-remote-offer") pictures[1]?.stop();
          });
        } else {
          screen.take(peer);
        }
        peer.addEventListener("track", ({ track }) => receive(track));
        peer.addEventListener("iceconnectionstatechange", () => state.log.push(`ice ${peer.iceConnectionState}`));
        peer.addEventListener("connectionstatechange", () => state.log.push(`peer ${peer.connectionState}`));
        [["text", 0, "t140"], ["papers", 1, ""]].forEach(([label, id, protocol]) => {
          const channel = peer.createDataChannel(label, { negotiated: true, id, protocol });
          channel.onopen = () => state.open.push(label);
          channel.binaryType = "arraybuffer";
          channel.onmessage = ({ data }) => {
            if (label === "text") state.text += data;
            else papers.take(new Uint8Array(data));
          };
          if (label === "papers") channel.addEventListener("open", () => papers.way(true));
          channels[label] = channel;
        });
      });
    });
    const media = {
      mediaStream: stream,
      pcConfig: { iceServers: relays, iceTransportPolicy: only_relays ? "relay" : "all" },
      sessionTimersExpires: 120,
    };
    this.answer = () => session.answer(media);
    this.call = (to) => { ua.call(to, media); };
    ua.start();
  },
  hangUp() { session.terminate(); },
  // What the browser counts of what comes (W3C webrtc-stats, inbound-rtp).
  async stats() {
    const all = [...(await peer.getStats()).values()].filter(({ type }) => type === "inbound-rtp");
    const [video, audio] = ["video", "audio"].map((kind) => all.find((one) => one.kind === kind) ?? {});
    return {
      frames: video.framesDecoded ?? 0, height: video.frameHeight ?? 0, frozen: video.totalFreezesDuration ?? 0,
      concealed: audio.concealedSamples ?? 0, samples: audio.totalSamplesReceived ?? 0,
      energy: audio.totalAudioEnergy ?? 0, seconds: audio.totalSamplesDuration ?? 0,
    };
  },
  // What it counts of the pictures that it sends (outbound-rtp): how many, how many of them are whole, and how wide.
  async sent() {
    const all = [...(await peer.getStats()).values()].filter(({ type, kind }) => type === "outbound-rtp" && kind === "video");
    return all.map((one) => ({ frames: one.framesEncoded ?? 0, keys: one.keyFramesEncoded ?? 0, width: one.frameWidth ?? 0 }));
  },
  refuse() { session.terminate({ status_code: 486, reason_phrase: "Busy Here" }); },
  hold() { return session.hold(); },
  unhold() { return session.unhold(); },
  send(text) { channels.text.send(text); },
  papers,
  // The screen is shown, or not any more.
  share(what = "slide") {
    screen.send((what === "slide" ? slide : page).captureStream(5));
    papers.share({ surface: "window", label: "" });
  },
  unshare() {
    papers.unshare();
    screen.stop();
  },
  // The directions of what was agreed on.
  ways() { return peer.getTransceivers().map(({ currentDirection }) => currentDirection ?? "none"); },
  raw(bytes) { channels.papers.send(Uint8Array.from(bytes)); },
  // A document of so many bytes, each told by its place and by `seed`.
  async add(name, size, seed) {
    const content = Uint8Array.from({ length: size }, (_, n) => (n * 7 + (n >> 8) + seed) & 0xff);
    content.set(new TextEncoder().encode("%PDF-1.7\n"));
    return papers.add(name, content);
  },
  // What is seen: two places of the picture, and how many frames there were; what is heard: the strongest tone, and how strong.
  look() {
    const seen = { width: other.videoWidth, height: other.videoHeight, frames: state.frames, colours: [] };
    if (seen.width) {
      const canvas = document.createElement("canvas");
      canvas.width = 70;
      canvas.height = 30;
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.drawImage(other, 0, 0, 70, 30);
      // The middle of each of the seven bars, above the third row of them.
      for (let bar = 0; bar < 7; bar += 1) {
        seen.colours.push([...context.getImageData(bar * 10 + 5, 8, 1, 1).data.slice(0, 3)]);
      }
    }
    if (analyser) {
      const bins = new Float32Array(analyser.frequencyBinCount);
      analyser.getFloatFrequencyData(bins);
      const strongest = bins.indexOf(Math.max(...bins));
      seen.hertz = (strongest * 48000) / analyser.fftSize;
      seen.decibels = Number.isFinite(bins[strongest]) ? bins[strongest] : -200;
    }
    return JSON.stringify({ ...state, ...seen });
  },
};
