// SPDX-License-Identifier: EUPL-1.2
/** Frames: one a message of the channel. A type, then fields of fixed width, the last one filling the rest; numbers big-endian. */

import { CHUNK, COPIES, DOCUMENTS, FRAME, NAME, PAGES, VERSION } from "./limits.ts";
import { type Bytes, hex, isName, KINDS, type Offer } from "./paper.ts";

/** Why a document is not taken, in the order of the numbers on the way, which begin with 1. */
export const REFUSALS = ["size", "room", "damaged", "number"] as const;
/** Why a document is not taken. */
export type Refusal = (typeof REFUSALS)[number];
/** What a terminal answers to a print, likewise. */
export const ANSWERS = ["agreed", "declined", "printed", "failed", "not-now"] as const;
/** What a terminal answers to a print. */
export type Answer = (typeof ANSWERS)[number];

/** What a terminal says of a scan that was asked for, likewise. */
export const SCANS = ["agreed", "hindered", "declined", "sent", "failed", "not-now"] as const;
/** What a terminal says of a scan that was asked for. */
export type Scanned = (typeof SCANS)[number];
/** What keeps a scanner, or a document from coming, likewise. */
export const TROUBLES = [
  "gone",
  "silent",
  "busy",
  "cover-open",
  "jam",
  "no-paper",
  "damaged",
  "full",
  "store",
  "other",
] as const;
/** What keeps a scanner, or a document from coming. */
export type Trouble = (typeof TROUBLES)[number];
/** What has a reason. */
const REASONED: readonly Scanned[] = ["hindered", "failed"];

/** A frame. */
export type Frame =
  /** The channel is open, maybe again; the other side has to say so too where it `asks`. `ids` are not taken back. */
  | { readonly is: "hello"; readonly asks: boolean; readonly ids: readonly number[] }
  | ({ readonly is: "offer"; readonly turn: number } & Offer)
  | { readonly is: "want"; readonly id: number; readonly turn: number; readonly from: number }
  | { readonly is: "chunk"; readonly id: number; readonly from: number; readonly bytes: Bytes }
  | { readonly is: "have"; readonly id: number; readonly bytes: number }
  | { readonly is: "refuse"; readonly id: number; readonly why: Refusal }
  | { readonly is: "drop"; readonly id: number }
  | { readonly is: "show"; readonly id: number; readonly page: number }
  | { readonly is: "hide" }
  /** In parts of 65535 of the page's width and height. */
  | { readonly is: "point"; readonly x: number; readonly y: number }
  | { readonly is: "lift" }
  /** The screen, or a part of it, is shown, and no page: it goes as a picture of the call. */
  | { readonly is: "share" }
  | { readonly is: "print"; readonly request: number; readonly id: number; readonly copies: number }
  | { readonly is: "printing"; readonly request: number; readonly answer: Answer }
  /** A paper of the citizen's is asked for. */
  | { readonly is: "scan"; readonly request: number }
  /** How far it is with that; `reason` where it is `hindered` or `failed`. */
  | {
      readonly is: "scanning";
      readonly request: number;
      readonly says: Scanned;
      readonly reason: Trouble | null;
    };

/** Bytes that are no frame. */
export class Unfit extends Error {}

/** Writes fields one after the other. */
class Writer {
  private readonly bytes: number[] = [];

  byte(value: number): this {
    this.bytes.push(value);
    return this;
  }

  short(value: number): this {
    return this.byte(value >>> 8).byte(value & 0xff);
  }

  long(value: number): this {
    return this.short(value >>> 16).short(value & 0xffff);
  }

  done(rest: Bytes = new Uint8Array()): Bytes {
    const out = new Uint8Array(this.bytes.length + rest.length);
    out.set(this.bytes);
    out.set(rest, this.bytes.length);
    return out;
  }
}

/** As bytes. */
export function encode(frame: Frame): Bytes {
  const out = new Writer();
  switch (frame.is) {
    case "hello":
      out.byte(0x01).byte(VERSION).byte(Number(frame.asks));
      for (const id of frame.ids) {
        out.long(id);
      }
      return out.done();
    case "offer": {
      out
        .byte(0x10)
        .long(frame.id)
        .byte(frame.turn)
        .byte(KINDS.indexOf(frame.kind) + 1)
        .long(frame.bytes);
      for (let at = 0; at < 64; at += 2) {
        out.byte(Number.parseInt(frame.hash.slice(at, at + 2), 16));
      }
      return out.done(new TextEncoder().encode(frame.name));
    }
    case "want":
      return out.byte(0x11).long(frame.id).byte(frame.turn).long(frame.from).done();
    case "chunk":
      return out.byte(0x12).long(frame.id).long(frame.from).done(frame.bytes);
    case "have":
      return out.byte(0x13).long(frame.id).long(frame.bytes).done();
    case "refuse":
      return out
        .byte(0x14)
        .long(frame.id)
        .byte(REFUSALS.indexOf(frame.why) + 1)
        .done();
    case "drop":
      return out.byte(0x15).long(frame.id).done();
    case "show":
      return out.byte(0x20).long(frame.id).short(frame.page).done();
    case "hide":
      return out.byte(0x21).done();
    case "point":
      return out.byte(0x22).short(frame.x).short(frame.y).done();
    case "lift":
      return out.byte(0x23).done();
    case "share":
      return out.byte(0x24).done();
    case "print":
      return out.byte(0x30).long(frame.request).long(frame.id).byte(frame.copies).done();
    case "printing":
      return out
        .byte(0x31)
        .long(frame.request)
        .byte(ANSWERS.indexOf(frame.answer) + 1)
        .done();
    case "scan":
      return out.byte(0x32).long(frame.request).done();
    case "scanning":
      return out
        .byte(0x33)
        .long(frame.request)
        .byte(SCANS.indexOf(frame.says) + 1)
        .byte(frame.reason === null ? 0 : TROUBLES.indexOf(frame.reason) + 1)
        .done();
  }
}

/** Reads fields one after the other. */
class Reader {
  private at = 0;

  constructor(private readonly bytes: Bytes) {}

  byte(): number {
    const value = this.bytes[this.at];
    if (value === undefined) {
      throw new Unfit("a frame that is cut off");
    }
    this.at += 1;
    return value;
  }

  short(): number {
    return this.byte() * 0x100 + this.byte();
  }

  long(): number {
    return this.short() * 0x10000 + this.short();
  }

  /** A number of a document or a request. */
  number(): number {
    return within(this.long(), 1, 0xffff_ffff);
  }

  /** One of a list, whose numbers begin with 1. */
  one<T>(list: readonly T[]): T {
    const found = list[this.byte() - 1];
    if (found === undefined) {
      throw new Unfit("a frame with an unknown word");
    }
    return found;
  }

  rest(most: number): Bytes {
    const rest = this.bytes.slice(this.at);
    this.at = this.bytes.length;
    within(rest.length, 1, most);
    return rest;
  }

  get more(): boolean {
    return this.at < this.bytes.length;
  }
}

function within(value: number, least: number, most: number): number {
  if (value < least || value > most) {
    throw new Unfit("a frame with a field out of its range");
  }
  return value;
}

/** Reads what came. */
export function decode(bytes: Bytes): Frame {
  within(bytes.length, 1, FRAME);
  const fields = new Reader(bytes);
  const frame = read(fields);
  if (fields.more) {
    throw new Unfit("a frame with more than belongs to it");
  }
  return frame;
}

function read(fields: Reader): Frame {
  switch (fields.byte()) {
    case 0x01: {
      within(fields.byte(), VERSION, VERSION);
      const asks = within(fields.byte(), 0, 1) === 1;
      const ids: number[] = [];
      while (fields.more) {
        within(ids.length, 0, DOCUMENTS - 1);
        ids.push(fields.number());
      }
      return { is: "hello", asks, ids };
    }
    case 0x10: {
      const [id, turn] = [fields.number(), fields.byte()];
      const [kind, bytes] = [fields.one(KINDS), fields.long()];
      const hash = hex(Uint8Array.from({ length: 32 }, () => fields.byte()));
      return { is: "offer", turn, id, kind, bytes, hash, name: name(fields.rest(NAME)) };
    }
    case 0x11:
      return { is: "want", id: fields.number(), turn: fields.byte(), from: fields.long() };
    case 0x12:
      return { is: "chunk", id: fields.number(), from: fields.long(), bytes: fields.rest(CHUNK) };
    case 0x13:
      return { is: "have", id: fields.number(), bytes: fields.long() };
    case 0x14:
      return { is: "refuse", id: fields.number(), why: fields.one(REFUSALS) };
    case 0x15:
      return { is: "drop", id: fields.number() };
    case 0x20:
      return { is: "show", id: fields.number(), page: within(fields.short(), 1, PAGES) };
    case 0x21:
      return { is: "hide" };
    case 0x22:
      return { is: "point", x: fields.short(), y: fields.short() };
    case 0x23:
      return { is: "lift" };
    case 0x24:
      return { is: "share" };
    case 0x30:
      return { is: "print", request: fields.number(), id: fields.number(), copies: within(fields.byte(), 1, COPIES) };
    case 0x31:
      return { is: "printing", request: fields.number(), answer: fields.one(ANSWERS) };
    case 0x32:
      return { is: "scan", request: fields.number() };
    case 0x33: {
      const [request, says] = [fields.number(), fields.one(SCANS)];
      const reason = REASONED.includes(says) ? fields.one(TROUBLES) : null;
      if (reason === null) {
        within(fields.byte(), 0, 0);
      }
      return { is: "scanning", request, says, reason };
    }
    default:
      throw new Unfit("a frame of an unknown type");
  }
}

function name(bytes: Bytes): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Unfit("a name that is no text");
  }
  if (!isName(text)) {
    throw new Unfit("a name that may not be");
  }
  return text;
}
