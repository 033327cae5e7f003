// SPDX-License-Identifier: EUPL-1.2
/**
 * Real-time text: what is typed travels at once, a piece a message, and a backspace takes back (T.140, RFC 8865). Pure.
 * The terminal's side is `services/call/src/text.rs`.
 */

/** Takes back the character before it. */
export const BACKSPACE = "\u0008";
/** A new line. */
export const LINE = "\u2028";
/** The most bytes of a piece. */
export const PIECE = 1024;
/** Lines that are kept. */
export const LINES = 200;
/** Characters of a line that are kept. */
export const LENGTH = 2000;

/** Whose words. */
export type Who = "us" | "them";

/** A line; `open` while its writer may still go on in it. */
export interface Written {
  readonly who: Who;
  readonly text: string;
  readonly open: boolean;
}

/** What was written, in order. */
export type Said = readonly Written[];

/** Control characters, and those that steer the direction of others: nobody may write over the other's words. */
function isText(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  const control = code < 0x20 || (code >= 0x7f && code <= 0x9f);
  const steers = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code === 0xfeff;
  return character === BACKSPACE || !(control || steers);
}

/** What is taken in of a piece that came; empty where there is nothing. */
export function received(piece: string): string {
  if (new TextEncoder().encode(piece).length > PIECE) {
    return "";
  }
  const lines = piece.replaceAll("\r\n", LINE).replaceAll(/[\r\n]/g, LINE);
  return [...lines].filter(isText).join("");
}

/** The pieces that make `after` of `before` at the other side. */
export function edits(before: string, after: string): string[] {
  const old = [...before];
  const now = [...after].filter((character) => isText(character) && character !== BACKSPACE);
  let same = 0;
  while (same < old.length && same < now.length && old[same] === now[same]) {
    same += 1;
  }
  const characters = [...Array<string>(old.length - same).fill(BACKSPACE), ...now.slice(same)];
  const pieces: string[] = [];
  // Four bytes are the most that a character has.
  for (let at = 0; at < characters.length; at += PIECE / 4) {
    pieces.push(characters.slice(at, at + PIECE / 4).join(""));
  }
  return pieces;
}

/** What was said after a piece more of one side. */
export function write(said: Said, who: Who, piece: string): Said {
  const lines = [...said];
  let at = lines.findLastIndex((line) => line.who === who && line.open);
  for (const character of piece) {
    const line = lines[at];
    if (character === LINE) {
      if (line !== undefined) {
        lines[at] = { ...line, open: false };
        at = -1;
      }
    } else if (character === BACKSPACE) {
      if (line !== undefined) {
        lines[at] = { ...line, text: [...line.text].slice(0, -1).join("") };
      }
    } else if (line === undefined) {
      lines.push({ who, text: character, open: true });
      at = lines.length - 1;
    } else if (line.text.length < LENGTH) {
      lines[at] = { ...line, text: line.text + character };
    }
  }
  return lines.filter((line) => line.text !== "").slice(-LINES);
}
