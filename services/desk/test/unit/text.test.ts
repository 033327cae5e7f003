// SPDX-License-Identifier: EUPL-1.2
import fc from "fast-check";
import { expect, test } from "vitest";
import { BACKSPACE, edits, LENGTH, LINE, LINES, PIECE, received, type Said, write } from "../../src/desk/text.ts";

/** Proves T13: what is typed arrives as it was typed, corrections and new lines too. */
test("text is written as it is typed", () => {
  let said: Said = [];
  for (const piece of ["Gü", "te", BACKSPACE, `n Tag${LINE}`, "Was"]) {
    said = write(said, "them", piece);
  }
  said = write(said, "us", "Ja?");
  expect(said).toEqual([
    { who: "them", text: "Gütn Tag", open: false },
    { who: "them", text: "Was", open: true },
    { who: "us", text: "Ja?", open: true },
  ]);
  // Each goes on in their own line.
  expect(write(said, "them", " tun").at(1)?.text).toBe("Was tun");
});

/** Proves T13: a line that was taken back wholly is gone. */
test("a line can be taken back", () => {
  expect(write(write([], "us", "ab"), "us", BACKSPACE.repeat(5))).toEqual([]);
});

/** Proves T17: what comes is text and nothing that steers the page. */
test("nothing but text is taken in", () => {
  expect(received("a\r\nb\rc\nd")).toBe(`a${LINE}b${LINE}c${LINE}d`);
  expect(received("\u202eTag\u2066\u0007\ufeff")).toBe("Tag");
  expect(received("مرحبا")).toBe("مرحبا");
  expect(received("ä".repeat(PIECE))).toBe("");
});

/** Proves T13: from one text to any other, the other side has it after the pieces, each within the limit. */
test("edits make the other text", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 400 });
  fc.assert(
    fc.property(text, text, (before, after) => {
      const clean = (text: string): string => edits("", text).join("");
      const [old, now] = [clean(before), clean(after)];
      const pieces = edits(old, after);
      const there = [...old];
      for (const character of pieces.join("")) {
        if (character === BACKSPACE) {
          there.pop();
        } else {
          there.push(character);
        }
      }
      expect(there.join("")).toBe(now);
      for (const piece of pieces) {
        expect(new TextEncoder().encode(piece).length).toBeLessThanOrEqual(PIECE);
      }
    }),
  );
});

/** Proves D2: of very many lines the last ones are held. */
test("the oldest lines go", () => {
  let said: Said = [];
  for (let n = 0; n < LINES + 50; n += 1) {
    said = write(said, "them", `${n}${LINE}`);
  }
  expect(said).toHaveLength(LINES);
  expect(said.at(-1)?.text).toBe(`${LINES + 49}`);
});

/** Proves D2: however much comes, the page holds a bounded part of it. */
test("what was said is bounded", () => {
  const piece = fc.oneof(fc.string({ maxLength: 300 }), fc.constantFrom(LINE, BACKSPACE, `x${LINE}`, "y".repeat(900)));
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom("us", "them"), piece), { maxLength: 500 }), (pieces) => {
      let said: Said = [];
      for (const [who, piece] of pieces) {
        said = write(said, who, received(piece));
      }
      expect(said.length).toBeLessThanOrEqual(LINES);
      for (const line of said) {
        expect(line.text.length).toBeLessThanOrEqual(LENGTH + 1);
        expect(line.text).not.toContain(BACKSPACE);
      }
    }),
    { numRuns: 50 },
  );
});
