// SPDX-License-Identifier: EUPL-1.2
import fc from "fast-check";
import { expect, test } from "vitest";
import { Papers, type Pile, scans } from "../../src/papers/desk.ts";
import { encode } from "../../src/papers/frame.ts";
import type { Bytes } from "../../src/papers/paper.ts";
import { EMPTY, type Lying, Terminal } from "../../src/papers/terminal.ts";
import { deed } from "../../src/practice/keys.ts";
import { BEGIN, type Effect, type Event, type Tab } from "../../src/practice/state.ts";
import { update } from "../../src/practice/update.ts";
import { practiceDe } from "../../src/words/practice-de.ts";
import { practiceEn } from "../../src/words/practice-en.ts";

const WORDS = "words that were written";
const departments = [{ id: "ausweis", name: { de: "Ausweis", en: "ID card" } }];

function follow(events: readonly Event[], from: Tab = BEGIN): [Tab, Effect[]] {
  let tab = from;
  const all: Effect[] = [];
  for (const event of events) {
    const [next, effects] = update(tab, event, 0);
    tab = next;
    all.push(...effects);
  }
  return [tab, all];
}

const here: Event[] = [
  { is: "begun", departments },
  { is: "told", reachable: true },
];
const talking: Event[] = [...here, { is: "call" }, { is: "rings" }, { is: "answered" }, { is: "writes", open: true }];

/** Proves O10: the page calls one of the desk's departments once the desk can be rung, and a call is over from either side. */
test("a call is played", () => {
  const [waits] = follow(here.slice(0, 1));
  expect(deed(waits, "F2")).toBeNull();
  expect(update(waits, { is: "call" }, 0)).toEqual([waits, []]);
  const [ready] = follow(here);
  expect(deed(ready, "F2")).toEqual({ is: "call" });
  expect(update(ready, { is: "choose", department: "kita" }, 0)).toEqual([ready, []]);
  const [called, effects] = follow([{ is: "call" }, { is: "call" }], ready);
  expect(effects).toEqual([{ does: "call", department: "ausweis" }]);
  const [declined] = follow([{ is: "over", result: "declined" }], called);
  expect(declined).toMatchObject({ phase: { at: "ready", result: "declined" } });
  const [, hung] = follow([...talking, { is: "hang-up" }]);
  expect(hung.at(-1)).toEqual({ does: "hang-up" });
  // The practice ends in the middle of it.
  const [ended, ends] = follow([...talking, { is: "ended", why: "over" }]);
  expect(ended).toEqual({ at: "ended", why: "over" });
  expect(ends.at(-1)).toEqual({ does: "hang-up" });
  expect(follow([{ is: "again" }], ended)).toEqual([{ at: "beginning" }, [{ does: "begin" }]]);
});

/** Proves O10, T13: what is typed travels piece by piece, also what is taken back. */
test("both sides write", () => {
  const [tab, effects] = follow([
    ...talking,
    { is: "type", text: "ab" },
    { is: "type", text: "ac" },
    { is: "text", piece: "Guten Tag" },
    { is: "line" },
  ]);
  expect(effects.slice(-3)).toEqual([
    { does: "write", piece: "ab" },
    { does: "write", piece: "\u0008c" },
    { does: "write", piece: "\u2028" },
  ]);
  expect(tab).toMatchObject({ phase: { said: [{ text: "ac" }, { who: "them", text: "Guten Tag" }], draft: "" } });
});

/** Proves O10: a second press means the opposite of the first, however long that takes to be agreed on. */
test("a pause is taken back at once", () => {
  const [, effects] = follow([...talking, { is: "pause" }, { is: "pause" }, { is: "paused", paused: true }]);
  expect(effects.slice(-2)).toEqual([
    { does: "pause", on: true },
    { does: "pause", on: false },
  ]);
});

const event = fc.oneof(
  { arbitrary: fc.constantFrom({ is: "begun", departments }, { is: "told", reachable: true }), weight: 3 },
  { arbitrary: fc.constantFrom({ is: "call" }, { is: "rings" }, { is: "answered" }), weight: 6 },
  fc.constantFrom(
    { is: "told", reachable: false },
    { is: "hang-up" },
    { is: "again" },
    { is: "ended", why: "over" },
    { is: "over", result: "clerk" },
    { is: "writes", open: true },
    { is: "type", text: WORDS },
    { is: "text", piece: WORDS },
    { is: "line" },
    { is: "pause" },
    { is: "paused", paused: true },
    { is: "listen" },
    { is: "print", agrees: true },
    { is: "scan", agrees: false },
    { is: "put" },
    {
      is: "papers",
      lying: { ...EMPTY, scan: { request: 1, answer: null }, print: { request: 2, id: 1, answer: null } },
    },
    { is: "pages", id: 1, pages: 3 },
  ),
) as fc.Arbitrary<Event>;

/** Proves O10, T15: in whatever order things happen, the page speaks only in a call that it began, hangs up what it called when it leaves it,
 * and keeps nothing of a call after it. */
test("whatever happens, nothing is left of a call", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      let tab: Tab = BEGIN;
      let called = false;
      for (const event of events) {
        const [after, effects] = update(tab, event, 0);
        for (const { does } of effects) {
          if (does === "call") {
            expect(called).toBe(false);
            called = true;
          } else if (does !== "begin") {
            expect(called).toBe(true);
          }
          called = called && does !== "hang-up";
        }
        // The other side has ended it.
        called = called && !(event.is === "over" && tab.at === "here");
        tab = after;
        const phase = tab.at === "here" ? tab.phase.at : "none";
        expect(called).toBe(phase === "calling" || phase === "talking");
        if (phase !== "talking") {
          expect(JSON.stringify(tab)).not.toContain(WORDS);
        }
      }
    }),
    { numRuns: 500 },
  );
});

/** A desk and the page's terminal with a channel between them that can break. */
class Way {
  readonly said: [toDesk: boolean, bytes: Bytes][] = [];
  pile: Pile | null = null;
  lying: Lying = EMPTY;
  readonly desk = new Papers(
    (bytes) => this.said.push([false, bytes]),
    (pile) => {
      this.pile = pile;
    },
  );
  readonly terminal = new Terminal(
    (bytes) => this.said.push([true, bytes]),
    (lying) => {
      this.lying = lying;
    },
  );

  /** What was under way is lost. */
  open(): void {
    this.said.length = 0;
    this.desk.way(true);
    this.terminal.way(true);
  }

  async step(): Promise<boolean> {
    const next = this.said.shift();
    if (next !== undefined) {
      const [toDesk, bytes] = next;
      await (toDesk ? this.desk : this.terminal).take(bytes);
    }
    return next !== undefined;
  }

  async all(): Promise<void> {
    while (await this.step()) {
      // Until all is said.
    }
  }
}

function png(size: number): Bytes {
  const content = new Uint8Array(size);
  content.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return content;
}

/** Proves O10, D3, D4: what the desk shows lies at the played terminal, page and point follow, and a print and a scan are asked for and
 * answered as a terminal does. */
test("papers are played", async () => {
  const way = new Way();
  way.open();
  await way.desk.add("Merkblatt.png", png(40_000));
  await way.all();
  expect(way.lying).toMatchObject({
    shown: { id: 1, page: 1 },
    came: [{ whole: true, offer: { name: "Merkblatt.png" } }],
  });
  expect(way.terminal.content(1)?.length).toBe(40_000);
  way.desk.point([1, 2]);
  way.desk.ask(1, 1);
  way.desk.askScan();
  await way.all();
  expect(way.lying).toMatchObject({ shown: { point: [1, 2] }, print: { id: 1, answer: null }, scan: { answer: null } });
  // Nothing is printed or sent that nobody has agreed to.
  way.terminal.answerPrint("printed");
  await way.terminal.scanned("Seite.png", png(99));
  await way.all();
  expect(way.pile).toMatchObject({ ours: [{ print: "asked" }], theirs: [], scan: { says: "asked" } });
  way.terminal.answerPrint("agreed");
  way.terminal.answerScan("agreed");
  await way.all();
  expect(way.pile).toMatchObject({ ours: [{ print: "agreed" }], scan: { says: "agreed" } });
  way.terminal.answerPrint("printed");
  await Promise.all([way.terminal.scanned("Seite.png", png(99_000)), way.terminal.scanned("Zwei.png", png(9))]);
  await way.all();
  expect(way.pile).toMatchObject({
    ours: [{ print: "printed" }],
    theirs: [{ name: "Seite.png", whole: true }],
    scan: { says: "sent" },
  });
  way.desk.share({ surface: "window", label: "" });
  await way.all();
  expect(way.lying).toMatchObject({ shown: null, shares: true });
  way.desk.show(1, 1);
  await way.all();
  expect(way.lying).toMatchObject({ shown: { id: 1 }, shares: false });
  way.desk.drop(1);
  await way.all();
  expect(way.lying).toMatchObject({ came: [], shown: null, shares: false });
  way.terminal.forget();
  expect(way.terminal.lying).toEqual(EMPTY);
});

/** Proves O10: through breaks at any point, what was agreed to arrives once, and a question is answered as it was; bytes of no sense change
 * nothing. */
test("played papers arrive through breaks", async () => {
  const lost = new Way();
  lost.open();
  await lost.desk.add("a.png", png(99));
  lost.desk.ask(1, 1);
  lost.desk.askScan();
  await lost.all();
  lost.terminal.answerPrint("agreed");
  lost.terminal.answerPrint("printed");
  lost.terminal.answerScan("declined");
  // None of the answers has arrived.
  lost.open();
  await lost.all();
  expect(lost.pile).toMatchObject({ ours: [{ print: "printed" }], scan: { says: "declined" } });

  const breaks = fc.array(fc.nat({ max: 14 }), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(breaks, fc.boolean(), fc.uint8Array({ maxLength: 40 }), async (breaks, agrees, noise) => {
      const way = new Way();
      way.open();
      await way.desk.add("a.png", png(70_000));
      way.desk.askScan();
      for (const steps of breaks) {
        for (let n = 0; n < steps; n += 1) {
          await way.step();
        }
        way.terminal.answerScan(agrees ? "agreed" : "declined");
        await way.terminal.scanned("b.png", png(50_000));
        way.open();
      }
      await way.all();
      way.terminal.answerScan(agrees ? "agreed" : "declined");
      await way.terminal.scanned("b.png", png(50_000));
      await way.all();
      expect(way.lying.came.map(({ whole }) => whole)).toEqual([true]);
      expect(scans(way.pile?.scan ?? null)).toBe(false);
      expect(way.pile?.scan?.says).toBe(agrees ? "sent" : "declined");
      expect(way.pile?.theirs.map(({ whole }) => whole)).toEqual(agrees ? [true] : []);
      const before = JSON.stringify(way.lying.came);
      await way.terminal.take(Uint8Array.from([0xff, ...noise]));
      await way.terminal.take(encode({ is: "have", id: 9, bytes: 1 }));
      expect(JSON.stringify(way.lying.came)).toBe(before);
    }),
    { numRuns: 60 },
  );
});

/** Proves O10: both languages say all of it, and mark it. */
test("the page speaks two languages", () => {
  const shape = (value: unknown): unknown =>
    typeof value === "object" && value !== null
      ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]))
      : typeof value;
  expect(shape(practiceEn)).toEqual(shape(practiceDe));
  expect([practiceDe.mark, practiceEn.mark]).toEqual(["Übung", "Practice"]);
});
