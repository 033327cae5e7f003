// SPDX-License-Identifier: EUPL-1.2
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { unzipSync } from "fflate";
import { expect, test } from "vitest";
import { bundle, called } from "../../src/papers/bundle.ts";
import { NONE, Papers, type Pile } from "../../src/papers/desk.ts";
import { ANSWERS, decode, encode, type Frame, REFUSALS, SCANS, TROUBLES, Unfit } from "../../src/papers/frame.ts";
import { Inbox } from "../../src/papers/inbox.ts";
import * as limits from "../../src/papers/limits.ts";
import { Outbox } from "../../src/papers/outbox.ts";
import { type Bytes, ENDINGS, hash, hex, isName, KINDS, named, type Offer } from "../../src/papers/paper.ts";

/** What both sides read alike: see `services/call/src/papers/frame/tests.rs`. */
const vectors = JSON.parse(readFileSync(new URL("../../../call/src/papers/vectors.json", import.meta.url), "utf8")) as {
  limits: Record<string, number>;
  good: { about: string; bytes: string; frame: Record<string, unknown> }[];
  refused: { about: string; bytes: string }[];
  names: { good: string[]; bad: string[] };
};

/** Bytes as the vectors write them: the last one as often as it says behind `*`. */
function bytes(written: string): Bytes {
  const [digits = "", times = "1"] = written.split("*");
  const values = [...digits.matchAll(/../g)].map(([pair]) => Number.parseInt(pair, 16));
  return Uint8Array.from([...values, ...Array<number>(Number(times) - 1).fill(values.at(-1) ?? 0)]);
}

function pdf(size: number, seed = 0): Bytes {
  const content = Uint8Array.from({ length: Math.max(size, 9) }, (_, n) => (Math.floor(n / 7) ^ seed) & 0xff);
  content.set(new TextEncoder().encode("%PDF-1.7\n"));
  return content;
}

async function offer(id: number, content: Bytes): Promise<Offer> {
  return { id, kind: "pdf", bytes: content.length, hash: await hash(content), name: `${id}.pdf` };
}

/** Proves T5, X2: what both sides have agreed on is read and written as the vectors say, and what they refuse is refused. */
test("frames are as agreed on", () => {
  for (const vector of vectors.good) {
    const frame = decode(bytes(vector.bytes));
    const expected = { ...vector.frame };
    if (expected["is"] === "chunk") {
      expected["bytes"] = bytes(String(expected["bytes"]));
    }
    expect(frame, vector.about).toEqual(expected);
    expect(hex(encode(frame)), vector.about).toBe(hex(bytes(vector.bytes)));
  }
  for (const vector of vectors.refused) {
    expect(() => decode(bytes(vector.bytes)), vector.about).toThrow(Unfit);
  }
  expect(vectors.names.good.filter((name) => !isName(name))).toEqual([]);
  expect(vectors.names.bad.filter(isName)).toEqual([]);
  for (const [limit, value] of Object.entries(vectors.limits)) {
    expect(Object.entries(limits).find(([name]) => name === limit)?.[1], limit).toBe(value);
  }
});

/** Proves T17: whatever comes is a frame that is written in the same bytes again, or it is refused. */
test("whatever comes is read or refused", () => {
  const kind = fc.constantFrom(
    0x01,
    0x10,
    0x11,
    0x12,
    0x13,
    0x14,
    0x15,
    0x20,
    0x21,
    0x22,
    0x23,
    0x30,
    0x31,
    0x32,
    0x33,
    0x7f,
  );
  const rest = fc.array(fc.oneof({ arbitrary: fc.nat({ max: 5 }), weight: 3 }, fc.nat({ max: 255 })), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(kind, rest, (kind, rest) => {
      const sent = Uint8Array.from([kind, ...rest]);
      let frame: Frame;
      try {
        frame = decode(sent);
      } catch (error) {
        expect(error).toBeInstanceOf(Unfit);
        return;
      }
      expect(hex(encode(frame))).toBe(hex(sent));
    }),
    { numRuns: 2000 },
  );
});

/** Proves T5, T17: whatever a file is called, its document has a name that may be. */
test("every file has a name that may be", () => {
  expect(named("Antrag auf Wohngeld.PDF", "pdf")).toBe("Antrag auf Wohngeld.pdf");
  expect(named("C:\\Akten\\..\\x.docx", "png")).toBe("CAkten..x.png");
  expect(named(".pdf", "pdf")).toBe("pdf.pdf");
  expect(named("", "jpeg")).toBe("1.jpg");
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), fc.constantFrom(...KINDS), (file, kind) => {
      const name = named(file, kind);
      expect(isName(name)).toBe(true);
      expect(name.endsWith(ENDINGS[kind])).toBe(true);
    }),
  );
});

/** Proves T17: no document that is too large, too many, too much in all, damaged, or another than it says. */
test("limits hold", async () => {
  const inbox = new Inbox();
  const claims = async (id: number, bytes: number): Promise<Offer> => ({ ...(await offer(id, pdf(9))), bytes });
  const refuse = (id: number, why: string): unknown => ({ is: "refuse", id, why });
  const want = (id: number): unknown => ({ is: "want", id, turn: 0, from: 0 });
  expect(inbox.offer(0, await claims(1, 0))).toEqual(refuse(1, "size"));
  expect(inbox.offer(0, await claims(2, limits.BYTES + 1))).toEqual(refuse(2, "size"));
  for (let id = 3; id < 7; id += 1) {
    expect(inbox.offer(0, await claims(id, limits.BYTES))).toEqual(want(id));
  }
  expect(inbox.offer(0, await claims(9, 1))).toEqual(refuse(9, "room"));
  expect(inbox.offer(0, await claims(limits.NUMBERS + 1, 1))).toEqual(refuse(limits.NUMBERS + 1, "number"));
  inbox.keep([]);
  for (let id = 10; id < 10 + limits.DOCUMENTS; id += 1) {
    expect(inbox.offer(0, await claims(id, 10))).toEqual(want(id));
  }
  expect(inbox.offer(0, await claims(60, 1))).toEqual(refuse(60, "room"));
  expect(inbox.offer(0, await claims(10, 8))).toEqual(refuse(10, "number"));
  expect(await inbox.chunk(10, 0, pdf(11))).toEqual(refuse(10, "damaged"));
  expect(await inbox.chunk(11, 0, pdf(10, 1))).toEqual(refuse(11, "damaged"));
  const page = new TextEncoder().encode("<html>");
  inbox.offer(0, await offer(61, page));
  expect(await inbox.chunk(61, 0, page)).toEqual(refuse(61, "damaged"));
  expect(await inbox.chunk(61, 0, page)).toBeNull();
  expect(inbox.content(61)).toBeNull();

  const outbox = new Outbox();
  expect(await outbox.add("a", new Uint8Array())).toBe("paper-size");
  expect(await outbox.add("a", pdf(limits.BYTES + 1))).toBe("paper-size");
  expect(await outbox.add("a.pdf", page)).toBe("paper-kind");
  for (let n = 0; n < limits.DOCUMENTS; n += 1) {
    expect(await outbox.add("a", pdf(9))).toMatchObject({ is: "offer", id: n + 1 });
  }
  expect(await outbox.add("a", pdf(9))).toBe("paper-room");
  // What answers an older offer does not begin a newer one anew.
  outbox.again();
  outbox.want(1, 0, 0);
  expect(outbox.nextChunk()).toBeNull();
  outbox.want(1, 1, 0);
  expect(outbox.nextChunk()).toMatchObject({ is: "chunk", id: 1, from: 0 });
});

/** A desk, and what it sends; and the terminal's documents, played by the same boxes. */
class Way {
  readonly out: Frame[] = [];
  pile: Pile = NONE;
  readonly desk = new Papers(
    (bytes) => this.out.push(decode(bytes)),
    (pile) => {
      this.pile = pile;
    },
  );
  readonly inbox = new Inbox();
  readonly outbox = new Outbox();
  most = 0;

  /** The terminal says Hello on a new channel; what was under way is lost. The page notices nothing else. */
  async cut(): Promise<void> {
    this.out.length = 0;
    const ids = this.outbox.list().map(({ offer }) => offer.id);
    await this.tell({ is: "hello", asks: true, ids });
    for (const frame of this.outbox.again()) {
      await this.tell(frame);
    }
  }

  tell(frame: Frame): Promise<void> {
    return this.desk.take(encode(frame));
  }

  /** The terminal takes in one frame; says whether there was one. */
  async step(): Promise<boolean> {
    const chunks = this.out.map((frame) => (frame.is === "chunk" ? frame.bytes.length : 0));
    this.most = Math.max(
      this.most,
      chunks.reduce((sum, bytes) => sum + bytes, 0),
    );
    const frame = this.out.shift();
    let reply: Frame | null = null;
    switch (frame?.is) {
      case undefined:
        return false;
      case "hello":
        this.inbox.keep(frame.ids);
        break;
      case "offer": {
        const { is: _, turn, ...offer } = frame;
        reply = this.inbox.offer(turn, offer);
        break;
      }
      case "chunk":
        reply = await this.inbox.chunk(frame.id, frame.from, frame.bytes);
        break;
      case "drop":
        this.inbox.drop(frame.id);
        break;
      case "want":
        this.outbox.want(frame.id, frame.turn, frame.from);
        break;
      case "have":
        this.outbox.have(frame.id, frame.bytes);
        break;
      default:
        break;
    }
    if (reply !== null) {
      await this.tell(reply);
    }
    for (let chunk = this.outbox.nextChunk(); chunk !== null; chunk = this.outbox.nextChunk()) {
      await this.tell(chunk);
    }
    return true;
  }
}

/** Proves T5, T11: however often the link breaks, what was offered and not taken back arrives as it was, both ways, and goes on from
 * where it stopped; never more of it is under way than may be. */
test("papers arrive through breaks", async () => {
  const sizes = fc.array(fc.tuple(fc.boolean(), fc.nat({ max: 150_000 }), fc.boolean()), {
    minLength: 1,
    maxLength: 5,
  });
  const events = fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(sizes, events, async (sizes, events) => {
      const way = new Way();
      way.desk.way(true);
      const kept: [desk: boolean, id: number, content: Bytes][] = [];
      for (const [n, [desk, size, dropped]] of sizes.entries()) {
        const content = pdf(size, n);
        if (desk) {
          expect(await way.desk.add("a.pdf", content.slice())).toBeNull();
          const id = way.pile.ours.at(-1)?.id ?? 0;
          if (dropped) {
            await way.step();
            way.desk.drop(id);
          } else {
            kept.push([desk, id, content]);
          }
        } else {
          const offered = await way.outbox.add("b.pdf", content.slice());
          expect(offered).toMatchObject({ is: "offer" });
          await way.tell(offered as Frame);
          kept.push([desk, (offered as Frame & { is: "offer" }).id, content]);
        }
      }
      for (const event of events) {
        await (event === 0 ? way.cut() : way.step());
      }
      while (await way.step()) {
        // Until all is said.
      }
      for (const [desk, id, content] of kept) {
        const there = desk ? way.inbox.content(id) : way.desk.came(id);
        expect(there === null ? null : await hash(there)).toBe(await hash(content));
      }
      expect(way.inbox.list()).toHaveLength(kept.filter(([desk]) => desk).length);
      expect(way.pile.ours.every(({ sent }) => sent === "whole")).toBe(true);
      expect(way.most).toBeLessThanOrEqual(limits.WINDOW + limits.CHUNK);
    }),
    { numRuns: 40 },
  );
});

/** Proves T5: what is shown, where one points and what is asked is said anew after a break; what is taken back is shown no more. */
test("what is shown and asked outlives a break", async () => {
  const way = new Way();
  way.desk.way(true);
  await way.desk.add("a.pdf", pdf(99));
  way.desk.show(1, 2);
  way.desk.point([1, 65_535]);
  way.desk.ask(1, 2);
  way.desk.ask(1, 1);
  const print = { is: "print", request: 1, id: 1, copies: 2 };
  expect(way.out.filter(({ is }) => is === "print")).toEqual([print]);
  await way.cut();
  expect(way.out.map(({ is }) => is)).toEqual(["hello", "offer", "show", "point", "print"]);
  expect(way.out).toContainEqual({ is: "show", id: 1, page: 2 });
  expect(way.out.at(-1)).toEqual(print);
  for (const answer of ["agreed", "printed"] as const) {
    await way.tell({ is: "printing", request: 1, answer });
    expect(way.pile.ours[0]?.print).toBe(answer);
  }
  way.out.length = 0;
  way.desk.drop(1);
  expect(way.out.map(({ is }) => is)).toEqual(["hide", "drop"]);
  expect(way.pile).toEqual({ ...NONE, open: true });
  way.desk.point([1, 1]);
  way.desk.show(1, 1);
  way.desk.ask(1, 1);
  expect(way.out).toHaveLength(2);
});

/** Proves D3: one thing is shown at a time, a page or the screen, also after a break; and what is forgotten is not shown any more. */
test("a page and the screen take turns", async () => {
  const way = new Way();
  way.desk.way(true);
  await way.desk.add("a.pdf", pdf(99));
  const shared = { surface: "monitor", label: "" } as const;
  way.desk.share(shared);
  expect([way.pile.shown, way.pile.shared]).toEqual([null, shared]);
  await way.cut();
  expect(way.out.map(({ is }) => is)).toEqual(["hello", "offer", "share"]);
  way.out.length = 0;
  way.desk.show(1, 1);
  expect(way.pile.shared).toBeNull();
  // It is over already: that hides no page.
  way.desk.unshare();
  expect(way.pile.shown?.id).toBe(1);
  way.desk.share(shared);
  way.desk.unshare();
  way.desk.unshare();
  expect(way.out.map(({ is }) => is)).toEqual(["show", "share", "hide"]);
  way.desk.share(shared);
  way.desk.forget();
  expect(way.desk.pile.shared).toBeNull();
});

/** Proves T6, D4: a paper is asked for once until it is over, after a break too; what the terminal says is known, and what it said before a
 * break changes nothing any more. */
test("a scan is asked for until it is over", async () => {
  const way = new Way();
  way.desk.way(true);
  way.desk.askScan();
  way.desk.askScan();
  const asks = { is: "scan", request: 1 };
  expect(way.out.filter(({ is }) => is === "scan")).toEqual([asks]);
  expect(way.pile.scan).toEqual({ says: "asked", reason: null });
  await way.cut();
  expect(way.out.at(-1)).toEqual(asks);
  const told = [
    ["agreed", null],
    ["hindered", "jam"],
    ["agreed", null],
  ] as const;
  for (const [says, reason] of told) {
    await way.tell({ is: "scanning", request: 1, says, reason });
    expect(way.pile.scan).toEqual({ says, reason });
    await way.cut();
    expect(way.out.at(-1)).toEqual(asks);
    way.desk.askScan();
    expect(way.out.at(-1)).toEqual(asks);
  }
  await way.tell({ is: "scanning", request: 2, says: "sent", reason: null });
  expect(way.pile.scan?.says).toBe("agreed");
  await way.tell({ is: "scanning", request: 1, says: "failed", reason: "gone" });
  await way.tell({ is: "scanning", request: 1, says: "agreed", reason: null });
  expect(way.pile.scan).toEqual({ says: "failed", reason: "gone" });
  await way.cut();
  expect(way.out.some(({ is }) => is === "scan")).toBe(false);
  way.desk.askScan();
  expect(way.out.at(-1)).toEqual({ is: "scan", request: 2 });
  await way.tell({ is: "scanning", request: 2, says: "not-now", reason: null });
  way.desk.askScan();
  expect(way.out.at(-1)).toEqual({ is: "scan", request: 3 });
  way.desk.forget();
  expect(way.desk.pile.scan).toBeNull();
});

/** Proves T15: after the end nothing of a document is left, not in memory that others still hold either. */
test("what is forgotten is overwritten", async () => {
  const way = new Way();
  way.desk.way(true);
  const content = pdf(99);
  await way.desk.add("a.pdf", content);
  const theirs = pdf(99, 3);
  await way.tell({ is: "offer", turn: 0, ...(await offer(1, theirs)) });
  await way.tell({ is: "chunk", id: 1, from: 0, bytes: theirs });
  const came = way.desk.came(1);
  expect(came).toEqual(theirs);
  way.desk.forget();
  expect([content, came].map((bytes) => bytes?.every((byte) => byte === 0))).toEqual([true, true]);
  expect([way.desk.came(1), way.desk.own(1)]).toEqual([null, null]);
});

/** Proves T17: whatever frames come in whatever order, the page bears it. */
test("whatever comes is borne", async () => {
  const id = fc.integer({ min: 1, max: 4 });
  const place = fc.constantFrom(0, 1, 9, 20, 40_000, 0xffff_ffff);
  const content = pdf(20);
  const known = await offer(1, content);
  const frame = fc.oneof(
    fc.record({ is: fc.constant("hello"), asks: fc.boolean(), ids: fc.array(id, { maxLength: 4 }) }),
    fc.record({ id, bytes: place }).map((part) => ({ is: "offer", turn: 1, ...known, ...part })),
    id.map((id) => ({ is: "offer", turn: 0, ...known, id })),
    fc.record({ is: fc.constant("want"), id, turn: fc.nat({ max: 2 }), from: place }),
    fc.record({ is: fc.constant("have"), id, bytes: place }),
    fc.record({ is: fc.constant("chunk"), id, from: place, bytes: fc.constantFrom(content, pdf(9), pdf(30)) }),
    fc.record({ is: fc.constant("refuse"), id, why: fc.constantFrom(...REFUSALS) }),
    fc.record({ is: fc.constantFrom("drop"), id }),
    fc.record({ is: fc.constant("printing"), request: id, answer: fc.constantFrom(...ANSWERS) }),
    fc
      .record({ request: id, says: fc.constantFrom(...SCANS), reason: fc.constantFrom(...TROUBLES) })
      .map(({ request, says, reason }) => {
        const reasoned = says === "hindered" || says === "failed";
        return { is: "scanning", request, says, reason: reasoned ? reason : null };
      }),
    fc.constantFrom(
      { is: "hide" },
      { is: "lift" },
      { is: "show", id: 1, page: 1 },
      { is: "print", request: 1, id: 1, copies: 1 },
    ),
  ) as fc.Arbitrary<Frame>;
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { maxLength: 60 }), async (frames) => {
      const way = new Way();
      way.desk.way(true);
      await way.desk.add("a.pdf", pdf(40_000));
      way.desk.askScan();
      for (const frame of frames) {
        await way.tell(frame);
        expect(way.pile.theirs.every(({ had, bytes }) => had <= bytes)).toBe(true);
      }
    }),
    { numRuns: 100 },
  );
});

/** Proves D6: what came in is one file, each document as it came, with what a line application needs to know of it. */
test("what came in is one file", async () => {
  const way = new Way();
  way.desk.way(true);
  for (const id of [1, 2]) {
    await way.tell({ is: "offer", turn: 0, ...(await offer(id, pdf(50, id))), name: "Ausweis.pdf" });
    await way.tell({ is: "chunk", id, from: 0, bytes: pdf(50, id) });
  }
  await way.tell({ is: "offer", turn: 0, ...(await offer(3, pdf(50))) });
  const saved = new Date(2026, 10, 30, 9, 5, 7);
  expect(called(saved)).toBe("Unterlagen 2026-11-30 09-05-07.zip");
  const files = unzipSync(bundle(way.desk, way.pile, { department: "ausweis", topic: "Ausweis" }, saved));
  expect(Object.keys(files)).toEqual(["01 Ausweis.pdf", "02 Ausweis.pdf", "metadata.json"]);
  expect(hex(files["02 Ausweis.pdf"] as Bytes)).toBe(hex(pdf(50, 2)));
  const about = JSON.parse(new TextDecoder().decode(files["metadata.json"])) as { documents: unknown[] };
  expect(about).toMatchObject({ format: "amtsnah-papers-1", saved: saved.toISOString(), topic: "Ausweis" });
  expect(about.documents).toHaveLength(2);
  expect(about.documents[1]).toEqual({
    file: "02 Ausweis.pdf",
    name: "Ausweis.pdf",
    type: "application/pdf",
    bytes: 50,
    sha256: await hash(pdf(50, 2)),
  });
});
