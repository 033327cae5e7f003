// SPDX-License-Identifier: EUPL-1.2
import { describe, expect, test } from "vitest";
import { LOST } from "../../src/desk/call.ts";
import type { Effect, Event } from "../../src/desk/event.ts";
import { BEGIN, type Desk, type Inside, link, type Talking, type Waiter } from "../../src/desk/state.ts";
import { update } from "../../src/desk/update.ts";
import { deed } from "../../src/keys.ts";
import type { Pile } from "../../src/papers/desk.ts";

const WAITER: Waiter = { department: "ausweis", topic: "Ausweis", since: -60_000, rings: true };

/** A desk after these events, and all that had to be done. */
function follow(events: readonly Event[], from: Desk = BEGIN, now = 0): [Desk, Effect[]] {
  let desk = from;
  const all: Effect[] = [];
  for (const event of events) {
    const [next, effects] = update(desk, event, now);
    desk = next;
    all.push(...effects);
  }
  return [desk, all];
}

const inside: Event[] = [
  { is: "signed-in", desk: "meldestelle-1", person: "" },
  { is: "events", up: true },
  { is: "line-is", up: true },
  { is: "told", presence: "free", waiting: [WAITER], practice: null },
];
const talking: Event[] = [
  ...inside,
  { is: "rings", call: "1", practice: false },
  { is: "answer" },
  { is: "answered", call: "1" },
  { is: "writes", call: "1", open: true },
];

function talk(desk: Desk): Talking {
  if (desk.at !== "inside" || desk.phase.at !== "talking") {
    throw new Error(`not talking: ${JSON.stringify(desk)}`);
  }
  return desk.phase;
}

describe("signing in", () => {
  /** Proves D2: a desk signs in; the password goes to the exchange and stays nowhere. */
  test("a password stays nowhere", () => {
    const [ready] = follow([{ is: "not-signed-in", problem: null }]);
    const [desk, effects] = follow([{ is: "sign-in", desk: "meldestelle-1", password: "vier Wörter hier" }], ready);
    expect(effects).toEqual([{ does: "sign-in", desk: "meldestelle-1", password: "vier Wörter hier" }]);
    expect(JSON.stringify(desk)).not.toContain("Wörter");
    const again = update(desk, { is: "sign-in", desk: "x", password: "y" }, 0);
    expect(again).toEqual([desk, []]);
  });

  /** Proves D2: a wrong password says so, and lets one try again. */
  test("a wrong password is told", () => {
    const [desk] = follow([
      { is: "not-signed-in", problem: null },
      { is: "sign-in", desk: "a", password: "b" },
      { is: "not-signed-in", problem: { what: "wrong" } },
    ]);
    expect(desk).toEqual({ ...BEGIN, asking: null, problem: { what: "wrong" } });
  });

  /** Proves D2: how one can sign in is known before and after a session; who it is goes with it. */
  test("the ways to sign in stay known", () => {
    const names = { de: "Stadt", en: "Town" };
    const ways = { passwords: false, providers: [{ authority: "stadt", name: names, label: null }] };
    const signedIn: Event[] = [
      { is: "ways", ways },
      { is: "signed-in", desk: "meldestelle-1", person: "anna" },
    ];
    const [inside] = follow(signedIn);
    expect(inside).toMatchObject({ at: "inside", person: "anna" });
    const [out] = follow([...signedIn, { is: "sign-out" }]);
    expect(out).toEqual({ ...BEGIN, asking: null, ways });
    expect(JSON.stringify(out)).not.toContain("anna");
  });

  /** Proves D2: who is signed in listens at once, and is on a break until they say that they are free. */
  test("a desk connects and asks before it is free", () => {
    const [desk, effects] = follow(inside.slice(0, 3));
    expect(effects).toEqual([{ does: "connect", desk: "meldestelle-1" }]);
    expect(desk).toMatchObject({ presence: "break", wish: null, phase: { at: "idle" } });
    const [, free] = update(desk, { is: "wish", presence: "free" }, 0);
    expect(free).toEqual([{ does: "permission" }, { does: "presence", presence: "free" }]);
  });
});

describe("presence", () => {
  /** Proves D2: what was chosen is shown at once and confirmed by the exchange; what did not arrive is told. */
  test("a wish is confirmed or taken back", () => {
    const [wished] = follow([...inside, { is: "wish", presence: "busy" }]);
    expect(wished).toMatchObject({ presence: "free", wish: "busy" });
    expect(follow([{ is: "told", presence: "busy", waiting: [], practice: null }], wished)[0]).toMatchObject({
      presence: "busy",
      wish: null,
    });
    expect(follow([{ is: "wished", presence: "busy" }], wished)[0]).toMatchObject({ presence: "busy", wish: null });
    expect(follow([{ is: "wish-failed" }], wished)[0]).toMatchObject({ wish: null, problem: { what: "presence" } });
  });

  /** Proves D2: a lost link to the exchange is told, but not while the first one is being made. */
  test("a link is being made, there, and lost", () => {
    const [desk] = follow(inside.slice(0, 2));
    expect(link(desk as Inside)).toBe("connecting");
    const [up] = follow([{ is: "line-is", up: true }], desk);
    expect(link(up as Inside)).toBe("up");
    expect(link(follow([{ is: "events", up: false }], up)[0] as Inside)).toBe("down");
    expect(link(follow([{ is: "line-is", up: false }], up)[0] as Inside)).toBe("down");
  });
});

describe("a call", () => {
  /** Proves D2: a call rings with the service that was chosen and is taken by one deed. */
  test("rings and is taken", () => {
    const [desk, effects] = follow([...inside, { is: "rings", call: "1", practice: false }]);
    expect(desk).toMatchObject({ phase: { at: "ringing", topic: "Ausweis", department: "ausweis" } });
    expect(effects.slice(1)).toEqual([{ does: "ring", on: true }, { does: "open" }]);
    const [taken, deeds] = follow([{ is: "answer" }, { is: "answer" }], desk);
    expect(deeds).toEqual([
      { does: "ring", on: false },
      { does: "answer", call: "1" },
    ]);
    expect(talk(follow([{ is: "answered", call: "1" }], taken)[0]).topic).toBe("Ausweis");
  });

  /** Proves D2: the ring may come before the exchange has said for whom it is. */
  test("the service is told later", () => {
    const [desk] = follow([...inside.slice(0, 3), { is: "rings", call: "1", practice: false }]);
    expect(desk).toMatchObject({ phase: { topic: null } });
    const [told] = follow([{ is: "told", presence: "free", waiting: [WAITER], practice: null }], desk);
    expect(told).toMatchObject({ phase: { topic: "Ausweis" } });
  });

  /** Proves D2: a call that is declined rings elsewhere, and this desk goes on a break, as the exchange has it. */
  test("is declined", () => {
    const [desk, effects] = follow([...inside, { is: "rings", call: "1", practice: false }, { is: "decline" }]);
    expect(desk).toMatchObject({ phase: { at: "idle" }, wish: "break" });
    expect(effects.slice(3)).toEqual([
      { does: "ring", on: false },
      { does: "forget" },
      { does: "decline", call: "1" },
      { does: "presence", presence: "break" },
    ]);
  });

  /** Proves D2: a caller who leaves, or whom another desk took, is told of calmly. */
  test.each(["left", "taken"] as const)("is gone before it was taken: %s", (what) => {
    const gone: Event = { is: "gone", call: "1", ending: "them", problem: { what } };
    const [desk, effects] = follow([...inside, { is: "rings", call: "1", practice: false }, gone]);
    expect(desk).toMatchObject({ phase: { at: "idle" }, problem: { what } });
    expect(effects.slice(-2)).toEqual([{ does: "ring", on: false }, { does: "forget" }]);
  });

  /** Proves D2: without a microphone the call is not taken into silence; others ring on, and the clerk is told. */
  test("cannot be taken without a microphone", () => {
    const failed: Event = { is: "not-answered", call: "1", problem: { what: "no-devices" } };
    const [desk, effects] = follow([...inside, { is: "rings", call: "1", practice: false }, { is: "answer" }, failed]);
    expect(desk).toMatchObject({ phase: { at: "idle" }, problem: { what: "no-devices" } });
    expect(effects).toContainEqual({ does: "decline", call: "1" });
  });

  /** Proves D2: a second call beside the first is refused. */
  test("is the only one", () => {
    const [desk] = follow(talking);
    expect(update(desk, { is: "rings", call: "2", practice: false }, 0)).toEqual([
      desk,
      [{ does: "decline", call: "2" }],
    ]);
  });

  /** Proves D2: sound and picture are switched apart from each other. */
  test("is muted and hidden", () => {
    const [desk, effects] = follow([...talking, { is: "mute" }, { is: "hide" }, { is: "mute" }]);
    expect(effects.slice(-3)).toEqual([
      { does: "send", call: "1", sound: false, picture: true },
      { does: "send", call: "1", sound: false, picture: false },
      { does: "send", call: "1", sound: true, picture: false },
    ]);
    expect(talk(desk)).toMatchObject({ muted: false, hidden: true });
  });

  /** Proves D2: a pause is shown once it is one, and one change of it is made at a time. */
  test("is paused", () => {
    const [desk, effects] = follow([...talking, { is: "pause" }, { is: "pause" }]);
    expect(effects.filter((effect) => effect.does === "pause")).toEqual([{ does: "pause", call: "1", on: true }]);
    expect(talk(desk)).toMatchObject({ paused: false, pausing: true });
    const [paused] = follow([{ is: "paused", call: "1", paused: true, failed: false }], desk);
    expect(talk(paused)).toMatchObject({ paused: true, pausing: false });
    expect(follow([{ is: "pause" }], paused)[1]).toEqual([{ does: "pause", call: "1", on: false }]);
    const [failed] = follow([{ is: "paused", call: "1", paused: false, failed: true }], desk);
    expect(failed).toMatchObject({ problem: { what: "pause" } });
  });

  /** Proves T11, D2: the link of a call that is lost may come back for longer than the terminal tries; then the call is over. */
  test("is lost in the end", () => {
    const [lost] = follow([...talking, { is: "media", call: "1", media: "lost" }], BEGIN, 1000);
    expect(talk(follow([{ is: "tick" }], lost, 1000 + LOST - 1)[0]).media).toBe("lost");
    const [again] = follow([{ is: "media", call: "1", media: "flowing" }], lost, 2000);
    expect(talk(follow([{ is: "tick" }], again, 10 * LOST)[0]).media).toBe("flowing");
    const [over, effects] = follow([{ is: "tick" }], lost, 1000 + LOST);
    expect(over).toMatchObject({ phase: { at: "wrapping", ending: "lost" } });
    expect(effects).toEqual([{ does: "end", call: "1" }, { does: "forget" }]);
  });

  /** Proves D8: a call is handed to another department; if that fails, it goes on. */
  test("is handed over", () => {
    const department = { id: "kfz", name: { de: "Auto", en: "Car" }, open: true, waiting: 0 };
    const [choosing, asked] = follow([
      ...talking,
      { is: "choose" },
      { is: "departments", departments: [department] },
      { is: "hand-over", to: "kfz" },
    ]);
    expect(asked.slice(-2)).toEqual([{ does: "departments" }, { does: "hand-over", call: "1", to: "kfz" }]);
    const [failed] = follow([{ is: "handed-over", call: "1", problem: { what: "hand-over" } }], choosing);
    expect(failed).toMatchObject({ phase: { at: "talking", handing: null }, problem: { what: "hand-over" } });
    const [over, effects] = follow([{ is: "handed-over", call: "1", problem: null }], choosing);
    expect(over).toMatchObject({ phase: { at: "wrapping", ending: "handed-over" } });
    expect(effects).toEqual([{ does: "end", call: "1" }, { does: "forget" }]);
  });

  /** Proves D2: a call ends with its outcome, and the desk is free again by one deed. */
  test("ends with an outcome", () => {
    const [over, ended] = follow([{ is: "end" }], follow(talking)[0]);
    expect(ended).toEqual([{ does: "end", call: "1" }, { does: "forget" }]);
    const [desk, effects] = follow([{ is: "outcome", outcome: "done" }], over);
    expect(desk).toMatchObject({ phase: { at: "idle" }, wish: "free" });
    expect(effects).toEqual([
      { does: "outcome", outcome: "done" },
      { does: "presence", presence: "free" },
    ]);
    const [, rest] = follow(
      [
        { is: "next", presence: "break" },
        { is: "outcome", outcome: "unresolved" },
      ],
      over,
    );
    expect(rest).toContainEqual({ does: "presence", presence: "break" });
  });

  /** Proves T15, D2: when a call is over, nothing of it is left in the state: no words, no matter, no name of the call. */
  test.each([
    ["we end it", { is: "end" }],
    ["they end it", { is: "gone", call: "1", ending: "them", problem: null }],
    ["it is lost", { is: "gone", call: "1", ending: "lost", problem: null }],
  ] as const)("leaves nothing when %s", (_, event) => {
    const [desk] = follow([
      ...talking,
      { is: "text", call: "1", piece: "Ich heiße Geheim" },
      { is: "type", text: "Guten Tag, Geheim" },
      { is: "choose" },
      { is: "departments", departments: [{ id: "kfz", name: { de: "Geheim", en: "Geheim" }, open: true, waiting: 0 }] },
      { is: "told", presence: "busy", waiting: [], practice: null },
    ]);
    expect(JSON.stringify(desk)).toContain("Geheim");
    const [over, effects] = follow([event], desk);
    expect(JSON.stringify(over)).not.toMatch(/Geheim|Ausweis|ausweis|"call"/);
    expect(effects).toContainEqual({ does: "forget" });
  });
});

describe("the session", () => {
  const expired: Event = { is: "signed-out", problem: { what: "session-over" } };

  /** Proves D2: a session that ends while it rings ends the ring; a conversation goes on to its end. */
  test("ends", () => {
    const [rung, effects] = follow([expired], follow([...inside, { is: "rings", call: "1", practice: false }])[0]);
    expect(rung).toEqual({ ...BEGIN, asking: null, problem: { what: "session-over" } });
    expect(effects.map((effect) => effect.does)).toEqual(["ring", "decline", "forget", "disconnect"]);
    const [still, none] = follow([expired], follow(talking)[0]);
    expect(talk(still).call).toBe("1");
    expect(none).toEqual([]);
    const [over, end] = follow([{ is: "end" }], still);
    expect(over).toEqual({ ...BEGIN, asking: null, problem: { what: "session-over" } });
    expect(end.map((effect) => effect.does)).toEqual(["end", "forget", "disconnect"]);
  });

  /** Proves D2: nobody signs out of the middle of a call by accident. */
  test("is not left during a call", () => {
    const [desk] = follow(talking);
    expect(update(desk, { is: "sign-out" }, 0)).toEqual([desk, []]);
    const [out, effects] = follow([...inside, { is: "sign-out" }]);
    expect(out).toEqual({ ...BEGIN, asking: null, problem: null });
    expect(effects.slice(1).map((effect) => effect.does)).toEqual(["sign-out", "disconnect"]);
  });
});

describe("papers", () => {
  const pile: Pile = {
    open: true,
    ours: [{ id: 1, kind: "pdf", name: "Bescheid.pdf", bytes: 9, had: 9, sent: "whole", print: null }],
    theirs: [],
    shown: { id: 1, page: 1, point: null },
    shared: null,
    scan: null,
  };
  const told: Event[] = [...talking, { is: "papers", call: "1", pile }];

  /** Proves D3: only what there is is shown, page by page, by keyboard too; and only while there is a way for it. */
  test("a document is shown page by page", () => {
    const [one] = follow(told);
    expect(deed(one, "PageDown")).toBeNull();
    expect(deed(one, "F2")).toBe("pick");
    const [desk] = follow([{ is: "pages", call: "1", id: 1, pages: 2 }], one);
    expect(deed(desk, "PageUp")).toBeNull();
    const later = { is: "show", id: 1, page: 2 } as const;
    expect(deed(desk, "PageDown")).toEqual(later);
    expect(update(desk, later, 0)[1]).toEqual([{ does: "show", call: "1", id: 1, page: 2 }]);
    for (const [id, page] of [
      [1, 0],
      [1, 3],
      [2, 1],
    ] as const) {
      expect(update(desk, { is: "show", id, page }, 0)[1]).toEqual([]);
    }
    const [closed] = follow([{ is: "papers", call: "1", pile: { ...pile, open: false } }], desk);
    expect(deed(closed, "F2")).toBeNull();
    expect(update(closed, { is: "add-papers", files: [] }, 0)[1]).toEqual([]);
  });

  /** Proves D3, D2: the screen is shown by one key and no more by the same; only in a call that flows; and a pause of either side ends it. */
  test("the screen is shown and is not any more", () => {
    const flows: Event[] = [...told, { is: "media", call: "1", media: "flowing" }];
    const [desk] = follow(flows);
    expect(deed(desk, "F6")).toEqual({ is: "share" });
    const [choosing, asks] = update(desk, { is: "share" }, 0);
    expect(asks).toEqual([{ does: "share", call: "1" }]);
    expect(talk(choosing).choosing).toBe(true);
    expect(update(choosing, { is: "share" }, 0)).toEqual([choosing, []]);
    const [none] = update(choosing, { is: "shared", call: "1", problem: { what: "share-none" } }, 0);
    expect(talk(none).choosing).toBe(false);
    expect("problem" in none && none.problem).toEqual({ what: "share-none" });
    const shared = { surface: "window", label: "Fachverfahren" } as const;
    const now: Event = { is: "papers", call: "1", pile: { ...pile, shown: null, shared } };
    const [shows] = follow([now, { is: "shared", call: "1", problem: null }], choosing);
    expect(deed(shows, "F6")).toEqual({ is: "unshare" });
    const ends: Effect = { does: "unshare", call: "1" };
    expect(update(shows, { is: "unshare" }, 0)[1]).toEqual([ends]);
    expect(update(shows, { is: "pause" }, 0)[1]).toEqual([ends, { does: "pause", call: "1", on: true }]);
    expect(update(shows, { is: "held", call: "1", held: true }, 0)[1]).toEqual([ends]);
    expect(update(desk, { is: "unshare" }, 0)[1]).toEqual([]);
    const stops: Event[] = [
      { is: "media", call: "1", media: "lost" },
      { is: "held", call: "1", held: true },
      { is: "paused", call: "1", paused: true, failed: false },
      { is: "papers", call: "1", pile: { ...pile, open: false } },
    ];
    for (const stop of stops) {
      const [not, nothing] = follow([stop, { is: "share" }], desk);
      expect(nothing).toEqual([]);
      expect("problem" in not && not.problem).toEqual({ what: "share-not-now" });
    }
  });

  /** Proves D4, T6: a paper is asked for while there is a way, one at a time; and again when that is over, however it ended. */
  test("a scan is asked for", () => {
    const scan = (pile: Pile): readonly Effect[] => {
      const [desk] = follow([...talking, { is: "papers", call: "1", pile }]);
      return update(desk, { is: "scan" }, 0)[1];
    };
    const asks = [{ does: "scan", call: "1" }];
    expect(scan(pile)).toEqual(asks);
    expect(scan({ ...pile, open: false })).toEqual([]);
    for (const says of ["asked", "agreed", "hindered"] as const) {
      expect(scan({ ...pile, scan: { says, reason: null } })).toEqual([]);
    }
    for (const says of ["declined", "sent", "failed", "not-now"] as const) {
      expect(scan({ ...pile, scan: { says, reason: null } })).toEqual(asks);
    }
  });

  /** Proves D4, T15: what came is looked at page by page, by keyboard too, once it is whole; what is gone is not. */
  test("what came is looked at", () => {
    const one = { id: 3, kind: "pdf", name: "Geburtsurkunde.pdf", bytes: 9, had: 9, whole: true } as const;
    const came = (whole: boolean): Event => ({
      is: "papers",
      call: "1",
      pile: { ...pile, theirs: [{ ...one, whole }] },
    });
    const looks = (desk: Desk): unknown => (desk.at === "inside" && desk.phase.at === "talking" ? desk.phase.looks : 0);
    const look = { is: "look", id: 3, page: 1 } as const;
    const [early] = follow([came(false), look], follow(told)[0]);
    expect(looks(early)).toBeNull();
    const [desk] = follow([came(true), look], early);
    expect(looks(desk)).toEqual({ id: 3, page: 1, pages: null });
    expect(deed(desk, "PageDown")).toBeNull();
    const [drawn] = follow([{ is: "their-pages", call: "1", id: 3, pages: 2 }], desk);
    expect(deed(drawn, "PageUp")).toBeNull();
    expect(deed(drawn, "PageDown")).toEqual({ ...look, page: 2 });
    const [second] = follow(
      [
        { ...look, page: 2 },
        { ...look, page: 3 },
      ],
      drawn,
    );
    expect(looks(second)).toEqual({ id: 3, page: 2, pages: 2 });
    expect(looks(follow([{ is: "look-away" }], second)[0])).toBeNull();
    expect(looks(follow([{ is: "papers", call: "1", pile }], second)[0])).toBeNull();
  });

  /** Proves D6, T15: what came in is saved with its matter as soon as something of it is whole; after the end nothing is known of it. */
  test("what came in is saved, and forgotten", () => {
    const [desk] = follow(told);
    expect(update(desk, { is: "save" }, 0)[1]).toEqual([]);
    const theirs = [{ id: 1, kind: "pdf", name: "Ausweis.pdf", bytes: 9, had: 9, whole: true }] as const;
    const [came] = follow([{ is: "papers", call: "1", pile: { ...pile, theirs } }], desk);
    const save = { does: "save", call: "1", department: "ausweis", topic: "Ausweis" };
    expect(update(came, { is: "save" }, 0)[1]).toEqual([save]);
    const [after] = follow([{ is: "end" }, { is: "papers", call: "1", pile }], came);
    expect(JSON.stringify(after)).not.toMatch(/pdf/);
  });
});

describe("practice", () => {
  const told = (practice: Inside["practice"]): Event => ({ is: "told", presence: "free", waiting: [], practice });
  const practising: Event[] = [...inside, told({ department: null, topic: null })];
  const rung: Event[] = [
    ...practising,
    told({ department: "ausweis", topic: "Ausweis" }),
    { is: "rings", call: "1", practice: true },
  ];
  const spoken: Event[] = [...rung, { is: "answer" }, { is: "answered", call: "1" }];

  /** Proves O10: practice is begun from a desk without a call and ended by it; what the desk is stays as it was chosen before. */
  test("is begun and ended", () => {
    const [idle] = follow(inside);
    expect(deed(idle, "F9")).toBe("practise");
    expect(update(idle, { is: "stop-practice" }, 0)).toEqual([idle, []]);
    expect(deed(follow(talking)[0], "F9")).toBe("write");
    const [desk] = follow(practising);
    expect(deed(desk, "F9")).toBeNull();
    expect(deed(desk, "F8")).toBeNull();
    expect(update(desk, { is: "wish", presence: "break" }, 0)).toEqual([desk, []]);
    expect(deed(desk, "F10")).toEqual({ is: "stop-practice" });
    expect(update(desk, { is: "stop-practice" }, 0)[1]).toEqual([{ does: "stop-practice" }]);
    expect(follow([told(null)], desk)[0]).toMatchObject({ presence: "free", practice: null });
  });

  /** Proves O10: a call of practice rings as a real one does, with the department that was chosen. */
  test("rings", () => {
    const [desk, effects] = follow(rung);
    expect(desk).toMatchObject({ phase: { at: "ringing", practice: true, topic: "Ausweis", department: "ausweis" } });
    expect(effects.slice(1)).toEqual([{ does: "ring", on: true }, { does: "open" }]);
    expect(talk(follow(spoken)[0]).practice).toBe(true);
  });

  /** Proves O10: whoever declines in practice goes on practising: no presence is told, and nobody is on a break. */
  test("is declined", () => {
    const [desk, effects] = follow([...rung, { is: "decline" }]);
    expect(desk).toMatchObject({ phase: { at: "idle" }, wish: null, practice: {} });
    expect(effects.slice(3)).toEqual([{ does: "ring", on: false }, { does: "forget" }, { does: "decline", call: "1" }]);
  });

  /** Proves O10: a played citizen who hangs up while it rings is told of as what they are. */
  test("is gone before it was taken", () => {
    const gone: Event = { is: "gone", call: "1", ending: "them", problem: { what: "left" } };
    const [desk] = follow([...rung, gone]);
    expect(desk).toMatchObject({ phase: { at: "idle" }, practice: {}, problem: { what: "practice-left" } });
  });

  /** Proves O10: nobody is handed over, and no outcome is counted. */
  test("counts nothing", () => {
    const [desk] = follow([...spoken, { is: "choose" }]);
    const [over, effects] = follow([{ is: "hand-over", to: "kfz" }], desk);
    expect(over).toMatchObject({ phase: { at: "wrapping", ending: "handed-over", practice: true } });
    expect(effects).toEqual([{ does: "end", call: "1" }, { does: "forget" }]);
    const [after, none] = follow([{ is: "outcome", outcome: "done" }], over);
    expect(after).toMatchObject({ phase: { at: "idle" }, wish: null, practice: {} });
    expect(none).toEqual([]);
  });

  /** Proves O10: a practice that is over takes its call with it, ringing or talking; so does a session that ends. */
  test("is over in the middle of a call", () => {
    const [silent, quiet] = follow([told(null)], follow(rung)[0]);
    expect(silent).toMatchObject({ phase: { at: "idle" } });
    expect(quiet).toEqual([{ does: "ring", on: false }, { does: "forget" }, { does: "decline", call: "1" }]);
    const [over, ended] = follow([told(null)], follow(spoken)[0]);
    expect(over).toMatchObject({ phase: { at: "wrapping", ending: "lost", practice: true } });
    expect(ended).toEqual([{ does: "end", call: "1" }, { does: "forget" }]);
    const [out, left] = follow([{ is: "signed-out", problem: null }], follow(spoken)[0]);
    expect(out.at).toBe("outside");
    expect(left).toEqual([{ does: "end", call: "1" }, { does: "forget" }, { does: "disconnect" }]);
    // A conversation is none of practice's business.
    expect(talk(follow([told(null)], follow(talking)[0])[0]).call).toBe("1");
  });
});
