// SPDX-License-Identifier: EUPL-1.2
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Effect, Event } from "../../src/desk/event.ts";
import { BEGIN, type Desk } from "../../src/desk/state.ts";
import { update } from "../../src/desk/update.ts";
import { deed } from "../../src/keys.ts";

const SECRET = "a password that nobody may see";
const WORDS = "words of a citizen";

const call = fc.constantFrom("1", "2");
const presence = fc.constantFrom("free", "busy", "break");
const problem = fc.option(fc.constantFrom({ what: "left" }, { what: "session-over" }, { what: "failed" }));

/** Whatever can happen, in an order that nobody thought of. */
const event = fc.oneof(
  fc.constant({ is: "sign-in", desk: "a", password: SECRET }),
  { arbitrary: fc.constant({ is: "signed-in", desk: "a", person: "p" }), weight: 3 },
  fc.record({ is: fc.constant("not-signed-in"), problem }),
  fc.record({ is: fc.constant("signed-out"), problem }),
  fc.constant({ is: "sign-out" }),
  fc.record({ is: fc.constantFrom("wish", "wished"), presence }),
  fc.record({
    is: fc.constant("told"),
    presence,
    practice: fc.constantFrom(null, { department: null, topic: null }, { department: "d", topic: "t" }),
    waiting: fc.array(
      fc.record({ department: fc.constant("d"), topic: fc.constant("t"), since: fc.nat(), rings: fc.boolean() }),
    ),
  }),
  fc.record({ is: fc.constantFrom("events", "line-is"), up: fc.boolean() }),
  { arbitrary: fc.record({ is: fc.constant("rings"), call, practice: fc.boolean() }), weight: 4 },
  { arbitrary: fc.constantFrom({ is: "answer" }, { is: "decline" }), weight: 3 },
  { arbitrary: fc.record({ is: fc.constant("answered"), call }), weight: 4 },
  fc.record({ is: fc.constant("not-answered"), call, problem: fc.constant({ what: "no-devices" }) }),
  fc.record({ is: fc.constant("gone"), call, ending: fc.constantFrom("them", "lost"), problem }),
  fc.record({ is: fc.constant("media"), call, media: fc.constantFrom("connecting", "flowing", "lost") }),
  fc.record({ is: fc.constant("held"), call, held: fc.boolean() }),
  fc.record({ is: fc.constant("paused"), call, paused: fc.boolean(), failed: fc.boolean() }),
  fc.record({ is: fc.constant("writes"), call, open: fc.boolean() }),
  fc.record({
    is: fc.constant("papers"),
    call,
    pile: fc.record({
      open: fc.boolean(),
      ours: fc.constantFrom([], [{ id: 1, kind: "pdf", name: WORDS, bytes: 2, had: 1, sent: "going", print: null }]),
      theirs: fc.constantFrom([], [{ id: 1, kind: "pdf", name: WORDS, bytes: 2, had: 2, whole: true }]),
      shown: fc.constantFrom(null, { id: 1, page: 1, point: null }),
      shared: fc.constantFrom(null, null, { surface: "window", label: WORDS }),
      scan: fc.constantFrom(null, { says: "agreed", reason: null }, { says: "failed", reason: "jam" }),
    }),
  }),
  fc.record({ is: fc.constant("shared"), call, problem }),
  fc.record({ is: fc.constant("pages"), call, id: fc.constant(1), pages: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ is: fc.constant("their-pages"), call, id: fc.constant(1), pages: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ is: fc.constant("text"), call, piece: fc.constant(WORDS) }),
  fc.constantFrom(
    { is: "mute" },
    { is: "hide" },
    { is: "pause" },
    { is: "line" },
    { is: "choose" },
    { is: "keep" },
    { is: "show", id: 1, page: 2 },
    { is: "unshow" },
    { is: "share" },
    { is: "unshare" },
    { is: "point", at: [1, 2] },
    { is: "take-back", id: 1 },
    { is: "print", id: 1 },
    { is: "scan" },
    { is: "look", id: 1, page: 1 },
    { is: "look-away" },
    { is: "save" },
    { is: "stop-practice" },
    { is: "add-papers", files: [] },
    { is: "end" },
    { is: "dismiss" },
    { is: "tick" },
    { is: "type", text: WORDS },
    { is: "hand-over", to: "d" },
    { is: "next", presence: "break" },
    { is: "outcome", outcome: "done" },
  ),
  fc.record({ is: fc.constant("handed-over"), call, problem }),
) as fc.Arbitrary<Event>;

const steps = fc.array(fc.tuple(event, fc.nat({ max: 60_000 })), { maxLength: 120 });

/** What is open outside, by what had to be done. */
class Outside {
  connected = false;
  rings = false;
  devices = false;

  does(effect: Effect): void {
    switch (effect.does) {
      case "connect":
        expect(this.connected).toBe(false);
        this.connected = true;
        break;
      case "disconnect":
        expect(this.connected).toBe(true);
        this.connected = false;
        break;
      case "ring":
        this.rings = effect.on;
        break;
      case "open":
        expect(this.devices).toBe(false);
        this.devices = true;
        break;
      case "forget":
        this.devices = false;
        break;
      case "answer":
      case "send":
      case "pause":
      case "write":
      case "add-papers":
      case "show":
      case "share":
      case "print":
      case "scan":
      case "save":
        expect(this.devices).toBe(true);
        break;
    }
  }
}

/** Proves D2, T15: in whatever order things happen, it rings only while somebody calls, camera and microphone are open only for a call,
 * nothing of a call outlives it, and a password is in no state. */
test("whatever happens, nothing is left open and nothing is kept", () => {
  fc.assert(
    fc.property(steps, (steps) => {
      let desk: Desk = BEGIN;
      let now = 0;
      const outside = new Outside();
      for (const [event, passed] of steps) {
        now += passed;
        const before = desk;
        const [after, effects] = update(desk, event, now);
        desk = after;
        for (const effect of effects) {
          outside.does(effect);
        }
        const phase = desk.at === "inside" ? desk.phase.at : "outside";
        const kept = JSON.stringify(desk);
        expect(outside.connected).toBe(desk.at === "inside");
        expect(outside.devices).toBe(phase === "ringing" || phase === "talking");
        expect(outside.rings).toBe(desk.at === "inside" && desk.phase.at === "ringing" && !desk.phase.answering);
        expect(kept).not.toContain(SECRET);
        // Of practice the exchange is asked nothing that it counts, or that changes what the desk is.
        if (before.at === "inside" && before.phase.at !== "idle" && before.phase.practice) {
          const asks = effects.map(({ does }) => does);
          expect(asks.filter((does) => ["presence", "outcome", "hand-over"].includes(does))).toEqual([]);
        }
        // And no call of practice goes on without one.
        if (desk.at === "inside" && event.is === "told" && event.practice === null) {
          expect(["ringing", "talking"].includes(phase) && "practice" in desk.phase && desk.phase.practice).toBe(false);
        }
        if (phase !== "talking") {
          expect(kept).not.toContain(WORDS);
        }
        if (phase === "wrapping" || phase === "outside") {
          expect(kept).not.toContain('"call"');
        }
      }
    }),
    { numRuns: 500 },
  );
});

/** Proves D2: a key never does what its screen does not offer: the deed always changes something or asks for something. */
test("keys do something or nothing", () => {
  const key = fc.constantFrom(
    "F1",
    "F2",
    "PageUp",
    "PageDown",
    "F3",
    "F4",
    "F6",
    "F7",
    "F8",
    "F9",
    "F10",
    "Escape",
    "a",
    "Enter",
  );
  // So far on the way of a call, and then whatever happens.
  const way: Event[] = [
    { is: "signed-in", desk: "a", person: "p" },
    { is: "rings", call: "1", practice: false },
    { is: "answer" },
    { is: "answered", call: "1" },
    { is: "choose" },
    { is: "end" },
  ];
  const far = fc.nat({ max: way.length });
  const few = fc.array(event, { maxLength: 5 });
  fc.assert(
    fc.property(far, few, key, (far, events, key) => {
      let desk: Desk = BEGIN;
      for (const event of [...way.slice(0, far), ...events]) {
        desk = update(desk, event, 0)[0];
      }
      const does = deed(desk, key);
      if (does === null || does === "write" || does === "pick" || does === "practise" || does.is === "pause") {
        return;
      }
      const [after, effects] = update(desk, does, 0);
      expect(after !== desk || effects.length > 0).toBe(true);
    }),
    { numRuns: 3000 },
  );
});
