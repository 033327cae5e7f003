// SPDX-License-Identifier: EUPL-1.2
import fc from "fast-check";
import { expect, test } from "vitest";
import { arrived } from "../../src/edge/arrival.ts";
import { parser } from "../../src/edge/events.ts";
import { told } from "../../src/edge/exchange.ts";
import { isAnother } from "../../src/edge/renewal.ts";
import { slides, taking } from "../../src/edge/screen.ts";
import { de } from "../../src/words/de.ts";
import { en } from "../../src/words/en.ts";

/** Proves D2: a stream of events is read as it was sent, wherever it is cut. */
test("events are read wherever the stream is cut", () => {
  const stream = 'event: state\r\ndata: {"a":1}\r\n\r\n:\n\ndata: x\ndata: y\n\nevent: over\ndata: {}\n\n';
  fc.assert(
    fc.property(fc.array(fc.nat({ max: stream.length })), (cuts) => {
      const seen: [string, string][] = [];
      const parse = parser((name, data) => seen.push([name, data]));
      const places = [0, ...cuts.sort((a, b) => a - b), stream.length];
      for (let n = 1; n < places.length; n += 1) {
        parse(stream.slice(places[n - 1], places[n]));
      }
      expect(seen).toEqual([
        ["state", '{"a":1}'],
        ["message", "x\ny"],
        ["over", "{}"],
      ]);
    }),
  );
});

/** Proves D2: a stream without an end is not kept in memory. */
test("an event has an end", () => {
  const parse = parser(() => undefined);
  expect(() => {
    for (let n = 0; n < 300; n += 1) {
      parse("x".repeat(1024));
    }
  }).toThrow();
});

/** Proves D2: what the exchange tells is read, and whatever it is not is nothing: no answer breaks the page. */
test("what the exchange tells is read or is nothing", () => {
  const text = JSON.stringify({
    presence: "free",
    talking: false,
    practice: { department: "kfz", topic: null },
    waiting: [{ department: "kfz", topic: "Auto", waited: 61, rings: true }],
  });
  expect(told(text, 100_000)).toEqual({
    presence: "free",
    practice: { department: "kfz", topic: null },
    waiting: [{ department: "kfz", topic: "Auto", since: 39_000, rings: true }],
  });
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const read = told(text, 0);
      expect(read === null || Array.isArray(read.waiting)).toBe(true);
    }),
  );
  expect(told('{"presence":"free","waiting":[null,7,{"topic":[]}]}', 0)?.waiting).toHaveLength(3);
});

/** Proves D2, T14: every trouble has words in both languages that say what happened and what comes next. */
test("every trouble names the next step", () => {
  for (const words of [de, en]) {
    for (const say of Object.values(words.trouble)) {
      const { what, next } = (say as (seconds?: number) => { what: string; next: string })(90);
      expect(what).toMatch(/\.$/);
      expect(next).toMatch(/\.$/);
    }
  }
  expect(de.trouble.wait(90).next).toContain("2 Minuten");
  expect(en.trouble.wait(5).next).toContain("5 seconds");
});

/** Proves T11, D2: a terminal that connects anew is told from one that pauses, and from whatever else comes. */
test("another connection is told by its fingerprint", () => {
  const description = (print: string, way: string, name = "abcd"): string =>
    [
      "v=0",
      "a=group:BUNDLE 0",
      "m=audio 9 UDP/TLS/RTP/SAVPF 97",
      `a=ice-ufrag:${name}`,
      `a=${way}`,
      `a=fingerprint:${print}`,
      "a=mid:0",
      "",
    ].join("\r\n");
  const agreed = description("sha-256 AA:BB", "sendrecv");
  expect(isAnother(description("SHA-256 aa:bb", "inactive"), agreed)).toBe(false);
  expect(isAnother(description("sha-384 AA:CC", "sendrecv"), agreed)).toBe(true);
  // The third one after it has the same proof again.
  expect(isAnother(description("sha-256 AA:BB", "sendrecv", "efgh"), agreed)).toBe(true);
  expect(isAnother(description("sha-384 AA:CC", "sendrecv"), undefined)).toBe(false);
  fc.assert(
    fc.property(fc.anything(), (offer) => {
      expect(isAnother(offer, agreed)).toBe(false);
    }),
  );
});

/** Proves D3: a terminal that takes in a screen says in which of its pictures and how large; of no other is a screen expected. */
test("who takes in a screen says so", () => {
  const face = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:video1\r\na=sendrecv\r\n";
  const screen =
    "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=content:slides\r\na=imageattr:* recv [x=[2:1600],y=[2:1200]]\r\na=mid:video2\r\n";
  expect(slides(`v=0\r\n${face}${screen}`)).toEqual({ mid: "video2", size: [1600, 1200] });
  expect(slides(`v=0\r\n${screen}${face}`)).toEqual({ mid: "video2", size: [1600, 1200] });
  for (const other of [`v=0\r\n${face}`, `v=0\r\n${face}${face}`, "", undefined, 1]) {
    expect(slides(other)).toBeNull();
  }
  expect(slides(screen.replace("a=imageattr", "a=x"))).toBeNull();
  const said = taking(`v=0\r\n${face}${face.replace("video1", "video2")}`, [800, 600]);
  expect(slides(said)).toEqual({ mid: "video2", size: [800, 600] });
  expect(taking(face, [800, 600])).toBe(face);
  fc.assert(fc.property(fc.string(), (text) => slides(text) === null));
});

/** Proves D2, X1: only the exchange's own words say why somebody was not signed in elsewhere, whatever else an address has. */
test("an arrival is read", () => {
  expect(arrived("")).toBe(null);
  expect(arrived("?sign-in=no-desk")).toEqual({ what: "provider-no-desk" });
  expect(arrived("?a=b&sign-in=full")).toEqual({ what: "full" });
  fc.assert(
    fc.property(fc.string(), (word) => {
      const found = arrived(`?sign-in=${encodeURIComponent(word)}`);
      expect(found === null || found.what in de.trouble).toBe(true);
    }),
  );
  for (const word of ["constructor", "wrong", "session-over", "<b>", "away "]) {
    expect(arrived(`?sign-in=${word}`)).toBe(null);
  }
});
