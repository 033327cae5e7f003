// SPDX-License-Identifier: EUPL-1.2
/** What is said of a document before it comes, and whether what came is that document. */

import { NAME } from "./limits.ts";

/** What documents are, in the order of their numbers on the way, which begin with 1. */
export const KINDS = ["pdf", "png", "jpeg", "text"] as const;
/** What a document is. */
export type Kind = (typeof KINDS)[number];
/** The media types. */
export const TYPES: Record<Kind, string> = {
  pdf: "application/pdf",
  png: "image/png",
  jpeg: "image/jpeg",
  text: "text/plain",
};
/** How the names of files end. */
export const ENDINGS: Record<Kind, string> = { pdf: ".pdf", png: ".png", jpeg: ".jpg", text: ".txt" };

/** Bytes that are nobody else's. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** What a sender says of a document. */
export interface Offer {
  readonly id: number;
  readonly kind: Kind;
  readonly bytes: number;
  /** SHA-256, in hexadecimal digits. */
  readonly hash: string;
  /** What people call it. */
  readonly name: string;
}

/** How a kind begins. */
const BEGINS: Record<Exclude<Kind, "text">, readonly number[]> = {
  pdf: [0x25, 0x50, 0x44, 0x46, 0x2d],
  png: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  jpeg: [0xff, 0xd8, 0xff],
};

/** Whether `content` begins as its kind does. */
export function fits(kind: Kind, content: Bytes): boolean {
  if (kind !== "text") {
    return BEGINS[kind].every((byte, at) => content[at] === byte);
  }
  try {
    return !new TextDecoder("utf-8", { fatal: true }).decode(content).includes("\0");
  } catch {
    return false;
  }
}

/** What may be sent of what a clerk picks: told by its content, whatever it is called. */
export function kindOf(content: Bytes): Kind | null {
  return (["pdf", "png", "jpeg"] as const).find((kind) => fits(kind, content)) ?? null;
}

/** A letter that may be in a name: none that steers a screen or leads elsewhere. */
function isLetter(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  const control = code < 0x20 || (code >= 0x7f && code <= 0x9f);
  const within = (from: number, to: number): boolean => code >= from && code <= to;
  const steers = within(0x200b, 0x200f) || within(0x2028, 0x202e) || within(0x2060, 0x206f) || code === 0xfeff;
  const surrogate = within(0xd800, 0xdfff);
  return !(control || steers || surrogate || '/\\:*?"<>|'.includes(character));
}

const length = (text: string): number => new TextEncoder().encode(text).length;
/** White space as Unicode has it: what JavaScript trims too, but U+FEFF, which is no letter anyway. */
const EDGE = /^[\s\u0085]|[\s\u0085]$/u;

/** Whether this may be a document's name: words for people, never a path. */
export function isName(name: string): boolean {
  return name !== "" && length(name) <= NAME && !name.startsWith(".") && !EDGE.test(name) && [...name].every(isLetter);
}

/** A name out of what a file is called. */
export function named(file: string, kind: Kind): string {
  const ending = ENDINGS[kind];
  const clean = [...file.normalize("NFC")]
    .filter(isLetter)
    .join("")
    .replace(/^[.\s]+/u, "");
  let stem = clean.replace(/\.[^.]{0,5}$/u, "").trim();
  while (length(stem) > NAME - ending.length) {
    stem = [...stem].slice(0, -1).join("").trim();
  }
  const name = `${stem}${ending}`;
  return stem !== "" && isName(name) ? name : `1${ending}`;
}

/** The hash of a document. */
export async function hash(content: Bytes): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", content)));
}

/** As hexadecimal digits. */
export function hex(bytes: Bytes): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
